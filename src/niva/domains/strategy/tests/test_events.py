"""The year's events: rules give the right days, each has a source, a client sees what was chosen for it."""

import datetime as dt
from collections import Counter

import pytest

from niva.domains.clients import access
from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.clients.models import ClientKind
from niva.domains.people.errors import Forbidden, Invalid, NotFound
from niva.domains.people.models import WorkspaceRole
from niva.domains.strategy import calendar
from niva.domains.strategy.details import default_details, details_of
from niva.domains.strategy.events import EventKind, default_kinds, known, nth_weekday


@pytest.fixture
def actor(db):
    return make_actor(make_workspace())


@pytest.fixture
def client(actor):
    return make_client(actor.workspace)


def add(actor, client, name, day, **extra):
    return calendar.add_event(actor, client_id=client.pk, name=name, day=dt.date(*day), **extra)


def on(code, year):
    return next(one for one in known() if one.code == code).on(year)


@pytest.mark.parametrize(
    ("code", "year", "day"),
    [
        ("mother", 2026, (11, 29)), ("mother", 2027, (11, 28)), ("father", 2026, (10, 18)),
        ("black_friday", 2026, (11, 27)), ("black_friday", 2024, (11, 29)), ("cyber_monday", 2026, (11, 30)),
        ("cyber_monday", 2024, (12, 2)), ("programmer", 2026, (9, 13)), ("programmer", 2028, (9, 12)),
        ("realtor", 2025, (12, 20)), ("realtor", 2026, (12, 19)),
        ("builder", 2026, (8, 9)), ("miner", 2026, (8, 30)), ("off_2026_12_31", 2026, (12, 31)),
    ],
)  # fmt: skip
def test_a_floating_day_is_where_the_calendar_has_it(code, year, day):
    assert on(code, year) == dt.date(year, *day)


def test_a_moved_day_off_is_of_its_own_year_only():
    assert on("off_2026_12_31", 2027) is None
    assert nth_weekday(2026, 2, 6, -1) == dt.date(2026, 2, 22)


def test_every_event_is_named_once_and_has_its_source():
    assert len(known()) >= 60
    assert max(Counter(one.code for one in known()).values()) == 1
    assert {one.kind for one in known()} <= set(EventKind.values) - {EventKind.OWN}
    assert all(one.source_url.startswith("https://") and one.checked_on and one.name_ru for one in known())
    # the holidays of article 112 of the Labour Code, all of them
    days = {
        (one.on(2027).month, one.on(2027).day) for one in known() if one.kind == "public" and one.on(2027)
    }
    new_year = {(1, day) for day in range(1, 9)}
    assert days == new_year | {(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)}


@pytest.mark.parametrize("kind", ClientKind.values)
def test_every_kind_of_client_begins_with_something(kind):
    assert EventKind.OWN in default_kinds(kind)
    assert 8 <= len(default_details(kind)) <= 12 and all(one.ask for one in default_details(kind))


def test_a_client_sees_what_was_chosen_for_it(actor, client):
    first, last = dt.date(2026, 11, 1), dt.date(2026, 11, 30)
    codes = {one.code for one in calendar.happenings(actor, client, first, last)}
    assert {"unity", "black_friday"} <= codes and "mother" not in codes
    calendar.choose(
        actor, client_id=client.pk, kinds=["public", "memorial", "nonsense"], hidden=["unity"], free_share=20
    )
    shown = calendar.happenings(actor, client, first, last)
    assert [one.code for one in shown] == ["parade_1941", "mother"]
    with pytest.raises(Invalid):
        calendar.choose(actor, client_id=client.pk, kinds=[], free_share=51)


def test_own_days_come_every_year_and_say_when_to_begin(actor, client):
    calendar.add_event(
        actor, client_id=client.pk, name="День хутора", day=dt.date(2024, 2, 29), prepare_days=10
    )
    calendar.add_event(
        actor, client_id=client.pk, name="Отпуск", day=dt.date(2026, 2, 27), yearly=False, everywhere=True
    )
    other = make_client(actor.workspace, name="Другой")

    def february(of, year):
        return calendar.happenings(actor, of, dt.date(year, 2, 24), dt.date(year, 2, 28))

    assert [one.name for one in february(client, 2026)] == ["Отпуск", "День хутора"]
    assert february(client, 2027)[0].begin == dt.date(2027, 2, 18)
    assert [one.name for one in february(other, 2026)] == ["Отпуск"] and not february(other, 2027)


def test_who_may_what_with_days(actor, client):
    author = make_person(actor.workspace, WorkspaceRole.MEMBER, name="Глеб")
    give_role(client, author)
    gleb = access.actor_for(author)
    mine = calendar.add_event(gleb, client_id=client.pk, name="Съёмка", day=dt.date(2026, 12, 1))
    with pytest.raises(Forbidden):
        calendar.add_event(gleb, client_id=client.pk, name="Всем", day=dt.date(2026, 12, 1), everywhere=True)
    with pytest.raises(Forbidden):
        calendar.choose(gleb, client_id=client.pk, kinds=[], free_share=15)
    common = calendar.add_event(
        actor, client_id=client.pk, name="Всем", day=dt.date(2026, 12, 1), everywhere=True
    )
    with pytest.raises(NotFound):
        calendar.delete_event(gleb, event_id=common.pk)
    calendar.delete_event(gleb, event_id=mine.pk)
    with pytest.raises(NotFound):
        calendar.delete_event(make_actor(make_workspace("Чужие")), event_id=common.pk)


def test_own_details_keep_their_codes_and_may_be_given_back(actor, client):
    calendar.write_details(
        actor, client_id=client.pk, lines="Люди: кто это делает?\nСклад\n\nсклад: ещё раз\n"
    )
    assert [(one.said, one.ask) for one in details_of(client)] == [("Люди", "кто это делает?"), ("Склад", "")]
    calendar.write_details(actor, client_id=client.pk, lines="")
    assert [one.code for one in details_of(client)] == [one.code for one in default_details(client.kind)]
