"""Ours <-> theirs: what a post becomes at VK, and how one of ours is recognised on the wall. Pure."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from niva.networks.base.errors import NeedsLogin
from niva.networks.base.limits import Checker, Limits
from niva.networks.base.types import JSON, Credential, MediaFile, Outgoing, Poll, Problem, Remote, Step

KEY_SECONDS: Final = 3600  # how long VK remembers a guid is not written; random_id of messages: one hour
TITLE_MAX: Final = 128  # characters in a video's name: https://dev.vk.com/en/method/video.save
_GROUP: Final = re.compile(
    r"(?:https?://)?(?:m\.)?(?:(?:vk\.com|vk\.ru)/)?(?:club|public|event)?-?(?P<number>\d+)/?"
)
_NAME: Final = re.compile(r"(?:https?://)?(?:m\.)?(?:(?:vk\.com|vk\.ru)/)?@?(?P<name>[\w.]+)/?")
_COUNTED: Final = ("photo", "video", "doc")


def group_written(credential: Credential) -> str:
    """The community as the person wrote it, cut down to its number or short name; "" when there is none."""
    written = str(credential.facts.get("group_id", "")).strip()
    if match := _GROUP.fullmatch(written):
        return match["number"]
    match = _NAME.fullmatch(written)
    return match["name"] if match else ""


def group_of(credential: Credential) -> int:
    """The community's number. The test button puts it into the facts when the person gave a short name."""
    written = group_written(credential)
    if not written.isdecimal():
        raise NeedsLogin("group_missing", written)
    return int(written)


def length(text: str) -> int:
    """Characters."""
    return len(text)


