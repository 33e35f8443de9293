"""The states of a lead and the arrows between them, as data. Pure.

The way forward is new → contacted → qualified → sold; steps may be left out, because a buyer may come and pay
at once. From everywhere a lead may be refused, with one of the closed list of reasons. Ways back are
corrections: somebody pressed the wrong button; they are let through only with words, and the history keeps
both.
"""

from __future__ import annotations

from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    NEW = "new", _("new lead")
    CONTACTED = "contacted", _("contacted")
    QUALIFIED = "qualified", _("qualified")
    SOLD = "sold", _("sold")
    REFUSED = "refused", _("refused")


class Reason(TextChoices):
    """Why nothing came of it. The last two were no leads at all: they are shown and never counted."""

    NO_ANSWER = "no_answer", _("does not answer")
    PRICE = "price", _("too dear")
    ELSEWHERE = "elsewhere", _("bought elsewhere")
    NOT_FIT = "not_fit", _("we do not have what is needed")
    LATER = "later", _("not now")
    OTHER = "other", _("another reason")
    SPAM = "spam", _("spam")
    TEST = "test", _("a test of the form")


NOT_LEADS: Final = frozenset({Reason.SPAM, Reason.TEST})

FORWARD: Final[dict[str, tuple[Status, ...]]] = {
    Status.NEW: (Status.CONTACTED, Status.QUALIFIED, Status.SOLD, Status.REFUSED),
    Status.CONTACTED: (Status.QUALIFIED, Status.SOLD, Status.REFUSED),
    Status.QUALIFIED: (Status.SOLD, Status.REFUSED),
    Status.SOLD: (Status.REFUSED,),  # the money was given back
    Status.REFUSED: (Status.CONTACTED, Status.QUALIFIED, Status.SOLD),  # he thought better of it
}
BACK: Final[dict[str, tuple[Status, ...]]] = {
    Status.NEW: (),
    Status.CONTACTED: (Status.NEW,),
    Status.QUALIFIED: (Status.CONTACTED, Status.NEW),
    Status.SOLD: (Status.QUALIFIED, Status.CONTACTED, Status.NEW),
    Status.REFUSED: (Status.NEW,),
}
RANKS: Final[dict[str, int]] = {Status.NEW: 0, Status.CONTACTED: 1, Status.QUALIFIED: 2, Status.SOLD: 3}
"""How far along the way; being refused is no place on it."""


def ways(status: str) -> tuple[Status, ...]:
    """Where a lead may go, forward first."""
    return (*FORWARD[status], *BACK[status])


def is_correction(was: str, now: str) -> bool:
    return now in BACK[was]


def reached(was: str, now: str, before: int) -> int:
    """The furthest rank after a step: a refusal keeps how far he came, money given back makes the sale
    undone,
    a correction makes what was wrong unsaid."""
    if now == Status.REFUSED:
        return min(before, RANKS[Status.QUALIFIED]) if was == Status.SOLD else before
    if is_correction(was, now):
        return RANKS[now]
    return max(before, RANKS[now])
