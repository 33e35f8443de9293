"""Ours <-> theirs: what a post becomes as a media topic, and how one of ours is recognised. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from niva.networks.base.errors import NeedsLogin
from niva.networks.base.limits import Checker, Limits
from niva.networks.base.types import JSON, Credential, MediaFile, Outgoing, Poll, Problem, Remote, Step

TITLE_MAX: Final = 1000  # characters in a video's title: https://apiok.ru/dev/methods/rest/video/video.update
_GROUP: Final = re.compile(
    r"(?:https?://)?(?:m\.|www\.)?ok\.ru/group/?(?P<number>\d+)(?:/.*)?|(?P<plain>\d+)"
)
_NAME: Final = re.compile(r"(?:https?://)?(?:m\.|www\.)?ok\.ru/(?P<name>[\w.-]+)/?")


def group_written(credential: Credential) -> str:
    """The group as the person wrote it: its number, else the address of its short name, else ""."""
    written = str(credential.facts.get("group_id", "")).strip()
    if match := _GROUP.fullmatch(written):
        return match["number"] or match["plain"]
    match = _NAME.fullmatch(written) if "/" in written else re.fullmatch(r"@?(?P<name>[\w.-]+)", written)
    return f"https://ok.ru/{match['name']}" if match else ""


def group_of(credential: Credential) -> str:
    """The group's number. The test button puts it into the facts when the person gave a short name."""
    written = group_written(credential)
    if not written.isdecimal():
        raise NeedsLogin("ok_group_missing", written)
    return written


def length(text: str) -> int:
    """Characters."""
    return len(text)


def check(out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
    """The general checks and OK's own: a GIF stands still, a poll has no end, no comment can be written."""
    checker = Checker(limits, len)
    checker.everything(out)
    for index, file in enumerate(out.media):
        if file.kind == "animation" and file.mime == "image/gif":
            checker.warn("ok_gif_stands_still", f"media:{index}")
    if out.poll is not None and out.poll.closes_in is not None:
        checker.warn("ok_poll_stays_open", "poll")
    if out.first_comment:
        checker.add("ok_writes_no_comment", "first_comment")
    return tuple(checker.problems)


def is_video(file: MediaFile) -> bool:
    """Everything that moves but a GIF, which OK takes as a picture."""
    return file.kind != "image" and file.mime != "image/gif"


def steps(out: Outgoing, *, searchable: bool = True) -> tuple[Step, ...]:
    """Uploads one by one, then the topic. A video takes two: its place, then the file and its title."""
    found: list[Step] = []
    for index, file in enumerate(out.media):
        found.append(Step(f"upload:{index}", "upload", repeatable=True))
        if is_video(file):
            found.append(Step(f"upload:{index}:file", "upload", repeatable=True))
    return (*found, Step("create", "create", searchable=searchable))


def attachment(out: Outgoing, uploads: Mapping[str, JSON]) -> str:
    """The parameter `attachment`: blocks in the order text, pictures, videos, link, poll."""
    told = {"media": list(_blocks(out, uploads)), "onBehalfOfGroup": "true"}
    if out.options.get("comments_off"):
        told["disableComments"] = "true"
    return json.dumps(told, ensure_ascii=False)


def _blocks(out: Outgoing, uploads: Mapping[str, JSON]) -> Iterator[JSON]:
    if out.text.strip():
        yield {"type": "text", "text": out.text}
    names = [f"upload:{index}" for index in range(len(out.media))]
    photos = [{"id": uploads[name]["token"]} for name in names if "token" in uploads.get(name, {})]
    movies = [{"id": uploads[name]["video_id"]} for name in names if "video_id" in uploads.get(name, {})]
    if photos:
        yield {"type": "photo", "list": photos}
    if movies:
        yield {"type": "movie", "list": movies}
    if out.link is not None:
        yield {"type": "link", "url": out.link.url}
    if out.poll is not None:
        yield _poll(out.poll)


def _poll(poll: Poll) -> JSON:
    chosen = [] if poll.multiple else ["SingleChoice"]
    chosen += ["AnonymousVoting"] if poll.anonymous else []
    told: dict[str, Any] = {
        "type": "poll",
        "question": poll.question,
        "answers": [{"text": option} for option in poll.options],
    }
    return told | ({"options": ",".join(chosen)} if chosen else {})


def video_title(out: Outgoing) -> str:
    """A video needs a title: the first line of the post."""
    return next((line.strip() for line in out.text.splitlines() if line.strip()), "")[:TITLE_MAX]


def address(group: str, topic: str) -> str:
    return f"https://ok.ru/group/{group}/topic/{topic}"


def remote_of(done: Mapping[str, JSON]) -> Remote:
    """The publication. Kept with it: its videos, which an edit must name again, and whether it is a poll."""
    videos = {
        name: {"video_id": result["video_id"], "print": result.get("print", "")}
        for name, result in done.items()
        if name.startswith("upload:") and "video_id" in result
    }
    extra = {"uploads": videos, "answers": done["create"].get("answers", 0)}
    return Remote(str(done["create"]["id"]), str(done["create"]["url"]), extra)


# --- what stands in the group ---


def bare(text: str) -> str:
    """Letters and digits only: OK trims blanks and rewrites links and mentions, but leaves these. Of a text
    without any (emoji), everything but blanks."""
    return "".join(char for char in text.casefold() if char.isalnum()) or "".join(text.split())


def blocks_of(topic: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    media = topic.get("media")
    return [block for block in media if isinstance(block, dict)] if isinstance(media, list) else []


def text_of(topic: Mapping[str, Any]) -> str:
    """The text of a topic as it stands there."""
    words = [str(block.get("text", "")) for block in blocks_of(topic) if block.get("type") == "text"]
    return "\n".join(words)


def media_count(topic: Mapping[str, Any]) -> int:
    return sum(len(_refs(block)) for block in blocks_of(topic) if block.get("type") in ("photo", "movie"))


def _refs(block: Mapping[str, Any]) -> list[str]:
    """What a block shows: photo_refs ["group_photo:1"], movie_refs ["video:2"]."""
    found = block.get(f"{block.get('type')}_refs")
    return [str(ref) for ref in found] if isinstance(found, list) else []


def mute(out: Outgoing) -> bool:
    """Pictures and nothing else: such topics are all alike."""
    return (
        not out.text.strip() and out.link is None and out.poll is None and not any(map(is_video, out.media))
    )


def by_another(topic: Mapping[str, Any], group: str) -> bool:
    """Did a person write it in his own name? Ours all stand in the group's."""
    author = str(topic.get("author_ref") or "")
    return bool(author) and author != f"group:{group}"


def is_ours(topic: Mapping[str, Any], out: Outgoing, uploads: Mapping[str, JSON], since_ms: float) -> bool:
    """Is this topic the one we sent? A video of ours in it proves it; without any, text and count decide."""
    created = topic.get("created_ms")
    if not isinstance(created, int) or created < since_ms:
        return False
    videos = {str(result["video_id"]) for result in uploads.values() if "video_id" in result}
    if videos:
        shown = {ref.rpartition(":")[2] for block in blocks_of(topic) for ref in _refs(block)}
        return bool(videos & shown)
    if bare(text_of(topic)) != bare(out.text) or media_count(topic) != len(out.media):
        return False
    # without a word the link or the poll must be there to know it by
    kinds = {block.get("type") for block in blocks_of(topic)}
    wanted = {kind for kind, part in (("link", out.link), ("poll", out.poll)) if part is not None}
    return bool(out.text.strip()) or wanted <= kinds
