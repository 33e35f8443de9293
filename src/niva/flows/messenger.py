"""The desk's own Telegram bot: try its token, hear who sent which code, write to a person.

https://core.telegram.org/bots/api#getme, #getupdates, #sendmessage; deep links with a code:
https://core.telegram.org/bots/features#deep-linking
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.utils import timezone

from niva.domains.notices.models import DeskBot
from niva.flows.talk import guarded_session
from niva.kit.seal import unseal
from niva.networks.base.network import Call
from niva.networks.base.transport import Transport
from niva.networks.base.types import Credential
from niva.networks.telegram.client import ask

DEADLINE: Final = 15.0  # seconds, a person waits
LONGEST: Final = 4096  # characters of a message, https://core.telegram.org/bots/api#sendmessage
PREFIX: Final = "/start "


@dataclass(frozen=True, slots=True)
class Started:
    """Somebody pressed Start under a link with a code."""

    code: str
    chat: int
    name: str


def try_token(token: str, facts: Mapping[str, Any] | None = None) -> str:
    """The name of the bot that the token belongs to. Raises the errors of networks."""
    me = asyncio.run(_once(token, facts or {}, "getMe", {}, writes=False))
    return str(me.get("username", "")) if isinstance(me, dict) else ""


def who_started(bot: DeskBot) -> list[Started]:
    """Who sent a code to the bot in the last day; the bot's queue is not moved on."""
    updates = asyncio.run(_once(*_open(bot), "getUpdates", {"timeout": 0}, writes=False))
    found = []
    for update in updates if isinstance(updates, list) else []:
        message = update.get("message") or {}
        chat, said = message.get("chat") or {}, str(message.get("text") or "")
        if said.startswith(PREFIX) and chat.get("type") == "private" and isinstance(chat.get("id"), int):
            name = chat.get("username") or chat.get("first_name") or ""
            found.append(Started(said.removeprefix(PREFIX).strip(), chat["id"], str(name)))
    return found


async def write(bot: DeskBot, *, chat: int, text: str) -> None:
    """A message without formatting, cut to what Telegram takes. Raises the errors of networks."""
    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    params = {"chat_id": chat, "text": text, "link_preview_options": {"is_disabled": True}}
    await _once(*_open(bot), "sendMessage", params, writes=True)


def _open(bot: DeskBot) -> tuple[str, Mapping[str, Any]]:
    return unseal(bytes(bot.sealed), settings.TOKEN_KEYS)["bot_token"], bot.facts


async def _once(
    token: str, facts: Mapping[str, Any], method: str, params: Mapping[str, Any], *, writes: bool
) -> Any:
    async with guarded_session(2) as session:
        credential = Credential(secrets={"bot_token": token}, facts=dict(facts))
        call = Call(Transport(session, deadline=DEADLINE), credential, timezone.now)
        return await ask(call, method, params, writes=writes)
