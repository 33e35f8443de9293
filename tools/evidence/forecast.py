"""Forecasts on every daily and hourly series there is: the engine sees a series cut off, and no more.

The constants are the same for every series. Those of the averaging and of the days' ranges were halved and
doubled without moving the mean error by a hundredth; the widening of the ranges of sums was settled on
simulated worlds and on these series together.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Final

import numpy as np

from evidence.chapter import Chapter, table
from niva.numbers.forecast import DAY, HOUR, Refused, Series, foresee, regular

HORIZONS: Final = (7, 14, 28)
MONTH: Final = 30
ORIGINS: Final = 30
FEWEST_DAYS: Final = 60
RIVALS: Final = ("naive", "seasonal", "mean4")
FEW: Final = 6
"""Horizons that do not overlap, below which a series alone proves nothing against the desk; it is printed."""
WORST: Final = 1.15
COVERED: Final = (0.74, 0.86)


@dataclass
class Score:
    """One series at one horizon: errors of logs and in units by name, whether ranges and sums held."""

    logs: dict[str, list[float]] = field(default_factory=dict)
    units: dict[str, list[float]] = field(default_factory=dict)
    inside: list[bool] = field(default_factory=list)
    sums_inside: list[bool] = field(default_factory=list)
    sums_off: dict[str, list[float]] = field(default_factory=dict)
    origins: int = 0
    span: int = 0

    def log(self, name: str) -> float | None:
        return float(np.mean(self.logs[name])) if self.logs.get(name) else None

    def mase(self, rival: str) -> float | None:
        worse = float(np.mean(self.units[rival])) if self.units.get(rival) else 0.0
        return float(np.mean(self.units["desk"])) / worse if worse > 0 else None


def study(data: Path | None, *, quick: bool) -> Chapter:
    title = "Forecasts"
    if data is None:
        return Chapter("forecast", title, "NIVA_DATA is not set.", {}, ok=False, because=["no data"])
    series = dict(_all(data))
    origins = 6 if quick else ORIGINS
    scores = {
        (name, horizon): _score(one, horizon, origins)
        for name, one in series.items()
        for horizon in (*HORIZONS, MONTH)
    }
    scores = {key: score for key, score in scores.items() if score.origins}
    figures = {f"h{horizon}": _summary(scores, horizon) for horizon in (*HORIZONS, MONTH)}
    figures["series"] = {"daily": sum(one.step is DAY for one in series.values()), "all": len(series)}
    because = _complaints(figures, scores)
    return Chapter("forecast", title, _text(series, scores, figures), figures, not because, because)


def _score(series: Series, horizon: int, origins: int) -> Score:
    """Forecasts made at evenly spread moments of the last two thirds, each told nothing of what came."""
    values, found = series.values, Score()
    first = max(len(values) // 3, 2 * series.step.cycle + horizon + 10)
    last = len(values) - horizon
    if last <= first:
        return found
    found.span = last - first
    for origin in sorted({int(one) for one in np.linspace(first, last, origins)}):
        seen = Series(series.starts, series.step, values[:origin])
        try:
            told = foresee(seen, horizon=horizon, tried=1)
        except Refused:
            continue
        _add(found, seen, told, values[origin : origin + horizon])
    return found


def _add(found: Score, seen: Series, told: object, came: np.ndarray) -> None:
    steps, total = told.steps, told.total  # type: ignore[attr-defined]
    known = ~np.isnan(came)
    if not known.any():
        return
    found.origins += 1
    said = {"desk": np.array([one.expected for one in steps])} | _rivals(seen, len(came))
    added = 1.0 if (seen.values == 0).any() or (came == 0).any() else 0.0
    for name, values in said.items():
        found.units.setdefault(name, []).extend(np.abs(came - values)[known])
        logs = np.abs(np.log(came + added) - np.log(np.maximum(values, 1e-9) + added))
        found.logs.setdefault(name, []).extend(logs[known])
    found.inside.extend(
        one.low <= value <= one.high for one, value in zip(steps, came, strict=True) if value == value
    )
    if total is None or not known.all() or came.sum() <= 0:
        return
    found.sums_inside.append(total.low <= came.sum() <= total.high)
    found.sums_off.setdefault("desk", []).append(abs(total.expected / came.sum() - 1))
    for name in RIVALS:
        found.sums_off.setdefault(name, []).append(abs(said[name].sum() / came.sum() - 1))


def _rivals(seen: Series, horizon: int) -> dict[str, np.ndarray]:
    """What anybody reckons by hand, written apart from the engine: the last known value; the same weekday
    (hour) of the last cycle; the plain mean of the last four cycles."""
    cycle, values = seen.step.cycle, seen.values
    known = values[~np.isnan(values)]
    recent = values[-4 * cycle :]
    recent = recent[~np.isnan(recent)]
    mean = float(recent.mean()) if len(recent) else float(known[-1])
    same = []
    for phase in range(cycle):
        column = values[len(values) - cycle + phase :: -cycle] if len(values) >= cycle else known
        column = column[~np.isnan(column)]
        same.append(float(column[0]) if len(column) else mean)
    return {
        "naive": np.full(horizon, known[-1]),
        "seasonal": np.resize(np.array(same), horizon),
        "mean4": np.full(horizon, mean),
    }


def _summary(scores: dict[tuple[str, int], Score], horizon: int) -> dict[str, float | None]:
    """Means over series, so that a long series weighs as much as a short one; ratios by geometric means."""
    ours = [score for (_name, h), score in scores.items() if h == horizon]
    found: dict[str, float | None] = {"series": float(len(ours))}
    for name in ("desk", *RIVALS):
        found[f"mae_log_{name}"] = _mean([one.log(name) for one in ours])
    for rival in RIVALS:
        ratios = [one.mase(rival) for one in ours]
        found[f"mase_{rival}"] = _geometric(ratios)
        found[f"worse_than_{rival}"] = float(sum(ratio is not None and ratio > 1 for ratio in ratios))
    found["coverage"] = _mean([float(np.mean(one.inside)) for one in ours if one.inside])
    found["sums_inside"] = _mean([float(np.mean(one.sums_inside)) for one in ours if one.sums_inside])
    for name in ("desk", *RIVALS):
        found[f"sum_error_{name}"] = _mean(
            [float(np.mean(one.sums_off[name])) for one in ours if one.sums_off.get(name)]
        )
    return {key: None if value is None else round(value, 4) for key, value in found.items()}


def _complaints(figures: dict[str, dict[str, float]], scores: dict[tuple[str, int], Score]) -> list[str]:
    found = []
    for horizon in (*HORIZONS, MONTH):
        one = figures[f"h{horizon}"]
        found += [f"{r} is better at {horizon}" for r in RIVALS if (one[f"mase_{r}"] or 9) >= 1]
        if not COVERED[0] <= (one["coverage"] or 0) <= COVERED[1]:
            found.append(f"coverage {one['coverage']} at {horizon}")
    for (name, horizon), score in scores.items():
        for rival in RIVALS:
            ratio = score.mase(rival)
            if (
                score.origins >= ORIGINS // 2
                and score.span >= FEW * horizon
                and ratio is not None
                and ratio > WORST
            ):
                found.append(f"{name}: {ratio:.2f} of {rival} at {horizon}")
    return found


def _text(
    series: dict[str, Series], scores: dict[tuple[str, int], Score], figures: dict[str, dict[str, float]]
) -> str:
    head = ["steps ahead", "series", "desk", *RIVALS, *(f"MASE {one}" for one in RIVALS), "80 % range holds"]
    rows: list[list[object]] = []
    for horizon in (*HORIZONS, MONTH):
        one = figures[f"h{horizon}"]
        errors = [one[f"mae_log_{name}"] for name in ("desk", *RIVALS)]
        ratios = [one[f"mase_{rival}"] for rival in RIVALS]
        rows.append([horizon, int(one["series"]), *errors, *ratios, one["coverage"]])
    sums: list[list[object]] = [
        [h, *(figures[f"h{h}"][f"sum_error_{n}"] for n in ("desk", *RIVALS)), figures[f"h{h}"]["sums_inside"]]
        for h in (*HORIZONS, MONTH)
    ]
    each: list[list[object]] = []
    for name, one in series.items():
        score = scores.get((name, 28))
        if score is None:
            each.append([name, one.step.name, len(one.values), *[None] * 8])
            continue
        each.append(
            [
                name, one.step.name, len(one.values), score.origins, score.log("desk"),
                *(score.log(rival) for rival in RIVALS), *(score.mase(rival) for rival in RIVALS),
                float(np.mean(score.inside)),
            ]
        )  # fmt: skip
    wide = ["series", "step", "length", "origins", "desk", *RIVALS, *(f"MASE {r}" for r in RIVALS), "holds"]
    return "\n\n".join(
        [
            f"Every series is cut off at up to {ORIGINS} moments spread over its last two thirds; the engine "
            "sees what is before, and what came is compared with what it said. *naive*: the last value; "
            "*seasonal*: the same weekday (hour) of the last week (day); *mean4*: the plain mean of the last "
            "four weeks (days). Mean absolute error of logarithms (0.1 is some 10 %), averaged over series; "
            "MASE is the error divided by the rival's, below 1 the desk is better (geometric mean).",
            table(head, rows),
            "Sums of the whole horizon: mean relative error, and how often the 80 % range held the sum.",
            table(["steps", "desk", *RIVALS, "80 % range holds"], sums),
            "Each series, 28 steps ahead:",
            table(wide, each),
            "Where it falls short: ranges of sums hold too seldom on accounts that grow by leaps within "
            "their first half year (the posts of `insights`): there the past holds no such sums. Where "
            "weekdays do not matter, the plain mean of four weeks is as good, up to some percents better. "
            "A price has no total; its sum stands here only as a mean times the steps. " + _worst(scores),
        ]
    )


def _worst(scores: dict[tuple[str, int], Score]) -> str:
    """The greatest loss to a rival, whatever the series' length."""
    ratio, name, rival, horizon = max(
        (score.mase(rival) or 0.0, name, rival, horizon)
        for (name, horizon), score in scores.items()
        for rival in RIVALS
    )
    return f"The greatest loss: {ratio:.2f} of {rival}'s error, {horizon} steps ahead, {name}."


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None and math.isfinite(value)]
    return float(np.mean(known)) if known else None


