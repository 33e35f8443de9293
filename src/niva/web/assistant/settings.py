"""The owner sets the assistant up and tries it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from niva.domains.editorial.services import assistant as services
from niva.domains.people.errors import Invalid
from niva.flows import assist
from niva.flows.talk import inner_hosts
from niva.kit.openai_like import ServiceFailed
from niva.web.assistant.forms import AssistantForm
from niva.web.clients.listing import actor_of
from niva.web.people.doors import limited, signed_in
from niva.web.people.forms import show
from niva.words.services import service_says


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    """For the owner of the workspace alone: it is his money and his texts."""
    actor = actor_of(request)
    services.demand_owner(actor)
    row = services.assistant_of(actor)
    initial = (
        {"is_on": row.is_on, "base": row.base, "model": row.model, "speech_model": row.speech_model}
        if row
        else {}
    )
    form = AssistantForm(request.POST) if request.method == "POST" else AssistantForm(initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.configure(actor, allowed=inner_hosts(), **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            return redirect("assistant")
    return _page(request, form, 422 if form.errors else 200)


@require_POST
@signed_in
@limited("assist")
def try_out(request: HttpRequest) -> HttpResponse:
    """One short question to the service as it is saved; what came back is said in words."""
    actor = actor_of(request)
    services.demand_owner(actor)
    row = services.assistant_of(actor)
    form = AssistantForm(
        initial={"is_on": row.is_on, "base": row.base, "model": row.model, "speech_model": row.speech_model}
        if row
        else {}
    )
    try:
        written = assist.try_out(actor)
    except ServiceFailed as error:
        return _page(request, form, 422, failed=service_says(error.code, error.detail))
    except Invalid as error:
        return _page(request, form, 422, failed=error.sentence)
    said = _("The service answered. Model: %(model)s. Its words: “%(words)s”.") % {
        "model": written.model,
        "words": written.text[:200],
    }
    return _page(request, form, 200, said=said)


def _page(request: HttpRequest, form: AssistantForm, status: int, **more: Any) -> HttpResponse:
    row = services.assistant_of(actor_of(request))
    context = {"form": form, "row": row, "has_key": bool(row and row.sealed), **more}
    return render(request, "assistant/settings.html", context, status=status)
