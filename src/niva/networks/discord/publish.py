"""Sending, changing, removing and finding again a message of a bot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from niva.networks.base import thread
from niva.networks.base.errors import Gone, NeedsLogin, Rejected
from niva.networks.base.files import fingerprint
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.types import JSON, Credential, MediaFile, Outgoing, Part, Remote, Seen, Step
from niva.networks.discord import payloads
from niva.networks.discord.client import ask, ask_list, ask_object, channel_of, id_at, moment_of
from niva.networks.discord.errors import ALREADY_CROSSPOSTED, THREAD_EXISTS

# The documentation says that a nonce is unique "in the past few minutes" and no more; two is the least that
# this can mean. Afterwards the channel is read.
# https://docs.discord.com/developers/resources/message#create-message
KEY_SECONDS: Final = 120
PAGE: Final = 100
_PAGES: Final = 5
_CLOCKS_DIFFER: Final = timedelta(seconds=90)
_CROSSPOSTED: Final = 1


def steps(out: Outgoing, credential: Credential) -> tuple[Step, ...]:
    """Files travel with the message. Then the rest of its chain, its way to the servers that follow an
    announcement channel, and the first comment in a thread of its own.

    Without the right to read the history a channel looks empty to a bot: then nothing can be searched.
    """
    reads = bool(credential.facts.get("may_read", True))
    marks: dict[str, Any] = {"keyed": True, "searchable": reads, "key_seconds": KEY_SECONDS}
    made = [Step("create", "create", **marks), *thread.steps(out, **marks)]
    if out.options.get("crosspost") and credential.facts.get("channel_type") == payloads.ANNOUNCEMENTS:
        made.append(Step("crosspost", "comment", searchable=reads))
    if out.first_comment:
        made.append(Step("comment", "comment", **marks))
    return tuple(made)


async def perform(call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    if (part := thread.part_of(step, out)) is not None:
        before = str(thread.before(step, done)["id"])
        return _part(call, await send(call, payloads.answer(part.text, call.key, before, out.options)), part)
    if step.name == "crosspost":
        return await _crosspost(call, str(done["create"]["id"]))
    if step.kind == "comment":
        post = str(done["create"]["id"])
        await _open_thread(call, post, out)
        said = await send(call, payloads.answer(out.first_comment, call.key, options=out.options), post)
        return {"id": said["id"], "channel": post}
    prints = [await fingerprint(file) for file in out.media]
    made = await send(call, payloads.message(out, call.key), files=_named(out.media))
    return _noted(call, made, out, prints)


def _named(files: tuple[MediaFile, ...]) -> dict[str, MediaFile]:
    return {f"files[{index}]": file for index, file in enumerate(files)}


async def send(
    call: Call, body: JSON, channel: str = "", files: Mapping[str, MediaFile] | None = None
) -> dict[str, Any]:
    path = f"/channels/{channel or channel_of(call)}/messages"
    return await ask_object(call, "POST", path, body=body, files=files, writes=True)


async def _crosspost(call: Call, post: str) -> JSON:
    try:
        await ask(call, "POST", f"/channels/{channel_of(call)}/messages/{post}/crosspost", writes=True)
    except Rejected as refusal:
        if refusal.code != ALREADY_CROSSPOSTED:
            raise
    return {"id": post}


async def _open_thread(call: Call, post: str, out: Outgoing) -> None:
    """The thread under a post has the post's own number; one that is there already is what is wanted."""
    body = {"name": payloads.thread_name(out.text)}
    try:
        path = f"/channels/{channel_of(call)}/messages/{post}/threads"
        await ask_object(call, "POST", path, body=body, writes=True)
    except Rejected as refusal:
        if refusal.code != THREAD_EXISTS:
            raise


def url_of(call: Call, number: str, channel: str = "") -> str:
    guild = str(call.credential.facts.get("guild_id") or "")
    return payloads.address(guild, channel or channel_of(call), number)


def _part(call: Call, made: JSON, part: Part) -> dict[str, Any]:
    number = str(made["id"])
    return {"id": number, "url": url_of(call, number), "mark": thread.mark(part.text)}


def _noted(call: Call, made: JSON, out: Outgoing, prints: list[str]) -> dict[str, Any]:
    """The result with what `edit` and `read_back` will want to know."""
    numbers = [str(file.get("id", "")) for file in payloads.files_of(made)]
    files = [{"id": number, "print": mark} for number, mark in zip(numbers, prints, strict=False)]
    number = str(made["id"])
    return {
        "id": number, "url": url_of(call, number), "files": files,
        "appended": payloads.appended(out), "poll": out.poll is not None,
    }  # fmt: skip


async def bot_id(call: Call) -> str:
    """The bot's own number: known since the test button, else asked."""
    known = call.credential.facts.get("bot_id")
    return str(known) if known else str((await ask_object(call, "GET", "/users/@me"))["id"])


