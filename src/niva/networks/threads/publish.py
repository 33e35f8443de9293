"""Containers, chains of answers, finding again and removing what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from niva.networks.base import graph, meta, thread
from niva.networks.base.containers import Containers
from niva.networks.base.errors import Gone, NetworkError, Rejected
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.types import JSON, Credential, Outgoing, Part, Remote, Seen, Step
from niva.networks.threads import client, payloads
from niva.networks.threads.client import ask

_CLOCKS_DIFFER: Final = timedelta(seconds=90)
_FIELDS: Final = "id,text,timestamp,permalink,media_type,children{id},username"


def steps(out: Outgoing, credential: Credential) -> tuple[Step, ...]:
    """The containers, publishing them, the rest of the chain, and the first comment."""
    made = [*CONTAINERS.steps(out), *thread.steps(out, searchable=True)]
    if out.first_comment:
        made.append(Step("comment", "comment", searchable=True))
    return tuple(made)


async def perform(call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    if step.kind == "upload":
        return await CONTAINERS.prepare(call, step, out, done)
    if (part := thread.part_of(step, out)) is not None:
        made = await say(call, part.text, str(thread.before(step, done)["id"]))
        return _part({"id": made, "url": await _permalink(call, made)}, part)
    if step.kind == "comment":
        return {"id": await say(call, out.first_comment, str(done["create"]["id"]))}
    made = await CONTAINERS.send(call, out, done)
    return _made(out, made, await _permalink(call, made))


async def say(call: Call, text: str, to: str) -> str:
    """Answer a post; the answer's id. Its container, which shows nothing, is made in the same step."""
    container = await _make(call, payloads.answer(text, to))
    await meta.settled(lambda: _state(call, container))
    return await _publish(call, container)


async def _make(call: Call, fields: JSON) -> str:
    return graph.identified(await ask(call, "POST", "me/threads", fields), writes=False)


async def _publish(call: Call, container: str) -> str:
    told = await ask(call, "POST", "me/threads_publish", {"creation_id": container}, writes=True)
    return graph.identified(told)


async def _state(call: Call, container: str) -> str:
    told = await ask(call, "GET", container, {"fields": "id,status,error_message"})
    word = str(told.get("status") or "")
    if word == "ERROR":
        raise client.failed(str(told.get("error_message") or ""))
    return word


CONTAINERS: Final = Containers(
    payloads.single, payloads.child, payloads.carousel, make=_make, state=_state, publish=_publish
)


async def _permalink(call: Call, media: str) -> str:
    """The address of a post that is out. Whatever becomes of this question, the post stays out."""
    try:
        told = await ask(call, "GET", media, {"fields": "permalink"})
    except NetworkError:
        return ""
    return _address(told)


def _address(told: JSON) -> str:
    link = str(told.get("permalink") or "")
    return link if link.startswith("https://") else ""


def _made(out: Outgoing, media: str, link: str) -> dict[str, Any]:
    made: dict[str, Any] = {"id": media, "url": link, "poll": out.poll is not None}
    more = payloads.text(out).removeprefix(out.text)
    return {**made, **({"appended": more} if more else {})}


def _part(made: dict[str, Any], part: Part) -> dict[str, Any]:
    return {**made, "mark": thread.mark(part.text)}


# --- found again ---


async def look_up(call: Call, question: Question) -> Answer:
    """The container tells whether it was published; the account's posts tell what came of it."""
    since, out = question.since - _CLOCKS_DIFFER, question.out
    if (part := thread.part_of(question.step, out)) is not None:
        parent = str(thread.before(question.step, question.done)["id"])
        found, whole = await _find_answer(call, part.text, parent, since)
        result = _part({"id": str(found["id"]), "url": _address(found)}, part) if found else None
        return Answer(True, result) if result else Answer(False if whole else None)
    if question.step.kind == "comment":
        parent = str(question.done["create"]["id"])
        found, whole = await _find_answer(call, out.first_comment, parent, since)
        return Answer(True, {"id": str(found["id"])}) if found else Answer(False if whole else None)
    word = await CONTAINERS.word(call, question.done)
    if word not in ("PUBLISHED", ""):
        return Answer(False)
    posts, whole = await _find_post(call, out, since)
    if not posts:
        return Answer(None if word or not whole else False)
    if not payloads.comparable(payloads.text(out)) and (len(posts) > 1 or not word):
        return Answer(None)  # pictures without a word are all alike
    return Answer(True, _made(out, str(posts[0]["id"]), _address(posts[0])))


async def _find_post(call: Call, out: Outgoing, since: datetime) -> tuple[list[JSON], bool]:
    """(the posts like ours, the newest first; whether all since then was looked at)."""
    found: list[JSON] = []
    wanted = payloads.comparable(payloads.text(out))
    fields = {"fields": _FIELDS, "since": str(int(since.timestamp()))}
    async for media in client.listed(call, "me/threads", fields):
        if media is None:
            return found, False
        if graph.moment(media.get("timestamp")) < since:
            break
        if payloads.comparable(media.get("text")) == wanted and payloads.files_in(media) == len(out.media):
            found.append(media)
    return found, True


async def _find_answer(call: Call, text: str, parent: str, since: datetime) -> tuple[JSON | None, bool]:
    """(the one of the account's own answers with these words under `parent`, whether without it there is
    none): one that does not say whom it answers may be it."""
    wanted, certain = payloads.comparable(text), True
    fields = {"fields": "id,text,timestamp,permalink,replied_to", "since": str(int(since.timestamp()))}
    async for media in client.listed(call, "me/replies", fields):
        if media is None:
            return None, False
        if graph.moment(media.get("timestamp")) < since:
            break
        to = media.get("replied_to")
        if payloads.comparable(media.get("text")) != wanted:
            continue
        if isinstance(to, dict) and str(to.get("id")) == parent:
            return media, True
        certain = certain and isinstance(to, dict)
    return None, certain


# --- removed, looked at ---


def remote(done: Mapping[str, JSON]) -> Remote:
    made = done["create"]
    extra = {name: made[name] for name in ("appended", "poll") if made.get(name)}
    if "comment" in done:
        extra["comment"] = done["comment"]["id"]
    return Remote(str(made["id"]), str(made["url"]), {**extra, **thread.kept(done)})


async def edit(call: Call, there: Remote, out: Outgoing) -> Remote:
    """The API changes no published post."""
    raise Rejected("edit_unsupported")


async def delete(call: Call, there: Remote) -> None:
    """Remove the first comment, the chain from its end, and the post; what is gone already is no error."""
    chain = [row["id"] for row in reversed(thread.parts_there(there))]
    for media in (there.extra.get("comment"), *chain, there.id):
        if media:
            try:
                graph.succeeded(await ask(call, "DELETE", str(media), writes=True))
            except Gone:
                continue


async def read_back(call: Call, there: Remote) -> Seen:
    """The post, its words, and which parts of its chain are gone."""
    try:
        told = await ask(call, "GET", there.id, {"fields": _FIELDS})
    except Gone:
        return Seen(alive=False)
    graph.identified(told, writes=False)
    text = str(told.get("text") or "").removesuffix(str(there.extra.get("appended", "")))
    return Seen(True, text, payloads.files_in(told), _address(told) or there.url, await _missing(call, there))


async def _missing(call: Call, there: Remote) -> tuple[int, ...]:
    gone = []
    for number, row in enumerate(thread.parts_there(there), 2):
        try:
            await ask(call, "GET", str(row["id"]), {"fields": "id"})
        except Gone:
            gone.append(number)
    return tuple(gone)
