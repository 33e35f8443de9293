"""What the client's page shows, prepared so that the templates only print."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from django.db.models import Prefetch
from django.urls import resolve
from django.utils.translation import gettext as _

from niva.domains.clients.services import terms as contract
from niva.domains.publishing import awaiting
from niva.domains.publishing.approving import YES, Approval, Decision
from niva.domains.publishing.models import Delivery, Post, Variant
from niva.domains.publishing.services.approving import is_current, secret_of
from niva.flows import approval_letters as letters
from niva.web.approvals import changes
from niva.web.posts.checks import Line, lines_of
from niva.web.posts.previews import Preview, previews_of

Address = Callable[[int, int], str]
_FITTED: Final = re.compile(r"\?.*$")


def asked(approval: Approval, *, address: Address) -> dict[str, Any]:
    """The post as each network will show it, and everything said about it so far."""
    post = whole(approval.post_id)
    lines = lines_of(post)
    for line in lines:
        line.delivery = None  # a state of ours says nothing to the client
    terms = contract.terms_of(approval.client)
    earlier = awaiting.before(approval)
    return {
        "post": post,
        "zone": approval.client.time_zone,
        "previews": [_public(one, address) for one in previews_of(lines, post.planned_at)],
        "videos": [
            (item.asset, address(item.asset_id, 0)) for item in post.media.all() if item.asset.kind == "video"
        ],
        "networks": _networks(lines),
        "changes": changes.between(earlier, approval) if earlier else [],
        "earlier": earlier,
        "remarks": awaiting.said_to(approval),
        "until": letters.until(approval),
        "silence": letters.silence_means(approval),
        "round_words": round_words(approval, terms.rounds),
        "next": _next(approval),
    }


def whole(post_id: int) -> Post:
    """The post with all that previews read."""
    variants = Variant.objects.select_related("community__credential", "community__client")
    rows = Post.objects.select_related("client").prefetch_related(
        Prefetch("variants", variants.prefetch_related(Prefetch("deliveries", Delivery.objects.none()))),
        "media__asset",
    )
    return rows.get(pk=post_id)


def _public(preview: Preview, address: Address) -> Preview:
    """The same with pictures that open without an account."""
    pictures = []
    for asset, alt, src in preview.pictures:
        found = resolve(_FITTED.sub("", src)).kwargs
        pictures.append((asset, alt, address(asset.pk, found.get("variant_id", 0))))
    card = preview.card
    if card and card.get("asset"):
        card = {**card, "src": address(card["asset"], 0)}
    return replace(preview, pictures=pictures, card=card)


def _networks(lines: list[Line]) -> list[tuple[str, str, int]]:
    return [(line.network, line.variant.community.name, line.variant.pk) for line in lines]


def round_words(approval: Approval, free: int) -> str:
    """Which round this is, against what the price includes."""
    if approval.round > free > 0:
        return _("Round %(n)d; the price includes %(free)d.") % {"n": approval.round, "free": free}
    return _("Round %(n)d of %(free)d that the price includes.") % {"n": approval.round, "free": free}


def _next(approval: Approval) -> dict[str, Any] | None:
    """Whatever else waits for the same person: he need not look for its letter."""
    rows = [one for one in awaiting.others_of(approval) if is_current(one)]
    if not rows:
        return None
    return {"count": len(rows), "title": str(rows[0].post), "url": letters.path_of(secret_of(rows[0]))}


def decided(approval: Approval) -> dict[str, Any]:
    """What was decided, on which words; the post itself may have changed since."""
    rows: list[dict[str, Any]] = []
    for row in approval.revisions.all():
        text = changes.text_of(row.content)
        same = next((one for one in rows if one["text"] == text), None)
        if same is not None:
            same["names"].append(row.community_name)
        else:
            rows.append({"names": [row.community_name], "text": text, "sha": row.sha256})
    return {
        "texts": rows,
        "yes": approval.decision in YES,
        "remarks": [one for one in awaiting.said_to(approval) if one.approval_id == approval.pk],
        "zone": approval.client.time_zone,
        "next": _next(approval),
    }


def thanks(approval: Approval) -> str:
    if approval.decision == Decision.RETURNED:
        return _("Thank you. The post went back to its author with your remarks.")
    return _("Thank you. It is written down: exactly this text may go out.")
