"""Sending, changing, removing and finding again a post on a community's wall."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base.errors import Gone, NeedsLogin, NetworkError, OutcomeUnknown, Rejected, Temporary
from niva.networks.base.files import fingerprint
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.types import JSON, Credential, MediaFile, Outgoing, Remote, Seen, Step
from niva.networks.vk import payloads, stories
from niva.networks.vk.client import ask, has_key, send_file

_SKEW: Final = 120  # seconds by which VK's clock may be behind ours
_PAGE: Final = 100  # posts or comments that one look takes in


def steps(out: Outgoing, credential: Credential) -> tuple[Step, ...]:
    """Without a user's key the wall cannot be read, so nothing can be looked up."""
    if out.form == "story":
        return stories.STEPS
    return payloads.steps(out, searchable=has_key(credential, "user"))


def remote(done: Mapping[str, JSON]) -> Remote:
    """See `payloads.remote_of`."""
    return payloads.remote_of(done)


async def perform(call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    """Do one step of `payloads.steps`."""
    if out.form == "story":
        if step.name == "create":
            return await stories.create(call, done.get("upload:0", {}))
        return await stories.upload(call, out.media[0])
    if step.name == "create":
        return await _create(call, out, done)
    if step.name == "comment":
        return await _comment(call, out, done)
    return await _upload(call, step.name, out, done)


# --- uploads ---


async def _upload(call: Call, name: str, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    if name == "upload:poll":
        assert out.poll is not None
        params = payloads.poll_params(out.poll, payloads.group_of(call.credential), call.now())
        poll = await ask(call, "polls.create", params, writes=False)
        return {"attachment": _word("poll", poll), "print": payloads.poll_print(out.poll)}
    if name == "upload:link":
        assert out.link is not None and out.link.image is not None
        return await _photo(call, out.link.image)
    parts = name.split(":")
    file = out.media[int(parts[1])]
    if len(parts) == 3:
        place = done[f"upload:{parts[1]}"]
        await send_file(call, str(place["upload_url"]), "video_file", file)
        return {"attachment": place["attachment"], "print": place["print"]}
    if payloads.is_video(file):
        return await _video_place(call, file, out)
    return await (_document(call, file) if payloads.is_document(file) else _photo(call, file))


async def _photo(call: Call, file: MediaFile) -> JSON:
    group = payloads.group_of(call.credential)
    mark = await fingerprint(file)
    place = await ask(call, "photos.getWallUploadServer", {"group_id": group}, writes=False)
    sent = await send_file(call, _text(place, "upload_url"), "photo", file)
    if sent.get("photo") in (None, "", "[]"):
        raise Rejected("media_refused", "VK found no picture in the file")
    params = {"group_id": group, **{name: sent[name] for name in ("photo", "server", "hash") if name in sent}}
    saved = await ask(call, "photos.saveWallPhoto", params, writes=False)
    if not isinstance(saved, list) or not saved:
        raise Temporary("nonsense", "no photo in the answer")
    return {"attachment": _word("photo", saved[0]), "print": mark}


async def _document(call: Call, file: MediaFile) -> JSON:
    mark = await fingerprint(file)
    group = {"group_id": payloads.group_of(call.credential)}
    place = await ask(call, "docs.getWallUploadServer", group, writes=False)
    sent = await send_file(call, _text(place, "upload_url"), "file", file)
    saved = await ask(call, "docs.save", {"file": _text(sent, "file")}, writes=False)
    return {"attachment": _word("doc", saved.get("doc") if isinstance(saved, dict) else None), "print": mark}


async def _video_place(call: Call, file: MediaFile, out: Outgoing) -> JSON:
    params: dict[str, Any] = {"group_id": payloads.group_of(call.credential), "wallpost": False}
    if title := payloads.video_title(out):
        params["name"] = title
    mark = await fingerprint(file)
    place = await ask(call, "video.save", params, writes=False)
    url = _text(place, "upload_url")
    word = _word("video", {**place, "id": place.get("video_id")})
    return {"attachment": word, "upload_url": url, "print": mark}


def _word(kind: str, thing: Any) -> str:
    """VK's word for a thing that can be attached: photo-1_2, with the access key where there is one."""
    if not isinstance(thing, dict) or not isinstance(thing.get("id"), int) or "owner_id" not in thing:
        raise Temporary("nonsense", f"no {kind} in the answer")
    key = thing.get("access_key")
    return f"{kind}{thing['owner_id']}_{thing['id']}" + (f"_{key}" if key else "")


def _text(data: Any, name: str) -> str:
    value = data.get(name) if isinstance(data, dict) else None
    if not isinstance(value, str) or not value:
        raise Temporary("nonsense", f"no {name} in the answer")
    return value


# --- post and comment ---


async def _create(call: Call, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    group = payloads.group_of(call.credential)
    params = {
        **payloads.content(out, group, done),
        **payloads.card(out, done),
        "from_group": True,
        "guid": call.key,
    }
    told = await ask(call, "wall.post", params, writes=True)
    number = told.get("post_id") if isinstance(told, dict) else None
    if not isinstance(number, int):
        raise OutcomeUnknown("nonsense", "no post_id in the answer")
    return {"id": str(number), "url": payloads.address(group, number)}


async def _comment(call: Call, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    group = payloads.group_of(call.credential)
    params = {
        "owner_id": -group,
        "post_id": int(done["create"]["id"]),
        "from_group": group,
        "message": out.first_comment,
        "guid": call.key,
    }
    told = await ask(call, "wall.createComment", params, writes=True)
    number = told.get("comment_id") if isinstance(told, dict) else None
    if not isinstance(number, int):
        raise OutcomeUnknown("nonsense", "no comment_id in the answer")
    return {"id": str(number)}


async def look_up(call: Call, question: Question) -> Answer:
    """Find a post or comment of ours. With the community's key alone the wall cannot be read: None."""
    if question.out.form == "story" or not has_key(call.credential, "user"):
        return Answer(None)
    group = payloads.group_of(call.credential)
    since = question.since.timestamp() - _SKEW
    if question.step.kind == "comment":
        post = int(question.done["create"]["id"])
        params = {"owner_id": -group, "post_id": post, "count": _PAGE, "sort": "asc"}
        items = _items(await ask(call, "wall.getComments", params, writes=False))
        wanted = payloads.bare(question.out.first_comment)
        for item in items:
            if item.get("from_id") == -group and payloads.bare(str(item.get("text", ""))) == wanted:
                return Answer(True, {"id": str(item["id"])})
        return Answer(None if len(items) >= _PAGE else False)
    if question.step.kind == "upload":
        return Answer(False)  # done again it harms nobody, so nobody looks
    params = {"owner_id": -group, "count": _PAGE, "filter": "owner"}
    items = _items(await ask(call, "wall.get", params, writes=False))
    # the picture of a link card is not among a post's attachments and proves nothing
    names = (name for name in question.done if name.startswith("upload:") and name != "upload:link")
    uploads = [question.done[name] for name in names]
    # the first of its kind: when a post was repeated by hand afterwards, ours is the older one
    for item in sorted(items, key=lambda item: int(item.get("id", 0))):
        if payloads.is_ours(item, question.out, uploads, since):
            return Answer(True, {"id": str(item["id"]), "url": payloads.address(group, item["id"])})
    full = len(items) >= _PAGE and all(item.get("date", 0) >= since for item in items)
    return Answer(None if full else False)


def _items(response: Any) -> list[Mapping[str, Any]]:
    items = response.get("items") if isinstance(response, dict) else None
    if not isinstance(items, list):
        raise Temporary("nonsense", "no items in the answer")
    return [item for item in items if isinstance(item, dict)]


async def item_of(call: Call, there: Remote) -> Mapping[str, Any]:
    """The post as VK gives it. Gone when it is deleted or hidden from us."""
    name = f"-{payloads.group_of(call.credential)}_{there.id}"
    items = _items(await ask(call, "wall.getById", {"posts": [name]}, writes=False))
    if not items or items[0].get("is_deleted"):
        raise Gone("post_gone")
    return items[0]


async def edit(call: Call, there: Remote, out: Outgoing) -> Remote:
    """Rewrite the whole post. What is there already is attached again, only what is new is sent.

    A poll that did not change keeps its votes; a changed one is a new poll. The card of a link keeps the
    picture that VK itself finds: wall.edit takes none.
    """
    if stories.is_story(there) or out.form == "story":
        raise Rejected("edit_unsupported", "a story")
    group = payloads.group_of(call.credential)
    known = {old["print"]: old for old in there.extra.get("uploads", {}).values() if "print" in old}
    uploads: dict[str, JSON] = {}
    for step in payloads.steps(out, searchable=False):
        if step.kind != "upload" or step.name == "upload:link":
            continue
        kept = known.get(await _print_of(step.name, out))
        uploads[step.name] = kept or await _upload(call, step.name, out, uploads)
    params = {**payloads.content(out, group, uploads), "post_id": int(there.id)}
    params.setdefault("message", "")
    await ask(call, "wall.edit", params, writes=True)
    return Remote(there.id, there.url, {**there.extra, "uploads": payloads.kept_uploads(uploads)})


async def _print_of(name: str, out: Outgoing) -> str:
    if name == "upload:poll":
        assert out.poll is not None
        return payloads.poll_print(out.poll)
    return await fingerprint(out.media[int(name.split(":")[1])])


async def delete(call: Call, there: Remote) -> None:
    """Remove the post. VK names a missing post by several numbers, so a refusal is checked by looking."""
    if stories.is_story(there):
        return await stories.delete(call, there)
    params = {"owner_id": -payloads.group_of(call.credential), "post_id": int(there.id)}
    try:
        await ask(call, "wall.delete", params, writes=True)
    except Gone:
        return None
    except (Rejected, NeedsLogin) as refusal:
        if not await _is_gone(call, there):
            raise refusal from None


async def _is_gone(call: Call, there: Remote) -> bool:
    try:
        await item_of(call, there)
    except Gone:
        return True
    except NetworkError:
        return False
    return False


async def read_back(call: Call, there: Remote) -> Seen:
    if stories.is_story(there):
        return await stories.read_back(call, there)
    try:
        item = await item_of(call, there)
    except Gone:
        return Seen(alive=False)
    return Seen(True, str(item.get("text", "")), payloads.media_count(item), there.url)
