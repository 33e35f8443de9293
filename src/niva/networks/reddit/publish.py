"""Submitting, changing, removing and finding again a post."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from niva.kit.images import Broken
from niva.kit.videos import still
from niva.networks.base.errors import Gone, NetworkError, OutcomeUnknown, Rejected
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.oauth import scopes_of
from niva.networks.base.transport import unclear
from niva.networks.base.types import JSON, Credential, MediaFile, Outgoing, Remote, Seen, Step
from niva.networks.reddit import payloads
from niva.networks.reddit.client import ask, ask_object, change, subreddit_of, upload

# Seconds between looks for a picture or video that Reddit took but does not show yet: 23 s in all.
PAUSES: Final = (0.3, 1, 2, 5, 5, 10)
_CLOCKS_DIFFER: Final = timedelta(seconds=90)
_PAGE: Final = 100
_UPLOADED: Final = ("image", "video", "videogif")
pause = asyncio.sleep


def steps(out: Outgoing, credential: Credential) -> tuple[Step, ...]:
    """Files, then the submission, then the comment. No key; one's own submissions are listed, where the keys
    carry the right "history"."""
    reads = _may_list(credential)
    made = [Step(f"upload:{index}", "upload", repeatable=True) for index in range(len(out.media))]
    made.append(Step("create", "create", searchable=reads))
    if out.first_comment:
        made.append(Step("comment", "comment", searchable=reads))
    return tuple(made)


def _may_list(credential: Credential) -> bool:
    scopes = scopes_of(credential)
    return scopes is None or bool(scopes & {"history", "*"})


async def perform(call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    if step.kind == "upload":
        return await _upload(call, out.media[int(step.name.split(":")[1])])
    if step.kind == "comment":
        return await comment(call, str(done["create"]["id"]), out.first_comment)
    return await _create(call, out, [done[f"upload:{index}"] for index in range(len(out.media))])


async def _upload(call: Call, file: MediaFile) -> JSON:
    """A video wants a still picture beside it: its cover, else one of its own frames."""
    made: dict[str, Any] = await upload(call, file)
    if not file.mime.startswith("image/"):
        made["poster"] = await _poster(call, file)
    return made


async def _poster(call: Call, file: MediaFile) -> str:
    if file.cover is not None:
        return (await upload(call, file.cover))["url"]
    with TemporaryDirectory() as folder:
        frame = await asyncio.to_thread(_frame, file, Path(folder) / "frame.jpg")
        return (await upload(call, frame))["url"]


def _frame(file: MediaFile, place: Path) -> MediaFile:
    try:
        picture = still(file.path, (file.duration or 0.0) / 2)
    except Broken as error:
        raise Rejected("media_unreadable", file.path.name) from error
    picture.convert("RGB").save(place, "JPEG", quality=85)
    return MediaFile(place, "image", "image/jpeg", place.stat().st_size, picture.width, picture.height)


async def _create(call: Call, out: Outgoing, files: list[JSON]) -> JSON:
    name, what = subreddit_of(call.credential.facts), payloads.kind(out)
    since = call.now() - _CLOCKS_DIFFER
    if what == "gallery":
        made = await change(call, "/api/submit_gallery_post.json", body=payloads.gallery(out, name, files))
    elif what == "poll":
        made = await change(call, "/api/submit_poll_post", body=payloads.poll(out, name))
    else:
        made = await change(call, "/api/submit", form=payloads.submission(out, name, files))
        if what in _UPLOADED and not made.get("id"):
            return await _appears(call, Question(Step("create", "create"), out, {}, since))
    return _noted(made, out)


async def _appears(call: Call, question: Question) -> JSON:
    """A picture or video is taken, worked on, and shown later: wait for it among one's own submissions."""
    for seconds in PAUSES:
        await pause(seconds)
        try:
            answer = await look_up(call, question)
        except NetworkError as error:  # it was taken all the same: nothing here means "not done"
            raise OutcomeUnknown("reddit_processing", str(error)) from error
        if answer.result is not None:
            return answer.result
    raise OutcomeUnknown("reddit_processing", "taken, but not shown yet")


def _noted(made: Mapping[str, Any], out: Outgoing) -> dict[str, Any]:
    number = str(made.get("name") or made.get("id") or "")
    if not number:
        raise unclear(True, "nonsense", "no submission in the answer")
    full = number if number.startswith("t3_") else f"t3_{number}"
    url = payloads.link_to(made) if made.get("permalink") else str(made.get("url") or "")
    return {"id": full, "url": url, "kind": payloads.kind(out), "appended": payloads.appended(out)}


