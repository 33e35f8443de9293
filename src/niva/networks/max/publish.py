"""Sending, changing, removing and finding again a message of a bot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

from niva.networks.base import thread
from niva.networks.base.errors import Gone, Rejected
from niva.networks.base.files import fingerprint
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.types import JSON, Credential, MediaFile, Outgoing, Remote, Seen, Step
from niva.networks.max import payloads
from niva.networks.max.chat import PAGE, chat_id, is_group, latest
from niva.networks.max.client import ask, upload

_CLOCKS_DIFFER: Final = timedelta(seconds=90)
_COMMENT_PAGES: Final = 20


def steps(out: Outgoing, credential: Credential) -> tuple[Step, ...]:
    """Files, then the message, the rest of its chain, and the first comment. No key; the chat is read, where
    the bot has the right to (told by the test button)."""
    reads = bool(credential.facts.get("may_read", True))
    made = [Step(f"upload:{index}", "upload", repeatable=True) for index in range(len(out.media))]
    made.append(Step("create", "create", searchable=reads))
    made += thread.steps(out, searchable=reads)
    if out.first_comment:
        made.append(Step("comment", "comment", searchable=reads))
    return tuple(made)


async def perform(call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    if step.kind == "upload":
        return await _upload(call, out.media[int(step.name.split(":")[1])])
    if (part := thread.part_of(step, out)) is not None:
        body = payloads.reply_to(part.text, str(thread.before(step, done)["id"]))
        return {**await _send(call, body), "mark": thread.mark(part.text)}
    if step.kind == "comment":
        return await say(call, str(done["create"]["id"]), out.first_comment)
    files = _files(out, done)
    made = await _send(call, payloads.message(out, [file["attachment"] for file in files]))
    return _noted(made, out, files)


async def _upload(call: Call, file: MediaFile) -> dict[str, Any]:
    return {"attachment": await upload(call, file), "print": await fingerprint(file)}


def _files(out: Outgoing, done: Mapping[str, JSON]) -> list[JSON]:
    return [done[f"upload:{index}"] for index in range(len(out.media))]


async def _send(call: Call, body: JSON) -> dict[str, Any]:
    params = {"chat_id": await chat_id(call)}
    return payloads.sent(await ask(call, "POST", "/messages", params=params, body=body, writes=True))


async def say(call: Call, post: str, text: str, answers: str = "") -> dict[str, Any]:
    """A comment under a post of a channel; in a group, a message that answers."""
    if is_group(call):
        return await _send(call, payloads.reply_to(text, answers or post))
    body = payloads.comment(text, answers)
    return payloads.sent(await ask(call, "POST", comments_path(post), body=body, writes=True))


def comments_path(post: str) -> str:
    return f"/messages/{quote(post, safe='')}/comments"


def _noted(made: JSON, out: Outgoing, files: list[JSON]) -> dict[str, Any]:
    """The result with what `edit` and `read_back` will want to know."""
    kept = [dict(file) for file in files]
    return {**made, "files": kept, "appended": payloads.appended(out)}


async def look_up(call: Call, question: Question) -> Answer:
    """Is there a message since then that reads like this? Uploads are done again."""
    out, done, step = question.out, question.done, question.step
    if step.kind == "upload":
        return Answer(False)
    if not call.credential.facts.get("may_read", True):
        return Answer(None)
    part = thread.part_of(step, out)
    if step.kind == "comment" and part is None and not is_group(call):
        return await _look_up_comment(call, question)
    wanted, parent, count = out.text + payloads.appended(out), "", len(out.media)
    if part is not None:
        wanted, parent, count = part.text, str(thread.before(step, done)["id"]), 0
    elif step.kind == "comment":
        wanted, parent, count = out.first_comment, str(done["create"]["id"]), 0
    found = await latest(call)
    for one in found:
        if payloads.moment(one) < question.since - _CLOCKS_DIFFER:
            return Answer(False)
        if not _by_the_bot(call, one):
            continue
        same = payloads.text_of(one).strip() == wanted.strip() and payloads.files_of(one) == count
        if same and payloads.answers(one) == parent:
            made = payloads.sent({"message": one})
            if part is not None:
                return Answer(True, {**made, "mark": thread.mark(part.text)})
            return Answer(True, _noted(made, out, _files(out, done)) if step.kind == "create" else made)
    # With a full page there may be more behind it than we can see.
    return Answer(False if len(found) < PAGE else None)


async def _look_up_comment(call: Call, question: Question) -> Answer:
    post = str(question.done["create"]["id"])
    since = question.since - _CLOCKS_DIFFER
    found = await comments(call, post, since.timestamp())
    for one in found:
        if _by_the_bot(call, one) and payloads.text_of(one).strip() == question.out.first_comment.strip():
            return Answer(True, payloads.sent({"message": one}))
    return Answer(False if len(found) < _COMMENT_PAGES * PAGE else None)


def _by_the_bot(call: Call, one: Mapping[str, Any]) -> bool:
    """Other people say the same words, too. Without a sender it was said in the channel's own name."""
    sender, bot = one.get("sender"), call.credential.facts.get("bot_id")
    return not isinstance(sender, dict) or bot is None or sender.get("user_id") == bot


