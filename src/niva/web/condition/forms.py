"""What people type about the technical condition: an answer, and what is to be written into the network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from niva.domains.condition.mending import AGES, Proposal
from niva.domains.condition.states import State

ANSWERS: Final = (
    (State.DONE.value, gettext_lazy("in order")),
    (State.BROKEN.value, gettext_lazy("out of order")),
    (State.NOT_APPLICABLE.value, gettext_lazy("does not apply here")),
)
FIELD_WORDS: Final[dict[str, str | Promise]] = {
    "status": gettext_lazy("Line under the name"),
    "about": gettext_lazy("Description"),
    "site": gettext_lazy("Site"),
    "contacts": gettext_lazy("Contacts, one a line"),
    "address": gettext_lazy("Address"),
    "hours": gettext_lazy("Hours"),
    "category": gettext_lazy("Theme"),
    "age_mark": gettext_lazy("Age mark"),
    "messages_on": gettext_lazy("People may write to the community"),
    "comments_on": gettext_lazy("People may comment"),
    "closed": gettext_lazy("Only members see the community"),
    "greeting": gettext_lazy("Greeting"),
    "button": gettext_lazy("Label of the action button"),
    "menu": gettext_lazy("Menu, one tile a line"),
}
LONGEST: Final = 20_000  # characters; no network takes more in one field


class AnswerForm(forms.Form):
    """How an item is, as somebody saw it. What is wrong with it the service says."""

    state = forms.ChoiceField(label=gettext_lazy("How is it?"), choices=ANSWERS)
    note = forms.CharField(
        label=gettext_lazy("What was seen"), max_length=300, required=False,
        help_text=gettext_lazy("For “does not apply”: why."),
    )  # fmt: skip
    proof_url = forms.CharField(
        label=gettext_lazy("Proof: a link"), max_length=500, required=False,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text=gettext_lazy("A screenshot or a document where it can be seen."),
    )  # fmt: skip


class MendForm(forms.Form):
    """One field of a profile, begun with what the desk proposes.

    `most`: how long it may be, in the network's own count (`length`); None where no limit is known.
    """

    def __init__(
        self, *args: Any, proposal: Proposal, most: int | None, length: Callable[[str], int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.proposal, self.most, self.length = proposal, most, length
        self.fields["value"] = _field(proposal, most)

    def clean_value(self) -> Any:
        """As `Profile` has it. Raises ValidationError for what the network would refuse."""
        value = self.cleaned_data["value"]
        if self.proposal.kind == "switch":
            return value == "1"
        if self.proposal.kind == "lines":
            rows = tuple(line.strip() for line in value.splitlines() if line.strip())
            if self.most is not None and len(rows) > self.most:
                raise forms.ValidationError(_("Too many: %(most)d at most.") % {"most": self.most})
            return rows
        if isinstance(value, str) and self.most is not None and (size := self.length(value)) > self.most:
            said = _("Too long: %(size)d of %(most)d characters.") % {"size": size, "most": self.most}
            raise forms.ValidationError(said)
        return value

    @property
    def changes(self) -> dict[str, Any]:
        return {self.proposal.field: self.cleaned_data["value"]}


def _field(proposal: Proposal, most: int | None) -> forms.Field:
    label = str(FIELD_WORDS.get(proposal.field, proposal.field))
    if proposal.kind == "switch":
        return forms.ChoiceField(
            label=label,
            choices=(("1", gettext_lazy("yes")), ("", gettext_lazy("no"))),
            required=False,
            initial="1" if proposal.value else "",
        )
    if proposal.kind == "age":
        return forms.ChoiceField(
            label=label, choices=[(one, one) for one in AGES], initial=proposal.value or AGES[0]
        )
    initial = "\n".join(proposal.value) if proposal.kind == "lines" else proposal.value
    if proposal.kind == "url":
        return forms.URLField(label=label, initial=initial, max_length=500, assume_scheme="https")
    area = forms.Textarea(attrs={"rows": 8}) if proposal.kind in ("text", "lines") else None
    hint = _("%(most)d characters at most.") % {"most": most} if most and proposal.kind == "text" else ""
    return forms.CharField(label=label, initial=initial, max_length=LONGEST, widget=area, help_text=hint)
