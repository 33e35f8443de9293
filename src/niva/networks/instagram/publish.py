"""Containers, publishing them, finding again and removing what came of it.

A container is made first and shows nothing: made twice it harms nobody. Publishing it is the one write that
counts; afterwards the container itself tells whether it was published.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from niva.networks.base import graph, graph_talk, meta
from niva.networks.base.errors import Gone, NetworkError, Rejected
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.types import JSON, Credential, Outgoing, Remote, Seen, Step
from niva.networks.instagram import client, payloads
from niva.networks.instagram.client import account_of, ask

_CLOCKS_DIFFER: Final = timedelta(seconds=90)
_WHOLE: Final = "upload:whole"  # the container of a carousel, after those of its files
_FIELDS: Final = "id,caption,timestamp,permalink,media_type,media_product_type,children{id}"


def steps(out: Outgoing, credential: Credential) -> tuple[Step, ...]:
    """A container for each file, one for the whole carousel, then publishing, and the first comment."""
    made = [Step(f"upload:{index}", "upload", repeatable=True) for index in range(len(out.media))]
    if len(out.media) > 1:
        made.append(Step(_WHOLE, "upload", repeatable=True))
    made.append(Step("create", "create", searchable=True))
    if out.first_comment and out.form != "story":
        made.append(Step("comment", "comment", searchable=True))
    return tuple(made)


async def perform(call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    if step.name == _WHOLE:
        return {"id": await _whole(call, out, done)}
    if step.kind == "upload":
        return {"id": await _container(call, out, int(step.name.split(":")[1]))}
    if step.kind == "comment":
        path = f"{done['create']['id']}/comments"
        told = await ask(call, "POST", path, {"message": out.first_comment}, writes=True)
        return {"id": graph.identified(told)}
    return await _publish(call, out, done)


async def _container(call: Call, out: Outgoing, index: int) -> str:
    fields = payloads.single(out) if len(out.media) == 1 else payloads.child(out.media[index])
    return graph.identified(await ask(call, "POST", f"{account_of(call)}/media", fields), writes=False)


async def _whole(call: Call, out: Outgoing, done: Mapping[str, JSON]) -> str:
    """The container of a carousel, when all of its files are through."""
    children = []
    for index in range(len(out.media)):
        known = done.get(f"upload:{index}")
        child = str(known["id"]) if known else await _container(call, out, index)
        if await _settled(call, child) == "EXPIRED":
            child = await _container(call, out, index)
            await _settled(call, child)
        children.append(child)
    fields = payloads.carousel(out, children)
    return graph.identified(await ask(call, "POST", f"{account_of(call)}/media", fields), writes=False)


def _kept(done: Mapping[str, JSON]) -> str:
    """The container that is to be published, where its step went before."""
    made = done.get(_WHOLE) or (done.get("upload:0") if "upload:1" not in done else None)
    return str(made["id"]) if made else ""


async def _publish(call: Call, out: Outgoing, done: Mapping[str, JSON]) -> dict[str, Any]:
    """Publish. A container ends after 24 hours: then a new one takes its place."""
    if not out.media:
        raise Rejected("media_required")
    container = _kept(done)
    if not container or await _settled(call, container) == "EXPIRED":
        container = await _whole(call, out, {}) if len(out.media) > 1 else await _container(call, out, 0)
        await _settled(call, container)
    told = await ask(
        call, "POST", f"{account_of(call)}/media_publish", {"creation_id": container}, writes=True
    )
    media = graph.identified(told)
    return _made(out, media, await _permalink(call, media))


async def _settled(call: Call, container: str) -> str:
    return await meta.settled(lambda: _state(call, container))


async def _state(call: Call, container: str) -> str:
    """EXPIRED, FINISHED, IN_PROGRESS or PUBLISHED. Raises what an ERROR stands for."""
    told = await ask(call, "GET", container, {"fields": "status_code,status"})
    word, words = str(told.get("status_code") or ""), str(told.get("status") or "")
    if word == "ERROR":
        subcode = re.search(r"\b2207\d{3}\b", words)
        raise client.failed(int(subcode[0]) if subcode else 0, words) or Rejected("media_refused", words)
    return word


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
    word = await _word(call, _kept(question.done))
    if word not in ("PUBLISHED", ""):
        return Answer(False)
    if question.out.form == "story" and not word:
        return Answer(None)  # stories give no words back: without its container none is told from another
    found = await _find(call, question.out, question.since - _CLOCKS_DIFFER)
    if found is not None:
        return Answer(True, found)
    return Answer(None if word else False)


async def _word(call: Call, container: str) -> str:
    """The state of a container; "" where another one may have been published in its place."""
    if not container:
        return ""
    try:
        word = await _state(call, container)
    except Gone:
        return ""
    except Rejected:
        return "ERROR"
    return "" if word == "EXPIRED" else word


async def _find(call: Call, out: Outgoing, since: datetime) -> dict[str, Any] | None:
    edge = "stories" if out.form == "story" else "media"
    wanted = payloads.comparable(payloads.caption(out))
    path = client.url(call, f"{account_of(call)}/{edge}")
    async for media in graph.listed(call, path, {"fields": _FIELDS}, known=client.known):
        if media is None or graph.moment(media.get("timestamp")) < since:
            return None
        # a story gives no words back
        same = out.form == "story" or payloads.comparable(media.get("caption")) == wanted
        if same and payloads.files_in(media) == len(out.media):
            return _made(out, str(media["id"]), str(media.get("permalink") or ""))
    return None


async def _find_comment(call: Call, question: Question) -> Answer:
    wanted = payloads.comparable(question.out.first_comment)
    path = client.url(call, f"{question.done['create']['id']}/comments")
    fields = {"fields": "id,text,timestamp,from"}
    async for comment in graph.listed(call, path, fields, known=client.known):
        if comment is None:
            return Answer(None)
        ours = graph_talk.author(comment)[0] == account_of(call)
        if ours and payloads.comparable(comment.get("text")) == wanted:
            return Answer(True, {"id": str(comment["id"])})
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
