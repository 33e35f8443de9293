"""Ours <-> theirs: what a post becomes at LinkedIn, and how one of ours is recognised. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from niva.networks.base.limits import Checker, Limits
from niva.networks.base.types import JSON, Credential, MediaFile, Outgoing, Poll, Problem, Remote, Step
from niva.networks.linkedin.client import is_page
from niva.networks.linkedin.text import escaped, plain

# How long a poll may run: seconds -> LinkedIn's word.
DURATIONS: Final = {
    86_400: "ONE_DAY",
    3 * 86_400: "THREE_DAYS",
    7 * 86_400: "SEVEN_DAYS",
    14 * 86_400: "FOURTEEN_DAYS",
}
_USUAL: Final = 7 * 86_400
_VISIBLE: Final = {"": "PUBLIC", "LOGGED_IN": "LOGGED_IN", "CONNECTIONS": "CONNECTIONS"}
_TITLE_MAX: Final = 400  # of an article's card: the API refuses more


def length(text: str) -> int:
    """Characters, as they are read: the backslashes of the little text are not counted."""
    return len(text)


def written(out: Outgoing) -> str:
    """The text that goes out: with the address of the link where no card can show it."""
    if out.link is None or not (out.media or out.poll) or out.link.url in out.text:
        return out.text
    return f"{out.text}\n{out.link.url}".strip()


def check(out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
    """The general checks and LinkedIn's own. A text that is too long is an error although LinkedIn takes it:
    it cuts the rest off without a word. (Its figure is not confirmed, which would make a warning of it.)"""
    checker = Checker(limits, len)
    checker.everything(out)
    if written(out) != out.text and len(written(out)) > limits.value("text_max") >= len(out.text):
        checker.add("text_too_long", "text", "text_max", over=len(out.text), actual=len(written(out)),
                    surplus=len(written(out)) - limits.value("text_max"))  # fmt: skip
    if out.poll is not None:
        if out.poll.closes_in is not None and out.poll.closes_in not in DURATIONS:
            checker.warn("li_poll_duration", "poll")
        if out.poll.multiple:
            checker.warn("li_poll_one_answer", "poll")
    for index, file in enumerate(out.media):
        if file.kind == "animation" and file.mime == "image/gif" and len(out.media) > 1:
            checker.warn("li_gif_stands_still", f"media:{index}")
    return tuple(
        replace(one, severity="error") if one.code == "text_too_long" else one for one in checker.problems
    )


def is_video(file: MediaFile) -> bool:
    return file.kind != "image" and file.mime != "image/gif"


def steps(out: Outgoing, credential: Credential) -> tuple[Step, ...]:
    """Uploads, the post, the comment. A video takes three: its place, its bytes, its being ready. Only a
    page's posts can be looked for: a person's own need a right that LinkedIn gives to few."""
    found: list[Step] = []
    for index, file in enumerate(out.media):
        found.append(Step(f"upload:{index}", "upload", repeatable=True))
        if is_video(file):
            found.append(Step(f"upload:{index}:file", "upload", repeatable=True))
            found.append(Step(f"upload:{index}:ready", "upload", repeatable=True))
    if has_card(out) and out.link is not None and out.link.image is not None:
        found.append(Step("upload:link", "upload", repeatable=True))
    searchable = is_page(credential)
    found.append(Step("create", "create", searchable=searchable))
    if out.first_comment:
        found.append(Step("comment", "comment", searchable=searchable))
    return tuple(found)


def has_card(out: Outgoing) -> bool:
    """The link's own card is shown only where nothing else is."""
    return out.link is not None and not out.media and out.poll is None


def post(out: Outgoing, author: str, uploads: Mapping[str, JSON]) -> dict[str, Any]:
    """The body of POST /rest/posts."""
    body: dict[str, Any] = {
        "author": author,
        "commentary": escaped(written(out)),
        "visibility": _VISIBLE.get(str(out.options.get("visibility") or ""), "PUBLIC"),
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": [],
            "thirdPartyDistributionChannels": [],
        },
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }
    if content := _content(out, uploads):
        body["content"] = content
    return body


def _content(out: Outgoing, uploads: Mapping[str, JSON]) -> JSON:
    if out.poll is not None:
        return {"poll": _poll(out.poll)}
    media = [_medium(file, uploads[f"upload:{index}"]) for index, file in enumerate(out.media)]
    if len(media) > 1:
        return {"multiImage": {"images": media}}
    if media:
        return {"media": media[0]}
    if out.link is None:
        return {}
    card: dict[str, Any] = {"source": out.link.url, "title": (out.link.title or out.link.url)[:_TITLE_MAX]}
    if out.link.description:
        card["description"] = out.link.description
    if "upload:link" in uploads:
        card["thumbnail"] = uploads["upload:link"]["urn"]
    return {"article": card}


def _medium(file: MediaFile, upload: JSON) -> dict[str, Any]:
    told: dict[str, Any] = {"id": upload["urn"]}
    if file.alt and not is_video(file):
        told["altText"] = file.alt
    return told


def _poll(poll: Poll) -> JSON:
    """The shortest of LinkedIn's durations that is long enough."""
    wanted = poll.closes_in if poll.closes_in is not None else _USUAL
    seconds = next((one for one in DURATIONS if one >= wanted), max(DURATIONS))
    return {
        "question": poll.question,
        "options": [{"text": option} for option in poll.options],
        "settings": {"duration": DURATIONS[seconds]},
    }


def address(urn: str) -> str:
    return f"https://www.linkedin.com/feed/update/{urn}/"


def mark(out: Outgoing) -> str:
    """What everything but the words is recognised by: LinkedIn changes the words alone."""
    parts = [f"{file.size}:{file.mime}" for file in out.media]
    parts += [out.link.url] if has_card(out) and out.link else []
    parts += [out.poll.question, *out.poll.options] if out.poll else []
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def remote_of(done: Mapping[str, JSON]) -> Remote:
    made = done["create"]
    extra = {"mark": made.get("mark", ""), "poll": made.get("poll", False)}
    if "comment" in done:
        extra["comment"] = done["comment"]["id"]
    return Remote(str(made["id"]), str(made["url"]), extra)


# --- what stands there ---


def bare(text: str) -> str:
    """Letters and digits only: LinkedIn trims blanks and opens templates, but leaves these. Of a text without
    any (emoji), everything but blanks."""
    return "".join(char for char in text.casefold() if char.isalnum()) or "".join(text.split())


def text_of(row: Mapping[str, Any]) -> str:
    return plain(str(row.get("commentary") or ""))


def shown(row: Mapping[str, Any]) -> list[str]:
    """URNs of the pictures or the video of a post."""
    content = row.get("content") or {}
    several = (content.get("multiImage") or {}).get("images") or []
    one = content.get("media")
    return [str(medium.get("id")) for medium in (*several, *([one] if isinstance(one, dict) else []))]


def is_ours(row: Mapping[str, Any], out: Outgoing, uploads: Mapping[str, JSON], since_ms: float) -> bool:
    """Is this post the one we sent? Our own uploads on it prove it; without any, the words decide."""
    created = row.get("createdAt") or row.get("publishedAt")
    if not isinstance(created, int) or created < since_ms:
        return False
    ours = {str(made["urn"]) for name, made in uploads.items() if "urn" in made and name != "upload:link"}
    if ours:
        return bool(ours & set(shown(row)))
    if bare(text_of(row)) != bare(written(out)) or shown(row):
        return False
    # without a word the card or the poll must be there to know it by
    kind = "poll" if out.poll is not None else "article"
    return bool(written(out).strip()) or kind in (row.get("content") or {})
