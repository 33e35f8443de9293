"""States of a task and its arrows, and why somebody's time stands still. No database here."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class TaskState(models.TextChoices):
    OPEN = "open", _("to be done")
    IN_WORK = "in_work", _("in work")
    HANDED = "handed", _("handed over")
    RETURNED = "returned", _("returned")
    ACCEPTED = "accepted", _("accepted")
    CANCELLED = "cancelled", _("cancelled")


# Verb -> (from where, to where).
ARROWS: Final[dict[str, tuple[frozenset[TaskState], TaskState]]] = {
    "take": (frozenset({TaskState.OPEN, TaskState.RETURNED}), TaskState.IN_WORK),
    "hand": (frozenset({TaskState.OPEN, TaskState.IN_WORK, TaskState.RETURNED}), TaskState.HANDED),
    "accept": (frozenset({TaskState.HANDED}), TaskState.ACCEPTED),
    "give_back": (frozenset({TaskState.HANDED}), TaskState.RETURNED),
    "cancel": (
        frozenset({TaskState.OPEN, TaskState.IN_WORK, TaskState.HANDED, TaskState.RETURNED}),
        TaskState.CANCELLED,
    ),
}
DONE: Final = frozenset({TaskState.ACCEPTED, TaskState.CANCELLED})


class BlockReason(models.TextChoices):
    """Why the time stands still; only `author` is the person's own."""

    NO_BRIEF = "no_brief", _("no brief")
    APPROVAL = "approval", _("the approval is stalled")
    ILLNESS = "illness", _("illness")
    AUTHOR = "author", _("the author")
    OTHER = "other", _("another reason")
