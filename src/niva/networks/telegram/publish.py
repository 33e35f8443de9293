"""Sending, changing, removing and finding again a post of a bot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from niva.networks.base.errors import Gone, Rejected
from niva.networks.base.files import fingerprint
from niva.networks.base.network import Call
from niva.networks.base.types import JSON, MediaFile, Outgoing, Remote, Seen
from niva.networks.telegram import payloads
from niva.networks.telegram.client import ask, chat_of
from niva.networks.telegram.errors import NOT_MODIFIED


async def create(call: Call, out: Outgoing) -> JSON:
    """Publish. There is no key and no search: an unclear answer can only be settled by a person."""
    prints = [await fingerprint(file) for file in out.media]
    request = payloads.creation(out, chat_of(call.credential))
    result = await ask(call, request.method, request.params, writes=True, files=request.files)
    return payloads.created(result, out, prints)


async def edit(call: Call, remote: Remote, out: Outgoing) -> Remote:
    """Make the messages read as `out`. Files may be exchanged one for one; a poll cannot be changed."""
    prints = [await fingerprint(file) for file in out.media]
    old = list(remote.extra.get("prints", ()))
    ids = list(remote.extra.get("ids", (int(remote.id),)))
    if out.poll is not None or remote.extra.get("poll"):
        raise Rejected("poll_not_editable")
    if len(prints) != len(old):
        raise Rejected("edit_media_count")
    chat = _chat(call, remote)
    if not out.media:
        await _change(call, "editMessageText", {**_at(chat, ids[0]), **payloads.text_params(out)})
    for index, file in enumerate(out.media):
        caption = out.text if index == 0 else ""
        where = _at(chat, ids[index])
        if prints[index] != old[index]:
            media = payloads.input_media(file, "file0", caption)
            await _change(call, "editMessageMedia", {**where, "media": media}, {"file0": file})
        elif index == 0:
            await _change(call, "editMessageCaption", {**where, "caption": caption})
    return Remote(remote.id, remote.url, {**remote.extra, "prints": prints})


async def _change(
    call: Call, method: str, params: Mapping[str, Any], files: Mapping[str, MediaFile] | None = None
) -> None:
    """One edit; that it changes nothing is no error. Repeating one is harmless, but its outcome matters."""
    try:
        await ask(call, method, params, writes=True, files=files)
    except Rejected as refusal:
        if refusal.code != NOT_MODIFIED:
            raise


async def delete(call: Call, remote: Remote) -> None:
    """Remove every message of the post; those that are gone already are no error."""
    chat = _chat(call, remote)
    for number in remote.extra.get("ids", (int(remote.id),)):
        try:
            await ask(call, "deleteMessage", _at(chat, number), writes=True)
        except Gone:
            continue


async def read_back(call: Call, remote: Remote) -> Seen:
    """Alive or gone, by an edit that changes nothing.

    A bot cannot read a post. But asked to leave its (absent) buttons as they are, Telegram says "message is
    not modified" of one that stands and "message to edit not found" of one that does not.
    """
    try:
        where = _at(_chat(call, remote), int(remote.id))
        result = await ask(call, "editMessageReplyMarkup", where, writes=False)
    except Gone:
        return Seen(alive=False)
    except Rejected as refusal:
        if refusal.code == NOT_MODIFIED:
            return Seen(alive=True, url=remote.url)
        raise
    text = result.get("text", result.get("caption")) if isinstance(result, dict) else None
    return Seen(alive=True, text=text if isinstance(text, str) else None, url=remote.url)


def _chat(call: Call, remote: Remote) -> int | str:
    kept = remote.extra.get("chat_id")
    return kept if isinstance(kept, int) else chat_of(call.credential)


def _at(chat: int | str, number: int) -> dict[str, Any]:
    return {"chat_id": chat, "message_id": number}
