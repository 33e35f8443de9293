"""Words of the editorial office that code decides by. No database here."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class StageKind(models.TextChoices):
    """What a stage is for; a client may have several of kind `other`, and one of each of the rest."""

    IDEA = "idea", _("Idea")
    THEME = "theme", _("Topic")
    BRIEF = "brief", _("Brief")
    DRAFT = "draft", _("Draft")
    EDITING = "editing", _("Editing")
    VISUAL = "visual", _("Visual")
    PROOF = "proof", _("Proof and law")
    APPROVAL = "approval", _("Client's approval")
    SCHEDULED = "scheduled", _("Scheduled")
    PUBLISHED = "published", _("Published")
    DISTRIBUTION = "distribution", _("Distribution")
    REVIEW = "review", _("Review")
    OTHER = "other", _("Own stage")


class PieceState(models.TextChoices):
    """Whether a piece stands on the board. `done`: it has left the last stage."""

    ACTIVE = "active", _("in work")
    PARKED = "parked", _("parked")
    REJECTED = "rejected", _("rejected")
    DONE = "done", _("done")


class How(models.TextChoices):
    """How a piece left a stage. `machine`: the desk saw that it was scheduled or is out."""

    FORWARD = "forward", _("handed on")
    BACK = "back", _("returned")
    PARKED = "parked", _("parked")
    REJECTED = "rejected", _("rejected")
    DONE = "done", _("done")
    MACHINE = "machine", _("moved by the desk")


class Reason(models.TextChoices):
    """Why a piece was returned; the list an editor chooses from."""

    FACT = "fact", _("facts")
    TONE = "tone", _("tone")
    LAW = "law", _("law")
    BRIEF = "brief", _("not as the brief says")
    VISUAL = "visual", _("picture or video")
    LANGUAGE = "language", _("language")
    CLIENT = "client", _("the client wants it otherwise")
    OTHER = "other", _("another reason")


class Off(models.TextChoices):
    """Why a piece leaves the board before it is done: parked for a while, or rejected for good."""

    WAITS_CLIENT = "waits_client", _("the client has not given what is needed")
    WAITS_MATERIAL = "waits_material", _("the material is not there yet")
    SEASON = "season", _("not its time of the year")
    DOUBLE = "double", _("we have had it already")
    WEAK = "weak", _("it does not serve the goal")
    LAW = "law", _("the law forbids it")
    REFUSED = "refused", _("the client does not want it")
    OTHER = "other", _("another reason")


def why_off(reason: str) -> str:
    """The words of `Piece.reason`: a code of Off, then ": " and what the person added."""
    code, _colon, words = reason.partition(": ")
    if code not in Off.values:
        return reason
    label = str(Off(code).label)
    return f"{label}. {words}" if words else label


class Unit(models.TextChoices):
    """What kind of thing a piece is; agreements on KPI and pay count by it."""

    POST = "post", _("post")
    ARTICLE = "article", _("article")
    VIDEO = "video", _("video")
    STORY = "story", _("story")
    REEL = "reel", _("reel")
    CARD = "card", _("cards")
    SHORTREAD = "shortread", _("short read")
    INTERVIEW = "interview", _("interview")
