"""Tell a person something, let him read it, and choose how he is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients.models import Client
from niva.domains.notices.models import DayNote, DeskBot, Notice, Ways
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Forbidden, Invalid, NotFound
from niva.domains.people.models import Membership, User, WorkspaceRole
from niva.domains.people.secrets import fingerprint, new_secret
from niva.kit.jobs.django import enqueue
from niva.kit.seal import seal

CODE_LIVES: Final = timedelta(minutes=15)
LONGEST_NOTE: Final = 2000  # characters
WAYS: Final = frozenset(
    {"by_mail", "by_telegram", "digest_at", "weekdays", "at_once", "evening", "evening_at"}
)


@transaction.atomic
def tell(
    actor: Actor,
    *,
    users: Iterable[User | None],
    kind: str,
    url: str,
    client: Client | None = None,
    key: str = "",
    at_once: bool = False,
    **facts: Any,
) -> list[Notice]:
    """One notice for each of these people but the actor himself. `facts` must be JSON and free of secrets.

    With `key` what he has not read yet is renewed, not doubled. `at_once`: it leaves the desk now, if he
    wants to be told so; the rest waits for his digest. People who have left the workspace are passed over.
    """
    wanted = {one.pk: one for one in users if one is not None}
    if actor.user is not None:
        wanted.pop(actor.user.pk, None)
    here = Membership.objects.filter(workspace=actor.workspace, user__in=list(wanted))
    told = []
    for user_id in here.values_list("user_id", flat=True):
        values = {
            "workspace": actor.workspace,
            "client": client,
            "kind": kind,
            "facts": facts,
            "url": url[:300],
            "by": actor.name[:120],
            "at": timezone.now(),
            "at_once": at_once,
        }
        if key:
            notice, _fresh = Notice.objects.update_or_create(
                user_id=user_id, key=key, read_at__isnull=True, defaults=values
            )
        else:
            notice = Notice.objects.create(user_id=user_id, **values)
        if at_once:
            enqueue("tell", {"notice": notice.pk}, key=f"tell:{notice.pk}")
        told.append(notice)
    return told


def mine(actor: Actor) -> QuerySet[Notice]:
    """The actor's own notices in this workspace, the newest first. What he may no longer see is left out."""
    rows = Notice.objects.filter(workspace=actor.workspace, user=actor.user)
    if not actor.everywhere:
        rows = rows.filter(Q(client__isnull=True) | Q(client_id__in=list(actor.client_roles)))
    return rows.order_by("-at", "-pk")


@transaction.atomic
def read(actor: Actor, *, notice_id: int) -> Notice:
    """It is read; where it leads stands in it. Raises NotFound."""
    notice = Notice.objects.select_for_update().filter(
        pk=notice_id, user=actor.user, workspace=actor.workspace
    ).first()  # fmt: skip
    if notice is None:
        raise NotFound("notice")
    if notice.read_at is None:
        notice.read_at = timezone.now()
        notice.save(update_fields=["read_at"])
    return notice


def read_all(actor: Actor, *, until: datetime) -> int:
    """All that came until then is read; what came meanwhile stays new. Returns how many."""
    rows = Notice.objects.filter(workspace=actor.workspace, user=actor.user, read_at__isnull=True)
    return rows.filter(at__lte=until).update(read_at=timezone.now())


def ways_of(actor: Actor) -> Ways:
    """How the actor is told here; the defaults, unsaved, when he has chosen nothing."""
    found = Ways.objects.filter(workspace=actor.workspace, user=actor.user).first()
    return found or Ways(workspace=actor.workspace, user=actor.user)


@transaction.atomic
def change_ways(actor: Actor, *, values: Mapping[str, Any]) -> Ways:
    """Choose some of WAYS. Raises Invalid."""
    ways = _saved(actor)
    days = values.get("weekdays", ways.weekdays)
    if any(day not in range(1, 8) for day in days):
        raise Invalid.one("weekdays", _("Choose days of the week."))
    for name, value in values.items():
        if name not in WAYS:
            raise TypeError(f"ways have no {name}")
        setattr(ways, name, sorted(set(value)) if name == "weekdays" else value)
    ways.save()
    return ways


