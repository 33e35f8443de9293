"""The morning digest, the evening's word, and what cannot wait: by mail, by Telegram, each at most once.

What they say is put into words by the pages above (`use_words`), so that a digest and the page of the day
never say different things. A letter is claimed before it is sent: a desk that dies in between loses one
digest rather than sending two; what surely did not leave is tried again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from smtplib import SMTPException
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from niva.domains.clients.access import actor_for
from niva.domains.notices.models import DeskBot, Notice, Ways
from niva.domains.people.actor import Actor
from niva.domains.people.models import Membership
from niva.flows import messenger
from niva.kit.jobs.django import enqueue, in_thread
from niva.networks.base.errors import NetworkError, OutcomeUnknown

log = logging.getLogger("niva.digest")
EVERY: Final = timedelta(minutes=2)
LATE: Final = timedelta(hours=3)  # a desk that slept longer sends no morning digest in the afternoon
MORNING, EVENING = "morning", "evening"


@dataclass(frozen=True, slots=True)
class Letter:
    """What leaves the desk; the text is plain."""

    subject: str
    text: str


Words = Callable[[Actor, str, date], "Letter | None"]
NoticeWords = Callable[[Actor, Notice], Letter]
_words: Words | None = None
_notice_words: NoticeWords | None = None


def use_words(words: Words, notice_words: NoticeWords) -> None:
    """Name the functions that put a day and a notice into words; None of the first: nothing to say."""
    global _words, _notice_words
    _words, _notice_words = words, notice_words


def hand_out(now: datetime | None = None) -> int:
    """Put off a job for each person whose hour has come and who has not been told today. Returns how many."""
    now = now or timezone.now()
    _give_everybody_ways()
    found = 0
    rows = Ways.objects.filter(
        Q(by_mail=True) | Q(chat__isnull=False, by_telegram=True), user__is_active=True
    )
    for ways in rows.select_related("user").iterator(chunk_size=500):
        here = now.astimezone(ZoneInfo(ways.user.time_zone))
        if here.isoweekday() not in ways.weekdays:
            continue
        if _is_due(here, ways.digest_at, ways.digest_on):
            found += _put_off(ways, MORNING, here.date())
        if ways.evening and _is_due(here, ways.evening_at, ways.evening_on):
            found += _put_off(ways, EVENING, here.date())
    return found


def _give_everybody_ways() -> None:
    """A row with the defaults for members who have chosen nothing; demos are told nothing."""
    rows = Membership.objects.filter(workspace__is_demo=False).exclude(
        user__ways__workspace_id=F("workspace_id")
    )
    Ways.objects.bulk_create(
        [Ways(workspace_id=one.workspace_id, user_id=one.user_id) for one in rows[:500]],
        ignore_conflicts=True,
    )


def _is_due(here: datetime, at: time, told_on: date | None) -> bool:
    since = datetime.combine(here.date(), at, here.tzinfo)
    return since <= here < since + LATE and (told_on is None or told_on < here.date())


def _put_off(ways: Ways, kind: str, day: date) -> int:
    payload = {"ways": ways.pk, "kind": kind, "day": day.isoformat()}
    enqueue("digest", payload, key=f"digest:{ways.pk}:{kind}:{day}")
    return 1


async def send(*, ways_id: int, kind: str, day: date) -> bool:
    """One person's digest of that day. False: it has gone already, or there was nothing to say."""
    found = await in_thread(_claim, ways_id, kind, day)
    if found is None:
        return False
    ways, letter, bot = found
    try:
        await _leave(ways, letter, bot)
    except OutcomeUnknown:
        log.warning("digest: it is unclear whether it left; it is not sent twice")
    except Exception:
        await in_thread(_give_back, ways_id, kind)
        raise
    return True


async def send_notice(*, notice_id: int) -> bool:
    """A notice that cannot wait. False: read already, told already, or not wanted at once."""
    found = await in_thread(_claim_notice, notice_id)
    if found is None:
        return False
    ways, letter, bot = found
    await _leave(ways, letter, bot)
    return True


async def _leave(ways: Ways, letter: Letter, bot: DeskBot | None) -> None:
    """By Telegram where he has a chat, else by mail: one way is enough."""
    if bot is not None and ways.by_telegram and ways.chat is not None:
        try:
            await messenger.write(bot, chat=ways.chat, text=f"{letter.subject}\n\n{letter.text}")
        except OutcomeUnknown:
            raise
        except NetworkError as error:  # refused for sure: the letter goes by mail
            log.warning("digest: the bot could not write: %s", error.code)
        else:
            return
    if ways.by_mail and settings.MAIL_WORKS:
        await in_thread(_mail, letter, ways.user.email)


def _mail(letter: Letter, to: str) -> None:
    try:
        send_mail(" ".join(letter.subject.split()), letter.text, None, [to])
    except (SMTPException, OSError) as error:
        log.warning("digest: mail does not work: %s", type(error).__name__)
        raise


@transaction.atomic
def _claim(ways_id: int, kind: str, day: date) -> tuple[Ways, Letter, DeskBot | None] | None:
    field = "digest_on" if kind == MORNING else "evening_on"
    ways = (
        Ways.objects.select_for_update(of=("self",))
        .select_related("user", "workspace")
        .filter(pk=ways_id)
        .first()
    )
    told = getattr(ways, field, None)
    if ways is None or _words is None or (told is not None and told >= day):
        return None
    actor = actor_for(ways.user, ways.workspace_id)
    if actor is None:
        return None
    setattr(ways, field, day)
    ways.save(update_fields=[field])
    letter = _words(actor, kind, day)
    return (ways, letter, _bot(ways)) if letter else None


@transaction.atomic
def _give_back(ways_id: int, kind: str) -> None:
    Ways.objects.filter(pk=ways_id).update(**{"digest_on" if kind == MORNING else "evening_on": None})


@transaction.atomic
def _claim_notice(notice_id: int) -> tuple[Ways, Letter, DeskBot | None] | None:
    rows = Notice.objects.select_for_update(of=("self",)).select_related("user", "workspace", "client")
    notice = rows.filter(pk=notice_id, read_at__isnull=True).first()
    if notice is None or notice.told_by or _notice_words is None:
        return None
    ways = Ways.objects.select_related("user").filter(workspace=notice.workspace, user=notice.user).first()
    ways = ways or Ways(workspace=notice.workspace, user=notice.user)
    actor = actor_for(notice.user, notice.workspace_id)
    if actor is None or not ways.at_once or notice.workspace.is_demo:
        return None
    notice.told_by = {"at_once": timezone.now().isoformat()}
    notice.save(update_fields=["told_by"])
    return ways, _notice_words(actor, notice), _bot(ways)


def _bot(ways: Ways) -> DeskBot | None:
    return DeskBot.objects.filter(workspace_id=ways.workspace_id).first()
