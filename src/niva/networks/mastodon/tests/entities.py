"""What the fake server shows, shaped after the documentation's entities."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

ACCOUNT_ID: Final = "109302436954721982"
MIMES: Final = [
    "image/jpeg", "image/png", "image/gif", "image/heic", "image/heif", "image/webp", "image/avif",
    "video/webm", "video/mp4", "video/quicktime", "audio/wave", "audio/ogg", "audio/mpeg",
]  # fmt: skip


def when(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_html(text: str) -> str:
    """Paragraphs, breaks and links as a server writes them: an address in three pieces, two hidden."""
    paragraphs = []
    for paragraph in re.split(r"\n{2,}", text):
        pieces = []
        for piece in re.split(r"(https?://\S+)", paragraph):
            pieces.append(_link(piece) if piece.startswith("http") else _mentions(piece))
        paragraphs.append("<p>" + "".join(pieces) + "</p>")
    return "".join(paragraphs)


def _link(address: str) -> str:
    scheme, rest = address.split("://", 1)
    hidden, seen, cut = f"{scheme}://", rest[:30], rest[30:]
    spans = f'<span class="invisible">{hidden}</span><span class="ellipsis">{html.escape(seen)}</span>'
    spans += f'<span class="invisible">{html.escape(cut)}</span>'
    return f'<a href="{html.escape(address)}" target="_blank" rel="nofollow noopener">{spans}</a>'


def _mentions(text: str) -> str:
    escaped = html.escape(text, quote=False).replace("\n", "<br />")
    card = r'<span class="h-card"><a href="https://x.example/@\1" class="mention">@<span>\1</span></a></span>'
    return re.sub(r"@(\w+)@[\w.-]*\w", card, escaped)


def account_entity(url: str, statuses: int) -> dict[str, Any]:
    return {
        "id": ACCOUNT_ID, "username": "niva", "acct": "niva", "display_name": "Нива", "locked": False,
        "bot": False, "discoverable": True, "indexable": False, "group": False, "noindex": False,
        "created_at": "2026-01-10T00:00:00.000Z", "note": "<p>Поле</p>", "url": f"{url}/@niva",
        "uri": f"{url}/users/niva", "avatar": f"{url}/avatar.png", "avatar_static": f"{url}/avatar.png",
        "header": f"{url}/header.png", "header_static": f"{url}/header.png", "followers_count": 1234,
        "following_count": 5, "statuses_count": 40 + statuses, "last_status_at": "2026-11-22",
        "hide_collections": False, "emojis": [], "fields": [], "roles": [],
        "source": {
            "privacy": "public", "sensitive": False, "language": "ru", "note": "Поле", "fields": [],
            "follow_requests_count": 0, "hide_collections": False, "discoverable": True, "indexable": False,
        },
        "role": {"id": "-99", "name": "", "permissions": "0", "color": "", "highlighted": False},
    }  # fmt: skip


def media_entity(url: str, one: Mapping[str, Any]) -> dict[str, Any]:
    ready = not one["pending"]
    address = f"{url}/media/{one['id']}"
    kind = one["mime"].split("/")[0]
    return {
        "id": one["id"],
        "type": "gifv" if one["mime"] == "image/gif" else kind,
        "url": address if ready else None,
        "preview_url": address,
        "remote_url": None,
        "description": one["description"],
        "blurhash": None,
        "meta": {},
    }


def status_entity(url: str, one: Mapping[str, Any], media: Mapping[str, Any]) -> dict[str, Any]:
    counts = one["counts"]
    address = f"{url}/@niva/{one['id']}"
    reply = one["in_reply_to_id"]
    return {
        "id": one["id"], "created_at": when(one["created_at"]), "in_reply_to_id": reply,
        "in_reply_to_account_id": ACCOUNT_ID if reply else None, "sensitive": one["sensitive"],
        "spoiler_text": one["spoiler_text"], "visibility": one["visibility"], "language": one["language"],
        "uri": address, "url": address, "replies_count": counts["replies"],
        "reblogs_count": counts["reblogs"], "favourites_count": counts["favourites"],
        "quotes_count": counts["quotes"], "favourited": False, "reblogged": False, "muted": False,
        "bookmarked": False, "pinned": False, "content": to_html(one["text"]), "filtered": [],
        "edited_at": when(one["edited_at"]) if one["edited_at"] else None, "reblog": None,
        "application": {"name": "Niva", "website": None},
        "account": {k: v for k, v in account_entity(url, 0).items() if k not in ("source", "role")},
        "media_attachments": [media_entity(url, media[name]) for name in one["media_ids"]],
        "mentions": [], "tags": [], "emojis": [], "card": None, "quote": None,
        "poll": _poll(one) if one["poll"] else None,
    }  # fmt: skip


def _poll(one: Mapping[str, Any]) -> dict[str, Any]:
    asked, votes = one["poll"], one["counts"]["votes"]
    return {
        "id": f"9{one['id']}",
        "expires_at": when(one["created_at"] + timedelta(seconds=asked["expires_in"])),
        "expired": False,
        "multiple": asked.get("multiple", False),
        "votes_count": votes,
        "voters_count": votes if asked.get("multiple") else None,
        "options": [{"title": title, "votes_count": 0} for title in asked["options"]],
        "emojis": [],
        "voted": True,
        "own_votes": [],
    }


def application_entity(number: str, name: str, redirects: list[str], scopes: list[str]) -> dict[str, Any]:
    return {
        "id": number, "name": name, "website": None, "scopes": scopes,
        "redirect_uri": "\n".join(redirects), "redirect_uris": redirects,
        "vapid_key": "BCk-QqERU0q-CfYZjcuB6lnyyOYfJ2AifKqfeGIm7Z-HiTU5T9eTG5GxVA0",
    }  # fmt: skip


def instance_entity(url: str, max_characters: int) -> dict[str, Any]:
    host = url.split("://")[1]
    return {
        "domain": host, "title": "Поле", "version": "4.7.0", "source_url": "https://example.org/source",
        "description": "", "usage": {"users": {"active_month": 3}},
        "thumbnail": {"url": f"{url}/thumbnail.png", "blurhash": None, "description": None, "versions": {}},
        "icon": [], "languages": ["ru"], "wrapstodon": None,
        "configuration": {
            "urls": {"streaming": f"ws://{host}", "about": f"{url}/about"},
            "vapid": {"public_key": "BCk-QqERU0q-CfYZjcuB6lnyyOYfJ2AifKqfeGIm7Z-HiTU5T9eTG5GxVA0"},
            "accounts": {"max_featured_tags": 10, "max_pinned_statuses": 5},
            "statuses": {
                "max_characters": max_characters, "max_media_attachments": 4,
                "characters_reserved_per_url": 23,
            },
            "media_attachments": {
                "description_limit": 1500, "image_matrix_limit": 33177600, "image_size_limit": 16777216,
                "supported_mime_types": MIMES, "video_frame_rate_limit": 120, "video_matrix_limit": 8294400,
                "video_size_limit": 103809024,
            },
            "polls": {
                "max_options": 4, "max_characters_per_option": 50, "min_expiration": 300,
                "max_expiration": 2629746,
            },
            "translation": {"enabled": False},
            "limited_federation": False,
        },
        "registrations": {
            "enabled": False, "approval_required": False, "reason_required": None, "message": None,
            "min_age": None, "url": None,
        },
        "api_versions": {"mastodon": 8},
        "contact": {"email": "field@example.org", "account": None},
        "rules": [],
    }  # fmt: skip
