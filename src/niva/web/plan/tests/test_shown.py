"""What the plan shows: items, holes, the contract, the right day in every zone; nonsense in the address."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest

from niva.domains.communities.factories import make_slots
from niva.domains.publishing.factories import make_post, planned
from niva.domains.publishing.models import Delivery
from niva.domains.publishing.states import State
from niva.web.plan.tests.conftest import at, deliver

BERLIN = ZoneInfo("Europe/Berlin")
# Who asks (five), the frame and its two counters, clients, communities with slots, the plan's own two, and
# one each for endings, repeats and equal texts.
QUERIES = 19


def page(browser, **query):
    answer = browser.get("/plan/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def cell(html, day):
    """What stands in one day of the month or in one hour of the week."""
    found = re.search(
        rf'data-date="{day}"[^>]*>(.*?)(?=<div class="(?:day|week|hour|col)[ "]|</niva-)', html, re.S
    )
    assert found, day
    return found.group(1)


def hour(html, day, at):
    found = re.search(
        rf'data-date="{day}" data-time="{at}"([^>]*>.*?)(?=<div class="(?:hour|col)[ "]|</niva-)', html, re.S
    )
    assert found, (day, at)
    return found.group(1)


def test_a_month_shows_each_thing_on_its_day_with_word_and_link(house, anya):
    html = page(anya, view="month", client=house.client.pk)
    draft = cell(html, "2026-11-19")
    assert draft.count("Рёбрышки</span>") == 2
    assert f'href="/posts/{house.draft.pk}/edit/"' in draft
    assert ">draft<" in draft and 'aria-label="VK"' in draft and ">19:00<" in draft
    out = cell(html, "2026-11-09")
    assert f'href="/posts/{house.out.post_id}/"' in out and ">out<" in out
    assert "Чужой" not in html


def test_without_a_client_hours_are_the_persons_own(house, anya):
    house.anya.time_zone = "Asia/Vladivostok"
    house.anya.save()
    html = page(anya, view="month")
    assert "Hours by your clock: Vladivostok, UTC+10" in html
    assert ">02:00<" in cell(html, "2026-11-20"), "19:00 in Moscow is 02:00 of the next day there"
    html = page(anya, view="month", client=house.client.pk)
    assert "Hours by the client&#x27;s clock: Moscow, UTC+3" in html
    assert ">19:00<" in cell(html, "2026-11-19")


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Pacific/Kiritimati", "2026-12-01"), ("Europe/Moscow", "2026-12-01"), ("Pacific/Niue", "2026-11-30")],
)
def test_the_border_of_a_month_is_the_zones_own(house, anya, zone, day):
    client, vk = house.add_client(zone)
    planned(make_post(vk, title="На краю"), dt.datetime(2026, 11, 30, 21, 30, tzinfo=dt.UTC))
    html = page(anya, view="month", client=client.pk, at=day[:7])
    assert "На краю" in cell(html, day)
    assert html.count("На краю</span>") == 1
    listed = page(anya, view="list", client=client.pk, at="2026-11")
    assert ("На краю" in listed) == (day < "2026-12")


def test_holes_stand_where_slots_are_empty_and_lead_to_a_post(house, anya):
    html = page(anya, view="month", client=house.client.pk)
    hole = cell(html, "2026-11-20")
    assert "hole" in hole and "лучшее время VK" in hole
    place = f"client={house.client.pk}&amp;community={house.vk.pk}"
    assert f"/posts/new/?{place}&amp;at=2026-11-20T16%3A00%3A00%2B00%3A00" in hole
    assert 'class="hole"' not in cell(html, "2026-11-13"), "what has passed is no hole any more"
    assert 'class="hole"' in page(house.browser(house.klava), view="month")
    assert "/posts/new/?" not in page(house.browser(house.klava), view="month")


def test_the_contract_is_told_in_words_for_one_client(house, anya):
    html = page(anya, view="month", client=house.client.pk)
    summary = re.search(r'id="plan-summary">(.*?)<', html).group(1)
    assert "By contract 21" in summary and "1 is out" in summary and "2 ahead" in summary
    assert "hole" in summary
    assert "By contract" not in page(anya, view="month", client="")
    assert "By contract" not in page(anya, view="month", client=house.client.pk, community=house.vk.pk)
    assert "1 of 5" in html


def test_a_full_week_is_exactly_what_was_agreed(house, anya):
    for n in range(5):
        deliver(make_post(house.vk, title=f"Пост {n}"), at(n + 2, 12), State.PUBLISHED)
    html = page(anya, view="month", client=house.client.pk)
    week = re.search(r'<div class="week[^>]*>((?:(?!</div>).)*2–8.*?)</div>', html, re.S).group(1)
    assert "5 of 5" in week and "exactly" in week and week.count('class="f"') == 5


def test_what_burns_is_counted_unless_someone_lets_it_be(house, anya):
    made = deliver(make_post(house.vk, title="Колбаса"), at(17, 9), State.NEEDS_LOGIN, "not_connected")[0]
    html = page(anya, view="month", client=house.client.pk)
    assert "1 burns" in html and "not connected" in cell(html, "2026-11-17")
    Delivery.objects.filter(pk=made.pk).update(acknowledged_at=at(17, 9, 20))
    assert "burn" not in page(anya, view="month", client=house.client.pk)


def test_posts_too_near_to_each_other_get_a_quiet_mark(house, anya):
    deliver(make_post(house.vk, title="Сосед"), at(24, 12, 29))
    deliver(make_post(house.telegram, title="Другое место"), at(24, 12, 10))
    html = cell(page(anya, view="month", client=house.client.pk), "2026-11-24")
    assert html.count("29 min from another post here</span>") == 2
    Delivery.objects.filter(post__title="Сосед").update(due_at=at(24, 12, 30))
    assert "min from another" not in page(anya, view="month", client=house.client.pk)


def test_a_draft_whose_hour_has_passed_says_so(house, anya):
    planned(make_post(house.vk, title="Не успели"), at(16))
    html = page(anya, view="month", client=house.client.pk)
    assert "its hour has passed" in cell(html, "2026-11-16")
    assert "1 missed" in html


def test_a_crowded_day_shows_some_and_opens_the_rest(house, anya):
    for n in range(99):
        deliver(make_post(house.vk, title=f"Поток {n}"), at(25, 8) + dt.timedelta(minutes=5 * n))
    Delivery.objects.filter(post__title="Поток 98").update(state=State.REJECTED)
    day = cell(page(anya, view="month", client=house.client.pk), "2026-11-25")
    assert day.count('class="ev ') == 5
    assert "94 more" in day and "Поток 98" in day, "what burns is never left out"
    more = re.search(r'class="ev-more" href="(.*?)"', day).group(1).replace("&amp;", "&")
    listed = anya.get("/plan/" + more).content.decode()
    assert listed.count("<tr data-line>") == 99 and "Plan for 25 November" in listed


def test_titles_are_text_wherever_they_stand(house, anya):
    bad = '"><script>alert(1)</script>'
    planned(make_post(house.vk, title=bad), at(20, 12))
    make_slots(house.vk, (6,), dt.time(12), note=bad)
    for view in ("month", "week", "list"):
        html = page(anya, view=view, client=house.client.pk, at="2026-11-20" if view == "week" else "2026-11")
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert" in html
    asked = anya.get(f"/plan/move/v{house.draft.variants.first().pk}/").content.decode()
    assert "<script>alert" not in asked


@pytest.mark.parametrize(
    "query",
    [
        "at=2026-99", "at=0000-00", "at=9999-12", "at=0001-01-01", "at=2026-02-30", "at=garbage&view=week",
        "view=x", "view=", "client=abc", "community=abc", "community=-1&client=0", "client=1e9",
        "page=999&view=list", "page=-1&view=list", "page=x&view=list", "at=２０２６-11", "at=2026-11%00",
        "view=month&view=week&client=%20",
    ],
)  # fmt: skip
def test_nonsense_in_the_address_shows_a_sane_page(house, anya, query):
    answer = anya.get(f"/plan/?{query}")
    assert answer.status_code == 200
    assert 'id="plan"' in answer.content.decode()


@pytest.mark.parametrize("query", ["client={client}", "community={community}", "client=99999999999999999"])
def test_strangers_ids_do_not_exist(house, anya, query):
    filled = query.format(client=house.strange.pk, community=house.strange_vk.pk)
    assert anya.get(f"/plan/?{filled}").status_code == 404


def test_the_last_view_and_filters_are_remembered(house, anya):
    page(anya, view="week", client=house.client.pk, community=house.vk.pk, at="2026-12-05")
    html = page(anya)
    assert 'class="hours' in html and "Plan for 16–22 November" in html
    assert re.search(r'aria-current="true"[^>]*><span class="net vk"', html)
    page(anya, view="month")
    assert "All clients</p>" in page(anya)


def test_memory_of_a_client_that_is_gone_does_not_stand_in_the_way(house, anya):
    page(anya, view="month", client=house.client.pk)
    session = anya.session
    session["plan"] = {"view": "month", "client": house.strange.pk, "community": [house.strange_vk.pk]}
    session.save()
    assert "Чужой" not in page(anya)


def test_htmx_gets_only_what_it_replaces_but_history_gets_the_page(house, anya):
    part = anya.get("/plan/", headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode() and 'id="plan-head" hx-swap-oob' in part.content.decode()
    assert "HX-Request" in part["Vary"]
    whole = anya.get("/plan/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in whole.content.decode()


def test_an_empty_desk_says_what_comes_first(house):
    empty = house.browser(house.zoya, house.other)
    house.strange.archived_at = at(1)
    house.strange.save()
    assert "there are no clients yet" in page(empty)


def test_a_client_without_slots_gets_the_hint_where_to_set_them(house, anya):
    client, vk = house.add_client("Europe/Moscow")
    html = page(anya, client=client.pk)
    assert "has no slots" in html and f'href="/communities/{vk.pk}/"' in html
    make_slots(vk, (0,), dt.time(12))
    assert "has no slots" not in page(anya, client=client.pk)


def test_the_clock_of_both_days_of_change_is_told_and_drawn(house, anya):
    client, vk = house.add_client("Europe/Berlin")
    for month, day in ((3, 29), (10, 25)):
        planned(
            make_post(vk, title="До"),
            dt.datetime(2027 if month == 3 else 2026, month, day, 0, 30, tzinfo=BERLIN),
        )
    twice = [dt.datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=fold) for fold in (0, 1)]
    assert twice[1].astimezone(dt.UTC) - twice[0].astimezone(dt.UTC) == dt.timedelta(hours=1)
    for fold, moment in enumerate(twice):
        planned(make_post(vk, title=f"Раз {fold}"), moment.astimezone(dt.UTC))
    planned(make_post(vk, title="После"), dt.datetime(2026, 3, 29, 3, 0, tzinfo=BERLIN))
    month = page(anya, view="month", client=client.pk, at="2026-10")
    assert "UTC+2, later UTC+1" in month
    assert all(f"Раз {fold}" in cell(month, "2026-10-25") for fold in (0, 1))
    week = page(anya, view="week", client=client.pk, at="2026-10-25")
    second = hour(week, "2026-10-25", "02:00")
    assert "Раз 0" in second and "Раз 1" in second and "this hour comes twice" in second
    week = page(anya, view="week", client=client.pk, at="2026-03-29")
    spring = week if 'data-time="02:00"' in week else ""
    assert "После" in hour(week, "2026-03-29", "03:00")
    assert spring == "" or "no such hour" in hour(spring, "2026-03-29", "02:00")


def test_the_hour_that_does_not_exist_is_closed(house, anya):
    client, vk = house.add_client("Europe/Berlin")
    planned(make_post(vk, title="Рано"), dt.datetime(2027, 3, 27, 1, 0, tzinfo=BERLIN))
    week = page(anya, view="week", client=client.pk, at="2027-03-28")
    gap = hour(week, "2027-03-28", "02:00")
    assert "data-closed" in gap and "no such hour" in gap and "/posts/new/" not in gap
    assert "/posts/new/" in hour(week, "2027-03-28", "03:00")
    assert "data-closed" not in hour(week, "2027-03-27", "02:00")


@pytest.mark.parametrize("view", ["month", "week", "list"])
def test_queries_do_not_grow_with_the_plan(house, anya, view, django_assert_num_queries):
    page(anya, view=view, client="")
    with django_assert_num_queries(QUERIES):
        page(anya, view=view, client="")
    for n in range(30):
        deliver(make_post(house.vk, house.telegram, title=f"Ещё {n}"), at(20, 8) + dt.timedelta(minutes=n))
        planned(make_post(house.vk), at(21))
    house.add_client("Europe/Berlin")
    with django_assert_num_queries(QUERIES):
        page(anya, view=view, client="")
