"""The forecast itself: nine simple models averaged by their past, with ranges from their own past errors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import numpy as np

from niva.numbers.forecast import models, ranges
from niva.numbers.forecast.grid import Series, Step, Values
from niva.numbers.forecast.models import Grid
from niva.numbers.forecast.scales import Scale, scale_of

FADING: Final = 0.98
"""What an error of a model weighs beside the next one, when models are weighed by their past."""
POWER: Final = 4
"""A model with twice the error of another gets 2**-POWER of its weight."""
EVEN_UNTIL: Final = 20
"""Origins before which all models weigh the same."""
READ_FOR_SUM: Final = 0.8
"""The share of steps that must be read for a sum to be one."""
MOST: Final = {"hour": 3000, "day": 2000, "week": 520}
"""Steps of the past that are looked at; what is older says nothing of tomorrow."""
DRIFT: Final = 0.125
"""The power of its length by which a sum's relative error grows: levels drift."""
TRIED: Final = 120
"""Past origins at which the forecast is tried, spread evenly over the past."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One coming step: `low` to `high` holds what comes as often as `odds` says."""

    at: datetime
    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of all coming steps. Not the sum of their ranges: good and bad days even out."""

    expected: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PastError:
    """How the same method did on this series, always told only what was known by then.

    `mae_log`: mean absolute error of logarithms (0.1 = some 10 %), None for series of both signs. `coverage`:
    the share of steps that came inside their range. `mase_…`: the mean absolute error divided by that of a
    rival at the same origins; below 1 the forecast was better. `origins`: how many past moments were tried.
    `totals`, `totals_inside`, `total_error`: the same of whole sums (the error relative, mean absolute);
    `total_error_naive`: that of last cycles repeated.
    """

    mae_log: float | None
    coverage: float | None
    mase_naive: float | None
    mase_seasonal: float | None
    mase_mean4: float | None
    origins: int
    totals: int
    totals_inside: int
    total_error: float | None
    total_error_naive: float | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """`total` is None where the series has too many gaps for sums; `history`: steps it rests on."""

    steps: tuple[Expected, ...]
    total: Total | None
    past: PastError
    history: int
    gaps: int


class Refused(ValueError):
    """Nothing honest can be said. `code`: "early" (too little past for this horizon), "gaps" (too little of
    it was read), "still" (all values are the same)."""

    def __init__(self, code: Literal["early", "gaps", "still"]) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Walked:
    """What was said at every past origin, and what came, on the series' scale."""

    scale: Scale
    values: Values
    said: Grid
    came: Grid
    step: Step

    @property
    def errors(self) -> Grid:
        found: Grid = (self.came - self.said) / self.scale.unit(self.said)
        return found


def foresee(series: Series, *, horizon: int, odds: float = 0.8, tried: int = TRIED) -> Forecast:
    """The next `horizon` steps after the series' end, the past error from `tried` moments. Raises Refused."""
    values = series.values[-MOST[series.step.name] :]
    walked = _walked(values, series.step, horizon)
    end = np.array([len(values)])
    down, up = (one[0] for one in ranges.of_steps(walked.errors, end, odds))
    said = walked.said[-1]
    if np.isnan(said).any():
        raise Refused("gaps" if np.isnan(values).mean() > 1 - models.KNOWN else "early")
    if np.isnan(down).any():
        raise Refused("early")
    scale, unit = walked.scale, walked.scale.unit(said)
    low = scale.back(said - _floored(down, scale, odds) * unit)
    middle, high = scale.back(said), scale.back(said + _floored(up, scale, odds) * unit)
    first = len(series.values)
    steps = tuple(
        Expected(series.at(first + k), float(middle[k]), float(low[k]), float(high[k]))
        for k in range(horizon)
    )
    sums = _sums(walked, end, horizon, odds)
    total = None
    if sums is not None and not np.isnan(sums.low[0]):
        total = Total(float(sums.expected[0]), float(sums.low[0]), float(sums.high[0]))
    past = _past_error(walked, horizon, odds, tried)
    return Forecast(steps, total, past, int(np.sum(~np.isnan(values))), series.gaps)


