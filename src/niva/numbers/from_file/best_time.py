"""The best time to post by a file of posts, or the answer that none can be told.

Posts need a moment, or a weekday and an hour (then their order in the file is their order in time; a column
of months says which end is the newest). Columns that are not named are looked for by their usual names.
"""

from __future__ import annotations

import argparse
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from niva.kit.postgres.errors import gettext_noop

if TYPE_CHECKING:
    from niva.numbers.best_time import Slot
    from niva.numbers.chance import Array
    from niva.numbers.from_file.reading import File
    from niva.numbers.levels import Flags, Ints, Posts
    from niva.numbers.walk import Kept

HELP = gettext_noop(
    "when posts do better than usual, or that no difference can be told; checked on its own past"
)
COLUMNS = gettext_noop(
    "a CSV with a row for each post: a moment (or a weekday and an hour) and a number that the post got; a "
    "channel, a form, a rubric and a mark of paid ones are taken into account where they are"
)
TIMES: Final = (
    "published_at", "publish time", "created_time", "posted_at", "post time", "timestamp", "datetime",
    "time", "date", "дата публикации", "время публикации", "дата",  # cyrillic: column names
)  # fmt: skip
HOURS: Final = ("hour", "post hour", "час")  # cyrillic: column names
WEEKDAYS: Final = ("weekday", "post weekday", "день недели")  # cyrillic: column names
MONTHS: Final = ("month", "post month", "месяц")  # cyrillic: column names
VALUES: Final = (
    "reach", "t_reach", "lifetime post total reach", "views", "view_count", "impressions",
    "engaged_users", "value", "likes", "охват", "просмотры", "показы", "значение",  # cyrillic: column names
)  # fmt: skip
CHANNELS: Final = (
    "tg_chat_id", "channel_id", "channel", "page", "account", "username", "community",
    "канал", "сообщество",  # cyrillic: column names
)  # fmt: skip
FORMS: Final = ("format", "type", "media type", "post type", "формат", "тип")  # cyrillic: column names
RUBRICS: Final = ("rubric", "category", "рубрика", "категория")  # cyrillic: column names
PAID: Final = ("paid", "is_paid", "promoted", "реклама", "платный")  # cyrillic: column names
RIPE: Final = 3.0
"""Days before the newest post within which posts are still gathering, and are left out."""
_EVERY: Final[tuple[str, ...]] = ("hours", "weekdays", "both", "cells")
_ZONE: Final = re.compile(r"(?:Z|([+-])(\d{2}):?(\d{2}))$")
_NO: Final = frozenset({"", "0", "0.0", "no", "false", "n", "нет", "-"})  # cyrillic: no


@dataclass(frozen=True, slots=True)
class _Times:
    day: Array
    weekday: Ints
    hour: Ints
    known: Flags
    shapes: tuple[str, ...]
    seconds: bool


def add(parser: argparse.ArgumentParser) -> None:
    from niva.kit.postgres.errors import gettext_noop as _  # translated by the command

    parser.add_argument("--time", metavar="COLUMN", help=_("the column of days or moments"))
    parser.add_argument("--hour", metavar="COLUMN", help=_("the column of hours, when there are no moments"))
    parser.add_argument("--weekday", metavar="COLUMN", help=_("the column of weekdays, 1 to 7"))
    parser.add_argument("--value", metavar="COLUMN", help=_("the column of numbers"))
    parser.add_argument(
        "--channel", metavar="COLUMN", help=_("the column of channels: each is compared with itself")
    )
    parser.add_argument("--format", metavar="COLUMN", help=_("the column of forms"))
    parser.add_argument(
        "--paid", metavar="COLUMN", help=_("the column that marks paid posts; they are left out")
    )
    parser.add_argument(
        "--zone", help=_("the zone of the answer, as Europe/Moscow, when the moments name theirs")
    )


