"""The day as a letter: the lines of the page, plain, in the person's own language and by his clock."""

from __future__ import annotations

from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from niva.domains.notices import services as notices
from niva.domains.notices.models import Notice
from niva.domains.people.actor import Actor
from niva.domains.people.models import User
from niva.flows import digest as flow
from niva.flows.day_done import done_on
from niva.flows.digest import Letter
from niva.flows.today import today
from niva.kit.text import typo
from niva.web.notices.reading import sentence_of
from niva.web.templatetags.niva import when
from niva.web.today.lines import page_of
from niva.web.today.note import sentences
from niva.web.today.shape import Line, Section

MOST_NEWS: Final = 10


def letter_of(actor: Actor, kind: str, day: date) -> Letter | None:
    """The morning's or the evening's letter of that day; None when there is nothing to say."""
    user = actor.user
    if user is None:
        return None
    with override(user.language), timezone.override(ZoneInfo(user.time_zone)):
        return _morning(actor, user, day) if kind == flow.MORNING else _evening(actor, user)


def notice_letter(actor: Actor, notice: Notice) -> Letter:
    """One notice that cannot wait."""
    with override(notice.user.language):
        sentence = typo(sentence_of(notice), notice.user.language)
        return Letter(sentence, _signed("", notice.url or reverse("notices")))


def _morning(actor: Actor, user: User, day: date) -> Letter | None:
    page = page_of(today(actor, zone=user.time_zone), {})
    news = list(notices.mine(actor).filter(read_at__isnull=True).select_related("client")[: MOST_NEWS + 1])
    if not page.count and not news:
        return None
    parts = [page.summary, *(_section(one) for one in page.sections if one.lines)]
    if news:
        said = [f"• {sentence_of(one)}" for one in news[:MOST_NEWS]]
        if len(news) > MOST_NEWS:
            said.append(_("…and more on the page."))
        parts.append("\n".join([_("News"), *said]))
    _today, note = notices.notes(actor, day=day)
    if note is not None:
        parts.append(f"{_('Your last note')}: {note.text}")
    subject = _("%(day)s: %(summary)s") % {"day": _day(day), "summary": page.summary}
    return Letter(typo(subject, user.language), _signed(typo("\n\n".join(parts), user.language), "/"))


def _evening(actor: Actor, user: User) -> Letter:
    done = sentences(done_on(actor, timezone.now().astimezone(ZoneInfo(user.time_zone))))
    text = " ".join(done) or _("Nothing was counted today. It may have been a day of thinking.")
    ask = _("Write two lines for tomorrow morning:")
    return Letter(_("How was the day?"), _signed(typo(f"{text}\n\n{ask}", user.language), "/#day-note"))


def _section(section: Section) -> str:
    lines = [f"• {_line(one)}" for one in section.lines]
    if section.folded:
        more = len(section.folded)
        lines.append(ngettext("…and %(n)s more", "…and %(n)s more", more) % {"n": more})
    return "\n".join([section.title, *lines])


def _line(line: Line) -> str:
    due = f" ({line.due_note} {when(line.due, line.zone or None)})" if line.due else ""
    return " ".join(filter(None, (f"{line.who}:", line.what, line.why))) + due


def _day(day: date) -> str:
    return formats.date_format(day, "l, j E").capitalize()


def _signed(text: str, path: str) -> str:
    """With the address of the page, where the desk knows its own."""
    return f"{text}\n\n{settings.BASE_URL}{path}".strip() if settings.BASE_URL else text


def offer() -> None:
    """Called once, when the application is loaded."""
    flow.use_words(letter_of, notice_letter)
