"""What is typed about notices: the ways one is told, and the token of the desk's bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from niva.domains.notices.models import Ways

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Ways]
else:
    ModelForm = forms.ModelForm


class WaysForm(ModelForm):
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On these days"),
        coerce=int,
        required=False,
        choices=[(number + 1, name) for number, name in WEEKDAYS.items()],
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Ways
        fields = ("by_mail", "by_telegram", "digest_at", "weekdays", "at_once", "evening", "evening_at")
        widgets = {
            "digest_at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "evening_at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }


class BotForm(forms.Form):
    token = forms.CharField(
        label=_("Token from @BotFather"),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}, render_value=False),
    )
