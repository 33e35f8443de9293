"""Sending, changing, removing and finding again a post."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from niva.networks.base import thread
from niva.networks.base.errors import Gone, Rejected
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.transport import unclear
from niva.networks.base.types import JSON, Credential, Outgoing, Remote, Seen, Step
from niva.networks.bluesky import payloads, richtext
from niva.networks.bluesky.client import POSTS, Session, ask, session_of, upload_blob
from niva.networks.bluesky.keys import moment_of, record_key


def steps(out: Outgoing, credential: Credential) -> tuple[Step, ...]:
    """Uploads, the record, the rest of its chain, the first comment. The keys are ours: repeating is safe."""
    made = [Step(name, "upload", repeatable=True) for name in payloads.uploads(out)]
    made.append(Step("create", "create", keyed=True, searchable=True))
    made += thread.steps(out, keyed=True, searchable=True)
    if out.first_comment:
        made.append(Step("comment", "comment", keyed=True, searchable=True))
    return tuple(made)


async def perform(call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    session = await session_of(call)
    if step.kind == "upload":
        file = payloads.uploads(out)[step.name]
        return {"blob": await upload_blob(call, session, file)}
    created_at = moment_of(call.key) or call.now()
    part = thread.part_of(step, out)
    if step.kind == "comment":
        text = out.first_comment if part is None else part.text
        root = _strong(done["create"])
        parent = root if part is None else _strong(thread.before(step, done))
        dids = await resolve(call, text)
        value = payloads.reply(text, payloads.Line(root, parent), dids, created_at, out.options)
    else:
        blobs = {name: result["blob"] for name, result in done.items() if "blob" in result}
        value = payloads.record(out, blobs, await resolve(call, payloads.body(out)), created_at)
    made = await put(call, session, record_key(call.key), value)
    if part is not None:
        return {**made, "mark": thread.mark(part.text)}
    return made if step.kind == "comment" else _with_appended(made, out)


def _with_appended(made: dict[str, Any], out: Outgoing) -> dict[str, Any]:
    """The result with what was added to the text, so that `read_back` gives the text as it was written."""
    added = payloads.appended(out)
    return {**made, "appended": added} if added else made


def _strong(result: JSON) -> dict[str, str]:
    return {"uri": str(result["id"]), "cid": str(result["cid"])}


async def put(call: Call, session: Session, rkey: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """putRecord: makes the record or leaves the very same one as it is."""
    body = {"repo": session.did, "collection": POSTS, "rkey": rkey, "record": dict(value)}
    answer = await ask(call, "com.atproto.repo.putRecord", token=session.access, body=body, writes=True)
    if not isinstance(answer.get("uri"), str) or not isinstance(answer.get("cid"), str):
        raise unclear(True, "nonsense", "no address in the answer")
    return {"id": answer["uri"], "cid": answer["cid"], "url": payloads.page(session.did, rkey)}


async def resolve(call: Call, text: str) -> dict[str, str]:
    """The accounts behind the handles in a text; a handle that nobody bears is left out."""
    found: dict[str, str] = {}
    for handle in richtext.handles(text):
        try:
            answer = await ask(call, "com.atproto.identity.resolveHandle", params={"handle": handle})
        except Rejected:
            continue
        if isinstance(answer.get("did"), str):
            found[handle] = answer["did"]
    return found


async def get_record(call: Call, uri: str) -> dict[str, Any] | None:
    """The record, or None where there is none."""
    did, collection, rkey = payloads.parts(uri)
    params = {"repo": did, "collection": collection, "rkey": rkey}
    try:
        found = await ask(call, "com.atproto.repo.getRecord", params=params)
    except Gone:
        return None
    if not isinstance(found.get("value"), dict):
        raise unclear(False, "nonsense", "no record in the answer")
    return found


async def look_up(call: Call, question: Question) -> Answer:
    """The record's key is known before it is sent, so one read tells. Uploads are simply done again."""
    if question.step.kind == "upload":
        return Answer(False)
    session = await session_of(call)
    rkey = record_key(call.key)
    found = await get_record(call, f"at://{session.did}/{POSTS}/{rkey}")
    if found is None:
        return Answer(False)
    made = {"id": found["uri"], "cid": found.get("cid", ""), "url": payloads.page(session.did, rkey)}
    if (part := thread.part_of(question.step, question.out)) is not None:
        return Answer(True, {**made, "mark": thread.mark(part.text)})
    return Answer(True, made if question.step.kind == "comment" else _with_appended(made, question.out))


def remote(done: Mapping[str, JSON], more: JSON | None = None) -> Remote:
    """`extra` keeps the content id, what was added to the text, and the first comment's address."""
    made = done["create"]
    extra = {name: made[name] for name in ("cid", "appended") if name in made}
    if "comment" in done:
        extra["comment"] = done["comment"]["id"]
    return Remote(made["id"], made["url"], {**extra, **thread.kept(done), **(more or {})})


async def edit(call: Call, there: Remote, out: Outgoing) -> Remote:
    """Not here: a server takes a changed record, but Bluesky's own app goes on showing the first one.

    https://github.com/bluesky-social/social-app/issues/673: readers would never see the change.
    """
    raise Rejected("edit_unsupported")


async def delete(call: Call, there: Remote) -> None:
    """Remove comment, chain (from its end) and post; deleteRecord of one that is gone already is no error."""
    session = await session_of(call)
    chain = [row["id"] for row in reversed(thread.parts_there(there))]
    for uri in (there.extra.get("comment"), *chain, there.id):
        if uri:
            did, collection, rkey = payloads.parts(str(uri))
            body = {"repo": did, "collection": collection, "rkey": rkey}
            await ask(call, "com.atproto.repo.deleteRecord", token=session.access, body=body, writes=True)


async def read_back(call: Call, there: Remote) -> Seen:
    found = await get_record(call, there.id)
    if found is None:
        return Seen(alive=False)
    value = found["value"]
    text = str(value.get("text", "")).removesuffix(str(there.extra.get("appended", "")))
    parts = enumerate(thread.parts_there(there), 2)
    missing = tuple([number for number, row in parts if await get_record(call, str(row["id"])) is None])
    return Seen(True, text, payloads.media_count(value), there.url, missing)
