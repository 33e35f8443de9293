"""A task by hand: the page made for a phone, its files, and the answers that end it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from niva.domains.clients import access
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.publishing.models import Delivery, Publication
from niva.domains.publishing.services import by_hand
from niva.domains.publishing.states import NOT_BY_HAND, OUT
from niva.web.clients.listing import actor_of
from niva.web.files import give
from niva.web.hand.pieces import download_name, files_of, pieces_of
from niva.web.people.doors import signed_in
from niva.web.people.forms import show


class LinkForm(forms.Form):
    """The proof. What is pasted is judged by the service, in one place for all doors."""

    url = forms.CharField(
        label=gettext_lazy("Link to the post"),
        max_length=by_hand.LONGEST_URL,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "placeholder": "https://…"}),
    )
    no_link = forms.BooleanField(label=gettext_lazy("This place gives no link"), required=False)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why not"),
        max_length=by_hand.LONGEST_REASON,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@signed_in
@require_safe
def task(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """Everything that publishing it takes, on one page."""
    return _page(request, _delivery(actor_of(request), delivery_id))


def _page(
    request: HttpRequest,
    delivery: Delivery,
    link_form: LinkForm | None = None,
    reason_form: ReasonForm | None = None,
) -> HttpResponse:
    bad = link_form is not None or reason_form is not None
    context = {**_context(actor_of(request), delivery), "link_form": link_form or LinkForm(),
               "reason_form": reason_form or ReasonForm()}  # fmt: skip
    return render(request, "hand/task.html", context, status=422 if bad else 200)


def _context(actor: Actor, delivery: Delivery) -> dict[str, Any]:
    publication = Publication.objects.filter(delivery=delivery).first()
    return {
        "delivery": delivery,
        "post": delivery.post,
        "client": delivery.client,
        "community": delivery.community,
        "zone": delivery.client.time_zone,
        "pieces": pieces_of(delivery),
        "files": files_of(delivery),
        "is_open": by_hand.is_task(delivery),
        "publication": publication if delivery.state in OUT else None,
        "declined": delivery.detail if delivery.code == NOT_BY_HAND else "",
        "may_publish": access.may(actor, "publish", client_id=delivery.client_id),
    }


def _delivery(actor: Actor, delivery_id: int) -> Delivery:
    """One that is or was a task by hand. Raises NotFound."""
    rows = Delivery.objects.filter(post__deleted_at__isnull=True).select_related(
        "client", "client__stopped_by", "community", "post", "revision"
    )
    return access.get(actor, rows, delivery_id)


@signed_in
@require_safe
def file(request: HttpRequest, delivery_id: int, number: int) -> HttpResponse:
    """A file as it was fitted for this place, to be saved."""
    delivery = _delivery(actor_of(request), delivery_id)
    media = delivery.revision.content.get("media", ())
    if number >= len(media):
        raise NotFound("file")
    item = media[number]
    path = Path(settings.MEDIA_ROOT) / item["path"]
    name = "" if request.GET.get("show") else download_name(delivery, number)
    tag = f"{delivery.revision.sha256[:24]}-{number}"
    return give(request, path, item["mime"], tag=tag, cache="private, max-age=86400", download=name)


@signed_in
@require_POST
def out(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """It is out: the link proves it."""
    actor = actor_of(request)
    delivery = _delivery(actor, delivery_id)
    form = LinkForm(request.POST)
    if form.is_valid():
        try:
            by_hand.it_is_out(actor, delivery_id=delivery_id, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("Noted: it is out."))
            return redirect("today")
    delivery.refresh_from_db()
    return _page(request, delivery, link_form=form)


@signed_in
@require_POST
def not_out(request: HttpRequest, delivery_id: int) -> HttpResponse:
    """It was not published, and why."""
    actor = actor_of(request)
    delivery = _delivery(actor, delivery_id)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            by_hand.it_is_not_out(actor, delivery_id=delivery_id, **form.cleaned_data)
        except Invalid as error:
            show(form, error)
        else:
            messages.info(request, _("Noted: it is not out. The post stays here as a draft."))
            return redirect("today")
    delivery.refresh_from_db()
    return _page(request, delivery, reason_form=form)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, publication_id: int) -> HttpResponse:
    """The link of what is out, given later or corrected."""
    actor = actor_of(request)
    rows = Publication.objects.select_related("post", "community", "client", "delivery")
    publication = access.get(actor, rows, publication_id, can="publish")
    form = LinkForm(request.POST if request.method == "POST" else None, initial={"url": publication.url})
    del form.fields["no_link"]
    if request.method == "POST" and form.is_valid():
        try:
            by_hand.put_link(actor, publication_id=publication_id, url=form.cleaned_data["url"])
        except Invalid as error:
            show(form, error)
        else:
            messages.success(request, _("The link is kept."))
            return redirect("post_show", publication.post_id)
    context = {"publication": publication, "post": publication.post, "community": publication.community,
               "client": publication.client, "form": form,
               "takes": publication.delivery.state in OUT and by_hand.takes_link(publication)}  # fmt: skip
    return render(request, "hand/link.html", context, status=422 if form.errors else 200)
