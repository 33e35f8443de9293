"""What has changed between two rounds, in a form that people read: words, files, link, poll, places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from niva.domains.publishing.approving import Approval, ApprovedRevision
from niva.web.posts.differences import Part, compare


@dataclass(slots=True)
class Change:
    """One text that reads otherwise, and in whose communities; `said`: what else is other than before."""

    names: list[str]
    parts: list[Part] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def between(before: Approval, after: Approval) -> list[Change]:
    """Empty when both are the same everywhere. Communities that changed alike are one line."""
    old, new = _by_place(before.revisions.all()), _by_place(after.revisions.all())
    found: list[Change] = []
    for place, row in new.items():
        earlier = old.get(place)
        if earlier is None:
            found.append(Change([row.community_name], said=[_("It did not go there before.")]))
        elif earlier.sha256 != row.sha256:
            _add(found, row.community_name, earlier.content, row.content)
    gone = [row.community_name for place, row in old.items() if place not in new]
    if gone:
        found.append(Change(gone, said=[_("It does not go there any more.")]))
    return found


def _by_place(rows: Iterable[ApprovedRevision]) -> dict[tuple[int | None, str], ApprovedRevision]:
    return {(row.community_id, row.community_name): row for row in rows}


def _add(found: list[Change], name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    parts, said = compare(text_of(old), text_of(new)), _said(old, new)
    for one in found:
        if (one.parts, one.said) == (parts, said):
            one.names.append(name)
            return
    found.append(Change([name], parts, said))


def text_of(content: Mapping[str, Any]) -> str:
    """The whole text of a revision, a chain's posts one under another."""
    parts = [str(content.get("text", "")), *(str(one.get("text", "")) for one in content.get("thread", ()))]
    return "\n\n".join(parts)


def _said(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    words = (
        ("media", _("The pictures or videos, their order or their descriptions are others.")),
        ("link", _("The link or its card is another one.")),
        ("poll", _("The poll is another one.")),
        ("first_comment", _("The first comment is another one.")),
        ("options", _("The settings of the network are others.")),
    )
    return [sentence for name, sentence in words if (old.get(name) or None) != (new.get(name) or None)]
