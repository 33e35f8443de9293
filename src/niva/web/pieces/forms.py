"""What is typed about remarks."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from niva.domains.people.errors import Invalid
from niva.domains.publishing.models import Post
from niva.web.pieces import places


class RemarkForm(forms.Form):
    """A remark and its place: marked by the island, chosen from a list, or given by the words themselves."""

    text = forms.CharField(
        label=gettext_lazy("What is to be changed"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    place = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-place": ""}))
    where = forms.CharField(label=gettext_lazy("Where"), required=False)
    quote = forms.CharField(
        label=gettext_lazy("Or the very words of the text"), required=False, max_length=1000
    )
    at = forms.FloatField(label=gettext_lazy("Second of the video"), required=False, min_value=0)
    shown = forms.BooleanField(label=gettext_lazy("The client may read it"), required=False)

    def __init__(self, post: Post, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["where"].widget = forms.Select(choices=places.choices(post))
        if not any(item.asset.kind == "video" for item in post.media.all()):
            del self.fields["at"]

    @property
    def chosen(self) -> dict[str, Any]:
        """The place that was meant: what was marked before what was chosen. Raises Invalid."""
        data = self.cleaned_data
        raw = data["place"] or ("" if data["quote"] else data["where"])
        if not raw:
            return {"kind": "text", "quote": data["quote"]} if data["quote"] else {}
        try:
            place = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise Invalid.one("place", _("This place is not in the post. Mark it anew.")) from error
        if not isinstance(place, dict):
            raise Invalid.one("place", _("This place is not in the post. Mark it anew."))
        if place.get("kind") == "media" and data.get("at") is not None:
            place["at"] = data["at"]
        return place
