"""How a post goes out, is looked up, changed, taken down and read back."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from niva.networks.base import thread
from niva.networks.base.errors import Gone
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.transport import unclear
from niva.networks.base.types import JSON, Credential, Outgoing, Part, Remote, Seen, Step
from niva.networks.practice.client import Client, id_of
from niva.networks.practice.payloads import fingerprint, post_body, same_post

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def steps(out: Outgoing, credential: Credential) -> tuple[Step, ...]:
    """Uploads, the post, its chain, the comment.

    The community's flavour says how an unclear answer is cleared up.
    """
    flavour = credential.facts.get("flavour", "neither")
    keyed, searchable = flavour == "keyed", flavour == "searchable"
    uploads = tuple(Step(f"upload:{n}", "upload", repeatable=True) for n in range(len(out.media)))
    create = Step("create", "create", keyed=keyed, searchable=searchable)
    chain = thread.steps(out, keyed=keyed, searchable=searchable)
    if not out.first_comment:
        return (*uploads, create, *chain)
    return (*uploads, create, *chain, Step("comment", "comment", keyed=keyed, searchable=True))


async def perform(call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    client = Client(call)
    if step.kind == "upload":
        file = out.media[int(step.name.partition(":")[2])]
        return {"id": id_of(await client.upload(file)), "print": fingerprint(file)}
    if (part := thread.part_of(step, out)) is not None:
        answers = str(thread.before(step, done)["id"])
        return _part(await client.create_post({"text": part.text, "answers": answers}), part)
    if step.kind == "comment":
        return {"id": id_of(await client.add_comment(str(done["create"]["id"]), out.first_comment))}
    ids = [str(done[f"upload:{n}"]["id"]) for n in range(len(out.media))]
    made = await client.create_post(post_body(out, ids))
    return {"id": id_of(made), "url": str(made.get("url", ""))}


def _part(made: Mapping[str, Any], part: Part) -> dict[str, str]:
    return {"id": id_of(made), "url": str(made.get("url", "")), "mark": thread.mark(part.text)}


async def look_up(call: Call, question: Question) -> Answer:
    """The newest post (or comment) since then that is the same as what was sent."""
    client, step = Client(call), question.step
    if step.kind == "upload" or not step.searchable:
        return Answer(None)
    if (part := thread.part_of(step, question.out)) is not None:
        parent = str(thread.before(step, question.done)["id"])
        for post in rows_of(await client.list_posts(question.since), "posts"):
            if post.get("answers") == parent and post.get("text") == part.text:
                return Answer(True, _part(post, part))
        return Answer(False)
    if step.kind == "comment":
        try:
            listed = await client.list_comments(str(question.done["create"]["id"]), EPOCH)
        except Gone:
            return Answer(False)
        for comment in rows_of(listed, "comments"):
            if not comment.get("own") or _moment(comment) < question.since:
                continue
            if comment.get("text") == question.out.first_comment:
                return Answer(True, {"id": str(comment["id"])})
        return Answer(False)
    for post in rows_of(await client.list_posts(question.since), "posts"):
        if same_post(post, question.out):
            return Answer(True, {"id": str(post["id"]), "url": str(post.get("url", ""))})
    return Answer(False)


def rows_of(data: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The rows of a listing, each with an id."""
    rows = data.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) and row.get("id") for row in rows):
        raise unclear(False, "nonsense", f"no list of {name}")
    return rows


def _moment(row: Mapping[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(str(row["created_at"]))
    except (KeyError, ValueError) as error:
        raise unclear(False, "nonsense", "a row without its moment") from error


def remote(done: Mapping[str, JSON]) -> Remote:
    made = done["create"]
    uploads = [dict(done[name]) for name in sorted(done, key=_position) if name.startswith("upload:")]
    return Remote(str(made["id"]), str(made.get("url", "")), {"media": uploads, **thread.kept(done)})


def _position(name: str) -> int:
    number = name.partition(":")[2]
    return int(number) if number else -1


async def edit(call: Call, known: Remote, out: Outgoing) -> Remote:
    """Text, link and media anew; files that are out already are not sent again. A poll stays as it is."""
    client = Client(call)
    there = {str(row["print"]): str(row["id"]) for row in known.extra.get("media", ())}
    media: list[dict[str, str]] = []
    for file in out.media:
        mark = fingerprint(file)
        media.append({"id": there.pop(mark, "") or id_of(await client.upload(file)), "print": mark})
    made = await client.edit_post(known.id, post_body(out, [row["id"] for row in media]))
    chain = thread.parts_there(known)
    for index, row, part in thread.changed(known, out):
        with thread.of_a_part():
            chain[index] = _part(await client.edit_post(str(row["id"]), {"text": part.text}), part)
    extra = {**known.extra, "media": media, **({"thread": chain} if chain else {})}
    return Remote(id_of(made), str(made.get("url") or known.url), extra)


async def delete(call: Call, known: Remote) -> None:
    """The chain from its end, then the post; what is gone already is no error."""
    for number in (*(str(row["id"]) for row in reversed(thread.parts_there(known))), known.id):
        with contextlib.suppress(Gone):
            await Client(call).delete_post(number)


async def read_back(call: Call, known: Remote) -> Seen:
    try:
        post = await Client(call).get_post(known.id)
    except Gone:
        return Seen(alive=False)
    if not isinstance(post.get("text"), str):
        raise unclear(False, "nonsense", "a post without a text")
    url = str(post.get("url") or known.url)
    return Seen(True, post["text"], len(post.get("media") or ()), url, await _missing(call, known))


async def _missing(call: Call, known: Remote) -> tuple[int, ...]:
    """The parts of the chain that are gone, by number."""
    if not (parts := thread.parts_there(known)):
        return ()
    there = {str(row["id"]) for row in rows_of(await Client(call).chain_of(known.id), "posts")}
    return tuple(number for number, row in enumerate(parts, 2) if str(row["id"]) not in there)
