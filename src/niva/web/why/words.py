"""The tree of reasons in words: what each step is, how much it did, whether that is noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from niva.domains.clients.models import CostKind
from niva.domains.metrics.periods import Period
from niva.flows.why import PAID, Why
from niva.kit.text import MISSING, money, number
from niva.numbers.spread import Verdict
from niva.numbers.why.chain import MIX, OTHERS
from niva.numbers.why.tree import REST, Node
from niva.web.looks import format_name
from niva.web.numbers.asking import days_of

MOST: Final = 8
"""Lines below one step; the rest are one line, so that they still add up."""
REAL: Final = (Verdict.REAL, Verdict.LEANING)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the tree as it is printed. `badge`: "noise", "up", "down" or "" where nothing can be said."""

    label: str
    effect: str
    ends: str
    badge: str
    word: str
    door: str
    note: str
    children: tuple[Line, ...]


def finding(found: Why, root: Node) -> str:
    """What happened and which step did it, in two sentences."""
    name = subject(found)
    if root.effect == 0:
        return _("%(name)s: as many as before") % {"name": name}
    size = size_of(found, abs(root.effect))
    more = root.effect > 0
    what = (
        _("%(name)s: %(size)s more than before") if more else _("%(name)s: %(size)s fewer than before")
    ) % {"name": name, "size": size}
    if found.what == "cost":
        what = (
            _("One unit costs %(size)s more than before")
            if more
            else _("One unit costs %(size)s less than before")
        ) % {"size": size}
    return f"{what}. {_lever(found, root)}"


def _lever(found: Why, root: Node) -> str:
    steps = [step for step in _steps(found, root) if step.effect and step.name != REST]
    told = [step for step in steps if step.verdict in REAL]
    if not told:
        rest = next((step for step in root.children if step.name == REST), None)
        if rest is not None and abs(rest.effect) * 2 > abs(root.effect):
            return _("The steps are not known well enough to say why.")
        if steps and all(step.verdict is Verdict.UNKNOWN for step in steps):
            return _("There is too little history to tell a reason from noise.")
        return _("No step stands out: numbers of this account differ as much without any reason.")
    sure = [step for step in told if step.verdict is Verdict.REAL]
    first = max(sure or told, key=lambda step: abs(step.effect))
    said = f"{reason(found, first)} ({signed(found, first.effect)})"
    others = [step for step in told if step is not first and first.verdict is Verdict.REAL]
    if others:
        second = max(others, key=lambda step: abs(step.effect))
        return _("First of all: %(first)s; then: %(second)s.") % {
            "first": said, "second": f"{reason(found, second)} ({signed(found, second.effect)})",
        }  # fmt: skip
    if first.verdict is Verdict.LEANING:
        return _("Perhaps because %(reason)s; but that may be noise, too.") % {"reason": said}
    if all(step.verdict is Verdict.NOISE for step in steps if step is not first):
        return _("The reason: %(reason)s; the rest is noise.") % {"reason": said}
    return _("The reason: %(reason)s; nothing else stands out.") % {"reason": said}


def _steps(found: Why, root: Node) -> Sequence[Node]:
    """The steps of the chain; of a price the goal's chain stands one level deeper."""
    if found.what != "cost":
        return root.children
    return [
        step for child in root.children for step in (child.children if child.name == "goal" else (child,))
    ]


def subject(found: Why) -> str:
    """What is asked about, as a name."""
    if found.goal is not None and found.what == "goal":
        return found.goal.figure
    return choice(found, found.what)


def choice(found: Why, what: str) -> str:
    """What can be asked, as a word to press."""
    if what == "goal":
        return _("The goal")
    if what == "cost":
        return _("Cost of one unit")
    if what == "clicks":
        return _("Visits by the link")
    return _("Reach of posts") if found.base == "reach" else _("Views of posts")


def size_of(found: Why, value: Decimal | float) -> str:
    language = get_language() or "ru"
    if found.what == "cost" and found.goal is not None:
        return money(Decimal(value).quantize(Decimal(1)), found.goal.client.currency, language)
    return number(value, language, _places(value))


def signed(found: Why, value: Decimal) -> str:
    if value == 0:
        return "0"
    return ("+" if value > 0 else "\u2212") + size_of(found, abs(value))


def _places(value: Decimal | float) -> int:
    size = abs(float(value))
    return 0 if size == int(size) or size >= 1000 else 1


def reason(found: Why, step: Node) -> str:
    """What a step did, as the middle of a sentence."""
    up = (step.after or 0) > (step.before or 0)
    if step.name == "posts":
        return _("more posts went out") if up else _("fewer posts went out")
    if step.name == MIX:
        return (
            _("posts moved to where they bring more") if step.effect > 0
            else _("posts moved to where they bring less")
        )  # fmt: skip
    if step.name == "reach":
        return _("a post was seen by more people") if up else _("a post was seen by fewer people")
    if step.name == "views":
        return _("a post was looked at more often") if up else _("a post was looked at less often")
    if step.name == "clicks":
        return (
            _("those who saw it pressed the link more often")
            if up
            else _("those who saw it pressed the link less often")
        )
    if step.name == "money":
        return _("more money was spent") if up else _("less money was spent")
    return _last_reason(found, up=up)


def _last_reason(found: Why, *, up: bool) -> str:
    if found.steps[-1] == "clicks":
        return _("more came of a visit") if up else _("less came of a visit")
    return _("more came of those who saw it") if up else _("less came of those who saw it")


