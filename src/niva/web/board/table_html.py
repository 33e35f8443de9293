"""What stands in each cell of a row. Written in Python: fifty rows of a dozen cells are drawn at once, and a
template that asks every cell which column it is takes longer than the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from niva.kit.text import MISSING
from niva.web.board.table_rows import Row
from niva.web.looks import look_of
from niva.web.templatetags.niva import icon, netmark, when


@dataclass(frozen=True, slots=True)
class Cell:
    """`edits`: pressed, the cell becomes a form."""

    name: str
    html: SafeString | str
    edits: bool


def cells_of(row: Row, columns: Sequence[str]) -> list[Cell]:
    """The cells of a row, in the order of the columns."""
    return [Cell(name, DRAWN[name](row), name in row.may and name != "title") for name in columns]


def _title(row: Row) -> SafeString:
    mark = format_html(' <span class="chip hot-chip">{}</span>', _("urgent")) if row.piece.urgent else ""
    return format_html(
        '<a class="name" data-open-line href="{}"><b>{}</b></a>{}<span class="small mute block">{}</span>',
        row.url,
        str(row.piece) or _("untitled"),
        mark,
        row.piece.client.name,
    )


def _at(row: Row) -> SafeString:
    if row.at is None:
        return format_html('<span class="mute">{}</span>', _("no hour"))
    shown = when(row.at, row.piece.client.time_zone)
    if not row.passed:
        return format_html("<span>{}</span>", shown)
    return format_html(
        '<span class="bad">{}</span><span class="small bad block">{}</span>', shown, _("its hour has passed")
    )


def _places(row: Row) -> SafeString:
    if not row.places:
        return format_html('<span class="mute small">{}</span>', _("nowhere yet"))
    marks = format_html_join("", "{}", ((netmark(network),) for network, _name in row.places))
    return format_html('<span class="nets">{}</span>', marks)


def _stage(row: Row) -> SafeString:
    css = "bad" if row.late else "mute"
    return format_html(
        '<span>{}</span><span class="small {} block">{}</span>', str(row.piece.stage), css, row.stood
    )


def _state(row: Row) -> SafeString:
    if row.off:
        return format_html('<span class="chip">{}</span>', row.off)
    looks = [look_of(one) for one in row.states]
    return format_html_join(
        "",
        '<span class="st is-{}">{}<span class="w">{}</span></span>',
        ((look.css, icon(look.icon, "s"), look.word) for look in looks),
    )


def _approval(row: Row) -> SafeString | str:
    if row.approval is None:
        return MISSING
    css, word = row.approval
    return format_html('<span class="st is-{}"><span class="w">{}</span></span>', css, word)


def _link(row: Row) -> SafeString | str:
    found = format_html_join(
        "",
        '<a href="{}" rel="noopener" target="_blank">{}</a>',
        ((url, netmark(network)) for url, network in row.links),
    )
    return found or MISSING


def _words(value: object) -> SafeString | str:
    said = str(value or "")
    return mark_safe(escape(said)) if said else MISSING  # noqa: S308 escaped right here


DRAWN: Final[dict[str, Callable[[Row], SafeString | str]]] = {
    "at": _at,
    "places": _places,
    "title": _title,
    "rubric": lambda row: _words(row.piece.post.rubric),
    "goal": lambda row: _words(row.piece.post.goal and row.piece.post.goal.figure),
    "audience": lambda row: _words(row.piece.audience),
    "unit": lambda row: _words(row.piece.get_unit_display()),
    "hook": lambda row: _words(row.piece.hook),
    "call": lambda row: _words(row.piece.call),
    "author": lambda row: _words(row.piece.author),
    "designer": lambda row: _words(row.piece.designer),
    "responsible": lambda row: _words(row.piece.responsible),
    "stage": _stage,
    "state": _state,
    "approval": _approval,
    "link": _link,
    "origin": lambda row: _words(row.piece.origin),
}