def check(out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
    """The general checks and VK's own: a poll in company, one animation, a card that needs a picture."""
    checker = Checker(limits, len)
    checker.everything(out)
    if out.form == "story":
        checker.form_takes(out)
        if any(is_document(file) for file in out.media):
            checker.add("media_format", "media:0", actual="image/gif")
        return tuple(checker.problems)
    if out.poll is not None and not (out.text.strip() or out.media):
        checker.add("poll_alone", "poll", "poll_needs_text")
    animations = [index for index, file in enumerate(out.media) if is_document(file)]
    for index in animations[1:]:
        checker.add("animation_too_many", f"media:{index}", limit=1, actual=len(animations))
    if out.link is not None and out.link.image is None and out.link.url not in out.text:
        checker.warn("link_card_without_picture", "link")
    return tuple(checker.problems)


def is_document(file: MediaFile) -> bool:
    """Moving GIFs go as documents: as photos they would stand still."""
    return file.kind == "animation" and file.mime == "image/gif"


def is_video(file: MediaFile) -> bool:
    return file.kind != "image" and not is_document(file)


def steps(out: Outgoing, *, searchable: bool) -> tuple[Step, ...]:
    """Uploads one by one, the poll, the post, the comment.

    A video takes two: the place is asked for, then the file is sent there. Sent again to the same place it
    stays one video. A comment is not called keyed, though its guid goes along: VK has been seen to ignore it
    (https://github.com/VKCOM/vk-php-sdk/issues/116).
    """
    found: list[Step] = []
    for index, file in enumerate(out.media):
        found.append(Step(f"upload:{index}", "upload", repeatable=True))
        if is_video(file):
            found.append(Step(f"upload:{index}:file", "upload", repeatable=True))
    if out.link is not None and out.link.image is not None:
        found.append(Step("upload:link", "upload", repeatable=True))
    if out.poll is not None:
        found.append(Step("upload:poll", "upload", repeatable=True))
    found.append(Step("create", "create", keyed=True, searchable=searchable, key_seconds=KEY_SECONDS))
    if out.first_comment:
        found.append(Step("comment", "comment", searchable=searchable))
    return tuple(found)


def content(out: Outgoing, group: int, uploads: Mapping[str, JSON]) -> dict[str, Any]:
    """Parameters of wall.post and wall.edit. `uploads`: results of the upload steps by name."""
    params: dict[str, Any] = {"owner_id": -group}
    if out.text:
        params["message"] = out.text
    if attached := attachments(out, uploads):
        params["attachments"] = attached
    return params


def card(out: Outgoing, uploads: Mapping[str, JSON]) -> dict[str, str]:
    """The link card with its own picture and title: without a picture VK draws none. For wall.post only."""
    if out.link is None or "upload:link" not in uploads:
        return {}
    number = short_word(uploads["upload:link"]).removeprefix("photo")
    picture = {"link_photo_id": number}
    return picture | ({"link_title": out.link.title} if out.link.title else {})


def attachments(out: Outgoing, uploads: Mapping[str, JSON]) -> list[str]:
    """Media in their order, the poll, the address of the link last."""
    names = [f"upload:{index}" for index in range(len(out.media))] + ["upload:poll"]
    found = [str(uploads[name]["attachment"]) for name in names if name in uploads]
    # a comma would part the address in two
    return found + ([out.link.url.replace(",", "%2C")] if out.link is not None else [])


def short_word(upload: JSON) -> str:
    """What was uploaded as the wall names it: photo-1_2, without the access key that may follow."""
    return "_".join(str(upload["attachment"]).split("_")[:2])


def poll_print(poll: Poll) -> str:
    """What a poll is recognised by at the next edit."""
    told = [poll.question, poll.options, poll.multiple, poll.anonymous]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def poll_params(poll: Poll, group: int, now: datetime) -> dict[str, Any]:
    params: dict[str, Any] = {
        "owner_id": -group,
        "question": poll.question,
        "add_answers": json.dumps(poll.options, ensure_ascii=False),
        "is_anonymous": poll.anonymous,
        "is_multiple": poll.multiple,
    }
    if poll.closes_in is not None:
        params["end_date"] = int(now.timestamp()) + poll.closes_in
    return params


def video_title(out: Outgoing) -> str:
    """A video needs a name: the first line of the post."""
    return next((line.strip() for line in out.text.splitlines() if line.strip()), "")[:TITLE_MAX]


def address(group: int, post: int | str) -> str:
    return f"https://vk.com/wall-{group}_{post}"


def remote_of(done: Mapping[str, JSON]) -> Remote:
    """The publication with what a later edit must give again: VK drops attachments that it is not told."""
    uploads = {name: result for name, result in done.items() if name.startswith("upload:")}
    if done["create"].get("story"):
        return Remote(done["create"]["id"], done["create"]["url"], {"story": True})
    extra: dict[str, Any] = {"uploads": kept_uploads(uploads)}
    if "comment" in done:
        extra["comment_id"] = done["comment"]["id"]
    return Remote(done["create"]["id"], done["create"]["url"], extra)


def kept_uploads(uploads: Mapping[str, JSON]) -> dict[str, JSON]:
    """What is worth keeping of them: the words and the prints, not the addresses that files were sent to."""
    return {
        name: {part: result[part] for part in ("attachment", "print") if part in result}
        for name, result in uploads.items()
    }


# --- what stands on the wall ---


def bare(text: str) -> str:
    """Letters and digits only: VK escapes signs, trims blanks and rewrites mentions, but leaves these. Of a
    text without any (emoji), everything but blanks."""
    text = html.unescape(text)
    return "".join(char for char in text.casefold() if char.isalnum()) or "".join(text.split())


def attached_ids(item: Mapping[str, Any]) -> list[str]:
    """Attachments of a post as VK's own words ("photo-1_2"), links left out."""
    found = []
    for attachment in item.get("attachments") or ():
        kind = attachment.get("type")
        body = attachment.get(kind)
        if isinstance(body, dict) and "owner_id" in body:
            found.append(f"{kind}{body['owner_id']}_{body.get('id')}")
    return found


def media_count(item: Mapping[str, Any]) -> int:
    return sum(1 for a in item.get("attachments") or () if a.get("type") in _COUNTED)


def is_ours(item: Mapping[str, Any], out: Outgoing, uploads: Iterable[JSON], since: float) -> bool:
    """Is this post the one we sent? Our own uploads on it prove it; without any, the text decides."""
    if item.get("date", 0) < since or item.get("is_deleted"):
        return False
    ours = {short_word(upload) for upload in uploads}
    if ours:
        return bool(ours & set(attached_ids(item)))
    if bare(str(item.get("text", ""))) != bare(out.text):
        return False
    # without a word only its link is left to know it by; VK shows some links as videos
    kinds = {attachment.get("type") for attachment in item.get("attachments") or ()}
    return bool(out.text.strip() or kinds & {"link", "video"})
