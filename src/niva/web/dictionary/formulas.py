"""A measure's formula and names in words; what each network really gives of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from niva.domains.metrics.dictionary import ENGAGEMENT, Measure, measures
from niva.kit.text import number
from niva.networks.base.manifest import Manifest
from niva.networks.base.metrics import METRICS
from niva.networks.registry import all_networks
from niva.web.clients.words import METRIC_WORDS, in_language
from niva.web.looks import network_name
from niva.words import describe

Gives = Literal["yes", "part", "no"]
# What formulas are made of besides the networks' own words and other measures.
PARTS: Final[dict[str, str | Promise]] = {
    "posts_out": _("posts that went out"),
    "reach": _("reach"),
    "cost": _("money spent"),
    "facts": _("goal units that came"),
    "leads": _("leads that came"),
    "margin": _("margin of the sales"),
    "new_followers": _("new followers"),
}


@dataclass(frozen=True, slots=True)
class Given:
    """What one network gives of a measure. `lacking`: the words that it does not tell, and why."""

    network: str
    name: str
    gives: Gives
    lacking: tuple[tuple[str, str], ...]


def name_of(one: Measure) -> str:
    """The measure's name in the language of the page."""
    return in_language(one.name, get_language())


def plain_of(one: Measure) -> str:
    """What it means, said as to a farmer."""
    return in_language(one.plain, get_language())


def formula_of(one: Measure) -> str:
    """The formula in words: «(лайки + репосты) ÷ охват × 100»; of a count what is added up."""
    top = [_signed(word) for word in _spelt(one)]
    upper = top[0].removeprefix("+ ") + "".join(f" {word}" for word in top[1:])
    if not one.bottom:
        return upper
    quotient = f"({upper})" if len(top) > 1 else upper
    times = f" × {number(one.per)}" if one.per != 1 else ""
    return f"{quotient} ÷ {word_of(one.bottom)}{times}"


def _spelt(one: Measure) -> Sequence[str]:
    return ENGAGEMENT if one.top == ("engagement",) else one.top


def _signed(word: str) -> str:
    return f"− {word_of(word[1:])}" if word.startswith("-") else f"+ {word_of(word)}"


def word_of(word: str) -> str:
    """A part of a formula in words."""
    return str(PARTS.get(word) or METRIC_WORDS.get(word, word))


def given(one: Measure) -> list[Given]:
    """What every network gives of a measure, by its API: by the manifests, which the common suite proves."""
    found = [_given(one, network.manifest) for network in all_networks().values()]
    return sorted(found, key=lambda row: row.name.casefold())


def _given(one: Measure, manifest: Manifest) -> Given:
    """Of engagement a part is something; of a ratio with a part missing there is nothing."""
    told, lacking = one.parts & manifest.tells, sorted(one.parts - manifest.tells)
    top_told = any(part in told for word in one.top for part in _network_words(word))
    bottom_told = not one.bottom or all(part in told for part in _network_words(one.bottom))
    gives: Gives = "no" if not (top_told and bottom_told) else "part" if lacking else "yes"
    why = tuple((word_of(word), str(describe(manifest.lacks.get(word, "not_offered")))) for word in lacking)
    return Given(manifest.name, network_name(manifest.name), gives, why)


def _network_words(word: str) -> Sequence[str]:
    if word == "engagement":
        return ENGAGEMENT
    return (word,) if word in METRICS else ()


def everything() -> list[dict[str, Any]]:
    """All measures for the page, in the dictionary's order."""
    return [
        {
            "word": one.word, "name": name_of(one), "plain": plain_of(one), "formula": formula_of(one),
            "also": one.also, "version": one.version, "rivals": rivals(one),
            "given": given(one) if one.countable and one.parts else [],
        }
        for one in measures().values()
    ]  # fmt: skip


def rivals(one: Measure) -> list[str]:
    """Other measures that somebody calls by a name of this one: the name alone does not tell."""
    mine = {name.casefold() for name in one.also}
    return [
        name_of(other)
        for other in measures().values()
        if other.word != one.word and mine & {name.casefold() for name in other.also}
    ]
