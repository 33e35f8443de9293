"""Sending, changing, removing and finding again a post of a bot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from niva.networks.base import thread
from niva.networks.base.errors import Gone, Rejected
from niva.networks.base.files import fingerprint
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.types import JSON, Credential, MediaFile, Outgoing, Remote, Seen, Step
from niva.networks.telegram import payloads
from niva.networks.telegram.client import ask, chat_of
from niva.networks.telegram.errors import NOT_MODIFIED


def steps(out: Outgoing, credential: Credential) -> tuple[Step, ...]:
    """Files travel with the post itself, so there is nothing to upload before. No key, no search."""
    return (Step("create", "create"), *thread.steps(out))


async def perform(call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    """Publish. What is sent and never answered can only be settled by a person."""
    if (part := thread.part_of(step, out)) is not None:
        answers = int(thread.before(step, done)["id"])
        told = await ask(
            call, "sendMessage", payloads.answer(part.text, chat_of(call.credential), answers), writes=True
        )
        message = payloads.messages_of(told)[0]
        number = message["message_id"]
        url = payloads.address(message["chat"], number)
        return {"id": str(number), "url": url, "mark": thread.mark(part.text)}
    prints = [await fingerprint(file) for file in out.media]
    request = payloads.creation(out, chat_of(call.credential))
    result = await ask(call, request.method, request.params, writes=True, files=request.files)
    return payloads.created(result, out, prints)


async def look_up(call: Call, question: Question) -> Answer:
    """A bot sees neither its own posts nor the chat's history."""
    return Answer(None)


def remote(done: Mapping[str, JSON]) -> Remote:
    """The post with what later edits and the removal need: all its messages and the prints of its files."""
    result = done["create"]
    extra = {name: result[name] for name in ("chat_id", "ids", "prints", "poll") if name in result}
    return Remote(result["id"], result["url"], {**extra, **thread.kept(done)})


async def edit(call: Call, there: Remote, out: Outgoing) -> Remote:
    """Make the messages read as `out`. Files may be exchanged one for one; a poll cannot be changed."""
    prints = [await fingerprint(file) for file in out.media]
    old = list(there.extra.get("prints", ()))
    ids = list(there.extra.get("ids", (int(there.id),)))
    if out.poll is not None or there.extra.get("poll"):
        raise Rejected("poll_not_editable")
    if len(prints) != len(old):
        raise Rejected("edit_media_count")
    chat = _chat(call, there)
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
    chain = thread.parts_there(there)
    for index, known, part in thread.changed(there, out):
        with thread.of_a_part():
            await _change(call, "editMessageText", {**_at(chat, int(known["id"])), "text": part.text})
        chain[index] = {**known, "mark": thread.mark(part.text)}
    more = {"thread": chain} if chain else {}
    return Remote(there.id, there.url, {**there.extra, "prints": prints, **more})


async def _change(
    call: Call, method: str, params: Mapping[str, Any], files: Mapping[str, MediaFile] | None = None
) -> None:
    """One edit; that it changes nothing is no error. Repeating one is harmless, but its outcome matters."""
    try:
        await ask(call, method, params, writes=True, files=files)
    except Rejected as refusal:
        if refusal.code != NOT_MODIFIED:
            raise


async def delete(call: Call, there: Remote) -> None:
    """Remove every message of the chain and of the post; those that are gone already are no error."""
    chat = _chat(call, there)
    chain = [int(row["id"]) for row in reversed(thread.parts_there(there))]
    for number in (*chain, *there.extra.get("ids", (int(there.id),))):
        try:
            await ask(call, "deleteMessage", _at(chat, number), writes=True)
        except Gone:
            continue


async def read_back(call: Call, there: Remote) -> Seen:
    """Alive or gone, by an edit that changes nothing.

    A bot cannot read a post. But asked to leave its (absent) buttons as they are, Telegram says "message is
    not modified" of one that stands and "message to edit not found" of one that does not.
    """
    chat = _chat(call, there)
    try:
        result = await _touch(call, chat, int(there.id))
    except Gone:
        return Seen(alive=False)
    missing = []
    for number, row in enumerate(thread.parts_there(there), 2):
        try:
            await _touch(call, chat, int(row["id"]))
        except Gone:
            missing.append(number)
    text = result.get("text", result.get("caption")) if isinstance(result, dict) else None
    return Seen(True, text if isinstance(text, str) else None, url=there.url, missing=tuple(missing))


async def _touch(call: Call, chat: int | str, number: int) -> Any:
    """The edit that changes nothing. Gone where there is no such message; None where it stands."""
    try:
        return await ask(call, "editMessageReplyMarkup", _at(chat, number), writes=False)
    except Rejected as refusal:
        if refusal.code == NOT_MODIFIED:
            return None
        raise


def _chat(call: Call, there: Remote) -> int | str:
    kept = there.extra.get("chat_id")
    return kept if isinstance(kept, int) else chat_of(call.credential)


def _at(chat: int | str, number: int) -> dict[str, Any]:
    return {"chat_id": chat, "message_id": number}
