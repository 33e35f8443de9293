"""Two periods or two groups of a table compared: how much of the difference is what, and what is noise."""

from __future__ import annotations

import argparse
import math
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from niva.kit.postgres.errors import gettext_noop

if TYPE_CHECKING:
    from niva.numbers.chance import Array
    from niva.numbers.from_file.reading import File
    from niva.numbers.why.rows import Span
    from niva.numbers.why.tree import Node

HELP = gettext_noop(
    "compare two periods or two groups: how much of the difference is what, and what is noise"
)
COLUMNS = gettext_noop(
    "a CSV with a column of days or moments and columns of numbers, a line for each post or day"
)
_TIMES_RU = ("дата", "время", "день")  # cyrillic: column names
TIMES = ("time", "timestamp", "date", "day", "published_at", *_TIMES_RU)
_VALUES_RU = ("значение", "охват", "просмотры")  # cyrillic: column names
VALUES = ("value", "reach", "views", "impressions", *_VALUES_RU)
ROWS = frozenset({"posts", "rows", "days"})
"""A first factor of such a name that is no column is the number of lines."""
FALSE_RATE = 0.1


def add(parser: argparse.ArgumentParser) -> None:
    from niva.kit.postgres.errors import gettext_noop as _  # translated by the command

    parser.add_argument("--time", metavar="COLUMN", help=_("the column of days or moments"))
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--value", metavar="COLUMN", action="append", help=_("a column of numbers; may be repeated")
    )
    what.add_argument(
        "--factors", metavar="A,B,C", help=_("a chain such as posts,reach,clicks: why the last one changed")
    )
    what.add_argument("--ratio", metavar="TOP/BOTTOM", help=_("a ratio of sums, such as clicks/views"))
    parser.add_argument("--by", metavar="COLUMN,COLUMN", help=_("columns of segments, the widest first"))
    parser.add_argument(
        "--before", metavar="A..B", help=_("the earlier days, such as 2026-09-01..2026-09-30")
    )
    parser.add_argument(
        "--after",
        metavar="C..D",
        help=_("the later days; without both: the last whole month and the one before it"),
    )
    parser.add_argument(
        "--group", metavar="COLUMN", help=_("compare the groups of this column instead of periods")
    )


def answer(options: argparse.Namespace) -> dict[str, Any]:
    from niva.numbers.from_file import reading

    table = reading.read(Path(options.file))
    values = _values(table, options)
    if options.group:
        group = table.column(options.group)
        assert group is not None  # a wanted column is there or raises
        found = [_groups(table, group, value) for value in values]
        return {"question": "compare", "rows": len(table.rows), "group": group, "comparisons": found}
    name = table.column(options.time, *TIMES)
    if name is None:
        raise reading.Unreadable("no_column", "time")
    return {"question": "compare", "rows": len(table.rows), "time": name} | _periods(
        table, name, values, options
    )


def _values(table: File, options: argparse.Namespace) -> list[str]:
    if options.ratio:
        return [part.strip() for part in options.ratio.split("/", 1)]
    wanted = options.value or ([options.factors.rsplit(",", 1)[-1].strip()] if options.factors else [])
    found = [str(table.column(one)) for one in wanted]
    return found or [table.column(None, *VALUES) or _only_number(table, options.time)]


def _only_number(table: File, time: str | None) -> str:
    """The first column of numbers that is not the time, where no name tells."""
    from niva.numbers.from_file.reading import Unreadable

    moments = table.column(time, *TIMES)
    for name in table.head:
        try:
            table.numbers(name)
        except Unreadable:
            continue
        if name != moments:
            return name
    raise Unreadable("no_column", "value")


def _periods(table: File, time: str, values: list[str], options: argparse.Namespace) -> dict[str, Any]:
    import numpy as np

    from niva.numbers.from_file.reading import Unreadable

    moments = table.moments(time)
    days = np.array([moment.toordinal() if moment else math.nan for moment in moments])
    if np.isnan(days).all():
        raise Unreadable("no_moment", time)
    before, after = _spans(days, options.before, options.after)
    keys = _keys(table, options.by)
    shown = {
        "before": _span_words(before),
        "after": _span_words(after),
        "left_out": int(np.isnan(days).sum()),
    }
    if options.ratio:
        return shown | {"comparisons": [_ratio(table, days, keys, values, before, after)]}
    chains = [_chain(table, options.factors)] if options.factors else [("rows", one) for one in values]
    return shown | {"comparisons": [_tree(table, days, keys, chain, before, after) for chain in chains]}


def _chain(table: File, factors: str) -> tuple[str, ...]:
    names = [one.strip() for one in factors.split(",") if one.strip()]
    if names and names[0].lower() in ROWS and names[0] not in table.head:
        return (names[0], *(str(table.column(one)) for one in names[1:]))
    return ("rows", *(str(table.column(one)) for one in names))


def _keys(table: File, by: str | None) -> list[tuple[str, ...]]:
    columns = [str(table.column(one.strip())) for one in by.split(",")] if by else []
    cells = [table.cells(one) for one in columns]
    return [tuple(cell[row].strip() for cell in cells) for row in range(len(table.rows))]


