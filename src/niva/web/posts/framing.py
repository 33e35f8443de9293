"""Pictures as a network gets them, stills of videos, and how far a video is."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from niva.domains.clients import access
from niva.domains.people.errors import NotFound
from niva.domains.publishing import queries
from niva.domains.publishing.models import Asset, Post, Variant
from niva.domains.publishing.services import fitting
from niva.web.files import give
from niva.web.people.doors import signed_in
from niva.web.posts.compose import actor_of
from niva.web.posts.framed import converting_context
from niva.web.posts.pages import checked_context

BESIDE: Final = ("limits", "previews", "ready")  # what hangs on the checks and shows it
KEPT: Final = "private, max-age=86400"  # only by this person's browser


@signed_in
@require_safe
def converting(request: HttpRequest, post_id: int) -> HttpResponse:
    """How far the videos are; with the last of them everything that hangs on the checks comes along."""
    actor = actor_of(request)
    post = queries.post_page(actor, post_id)
    access.demand(actor, "write", client_id=post.client_id)
    context = {"post": post, **converting_context(post)}
    html: SafeString = render_to_string("posts/converting.html", context, request)
    if not context["is_converting"]:
        html += _beside(request, post)
    return HttpResponse(html)


def _beside(request: HttpRequest, post: Post) -> SafeString:
    """The fragments of a save, put in their places by htmx."""
    context = checked_context(post, {})
    pieces = ((name, render_to_string(f"posts/{name}.html", context, request)) for name in BESIDE)
    return format_html_join("", '<div id="{}" hx-swap-oob="innerHTML">{}</div>', pieces)


@signed_in
@require_safe
def still(request: HttpRequest, asset_id: int) -> HttpResponse:
    """The frame of a video at the second `at`."""
    asset = access.get(actor_of(request), Asset.objects.filter(kind="video"), asset_id)
    try:
        at = round(min(max(float(request.GET.get("at", "0")), 0.0), asset.duration or 0.0), 1)
    except ValueError as error:
        raise NotFound("still") from error
    path = fitting.still_path(asset, at) if at == at else None
    if path is None:
        raise NotFound("still")
    return give(request, path, "image/jpeg", tag=path.stem, cache=KEPT)


@signed_in
@require_safe
def as_sent(request: HttpRequest, asset_id: int, variant_id: int) -> HttpResponse:
    """The picture as one community gets it; of a video its cover."""
    actor = actor_of(request)
    rows = Variant.objects.select_related("post", "community__credential")
    asset = access.get(actor, Asset.objects.all(), asset_id)
    variant = rows.filter(pk=variant_id, post__client_id=asset.client_id).first()
    if variant is None:
        raise NotFound("variant")
    item = variant.post.media.select_related("asset").filter(asset_id=asset_id).first()
    if item is None:
        raise NotFound("file")
    sent = fitting.item_for(variant, item).file
    shown = sent.cover if item.asset.kind == "video" else sent
    if shown is None or not shown.path.is_relative_to(settings.MEDIA_ROOT):
        raise NotFound("file")
    return give(request, shown.path, shown.mime, tag=shown.path.stem, cache=KEPT)
