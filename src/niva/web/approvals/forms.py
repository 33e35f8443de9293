"""What is typed about requests: asking, letting out without asking, what the client said elsewhere."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from niva.domains.publishing.approving import KnownBy


class AskForm(forms.Form):
    approver_name = forms.CharField(label=_("Who decides"), max_length=120)
    approver_email = forms.EmailField(
        label=_("His e-mail"),
        required=False,
        help_text=_("Empty: you send the link yourself."),
    )
    message = forms.CharField(
        label=_("What he should look at"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("He sees it above the post."),
    )
    urgent = forms.BooleanField(label=_("Urgent: the short term"), required=False)


class WaiveForm(forms.Form):
    reason = forms.CharField(
        label=_("Why without the client"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It stands in the evidence beside your name."),
    )


class ToldForm(forms.Form):
    """A decision that came by another way than the link."""

    verdict = forms.ChoiceField(
        label=_("What he decided"), choices=[("approve", _("approved")), ("return", _("returned"))]
    )
    name = forms.CharField(label=_("Who decided"), max_length=120)
    known_by = forms.ChoiceField(label=_("How you know it"), choices=KnownBy.choices)
    quote = forms.CharField(label=_("His words"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    proof = forms.FileField(label=_("Screenshot, if there is one"), required=False)
