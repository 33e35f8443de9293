"""Briefs as data, and names called in a text."""

from __future__ import annotations

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from niva.domains.editorial import briefs
from niva.domains.editorial.mentions import Mention, Person, mentions
from niva.domains.people.errors import Invalid

ADS = {
    "ad_goal": "leads",
    "product": "Мясо с доставкой, 900 ₽ за килограмм",
    "audience": "Хозяйки Лугова",
    "message": "Привозим в день забоя",
    "kpi": "40",
    "budget": "30 000,50",
    "starts": "2027-03-01",
    "ends": "2027-03-14",
    "link": "https://hutor.example/",
}


@pytest.mark.parametrize("kind", briefs.briefs())
def test_every_brief_asks_one_message_and_is_whole_in_both_languages(kind):
    brief = briefs.brief_of(kind)
    asked = {field.name: field for field in brief.fields}
    assert asked["message"].required and asked["message"].one
    goals = [field for field in brief.fields if field.name in ("goal", "ad_goal")]
    assert len(goals) == 1 and goals[0].required and (goals[0].one or goals[0].kind == "choice")
    assert brief.norm > 0 and brief.slack >= (3 if kind == "ads" else 1) and brief.points
    pairs = [brief.names, *(field.labels for field in brief.fields), *brief.points]
    assert all(one.strip() and other.strip() and one != other for one, other in pairs)
    assert all(bool(one) == bool(other) for one, other in (field.hints for field in brief.fields))


def test_a_brief_is_kept_plain_and_read_in_the_readers_language():
    kept = briefs.cleaned("ads", ADS | {"stop": "  ", "price": "1 000"})
    assert (kept["budget"], kept["price"], kept["kpi"]) == ("30000.50", "1000", "40")
    assert "stop" not in kept
    with translation.override("ru"):
        assert ("Одна цель", "заявки") in briefs.answers("ads", kept)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("message", "Свежее; дешёвое"),
        ("message", "1) Свежее 2) Дешёвое"),
        ("message", "Свежее\nДешёвое"),
        ("message", "а" * 401),
        ("ad_goal", "everything"),
        ("kpi", "много"),
        ("kpi", "-3"),
        ("kpi", "NaN"),
        ("kpi", "1e40"),
        ("starts", "2027-02-30"),
        ("starts", "завтра"),
        ("ends", "2027-02-01"),
        ("product", "а" * 4001),
    ],
)
def test_what_does_not_read_is_named_at_its_field(field, typed):
    with pytest.raises(Invalid) as refused:
        briefs.cleaned("ads", ADS | {field: typed})
    assert list(refused.value.errors) == [field]


def test_a_half_filled_brief_names_everything_that_it_lacks():
    with pytest.raises(Invalid) as refused:
        briefs.cleaned("ads", {"product": "Мясо", "kpi": ""})
    required = {field.name for field in briefs.brief_of("ads").fields if field.required}
    assert set(refused.value.errors) == required - {"product"}
    with pytest.raises(Invalid):
        briefs.cleaned("astrologer", {})


PEOPLE = [Person(1, "Вера Юдина"), Person(2, "Вера Ким"), Person(3, "Лев Ким"), Person(4, "Anna")]


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("@Вера Юдина, посмотри", [1]),
        ("@вера ким и @ЛЕВ КИМ", [2, 3]),
        ("@Лев, а @Anna?", [3, 4]),
        ("@Вера, посмотри", []),  # two of them: it could be the wrong one
        ("@Верандa и @Левый", []),
        ("пишите на lev@anna.example", []),
        ("@Пётр, @, @ Anna", []),
        ("(@anna)", [4]),
    ],
)
def test_only_people_of_here_are_called(text, called):
    assert [one.pk for one in mentions(text, PEOPLE)] == called


@given(st.text("@анАN ,", max_size=40))
def test_a_mention_is_always_an_at_and_a_name(text):
    names = {1: ("анна",), 2: ("наннa",)}
    for one in mentions(text, [Person(1, "Анна"), Person(2, "Наннa")]):
        assert isinstance(one, Mention)
        assert text[one.start] == "@"
        assert text[one.start + 1 : one.end].lower() in names[one.pk]
