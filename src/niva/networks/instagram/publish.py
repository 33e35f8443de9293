"""Containers, publishing them, finding again and removing what came of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from niva.networks.base import graph, graph_talk, graph_upload
from niva.networks.base.containers import Containers
from niva.networks.base.errors import Gone, NetworkError, Rejected
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.types import JSON, Credential, MediaFile, Outgoing, Remote, Seen, Step
from niva.networks.instagram import client, inbox, payloads
from niva.networks.instagram.client import account_of, ask

_CLOCKS_DIFFER: Final = timedelta(seconds=90)
_FIELDS: Final = "id,caption,timestamp,permalink,media_type,media_product_type,children{id}"


def steps(out: Outgoing, credential: Credential) -> tuple[Step, ...]:
    """The containers, publishing them, and the first comment."""
    made = CONTAINERS.steps(out)
    if out.first_comment and out.form != "story":
        made.append(Step("comment", "comment", searchable=True))
    return tuple(made)


async def perform(call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    if not out.media:
        raise Rejected("media_required")
    if step.kind == "upload":
        return await CONTAINERS.prepare(call, step, out, done)
    if step.kind == "comment":
        path = f"{done['create']['id']}/comments"
        told = await ask(call, "POST", path, {"message": out.first_comment}, writes=True)
        return {"id": graph.identified(told)}
    media = await CONTAINERS.send(call, out, done)
    return _made(out, media, await _permalink(call, media))


async def _make(call: Call, fields: JSON) -> str:
    return graph.identified(await ask(call, "POST", f"{account_of(call)}/media", fields), writes=False)


async def _publish(call: Call, container: str) -> str:
    path = f"{account_of(call)}/media_publish"
    return graph.identified(await ask(call, "POST", path, {"creation_id": container}, writes=True))


async def _state(call: Call, container: str) -> str:
    told = await ask(call, "GET", container, {"fields": "status_code,status"})
    word, words = str(told.get("status_code") or ""), str(told.get("status") or "")
    if word == "ERROR":
        subcode = re.search(r"\b2207\d{3}\b", words)
        raise client.failed(int(subcode[0]) if subcode else 0, words) or Rejected("media_refused", words)
    return word


async def _fill(call: Call, container: str, file: MediaFile) -> None:
    await graph_upload.send_bytes(call, f"ig-api-upload/{graph.VERSION}/{container}", file, client.known)


CONTAINERS: Final = Containers(
    payloads.single, payloads.child, payloads.carousel,
    make=_make, state=_state, publish=_publish, fill=_fill,
)  # fmt: skip


async def _permalink(call: Call, media: str) -> str:
    """The address of a post that is out. Whatever becomes of this question, the post stays out."""
    try:
        told = await ask(call, "GET", media, {"fields": "permalink"})
    except NetworkError:
        return ""
    return str(told.get("permalink") or "")


def _made(out: Outgoing, media: str, link: str) -> dict[str, Any]:
    return {"id": media, "url": link if link.startswith("https://") else "", "kind": payloads.kind_of(out)}


# --- found again ---


async def look_up(call: Call, question: Question) -> Answer:
    """The container tells whether it was published; the account's posts tell what came of it."""
    if question.step.kind == "comment":
        return await _find_comment(call, question)
    word = await CONTAINERS.word(call, question.done)
    if word not in ("PUBLISHED", ""):
        return Answer(False)
    if question.out.form == "story" and not word:
        return Answer(None)  # stories give no words back: without its container none is told from another
    found = await _find(call, question.out, question.since - _CLOCKS_DIFFER)
    return Answer(None) if word and found.found is False else found


async def _find(call: Call, out: Outgoing, since: datetime) -> Answer:
    """The post among the newest. A story gives no words back: one of several is not told from another."""
    story: dict[str, Any] | None = None
    edge = "stories" if out.form == "story" else "media"
    wanted = payloads.comparable(payloads.caption(out))
    path = client.url(call, f"{account_of(call)}/{edge}")
    async for media in graph.listed(call, path, {"fields": _FIELDS}, known=client.known):
        if media is None:
            return Answer(None)  # there are more than we turned pages
        if graph.moment(media.get("timestamp")) < since:
            break
        made = _made(out, str(media["id"]), str(media.get("permalink") or ""))
        if out.form == "story":
            if story is not None:
                return Answer(None)
            story = made
        elif (
            payloads.comparable(media.get("caption")) == wanted
            and payloads.files_in(media) == len(out.media)
        ):  # fmt: skip
            return Answer(True, made)
    return Answer(True, story) if story is not None else Answer(False)


async def _find_comment(call: Call, question: Question) -> Answer:
    wanted = payloads.comparable(question.out.first_comment)
    path = client.url(call, f"{question.done['create']['id']}/comments")
    fields = {"fields": "id,text,timestamp,from,username"}
    ours = inbox.ours(call)
    async for comment in graph.listed(call, path, fields, known=client.known):
        if comment is None:
            return Answer(None)
        if payloads.comparable(comment.get("text")) != wanted:
            continue
        who = {graph_talk.author(comment)[0], str(comment.get("username") or "")} - {""}
        if who & ours:
            return Answer(True, {"id": str(comment["id"])})
        if not who or len(ours) < 2:
            return Answer(None)  # the same words, and nobody says whose
    return Answer(False)


# --- removed, looked at ---


def remote(done: Mapping[str, JSON]) -> Remote:
    made = done["create"]
    comment = {"comment": done["comment"]["id"]} if "comment" in done else {}
    return Remote(str(made["id"]), str(made["url"]), {"kind": made.get("kind", "feed"), **comment})


async def edit(call: Call, there: Remote, out: Outgoing) -> Remote:
    """The API changes only whether comments are on."""
    raise Rejected("edit_unsupported")


async def delete(call: Call, there: Remote) -> None:
    """Remove the post with its comments; what is gone already is no error."""
    try:
        graph.succeeded(await ask(call, "DELETE", there.id, writes=True))
    except Gone:
        return


async def read_back(call: Call, there: Remote) -> Seen:
    """Is it there, and with which words? A story gives none back and ends after a day."""
    try:
        told = await ask(call, "GET", there.id, {"fields": _FIELDS})
    except Gone:
        return Seen(alive=False)
    graph.identified(told, writes=False)
    text = None if there.extra.get("kind") == "story" else str(told.get("caption") or "")
    return Seen(True, text, payloads.files_in(told), str(told.get("permalink") or there.url))
