"""The coming steps of a series in a file, and their sum, with the method's past error beside them."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from niva.kit.postgres.errors import gettext_noop

if TYPE_CHECKING:
    from datetime import datetime

    from niva.numbers.forecast import Forecast, Series
    from niva.numbers.forecast.grid import Values
    from niva.numbers.from_file.reading import File

HELP = gettext_noop("what the coming days and their sum will be, and how wrong that was in the past")
COLUMNS = gettext_noop(
    "a CSV with a column of days or moments and a column of numbers; several rows of a day are put together, "
    "days without a row are unread, not zero. JSON lists of rows and dates with CSV inside are read, too"
)
TIMES: Final = (
    "date", "day", "day index", "timestamp", "time", "published_at", "week",
    "дата", "день", "время",  # cyrillic: column names
)  # fmt: skip
VALUES: Final = (
    "value", "reach", "instagram reach", "views", "view_count", "impressions", "pageviews", "users",
    "leads", "значение", "охват", "просмотры", "заявки",  # cyrillic: column names
)  # fmt: skip
LONGEST: Final = 92
"""Steps ahead: a quarter. Beyond it simple models of the recent past have nothing to say."""


def add(parser: argparse.ArgumentParser) -> None:
    from niva.kit.postgres.errors import gettext_noop as _  # translated by the command

    parser.add_argument("--time", metavar="COLUMN", help=_("the column of days or moments"))
    parser.add_argument("--value", metavar="COLUMN", help=_("the column of numbers"))
    parser.add_argument("--horizon", type=_whole(1, LONGEST), default=28, help=_("how many steps ahead (28)"))
    parser.add_argument(
        "--odds", type=_odds, default=0.8, help=_("how often the range shall hold what comes (0.8)")
    )
    parser.add_argument(
        "--test",
        type=_whole(0, 100_000),
        default=0,
        metavar="N",
        help=_("keep the last N steps aside and compare the forecast with them"),
    )
    parser.add_argument(
        "--gather",
        choices=("sum", "mean"),
        help=_("how rows of the same step are put together; without it whole numbers are summed"),
    )


def answer(options: argparse.Namespace) -> dict[str, Any]:
    """See the package. With --test the last N steps are not shown to the method; the horizon is at most N."""
    from niva.numbers.forecast import Refused, foresee
    from niva.numbers.from_file.reading import Unreadable

    series = _series(options)
    if not 0 <= options.test < len(series.values):
        raise Unreadable("too_short", str(len(series.values)))
    kept = series.values
    horizon = options.horizon
    if options.test:
        horizon = min(horizon, options.test)
        series = replace(series, values=kept[: len(kept) - options.test])
    found: dict[str, Any] = {
        "step": series.step.name, "history": len(series.values) - series.gaps, "horizon": horizon,
        "odds": options.odds, "until": _stamp(series.at(len(series.values) - 1), series),
        "gaps": series.gaps,
    }  # fmt: skip
    try:
        forecast = foresee(series, horizon=horizon, odds=options.odds)
    except Refused as refused:
        return found | {"refused": refused.code, "forecast": [], "total": None, "past_error": None}
    found |= _told(forecast, series)
    if options.test:
        found["test"] = _compared(forecast, kept[len(series.values) :][:horizon])
    return found


def _told(forecast: Forecast, series: Series) -> dict[str, Any]:
    steps = [
        {"at": _stamp(one.at, series), "expected": one.expected, "low": one.low, "high": one.high}
        for one in forecast.steps
    ]
    total = asdict(forecast.total) if forecast.total else None
    return {"forecast": steps, "total": total, "past_error": asdict(forecast.past)}


def _compared(forecast: Forecast, came: Values) -> dict[str, Any]:
    """The steps kept aside beside what was said of them."""
    pairs = [
        (one, value) for one, value in zip(forecast.steps, came.tolist(), strict=False) if value == value
    ]
    inside = sum(one.low <= value <= one.high for one, value in pairs)
    whole = len(pairs) == len(forecast.steps)
    total = sum(value for _one, value in pairs)
    told = forecast.total if whole else None
    return {
        "steps": len(pairs),
        "inside": inside,
        "mean_absolute_error": sum(abs(one.expected - value) for one, value in pairs) / max(len(pairs), 1),
        "total": total if whole else None,
        "total_inside": told.low <= total <= told.high if told else None,
    }


def _series(options: argparse.Namespace) -> Series:
    from niva.numbers.forecast import regular
    from niva.numbers.from_file.reading import Unreadable

    table = _table(Path(options.file))
    at = table.column(options.time, *TIMES)
    value = table.column(options.value, *VALUES) or next(
        (name for name in table.head if name != at and _is_number(table, name)), None
    )
    if at is None or value is None:
        raise Unreadable("no_column", "time" if at is None else "value")
    rows = [
        (moment, number)
        for moment, number in zip(table.moments(at), table.numbers(value), strict=True)
        if moment is not None
    ]
    import numpy as np

    try:
        return regular([at for at, _n in rows], np.array([n for _at, n in rows]), gather=options.gather)
    except ValueError as error:
        raise Unreadable("empty", options.file) from error


def _table(path: Path) -> File:
    """A delimited file, a script with one between backquotes, or a JSON list of rows."""
    from niva.numbers.from_file import reading

    if path.suffix.lower() not in (".js", ".json") or not path.is_file():
        return reading.read(path)
    if path.stat().st_size > reading.LARGEST:
        raise reading.Unreadable("too_large", str(path))
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    if path.suffix.lower() == ".json":
        return _from_json(text, path)
    inside = text.split("`")
    if len(inside) < 3:
        raise reading.Unreadable("one_column", str(path))
    return _from_csv(inside[1].strip(), path)


def _from_json(text: str, path: Path) -> File:
    import json

    from niva.numbers.from_file.reading import File, Unreadable

    try:
        rows = json.loads(text)
    except ValueError as error:
        raise Unreadable("binary", str(path)) from error
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise Unreadable("empty", str(path))
    head = tuple(dict.fromkeys(str(name) for row in rows for name in row))
    cells = tuple(tuple("" if row.get(name) is None else str(row[name]) for name in head) for row in rows)
    return File(head, cells)


def _from_csv(text: str, path: Path) -> File:
    from niva.kit import tables
    from niva.numbers.from_file.reading import File, Unreadable

    try:
        (_line, head), *rest = tables.read(text).rows
    except tables.NotATable as error:
        raise Unreadable(error.code, str(path)) from error
    width = len(head)
    return File(tuple(head), tuple(tuple((cells + [""] * width)[:width]) for _line, cells in rest))


def _is_number(table: File, name: str) -> bool:
    from niva.numbers.from_file.reading import Unreadable

    try:
        found = table.numbers(name)
    except Unreadable:
        return False
    return bool((found == found).any())


def _stamp(at: datetime, series: Series) -> str:
    return at.isoformat(timespec="minutes") if series.step.name == "hour" else at.date().isoformat()


def _whole(least: int, most: int) -> Any:
    def number(text: str) -> int:
        found = int(text)
        if not least <= found <= most:
            raise ValueError(text)
        return found

    number.__name__ = f"{least}–{most}"
    return number


def _odds(text: str) -> float:
    found = float(text.replace(",", "."))
    if not 0.5 <= found <= 0.98:
        raise ValueError(text)
    return found
