"""Full text search in PostgreSQL: Russian and English words by their stems, the last also by its beginning.

The configuration `russian` stems Cyrillic words by Russian rules and Latin ones by English rules. What is
asked is read once by the database (`query_of`) and then goes into every statement as a ready `tsquery`, so
that the planner knows it and takes the index. Large tables carry their words in a stored column that Django's
models do not know, or every page would load it; `Stored` names it.
"""

from __future__ import annotations

import re
from typing import Any, Final

from django.contrib.postgres.search import SearchQuery, SearchQueryField, SearchVector, SearchVectorField
from django.db import connection
from django.db.models import Expression, F, Func, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce, Concat, Replace

from niva.kit.text.fleeting import forms

CONFIG: Final = "russian"
LONGEST: Final = 200  # characters of a question that are read
# Marks of a found word in a snippet: signs for private use, which no text means anything by.
BEGIN, END = "\ue000", "\ue001"
_LAST: Final = re.compile(r'(?s)(.*?)(?<![\w"-])([^\W_]{2,})\s*')
_LEXEME: Final = re.compile(r"'((?:[^']|'')*)'((?::[A-D*]+)?)")
_YO: Final = str.maketrans("ёЁ", "еЕ")  # cyrillic: two letters that people write as one


def tidy(text: str) -> str:
    """What a person typed as one line of at most LONGEST characters."""
    return " ".join(text.replace("\x00", "").split())[:LONGEST]


def query_of(text: str) -> str:
    """A question as `tsquery`: words, "phrases", -words, or; the last word also as a beginning. One query.

    Empty when nothing in it can be looked for (only such words as "and").
    """
    asked = tidy(text).translate(_YO)
    match = _LAST.fullmatch(asked)
    whole = asked.count('"') % 2 == 0
    rest, last = (match[1], match[2]) if match and whole else (asked, "")
    if rest.rstrip().casefold().endswith(" or"):  # the word that joins belongs to both sides
        rest, last = asked, ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT websearch_to_tsquery(%s::regconfig, %s)::text,"
            " websearch_to_tsquery(%s::regconfig, %s)::text",
            [CONFIG, rest, CONFIG, last],
        )
        first, stem = cursor.fetchone()
    parts = [_LEXEME.sub(_widened, first)] if first else []
    if stem:
        parts.append(f"({_LEXEME.sub(_widened, stem)} | '{last.lower()}':*)")
    return " & ".join(f"({part})" for part in parts)


def _widened(match: re.Match[str]) -> str:
    several = forms(match[1])
    if len(several) == 1:
        return match[0]
    return "(" + " | ".join(f"'{one}'{match[2]}" for one in several) + ")"


class Ready(SearchQuery):
    """A question that `query_of` has read."""

    def __init__(self, query: str) -> None:
        Func.__init__(self, Value(query), output_field=SearchQueryField())
        self.function, self.template, self.invert, self.config = "", "%(expressions)s::tsquery", False, None

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        return Func.as_sql(self, compiler, connection)


def saying(query: str, *sources: tuple[str, str]) -> RawSQL:
    """For `field__in`: of each (table, column) the column of those rows whose stored words answer a question.

    One set for all the tables: put together by OR, every row of the first would be looked at.
    """
    name = connection.ops.quote_name
    parts = [
        f"SELECT {name(column)} FROM {name(table)} WHERE words @@ %s::tsquery"  # noqa: S608 names of ours
        for table, column in sources
    ]
    return RawSQL(" UNION ".join(parts), [query] * len(parts))  # noqa: S611


class Stored(Expression):
    """The stored column of words of the table that a query begins with, for its rank."""

    output_field = SearchVectorField()

    def __init__(self, column: str = "words") -> None:
        super().__init__(output_field=SearchVectorField())
        self.column = column

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        table = compiler.query.get_initial_alias()
        name = connection.ops.quote_name
        return f"{name(table)}.{name(self.column)}", []


def source(field: str | Func) -> F | Func:
    """A field by its name, or an expression as it is."""
    return F(field) if isinstance(field, str) else field


def computed(*fields: str | Func) -> SearchVector:
    """The words of fields of small tables, counted while they are looked for."""
    plain: Any = (
        Concat(*[_text(one) for one in fields], output_field=TextField()) if fields[1:] else _text(fields[0])
    )
    for letter, other in (("ё", "е"), ("Ё", "Е")):  # cyrillic: two letters that people write as one
        plain = Replace(plain, Value(letter), Value(other), output_field=TextField())
    return SearchVector(plain, config=CONFIG)


def _text(field: str | Func) -> Any:
    said = Coalesce(Cast(source(field), TextField()), Value(""), output_field=TextField())
    return Concat(said, Value(" "), output_field=TextField())


class Snippet(Func):
    """The stretch of a text in which the found words stand, between BEGIN and END. One pass of the parser."""

    function = "ts_headline"
    output_field = TextField()

    def __init__(self, text: Any, query: str, *, words: int = 18) -> None:
        marks = f"StartSel={BEGIN},StopSel={END}"
        options = f"{marks},MaxWords={words},MinWords={words // 2},MaxFragments=1,ShortWord=0"
        config = Func(Value(CONFIG), template="%(expressions)s::regconfig")
        super().__init__(config, text, Ready(query), Value(options))


def whole(text: Any, query: str) -> Func:
    """A short text in full with the found words between BEGIN and END."""
    config = Func(Value(CONFIG), template="%(expressions)s::regconfig")
    options = Value(f"StartSel={BEGIN},StopSel={END},HighlightAll=true")
    return Func(config, text, Ready(query), options, function="ts_headline", output_field=TextField())


def add_words(table: str, expression: str) -> tuple[str, str]:
    """(forwards, backwards) of a migration: the stored column and its index. `expression`: immutable SQL."""
    forwards = (
        f"ALTER TABLE {table} ADD COLUMN words tsvector GENERATED ALWAYS AS ({expression}) STORED;"
        f"CREATE INDEX {table}_words ON {table} USING gin (words);"
    )
    return forwards, f"ALTER TABLE {table} DROP COLUMN words;"


def words_sql(*weighted: tuple[str, str]) -> str:
    """The expression of a stored column: pairs of SQL text and its weight, A to D."""
    return " || ".join(
        f"setweight(to_tsvector('{CONFIG}', translate({sql}, 'ёЁ', 'еЕ')), '{weight}')"  # cyrillic: as above
        for sql, weight in weighted
    )
