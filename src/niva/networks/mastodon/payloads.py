"""Our post as the parameters of a status, and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from niva.networks.base.errors import Temporary
from niva.networks.base.limits import Checker, Limits
from niva.networks.base.types import JSON, Outgoing, Problem
from niva.networks.mastodon.text import LINK_LENGTH, counter

# What the server's own pages offer first for a poll.
POLL_SECONDS: Final = 86_400
VISIBILITIES: Final = ("public", "unlisted", "private", "direct")
INSTANCE_DOCS: Final = "https://docs.joinmastodon.org/entities/Instance/#configuration"


def appended(out: Outgoing) -> str:
    """What is added to the text: the poll's question and the address, which have no place of their own.

    The card of a link is drawn by the server from the address in the text.
    """
    parts = []
    if out.poll is not None and out.poll.question and out.poll.question not in out.text:
        parts.append(out.poll.question)
    if out.link is not None and out.link.url not in out.text:
        parts.append(out.link.url)
    return ("\n\n" if out.text and parts else "") + "\n\n".join(parts)


def body(out: Outgoing) -> str:
    """The text as it goes out."""
    return out.text + appended(out)


def length(text: str) -> int:
    """Characters as a server with the usual length of a link counts them."""
    return counter()(text)


def check(out: Outgoing, limits: Limits) -> tuple[Problem, ...]:
    """The common checks on the text as it goes out. The content warning takes its share of the length."""
    count = counter(limits.value("link_length", LINK_LENGTH))
    warning = str(out.options.get("spoiler_text") or "")
    for name in ("text_max", "first_comment_max"):
        limit = limits.get(name)
        if warning and limit is not None:
            left = replace(limit, value=max(0, limit.value - count(warning)))
            limits = replace(limits, items={**limits.items, name: left})
    checker = Checker(limits, count)
    checker.everything(replace(out, text=body(out)))
    if out.poll is not None and len(set(out.poll.options)) < len(out.poll.options):
        checker.add("poll_options_same", "poll")
    return tuple(checker.problems)


def status(out: Outgoing, media_ids: Sequence[str]) -> dict[str, Any]:
    """The parameters of POST /api/v1/statuses."""
    made: dict[str, Any] = {"status": body(out), **_manner(out.options)}
    if media_ids:
        made["media_ids"] = list(media_ids)
    if out.poll is not None:
        made["poll"] = {
            "options": list(out.poll.options),
            "expires_in": out.poll.closes_in or POLL_SECONDS,
            "multiple": out.poll.multiple,
        }
    return made


def answer(text: str, post_id: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """An answer to one's own status: the first comment, or the next part of a chain."""
    return {"status": text, "in_reply_to_id": post_id, **_manner(options)}


def edited(out: Outgoing, media: Sequence[JSON]) -> dict[str, Any]:
    """The parameters of PUT /api/v1/statuses/:id. `media`: {"id", "alt"} in the order of the files.

    Who may see a status cannot be changed; what is left out would be taken away, so everything goes along.
    """
    made = status(out, [str(one["id"]) for one in media])
    made.pop("visibility", None)
    made.setdefault("spoiler_text", "")
    made["media_ids"] = [str(one["id"]) for one in media]
    if media:
        made["media_attributes"] = [{"id": one["id"], "description": one["alt"]} for one in media]
    if out.poll is not None:
        del made["media_ids"]
    return made


def _manner(options: Mapping[str, Any]) -> dict[str, Any]:
    """Language, visibility and content warning, where the post says so; else the account's own habits."""
    made: dict[str, Any] = {}
    if language := options.get("language"):
        made["language"] = str(language)
    if options.get("visibility") in VISIBILITIES:
        made["visibility"] = options["visibility"]
    if warning := options.get("spoiler_text"):
        made["spoiler_text"] = str(warning)
    if options.get("sensitive"):
        made["sensitive"] = True
    return made


# --- theirs to ours -------------------------------------------------------------------------------------


def created(data: Any) -> dict[str, Any]:
    """The result of a step from a status. ValueError for what is none."""
    if not isinstance(data, dict) or not isinstance(data.get("id"), str):
        raise ValueError("no status in the answer")
    return {"id": data["id"], "url": str(data.get("url") or data.get("uri") or "")}


def moment(data: Mapping[str, Any]) -> datetime:
    """When a status was made. Temporary("nonsense") where it does not say."""
    try:
        return datetime.fromisoformat(str(data.get("created_at")))
    except ValueError as error:
        raise Temporary("nonsense", "a status without its time") from error


def limits_told(instance: Any) -> dict[str, Any]:
    """What GET /api/v2/instance says of the server's limits, in our names and units."""
    settings = instance.get("configuration") if isinstance(instance, dict) else None
    settings = settings if isinstance(settings, dict) else {}
    found: dict[str, Any] = {}
    for group, theirs, ours in (
        ("statuses", "max_characters", ("text_max", "first_comment_max")),
        ("statuses", "max_media_attachments", ("media_max", "images_max")),
        ("statuses", "characters_reserved_per_url", ("link_length",)),
        ("media_attachments", "image_size_limit", ("image_bytes_max", "animation_bytes_max")),
        ("media_attachments", "image_matrix_limit", ("image_pixels_max",)),
        ("media_attachments", "video_size_limit", ("video_bytes_max",)),
        ("media_attachments", "description_limit", ("alt_max",)),
        ("polls", "max_options", ("poll_options_max",)),
        ("polls", "max_characters_per_option", ("poll_option_max",)),
        ("polls", "min_expiration", ("poll_seconds_min",)),
        ("polls", "max_expiration", ("poll_seconds_max",)),
    ):
        told = settings.get(group)
        value = told.get(theirs) if isinstance(told, dict) else None
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            found.update(dict.fromkeys(ours, value))
    media = settings.get("media_attachments")
    mimes = media.get("supported_mime_types") if isinstance(media, dict) else None
    if isinstance(mimes, list):
        for kind in ("image", "video"):
            of_kind = [mime for mime in mimes if isinstance(mime, str) and mime.startswith(f"{kind}/")]
            if of_kind:
                found[f"{kind}_mimes"] = of_kind
    return found


def own_limits(general: Limits, facts: JSON) -> Limits:
    """The general limits with those that the account's server told."""
    told = facts.get("limits")
    if not isinstance(told, dict):
        return general
    try:
        on = date.fromisoformat(str(facts.get("limits_on")))
    except ValueError:
        on = next(iter(general.items.values())).checked_on
    return general.with_facts(told, INSTANCE_DOCS, on)
