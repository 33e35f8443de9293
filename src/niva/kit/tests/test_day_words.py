"""Days and hours as people write them in tables."""

import datetime as dt

import pytest

from niva.kit.day_words import NotADay, day_of, order_of, time_of

TODAY = dt.date(2026, 11, 23)


@pytest.mark.parametrize(
    ("cell", "day", "hour"),
    [
        ("17.11.2026", (2026, 11, 17), None),
        ("17.11.26", (2026, 11, 17), None),
        ("2026-11-17", (2026, 11, 17), None),
        ("17 ноября", (2027, 11, 17), None),
        ("24 ноября", (2026, 11, 24), None),
        ("23.11", (2026, 11, 23), None),
        ("29.02", (2028, 2, 29), None),
        ("чт 17.11 19:00", (2027, 11, 17), (19, 0)),
        ("понедельник, 23 ноября 2026 г. в 19:00", (2026, 11, 23), (19, 0)),
        ("1-го мая", (2027, 5, 1), None),
        ("Nov 17, 2026", (2026, 11, 17), None),
        ("46343", (2026, 11, 17), None),
        (46343, (2026, 11, 17), None),
        (46343.7917, (2026, 11, 17), (19, 0)),
        ({"d": "2026-11-17T19:00:00"}, (2026, 11, 17), (19, 0)),
        ({"d": "2026-11-17"}, (2026, 11, 17), None),
        ("25/12/2026", (2026, 12, 25), None),
        ("12/25/2026", (2026, 12, 25), None),
        ("03/04/2027", (2027, 4, 3), None),
        ("17.11.2026 (вт)", (2026, 11, 17), None),
    ],
)
def test_a_day_is_understood(cell, day, hour):
    assert day_of(cell, today=TODAY) == (dt.date(*day), dt.time(*hour) if hour else None)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("30.02.2026", "no_such_day"),
        ("30 февраля", "no_such_day"),
        ("31.04", "no_such_day"),
        ("01.01.1900", "far"),
        ("завтра", "nonsense"),
        ("пт", "nonsense"),
        (5, "nonsense"),
        (True, "nonsense"),
        ("", "nonsense"),
        ("17.11.2026 25:00", "no_such_time"),
        ("17.11.2026 утром", "no_such_time"),
    ],
)
def test_what_is_no_day_is_not_guessed(cell, code):
    with pytest.raises(NotADay) as refused:
        day_of(cell, today=TODAY)
    assert refused.value.code == code


def test_the_month_first_only_where_it_is_asked_for_and_between_slashes():
    assert day_of("03/04/2027", today=TODAY, day_first=False)[0] == dt.date(2027, 3, 4)
    assert day_of("03.04.2027", today=TODAY, day_first=False)[0] == dt.date(2027, 4, 3)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["03/04/2027"], (True, None)),
        (["03/04/2027", "25/12/2026"], (True, True)),
        (["03/04/2027", "12/25/2026"], (True, False)),
        (["05/05/2027", 46343, "17.11"], (False, None)),
    ],
)
def test_a_file_proves_its_own_order(cells, told):
    assert order_of(cells) == told


@pytest.mark.parametrize(
    ("cell", "hour"),
    [
        ("19:00", (19, 0)),
        ("19.30", (19, 30)),
        ("9-05", (9, 5)),
        ("19 ч", (19, 0)),
        ("в 19 ч 30 мин", (19, 30)),
        ("7 pm", (19, 0)),
        ("12 am", (0, 0)),
        (0.75, (18, 0)),
        ({"t": "19:30:00"}, (19, 30)),
        ("19", (19, 0)),
    ],
)
def test_an_hour_is_understood(cell, hour):
    assert time_of(cell) == dt.time(*hour)
