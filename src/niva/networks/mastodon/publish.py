"""Sending, changing, removing and finding again a status."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from niva.networks.base import thread
from niva.networks.base.errors import Gone, Temporary
from niva.networks.base.files import fingerprint
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.transport import unclear
from niva.networks.base.types import JSON, Credential, MediaFile, Outgoing, Part, Remote, Seen, Step
from niva.networks.mastodon import payloads
from niva.networks.mastodon.client import ask, media_ready, upload
from niva.networks.mastodon.text import comparable, from_html

STATUSES: Final = "/api/v1/statuses"
# "Idempotency keys are stored for up to 1 hour": https://docs.joinmastodon.org/methods/statuses/#create
KEY_SECONDS: Final = 3600
# Seconds between questions whether a file is ready: 46 s in all, then the step is left for later.
PAUSES: Final = (0.5, 0.5, 1, 2, 4, 8, 10, 10, 10)
_CLOCKS_DIFFER: Final = timedelta(seconds=90)
_PAGE: Final = 40
_PAGES: Final = 5
pause = asyncio.sleep


def steps(out: Outgoing, credential: Credential) -> tuple[Step, ...]:
    """Files, then the status, the rest of its chain, and the first comment."""
    made = [Step(f"upload:{index}", "upload", repeatable=True) for index in range(len(out.media))]
    made.append(Step("create", "create", keyed=True, searchable=True, key_seconds=KEY_SECONDS))
    made += thread.steps(out, keyed=True, searchable=True, key_seconds=KEY_SECONDS)
    if out.first_comment:
        made.append(Step("comment", "comment", keyed=True, searchable=True, key_seconds=KEY_SECONDS))
    return tuple(made)


async def perform(call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    if step.kind == "upload":
        return await _upload(call, out.media[int(step.name.split(":")[1])])
    if (part := thread.part_of(step, out)) is not None:
        answers = str(thread.before(step, done)["id"])
        return _part(await _create(call, payloads.answer(part.text, answers, out.options)), part)
    if step.kind == "comment":
        return await _create(call, payloads.answer(out.first_comment, str(done["create"]["id"]), out.options))
    media = [done[f"upload:{index}"] for index in range(len(out.media)) if f"upload:{index}" in done]
    for one in media:
        if not one.get("ready", True) and not await _wait(call, str(one["id"])):
            raise Temporary("media_processing", "the server is still at work on the file", retry_after=60)
    made = await _create(call, payloads.status(out, [str(one["id"]) for one in media]))
    return _noted(made, out, media)


async def _upload(call: Call, file: MediaFile) -> dict[str, Any]:
    """The attachment's id, its fingerprint and description, and whether the server is through with it."""
    attachment, ready = await upload(call, file)
    made = {"id": attachment["id"], "print": await fingerprint(file), "alt": file.alt}
    return {**made, "ready": ready or await _wait(call, attachment["id"])}


async def _wait(call: Call, media_id: str) -> bool:
    for seconds in PAUSES:
        await pause(seconds)
        if await media_ready(call, media_id):
            return True
    return False


async def _create(call: Call, body: JSON) -> dict[str, Any]:
    told = await ask(call, "POST", STATUSES, body=body, key=call.key, writes=True)
    try:
        return payloads.created(told)
    except ValueError as error:
        raise unclear(True, "nonsense", str(error)) from error


def _part(made: Mapping[str, Any], part: Part) -> dict[str, Any]:
    return {"id": made["id"], "url": made["url"], "mark": thread.mark(part.text)}


def _noted(made: JSON, out: Outgoing, media: list[JSON]) -> dict[str, Any]:
    """The result with what `edit` and `read_back` will want to know."""
    files = [{name: one.get(name, "") for name in ("id", "print", "alt")} for one in media]
    return {**made, "media": files, "appended": payloads.appended(out)}


async def look_up(call: Call, question: Question) -> Answer:
    """Is there a status of the account's own, since then, that reads like this? Uploads are done again."""
    if question.step.kind == "upload":
        return Answer(False)
    out, done = question.out, question.done
    part = thread.part_of(question.step, out)
    comment = question.step.kind == "comment" and part is None
    parent = done["create"]["id"] if comment else None
    wanted = comparable(out.first_comment if comment else payloads.body(out))
    count = 0 if comment else len(out.media)
    if part is not None:
        parent, wanted, count = thread.before(question.step, done)["id"], comparable(part.text), 0
    since = question.since - _CLOCKS_DIFFER
    account = await account_id(call)
    last = ""
    for _ in range(_PAGES):
        params = {"limit": str(_PAGE), "exclude_reblogs": "true", **({"max_id": last} if last else {})}
        page = await ask(call, "GET", f"/api/v1/accounts/{account}/statuses", params=params)
        if not isinstance(page, list) or not all(isinstance(one, dict) for one in page):
            raise unclear(False, "nonsense", "no list of statuses in the answer")
        for one in page:
            if payloads.moment(one) < since:
                return Answer(False)
            same = comparable(from_html(str(one.get("content", "")))) == wanted
            if (
                same
                and one.get("in_reply_to_id") == parent
                and len(one.get("media_attachments", ())) == count
            ):
                made = payloads.created(one)
                if part is not None:
                    return Answer(True, _part(made, part))
                media = [result for name, result in done.items() if name.startswith("upload:")]
                return Answer(True, made if comment else _noted(made, out, media))
        if len(page) < _PAGE:
            return Answer(False)
        last = str(page[-1].get("id"))
    return Answer(None)  # so much was posted since that we stopped turning pages


