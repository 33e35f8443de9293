"""The page of parts: every state and small part that the screens are built from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from niva.domains.people.actor import Actor
from niva.domains.people.models import WorkspaceRole
from niva.networks.registry import all_networks
from niva.web.charts import sample
from niva.web.looks import STATES


class PartsForm(forms.Form):
    """One field of every kind."""

    title = forms.CharField(label=gettext_lazy("Title"))
    deadline = forms.CharField(
        label=gettext_lazy("Deadline"), help_text=gettext_lazy("A day and an hour in the client's time zone.")
    )
    task = forms.ChoiceField(
        label=gettext_lazy("What it serves"), choices=[("leads", gettext_lazy("Leads from the site"))]
    )
    text = forms.CharField(
        label=gettext_lazy("Text"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    silent = forms.BooleanField(label=gettext_lazy("Without a notification"), required=False)
    where = forms.MultipleChoiceField(
        label=gettext_lazy("Where to"),
        choices=[("vk", "VK"), ("telegram", "Telegram")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def clean_deadline(self) -> str:
        raise forms.ValidationError(_("November has 30 days. Use the 30th or 1 December?"))


def may_see(actor: Actor | None) -> bool:
    """In development anyone, otherwise the owner of a workspace."""
    return settings.DEBUG or (actor is not None and actor.role == WorkspaceRole.OWNER)


def parts() -> dict[str, Any]:
    """What the page shows."""
    now = timezone.now()
    return {
        "states": list(STATES),
        "networks": list(all_networks()),
        "form": PartsForm(
            data={"title": _("Ribs for the weekend"), "deadline": _("31 November"), "where": ["vk"]}
        ),
        "chart": sample(),
        "moments": [now - timedelta(minutes=22), now + timedelta(minutes=40), now + timedelta(days=1), now],
        "tries": [
            {"state": "sending", "at": now - timedelta(minutes=25), "text": _("sent to VK")},
            {"state": "waiting", "at": now - timedelta(minutes=24), "text": _("VK asks to wait 20 minutes")},
            {"state": "published", "at": now - timedelta(minutes=4), "text": _("is out"), "now": True},
            {"at": now + timedelta(minutes=56), "text": _("we look whether it is still there")},
        ],
    }


def kit(request: HttpRequest) -> HttpResponse:
    """`/kit/`: 404 for those it is not for."""
    if not may_see(getattr(request, "actor", None)):
        raise Http404
    return render(request, "kit.html", parts())
