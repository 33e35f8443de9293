"""The client's page: what will be seen in each network, and three buttons. No account, no script, no rail."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from niva.domains.people.errors import Conflict, Invalid, NotFound
from niva.domains.publishing.approving import Approval, Decision
from niva.domains.publishing.models import Asset, Variant
from niva.domains.publishing.services import deciding, fitting
from niva.domains.publishing.services.approving import reads_as_asked
from niva.domains.publishing.services.deciding import Gone
from niva.flows import approve
from niva.web.decide import reading, typed
from niva.web.decide.doors import origin, secret_door
from niva.web.files import give

KEPT = "private, max-age=3600"


@secret_door("decide")
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, token: str) -> HttpResponse:
    """One request: to be decided, decided already, or changed meanwhile; 404 for every other secret."""
    try:
        approval = deciding.by_secret(token)
    except NotFound:  # most often a link that a newer one has replaced: its reader has no account to go to
        return render(request, "decide/gone.html", {"why": "unknown"}, status=404)
    try:
        deciding.must_be_open(approval)
    except Gone as gone:
        return _gone(request, gone)
    if request.method == "POST":
        return _decide(request, approval, token)
    if request.method == "GET":  # not a messenger that only asks whether it is there
        deciding.opened(approval)
    return _page(request, approval, token)


def _page(
    request: HttpRequest,
    approval: Approval,
    token: str,
    *,
    status: int = 200,
    errors: dict[str, list[str]] | None = None,
    said: str = "",
) -> HttpResponse:
    context = {"approval": approval, "token": token, "said": said, "errors": errors or {}}
    if approval.decision != Decision.OPEN:
        context |= reading.decided(approval)
        return render(request, "decide/decided.html", context, status=status)
    changed = approval.voided_at is not None or not reads_as_asked(approval)
    context |= reading.asked(approval, address=_address(token)) | {"changed": changed}
    if not changed:
        context |= typed.form_of(request, approval)
    return render(request, "decide/page.html", context, status=status)


def _decide(request: HttpRequest, approval: Approval, token: str) -> HttpResponse:
    answer = typed.read(request.POST, approval, origin=origin(request))
    try:
        done = approve.decide_by_link(token, answer=answer)
    except Gone as gone:
        return _gone(request, gone)
    except Conflict as conflict:
        fresh = deciding.by_secret(token)
        try:
            deciding.must_be_open(fresh)
        except Gone as gone:  # it was not decided a moment ago but withdrawn
            return _gone(request, gone)
        return _page(request, fresh, token, status=409, said=str(conflict))
    except Invalid as error:
        return _page(request, deciding.by_secret(token), token, status=422, errors=error.errors)
    return _page(request, deciding.by_secret(token), token, said=reading.thanks(done))


def _gone(request: HttpRequest, gone: Gone) -> HttpResponse:
    context = {"approval": gone.approval, "why": gone.why}
    return render(request, "decide/gone.html", context, status=410)


@secret_door("decide_file", keep=True)
@require_safe
def file(request: HttpRequest, token: str, asset_id: int, variant_id: int) -> HttpResponse:
    """A picture of the post, small or (with a variant) as its network gets it; `?play`: the video itself."""
    approval = deciding.by_secret(token)
    try:
        deciding.must_be_open(approval)
    except Gone as gone:
        raise NotFound("file") from gone
    if approval.decision != Decision.OPEN:
        raise NotFound("file")  # what lies in the post since then is not for who has this link
    item = approval.post.media.select_related("asset").filter(asset_id=asset_id).first()
    if item is None:
        return _card_picture(request, approval, asset_id)
    asset = item.asset
    if "play" in request.GET:
        return give(request, _inside(asset.path), asset.mime, tag=asset.sha256[:32], cache=KEPT)
    variant = _variant(approval, variant_id)
    if variant is None:
        return _thumb(request, asset)
    sent = fitting.item_for(variant, item).file
    shown = sent.cover if asset.kind == "video" else sent
    if shown is None or not shown.path.is_relative_to(settings.MEDIA_ROOT):
        raise NotFound("file")
    return give(request, shown.path, shown.mime, tag=shown.path.stem, cache=KEPT)


def _variant(approval: Approval, variant_id: int) -> Variant | None:
    if not variant_id:
        return None
    variant = approval.post.variants.select_related("community__credential").filter(pk=variant_id).first()
    if variant is None:
        raise NotFound("variant")
    return variant


def _card_picture(request: HttpRequest, approval: Approval, asset_id: int) -> HttpResponse:
    """The picture of the link's card is a file of ours, too."""
    image = approval.post.link_card.get("image") or {}
    asset = Asset.objects.filter(client=approval.client, pk=asset_id).first()
    if image.get("asset") != asset_id or asset is None:
        raise NotFound("file")
    return _thumb(request, asset)


def _thumb(request: HttpRequest, asset: Asset) -> HttpResponse:
    path = _inside(asset.thumb or asset.path)
    mime = "image/jpeg" if path.suffix in (".jpg", ".jpeg") else f"image/{path.suffix[1:]}"
    return give(request, path, mime, tag=f"t{asset.sha256[:31]}", cache=KEPT)


def _inside(path: str) -> Path:
    return Path(settings.MEDIA_ROOT) / path


def _address(token: str) -> reading.Address:
    return lambda asset_id, variant_id: reverse("decide_file", args=[token, asset_id, variant_id])
