"""Connecting: by keys, by OAuth, the test button, throwing the keys away. No answer here is ever cached."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.communities import queries, services
from niva.domains.people.errors import Invalid
from niva.flows import connect as flow
from niva.flows.several import Several
from niva.networks.base.errors import NeedsLogin, NetworkError
from niva.networks.base.manifest import Field
from niva.networks.registry import get_network
from niva.web.clients.listing import actor_of
from niva.web.communities import contexts
from niva.web.communities.forms import ManifestForm, PlaceForm, SlotForm
from niva.web.people.doors import absolute, signed_in
from niva.web.people.forms import show
from niva.words import describe

SESSION = "oauth"  # what the browser left for the network with
CHOICE = "oauth_choice"  # what it came back with when several communities fit


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD"])
def connect(request: HttpRequest, pk: int) -> HttpResponse:
    """The ways to connect this community, the guide beside them."""
    return connect_page(request, pk)


def connect_page(
    request: HttpRequest,
    pk: int,
    keys_form: ManifestForm | None = None,
    oauth_form: ManifestForm | None = None,
    hand_form: forms.Form | None = None,
) -> HttpResponse:
    """The page with a form that has errors, or as it begins."""
    actor = actor_of(request)
    community = queries.community(actor, pk, can="connect")
    manifest = get_network(community.network).manifest
    known = _known(community)
    context = contexts.connect_page(actor, community)
    context |= {
        "keys_form": keys_form or ManifestForm(boxes=manifest.fields, initial=known, auto_id="id_keys_%s"),
        "oauth_form": oauth_form
        or ManifestForm(boxes=flow.oauth_fields(manifest), initial=known, auto_id="id_oauth_%s"),
        "hand_form": hand_form or PlaceForm(initial={"url": community.url}, auto_id="id_hand_%s"),
        "redirect_uri": absolute(request, reverse("oauth_back")),
    }
    bad = any(form is not None and form.errors for form in (keys_form, oauth_form, hand_form))
    return render(request, "communities/connect.html", context, status=422 if bad else 200)


def _known(community: object) -> dict[str, str]:
    """What is no secret and was told before: the address, the name of the account."""
    row = getattr(community, "credential", None)
    return {
        name: str(value) for name, value in (row.facts if row else {}).items() if isinstance(value, str | int)
    }


@never_cache
@sensitive_post_parameters()
@require_POST
@signed_in
def by_keys(request: HttpRequest, pk: int) -> HttpResponse:
    """Prove the typed keys by a real call and keep them; on any error everything typed stays."""
    actor = actor_of(request)
    community = queries.community(actor, pk, can="connect")
    boxes = get_network(community.network).manifest.fields
    form = ManifestForm(request.POST, boxes=boxes, auto_id="id_keys_%s")
    if form.is_valid():
        try:
            done = flow.by_keys(actor=actor, community_id=pk, values=form.cleaned_data)
        except Invalid as error:
            show(form, error)
        except NetworkError as error:
            refuse(form, boxes, error)
        else:
            return connected(request, done)
    return connect_page(request, pk, keys_form=form)


def refuse(form: forms.Form, boxes: tuple[Field, ...], error: NetworkError) -> None:
    """The network's no, in words, beside the box it is about; the form as a whole where that is not clear."""
    said = describe(error.code, {"detail": error.detail})
    form.add_error(_box_of(form, boxes, error), f"{said.what} {said.todo}".strip())


def _box_of(form: forms.Form, boxes: tuple[Field, ...], error: NetworkError) -> str | None:
    filled = [box for box in boxes if form.data.get(box.name)]
    if error.code in ("address_bad", "address_inside", "cannot_connect", "server_unknown"):
        return next((box.name for box in filled if box.kind == "url"), None)
    if error.code in ("chat_missing", "group_missing", "bot_removed"):
        return next((box.name for box in filled if not box.secret and box.kind != "url"), None)
    if isinstance(error, NeedsLogin):
        return next((box.name for box in filled if box.secret), None)
    return None