async def comments(call: Call, post: str, after: float) -> list[Mapping[str, Any]]:
    """All comments under a post of a channel that were made after this moment (seconds since 1970)."""
    found: list[Mapping[str, Any]] = []
    params = {"after": str(int(after * 1000)), "count": str(PAGE)}
    for _ in range(_COMMENT_PAGES):  # a marker that never ends is not followed for ever
        data = await ask(call, "GET", comments_path(post), params=params)
        found += payloads.listed(data, "comments", "messages")
        marker = data.get("marker")
        if marker is None or str(marker) == params.get("marker"):
            break
        params["marker"] = str(marker)
    return found


def remote(done: Mapping[str, JSON]) -> Remote:
    made = done["create"]
    extra = {name: made[name] for name in ("files", "appended") if made.get(name)}
    if "comment" in done:
        extra["comment"] = done["comment"]["id"]
    return Remote(str(made["id"]), str(made["url"]), {**extra, **thread.kept(done)})


async def edit(call: Call, there: Remote, out: Outgoing) -> Remote:
    """Text, files and button as in `out`. Files that the message has already are not sent again."""
    known = {one["print"]: one for one in there.extra.get("files", ())}
    files: list[JSON] = []
    for file in out.media:
        files.append(known.get(await fingerprint(file)) or await _upload(call, file))
    body = payloads.message(out, [file["attachment"] for file in files])
    await _change(call, there.id, body)
    rows = thread.parts_there(there)
    for index, known_part, part in thread.changed(there, out):
        with thread.of_a_part():
            await _change(call, str(known_part["id"]), {**payloads.message(Outgoing(part.text), ())})
        rows[index] = {**known_part, "mark": thread.mark(part.text)}
    made = _noted({"id": there.id, "url": there.url}, out, files)
    extra = {name: made[name] for name in ("files", "appended") if made.get(name)}
    if "comment" in there.extra:
        extra["comment"] = there.extra["comment"]
    return Remote(there.id, there.url, {**extra, **({"thread": rows} if rows else {})})


async def _change(call: Call, mid: str, body: dict[str, Any]) -> None:
    body.pop("notify", None)
    await ask(call, "PUT", "/messages", params={"message_id": mid}, body=body, writes=True)


async def delete(call: Call, there: Remote) -> None:
    """Remove the chain from its end and the message; what is gone already is no error. Comments go with it,
    in a group the first one is a message of its own."""
    mids = [str(row["id"]) for row in reversed(thread.parts_there(there))]
    if is_group(call) and there.extra.get("comment"):
        mids.append(str(there.extra["comment"]))
    for mid in (*mids, there.id):
        try:
            await ask(call, "DELETE", "/messages", params={"message_id": mid}, writes=True)
        except Gone:
            continue


async def read_message(call: Call, mid: str) -> dict[str, Any]:
    """GET /messages/{id}. Raises Gone when it is not there any more."""
    one = await ask(call, "GET", f"/messages/{quote(mid, safe='')}")
    if not payloads.body_of(one).get("mid"):
        raise Gone("post_gone", mid)
    return one


async def read_back(call: Call, there: Remote) -> Seen:
    try:
        one = await read_message(call, there.id)
    except Gone:
        return Seen(alive=False)
    missing = []
    for number, row in enumerate(thread.parts_there(there), 2):
        try:
            await read_message(call, str(row["id"]))
        except Gone:
            missing.append(number)
    text = payloads.text_of(one).removesuffix(str(there.extra.get("appended", "")))
    url = str(one.get("url") or there.url)
    return Seen(True, text, payloads.files_of(one), url, tuple(missing))


async def pin(call: Call, mid: str) -> None:
    """Put a message on top; "" takes down the one that stands there. The same twice is the same once."""
    path = f"/chats/{await chat_id(call)}/pin"
    if mid:
        body = {"message_id": mid, "notify": False}
        await ask(call, "PUT", path, body=body, writes=True)
        return
    try:
        await ask(call, "DELETE", path, writes=True)
    except (Gone, Rejected) as error:
        if isinstance(error, Rejected) and "pin" not in error.detail.lower():
            raise
