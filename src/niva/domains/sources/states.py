"""Words of repackaging that code decides by. No database here."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SourceKind(models.TextChoices):
    """What it is that other pieces are made of."""

    RECORDING = "recording", _("recording of a stream")
    INTERVIEW = "interview", _("interview")
    ARTICLE = "article", _("article")
    REVIEW = "review", _("reviews of customers")
    FAQ = "faq", _("questions and answers")
    CHAT = "chat", _("client's chat")


class Rights(models.TextChoices):
    """Whether we may make anything of it. Permission has to be quoted with its date."""

    OURS = "ours", _("ours")
    PERMITTED = "permitted", _("others' with their permission")
    FORBIDDEN = "forbidden", _("may not be used")


class Permission(models.TextChoices):
    """What the person who speaks in a fragment says to its use."""

    NOT_NEEDED = "not_needed", _("not needed")
    GIVEN = "given", _("given")
    ASKED = "asked", _("asked, no answer yet")
    REFUSED = "refused", _("refused")


class Tick(models.TextChoices):
    """What a part must have to stand alone; the order is, answer, example, conclusion."""

    QUESTION = "question", _("question")
    ANSWER = "answer", _("answer")
    EXAMPLE = "example", _("example")
    CONCLUSION = "conclusion", _("conclusion")


class Heard(models.TextChoices):
    """Where a transcript comes from."""

    FILE = "file", _("a file")
    SERVICE = "service", _("a speech service")
    WHISPER = "whisper", _("faster-whisper on this machine")
    HAND = "hand", _("typed here")


class ClipState(models.TextChoices):
    """How far a clip is. `failed` carries a code."""

    WAITING = "waiting", _("waits")
    WORKING = "working", _("is being cut")
    DONE = "done", _("cut")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("called off")


UNDER_WAY = (ClipState.WAITING, ClipState.WORKING)
EVERGREEN_DAYS = 90  # what stays true may be cut again after so many days
