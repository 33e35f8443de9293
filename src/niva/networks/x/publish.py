"""Sending, changing, removing and finding again a post.

X takes no key of ours. What guards against a second post is the look at the account's own list, and X itself:
the same words twice in a row are refused as a duplicate. Such a refusal is certain (this call made nothing),
and after an unclear answer the engine looks once more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import Any, Final

from niva.networks.base import thread
from niva.networks.base.errors import Gone, Rejected, Temporary
from niva.networks.base.files import fingerprint
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.transport import unclear
from niva.networks.base.types import JSON, Credential, MediaFile, Outgoing, Part, Remote, Seen, Step
from niva.networks.x import payloads
from niva.networks.x.client import SEGMENT, append, ask, names_of
from niva.networks.x.text import as_written, same_words

# Seconds between questions whether a file is worked through where X names none.
PAUSES: Final = (1, 2, 3, 5, 8, 10, 10)
_LONGEST_PAUSE: Final = 15
_CLOCKS_DIFFER: Final = timedelta(seconds=90)
_PAGES: Final = 5
pause = asyncio.sleep


def steps(out: Outgoing, credential: Credential) -> tuple[Step, ...]:
    """Files, then the post, the rest of its chain, and the first comment."""
    made = [Step(f"upload:{index}", "upload", repeatable=True) for index in range(len(out.media))]
    made.append(Step("create", "create", searchable=True))
    made += thread.steps(out, searchable=True)
    if out.first_comment:
        made.append(Step("comment", "comment", searchable=True))
    return tuple(made)


async def perform(call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    if step.kind == "upload":
        file = out.media[int(step.name.split(":")[1])]
        return {"id": await upload(call, file), "print": await fingerprint(file)}
    if (part := thread.part_of(step, out)) is not None:
        return _part(
            await create(call, payloads.reply(part.text, str(thread.before(step, done)["id"]))), part
        )
    if step.kind == "comment":
        return await create(call, payloads.reply(out.first_comment, str(done["create"]["id"])))
    media = [done[f"upload:{index}"] for index in range(len(out.media)) if f"upload:{index}" in done]
    made = await create(call, payloads.post(out, [str(one["id"]) for one in media]))
    return _whole(made, out, [str(one.get("print") or "") for one in media])


def _whole(made: Mapping[str, Any], out: Outgoing, prints: list[str]) -> dict[str, Any]:
    """The result with what `edit` and `read_back` will want to know."""
    mark = thread.mark("\n".join((payloads.body(out), *prints)))
    return {**made, "appended": payloads.appended(out), "mark": mark}


async def create(call: Call, body: JSON) -> dict[str, Any]:
    """POST /2/tweets: {"id", "url"}."""
    told = await ask(call, "POST", "tweets", body=body, writes=True)
    try:
        number = payloads.created(told)
    except ValueError as error:
        raise unclear(True, "nonsense", str(error)) from error
    return _noted(call, number)


def _noted(call: Call, number: str) -> dict[str, Any]:
    return {"id": number, "url": payloads.address(number, str(call.credential.facts.get("username") or ""))}


def _part(made: Mapping[str, Any], part: Part) -> dict[str, Any]:
    return {**made, "mark": thread.mark(part.text)}


# --- files ----------------------------------------------------------------------------------------------


async def upload(call: Call, file: MediaFile) -> str:
    """The id of a file that is ready for a post: begun, handed over in segments, closed, worked through."""
    begun = await ask(
        call, "POST", "media/upload/initialize",
        body={
            "media_category": payloads.category(file), "media_type": file.mime, "total_bytes": file.size,
        },
    )  # fmt: skip
    media_id = _media_id(begun)
    for index in range(max(1, -(-file.size // SEGMENT))):
        await append(call, media_id, file, index)
    closed = await ask(call, "POST", f"media/upload/{media_id}/finalize")
    await _worked_through(call, media_id, closed)
    if file.alt and file.kind != "video":
        metadata = {"id": media_id, "metadata": {"alt_text": {"text": file.alt}}}
        await ask(call, "POST", "media/metadata", body=metadata)
    return media_id


def _media_id(told: Mapping[str, Any]) -> str:
    try:
        return payloads.created(told)
    except ValueError as error:
        raise unclear(False, "nonsense", "no file in the answer") from error


async def _worked_through(call: Call, media_id: str, told: Mapping[str, Any]) -> None:
    """Ask a few times; what takes longer is left for a later try."""
    for usual in PAUSES:
        data = told.get("data")
        info = data.get("processing_info") if isinstance(data, dict) else None
        if not isinstance(info, dict) or info.get("state") == "succeeded":
            return
        if info.get("state") == "failed":
            raise Rejected("media_refused", str(info.get("error") or "processing failed")[:300])
        named = info.get("check_after_secs")
        await pause(min(named, _LONGEST_PAUSE) if isinstance(named, int) and named > 0 else usual)
        told = await ask(call, "GET", "media/upload", params={"command": "STATUS", "media_id": media_id})
    raise Temporary("media_processing", "X is still at work on the file", retry_after=60)


# --- finding it again -----------------------------------------------------------------------------------


async def look_up(call: Call, question: Question) -> Answer:
    """Is there a post of the account's own, since then, that reads like this? Uploads are done again."""
    step, out, done = question.step, question.out, question.done
    if step.kind == "upload":
        return Answer(False)
    part = thread.part_of(step, out)
    wanted, parent = payloads.body(out), ""
    if part is not None:
        wanted, parent = part.text, str(thread.before(step, done)["id"])
    elif step.kind == "comment":
        wanted, parent = out.first_comment, str(done["create"]["id"])
    since = question.since - _CLOCKS_DIFFER
    params = {**reading(call), "max_results": "100", "exclude": "retweets",
              "start_time": since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}  # fmt: skip
    for _ in range(_PAGES):
        told = await ask(call, "GET", f"users/{await own_id(call)}/tweets", params=params)
        for row in rows_of(told):
            if same_words(as_written(row), wanted) and payloads.answers(row) == parent:
                made = _noted(call, str(row.get("id")))
                if part is not None:
                    return Answer(True, _part(made, part))
                if parent:
                    return Answer(True, made)
                return Answer(True, _whole(made, out, [str(one.get("print") or "") for one in _files(done)]))
        if not (page := str((told.get("meta") or {}).get("next_token") or "")):
            return Answer(False)
        params["pagination_token"] = page
    return Answer(None)  # so much was posted since that we stopped turning pages


