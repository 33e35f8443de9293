"""What the figures of a goal mean, in plain sentences. Numbers come from `domains.clients.progress` only."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from niva.domains.clients.models import CostKind, Counting, Goal
from niva.domains.clients.progress import Progress, Stage, Trend, UnitCost, Verdict
from niva.domains.clients.queries import unit_of
from niva.kit.text import money, number, span, typo
from niva.numbers.unit_cost import Against
from niva.web.templatetags.niva import day


def _set(text: str) -> str:
    return typo(text, get_language() or "ru")


def _num(value: Decimal | float | int | None, digits: int | None = None) -> str:
    return number(value, get_language() or "ru", digits)


def _pace(value: Decimal | None) -> str:
    """One digit after the point below ten: more would be false precision."""
    if value is None:
        return _num(None)
    return _num(value, 0 if value >= 10 or value == int(value) else 1)


def amount(goal: Goal, value: Decimal) -> str:
    """«18 заявок»."""
    return _set(f"{_num(value)} {unit_of(goal).after(value)}")


def range_words(seen: Progress) -> str:
    """«29–38», empty while it is too early."""
    if seen.expected is None:
        return ""
    return span(seen.expected.low, seen.expected.high, get_language() or "ru")


def verdict(goal: Goal, seen: Progress, today: date) -> str:
    """What it means for the plan."""
    unit = unit_of(goal)
    values = {
        "fact": _num(seen.fact),
        "plan": _num(goal.plan),
        "units": unit.of(goal.plan),
        "day": day(goal.deadline, today),
        "start": day(goal.starts_on, today),
        "pace": _pace(seen.pace),
        "needed": _pace(seen.needed),
    }
    if seen.expected is not None:
        values |= {
            "low": _num(seen.expected.low),
            "high": _num(seen.expected.high),
            "units": unit.of(seen.expected.high),
        }
    return _set(_verdict_words(goal, seen, values))


def _verdict_words(goal: Goal, seen: Progress, values: dict[str, str]) -> str:
    if seen.stage is Stage.NOT_STARTED:
        return _("Counting begins %(start)s.") % values
    if seen.verdict is Verdict.NO_DATA:
        return _no_data(goal)
    if seen.verdict is Verdict.TOO_EARLY:
        return _too_early(seen) % values
    words = {
        Verdict.REACHED: _("The plan is reached: %(fact)s of %(plan)s."),
        Verdict.MISSED: _("The deadline has passed, and the plan was not reached: %(fact)s of %(plan)s."),
        Verdict.LIKELY: _(
            "The plan will most likely be reached: in 8 cases out of 10 it will be from %(low)s to %(high)s "
            "%(units)s."
        ),
        Verdict.OPEN: _(
            "It can go either way: in 8 cases out of 10 it will be from %(low)s to %(high)s %(units)s. For "
            "the plan, %(needed)s a day are needed; the pace is now %(pace)s."
        ),
        Verdict.UNLIKELY: _(
            "Most likely short of the plan: in 8 cases out of 10 it will be from %(low)s to %(high)s "
            "%(units)s. For %(plan)s, %(needed)s a day are needed; the pace is now %(pace)s."
        ),
    }
    return words[seen.verdict] % values


def _no_data(goal: Goal) -> str:
    if goal.counting == Counting.METRIC:
        return _("The networks have not reported this number yet. This is not zero.")
    if goal.counting == Counting.LEADS:
        return _("The list of leads is empty and no form leads to it, so nothing is known. This is not zero.")
    return _("Nobody has written a row yet, so nothing is known. This is not zero.")


def _too_early(seen: Progress) -> str:
    return _(
        "Too early to say where it ends: that takes a week of full days and five rows. For the plan, "
        "%(needed)s a day are needed."
    )


def finding(goal: Goal, seen: Progress, trend: Trend | None, today: date) -> str:
    """The title of the chart: what it shows, not what it is."""
    values = {"figure": goal.figure}
    if trend is not None and trend.real:
        values["day"] = day(trend.since, today)
        if trend.down:
            return _set(_("%(figure)s: fewer since %(day)s, and it is not chance") % values)
        return _set(_("%(figure)s: more since %(day)s, and it is not chance") % values)
    if seen.fact is None:
        return _set(_("%(figure)s: nothing is counted yet") % values)
    gap = seen.fact - seen.by_plan
    values["gap"] = _num(abs(gap).to_integral_value(ROUND_CEILING))
    if seen.verdict is Verdict.REACHED:
        return _set(_("%(figure)s: the plan is reached") % values)
    if abs(gap) < max(Decimal(1), seen.by_plan / 20):
        return _set(_("%(figure)s: in step with the plan") % values)
    if gap < 0:
        return _set(_("%(figure)s: behind an even pace by %(gap)s") % values)
    return _set(_("%(figure)s: ahead of an even pace by %(gap)s") % values)


def cost_says(goal: Goal, cost: UnitCost) -> str:
    """What the price of a unit means, and what it is made of."""
    currency = goal.client.currency
    language = get_language() or "ru"
    said = []
    if cost.spent is None:
        said.append(_("No expense is written down, so the price is not known."))
    elif cost.each is None:
        said.append(_("There is nothing to divide by yet, so there is no price."))
    elif goal.price_limit is None:
        said.append(_("No price limit was agreed."))
    else:
        said.append(_against_limit(goal, cost))
    if honest := price_range(goal, cost):
        said.append(honest)
    if cost.by_kind:
        parts = [
            f"{CostKind(kind).label} {money(total, currency, language)}"
            for kind, total in cost.by_kind.items()
        ]
        said.append(_("Spent: %(parts)s.") % {"parts": ", ".join(parts)})
    if cost.unknown_rows:
        said.append(
            ngettext(
                "The sum of %(n)d expense is not known, so it really costs more.",
                "The sums of %(n)d expenses are not known, so it really costs more.",
                cost.unknown_rows,
            )
            % {"n": cost.unknown_rows}
        )
    return _set(" ".join(said))


def _against_limit(goal: Goal, cost: UnitCost) -> str:
    language, currency = get_language() or "ru", goal.client.currency
    over = cost.over or Decimal(0)
    values = {
        "limit": money(goal.price_limit, currency, language),
        "gap": money(abs(over).quantize(Decimal(1)) if abs(over) >= 10 else abs(over), currency, language),
    }
    if over > 0:
        return _("Dearer than the agreed limit (%(limit)s) by %(gap)s.") % values
    if over == 0:
        return _("Exactly the agreed limit (%(limit)s).") % values
    return _("Cheaper than the agreed limit (%(limit)s) by %(gap)s.") % values


def price_range(goal: Goal, cost: UnitCost) -> str:
    """Where the price really is, because who comes is partly luck; empty where there is no range."""
    if cost.low is None:
        return ""
    language, currency = get_language() or "ru", goal.client.currency
    low = money(rough(cost.low), currency, language)
    if cost.each is None or cost.high is None:
        return _("Honestly: more than %(low)s.") % {"low": low}
    values = {"range": f"{_num(rough(cost.low))}–\u2060{money(rough(cost.high), currency, language)}"}
    said = _("Honestly: %(range)s, in 8 cases out of 10.") % values
    if cost.against is Against.OPEN:
        said += " " + _("So it cannot be told yet whether it is dearer than agreed.")
    return said


def rough(value: Decimal | float) -> Decimal:
    """Two digits that mean something: an end of a range is not known better."""
    exact = Decimal(str(value))
    if not exact:
        return exact
    step = Decimal(1).scaleb(exact.adjusted() - 1)
    return ((exact / step).to_integral_value(ROUND_HALF_UP) * step).normalize() + 0


def _round_money(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1)) if value >= 100 else value


def price(goal: Goal, cost: UnitCost) -> str | None:
    """The price of one unit, without kopecks where they would be false precision."""
    if cost.each is None:
        return None
    return money(_round_money(cost.each), goal.client.currency, get_language() or "ru")


def how_counted(goal: Goal, seen: Progress) -> str:
    """Where the figure comes from and how the range is made."""
    ways = {
        Counting.ROWS: _("The figure is the sum of the rows that people wrote down."),
        Counting.PUBLICATIONS: _("Every post that is really out counts once, on the day it came out."),
        Counting.METRIC: _("The figure is the sum of what the networks themselves count, day by day."),
        Counting.LEADS: _(
            "Every person who came counts once, on the day he came; repeats, spam and tests do not count."
        ),
    }
    method = _(
        "The range looks at the last 28 full days of this goal: how much came, on which weekdays, and how "
        "much the days differ. It says where the goal ends in 8 cases out of 10 if everything goes on as it "
        "went. It knows no seasons."
    )
    if goal.counting == Counting.METRIC:
        method += " " + _(
            "Where the networks had counted this for six weeks before the goal, those days are looked at, "
            "too."
        )
    return _set(f"{ways[Counting(goal.counting)]} {method}")


def rows_door(goal: Goal, seen: Progress) -> str:
    """The words of the door to the rows."""
    count = seen.rows
    if goal.counting == Counting.PUBLICATIONS:
        return ngettext("open %(n)d post", "open %(n)d posts", count) % {"n": count}
    if goal.counting == Counting.LEADS:
        return ngettext("open %(n)d lead", "open %(n)d leads", count) % {"n": count}
    return ngettext("open %(n)d row", "open %(n)d rows", count) % {"n": count}


def silent_says(names: tuple[str, ...]) -> str:
    """Communities whose network does not give the counted number."""
    return _set(
        _("Without %(names)s: their network does not report this number. This is not zero.")
        % {"names": ", ".join(names)}
    )
