"""Moving: who may, where to, what is refused with which words, and the way back."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest

from niva.domains.people.models import AuditEvent
from niva.domains.publishing.factories import make_post, planned
from niva.domains.publishing.models import Delivery
from niva.domains.publishing.states import State
from niva.web.plan.tests.conftest import MOSCOW, at, deliver

BERLIN = ZoneInfo("Europe/Berlin")
JSON = {"Accept": "application/json, text/html"}


def drag(browser, ref, date, time="", **extra):
    """What the island sends, looking at one client's month."""
    body = {"id": ref, "date": date, **({"time": time, "keep_minutes": "1"} if time else {})}
    query = extra.pop("query", "view=month&at=2026-11")
    return browser.post(f"/plan/move/?{query}", {**body, **extra}, headers=JSON)


def due(delivery):
    return Delivery.objects.get(pk=delivery.pk).due_at


def ref_of(post, community):
    return f"v{post.variants.get(community=community).pk}"


def hour_of(post, community):
    variant = post.variants.get(community=community)
    post.refresh_from_db()
    return variant.planned_at or post.planned_at


def test_a_dragged_delivery_keeps_its_hour_and_really_goes_then(house, anya):
    answer = drag(anya, f"d{house.queued.pk}", "2026-11-26")
    assert answer.status_code == 200
    assert due(house.queued) == at(26, 12)
    html = answer.content.decode()
    assert "Moved to Thu, 26 November, 12:00." in html and "<html" not in html
    assert AuditEvent.objects.filter(verb="delivery.moved", subject_id=house.queued.pk).count() == 1
    assert Delivery.objects.get(pk=house.queued.pk).wake_at == at(26, 12)


def test_the_way_back_is_the_exact_moment(house, anya):
    html = drag(anya, f"d{house.queued.pk}", "2026-11-26").content.decode()
    back = re.search(r'name="at" value="(.*?)"', html).group(1)
    answer = anya.post(
        "/plan/move/", {"id": f"d{house.queued.pk}", "at": back}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    assert due(house.queued) == at(24, 12)


def test_in_the_week_the_hour_changes_and_minutes_stay_within_it(house, anya):
    Delivery.objects.filter(pk=house.queued.pk).update(due_at=at(24, 12, 40))
    drag(anya, f"d{house.queued.pk}", "2026-11-25", "12:00", query="view=week&at=2026-11-24")
    assert due(house.queued) == at(25, 12, 40)
    drag(anya, f"d{house.queued.pk}", "2026-11-25", "15:00", query="view=week&at=2026-11-24")
    assert due(house.queued) == at(25, 15)


def test_one_community_of_a_draft_moves_alone(house, anya):
    drag(anya, ref_of(house.draft, house.vk), "2026-11-21")
    assert hour_of(house.draft, house.vk) == at(21)
    assert hour_of(house.draft, house.telegram) == at(19)
    assert AuditEvent.objects.filter(verb="post.moved", subject_id=house.draft.pk).exists()


def test_the_last_draft_of_a_post_moves_the_post_itself(house, anya):
    alone = planned(make_post(house.vk, title="Один"), at(20))
    before = alone.version
    drag(anya, ref_of(alone, house.vk), "2026-11-22")
    alone.refresh_from_db()
    assert alone.planned_at == at(22)
    assert alone.variants.get().planned_at is None
    assert alone.version == before + 1, "who has it open in the composer learns of it"


def test_the_rest_of_the_post_may_come_along(house, anya):
    mixed = planned(make_post(house.vk, house.telegram, title="Вместе"), at(25))
    sent = mixed.variants.get(community=house.telegram)
    deliver(mixed, at(25))
    Delivery.objects.filter(post=mixed).exclude(variant=sent).delete()
    drag(anya, ref_of(mixed, house.vk), "2026-11-27", whole="1")
    assert hour_of(mixed, house.vk) == at(27)
    assert Delivery.objects.get(variant=sent).due_at == at(27)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.PUBLISHED, "out already"),
        (State.ACCEPTED, "out already"),
        (State.SENDING, "being sent right now"),
        (State.UNKNOWN, "not known whether"),
        (State.REJECTED, "mend it first"),
        (State.CANCELLED, "cancelled"),
        (State.REMOVED, "gone"),
    ],
)
def test_what_cannot_move_says_why_and_stays(house, anya, state, words):
    Delivery.objects.filter(pk=house.queued.pk).update(state=state)
    shown = anya.get("/plan/?view=month&at=2026-11").content.decode()
    assert f'data-move="d{house.queued.pk}"' not in shown and words in shown
    answer = drag(anya, f"d{house.queued.pk}", "2026-11-26")
    assert answer.status_code == 422
    assert words in answer.json()["error"]
    assert due(house.queued) == at(24, 12)
    assert Delivery.objects.get(pk=house.queued.pk).state == state


