"""Sending, changing, removing and finding again a pin."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from niva.networks.base.errors import Gone, OutcomeUnknown, Rejected, Temporary
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.types import JSON, Credential, MediaFile, Outgoing, Remote, Seen, Step
from niva.networks.pinterest import payloads
from niva.networks.pinterest.client import all_items, ask, send_file

PAUSES: Final = (1, 2, 4, 8, 15)  # seconds between looks at a video that is being prepared
_SKEW: Final = timedelta(seconds=120)  # by which Pinterest's clock may be behind ours
_PAGES: Final = 5  # of 250 pins that one look goes through: their order is not promised
pause = asyncio.sleep


def steps(out: Outgoing, credential: Credential) -> tuple[Step, ...]:
    return payloads.steps(out)


def remote(done: Mapping[str, JSON]) -> Remote:
    """See `payloads.remote_of`."""
    return payloads.remote_of(done)


async def perform(call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    """Do one step of `payloads.steps`."""
    if step.name == "create":
        return await _create(call, out, done)
    parts = step.name.split(":")
    if len(parts) == 2:
        return await _video_place(call)
    place = done[f"upload:{parts[1]}"]
    if parts[2] == "file":
        await send_file(call, str(place["upload_url"]), place["fields"], out.media[int(parts[1])])
        return {}
    return await _video_ready(call, str(place["media_id"]))


async def _video_place(call: Call) -> JSON:
    told = await ask(call, "POST", "/media", body={"media_type": "video"})
    fields = told.get("upload_parameters")
    if not told.get("media_id") or not told.get("upload_url") or not isinstance(fields, dict):
        raise Temporary("nonsense", "no place for a video in the answer")
    return {
        "media_id": str(told["media_id"]),
        "upload_url": str(told["upload_url"]),
        "fields": {str(name): str(value) for name, value in fields.items()},
    }


async def _video_ready(call: Call, media_id: str) -> JSON:
    for seconds in (0, *PAUSES):
        if seconds:
            await pause(seconds)
        status = (await ask(call, "GET", f"/media/{media_id}")).get("status")
        if status == "succeeded":
            return {}
        if status == "failed":
            raise Rejected("media_refused", "Pinterest could not read the video")
    raise Temporary("media_processing", "Pinterest is still at work on the video", retry_after=60)


async def _create(call: Call, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    source, size = await _source(out, done)
    body = payloads.pin(out, source)
    told = await ask(call, "POST", "/pins", body=body, writes=True, size=size)
    number = told.get("id")
    if not isinstance(number, str) or not number:
        raise OutcomeUnknown("nonsense", "no id of the pin in the answer")
    return _made(number, out)


def _made(number: str, out: Outgoing) -> JSON:
    return {"id": number, "url": payloads.address(number), "mark": payloads.mark(out)}


async def _source(out: Outgoing, done: Mapping[str, JSON]) -> tuple[JSON, int]:
    """(what the pin shows, bytes that travel with it). Pictures go along as they are, so that nobody needs a
    public address."""
    if not out.media:
        raise Rejected("media_required")
    first = out.media[0]
    if payloads.is_video(first):
        cover = (first.cover, await _encoded(first.cover)) if first.cover is not None else None
        size = first.cover.size if first.cover is not None else 0
        return payloads.video(str(done["upload:0"]["media_id"]), cover), size
    pictures = [(file, await _encoded(file)) for file in out.media]
    return payloads.images(pictures), sum(len(data) for _, data in pictures)


async def _encoded(file: MediaFile) -> str:
    try:
        content = await asyncio.to_thread(file.path.read_bytes)
    except OSError as error:
        raise Rejected("media_unreadable", file.path.name) from error
    return base64.b64encode(content).decode()


async def look_up(call: Call, question: Question) -> Answer:
    """Find a pin of ours on its board. Only a board that was read to its end says that there is none."""
    if question.step.kind == "upload":
        return Answer(False)  # done again it harms nobody, so nobody looks
    path = f"/boards/{payloads.board_of(question.out)}/pins"
    rows, whole = await all_items(call, path, pages=_PAGES)
    since = question.since - _SKEW
    # the first of its kind: when a pin was repeated by hand afterwards, ours is the older one
    for row in sorted(rows, key=_age):
        if payloads.is_ours(row, question.out, since):
            if payloads.mute(question.out):
                return Answer(None)
            return Answer(True, _made(str(row.get("id")), question.out))
    return Answer(False if whole else None)


def _age(row: Mapping[str, Any]) -> tuple[str, int, str]:
    number = str(row.get("id"))
    return str(row.get("created_at") or ""), len(number), number


async def pin_of(call: Call, there: Remote, **params: str) -> Mapping[str, Any]:
    """The pin as Pinterest gives it. Gone when it is not there any more."""
    return await ask(call, "GET", f"/pins/{there.id}", params=params or None)


async def edit(call: Call, there: Remote, out: Outgoing) -> Remote:
    """New words, link or board; the files of a pin stay what they are."""
    if payloads.mark(out) != there.extra.get("mark"):
        raise Rejected("pin_only_words_change")
    body = {"title": "", "link": None, "alt_text": "", **payloads.words(out)}
    if board := payloads.board_of(out):
        body["board_id"] = board
    await ask(call, "PATCH", f"/pins/{there.id}", body=body, writes=True)
    return there


async def delete(call: Call, there: Remote) -> None:
    """Remove the pin; one that is gone already is no error."""
    try:
        await ask(call, "DELETE", f"/pins/{there.id}", writes=True)
    except Gone:
        return


async def read_back(call: Call, there: Remote) -> Seen:
    try:
        row = await pin_of(call, there)
    except Gone:
        return Seen(alive=False)
    return Seen(True, str(row.get("description") or ""), payloads.media_count(row), there.url)
