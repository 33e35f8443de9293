"""Is the money spent as fast as the days go? Plan, spent and left of one kind in one month. Pure.

Advertising and placements are spent day by day, so their share spent is set against the share of days gone,
today among them. The rest (people, tools, the fee) is paid once: of it is only told when it goes over.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from niva.domains.clients.models import CostKind

BY_DAYS: Final = frozenset({CostKind.ADS, CostKind.PLACEMENTS})
DOUBLE_DAYS: Final = 7


class Alert(StrEnum):
    NONE = ""
    FAST = "fast"
    SLOW = "slow"
    OVER = "over"  # more than the plan is spent already


@dataclass(frozen=True, slots=True)
class Pace:
    """`spent_share`, `day_share`: of 1; `off`: their difference in percent points, None where it is not
    judged by days. `unknown_rows`: expenses of this kind whose sum nobody knows."""

    kind: str
    plan: Decimal
    spent: Decimal
    day_share: Decimal
    off: Decimal | None
    alert: Alert
    unknown_rows: int = 0

    @property
    def left(self) -> Decimal:
        return self.plan - self.spent

    @property
    def spent_share(self) -> Decimal | None:
        return self.spent / self.plan if self.plan else None


def month_days(month: date) -> tuple[date, date]:
    """First and last day of the month of this day."""
    last = calendar.monthrange(month.year, month.month)[1]
    return month.replace(day=1), month.replace(day=last)


def next_month(month: date) -> date:
    return month_days(month)[1] + timedelta(days=1)


def pace(
    kind: str, plan: Decimal, spent: Decimal, month: date, today: date, *, points: int, unknown_rows: int = 0
) -> Pace:
    """How one kind of cost stands on `today`. `points`: how far off is worth an alarm, percent points."""
    first, last = month_days(month)
    gone = min(max((today - first).days + 1, 0), last.day)
    days = Decimal(gone) / last.day
    if not plan:
        alert = Alert.OVER if spent > 0 else Alert.NONE
        return Pace(kind, plan, spent, days, None, alert, unknown_rows)
    share = spent / plan
    if kind not in BY_DAYS:
        return Pace(kind, plan, spent, days, None, Alert.OVER if share > 1 else Alert.NONE, unknown_rows)
    off = (share - days) * 100
    alert = Alert.NONE
    if share > 1:
        alert = Alert.OVER
    elif abs(off) > points:
        # A sum that nobody knows may be just what is missing.
        alert = Alert.FAST if off > 0 else (Alert.NONE if unknown_rows else Alert.SLOW)
    return Pace(kind, plan, spent, days, off, alert, unknown_rows)
