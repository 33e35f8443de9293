"""Notices in words."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from niva.domains.notices.models import Notice
from niva.web.notices.sentences import SENTENCES

log = logging.getLogger("niva.notices")


@dataclass(frozen=True, slots=True)
class Told:
    """One line: the notice, its sentence, and whose matter it is."""

    notice: Notice
    sentence: str
    who: str

    @property
    def fresh(self) -> bool:
        return self.notice.read_at is None


def sentence_of(notice: Notice) -> str:
    """The sentence of a notice in the language that is on. A kind that nobody knows any more is its name."""
    pattern = SENTENCES.get(notice.kind)
    if pattern is None:
        log.warning("no sentence for the notice %s", notice.kind)
        return notice.kind.replace("_", " ")
    try:
        return str(pattern) % {"by": notice.by, **notice.facts}
    except (KeyError, TypeError, ValueError):  # written by an older desk with other facts
        log.warning("the notice %s lacks facts", notice.kind)
        return str(pattern).partition("%")[0].strip(" “«,:") or notice.kind


def read_lines(notices: Iterable[Notice]) -> list[Told]:
    return [Told(one, sentence_of(one), one.client.name if one.client else one.by) for one in notices]