def _tree(
    table: File, days: Array, keys: list[tuple[str, ...]], chain: tuple[str, ...], before: Span, after: Span
) -> dict[str, Any]:
    import numpy as np

    from niva.numbers.why.rows import Rows, why
    from niva.numbers.why.tree import rounded

    columns = [table.numbers(one) for one in chain[1:]]
    known = ~np.isnan(days)
    values = np.column_stack(columns)[known] if columns else np.empty((int(known.sum()), 0))
    picked = [key for key, here in zip(keys, known, strict=True) if here]
    found = why(Rows(chain, picked, days[known], values), before, after)
    whole = np.abs(values[:, -1][~np.isnan(values[:, -1])]) if columns else np.zeros(0)
    places = 0 if not len(whole) or bool((whole == np.round(whole)).all()) else 2
    silent = [list(key) for key in found.silent]
    return {"value": chain[-1], "factors": list(chain), "silent": silent} | _node(rounded(found.root, places))


def _node(node: Node) -> dict[str, Any]:
    return {
        "name": node.name,
        "effect": float(node.effect),
        "share": node.share,
        "before": node.before,
        "after": node.after,
        "known": node.known,
        "verdict": str(node.verdict),
        "children": [_node(child) for child in node.children],
    }


def _ratio(
    table: File, days: Array, keys: list[tuple[str, ...]], names: list[str], before: Span, after: Span
) -> dict[str, Any]:
    import numpy as np

    from niva.numbers import spread
    from niva.numbers.from_file.reading import Unreadable
    from niva.numbers.why.mix import ratio_change

    if len(names) != 2:
        raise Unreadable("no_column", "/".join(names))
    top, bottom = (table.numbers(str(table.column(one))) for one in names)
    sides, rows = [], []
    for span in (before, after):
        mine = (days >= span.since) & (days <= span.until) & ~np.isnan(top) & ~np.isnan(bottom)
        sums: dict[str, tuple[float, float]] = {}
        for row in np.flatnonzero(mine):
            key = " / ".join(keys[int(row)])
            above, below = sums.get(key, (0.0, 0.0))
            sums[key] = (above + float(top[row]), below + float(bottom[row]))
        sides.append(sums)
        rows.append((top[mine], bottom[mine]))
    found = ratio_change(sides[0], sides[1])
    if found is None:
        raise Unreadable("too_short", names[1])
    judged = spread.between_ratios(*rows[1], *rows[0])
    return {
        "value": "/".join(names), "before": found.before, "after": found.after, "effect": found.change,
        "verdict": str(judged.verdict), "structure": sum(found.structure.values()),
        "rate": sum(found.rate.values()), "rest": found.rest,
        "segments": [
            {"name": name, "structure": found.structure[name], "rate": found.rate[name]}
            for name in found.structure
        ],
    }  # fmt: skip


def _groups(table: File, group: str, value: str) -> dict[str, Any]:
    """Two groups are compared with one another; of more, each with all others, so that of those called
    different one in ten is wrong on average."""
    import numpy as np

    from niva.numbers import spread
    from niva.numbers.chance import discoveries
    from niva.numbers.from_file.reading import Unreadable

    cells, numbers = np.array([cell.strip() for cell in table.cells(group)]), table.numbers(value)
    names = sorted({str(cell) for cell in cells if cell})
    if len(names) < 2:
        raise Unreadable("too_short", group)
    asked = names[:1] if len(names) == 2 else names
    pairs = [(name, names[1] if len(names) == 2 else None) for name in asked]
    found = [
        spread.between_groups(
            numbers[cells == name], numbers[cells == other if other else (cells != name) & (cells != "")]
        )
        for name, other in pairs
    ]
    chances = np.array([math.nan if one.chance is None else one.chance for one in found])
    stands = discoveries(chances, FALSE_RATE) if len(names) > 2 else np.ones(len(found), dtype=bool)
    lines = [
        {
            "group": name, "against": other, "ratio": one.ratio, "low": one.low, "high": one.high,
            "ordinary": one.ordinary, "rests_on": list(one.rests_on), "left_out": one.left_out,
            "verdict": str(one.verdict if kept or one.ratio is None else spread.Verdict.NOISE),
        }
        for (name, other), one, kept in zip(pairs, found, stands, strict=True)
    ]  # fmt: skip
    return {"value": value, "odds": 0.8, "groups": lines}


def _spans(days: Array, before: str | None, after: str | None) -> tuple[Span, Span]:
    import numpy as np

    from niva.numbers.from_file.reading import Unreadable
    from niva.numbers.why.rows import Span

    if after and before:
        return _span(before), _span(after)
    if after or before:
        raise Unreadable("no_moment", "--before --after")
    last = date.fromordinal(int(np.nanmax(days)))
    following = last + timedelta(days=1)
    end = last if following.day == 1 else last.replace(day=1) - timedelta(days=1)
    start = end.replace(day=1)
    earlier = start - timedelta(days=1)
    if earlier.replace(day=1).toordinal() < np.nanmin(days):
        raise Unreadable("too_short", "--before --after")
    return Span(earlier.replace(day=1).toordinal(), earlier.toordinal()), Span(
        start.toordinal(), end.toordinal()
    )


def _span(text: str) -> Span:
    from niva.numbers.from_file.reading import Unreadable
    from niva.numbers.why.rows import Span

    try:
        since, until = (date.fromisoformat(part.strip()).toordinal() for part in text.split("..", 1))
    except ValueError as error:
        raise Unreadable("no_moment", text[:40]) from error
    if until < since:
        raise Unreadable("no_moment", text[:40])
    return Span(since, until)


def _span_words(span: Span) -> dict[str, Any]:
    return {
        "since": date.fromordinal(span.since).isoformat(),
        "until": date.fromordinal(span.until).isoformat(),
        "days": span.days,
    }