def _geometric(values: list[float | None]) -> float | None:
    known = [math.log(value) for value in values if value]
    return math.exp(float(np.mean(known))) if known else None


# The series


def _all(data: Path) -> Iterator[tuple[str, Series]]:
    """Every series of at least FEWEST_DAYS, by a short name."""
    for name, moments, values in [*_reach(data), *_upworthy(data), *_insights(data), *_telegram(data)]:
        if len({at.date() for at in moments}) >= FEWEST_DAYS:
            yield name, regular(moments, np.array(values))
    for path in sorted([*data.glob("nab_*/*.csv")]):
        rows = _rows(path)
        moments = [datetime.fromisoformat(row["timestamp"]) for row in rows]
        numbers = np.array([float(row["value"]) for row in rows])
        name = path.stem.replace("Twitter_volume", "mentions").replace("_results", "")
        hourly = regular(moments, numbers)
        yield f"{name}, hours", hourly
        daily = _days_of(hourly, mean=not name.startswith("mentions"))
        if len(daily.values) - daily.gaps >= FEWEST_DAYS:
            yield f"{name}, days", daily


def _days_of(hourly: Series, *, mean: bool) -> Series:
    first = hourly.starts.replace(hour=0)
    padded = np.concatenate([np.full(hourly.starts.hour, np.nan), hourly.values])
    padded = np.concatenate([padded, np.full(-len(padded) % 24, np.nan)]).reshape(-1, 24)
    known = np.sum(~np.isnan(padded), axis=1)
    sums = np.nansum(padded, axis=1)
    days = np.where(known >= 20, sums / np.maximum(known, 1) * (1 if mean else 24), np.nan)
    whole = np.flatnonzero(~np.isnan(days))
    assert hourly.step is HOUR
    return Series(datetime.combine(first.date(), time()), DAY, days[: whole[-1] + 1])