def answer(options: argparse.Namespace) -> dict[str, Any]:
    """See the package. Gains, `promised` and `realised` are shares (0.12 is twelve per cent more)."""
    from niva.numbers.best_time import Reason
    from niva.numbers.from_file.reading import read
    from niva.numbers.levels import usable
    from niva.numbers.walk import told, walk

    file = read(Path(options.file))
    posts, shapes, left_out, value = posts_of(options, file)
    used, more = usable(posts)
    left_out |= more
    if not len(used):
        return _empty(value, left_out)
    record = walk(used, shapes=shapes)
    advice = told(used, record.ours, shapes=shapes)
    verdict = "slots" if advice.slots else "no_difference"
    if advice.reason is Reason.FEW_POSTS:
        verdict = "too_few"
    return {
        "verdict": verdict, "reason": advice.reason.value if advice.reason else None, "value": value,
        "slots": [_slot(one) for one in advice.slots], "odds": 0.8,
        "chance": advice.chance, **_kept(record.ours),
        "baseline_raw": _kept(record.means), "posts_used": advice.rests_on, "left_out": left_out,
    }  # fmt: skip


def _empty(value: str, left_out: dict[str, int]) -> dict[str, Any]:
    nothing = {"promised": None, "realised": None}
    return {
        "verdict": "too_few", "reason": "few_posts", "value": value, "slots": [], "odds": 0.8, "chance": None,
        **nothing, "baseline_raw": nothing, "posts_used": 0, "left_out": left_out,
    }  # fmt: skip


def _slot(slot: Slot) -> dict[str, Any]:
    found: dict[str, Any] = {} if slot.weekday is None else {"weekday": slot.weekday}
    return found | {
        "hours": [slot.since, slot.until], "gain": _share(slot.gain), "low": _share(slot.low),
        "high": _share(slot.high), "posts": slot.posts,
    }  # fmt: skip


def _kept(kept: Kept) -> dict[str, Any]:
    return {
        "promised": _share(kept.promised), "realised": _share(kept.realised),
        "realised_low": _share(kept.low), "realised_high": _share(kept.high),
        "asked": kept.asked, "advised": kept.advised, "posts_inside": kept.inside,
    }  # fmt: skip


def _share(factor: float | None) -> float | None:
    return None if factor is None else round(factor - 1, 4)


def posts_of(options: argparse.Namespace, file: File) -> tuple[Posts, tuple[str, ...], dict[str, int], str]:
    """The posts, what can be asked of them, how many were left out, the name of the value's column."""
    import numpy as np

    from niva.numbers.from_file.reading import Unreadable
    from niva.numbers.levels import Posts, without_parts

    value = file.column(options.value, *VALUES)
    if value is None:
        raise Unreadable("no_column", "--value")
    times = _times(options, file)
    paid = file.column(options.paid, *PAID)
    marks = (
        [cell.strip().lower() not in _NO for cell in file.cells(paid)] if paid else [False] * len(file.rows)
    )
    content = {}
    for name, column in (
        ("format", file.column(options.format, *FORMS)),
        ("rubric", file.column(None, *RUBRICS)),
    ):
        if column and column != value:
            content[name] = _codes(file.cells(column))
    channel = file.column(options.channel, *CHANNELS)
    codes = _codes(file.cells(channel)) if channel else np.zeros(len(file.rows), dtype=np.int64)
    posts = Posts(
        times.day, times.weekday, times.hour, file.numbers(value), codes, np.array(marks), content
    ).take(times.known)
    left_out = {} if times.known.all() else {"no_time": int((~times.known).sum())}
    if times.seconds:
        posts, parts = without_parts(posts)
        ripe = posts.day <= posts.day.max(initial=0.0) - RIPE
        for reason, count in (("same_moment", parts), ("too_fresh", int((~ripe).sum()))):
            if count:
                left_out[reason] = count
        posts = posts.take(ripe)
    return posts, times.shapes, left_out, value


