"""What a network wants to know of a post besides its text: its boxes in the composer, and what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from niva.domains.publishing.models import Variant
from niva.domains.publishing.services.fitting import limits_of
from niva.networks.base.manifest import Option
from niva.networks.base.types import Problem
from niva.networks.registry import all_networks

LONGEST: Final = 2000  # characters of one option: more than any network takes
# What decides how the post looks comes first, then its title, then the rest as the network lists it.
_FIRST: Final = {"form": 0, "title": 1}


@dataclass(slots=True)
class OptionBox:
    """One option of a network with what is chosen. `wide`: it gets a line of its own."""

    name: str
    label: str
    help: str
    kind: str
    choices: list[tuple[str, str]]
    value: str
    required: bool = False

    @property
    def wide(self) -> bool:
        return self.kind == "text"


def boxes_of(variant: Variant) -> list[OptionBox]:
    """The boxes of this community, in the order in which they are filled in."""
    found = [_box(variant, option) for option in options_of(variant)]
    return sorted(found, key=lambda box: _FIRST.get(box.name, 2))


def options_of(variant: Variant) -> tuple[Option, ...]:
    network = all_networks().get(variant.community.network)
    return network.manifest.options if network else ()


def _box(variant: Variant, option: Option) -> OptionBox:
    russian = _russian()
    hints = [option.help_ru if russian else option.help]
    if option.name == "title" and (most := _title_max(variant)):
        hints.append(_("Up to %(most)s characters.") % {"most": most})
    choices = choices_of(variant, option)
    if option.choices_from and not [value for value, _word in choices if value]:
        hints.append(_("Nothing to choose from is known yet: press “Test” on the community's page."))
    return OptionBox(
        name=option.name,
        label=label_of(option),
        help=" ".join(filter(None, hints)),
        kind=option.kind,
        choices=choices,
        value=str(variant.options.get(option.name, "")),
        required=option.required,
    )


def choices_of(variant: Variant, option: Option) -> list[tuple[str, str]]:
    """Value and word: those of the manifest, then those that the network named when it was last tested.

    One that was chosen and is not among them any more stays, so that nothing changes behind one's back.
    """
    if option.kind != "choice":
        return []
    russian = _russian()
    found = [(value, word_ru if russian else word) for value, word, word_ru in option.choices]
    found += _told(variant, option)
    chosen = str(variant.options.get(option.name, ""))
    if chosen not in {value for value, _word in found}:
        found.insert(0, (chosen, chosen or _("choose…")))
    return found


def _told(variant: Variant, option: Option) -> list[tuple[str, str]]:
    credential = getattr(variant.community, "credential", None)
    told = credential.facts.get(option.choices_from) if credential and option.choices_from else None
    if not isinstance(told, list):
        return []
    pairs = [one for one in told if isinstance(one, list) and len(one) == 2]
    return [(str(value), str(name)) for value, name in pairs]


def _title_max(variant: Variant) -> int | None:
    network = all_networks().get(variant.community.network)
    found = limits_of(variant.community, network).value("title_max") if network else None
    return int(found) if found is not None else None


def typed_options(data: QueryDict, variant: Variant) -> dict[str, Any]:
    """The options as typed; what is left at the account's habit is not written down."""
    kept = dict(variant.options)
    for option in options_of(variant):
        raw = " ".join(data.get(f"option-{variant.pk}-{option.name}", "").replace("\x00", "").split())
        raw = raw[:LONGEST]
        allowed = {value for value, _word in choices_of(variant, option)}
        kept.pop(option.name, None)
        if raw and (option.kind != "choice" or raw in allowed):
            kept[option.name] = True if option.kind == "check" else raw
    return kept


def named(problem: Problem, network: str) -> Mapping[str, Any]:
    """The params of a problem; an option and its value are called as its box calls them."""
    found = all_networks().get(network)
    options = {one.name: one for one in found.manifest.options} if found else {}
    params = dict(problem.params)
    option = options.get("form") if "form" in params else options.get(str(params.get("option", "")))
    if option is None:
        return params
    if "form" in params:
        words = {value: (word, word_ru) for value, word, word_ru in option.choices}
        word, word_ru = words.get(str(params["form"]), (params["form"], params["form"]))
        return {**params, "form": word_ru if _russian() else word}
    return {**params, "option": label_of(option)}


def label_of(option: Option) -> str:
    return option.label_ru if _russian() else option.label


def _russian() -> bool:
    return (get_language() or "ru").startswith("ru")