async def look_up(call: Call, question: Question) -> Answer:
    """Is there a message of the bot, since then, that reads like this?"""
    out, done, step = question.out, question.done, question.step
    if not call.credential.facts.get("may_read", True):
        return Answer(None)
    part = thread.part_of(step, out)
    if step.name == "crosspost":
        return await _look_up_crosspost(call, str(done["create"]["id"]))
    channel, sent, parent = channel_of(call), replace(out, text=out.text + payloads.appended(out)), ""
    if part is not None:
        sent, parent = Outgoing(part.text), str(thread.before(step, done)["id"])
    elif step.kind == "comment":
        channel, sent = str(done["create"]["id"]), Outgoing(out.first_comment)
    mine = await bot_id(call)
    start = question.since - _CLOCKS_DIFFER
    try:
        found, whole = await since(call, channel, start)
        whole = whole and not (found == [] and await _hides(call, channel, start))
    except NeedsLogin as error:
        if step.kind == "comment" and error.code == "chat_not_found":  # its thread was never opened
            return Answer(False)
        raise
    perhaps = False
    for one in found:
        same = str(one.get("content") or "").strip() == sent.text.strip()
        if (
            same
            and payloads.spoken(one)
            and payloads.author(one).get("id") == mine
            and payloads.shows(one, sent)
            and payloads.answered(one) == parent
        ):
            if part is not None:
                return Answer(True, _part(call, one, part))
            if not payloads.told_apart(one, sent):
                perhaps = True
                continue
            if step.kind == "comment":
                return Answer(True, {"id": str(one["id"]), "channel": channel})
            return Answer(True, _noted(call, one, out, [await fingerprint(file) for file in out.media]))
    return Answer(False if whole and not perhaps else None)


async def _look_up_crosspost(call: Call, post: str) -> Answer:
    flags = (await read_message(call, post)).get("flags")
    gone = isinstance(flags, int) and flags & _CROSSPOSTED
    return Answer(True, {"id": post}) if gone else Answer(False)


async def since(call: Call, channel: str, moment: datetime) -> tuple[list[dict[str, Any]], bool]:
    """The messages of a channel after this moment, oldest first, and whether these are all."""
    found: list[dict[str, Any]] = []
    after = str(id_at(moment))
    for _ in range(_PAGES):
        page = await ask_list(call, f"/channels/{channel}/messages", {"after": after, "limit": str(PAGE)})
        rows = sorted(
            (one for one in page if str(one.get("id", "")).isdecimal()), key=lambda one: int(one["id"])
        )
        found += rows
        if len(page) < PAGE or not rows:
            return found, True
        after = str(rows[-1]["id"])
    return found, False


async def _hides(call: Call, channel: str, start: datetime) -> bool:
    """Was something said in a channel that shows nothing? Without the right to read the history Discord
    answers with an empty list: https://docs.discord.com/developers/resources/message#get-channel-messages"""
    last = (await ask_object(call, "GET", f"/channels/{channel}")).get("last_message_id")
    return last is not None and moment_of(last) >= start


def remote(done: Mapping[str, JSON]) -> Remote:
    made = done["create"]
    extra = {name: made[name] for name in ("files", "appended", "poll") if made.get(name)}
    if "comment" in done:
        extra["comment"] = done["comment"]["id"]
    return Remote(str(made["id"]), str(made["url"]), {**extra, **thread.kept(done)})


async def edit(call: Call, there: Remote, out: Outgoing) -> Remote:
    """Text, files and descriptions as in `out`. Files that the message has already are not sent again."""
    if out.poll is not None or there.extra.get("poll"):
        raise Rejected("poll_not_editable")
    known = {one["print"]: str(one["id"]) for one in there.extra.get("files", ())}
    prints = [await fingerprint(file) for file in out.media]
    attachments: list[JSON] = []
    fresh: dict[str, MediaFile] = {}
    for file, mark in zip(out.media, prints, strict=True):
        if mark in known:
            attachments.append(payloads.attachment(file, known[mark]))
        else:
            attachments.append(payloads.attachment(file, str(len(fresh))))
            fresh[f"files[{len(fresh)}]"] = file
    made = await _change(call, there.id, payloads.edited(out, attachments), fresh)
    rows = thread.parts_there(there)
    for index, row, part in thread.changed(there, out):
        with thread.of_a_part():
            await _change(call, str(row["id"]), payloads.edited(Outgoing(part.text), ()))
        rows[index] = {**row, "mark": thread.mark(part.text)}
    changed = remote({"create": _noted(call, made, out, prints)})
    comment = {"comment": there.extra["comment"]} if "comment" in there.extra else {}
    return Remote(there.id, there.url, {**changed.extra, **comment, **({"thread": rows} if rows else {})})


async def _change(
    call: Call, number: str, body: JSON, files: Mapping[str, MediaFile] | None = None
) -> dict[str, Any]:
    path = f"/channels/{channel_of(call)}/messages/{number}"
    return await ask_object(call, "PATCH", path, body=body, files=files, writes=True)


async def delete(call: Call, there: Remote) -> None:
    """Remove the chain from its end, the message, and the thread that was opened for its first comment;
    what is gone already is no error."""
    chain = [str(row["id"]) for row in reversed(thread.parts_there(there))]
    for number in (*chain, there.id):
        try:
            await ask(call, "DELETE", f"/channels/{channel_of(call)}/messages/{number}", writes=True)
        except Gone:
            continue
    if there.extra.get("comment"):
        path = f"/channels/{there.id}/messages/{there.extra['comment']}"
        try:
            await ask(call, "DELETE", path, writes=True)
        except Gone:
            return
        except NeedsLogin as error:
            if error.code != "chat_not_found":
                raise


async def read_message(call: Call, number: str) -> dict[str, Any]:
    """Raises Gone when it is not there any more."""
    return await ask_object(call, "GET", f"/channels/{channel_of(call)}/messages/{number}")


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
    text = str(one.get("content") or "").removesuffix(str(there.extra.get("appended", "")))
    return Seen(True, text, len(payloads.files_of(one)), there.url, tuple(missing))