def past_error(series: Series, *, horizon: int, odds: float = 0.8, tried: int = TRIED) -> PastError:
    """How forecasts of this series did at `tried` past moments. Raises Refused where there was none."""
    values = series.values[-MOST[series.step.name] :]
    return _past_error(_walked(values, series.step, horizon), horizon, odds, tried)


def _walked(values: Values, step: Step, horizon: int) -> Walked:
    if np.sum(~np.isnan(values)) < models.LEAST:
        raise Refused("early")
    scale, kept = scale_of(values)
    if np.nanmax(kept) == np.nanmin(kept):
        raise Refused("still")
    z = scale.forward(kept)
    all_said = models.walk(z, step, horizon, robust=scale.kind != "count")
    came = models.truth(z, horizon)
    said = _weighed(all_said, came, horizon)
    if scale.kind == "count":
        said = np.maximum(said, 0.0)
    return Walked(scale, kept, said, came, step)


def _weighed(all_said: Grid, came: Grid, horizon: int) -> Grid:
    """The models' average, each weighed by its errors known at that origin, old ones fading."""
    missed = np.abs(came - all_said)
    known = ~np.isnan(missed[0])
    rows = came.shape[0]
    fresh, count = np.zeros((len(all_said), rows)), np.zeros(rows)
    for column in range(horizon):
        late = column + 1
        if late >= rows:
            break
        fresh[:, late:] += np.where(known[:-late, column], missed[:, :-late, column], 0.0)
        count[late:] += known[:-late, column]
    summed = np.zeros_like(fresh)
    held = np.zeros(len(all_said))
    for row in range(rows):
        held = held * FADING + fresh[:, row]
        summed[:, row] = held
    mean = np.maximum(summed.mean(0), 1e-12)
    weights = np.maximum(summed / mean, 1e-3) ** -POWER
    weights[:, np.cumsum(count > 0) <= EVEN_UNTIL] = 1.0
    weights /= weights.sum(0)
    found: Grid = np.einsum("mr,mrh->rh", weights, all_said)
    return found


def _floored(radius: Grid, scale: Scale, odds: float) -> Grid:
    """Counts vary at least as chance does, however quiet the few past days were."""
    return np.maximum(radius, ranges.normal(odds)) if scale.kind == "count" else radius


@dataclass(frozen=True, slots=True)
class _Sums:
    came: Grid
    expected: Grid
    low: Grid
    high: Grid


def _sums(walked: Walked, origins: np.ndarray[Any, Any], horizon: int, odds: float) -> _Sums | None:
    """Sums over the horizon at these origins; None where the series has too many gaps to be summed."""
    if np.isnan(walked.values).mean() > 1 - READ_FOR_SUM:
        return None
    scale = walked.scale
    said, came = scale.back(walked.said), scale.back(walked.came)
    total, errors = _errors_of_sums(scale, said, came, horizon)
    cycle = min(max(walked.step.cycle, 4), horizon)
    middle, radius = ranges.of_sums(
        errors, _errors_of_sums(scale, said, came, cycle)[1], origins,
        horizon=horizon, cycle=cycle, odds=odds, growth=scale.growth + DRIFT,
    )  # fmt: skip
    radius = _floored(radius, scale, odds)
    whole = said.sum(1)[origins]
    low, middle, high = (
        np.array([scale.sum_at(*one) for one in zip(whole, errors_at, strict=True)])
        for errors_at in (middle - radius, middle, middle + radius)
    )
    return _Sums(total[origins], middle, low, high)


