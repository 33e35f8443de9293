"""Two people saved the same post: both versions side by side, nothing of either is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from niva.domains.publishing.models import Post
from niva.web.looks import network_name
from niva.web.posts.typed import Typed, boxes

_LABELS: Final = {
    "title": gettext_lazy("Title"),
    "text": gettext_lazy("Common text"),
    "link_url": gettext_lazy("Link"),
    "first_comment": gettext_lazy("First comment"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which the two differ, both as text."""

    label: str
    mine: str
    theirs: str


def differences(post: Post, typed: Typed) -> list[Difference]:
    """Where what was typed differs from what is saved now."""
    pairs = [(label, mine, theirs) for label, mine, theirs in _pairs(post, typed) if mine != theirs]
    return [Difference(*pair) for pair in pairs]


def _pairs(post: Post, typed: Typed) -> Iterator[tuple[str, str, str]]:
    for name, label in _LABELS.items():
        if name in typed.fields:
            yield str(label), typed.fields[name], getattr(post, name)
    if "rubric_id" in typed.fields:
        names = dict(post.client.rubrics.values_list("pk", "name"))
        yield _("Rubric"), names.get(typed.fields["rubric_id"], ""), names.get(post.rubric_id or 0, "")
    for variant in post.variants.all():
        own = typed.variants.get(variant.pk, {})
        network = network_name(variant.community.network)
        if "own_text" in own:
            yield (
                _("Text for %(network)s") % {"network": network},
                own["own_text"] or "",
                variant.own_text or "",
            )
        if own.get("own_thread") or variant.own_thread:
            words = _("Chain of posts for %(network)s") % {"network": network}
            yield words, _chain(own.get("own_thread", variant.own_thread)), _chain(variant.own_thread)
        if "own_first_comment" in own:
            words = _("First comment for %(network)s") % {"network": network}
            yield words, own["own_first_comment"] or "", variant.own_first_comment or ""
    if "poll" in typed.fields:
        yield _("Poll"), _poll(typed.fields["poll"]), _poll(post.poll)
    if typed.media is not None:
        yield _("Files"), *_files(post, typed)
    yield (
        _("Hour"),
        f"{typed.day} {typed.at}".strip(),
        " ".join(boxes(post.planned_at, post.client.time_zone)),
    )


def _chain(thread: dict[str, Any] | None) -> str:
    return "\n\n".join(thread["parts"]) if thread else ""


def _poll(poll: dict[str, Any] | None) -> str:
    return "\n".join([poll.get("question", ""), *poll.get("options", [])]) if poll else ""


def _files(post: Post, typed: Typed) -> tuple[str, str]:
    there = {item.asset_id: item for item in post.media.all()}
    mine = [
        f"{there[item['asset']].asset.name if item['asset'] in there else item['asset']}: {item['alt']}"
        for item in typed.media or []
    ]
    return "\n".join(mine), "\n".join(f"{item.asset.name}: {item.alt}" for item in there.values())
