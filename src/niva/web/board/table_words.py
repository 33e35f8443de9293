"""What columns, changes and answers of the table are called."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

COLUMN_WORDS: Final[dict[str, str | Promise]] = {
    "at": _("Day and hour"),
    "places": _("Where"),
    "title": _("Piece"),
    "rubric": _("Rubric"),
    "goal": _("Goal"),
    "audience": _("For whom"),
    "unit": _("Kind"),
    "hook": _("Hook"),
    "call": _("Call to action"),
    "author": _("Author"),
    "designer": _("Designer"),
    "responsible": _("Has it now"),
    "stage": _("Stage"),
    "state": _("State"),
    "approval": _("Approval"),
    "link": _("Link"),
    "origin": _("Where it comes from"),
}
# What may be changed in its cell, and by which change.
EDITABLE: Final = {"at": "hour", "author": "author", "rubric": "rubric", "stage": "stage"}
ACTION_WORDS: Final[dict[str, str | Promise]] = {
    "author": _("Set the author"),
    "designer": _("Set the designer"),
    "rubric": _("Set the rubric"),
    "unit": _("Set the kind"),
    "urgent": _("Mark as urgent or not"),
    "shift": _("Shift the days"),
    "hour": _("Set the hour"),
    "stage": _("Move to a stage"),
    "park": _("Park"),
    "reject": _("Reject"),
    "community": _("Add a community"),
}
APPROVAL_CSS: Final = {
    "open": "waiting", "approved": "out", "edited": "out", "returned": "rejected", "silence": "out",
    "withdrawn": "cancelled", "void": "unknown",
}  # fmt: skip
VOID: Final = pgettext_lazy("a client's decision", "void: edited since")
