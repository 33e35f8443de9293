"""What is typed about the assistant. The key is only ever taken, never shown."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from niva.domains.editorial.assisting import LONGEST_ASKED, Wish
from niva.domains.editorial.services.assistant import LONGEST_KEY


class AssistantForm(forms.Form):
    is_on = forms.BooleanField(label=_("The assistant may be asked"), required=False)
    base = forms.CharField(
        label=_("Address of the service"),
        max_length=300,
        required=False,
        help_text=_("Up to /chat/completions, like https://api.example.org/v1."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    model = forms.CharField(
        label=_("Model for texts"), max_length=120, required=False, help_text=_("As the service calls it.")
    )
    speech_model = forms.CharField(
        label=_("Model for speech"),
        max_length=120,
        required=False,
        help_text=_("Turns recordings into text. Empty: recordings are not sent."),
    )
    key = forms.CharField(
        label=_("Key"),
        max_length=LONGEST_KEY,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    forget_key = forms.BooleanField(label=_("Forget the key that is kept"), required=False)


class AskForm(forms.Form):
    wish = forms.ChoiceField(label=_("What to propose"), choices=Wish.choices)
    asked = forms.CharField(
        label=_("Exactly this will be sent"),
        max_length=LONGEST_ASKED,
        widget=forms.Textarea(attrs={"rows": 10}),
    )
