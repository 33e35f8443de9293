"""The workshop of avatars and covers: upload, frame, export, put up."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from niva.domains.clients import access
from niva.domains.clients import queries as clients
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.publishing.artwork import Artwork
from niva.domains.publishing.services import artworks
from niva.flows.artwork import put_on
from niva.kit import images
from niva.web.clients.contexts import frame
from niva.web.clients.listing import actor_of
from niva.web.files import give
from niva.web.people.doors import signed_in
from niva.web.workshop import contexts
from niva.words import describe


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def workshop(request: HttpRequest, pk: int) -> HttpResponse:
    """All avatars and covers of a client, and the upload of another."""
    actor = actor_of(request)
    client = clients.client(actor, pk)
    errors: list[str] = []
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            if file is None:
                raise Invalid.one("file", _("No file came. Choose it again."))
            made = artworks.add(actor, client_id=pk, kind=request.POST.get("kind", ""), file=file)
            return redirect("artwork", pk, made.pk)
        except Invalid as error:
            errors = error.sentences
    context = {**frame(actor, client, "workshop"), **contexts.listing(actor, client), "errors": errors}
    return render(request, "workshop/list.html", context, status=422 if errors else 200)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def artwork(request: HttpRequest, pk: int, artwork: int) -> HttpResponse:
    """One of them: how networks show it, what speaks against it, whose it is, where it stands."""
    actor = actor_of(request)
    one = _one(actor, pk, artwork)
    errors: list[str] = []
    if request.method == "POST":
        x, comma, y = request.POST.get("focus", "").partition(",")
        framing = {"focus": [x, y] if comma else None, "zoom": request.POST.get("zoom", "1")}
        try:
            artworks.change(
                actor,
                artwork_id=one.pk,
                framing=framing | {"whole": bool(request.POST.get("whole"))},
                rights=request.POST.get("rights", ""),
                rights_note=request.POST.get("rights_note", ""),
                faces_agree=bool(request.POST.get("faces_agree")),
            )
            messages.success(request, _("Saved."))
            return redirect("artwork", pk, one.pk)
        except Invalid as error:
            errors = error.sentences
    context = {**frame(actor, one.client, "workshop"), **contexts.page(actor, one), "errors": errors}
    return render(request, "workshop/page.html", context, status=422 if errors else 200)


@signed_in
@require_safe
def file(request: HttpRequest, pk: int, artwork: int) -> HttpResponse:
    """The picture as it was uploaded."""
    asset = _one(actor_of(request), pk, artwork).asset
    path = Path(settings.MEDIA_ROOT) / asset.path
    return give(request, path, asset.mime, tag=asset.sha256[:32], cache="private, max-age=86400")


@require_POST
@signed_in
def pack(request: HttpRequest, pk: int, artwork: int) -> HttpResponse:
    """All sizes as a ZIP."""
    actor = actor_of(request)
    one = _one(actor, pk, artwork)
    try:
        content = artworks.packed(actor, one)
    except images.Broken:
        messages.error(request, _("The picture cannot be read any more. Upload it again."))
        return redirect("artwork", pk, one.pk)
    answer = HttpResponse(content, content_type="application/zip")
    name = slugify(one.client.name) or f"client-{pk}"
    answer["Content-Disposition"] = f'attachment; filename="{name}-{one.kind}.zip"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@signed_in
def put(request: HttpRequest, pk: int, artwork: int) -> HttpResponse:
    """Put it up in one community, through the network."""
    actor = actor_of(request)
    one = _one(actor, pk, artwork)
    number = request.POST.get("community", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise NotFound("community")
    try:
        use = put_on(actor, artwork_id=one.pk, community_id=int(number))
    except Invalid as error:
        messages.error(request, error.sentence)
        return redirect("artwork", pk, one.pk)
    except images.Broken:
        messages.error(request, _("The picture cannot be read any more. Upload it again."))
        return redirect("artwork", pk, one.pk)
    if use.code:
        said = describe(use.code, {})
        messages.error(request, f"{use.community.name}: {said.what} {said.todo}")
    else:
        messages.success(request, _("It stands in “%(name)s” now.") % {"name": use.community.name})
    return redirect("artwork", pk, one.pk)


def _one(actor: Actor, client_id: int, number: int) -> Artwork:
    """The artwork of this client. Raises NotFound."""
    rows = Artwork.objects.filter(client_id=client_id).select_related("asset", "client")
    return access.get(actor, rows, number)