Raw = tuple[str, list[datetime], list[float]]


def _reach(data: Path) -> Iterator[Raw]:
    for path in sorted(data.glob("instagram_reach_daily/*.csv")):
        rows = _rows(path)
        yield (
            path.stem,
            [datetime.fromisoformat(row["Date"][:10]) for row in rows],
            [float(row["Instagram reach"]) for row in rows],
        )


def _upworthy(data: Path) -> Iterator[Raw]:
    """Scripts with a table between backquotes, days as month/day/year."""
    for path in sorted(data.glob("upworthy/*.js")):
        rows = list(csv.DictReader(path.read_text().split("`")[1].strip().splitlines()))
        for column in ("Users", "New Users", "Sessions", "Pageviews"):
            if column not in rows[0] or ("users" in path.stem and column == "Pageviews"):
                continue
            full = [row for row in rows if row[column]]
            yield (
                f"upworthy {column.lower()}",
                [_american(row["Day Index"]) for row in full],
                [float(row[column].replace(",", "")) for row in full],
            )


def _american(cell: str) -> datetime:
    month, day, year = (int(part) for part in cell.split("/"))
    return datetime.combine(date(2000 + year, month, day), time())


def _insights(data: Path) -> Iterator[Raw]:
    path = data / "instagram_insights" / "Instagram_data.csv"
    if not path.is_file():
        return
    rows = [row for row in _rows(path) if re.match(r"\d{4}-\d\d-\d\d", row["Date"])]
    for column in ("Impressions", "Likes", "Saves", "Shares", "Comments", "Profile Visits", "Follows"):
        yield (
            f"insights {column.lower()}",
            [datetime.fromisoformat(row["Date"][:10]) for row in rows],
            [float(row[column]) for row in rows],
        )


def _telegram(data: Path) -> Iterator[Raw]:
    """Views of a channel's posts by their day; a day without posts is unread (its views are of no post)."""
    path = data / "telegram_posts_reactions" / "tg_posts.csv"
    if not path.is_file():
        return
    found: dict[str, Raw] = {}
    for row in _rows(path):
        if row["view_count"]:
            name = f"telegram {row['tg_chat_id'][-4:]}"
            _name, moments, values = found.setdefault(name, (name, [], []))
            at = datetime.fromisoformat(row["published_at"])
            moments.append(datetime.combine(at.date(), time()))
            values.append(float(row["view_count"]))
    yield from found.values()


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