async def comment(call: Call, parent: str, text: str) -> dict[str, Any]:
    """An answer to a submission, a comment or a private message, by its full name."""
    made = await change(call, "/api/comment", form={"thing_id": parent, "text": text})
    things = made.get("things")
    data = (
        things[0].get("data") if isinstance(things, list) and things and isinstance(things[0], dict) else None
    )
    if not isinstance(data, dict) or not data.get("name"):
        raise unclear(True, "nonsense", "no comment in the answer")
    return {"id": str(data["name"]), "url": payloads.link_to(data)}


async def look_up(call: Call, question: Question) -> Answer:
    """Is there a submission of one's own, since then, with this title? Comments: under their parent."""
    out, done, step = question.out, question.done, question.step
    if step.kind == "upload":
        return Answer(False)
    if not _may_list(call.credential):
        return Answer(None)
    since = question.since - _CLOCKS_DIFFER
    kind, wanted, parent = "submitted", "", ""
    if step.kind == "comment":
        kind, wanted, parent = "comments", out.first_comment, str(done["create"]["id"])
    path = f"/user/{await username(call)}/{kind}"
    listing = await ask(call, "GET", path, params={"sort": "new", "limit": str(_PAGE)})
    found, perhaps = [one["data"] for one in payloads.children(listing)], False
    for one in found:
        if payloads.moment(one) < since:
            return Answer(None if perhaps else False)
        if parent:
            if one.get("parent_id") == parent and payloads.same(one.get("body"), wanted):
                return Answer(True, {"id": str(one["name"]), "url": payloads.link_to(one)})
        elif _titled(call, one, out):
            if payloads.is_this(one, out):
                return Answer(True, _noted(one, out))
            perhaps = perhaps or payloads.may_be_this(one, out)
    return Answer(False if len(found) < _PAGE and not perhaps else None)


def _titled(call: Call, one: Mapping[str, Any], out: Outgoing) -> bool:
    """Of this title, in this subreddit. What a filter or a moderator took down did go out."""
    name = subreddit_of(call.credential.facts).lower()
    return str(one.get("subreddit") or "").lower() == name and one.get("title") == payloads.title(out)


async def username(call: Call) -> str:
    """The account's name: known since the test button, else asked."""
    known = call.credential.facts.get("username")
    if known:
        return str(known)
    return str((await ask_object(call, "GET", "/api/v1/me")).get("name") or "")


def remote(done: Mapping[str, JSON]) -> Remote:
    made = done["create"]
    extra = {name: made[name] for name in ("kind", "appended") if made.get(name)}
    if "comment" in done:
        extra["comment"] = done["comment"]["id"]
    return Remote(str(made["id"]), str(made["url"]), extra)


async def edit(call: Call, there: Remote, out: Outgoing) -> Remote:
    """Only the words of a text post can be changed; a title, a link and files never."""
    if there.extra.get("kind", "self") != "self" or payloads.kind(out) != "self":
        raise Rejected("reddit_edit_text_only")
    form = {"thing_id": there.id, "text": payloads.text(out)}
    await ask(call, "POST", "/api/editusertext", form=form, writes=True)
    return Remote(there.id, there.url, {**there.extra, "appended": payloads.appended(out)})


async def delete(call: Call, there: Remote) -> None:
    """Remove the first comment and the submission. Reddit says yes to what is gone already, too."""
    for number in (there.extra.get("comment"), there.id):
        if number:
            await ask(call, "POST", "/api/del", form={"id": str(number)}, writes=True)


async def read_post(call: Call, number: str) -> Mapping[str, Any]:
    """GET /api/info: a submission that readers can see. Raises Gone when nobody can any more."""
    listing = await ask(call, "GET", "/api/info", params={"id": number})
    for one in payloads.posts(listing):
        if one.get("name") == number and payloads.standing(one):
            return one
    raise Gone("post_gone", number)


async def read_back(call: Call, there: Remote) -> Seen:
    """What a filter or a moderator took down is not alive: only its author still sees it."""
    try:
        one = await read_post(call, there.id)
    except Gone:
        return Seen(alive=False)
    text = str(one.get("selftext") or "").removesuffix(str(there.extra.get("appended", "")))
    return Seen(True, text, payloads.files_of(one), payloads.link_to(one) or there.url)
