"""What a question finds, asked of a real database."""

from __future__ import annotations

import pytest
from django.db import connection

from niva.kit.full_text import query_of

pytestmark = pytest.mark.django_db


def finds(question: str, text: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_tsvector('russian', translate(%s, 'ёЁ', 'еЕ')) @@ %s::tsquery",
            [text, query_of(question)],
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("рёбрышек", "Рёбрышки к выходным"),
        ("ребрышки", "Килограмм рёбрышек"),
        ("РЁБРЫШКАМИ", "рёбрышки"),
        ("ребра", "Свиные рёбра"),
        ("рёбра", "свиные ребра"),
        ("posts", "Our best post"),
        ("posting", "three posts"),
        ("скидки -мясо", "скидка на творог"),
        ('"свиные рёбра"', "вкусные свиные рёбра"),
        ("мясо OR творог", "свежий творог"),
        ("кол", "колбаса к празднику"),
        ("копеек", "ни копейки"),
        ("денег", "деньги за рекламу"),
        ("smm план", "SMM-план на декабрь"),
        ("2026", "план 2026 года"),
    ],
)
def test_found(question: str, text: str) -> None:
    assert finds(question, text)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("скидки -мясо", "скидка на мясо"),
        ('"свиные рёбра"', "рёбра, а не свиные уши"),
        ("кол творог", "колбаса"),
        ("рыба", "рёбрышки"),
        ("и", "и то и другое"),
        ("", "что угодно"),
        ("-", "что угодно"),
    ],
)
def test_not_found(question: str, text: str) -> None:
    assert not finds(question, text)


@pytest.mark.parametrize(
    "odd",
    [
        "'",
        "''';",
        '"',
        '"незакрытая фраза',
        "a:* & !",
        "<->",
        "\\",
        "((",
        "\x00",
        "or",
        "не or",
        "🙂",
        "x" * 5000,
    ],
)
def test_nothing_that_is_typed_breaks_it(odd: str) -> None:
    finds(odd, "рёбрышки")