def connected(request: HttpRequest, done: flow.Connected) -> HttpResponse:
    said = _("Connected: %(name)s.") % {"name": done.account.name}
    if done.account.lacks:
        said += " " + _("These keys cannot: %(what)s.") % {
            "what": ", ".join(contexts.ability_words(done.account.lacks))
        }
    if done.renamed:
        said += " " + _("This is another account than before: what was published stays at the old one.")
    if done.resumed:
        said += " " + ngettext(
            "%(n)s post that had waited goes out now.",
            "%(n)s posts that had waited go out now.",
            done.resumed,
        ) % {"n": done.resumed}
    if done.left:
        said += " " + ngettext(
            "%(n)s post is too late to go out by itself: give it another hour.",
            "%(n)s posts are too late to go out by themselves: give them other hours.",
            done.left,
        ) % {"n": done.left}
    messages.success(request, said)
    return redirect("community", done.community.pk)


@never_cache
@require_POST
@signed_in
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """The test button: a real call with the kept keys; a fragment for htmx."""
    actor = actor_of(request)
    try:
        done = flow.test(actor=actor, community_id=pk)
    except NetworkError as error:
        said = describe(error.code, {"detail": error.detail})
        result = {"bad": True, "said": said, "detail": error.detail}
    else:
        account = done.account
        result = {
            "bad": False,
            "account": account,
            "followers": contexts.found_words(account.followers) if account.followers is not None else "",
            "lacks": contexts.ability_words(account.lacks),
        }
    context = {**contexts.page(actor, queries.community(actor, pk)), "result": result}
    if request.headers.get("HX-Request"):
        return render(request, "communities/keys.html", context)
    return render(request, "communities/page.html", {**context, "slot_form": SlotForm()})


@require_POST
@signed_in
def disconnect(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw the keys away."""
    row = services.disconnect(actor=actor_of(request), community_id=pk)
    messages.info(
        request, _("The keys of “%(name)s” are thrown away. Nothing goes out there now.") % {"name": row.name}
    )
    return redirect("community", pk)


# OAuth


@never_cache
@require_POST
@signed_in
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the person to the network."""
    actor = actor_of(request)
    community = queries.community(actor, pk, can="connect")
    boxes = flow.oauth_fields(get_network(community.network).manifest)
    form = ManifestForm(request.POST, boxes=boxes, auto_id="id_oauth_%s")
    app = request.POST.get("app", "")
    number = int(app) if app.isascii() and app.isdecimal() and len(app) < 19 else None
    if number is None and not flow.registers_itself(community.network):
        form.add_error(None, _("Choose the app through which to connect."))
    if form.is_valid():
        try:
            url, kept = flow.begin_oauth(
                actor=actor,
                community_id=pk,
                app_id=number,
                values=form.cleaned_data,
                redirect_uri=absolute(request, reverse("oauth_back")),
            )
        except Invalid as error:
            show(form, error)
        except NetworkError as error:
            refuse(form, boxes, error)
        else:
            request.session[SESSION] = kept
            return redirect(url)
    return connect_page(request, pk, oauth_form=form)


@never_cache
@signed_in
@require_http_methods(["GET"])
def back(request: HttpRequest) -> HttpResponse:
    """The network sends the person back here. The session forgets what it remembered, whatever happens."""
    kept = request.session.pop(SESSION, None)
    params = {name: str(value)[:4096] for name, value in request.GET.items()}
    try:
        done = flow.finish_oauth(actor=actor_of(request), kept=kept, params=params)
    except flow.Mismatch as error:
        return mismatch(request, str(error))
    except Invalid as error:
        messages.error(request, error.sentence)
    except NetworkError as error:
        said = describe(error.code, {"detail": error.detail})
        messages.error(request, f"{said.what} {said.todo}".strip())
    else:
        if isinstance(done, Several):
            request.session[CHOICE] = done.kept
            return redirect("connect_choose", done.community.pk)
        return connected(request, done)
    return redirect("community_connect", kept["community"] if kept else 0)


def mismatch(request: HttpRequest, why: str) -> HttpResponse:
    sentence = _(
        "This answer of the network does not belong to what this browser asked for, so nothing was "
        "connected. Open the community and connect it once more."
    )
    if why == "late":
        sentence = _(
            "More than a quarter of an hour has passed, so the network's answer is no longer taken. Open the "
            "community and connect it once more."
        )
    return render(request, "errors/400.html", {"sentence": sentence}, status=400)
