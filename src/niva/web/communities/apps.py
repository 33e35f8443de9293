"""Developer apps of the workspace: through them people let the desk in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.clients import access
from niva.domains.communities import queries, services
from niva.domains.communities.models import DeveloperApp
from niva.domains.people.errors import Conflict, Invalid
from niva.flows.apps_used import uses
from niva.networks.base.manifest import Manifest
from niva.networks.registry import all_networks
from niva.web.clients.listing import actor_of
from niva.web.communities import contexts
from niva.web.communities.forms import AppForm, app_boxes
from niva.web.people.doors import absolute, safe_next, signed_in
from niva.web.people.forms import show


def _manifest(network: str) -> Manifest:
    found = all_networks().get(network)
    if found is None or "oauth" not in found.manifest.connect:
        raise Http404
    return found.manifest


@signed_in
@require_http_methods(["GET", "HEAD"])
def apps(request: HttpRequest) -> HttpResponse:
    """The apps by network. Their secrets are never shown."""
    actor = actor_of(request)
    access.demand_workspace(actor)
    networks = [key for key, network in all_networks().items() if "oauth" in network.manifest.connect]
    rows = uses(actor)
    groups = [(key, [row for row in rows if row.app.network == key]) for key in networks]
    context = {"groups": groups, "redirect_uri": absolute(request, reverse("oauth_back"))}
    return render(request, "communities/apps.html", context)


@never_cache
@sensitive_post_parameters()
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, network: str) -> HttpResponse:
    """A new app of one network."""
    access.demand_workspace(actor_of(request))
    return _form(request, network, None)


@never_cache
@sensitive_post_parameters()
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an app; an empty secret keeps the one that is stored."""
    actor = actor_of(request)
    access.demand_workspace(actor)
    app = queries.app(actor, pk)
    return _form(request, app.network, app)


def _form(request: HttpRequest, network: str, app: DeveloperApp | None) -> HttpResponse:
    manifest = _manifest(network)
    initial: dict[str, Any] = {}
    if app is not None:
        initial = {**app.facts, "name": app.name, "server": app.server, "client_id": app.app_id}
    posted = request.POST if request.method == "POST" else None
    form = AppForm(posted, boxes=app_boxes(manifest), stored=app is not None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_app(
                actor=actor_of(request),
                network=network,
                values=form.cleaned_data,
                app_id=app.pk if app else None,
            )
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("The app is saved. Its secret is sealed and will not be shown."))
            return redirect(safe_next(request, reverse("apps")))
    context = {
        "form": form,
        "network": network,
        "app": app,
        "use": next((one for one in uses(actor_of(request), network) if app and one.app.pk == app.pk), None),
        "guide": contexts.guide(manifest),
        "redirect_uri": absolute(request, reverse("oauth_back")),
        "next": safe_next(request, ""),
    }
    return render(request, "communities/app_form.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an app out, unless communities are connected through it."""
    try:
        services.delete_app(actor=actor_of(request), app_id=pk)
    except Conflict as error:
        messages.error(request, str(error))
    else:
        messages.info(request, _("The app is taken out."))
    return redirect("apps")