def _saved(actor: Actor) -> Ways:
    if actor.user is None:
        raise NotFound("person")
    ways, _fresh = Ways.objects.get_or_create(workspace=actor.workspace, user=actor.user)
    return Ways.objects.select_for_update(no_key=True).get(pk=ways.pk)


@transaction.atomic
def new_code(actor: Actor) -> str:
    """The code that a person sends to the desk's bot to connect his chat; earlier ones end."""
    ways = _saved(actor)
    code = new_secret()[:32]
    ways.code_hash, ways.code_until = fingerprint(code), timezone.now() + CODE_LIVES
    ways.save(update_fields=["code_hash", "code_until"])
    return code


@transaction.atomic
def connect_chat(actor: Actor, *, code: str, chat: int, name: str) -> Ways | None:
    """The chat that sent the actor's own living code is his from now on. None: it was another code."""
    ways = _saved(actor)
    fits = ways.code_hash and ways.code_hash == fingerprint(code)
    if not fits or ways.code_until is None or ways.code_until < timezone.now():
        return None
    ways.chat, ways.chat_name, ways.by_telegram = chat, name[:120], True
    ways.code_hash, ways.code_until = "", None
    ways.save()
    return ways


@transaction.atomic
def forget_chat(actor: Actor) -> None:
    """The desk no longer writes to his Telegram."""
    ways = _saved(actor)
    ways.chat, ways.chat_name = None, ""
    ways.save(update_fields=["chat", "chat_name"])


@transaction.atomic
def keep_bot(actor: Actor, *, token: str, username: str, facts: Mapping[str, Any] | None = None) -> DeskBot:
    """The workspace's bot, tried already. Another bot than before: all chats with the old one end."""
    if actor.role != WorkspaceRole.OWNER:
        raise Forbidden("owner")
    bot = DeskBot.objects.select_for_update().filter(workspace=actor.workspace).first()
    if bot is not None and bot.username != username:
        Ways.objects.filter(workspace=actor.workspace).update(chat=None, chat_name="")
    bot = bot or DeskBot(workspace=actor.workspace)
    bot.sealed, bot.username = seal({"bot_token": token}, settings.TOKEN_KEYS), username
    bot.facts, bot.saved_at = dict(facts or {}), timezone.now()
    bot.save()
    record(actor, "bot.kept", bot)
    return bot


@transaction.atomic
def forget_bot(actor: Actor) -> None:
    """The token is deleted, all chats with it end. Raises Forbidden."""
    if actor.role != WorkspaceRole.OWNER:
        raise Forbidden("owner")
    bot = DeskBot.objects.select_for_update().filter(workspace=actor.workspace).first()
    if bot is not None:
        record(actor, "bot.forgotten", bot)
        bot.delete()
        Ways.objects.filter(workspace=actor.workspace).update(chat=None, chat_name="")


@transaction.atomic
def write_note(actor: Actor, *, day: date, text: str) -> DayNote | None:
    """The note of one's day, written anew as often as one likes; an empty one is deleted. Raises Invalid."""
    if actor.user is None:
        raise NotFound("person")
    text = text.replace("\x00", "").strip()
    if len(text) > LONGEST_NOTE:
        raise Invalid.one("text", _("Too long: %(most)d characters at most.") % {"most": LONGEST_NOTE})
    rows = DayNote.objects.filter(workspace=actor.workspace, user=actor.user, day=day)
    if not text:
        rows.delete()
        return None
    note, _fresh = DayNote.objects.update_or_create(
        workspace=actor.workspace, user=actor.user, day=day,
        defaults={"text": text, "written_at": timezone.now()},
    )  # fmt: skip
    return note


def notes(actor: Actor, *, day: date) -> tuple[DayNote | None, DayNote | None]:
    """The note of that day, and the newest of the week before it: an older one greets nobody. One query."""
    rows = DayNote.objects.filter(workspace=actor.workspace, user=actor.user, day__lte=day)
    found = list(rows.filter(day__gte=day - timedelta(days=7)).order_by("-day")[:2])
    of_day = next((one for one in found if one.day == day), None)
    return of_day, next((one for one in found if one.day < day), None)