def _errors_of_sums(scale: Scale, said: Grid, came: Grid, steps: int) -> tuple[Grid, Grid]:
    """Sums of the first `steps` at each origin, and how far they were from what was said; NaN where too few
    of the steps were read. A sum with a few unread steps is scaled by what was said of them."""
    said, came = said[:, :steps], came[:, :steps]
    both = ~np.isnan(came)
    enough = (both.mean(1) >= READ_FOR_SUM) & ~np.isnan(said).any(1)
    matched, total = np.where(both, said, 0.0).sum(1), np.where(both, came, 0.0).sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        errors = scale.error_of_sums(total, matched)
        whole = total * np.where(matched != 0, said.sum(1) / matched, 1.0)
    return np.where(enough, whole, np.nan), np.where(enough & np.isfinite(errors), errors, np.nan)


def _past_error(walked: Walked, horizon: int, odds: float, tried: int = TRIED) -> PastError:
    """Tried at origins spread over the past at which the ranges of the first step could be told."""
    scale, step = walked.scale, walked.step
    usable = np.flatnonzero(~np.isnan(walked.errors[:, 0]))[ranges.FEWEST :]
    if not len(usable):
        raise Refused("early")
    # Where the whole horizon has come, and ranges of sums could be told: those alone, when there are some.
    whole = usable[(usable >= usable[0] + horizon) & (usable <= len(walked.values) - horizon)]
    usable = whole if len(whole) >= ranges.FEWEST // 2 else usable
    origins = np.unique(usable[np.linspace(0, len(usable) - 1, min(tried, len(usable))).astype(int)])
    said, came = walked.said[origins], walked.came[origins]
    down, up = (_floored(one, scale, odds) for one in ranges.of_steps(walked.errors, origins, odds))
    off = walked.errors[origins]
    known = ~np.isnan(off)
    told = known & ~np.isnan(down)
    values = scale.back(came)
    own = np.abs(values - scale.back(said))
    naive, seasonal, mean4 = (
        _ratio(own, np.abs(values - rival[origins]), known)
        for rival in (
            models.last_value(walked.values, horizon),
            models.last_cycle(walked.values, step, horizon),
            models.four_weeks(walked.values, step, horizon),
        )
    )
    sums = _sums(walked, origins, horizon, odds)
    repeated = models.last_cycle(walked.values, step, horizon)[origins].sum(1)
    return PastError(
        mae_log=_mae_log(values, scale.back(said), known, scale),
        coverage=float(np.mean(((-down <= off) & (off <= up))[told])) if told.any() else None,
        mase_naive=naive,
        mase_seasonal=seasonal,
        mase_mean4=mean4,
        origins=len(origins),
        **_of_totals(sums, repeated),
    )


def _of_totals(sums: _Sums | None, repeated: Grid) -> dict[str, Any]:
    if sums is None:
        return {"totals": 0, "totals_inside": 0, "total_error": None, "total_error_naive": None}
    told = ~np.isnan(sums.came) & ~np.isnan(sums.low)
    inside = (sums.low <= sums.came) & (sums.came <= sums.high)
    some = told & (sums.came > 0)
    rival = some & ~np.isnan(repeated)
    return {
        "totals": int(told.sum()),
        "totals_inside": int(inside[told].sum()),
        "total_error": _relative(sums.expected, sums.came, some),
        "total_error_naive": _relative(repeated, sums.came, rival),
    }


def _relative(said: Grid, came: Grid, where: Any) -> float | None:
    return float(np.mean(np.abs(said - came)[where] / came[where])) if where.any() else None


def _ratio(own: Grid, rival: Grid, known: Any) -> float | None:
    both = known & ~np.isnan(rival)
    worse = float(rival[both].sum())
    return float(own[both].sum()) / worse if worse > 0 else None


def _mae_log(came: Grid, said: Grid, known: Any, scale: Scale) -> float | None:
    """Of logarithms of value + 1 where there are zeros."""
    if scale.kind == "plain" or not known.any():
        return None
    added = scale.added if scale.kind == "log" else 1.0
    return float(np.mean(np.abs(np.log(came[known] + added) - np.log(said[known] + added))))