def label(found: Why, name: str) -> str:
    """The name of a step."""
    names = {
        "posts": _("Posts that went out"),
        MIX: _("Where they went and what of"),
        "reach": _("People who saw a post"),
        "views": _("Views of a post"),
        "clicks": _("Visits of 100 who saw it"),
        "money": _("Money spent"),
        REST: _("Remainder: not explained by the steps"),
    }
    if name == "goal":
        if found.what == "cost":
            return _("How many units there were")
        return (
            _("Units of the goal of 100 visits") if found.steps[-1] == "clicks"
            else _("Units of the goal of 1,000 who saw it")
        )  # fmt: skip
    return names.get(name, name)


def lines(found: Why, root: Node) -> tuple[Line, ...]:
    return tuple(_line(found, step, step.name, ()) for step in root.children)


def _line(found: Why, node: Node, step: str, place: tuple[str, ...]) -> Line:
    kids = _kids(found, node, step, place)
    top = not place
    badge, word = _badge(node, top=top)
    return Line(
        label=label(found, node.name) if top else part_name(found, place),
        effect=signed(found, node.effect),
        ends=ends_of(found, node, step),
        badge=badge,
        word=word,
        door=door(found, place) if place and OTHERS not in place else "",
        note=_note(found, node) if top else "",
        children=kids,
    )


def _kids(found: Why, node: Node, step: str, place: tuple[str, ...]) -> tuple[Line, ...]:
    if step == "goal" and found.what == "cost" and not place:  # the goal's own chain, a level deeper
        return tuple(_line(found, child, child.name, ()) for child in node.children)
    if node.name == "money":
        kinds = dict(CostKind.choices)
        return tuple(
            Line(str(kinds.get(kid.name, kid.name)), signed(found, kid.effect), "", "", "", "", "", ())
            for kid in node.children if kid.effect
        )  # fmt: skip
    told = sorted((kid for kid in node.children if kid.effect), key=lambda kid: -abs(kid.effect))
    if len(told) == 1 and len(place) < 1 and not told[0].children:
        return ()
    shown = tuple(_line(found, kid, step, _below(place, kid)) for kid in told[:MOST])
    others = told[MOST:]
    if not others:
        return shown
    rest = sum((kid.effect for kid in others), Decimal(0))
    word = _("%(n)s others") % {"n": len(others)}
    return (*shown, Line(word, signed(found, rest), "", "", "", "", "", ()))


def _below(place: tuple[str, ...], kid: Node) -> tuple[str, ...]:
    """A part of the remainder is named by its whole key."""
    return tuple(kid.name.split("/")) if "/" in kid.name else (*place, kid.name)


def part_name(found: Why, place: tuple[str, ...]) -> str:
    """The name of the last part of a key: a community, a rubric, a format."""
    last = place[-1]
    if last == OTHERS:
        return _("others, few of each")
    if len(place) == 1:
        name = found.names.get(last.removesuffix(PAID), last)
        return _("%(community)s, paid posts") % {"community": name} if last.endswith(PAID) else name
    if len(place) == 2:
        return found.names.get(last) or _("without a rubric")
    return format_name(last)


def ends_of(found: Why, node: Node, step: str) -> str:
    """The step's own value before and after."""
    if node.name == REST or (node.before is None and node.after is None):
        return ""
    language = get_language() or "ru"
    per = 100 if step == "clicks" or (step == "goal" and found.steps[-1] == "clicks") else 1
    per = 1000 if step == "goal" and found.steps[-1] != "clicks" else per
    if found.what == "cost" and step == "goal" and node.children:
        per = 1  # how many units there were, not a share
    said = []
    for value in (node.before, node.after):
        if value is None:
            said.append(MISSING)
            continue
        size = value * per
        if step == "money" and found.goal is not None:
            said.append(money(Decimal(round(size)), found.goal.client.currency, language))
            continue
        places = 0 if step in ("posts", MIX) or size >= 100 or size == int(size) else 1 if size >= 10 else 2
        said.append(number(size, language, places))
    return f"{said[0]} → {said[1]}"


def _badge(node: Node, *, top: bool) -> tuple[str, str]:
    """Of many lines deep in the tree some lean by chance: there only what is real is marked."""
    if node.effect == 0 or node.verdict is Verdict.UNKNOWN or (not top and node.verdict is Verdict.LEANING):
        return "", ""
    if node.verdict is Verdict.NOISE:
        return "noise", _("noise")
    up = node.effect > 0
    if node.verdict is Verdict.LEANING:
        return ("up" if up else "down"), _("perhaps")
    return ("up" if up else "down"), _("signal")


def _note(found: Why, node: Node) -> str:
    if node.name == REST:
        if node.effect == 0:
            return _("Everything is explained by the steps above.")
        return _("Here a step between is not known, so that we do not guess.")
    if node.name == "goal" and found.what == "goal":
        return _("One number for the whole client: seldom is it known which post a person came from.")
    return ""


def door(found: Why, place: tuple[str, ...]) -> str:
    """The posts behind a part, over both periods where they follow one another, else of the later one."""
    together = (found.after.since - found.before.until).days == 1
    span = Period(found.before.since, found.after.until) if together else found.after
    said = [("measure", found.base), *days_of(span), ("basis", "posts"), ("age", str(found.age))]
    said.append(("community", place[0].removesuffix(PAID)))
    if len(place) > 1:
        said.append(("rubric", place[1].removeprefix("r") or "0"))
    return f"{reverse('number_rows')}?{urlencode(said)}"