async def account_id(call: Call) -> str:
    """The account's id: known since the test button, else asked."""
    known = call.credential.facts.get("account_id")
    if known:
        return str(known)
    me = await ask(call, "GET", "/api/v1/accounts/verify_credentials")
    if not isinstance(me, dict) or not me.get("id"):
        raise unclear(False, "nonsense", "no account in the answer")
    return str(me["id"])


def remote(done: Mapping[str, JSON]) -> Remote:
    made = done["create"]
    extra = {name: made[name] for name in ("media", "appended") if made.get(name)}
    if "comment" in done:
        extra["comment"] = done["comment"]["id"]
    return Remote(str(made["id"]), str(made["url"]), {**extra, **thread.kept(done)})


async def edit(call: Call, there: Remote, out: Outgoing) -> Remote:
    """Change text, files and descriptions. Files that the status has already are not sent again."""
    known = {one["print"]: one for one in there.extra.get("media", ()) if one.get("print")}
    media: list[JSON] = []
    for file in out.media:
        kept = known.get(await fingerprint(file))
        media.append({**kept, "alt": file.alt} if kept else await _ready_upload(call, file))
    told = await ask(call, "PUT", f"{STATUSES}/{there.id}", body=payloads.edited(out, media), writes=True)
    try:
        made = _noted(payloads.created(told), out, media)
    except ValueError as error:
        raise unclear(True, "nonsense", str(error)) from error
    comment = {"comment": there.extra["comment"]} if "comment" in there.extra else {}
    changed = remote({"create": made})
    chain = await _edit_chain(call, there, out)
    return Remote(changed.id, changed.url or there.url, {**changed.extra, **comment, **chain})


async def _edit_chain(call: Call, there: Remote, out: Outgoing) -> dict[str, Any]:
    """Change the parts whose words changed, and no others."""
    rows = thread.parts_there(there)
    for index, known, part in thread.changed(there, out):
        body = payloads.edited(Outgoing(part.text, options=out.options), ())
        with thread.of_a_part():
            told = await ask(call, "PUT", f"{STATUSES}/{known['id']}", body=body, writes=True)
        try:
            rows[index] = _part(payloads.created(told), part)
        except ValueError as error:
            raise unclear(True, "nonsense", str(error)) from error
    return {"thread": rows} if rows else {}


async def _ready_upload(call: Call, file: MediaFile) -> JSON:
    made = await _upload(call, file)
    if not made["ready"]:
        raise Temporary("media_processing", "the server is still at work on the file", retry_after=60)
    return made


async def delete(call: Call, there: Remote) -> None:
    """Remove the first comment, the chain from its end, and the status; what is gone already is no error."""
    chain = [row["id"] for row in reversed(thread.parts_there(there))]
    for status_id in (there.extra.get("comment"), *chain, there.id):
        if status_id:
            try:
                await ask(call, "DELETE", f"{STATUSES}/{status_id}", writes=True)
            except Gone:
                continue


async def read_back(call: Call, there: Remote) -> Seen:
    """The status and the text it was written with."""
    try:
        status = await ask(call, "GET", f"{STATUSES}/{there.id}")
        source = await ask(call, "GET", f"{STATUSES}/{there.id}/source")
    except Gone:
        return Seen(alive=False)
    if not isinstance(status, dict) or not isinstance(source, dict):
        raise unclear(False, "nonsense", "no status in the answer")
    text = source.get("text")
    if isinstance(text, str):
        text = text.removesuffix(str(there.extra.get("appended", "")))
    files = status.get("media_attachments")
    return Seen(
        True,
        text if isinstance(text, str) else None,
        len(files) if isinstance(files, list) else None,
        str(status.get("url") or there.url),
        await _missing(call, there),
    )


async def _missing(call: Call, there: Remote) -> tuple[int, ...]:
    """The parts of the chain that are gone, by number."""
    gone = []
    for number, row in enumerate(thread.parts_there(there), 2):
        try:
            await ask(call, "GET", f"{STATUSES}/{row['id']}")
        except Gone:
            gone.append(number)
    return tuple(gone)
