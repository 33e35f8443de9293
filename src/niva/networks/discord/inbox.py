"""What people say in the channel: under a post, in its thread, and to the bot by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from niva.networks.base.errors import NeedsLogin, Rejected
from niva.networks.base.inbox import Message, MessageKind, Messages
from niva.networks.base.network import Call
from niva.networks.base.types import Remote
from niva.networks.discord import payloads
from niva.networks.discord.client import channel_of, moment_of
from niva.networks.discord.publish import bot_id, send, since, url_of


async def read_comments(call: Call, there: Remote, since_when: datetime) -> Messages:
    """What stands in the thread of a post (it has the post's number), and the answers in the channel."""
    mine = await bot_id(call)
    try:
        below, _ = await since(call, there.id, since_when)
    except NeedsLogin as error:
        if error.code != "chat_not_found":  # that one means that nobody opened a thread
            raise
        below = []
    beside, _ = await since(call, channel_of(call), since_when)
    chain = {str(row["id"]) for row in there.extra.get("thread", ())}
    heard = [
        _message(call, "comment", one, mine, there.id, there.id) for one in below if payloads.spoken(one)
    ]
    heard += [
        _message(call, "comment", one, mine, there.id, channel_of(call))
        for one in beside
        if payloads.answered(one) == there.id and str(one.get("id")) not in chain
    ]
    return tuple(sorted((one for one in heard if one.at > since_when), key=lambda one: one.at))


def _message(
    call: Call, kind: MessageKind, one: Mapping[str, Any], mine: str, thread: str, channel: str
) -> Message:
    who, number = payloads.author(one), str(one["id"])
    answers = payloads.answered(one)
    return Message(
        id=number,
        kind=kind,
        text=str(one.get("content") or ""),
        at=moment_of(number),
        thread=thread,
        answers="" if answers == thread else answers,
        author_id=str(who.get("id") or ""),
        author_name=str(who.get("global_name") or who.get("username") or ""),
        url=url_of(call, number, channel),
        ours=who.get("id") == mine,
        media=len(payloads.files_of(one)),
        extra={"channel": channel},
    )


async def read_mentions(call: Call, since_when: datetime) -> Messages:
    """Messages of the channel that name the bot. Other channels are not read."""
    mine, channel = await bot_id(call), channel_of(call)
    found, _ = await since(call, channel, since_when)
    heard = (
        _message(call, "mention", one, mine, "", channel)
        for one in found
        if payloads.spoken(one) and _names(one, mine) and payloads.author(one).get("id") != mine
    )
    return tuple(one for one in heard if one.at > since_when)


def _names(one: Mapping[str, Any], bot: str) -> bool:
    told = one.get("mentions")
    return isinstance(told, list) and any(isinstance(who, dict) and who.get("id") == bot for who in told)


async def answer(call: Call, message: Message, text: str) -> Message:
    """Answer where it was said, keyed by the call's key."""
    channel = str(message.extra.get("channel") or channel_of(call))
    made = await send(call, payloads.answer(text, call.key, message.id), channel)
    number = str(made["id"])
    return Message(
        number, "comment", str(made.get("content") or text), call.now(), message.thread, message.id,
        url=url_of(call, number, channel), ours=True, extra={"channel": channel},
    )  # fmt: skip


async def read_messages(call: Call, since_when: datetime) -> Messages:
    raise Rejected("messages_unsupported")
