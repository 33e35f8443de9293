"""The pages of repeats, queues, rubrics and the scatter, as a person presses through them."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from niva.domains.communities.factories import make_slots
from niva.domains.people.actor import machine
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery, Post
from niva.domains.publishing.repeating import Evergreen, Series
from niva.domains.publishing.services import schedule
from niva.domains.publishing.states import State
from niva.domains.strategy.factories import make_rubric
from niva.domains.strategy.models import Rubric
from niva.web.posts.tests.conftest import Farm, farm, files, save  # noqa: F401  the farm's fixtures

pytestmark = pytest.mark.django_db
MOSCOW = ZoneInfo("Europe/Moscow")


def tomorrow(days: int = 1):
    return timezone.now().astimezone(MOSCOW).date() + timedelta(days=days)


def rule(**changes) -> dict[str, str | list[str]]:
    return {
        "unit": "day", "every": "7", "month_by": "day", "month_day": "1", "nth": "1", "month_weekday": "0",
        "starts_on": f"{tomorrow()}", "at": "12:00", "ends": "count", "count": "10", "until": "", **changes,
    }  # fmt: skip


@pytest.fixture
def series(farm: Farm) -> Series:  # noqa: F811
    assert farm.browser().post(f"/posts/{farm.post.pk}/repeat/", rule()).status_code == 302
    return Series.objects.get()


def test_the_form_foretells_its_days_and_begins(farm: Farm):  # noqa: F811
    browser = farm.browser()
    page = browser.get(f"/posts/{farm.post.pk}/repeat/").content.decode()
    assert "Every week" in page
    looked = browser.post(f"/posts/{farm.post.pk}/repeat/", {**rule(), "do": "look"}).content.decode()
    assert "Every 7 days at 12:00, 10 times" in looked
    assert "and 4 more" in looked
    assert not Series.objects.exists()
    answer = browser.post(f"/posts/{farm.post.pk}/repeat/", rule(), follow=True)
    assert answer.redirect_chain[-1][0] == f"/repeats/{Series.objects.get().pk}/"
    assert answer.content.decode().count("foreseen") >= 5


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ends": "until", "until": ""}, "Say when it ends"),
        ({"count": "400"}, "less than or equal to 366"),
        ({"ends": "until", "until": "2999-01-01"}, "a year at most"),
        ({"unit": "week"}, "at least one day of the week"),
        ({"starts_on": "2001-01-01"}, "The first hour has passed"),
        ({"every": "x"}, "whole number"),
    ],
)
def test_a_rule_that_cannot_be_comes_back_as_it_was_typed(farm: Farm, changes, said):  # noqa: F811
    answer = farm.browser().post(f"/posts/{farm.post.pk}/repeat/", rule(**changes))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "12:00" in answer.content.decode()
    assert not Series.objects.exists()


def test_one_day_is_skipped_brought_back_and_written_otherwise(farm: Farm, series: Series):  # noqa: F811
    browser, page = farm.browser(), f"/repeats/{series.pk}/"
    day = tomorrow(8)
    browser.post(f"{page}{day}/skip/")
    assert "Bring back" in browser.get(page).content.decode()
    browser.post(f"{page}{day}/back/")
    assert "Bring back" not in browser.get(page).content.decode()
    answer = browser.post(f"{page}{tomorrow(50)}/make/", follow=True)
    assert "One day of repeats" in answer.content.decode()
    assert browser.post(f"{page}{tomorrow(9)}/skip/").status_code == 404
    assert browser.post(f"{page}nonsense/skip/").status_code == 404


def test_the_pattern_says_what_it_is_and_renews(farm: Farm, series: Series, save):  # noqa: F811
    browser = farm.browser()
    page = browser.get(f"/posts/{farm.post.pk}/edit/").content.decode()
    assert "This is the pattern of repeats" in page
    assert 'value="schedule"' not in page
    save(text="Новые слова")
    assert "days ahead have the new text" in browser.post(
        f"/repeats/{series.pk}/renew/", follow=True
    ).content.decode().replace("1 day ahead has", "days ahead have")
    first = Delivery.objects.filter(post__occurrence__series=series).first()
    assert first.revision.content["text"] == "Новые слова"


def test_from_a_day_on_by_another_rule_and_then_no_more(farm: Farm, series: Series):  # noqa: F811
    browser, day = farm.browser(), tomorrow(8)
    assert browser.get(f"/repeats/{series.pk}/from/{day}/").status_code == 200
    browser.post(f"/repeats/{series.pk}/from/{day}/", rule(starts_on=f"{day}", at="18:00", count="3"))
    new = Series.objects.get(after=series)
    hours = Delivery.objects.filter(post__occurrence__series=new).values_list("due_at", flat=True)
    assert {at.astimezone(MOSCOW).hour for at in hours} == {18}
    assert "have ended" in browser.post(f"/repeats/{new.pk}/end/", follow=True).content.decode()
    assert not Delivery.objects.filter(post__occurrence__series=new).exclude(state=State.CANCELLED).exists()


def test_the_plan_shows_what_is_foreseen(farm: Farm, series: Series):  # noqa: F811
    browser = farm.browser()
    far = tomorrow(1 + 7 * 8)
    page = browser.get(f"/plan/?view=list&at={far}&client={farm.client.pk}").content.decode()
    assert f"/repeats/{series.pk}/" in page
    assert "foreseen" in page
    near = browser.get(f"/plan/?view=list&at={tomorrow()}&client={farm.client.pk}").content.decode()
    assert f"/repeats/{series.pk}/" not in near  # made: a post of its own


def test_who_only_writes_may_not_let_it_repeat(farm: Farm, series: Series):  # noqa: F811
    gleb = farm.browser(farm.gleb)
    assert gleb.get(f"/repeats/{series.pk}/").status_code == 200
    assert gleb.post(f"/repeats/{series.pk}/end/").status_code == 403
    assert gleb.get(f"/posts/{farm.post.pk}/repeat/").status_code == 403
    assert farm.browser(farm.zoya).get(f"/repeats/{series.pk}/").status_code == 404


def test_rubrics_are_added_changed_ordered_and_put_away(farm: Farm):  # noqa: F811
    browser, page = farm.browser(), f"/clients/{farm.client.pk}/rubrics/"
    for name, share in (("Рецепты", "60"), ("Люди", "30")):
        browser.post(page, {"name": name, "mark": "green", "share": share})
    assert "10 % of the posts belong to no rubric" in browser.get(page).content.decode()
    again = browser.post(page, {"name": "рецепты", "mark": "green", "share": ""})
    assert (again.status_code, "of this name already" in again.content.decode()) == (422, True)
    people = Rubric.objects.get(name="Люди")
    browser.post(f"{page}{people.pk}/earlier/")
    assert list(Rubric.objects.values_list("name", flat=True)) == ["Люди", "Рецепты"]
    browser.post(f"{page}{people.pk}/", {"name": "Наши люди", "mark": "blue", "share": ""})
    browser.post(f"{page}{people.pk}/archive/")
    shown = browser.get(f"/posts/{farm.post.pk}/edit/").content.decode()
    assert "Рецепты" in shown
    assert "Наши люди" not in shown
    browser.post(f"{page}{people.pk}/restore/")
    assert Rubric.objects.get(pk=people.pk).archived_at is None
    other = make_rubric(farm.strange_client)
    assert browser.post(f"{page}{other.pk}/", {"name": "x", "mark": "blue"}).status_code == 404
    assert farm.browser(farm.klava).post(page, {"name": "x", "mark": "blue"}).status_code == 403


def test_a_slot_is_given_its_rubric_and_the_composer_queues_into_it(farm: Farm):  # noqa: F811
    browser, community = farm.browser(), farm.communities[-1]
    rubric = make_rubric(farm.client)
    slots = {"weekdays": list(range(7)), "at": "12:00", "note": "", "rubric_id": rubric.pk}
    assert browser.post(f"/communities/{community.pk}/slots/", slots).status_code == 302
    assert community.slots.filter(rubric=rubric).count() == 7
    post = make_post(community, text="В очередь", rubric=rubric)
    page = browser.get(f"/posts/{post.pk}/edit/").content.decode()
    assert "Put into the queue" in page
    data = {"version": 1, "text": "В очередь", "rubric": rubric.pk, "do": "queue"}
    assert browser.post(f"/posts/{post.pk}/save/", data).status_code == 302
    due = post.deliveries.get().due_at.astimezone(MOSCOW)
    assert (due.hour, due.minute) == (12, 0)
    assert f"{due:%H:%M}" in browser.get(f"/queue/{community.pk}/").content.decode()
    nowhere = {**data, "rubric": "", "version": 2}
    other = make_post(community, text="Без рубрики")
    answer = browser.post(f"/posts/{other.pk}/save/", {**nowhere, "version": 1, "text": "Без рубрики"})
    assert (answer.status_code, "No slot without a rubric" in answer.content.decode()) == (422, True)


def test_the_queue_is_turned_closed_up_and_filled(farm: Farm):  # noqa: F811
    browser, community = farm.browser(), farm.communities[-1]
    soon = (timezone.now() + timedelta(hours=1)).astimezone(MOSCOW).replace(second=0, microsecond=0)
    make_slots(community, tuple(range(7)), soon.time())
    several = []
    for n in range(3):
        post = make_post(community, text=f"Пост номер {n}")
        browser.post(f"/posts/{post.pk}/save/", {"version": 1, "text": f"Пост номер {n}", "do": "queue"})
        several.append(post.deliveries.get())
    dues = [one.due_at for one in several]
    browser.post(f"/queue/move/{several[2].pk}/front/")
    browser.post(f"/queue/move/{several[0].pk}/later/")
    line = Delivery.objects.filter(community=community).order_by("due_at")
    assert [one.pk for one in line] == [several[2].pk, several[1].pk, several[0].pk]
    told = browser.post(f"/posts/deliveries/{several[2].pk}/cancel/", follow=True).content.decode()
    assert f"/queue/{community.pk}/" in told
    browser.post(f"/queue/{community.pk}/close-up/", {"rubric": ""})
    assert list(line.exclude(state=State.CANCELLED).values_list("due_at", flat=True)) == dues[:2]
    old = make_post(community, text="Вечнозелёный")
    kept = {"rest_days": "60", "valid_until": "", "most_times": "2"}
    assert browser.post(f"/posts/{old.pk}/evergreen/", {**kept, "rest_days": "1"}).status_code == 422
    assert browser.post(f"/posts/{old.pk}/evergreen/", kept).status_code == 302
    assert "Fill with evergreen posts: 1" in browser.get(f"/queue/{community.pk}/").content.decode()
    browser.post(f"/queue/{community.pk}/fill/", {"rubric": ""})
    copy = Post.objects.get(again_of=old)
    assert copy.deliveries.get().due_at == dues[2]
    browser.post(f"/queue/{community.pk}/fill/", {"rubric": ""})
    assert Post.objects.filter(again_of=old).count() == 1  # it rests now
    browser.post(f"/posts/{old.pk}/evergreen/", {"do": "drop"})
    assert not Evergreen.objects.exists()


def test_equal_texts_are_told_and_scattered_by_one_press(farm: Farm, save):  # noqa: F811
    browser = farm.browser()
    at = timezone.now() + timedelta(days=3)
    same = make_post(farm.communities[0], text=farm.post.text)
    schedule.schedule(farm_actor(farm), post_id=same.pk, at=at)
    html = save(day=f"{at.astimezone(MOSCOW):%Y-%m-%d}", at=f"{at.astimezone(MOSCOW):%H:%M}").json()["html"]
    assert "gets this very text" in html["#remarks"]
    assert "At nearly the same hour" in html["#remarks"]
    assert "One text goes to 5 networks" in html["#remarks"]
    page = browser.get(f"/posts/{farm.post.pk}/scatter/?step=60")
    rows = page.context["rows"]
    assert [row.hook for row in rows] == [farm.post.text] * 5
    data = {"version": page.context["version"]}
    for n, row in enumerate(rows):
        pk = row.variant.pk
        data |= {f"hook-{pk}": f"Зацепка {n}", f"day-{pk}": row.day, f"at-{pk}": row.at}
    bad = browser.post(f"/posts/{farm.post.pk}/scatter/", {**data, f"day-{rows[0].variant.pk}": "2001-01-01"})
    assert (bad.status_code, "Зацепка 4" in bad.content.decode()) == (422, True)
    assert browser.post(f"/posts/{farm.post.pk}/scatter/", data).status_code == 302
    own = dict(farm.post.variants.values_list("pk", "own_text"))
    assert sorted(own.values()) == [f"Зацепка {n}" for n in range(5)]
    assert "One text goes to" not in browser.get(f"/posts/{farm.post.pk}/edit/").content.decode()


def farm_actor(one: Farm):
    return machine(one.workspace)
