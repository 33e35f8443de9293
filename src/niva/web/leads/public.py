"""Doors from outside: a form that may stand on any site, and a webhook. No account, no cookie, no script."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from csp.decorators import csp_replace
from django import forms
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from niva.domains.leads.models import Door, DoorKind, Source
from niva.domains.leads.sealing import LONGEST, Person
from niva.domains.leads.services import doors
from niva.domains.leads.services.taking import Came, Consent
from niva.domains.leads.utm import PARTS, normal
from niva.domains.people.actor import machine
from niva.domains.people.errors import Invalid, NotFound
from niva.flows import lead_came
from niva.flows.lead_fields import flat, sound, understand
from niva.web.decide.doors import secret_door
from niva.web.people.forms import show

LARGEST_HOOK: Final = 64 * 1024  # bytes; a form of fifty long answers has ten thousand
View = Callable[..., HttpResponse]
_anywhere = csp_replace({"frame-ancestors": ["*"]})


def framed(view: View) -> View:
    """Let other sites draw the form into their pages: it has no session and no cookie, so nothing is won by
    it. The page that says that there is no such form is one of the desk's, and stays closed."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        if answer.status_code != 404:
            xframe_options_exempt(_anywhere(lambda _request: answer))(request)
        return answer

    return inner


class PublicForm(forms.Form):
    """What a person who comes is asked: as little as answering him takes. `website` is for robots."""

    name = forms.CharField(
        label=gettext_lazy("How to call you"), max_length=LONGEST["name"], required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )  # fmt: skip
    contact = forms.CharField(
        label=gettext_lazy("Where to answer: phone, mail or a page"), max_length=LONGEST["contact"],
        error_messages={"required": gettext_lazy("Without it we cannot answer you.")},
    )  # fmt: skip
    text = forms.CharField(
        label=gettext_lazy("What do you need"), max_length=LONGEST["text"], required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )  # fmt: skip
    how_heard = forms.CharField(label=gettext_lazy("How did you hear of us"), max_length=240, required=False)
    consent = forms.BooleanField(
        error_messages={"required": gettext_lazy("Without your consent we may not keep your contact.")}
    )
    website = forms.CharField(required=False, max_length=1000)
    once = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    page = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for part in PARTS:
            self.fields[f"utm_{part}"] = forms.CharField(
                required=False, max_length=400, widget=forms.HiddenInput
            )

    def marks(self) -> dict[str, str]:
        return {f"utm_{part}": sound(self.cleaned_data[f"utm_{part}"]) for part in PARTS}


@framed
@secret_door("lead_form")
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, token: str) -> HttpResponse:
    """The form; what is sent becomes a lead. What is wrong is said beside its field, and nothing is lost."""
    door = doors.by_secret(token, DoorKind.FORM)
    if request.method != "POST":
        initial = {f"utm_{part}": request.GET.get(f"utm_{part}", "")[:400] for part in PARTS}
        initial |= {"once": secrets.token_hex(8), "page": request.headers.get("Referer", "")[:300]}
        return _page(request, door, PublicForm(initial=initial))
    typed = PublicForm(request.POST)
    if request.POST.get("website"):  # nobody sees this box but robots, who fill in all they find
        doors.used(door, taken=False)
        return redirect(_thanks(token))
    if typed.is_valid():
        try:
            _take(door, typed)
        except Invalid as error:
            show(typed, error)
        else:
            return redirect(_thanks(token))
    return _page(request, door, typed, status=422)


def _thanks(token: str) -> str:
    """The last page, in the language of the form."""
    return f"{reverse('lead_form_thanks', args=[token])}?in={get_language() or 'ru'}"


def _page(request: HttpRequest, door: Door, typed: PublicForm, status: int = 200) -> HttpResponse:
    return render(request, "leads/form.html", {"door": door, "form": typed}, status=status)


def _take(door: Door, typed: PublicForm) -> None:
    data = {
        name: sound(value) if isinstance(value, str) else value for name, value in typed.cleaned_data.items()
    }
    came = Came(
        source=Source.FORM,
        person=Person(contact=data["contact"], name=data["name"], text=data["text"]),
        marks=normal(typed.marks()),
        how_heard=data["how_heard"],
        key=f"form{door.pk}:{data['once']}" if data["once"] else "",
        consent=Consent(True, door.consent, data["page"] or door.policy),
        door=door,
    )
    taken = lead_came.came(machine(door.workspace), client_id=door.client_id, came=came)
    if taken.fresh:
        doors.used(door, taken=True)


@framed
@secret_door("lead_form")
@require_safe
def thanks(request: HttpRequest, token: str) -> HttpResponse:
    """It is taken; what happens next."""
    return render(request, "leads/thanks.html", {"door": doors.by_secret(token, DoorKind.FORM)})


@secret_door("lead_hook")
@require_POST
def hook(request: HttpRequest, token: str) -> HttpResponse:
    """A lead from somebody else's form, as JSON or form fields; the answer names what was taken and what kept
    aside. 404 unknown, 413 too large, 415 unreadable kind, 422 nobody in it."""
    try:
        door = doors.by_secret(token, DoorKind.WEBHOOK)
    except NotFound:
        return _says(404, "There is no such address, or it was closed.")
    try:
        body = _body(request)
    except (RequestDataTooBig, OverflowError):
        return _says(413, "Larger than 64 KB.")
    except (ValueError, RecursionError):
        return _says(415, "Send JSON or form fields.")
    if isinstance(body, dict) and body.get("type") == "confirmation":  # VK asks whether the address is ours
        return (
            HttpResponse(door.confirm, content_type="text/plain")
            if door.confirm
            else _says(422, "No string.")
        )
    fields = flat(body)
    if {name.lower(): value for name, value in fields.items()} == {"test": "test"}:
        return _says(200, "", taken=False)  # Tilda tries the address
    return _taken(door, fields, vk=isinstance(body, dict) and body.get("type") == "lead_forms_new")


def _body(request: HttpRequest) -> Any:
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_HOOK:
        raise OverflowError
    kind = request.content_type
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return {name: ", ".join(values) for name, values in request.POST.lists()}
    if len(request.body) > LARGEST_HOOK:
        raise OverflowError
    return json.loads(request.body)


def _taken(door: Door, fields: dict[str, str], *, vk: bool) -> HttpResponse:
    found = understand(fields, source=Source.WEBHOOK, zone=door.client.time_zone)
    came = found.came
    made = Came(
        source=came.source, person=came.person, came_at=came.came_at, marks=came.marks,
        how_heard=came.how_heard, key=f"hook{door.pk}:{came.key}" if came.key else "",
        consent=came.consent, amount=came.amount, margin=came.margin, link=came.link, door=door,
    )  # fmt: skip
    try:
        taken = lead_came.came(machine(door.workspace), client_id=door.client_id, came=made)
    except Invalid as error:
        doors.used(door, taken=False)
        return _says(422, error.sentence, fields=error.errors)
    if taken.fresh:
        doors.used(door, taken=True)
    if vk:
        return HttpResponse("ok", content_type="text/plain")  # anything else makes VK send it again
    return _says(
        201 if taken.fresh else 200, "", taken=True, again=not taken.fresh, lead=taken.lead.pk,
        understood=found.took, kept_aside=found.aside, unread=found.unread, cut=found.cut,
    )  # fmt: skip


def _says(status: int, error: str, **more: Any) -> JsonResponse:
    told = {"error": error, **more} if error else more
    return JsonResponse(told, status=status, json_dumps_params={"ensure_ascii": False})