def _files(done: Mapping[str, JSON]) -> list[JSON]:
    return [result for name, result in done.items() if name.startswith("upload:")]


def reading(call: Call, *more: str) -> dict[str, str]:
    """Parameters with which posts are read, in the words that this account is answered with."""
    names = names_of(call)
    fields = ("attachments", "conversation_id", "created_at", "entities", names.note, "public_metrics", *more)
    return {names.fields: ",".join(fields), "expansions": f"author_id,in_reply_to_user_id,{names.referred}"}


def rows_of(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The posts of a page; none at all is an answer without `data`. Only X's own counter tells it from
    nonsense."""
    rows = told.get("data", [] if isinstance(told.get("meta"), dict) else None)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise unclear(False, "nonsense", "no list in the answer")
    return rows


async def own_id(call: Call) -> str:
    """The account's id: known since the test button, else asked."""
    known = call.credential.facts.get("user_id")
    return str(known) if known else payloads.created(await ask(call, "GET", "users/me"))


# --- changing, removing, looking ------------------------------------------------------------------------


def remote(done: Mapping[str, JSON]) -> Remote:
    made = done["create"]
    extra = {name: made[name] for name in ("appended", "mark") if made.get(name)}
    if "comment" in done:
        extra["comment"] = done["comment"]["id"]
    return Remote(str(made["id"]), str(made.get("url") or ""), {**extra, **thread.kept(done)})


def newest(known: Mapping[str, Any], first: str) -> str:
    """The id under which it stands now: every edit gives a new one, conversations keep the first."""
    return str(known.get("now") or first)


async def edit(call: Call, there: Remote, out: Outgoing) -> Remote:
    """Accounts with Premium may change a post for an hour, five times; a poll bars it."""
    if out.poll is not None:
        raise Rejected("edit_not_allowed", "a post with a poll")
    prints = [await fingerprint(file) for file in out.media]
    url, extra = there.url, dict(there.extra)
    if _whole({}, out, prints)["mark"] != extra.get("mark"):
        media = [await upload(call, file) for file in out.media]
        before = {"previous_post_id": newest(extra, there.id)}
        made = await create(call, {**payloads.post(out, media), "edit_options": before})
        url, extra = str(made["url"]), {**extra, "now": made["id"], **_whole({}, out, prints)}
    rows = thread.parts_there(there)
    for index, known, part in thread.changed(there, out):
        changes = {"text": part.text, "edit_options": {"previous_post_id": newest(known, str(known["id"]))}}
        with thread.of_a_part():
            again = await create(call, changes)
        rows[index] = {**known, "now": again["id"], "mark": thread.mark(part.text)}
    return Remote(there.id, url, {**extra, **({"thread": rows} if rows else {})})


async def delete(call: Call, there: Remote) -> None:
    """Remove the first comment, the chain from its end, and the post; what is gone already is no error."""
    chain = [newest(row, str(row["id"])) for row in reversed(thread.parts_there(there))]
    for number in (there.extra.get("comment"), *chain, newest(there.extra, there.id)):
        if number:
            try:
                told = await ask(call, "DELETE", f"tweets/{number}", writes=True)
            except Gone:
                continue
            if isinstance(data := told.get("data"), dict) and data.get("deleted") is False:
                raise Rejected("refused", "X did not delete the post")


async def one(call: Call, number: str, *more: str) -> dict[str, Any]:
    """GET /2/tweets/:id. Raises Gone."""
    told = await ask(call, "GET", f"tweets/{number}", params=reading(call, *more))
    if not isinstance(told.get("data"), dict):
        raise unclear(False, "nonsense", "no post in the answer")
    return told


async def read_back(call: Call, there: Remote) -> Seen:
    try:
        post = (await one(call, newest(there.extra, there.id)))["data"]
    except Gone:
        return Seen(alive=False)
    text = as_written(post).removesuffix(str(there.extra.get("appended") or "").strip()).strip()
    attached = post.get("attachments")
    files = attached.get("media_keys") if isinstance(attached, dict) else None
    missing = []
    for number, row in enumerate(thread.parts_there(there), 2):
        try:
            await one(call, newest(row, str(row["id"])))
        except Gone:
            missing.append(number)
    return Seen(True, text, len(files or ()), there.url, tuple(missing))
