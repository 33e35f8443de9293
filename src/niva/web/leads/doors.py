"""Forms and webhooks: made, their code to copy, closed; and links for posts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from niva.domains.clients import access
from niva.domains.clients import queries as clients
from niva.domains.clients.models import Client
from niva.domains.leads import queries, utm
from niva.domains.leads.models import Door
from niva.domains.leads.services import doors as services
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.domains.publishing.models import Post
from niva.web.clients.listing import actor_of
from niva.web.leads.forms import DoorForm, LinkForm
from niva.web.leads.one import people_of
from niva.web.people.doors import absolute, signed_in
from niva.web.people.forms import show

NEWEST_POSTS = 60


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def doors(request: HttpRequest, pk: int) -> HttpResponse:
    """All doors; a new one is shown with its address: that of a webhook this once only."""
    actor = actor_of(request)
    client = clients.client(actor, pk, can="goals")
    people = people_of(actor)
    posted = request.POST if request.method == "POST" else None
    form = DoorForm(posted, people=people, initial=_offered(client))
    made: dict[str, Any] = {}
    if posted is not None and form.is_valid():
        data = dict(form.cleaned_data)
        kind, owner = data.pop("kind"), data.pop("owner_id")
        try:
            door, secret = services.make(actor, client_id=pk, kind=kind, values=data, owner_id=owner)
        except Invalid as error:
            show(form, error)
        else:
            made = {"made": door, "made_url": _address(request, door, secret)}
            form = DoorForm(people=people, initial=_offered(client))
    context = {"client": client, "form": form, "doors": _views(request, actor, pk), **made}
    return render(request, "leads/doors.html", context, status=422 if form.errors else 200)


def _offered(client: Client) -> dict[str, str]:
    consent = _(
        "I agree that %(client)s keeps and uses what I have written here to answer me. I may take this back "
        "at any time by writing to the same address."
    )
    return {
        "title": _("Write to us"),
        "thanks": _("Thank you, we have got it. We will answer in working hours."),
        "consent": consent % {"client": client.name},
    }


def _address(request: HttpRequest, door: Door, secret: str) -> str:
    return absolute(request, reverse("lead_form" if door.kind == "form" else "lead_hook", args=[secret]))


def _views(request: HttpRequest, actor: Actor, pk: int) -> list[dict[str, Any]]:
    found = []
    for door in queries.doors(actor, pk)[:60]:
        secret = services.secret_of(door)
        address = _address(request, door, secret) if secret else ""
        found.append(
            {"door": door, "url": address, "code": embed(address, door.title or door.name) if address else ""}
        )
    return found


def embed(address: str, title: str) -> str:
    """The code for a site: the form in a frame, with the marks of the page's own address handed on."""
    return (
        '<iframe id="niva-form" style="width:100%;max-width:34rem;height:44rem;border:0" '
        f'title="{escape(title)}" src="{address}"></iframe>\n'
        '<script>var f=document.getElementById("niva-form");'
        "if(location.search)f.src+=location.search;</script>"
    )


@signed_in
@require_POST
def close(request: HttpRequest, pk: int, door: int) -> HttpResponse:
    """Nobody comes by it any more."""
    row = services.revoke(actor_of(request), client_id=pk, door_id=door)
    messages.info(request, _("“%(name)s” is closed. The leads that came by it stay.") % {"name": row.name})
    return redirect("lead_doors", pk)


@signed_in
@require_safe
def links(request: HttpRequest, pk: int) -> HttpResponse:
    """A link with marks for a post, ready to be copied: a lead that comes by it is traced to the post."""
    actor = actor_of(request)
    client = clients.client(actor, pk, can="work")
    posts = _posts(actor, pk)
    words = [(key, label) for key, label, _source in posts]
    asked = request.GET if "url" in request.GET else None
    today = clients.today_of(client)
    initial = {
        "medium": "social",
        "campaign": f"leads_all_{today:%Y_%m}",
        "post": request.GET.get("post", ""),
    }
    form = LinkForm(asked, posts=words, initial=initial)
    made = ""
    if asked is not None and form.is_valid():
        source = next(one for key, _label, one in posts if key == form.cleaned_data["post"])
        made = _marked(form, source)
    context = {"client": client, "form": form, "made": made}
    return render(request, "leads/links.html", context, status=422 if form.errors else 200)


def _posts(actor: Actor, pk: int) -> list[tuple[str, str, str]]:
    """(post_community, words, source) of the newest posts whose network has a word among the sources."""
    by_network = {network: source for source, network in utm.NETWORKS.items()}
    posts = access.visible(actor, Post.objects.filter(client_id=pk, deleted_at__isnull=True))
    found = []
    for post in posts.order_by("-pk").prefetch_related("variants__community")[:NEWEST_POSTS]:
        for variant in post.variants.all():
            source = by_network.get(variant.community.network, "site")
            key = utm.content_of(post.pk, variant.community_id)
            found.append((key, f"{post} · {variant.community.name}", source))
    return found


def _marked(form: LinkForm, source: str) -> str:
    data = form.cleaned_data
    try:
        return utm.marked(
            data["url"], source=source, medium=data["medium"], campaign=data["campaign"], content=data["post"]
        )
    except utm.WrongLink as error:
        sentences = {
            "no_link": _("Give the whole address, beginning with https://."),
            "marked": _("This link has marks already. Take them away first: nobody reads two of them alike."),
            "untidy": _("Only small Latin letters, figures and underscores: leads_families_2026_11."),
        }
        field = "campaign" if error.code == "untidy" else "url"
        words = sentences.get(error.code, _("This link cannot be marked."))
        form.add_error(field, words)
        return ""
