"""What the board says: the sentence of its state, how long a card has stood, what a column asks for."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from niva.domains.editorial import exits
from niva.domains.editorial.queries import Board, Column, stands_in
from niva.domains.editorial.states import StageKind
from niva.kit.text import number
from niva.web.templatetags.niva import day, language


def summary(board: Board) -> str:
    """How much is in work, and where it jams."""
    if not board.total:
        return _("Nothing is in work here.")
    said = ngettext("%(n)s piece in work.", "%(n)s pieces in work.", board.total) % {
        "n": number(board.total, language())
    }
    if board.jam is None:
        return f"{said} " + _("No stage holds more than it should.")
    hours = round(board.jam.hours)
    jam = _("The jam is in “%(stage)s”: %(count)s instead of %(most)s,") % {
        "stage": name_of(board.jam.column),
        "count": number(board.jam.column.count, language()),
        "most": number(board.jam.column.wip, language()),
    }
    stand = ngettext("standing %(n)s working hour each.", "standing %(n)s working hours each.", hours)
    return f"{said} {jam} {stand % {'n': number(hours, language())}}"


def stood(hours: float, day_hours: float) -> str:
    """How long a card has stood, short: working hours within a day, then working days."""
    if hours < 1:
        return _("under 1 h")
    if day_hours <= 0 or hours < day_hours:
        return _("%(n)d h") % {"n": int(hours)}
    return _("%(n)d d") % {"n": int(hours / day_hours)}


def name_of(column: Column) -> str:
    """The column's name: its stage's, or of all clients the kind's."""
    if len(column.stages) == 1 and column.key.isdecimal():
        return str(column.stages[0])
    return str(StageKind(column.kind).label) if column.kind != StageKind.OTHER else _("Own stages")


def exits_of(column: Column) -> str:
    """What must hold before a card leaves; of several clients only what all of them ask for alike."""
    asked = {tuple(map(exits.key_of, stage.exits)) for stage in column.stages}
    said = exits.words_of(column.stages[0].exits) if len(asked) == 1 else []
    return ", ".join(one.rstrip(".") for one in said)


def stand_ins(column: Column) -> list[str]:
    """Who stands in for whom, until when; only where one stage is looked at, or few have it."""
    today = timezone.localdate()
    found = []
    for stage in column.stages:
        if stage.stand_in is None or stage.stand_in_until is None or not stands_in(stage):
            continue
        until = day(stage.stand_in_until, today)
        if stage.owner is not None:
            said = _("%(deputy)s stands in for %(owner)s until: %(day)s") % {
                "deputy": stage.stand_in, "owner": stage.owner, "day": until,
            }  # fmt: skip
        else:
            said = _("%(deputy)s stands in until: %(day)s") % {"deputy": stage.stand_in, "day": until}
        found.append(said)
    return list(dict.fromkeys(found))[:2]
