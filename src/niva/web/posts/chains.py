"""The composer's buttons for chains of posts: split, add, take out, join, one text again.

Each is a button of the form (`do=split`, `do=add-12`, `do=drop-12-3`), so they work without scripts too; what
they do happens to what was typed, before it is saved.
"""

from __future__ import annotations

import re
from typing import Any, Final

from django.utils.translation import gettext as _

from niva.domains.publishing import chain
from niva.domains.publishing.models import Post, Variant
from niva.domains.publishing.services.fitting import limits_of
from niva.domains.publishing.services.freeze import check
from niva.networks.base.types import Outgoing, Problem
from niva.networks.registry import all_networks
from niva.web.looks import network_name
from niva.web.posts.typed import Typed, lay_over

_DO: Final = re.compile(
    r"(?P<verb>split|cut|add|drop|join|whole)(?:-(?P<variant>\d{1,9}))?(?:-(?P<part>\d{1,3}))?"
)
# A line of nothing but three hyphens or more: here the next post begins.
_HERE: Final = re.compile(r"\n[ \t]*-{3,}[ \t]*(?:\n|$)")


def rearrange(do: str, typed: Typed, post: Post) -> bool:
    """Do what the button says to what was typed. False: it is no button of a chain."""
    match = _DO.fullmatch(do)
    if match is None:
        return False
    lay_over(post, typed)
    wanted = int(match["variant"]) if match["variant"] else None
    for variant in post.variants.all():
        if wanted in (None, variant.pk) and (wanted is not None or match["verb"] == "split"):
            _apply(match["verb"], int(match["part"] or 0), variant, typed)
    return True


def _apply(verb: str, part: int, variant: Variant, typed: Typed) -> None:
    if verb == "split":
        made = _split(variant, typed)
    else:
        text = variant.post.text if variant.own_text is None else variant.own_text
        own = variant.own_thread or {"parts": [], "numbered": False}
        texts = [text, *own["parts"]]
        _VERBS[verb](texts, part - 1)
        made = (texts[0], {**own, "parts": texts[1:]})
    if made is None:
        return
    first, thread = made
    alone = not thread["parts"]
    own_text = None if alone and first == variant.post.text else first
    typed.variants.setdefault(variant.pk, {}).update(own_text=own_text, own_thread=None if alone else thread)
    typed.opened = typed.opened or variant.pk


def _cut(texts: list[str], _part: int) -> None:
    """The texts anew, cut where somebody wrote a line of hyphens."""
    texts[:] = [piece.strip("\n") for text in texts for piece in _HERE.split(text)]


def _add(texts: list[str], _part: int) -> None:
    texts.append("")


def _drop(texts: list[str], part: int) -> None:
    if 0 < part < len(texts):
        del texts[part]


def _join(texts: list[str], part: int) -> None:
    """With the one before."""
    if 0 < part < len(texts):
        texts[part - 1 : part + 1] = [chain.joined(texts[part - 1], [texts[part]])]


def _whole(texts: list[str], _part: int) -> None:
    texts[:] = [chain.joined(texts[0], texts[1:])]


_VERBS: Final = {"cut": _cut, "add": _add, "drop": _drop, "join": _join, "whole": _whole}


def _split(variant: Variant, typed: Typed) -> tuple[str, dict[str, Any]] | None:
    """A text that is too long for its network, in parts. None where it fits, or where there are no chains."""
    network = all_networks().get(variant.community.network)
    checked = check(variant)
    long = _too_long(checked.problems)
    if network is None or long is None or "thread" not in checked.abilities or checked.out.thread:
        return None
    limits = limits_of(variant.community, network)
    alone = _too_long(network.check(Outgoing(checked.out.text, options=checked.out.options), limits))
    # The network may count more than the text: an address or a question that is written under it.
    added = int(long.params["actual"]) - network.length(checked.out.text)
    try:
        return chain.cut(
            checked.out.text,
            first_most=int(long.params["limit"]) - added,
            most=int(alone.params["limit"] if alone else limits.value("text_max")),
            length=network.length,
        )
    except ValueError:
        name = network_name(variant.community.network)
        sentence = _("This text cannot be split for %(network)s: it would take more than %(most)s posts.")
        typed.add({"text": [sentence % {"network": name, "most": chain.MOST_PARTS}]})
        return None


def _too_long(problems: tuple[Problem, ...]) -> Problem | None:
    return next((one for one in problems if one.code == "text_too_long" and one.where == "text"), None)
