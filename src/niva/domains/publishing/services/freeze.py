"""A variant as it would go out now: its content, the problems a network sees in it, its revision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.db.models.functions import Coalesce

from niva.domains.people.actor import Actor
from niva.domains.publishing import chain
from niva.domains.publishing.delivery.content import fingerprint, from_file, to_outgoing
from niva.domains.publishing.models import PostMedia, Revision, Variant
from niva.domains.publishing.services.fitting import MENDED, item_for, limits_of
from niva.kit.text.likeness import mark
from niva.networks.base.network import Network
from niva.networks.base.types import Outgoing, Problem
from niva.networks.registry import all_networks


@dataclass(frozen=True, slots=True)
class Check:
    """One variant held against its network. `length`/`most`: text, in the network's own units."""

    variant: Variant
    out: Outgoing
    content: Mapping[str, Any]
    problems: tuple[Problem, ...]
    length: int
    most: int | None
    abilities: frozenset[str]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "error")


def check(variant: Variant) -> Check:
    """What would go out and what the network would say. Reads files' sizes, calls nobody."""
    network = all_networks().get(variant.community.network)
    content = content_of(variant, network)
    out = to_outgoing(content, Path(settings.MEDIA_ROOT))
    if network is None:
        missing = Problem("network_missing", "options", params={"network": variant.community.network})
        return Check(variant, out, content, (missing,), len(out.text), None, frozenset())
    limits = limits_of(variant.community, network)
    name = "caption_max" if out.media and limits.get("caption_max") else "text_max"
    return Check(
        variant=variant,
        out=out,
        content=content,
        problems=_with_files_not_ready(variant, network.check(out, limits)),
        length=network.length(out.text),
        most=limits.value(name),
        abilities=network.manifest.abilities,
    )


def content_of(variant: Variant, network: Network | None) -> dict[str, Any]:
    """The JSON of the variant as it stands: its own words where it has them, else the post's."""
    post = variant.post
    text = post.text if variant.own_text is None else variant.own_text
    comment = post.first_comment if variant.own_first_comment is None else variant.own_first_comment
    if variant.own_first_comment is None and network and "first_comment" not in network.manifest.abilities:
        comment = ""  # the common one goes where the network has it, and stops nobody elsewhere
    first, *further = chain.written(text, variant.own_thread)
    content: dict[str, Any] = {
        "text": first,
        "first_comment": comment,
        "options": variant.options,
        "media": [_fitted(item, variant) for item in chosen_files(variant)],
    }
    if further:  # only then, so that the marks of all other revisions stay what they were
        content["thread"] = [{"text": part} for part in further]
    if post.link_url:
        content["link"] = {"url": post.link_url, **post.link_card}
    if post.poll:
        content["poll"] = post.poll
    return content


def freeze(actor: Actor, checked: Check) -> Revision:
    """The immutable revision of what was checked; the same content gives the same revision again."""
    variant, digest = checked.variant, fingerprint(checked.content)
    last = variant.revisions.order_by("-number").first()
    if last is not None and last.sha256 == digest:
        return last
    number = variant.revisions.aggregate(n=Coalesce(Max("number"), 0))["n"] + 1
    return Revision.objects.create(
        variant=variant,
        number=number,
        content=checked.content,
        sha256=digest,
        text_mark=mark(str(checked.content["text"])),
        created_by=actor.user,
    )


def chosen_files(variant: Variant) -> list[PostMedia]:
    """The files that go to this community, in its order."""
    items = list(variant.post.media.all())
    if variant.own_media is None:
        return items
    by_asset = {item.asset_id: item for item in items}
    return [by_asset[asset] for asset in variant.own_media if asset in by_asset]


def _fitted(item: PostMedia, variant: Variant) -> dict[str, Any]:
    return from_file(item_for(variant, item).file, Path(settings.MEDIA_ROOT))


def _with_files_not_ready(variant: Variant, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """A video that is being written anew is told as that, not by what is wrong with its original."""
    found = list(problems)
    for index, item in enumerate(chosen_files(variant)):
        if item.asset.kind == "image" or (waits := item_for(variant, item).problem) is None:
            continue
        where = f"media:{index}"
        found = [one for one in found if one.where != where or one.code not in MENDED]
        found.append(replace(waits, where=where))
    return tuple(found)
