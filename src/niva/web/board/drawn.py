"""Cards as HTML, put together in Python: a board has hundreds, and the template engine is slow at that."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from niva.domains.editorial.queries import Wanted
from niva.web.board.wish import query
from niva.web.templatetags.niva import icon

NONE = SafeString("")


class Pen:
    """What every card repeats, looked up once; `draw` makes one card. Everything typed is escaped."""

    def __init__(self, wanted: Wanted) -> None:
        self.move = reverse("board_move", args=[0]).replace("/0/", "/")
        self.query = query(wanted)
        self.words = {
            "move": _("Move…"),
            "stands": _("stands here:"),
            "urgent": _("urgent"),
            "back": _("came back"),
            "failed": _("failed publishing"),
        }
        self.icons = {
            "hourglass": icon("hourglass", "s"),
            "arrows-move": icon("arrows-move", "s"),
            "alert-triangle": icon("alert-triangle", "s"),
            "arrow-back-up": icon("arrow-back-up", "s"),
            "flame": icon("flame", "s"),
        }

    def draw(self, card: Any) -> SafeString:
        """The article of one card."""
        hold = NONE
        if card.movable:
            hold = format_html(' draggable="true" data-id="{}" data-seen="{}"', card.pk, card.stage_id)
        return format_html(
            '<article class="kard{}"{}><h3><a href="{}" draggable="false">{}</a></h3>{}'
            '<p class="kard-foot">{}<abbr title="{}">{}</abbr><span class="kard-time{}">{}'
            '<span class="sr">{}</span>{}</span>{}</p></article>',
            " late" if card.late or card.failed else "", hold, card.url, card.title, self._notes(card),
            card.nets, card.client_name, card.client, " hot" if card.late else "", self.icons["hourglass"],
            self.words["stands"], card.stood, self._mover(card),
        )  # fmt: skip

    def _notes(self, card: Any) -> SafeString:
        notes = NONE
        if card.own_stage:
            notes += format_html('<p class="kard-note">{}</p>', card.own_stage)
        if card.urgent:
            notes += self._note("login", "flame", self.words["urgent"])
        if card.failed:
            notes += self._note("rejected", "alert-triangle", f"{self.words['failed']}: {card.failed}")
        if card.back:
            notes += self._note("waiting", "arrow-back-up", f"{self.words['back']}: {card.back}")
        return notes

    def _note(self, state: str, mark: str, words: str) -> SafeString:
        return format_html('<p class="kard-note is-{}">{}<span>{}</span></p>', state, self.icons[mark], words)

    def _mover(self, card: Any) -> SafeString:
        if not card.movable:
            return NONE
        url = f"{self.move}{card.pk}/?{self.query}"
        return format_html(
            '<a class="kard-move" href="{}" hx-get="{}" hx-target="#dialog" draggable="false"'
            ' aria-label="{} {}">{}</a>',
            url, url, self.words["move"], card.title, self.icons["arrows-move"],
        )  # fmt: skip