@pytest.mark.parametrize("state", [State.WAITING, State.NEEDS_LOGIN])
def test_what_waits_may_wait_for_another_hour(house, anya, state):
    Delivery.objects.filter(pk=house.queued.pk).update(state=state)
    assert drag(anya, f"d{house.queued.pk}", "2026-11-26").status_code == 200
    assert Delivery.objects.get(pk=house.queued.pk).state == State.QUEUED


def test_the_past_is_refused_in_words(house, anya):
    for ref in (f"d{house.queued.pk}", ref_of(house.draft, house.vk)):
        answer = drag(anya, ref, "2026-11-10")
        assert answer.status_code == 422
        assert "has passed" in answer.json()["error"]
    assert due(house.queued) == at(24, 12)
    assert hour_of(house.draft, house.vk) == at(19)


def test_the_hour_that_the_clock_skips_is_refused_with_its_neighbours(house, anya):
    client, vk = house.add_client("Europe/Berlin")
    night = deliver(make_post(vk, title="Ночью"), dt.datetime(2027, 3, 27, 2, 30, tzinfo=BERLIN))[0]
    query = f"view=month&at=2027-03&client={client.pk}"
    answer = drag(anya, f"d{night.pk}", "2027-03-28", query=query)
    assert answer.status_code == 422
    assert "01:30" in answer.json()["error"] and "03:30" in answer.json()["error"]
    drag(anya, f"d{night.pk}", "2027-03-29", query=query)
    assert due(night) == dt.datetime(2027, 3, 29, 0, 30, tzinfo=dt.UTC), "02:30 in summer time"


def test_over_both_changes_of_the_clock_the_wall_hour_stays(house, anya, clock):
    client, vk = house.add_client("Europe/Berlin")
    for start, there, utc in (
        (dt.date(2026, 3, 28), "2026-03-29", dt.datetime(2026, 3, 29, 17, tzinfo=dt.UTC)),
        (dt.date(2026, 10, 24), "2026-10-25", dt.datetime(2026, 10, 25, 18, tzinfo=dt.UTC)),
    ):
        clock.move_to(dt.datetime(start.year, start.month, start.day, 9, tzinfo=BERLIN))
        evening = dt.datetime(start.year, start.month, start.day, 19, tzinfo=BERLIN)
        made = deliver(make_post(vk, title=f"В семь {there}"), evening)[0]
        answer = drag(anya, f"d{made.pk}", there, query=f"view=month&at={there[:7]}&client={client.pk}")
        assert answer.status_code == 200
        assert due(made) == utc
        assert f"В семь {there}" in re.search(
            rf'data-date="{there}"(.*?)<div class="(?:day|week)', answer.content.decode(), re.S
        ).group(1)


def test_the_hour_that_comes_twice_is_the_first_one(house, anya):
    client, vk = house.add_client("Europe/Berlin")
    made = deliver(make_post(vk, title="Осень"), dt.datetime(2027, 10, 30, 2, 30, tzinfo=BERLIN))[0]
    drag(anya, f"d{made.pk}", "2027-10-31", query=f"view=month&at=2027-10&client={client.pk}")
    assert due(made) == dt.datetime(2027, 10, 31, 0, 30, tzinfo=dt.UTC)


def test_the_day_meant_is_the_one_of_the_clock_that_is_shown(house, anya):
    house.anya.time_zone = "Asia/Vladivostok"
    house.anya.save()
    drag(anya, f"d{house.queued.pk}", "2026-11-26")
    assert due(house.queued) == dt.datetime(2026, 11, 26, 19, tzinfo=ZoneInfo("Asia/Vladivostok"))
    drag(anya, f"d{house.queued.pk}", "2026-11-28", query=f"view=month&at=2026-11&client={house.client.pk}")
    assert due(house.queued).astimezone(MOSCOW) == at(28, 12)


def test_an_author_moves_drafts_but_nothing_that_is_scheduled(house):
    gleb = house.browser(house.gleb)
    shown = gleb.get("/plan/?view=month&at=2026-11").content.decode()
    assert f'data-move="d{house.queued.pk}"' not in shown
    assert f'data-move="{ref_of(house.draft, house.vk)}"' in shown
    assert drag(gleb, f"d{house.queued.pk}", "2026-11-26").status_code == 403
    assert gleb.get(f"/plan/move/d{house.queued.pk}/").status_code == 403
    assert due(house.queued) == at(24, 12)
    assert drag(gleb, ref_of(house.draft, house.vk), "2026-11-26").status_code == 200


