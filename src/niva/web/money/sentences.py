"""What the money means, in plain sentences. Numbers come from `flows.money` only."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from niva.domains.clients.models import Counting
from niva.domains.clients.pacing import Alert, Pace
from niva.domains.clients.progress import UnitCost
from niva.flows.money import Anyway, Apart, Money, Way
from niva.kit.text import money as sum_of
from niva.kit.text import number, typo
from niva.numbers.unit_cost import Against, Estimate
from niva.web.clients.sentences import amount, rough


def _set(text: str) -> str:
    return typo(text, get_language() or "ru")


def num(value: Decimal | float | None, digits: int | None = None) -> str:
    return number(value, get_language() or "ru", digits)


def cash(seen: Money, value: Decimal | float | None) -> str:
    """A sum without kopecks where they would be false precision."""
    if value is None:
        return sum_of(None, seen.client.currency, get_language() or "ru")
    exact = Decimal(str(value))
    whole = Decimal(1) if abs(exact) >= 100 else Decimal("0.01")
    return sum_of(exact.quantize(whole, ROUND_HALF_UP), seen.client.currency, get_language() or "ru")


def ends(seen: Money, low: Decimal | float, high: Decimal | float) -> str:
    """«3 600–6 500 ₽»."""
    first, last = rough(low), rough(high)
    if first == last:
        return cash(seen, last)
    return f"{num(first)}–\u2060{cash(seen, last)}"  # a range is not broken by a line


def first_words(seen: Money) -> list[str]:
    """What was paid, what came of it, what one costs and how sure that is."""
    said = []
    if seen.spent is None:
        said.append(_("No expense is written down yet, so nobody knows what was paid."))
    else:
        said.append(_("Paid: %(sum)s.") % {"sum": cash(seen, seen.spent)})
    if seen.found is None:
        said.append(_("No goal is set, so there is nothing to divide by."))
        return [_set(one) for one in said]
    fact = seen.found.progress.fact
    if fact is None:
        said.append(_("What came of it is not known yet: not a row is there. This is not zero."))
    else:
        said.append(_("For it: %(what)s.") % {"what": amount(seen.found.goal, fact)})
    if seen.price is not None:
        said += _price(seen, seen.price)
    return [_set(one) for one in said]


def _price(seen: Money, price: UnitCost) -> list[str]:
    assert seen.found is not None
    limit = seen.found.goal.price_limit
    values = {
        "each": cash(seen, price.each),
        "low": cash(seen, rough(price.low)) if price.low is not None else "",
        "range": ends(seen, price.low, price.high)
        if price.low is not None and price.high is not None
        else "",
    }
    said = []
    if price.each is None and price.low is not None:
        said.append(_("Nothing has come yet, so only this is known: one costs more than %(low)s.") % values)
    elif price.each is not None and price.low is None:
        said.append(_("One costs %(each)s.") % values)
    elif price.each is not None and price.high is None:
        said.append(_("One costs at least %(low)s: not all sums are known.") % values)
    elif price.each is not None:
        said.append(_("One costs %(each)s, honestly %(range)s.") % values)
    if limit is not None and said:
        said.append(_("Agreed: at most %(limit)s.") % {"limit": cash(seen, limit)})
        said.append(against(price))
    return said


def against(price: UnitCost) -> str:
    """Whether it is dearer than agreed."""
    if price.low is None:
        if price.over is None:
            return _("It cannot be told whether that is dearer or not.")
        return _("That is dearer.") if price.over > 0 else _("That is not dearer.")
    words = {
        Against.UNDER: _("That is cheaper, and it is not luck alone."),
        Against.OVER: _("That is dearer, and it is not bad luck alone."),
    }
    return words.get(price.against, _("It cannot be told yet whether it is dearer or not."))


def how(seen: Money) -> str:
    """How the price and its range were made."""
    said = [
        _("The price is everything that the client pays by his contract, divided by what came."),
        _(
            "Why a range: who comes is partly luck. If the same days were lived again with the same money, "
            "one would cost from the lower to the upper end in 8 cases out of 10. The fewer have come and "
            "the more unevenly they came, the wider it is."
        ),
    ]
    if seen.found and seen.found.goal.counting == Counting.PUBLICATIONS:
        said[1] = _("There is no range: how many posts come out is our own doing and no luck.")
    return _set(" ".join(said))


def unknown_words(count: int) -> str:
    return (
        ngettext(
            "The sum of %(n)d expense is not known: it is not zero, so it really costs more.",
            "The sums of %(n)d expenses are not known: they are not zero, so it really costs more.",
            count,
        )
        % {"n": count}
        if count
        else ""
    )


def unspent(seen: Money) -> str:
    """What is left of the plan."""
    if seen.unspent is None:
        return ""
    values = {"sum": cash(seen, abs(seen.unspent)), "plan": cash(seen, seen.plan)}
    if seen.unspent < 0:
        return _set(_("Over the plan of %(plan)s by %(sum)s.") % values)
    return _set(_("Not spent of the plan of %(plan)s: %(sum)s.") % values)


# Paid and organic


def way_words(seen: Money, way: Way) -> str:
    """How one way of coming stands."""
    assert seen.found is not None
    what = amount(seen.found.goal, way.count)
    if way.spent is None:
        return _set(_("%(what)s. What they cost cannot be said.") % {"what": what})
    said = _("%(what)s for %(sum)s.") % {"what": what, "sum": cash(seen, way.spent)}
    return _set(f"{said} {range_words(seen, way.price)}")


def range_words(seen: Money, price: Estimate | None) -> str:
    if price is None or price.low is None:
        return ""
    if price.each is None:
        return _("One costs more than %(low)s.") % {"low": cash(seen, rough(price.low))}
    if price.high is None:
        return _("One costs at least %(low)s.") % {"low": cash(seen, rough(price.low))}
    return _("One costs %(each)s, honestly %(range)s.") % {
        "each": cash(seen, price.each), "range": ends(seen, price.low, price.high),
    }  # fmt: skip


def work_words(seen: Money, apart: Apart) -> str:
    """By which rule work was shared out."""
    if apart.work_on_paid is None:
        return _set(
            _(
                "Work (%(sum)s) is not in these prices: nobody has said how much of it goes into "
                "advertising. Set the share, and both prices will be whole."
            )
            % {"sum": cash(seen, apart.work)}
        )
    return _set(
        _("Of the work (%(sum)s), %(share)s %% counts as work on advertising, as was set; the rest not.")
        % {"sum": cash(seen, apart.work), "share": num(apart.work_on_paid)}
    )


def untraced(seen: Money, apart: Apart) -> str:
    assert seen.found is not None
    if not apart.unknown:
        return ""
    return _set(
        _(
            "Where they are from is not known: %(what)s. They are counted neither here nor there, so both "
            "prices may really be lower."
        )
        % {"what": amount(seen.found.goal, apart.unknown)}
    )


# Against doing nothing


def anyway_words(seen: Money, one: Anyway) -> str:
    assert seen.found is not None
    values = {
        "a_day": num(one.a_day, 2 if one.a_day < 10 else 0),
        "units": amount(seen.found.goal, one.units.quantize(Decimal(1), ROUND_HALF_UP)),
        "ours": amount(seen.found.goal, one.ours.quantize(Decimal(1), ROUND_HALF_UP)),
    }
    said = [_("Before us %(a_day)s a day came by themselves: in these days that is %(units)s.") % values]
    if one.ours <= 0:
        said.append(_("No more came than would have come anyway."))
    else:
        said.append(_("Beyond that: %(ours)s.") % values)
    price = one.price
    if price.low is not None and price.each is not None:
        said.append(_("Counted so, one that is ours costs:") + " " + range_tail(seen, price))
    elif price.low is not None:
        said.append(
            _("One that is ours costs more than %(low)s, if there is one at all.")
            % {"low": cash(seen, rough(price.low))}
        )
    return _set(" ".join(said))


def range_tail(seen: Money, price: Estimate) -> str:
    assert price.low is not None
    if price.high is None:
        return _("at least %(low)s; there may be none.") % {"low": cash(seen, rough(price.low))}
    return _("%(each)s, honestly %(range)s.") % {
        "each": cash(seen, price.each), "range": ends(seen, price.low, price.high),
    }  # fmt: skip


# The plan of the month


def pace_words(seen: Money, one: Pace) -> str:
    """What the pace of one kind means."""
    values = {
        "days": num(one.day_share * 100, 0),
        "spent": num(one.spent_share * 100, 0) if one.spent_share is not None else "",
        "over": cash(seen, -one.left),
    }
    words = {
        Alert.FAST: _("Too fast: %(days)s %% of the month are gone, %(spent)s %% are spent."),
        Alert.SLOW: _("Too slow: %(days)s %% of the month are gone, %(spent)s %% are spent."),
        Alert.OVER: _("Over the plan by %(over)s."),
    }
    if one.alert in words:
        return _set(words[one.alert] % values)
    if one.off is None:
        return _set(_("Paid at once, so it is not judged by days."))
    return _set(_("In step: %(days)s %% of the month are gone, %(spent)s %% are spent.") % values)
