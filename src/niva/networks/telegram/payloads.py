"""Ours <-> theirs: what a post becomes in the Bot API, and what its replies say. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from niva.networks.base.errors import OutcomeUnknown
from niva.networks.base.limits import Checker, Limits
from niva.networks.base.types import JSON, MediaFile, Outgoing, Problem

_SENDERS: Final = {"image": "sendPhoto", "video": "sendVideo", "animation": "sendAnimation"}
_TYPES: Final = {"image": "photo", "video": "video", "animation": "animation"}


def length(text: str) -> int:
    """UTF-16 units. Telegram counts no more than that, so a text that fits here fits there."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check(out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
    """The general checks and Telegram's own: captions of polls, lone animations, no cards beside media."""
    checker = Checker(limits, length)
    checker.text(out)
    checker.media(out)
    checker.poll(out)
    if out.poll is not None:
        if not out.media:
            checker.long("text_too_long", "text", out.text, "caption_max", with_poll=True)
        if len(out.media) > 1:
            checker.add("poll_media_too_many", "poll", limit=1, actual=len(out.media))
        if not out.poll.anonymous:
            checker.warn("poll_open_in_channel", "poll")
    elif len(out.media) > 1:
        for index, file in enumerate(out.media):
            if file.kind == "animation":
                checker.add("animation_in_album", f"media:{index}")
    if out.link is not None and (out.media or out.poll) and out.link.url not in out.text:
        checker.add("link_without_card", "link")
    if out.first_comment:
        checker.add("first_comment_unsupported", "first_comment")
    return tuple(checker.problems)


@dataclass(frozen=True, slots=True)
class Request:
    """One call that is about to be made: the method, its parameters, the files it attaches."""

    method: str
    params: dict[str, Any]
    files: dict[str, MediaFile] = field(default_factory=dict)


def creation(out: Outgoing, chat: int | str) -> Request:
    """The call that publishes the post. The text goes plain, without parse_mode, so nothing in it changes."""
    if out.poll is not None:
        return _poll(out, chat)
    if len(out.media) > 1:
        files = {f"file{index}": file for index, file in enumerate(out.media)}
        media = [
            input_media(file, name, out.text if index == 0 else "")
            for index, (name, file) in enumerate(files.items())
        ]
        return Request("sendMediaGroup", {"chat_id": chat, "media": media}, files)
    if out.media:
        file = out.media[0]
        kind = _TYPES[file.kind]
        params: dict[str, Any] = {"chat_id": chat, **_measures(file)}
        if out.text:
            params["caption"] = out.text
        return Request(_SENDERS[file.kind], params, {kind: file})
    return Request("sendMessage", {"chat_id": chat, **text_params(out)})


def answer(text: str, chat: int | str, answers: int) -> dict[str, Any]:
    """sendMessage for the next part of a chain: an answer to the message before it."""
    return {"chat_id": chat, "text": text, "reply_parameters": {"message_id": answers}}


def text_params(out: Outgoing) -> dict[str, Any]:
    """`text` and its preview. A card without any text carries its own address as the text."""
    if out.link is None:
        return {"text": out.text}
    return {"text": out.text or out.link.url, "link_preview_options": {"url": out.link.url}}


def input_media(file: MediaFile, name: str, caption: str) -> dict[str, Any]:
    """InputMedia for a file attached under `name`."""
    media: dict[str, Any] = {"type": _TYPES[file.kind], "media": f"attach://{name}", **_measures(file)}
    if caption:
        media["caption"] = caption
    return media


def _poll(out: Outgoing, chat: int | str) -> Request:
    assert out.poll is not None
    params: dict[str, Any] = {
        "chat_id": chat,
        "question": out.poll.question,
        "options": [{"text": option} for option in out.poll.options],
        "is_anonymous": out.poll.anonymous,
        "allows_multiple_answers": out.poll.multiple,
    }
    if out.poll.closes_in is not None:
        params["open_period"] = out.poll.closes_in
    if out.text:
        params["description"] = out.text
    if not out.media:
        return Request("sendPoll", params)
    params["media"] = input_media(out.media[0], "file0", "")
    return Request("sendPoll", params, {"file0": out.media[0]})


def _measures(file: MediaFile) -> dict[str, Any]:
    if file.kind == "image":
        return {}
    measures: dict[str, Any] = {"width": file.width, "height": file.height}
    if file.duration is not None:
        measures["duration"] = round(file.duration)
    if file.kind == "video":
        measures["supports_streaming"] = True
    return measures


def messages_of(result: Any) -> list[Mapping[str, Any]]:
    """The messages in a reply to a sending method. OutcomeUnknown when it is none: it may stand there."""
    found = result if isinstance(result, list) else [result]
    for message in found:
        if not (isinstance(message, dict) and isinstance(message.get("message_id"), int)
                and isinstance(message.get("chat"), dict)
                and isinstance(message["chat"].get("id"), int)):  # fmt: skip
            raise OutcomeUnknown("nonsense", "no message in the answer")
    if not found:
        raise OutcomeUnknown("nonsense", "no message in the answer")
    return found


def created(result: Any, out: Outgoing, prints: list[str]) -> JSON:
    """What to keep of the reply: ids of all messages, and the prints of the files for later edits."""
    messages = messages_of(result)
    chat = messages[0]["chat"]
    number = messages[0]["message_id"]
    return {
        "id": str(number),
        "url": address(chat, number),
        "chat_id": chat["id"],
        "ids": [message["message_id"] for message in messages],
        "prints": prints,
        "poll": out.poll is not None,
    }


def address(chat: Mapping[str, Any], number: int) -> str:
    """Where a person finds the message: by the public name, else the inner address; "" for small groups."""
    if name := chat.get("username"):
        return f"https://t.me/{name}/{number}"
    inner = str(chat.get("id", ""))
    return f"https://t.me/c/{inner[4:]}/{number}" if inner.startswith("-100") else ""