def test_the_rest_of_a_post_never_takes_along_what_he_may_not_move(house):
    mixed = planned(make_post(house.vk, house.telegram, title="Вместе"), at(25))
    deliver(mixed, at(25))
    kept = Delivery.objects.get(post=mixed, community=house.telegram)
    Delivery.objects.filter(post=mixed).exclude(pk=kept.pk).delete()
    assert (
        drag(house.browser(house.gleb), ref_of(mixed, house.vk), "2026-11-27", whole="1").status_code == 200
    )
    assert due(kept) == at(25)


def test_a_client_moves_nothing(house):
    klava = house.browser(house.klava)
    assert "data-move=" not in klava.get("/plan/?view=month&at=2026-11").content.decode()
    for ref in (f"d{house.queued.pk}", ref_of(house.draft, house.vk)):
        assert drag(klava, ref, "2026-11-26").status_code == 403


def test_strangers_things_do_not_exist(house, anya):
    for ref in (f"d{house.strange_delivery.pk}", ref_of(house.strange_draft, house.strange_vk)):
        assert anya.get(f"/plan/move/{ref}/").status_code == 404
        assert drag(anya, ref, "2026-11-26").status_code == 404
        both = {"id": [f"d{house.queued.pk}", ref], "date": "2026-11-26"}
        assert anya.post("/plan/move/", both, headers=JSON).status_code == 404
    assert due(house.queued) == at(24, 12), "nothing of a mixed request is done"
    assert due(house.strange_delivery) == at(24)


@pytest.mark.parametrize("ref", ["", "x1", "d", "d0", "d-1", "v99999999999999999999", "d1;v2", "дом", "d١"])
def test_nonsense_is_not_found(house, anya, ref):
    assert drag(anya, ref, "2026-11-26").status_code == 404
    if ref:
        assert anya.get(f"/plan/move/{ref}/").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {}, {"date": "2026-99-01"}, {"date": "x", "time": "25:00"}, {"at": "yesterday"},
        {"at": "9999-12-31T23:59"}, {"date": "9999-12-31"}, {"date": "0001-01-01"},
    ],
)  # fmt: skip
def test_hours_that_cannot_be_are_refused(house, anya, body):
    answer = anya.post("/plan/move/", {"id": f"d{house.queued.pk}", **body}, headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["error"]
    assert due(house.queued) == at(24, 12)


def test_the_dialog_asks_and_keeps_what_was_typed(house, anya):
    ref = ref_of(house.draft, house.vk)
    asked = anya.get(
        f"/plan/move/{ref}/?view=month&at=2026-11", headers={"HX-Request": "true"}
    ).content.decode()
    assert "<dialog" in asked and 'value="2026-11-19"' in asked and 'value="19:00"' in asked
    assert "Telegram" in asked and 'name="whole"' in asked
    body = {"id": ref, "date": "2026-11-10", "time": "08:15"}
    answer = anya.post("/plan/move/?view=month", body, headers={"HX-Request": "true"})
    assert answer.status_code == 422 and answer["HX-Retarget"] == "#dialog"
    assert 'value="2026-11-10"' in answer.content.decode() and "has passed" in answer.content.decode()


def test_without_scripts_it_is_a_page_and_a_form(house, anya):
    ref = f"d{house.queued.pk}"
    asked = anya.get(f"/plan/move/{ref}/?view=month&at=2026-11").content.decode()
    assert "<html" in asked and 'action="/plan/move/?view=month&amp;at=2026-11"' in asked
    bad = anya.post("/plan/move/?view=month&at=2026-11", {"id": ref, "date": "", "time": "12:00"})
    assert bad.status_code == 422 and "<html" in bad.content.decode()
    body = {"id": ref, "date": "2026-11-26", "time": "18:05"}
    answer = anya.post("/plan/move/?view=month&at=2026-11", body, follow=True)
    assert answer.redirect_chain == [("/plan/?view=month&at=2026-11", 302)]
    assert due(house.queued) == at(26, 18, 5)
    assert "Moved to Thu, 26 November, 18:05." in answer.content.decode()
    assert "Moved to" not in anya.get("/plan/").content.decode(), "the way back is offered once"


def test_moving_needs_a_post_and_a_signed_in_person(house, anya, client):
    assert anya.get("/plan/move/").status_code == 405
    assert client.get("/plan/").status_code == 302
    assert client.post("/plan/move/", {"id": f"d{house.queued.pk}", "date": "2026-11-26"}).status_code == 302
    assert due(house.queued) == at(24, 12)
