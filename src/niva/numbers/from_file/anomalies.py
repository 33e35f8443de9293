"""What is out of the ordinary in a table's column, told by its own past."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from niva.kit.postgres.errors import gettext_noop

if TYPE_CHECKING:
    import numpy as np

    from niva.numbers.anomalies import Scored
    from niva.numbers.from_file.reading import File

HELP = gettext_noop("what is out of the ordinary in a series, told by its own past; each time once")
COLUMNS = gettext_noop(
    "a CSV with a column of moments or days and a column of numbers, a line for each moment; lines may be in "
    "any order, an empty cell is a missing value"
)
TIMES = ("timestamp", "time", "date", "day", "at", "дата", "время", "день")  # cyrillic: column names
VALUES = ("value", "mentions", "followers", "reach", "views", "leads", "cost")
VALUES_IN_RUSSIAN = ("значение", "охват", "подписчики")  # cyrillic: column names


def add(parser: argparse.ArgumentParser) -> None:
    from niva.kit.postgres.errors import gettext_noop as _  # translated by the command

    parser.add_argument("--time", metavar="COLUMN", help=_("the column of days or moments"))
    parser.add_argument("--value", metavar="COLUMN", help=_("the column of numbers"))
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--budget",
        type=_budget,
        metavar="N",
        help=_("how many of 1,000 ordinary points may be called out of the ordinary, such as 0.5"),
    )
    how.add_argument(
        "--threshold",
        type=_threshold,
        metavar="X",
        help=_("the least score that is told; without it, the one learnt on labelled series"),
    )
    parser.add_argument("--scores", action="store_true", help=_("print the score of every point, too"))


def answer(options: argparse.Namespace) -> dict[str, Any]:
    """Episodes with their bounds, and `flagged`: the moments at which an alarm would have been raised.

    Scores are natural logarithms: one of 7 comes once in some 1,100 points by the series' own
    past (`once_in_points`). What was done to the lines stands in `handled`.
    """
    import numpy as np

    from niva.numbers import anomalies
    from niva.numbers.from_file.reading import Unreadable, read

    file = read(Path(options.file))
    stamps, times, values, handled = _series(file, options.time, options.value)
    try:
        scored = anomalies.score(times, values)
    except anomalies.TooShort as error:
        raise Unreadable("too_short", f"{len(times)} < {error.least}") from error
    threshold = scored.manner.threshold
    if options.budget is not None:
        threshold = anomalies.threshold_of(options.budget)
    elif options.threshold is not None:
        threshold = options.threshold
    found = anomalies.episodes(scored, threshold)
    told = [
        {
            "start": stamps[one.start], "end": stamps[one.end], "peak_at": stamps[one.peak],
            "value": one.value, "expected": round(one.expected, 6), "score": round(one.score, 3),
            "direction": one.direction, "once_in_points": one.once_in,
        }
        for one in found
    ]  # fmt: skip
    answered: dict[str, Any] = {
        "points": len(times), "step_seconds": scored.step, "kind": scored.kind,
        "threshold": round(threshold, 3), "budget": round(anomalies.budget_of(threshold), 4),
        "warm_up": scored.manner.warm_up, "quiet_seconds": scored.manner.quiet,
        "constant": bool(np.all(values == values[0])), "handled": handled,
        "episodes": told, "flagged": [stamps[one.start] for one in found],
    }  # fmt: skip
    if options.scores:
        answered["scores"] = _scores(stamps, scored)
    return answered


def _series(
    file: File, time: str | None, value: str | None
) -> tuple[list[str], np.ndarray[Any, Any], np.ndarray[Any, Any], dict[str, int]]:
    """Moments as they will be printed, as seconds, and the values, in the order of time."""
    from datetime import date, datetime
    from datetime import time as clock
    from itertools import pairwise

    import numpy as np

    from niva.numbers.from_file.reading import Unreadable

    when = file.column(time, *TIMES) or file.head[0]
    moments = file.moments(when)
    numbers = file.numbers(_value_column(file, value, when))
    there = [
        (moment, float(number))
        for moment, number in zip(moments, numbers, strict=True)
        if moment is not None and np.isfinite(number)
    ]
    if not there:
        raise Unreadable("empty", when)
    # The same moment twice: what stands later in the file is taken for the correction of what stands above.
    once = dict(there)
    ordered = sorted(once)
    monday = datetime.combine(date(2001, 1, 1), clock())
    times = np.array([(moment - monday).total_seconds() for moment in ordered])
    steps = np.diff(times)
    handled = {
        "missing": len(moments) - len(there),
        "duplicates": len(there) - len(once),
        "unsorted": sum(1 for (one, _), (other, _) in pairwise(there) if other < one),
        "gaps": int(np.sum(steps > 1.5 * np.median(steps))) if len(steps) else 0,
    }
    return (
        [moment.isoformat(" ") for moment in ordered],
        times,
        np.array([once[one] for one in ordered]),
        handled,
    )


def _value_column(file: File, wanted: str | None, when: str) -> str:
    from niva.numbers.from_file.reading import Unreadable

    named = file.column(wanted, *VALUES, *VALUES_IN_RUSSIAN)
    if named is not None and named != when:
        return named
    others = [name for name in file.head if name != when]
    for name in others:
        try:
            file.numbers(name)
        except Unreadable:
            continue
        return name
    raise Unreadable("no_number", ", ".join(others))


def _scores(stamps: list[str], scored: Scored) -> list[dict[str, Any]]:
    """Every point's score; None in the warm-up, where nothing can be said."""
    import math

    return [
        {"at": stamp, "score": None if math.isnan(one) else round(float(one), 3)}
        for stamp, one in zip(stamps, scored.scores, strict=True)
    ]


def _budget(text: str) -> float:
    number = float(text.replace(",", "."))
    if not 0 < number <= 100:
        raise ValueError(text)
    return number


def _threshold(text: str) -> float:
    number = float(text.replace(",", "."))
    if not 0 < number < 1000:
        raise ValueError(text)
    return number
