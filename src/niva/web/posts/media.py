"""Files of posts: taken in by the upload island, given out through the door, videos by ranges."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from niva.domains.clients import access
from niva.domains.editorial.tasking import TaskFileVersion
from niva.domains.people.errors import Forbidden, Invalid
from niva.domains.publishing.models import Asset, Post, PostMedia
from niva.domains.publishing.services import fitting, media
from niva.web.answers import wants_json
from niva.web.files import give
from niva.web.people.doors import signed_in
from niva.web.posts.compose import actor_of, keep
from niva.web.posts.framed import covers_of

ROOM_FOR_FORM: Final = 4 * 1024 * 1024  # bytes of a request that are not the file: the whole composer


def _too_large() -> JsonResponse:
    sentence = _("The file is larger than 1 GB. Make it smaller and upload it again.")
    return JsonResponse({"error": sentence}, status=413)


@csrf_exempt  # the check reads the whole body; it follows in `_upload`, once the size is known to be right
@require_POST
@signed_in
def upload(request: HttpRequest, post_id: int) -> HttpResponse:
    """Take one file in: {"asset", "html"}; 413 before the body is read, 422 with what is wrong.

    Without scripts the whole form of the composer comes along, is kept, and its page comes back.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > media.LARGEST_VIDEO + ROOM_FOR_FORM:
        return _too_large()
    return _upload(request, post_id)


@csrf_protect
def _upload(request: HttpRequest, post_id: int) -> HttpResponse:
    actor = actor_of(request)
    rows = Post.objects.filter(deleted_at__isnull=True).select_related("client")
    rows = rows.prefetch_related("variants__community__credential")
    post = access.get(actor, rows, post_id, can="write")
    file = request.FILES.get("file")
    if file is None:
        return _no_file(request, post_id, _("No file came. Choose it again."))
    try:
        asset = media.upload(actor, client_id=post.client_id, file=file)
    except Invalid as error:
        sentences = error.sentences
        return _no_file(request, post_id, " ".join(sentences))
    _fit_ahead(post, asset)
    if not wants_json(request):
        return keep(request, post_id, file=asset)
    item = PostMedia(post=post, asset=asset, alt=asset.alt)
    html = render_to_string("posts/file.html", {"item": item, "covers": covers_of(actor, post)}, request)
    return JsonResponse({"asset": asset.pk, "html": html}, status=201)


def _no_file(request: HttpRequest, post_id: int, sentence: str) -> HttpResponse:
    """What is wrong. Without scripts the rest of the form is kept all the same."""
    if wants_json(request):
        return JsonResponse({"error": sentence}, status=422)
    messages.error(request, sentence)
    return keep(request, post_id)


def _fit_ahead(post: Post, asset: Asset) -> None:
    """Fit the picture for every network now, while the person sees progress, not with the next letter."""
    for variant in post.variants.all():
        fitting.item_for(variant, PostMedia(post=post, asset=asset))


def _asset(request: HttpRequest, asset_id: int) -> Asset:
    """A file as far as it is this person's to see: what lies in a task and in no post is the newsroom's."""
    actor = actor_of(request)
    asset = access.get(actor, Asset.objects.all(), asset_id)
    if not access.may(actor, "work", client_id=asset.client_id):
        of_task = TaskFileVersion.objects.filter(asset=asset).exists()
        if of_task and not PostMedia.objects.filter(asset=asset).exists():
            raise Forbidden("work")
    return asset


@signed_in
@require_safe
def thumb(request: HttpRequest, asset_id: int) -> HttpResponse:
    asset = _asset(request, asset_id)
    return _give(request, asset, asset.thumb or asset.path, "image/webp" if asset.thumb else asset.mime)


@signed_in
@require_safe
def file(request: HttpRequest, asset_id: int) -> HttpResponse:
    asset = _asset(request, asset_id)
    return _give(request, asset, asset.path, asset.mime)


def _give(request: HttpRequest, asset: Asset, name: str, mime: str) -> HttpResponse:
    """A file never changes under its number, so a browser keeps it; but only this person's browser."""
    path = Path(settings.MEDIA_ROOT) / name
    return give(request, path, mime, tag=asset.sha256[:32], cache="private, max-age=31536000, immutable")
