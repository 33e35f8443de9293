"""One plain sentence for what `niva.numbers.spread` says of a difference."""

from __future__ import annotations

from django.utils.translation import gettext as _

from niva.kit.text import NBSP, number, span
from niva.numbers.spread import Difference, Verdict

_MINUS = "\u2212"
_TIMES = 3.0
"""From so many times on, a factor is told as "times", not as per cent."""


def sentence(found: Difference, language: str) -> str:
    """Is it noise, in words that need no statistics."""
    if found.low is None or found.high is None or found.ordinary is None:
        return _("There are too few posts or days to tell a difference from chance.")
    span = {"span": between(found.low, found.high, language)}
    if found.verdict is Verdict.REAL:
        return _("This is not chance: the true difference is %(span)s in 8 cases of 10.") % span
    if found.verdict is Verdict.LEANING:
        return _("It looks like a difference, but chance can do this, too: %(span)s in 8 cases of 10.") % span
    usual = {"usual": apart(found.ordinary, language)}
    return _("This is usual here: such numbers differ by up to %(usual)s without any reason.") % usual


def between(low: float, high: float, language: str) -> str:
    """Two factors as a range of changes: "from +12 to +31 %", "from −5 to +8 %", "3 to 5 times"."""
    if low >= _TIMES:
        values = {"low": number(round(low, 1), language), "high": number(round(high, 1), language)}
        return _("%(low)s to %(high)s times as much") % values
    return _("from %(low)s to %(high)s") % {
        "low": signed(low, language).removesuffix(f"{NBSP}%"),
        "high": signed(high, language),
    }


def more(low: float, high: float, language: str) -> str:
    """Two factors on one side of 1 as "40–62 % more" or "16–28 % less"; else the range with its signs."""
    if low >= _TIMES or low <= 1 <= high:
        return between(low, high, language)
    ends = sorted(round(abs(factor - 1) * 100) for factor in (low, high))
    values = {"span": f"{span(ends[0], ends[1], language)}{NBSP}%"}
    return (_("%(span)s more") if low > 1 else _("%(span)s less")) % values


def signed(factor: float, language: str) -> str:
    """A factor as a change with its sign: 1.12 is "+12 %", 0.9 is "−10 %"."""
    share = round((factor - 1) * 100)
    sign = "+" if share > 0 else _MINUS if share < 0 else ""
    return f"{sign}{number(abs(share), language)}{NBSP}%"


def apart(factor: float, language: str) -> str:
    """How far apart two numbers are when one is `factor` (1 or more) times the other."""
    return f"{number(round((factor - 1) * 100), language)}{NBSP}%"
