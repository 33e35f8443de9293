"""What the client is written: the letter with the link, a reminder, and a text for a messenger."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import formats, translation
from django.utils.translation import gettext as _

from niva.domains.publishing.approving import Approval
from niva.domains.publishing.services.approving import is_current, secret_of

log = logging.getLogger("niva.approvals")
WAIT, CONSENT = "wait", "consent"
MOST_TITLE: Final = 80


def language_of(approval: Approval) -> str:
    """Letters go out in the language of who asked."""
    return approval.asked_by.language if approval.asked_by else settings.LANGUAGE_CODE


def path_of(secret: str) -> str:
    return reverse("decide", args=[secret])


def until(approval: Approval) -> str:
    """The end of the term by the client's clock, in words."""
    local = approval.due_at.astimezone(ZoneInfo(approval.client.time_zone))
    day = "l, j E" if translation.get_language() == "ru" else "l, j F"
    return f"{formats.date_format(local, day)}, {local:%H:%M}"


def silence_means(approval: Approval) -> str:
    """What no answer means, as it was agreed on the day of asking."""
    if approval.clause:
        said = _("If you are silent until your working days are over, the contract takes it for consent:")
        return f"{said} “{approval.clause}”"
    return _("If you are silent, the post does not go out and waits for you.")


def title_of(approval: Approval) -> str:
    return str(approval.post)[:MOST_TITLE]


def message(approval: Approval, link: str) -> str:
    """The text for a messenger: short, with the link at its end."""
    said = _("%(who)s asks you to decide on “%(title)s” until %(until)s.") % _facts(approval)
    urgent = _("This one is urgent.") if approval.urgent else ""
    own = approval.message
    return "\n".join(line for line in (said, urgent, own, link) if line)


def letter(approval: Approval, link: str, *, again: bool = False) -> tuple[str, str]:
    """Subject and text. `again`: a reminder; `link` empty: the desk does not know its own address."""
    facts = _facts(approval)
    subject = _("Decide on “%(title)s” until %(until)s") % facts
    if again:
        subject = _("Reminder: decide on “%(title)s” until %(until)s") % facts
    told = _("%(who)s asks you to decide on “%(title)s”. The term ends on %(until)s.") % facts
    where = (
        _("Open the link: you see the post as people will see it, and three buttons. No password is needed.")
        + f"\n{link}"
        if link
        else _("The link is in the letter with which you were asked.")
    )
    warning = _("Whoever has this link can decide in your name. Do not pass it on.")
    paragraphs = (told, approval.message, where, silence_means(approval), warning)
    return " ".join(subject.split()), "\n\n".join(one for one in paragraphs if one) + "\n"


def _facts(approval: Approval) -> dict[str, str]:
    return {
        "who": approval.workspace.name,
        "title": title_of(approval),
        "until": until(approval),
    }


def reminder_link(approval: Approval) -> str:
    """The present link once more, where the desk knows its own address; else empty."""
    if not settings.BASE_URL or not is_current(approval):
        return ""
    return settings.BASE_URL + path_of(secret_of(approval))


def mail(approval: Approval, link: str, *, again: bool = False) -> bool:
    """Send it to the approver. False: he has no address, this desk sends no mail, or the server refused."""
    if not approval.approver_email or not settings.MAIL_WORKS:
        return False
    with translation.override(language_of(approval)):
        subject, text = letter(approval, link, again=again)
    try:
        return send_mail(subject, text, None, [approval.approver_email]) == 1
    except (SMTPException, OSError):
        log.warning("a letter about approval %s could not be mailed", approval.pk, exc_info=True)
        return False