def _times(options: argparse.Namespace, file: File) -> _Times:
    from niva.numbers.from_file.reading import Unreadable

    hour, weekday = file.column(options.hour, *HOURS), file.column(options.weekday, *WEEKDAYS)
    moment = None if options.hour or options.weekday else file.column(options.time, *TIMES)
    if moment is not None:
        return _of_moments(file, moment, options.zone)
    if hour is None and weekday is None:
        raise Unreadable("no_column", "--time")
    return _of_hours(file, hour, weekday)


def _of_moments(file: File, column: str, zone: str | None) -> _Times:
    import numpy as np

    from niva.numbers.from_file.reading import Unreadable

    moments = [
        _local(found, cell, zone)
        for found, cell in zip(file.moments(column), file.cells(column), strict=True)
    ]
    known = np.array([one is not None for one in moments])
    if not known.any():
        raise Unreadable("no_moment", column)
    first = min(one for one in moments if one is not None)
    filled = [one or first for one in moments]
    begin = datetime.combine(first.date(), time())
    day = np.array([(one - begin) / timedelta(days=1) for one in filled])
    hour = np.array([one.hour for one in filled], dtype=np.int64)
    hours = bool((day % 1 != 0).any())
    shapes = _EVERY if hours else ("weekdays",)
    weekday = np.array([one.isoweekday() for one in filled], dtype=np.int64)
    seconds = any(one.second for one in filled)
    return _Times(day, weekday, hour, known, shapes, seconds)


def _local(found: datetime | None, cell: str, zone: str | None) -> datetime | None:
    """A moment on the clock of the wanted zone; as it stands when it names no zone of its own."""
    from niva.numbers.from_file.reading import Unreadable

    if found is None or zone is None:
        return found
    try:
        there = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Unreadable("no_zone", zone[:60]) from error
    own = _ZONE.search(cell.strip())
    if own is None:
        return found
    sign, hours, minutes = own.groups()
    ahead = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    return (found - ahead).replace(tzinfo=UTC).astimezone(there).replace(tzinfo=None)


def _of_hours(file: File, hour: str | None, weekday: str | None) -> _Times:
    """Posts without moments: a new weekday is a new day, the order of the file is the order in time."""
    import numpy as np

    from niva.numbers.from_file.reading import Unreadable

    count = len(file.rows)
    hours = file.numbers(hour) if hour else np.zeros(count)
    days = file.numbers(weekday) if weekday else np.ones(count)
    known = np.isfinite(hours) & np.isfinite(days)
    whole_hours = np.where(known, hours, 0).astype(np.int64)
    whole_days = np.where(known, days, 1).astype(np.int64)
    if hour and (whole_hours.min() < 0 or whole_hours.max() > 23):
        raise Unreadable("no_hour", hour)
    if whole_days.min() < 1 or whole_days.max() > 7:
        raise Unreadable("no_weekday", weekday or "")
    months = file.column(None, *MONTHS)
    backwards = months is not None and _falls(file.numbers(months))
    turned = whole_days[::-1] if backwards else whole_days
    passed = np.cumsum(np.diff(turned, prepend=turned[:1]) % 7)
    if not weekday:
        passed = np.arange(count)
    passed = passed[::-1] if backwards else passed
    # A little for the place within an hour, so that posts of one hour keep their order.
    place = np.arange(count)[::-1] if backwards else np.arange(count)
    day = passed + whole_hours / 24 + place / (count * 24 * 60)
    shapes = _EVERY if hour and weekday else ("hours",) if hour else ("weekdays",)
    return _Times(day, whole_days, whole_hours, known, shapes, False)


def _falls(months: Array) -> bool:
    """Whether a file goes from the newest post to the oldest: most steps between months go back."""
    known = months[[not math.isnan(one) for one in months]]
    steps = known[1:] - known[:-1]
    return bool((steps < 0).sum() > (steps > 0).sum())


def _codes(cells: list[str]) -> Ints:
    import numpy as np

    _names, codes = np.unique(np.array(cells), return_inverse=True)
    return np.asarray(codes.reshape(-1), dtype=np.int64)
