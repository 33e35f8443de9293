"""Resources of the fake, from_docs: https://developers.google.com/youtube/v3/docs (videos, channels,
commentThreads) and https://developers.google.com/youtube/analytics/reference/reports/query."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

CHANNEL, UPLOADS = "UC-niva", "UU-niva"
_AVATAR: Final = "https://yt3.ggpht.com/niva=s800"


def channel_of() -> dict[str, Any]:
    return {
        "kind": "youtube#channel",
        "id": CHANNEL,
        "snippet": {
            "title": "Нива", "description": "Поля и пасека", "customUrl": "@niva", "country": "RU",
            "thumbnails": {
                "default": {"url": "https://yt3.ggpht.com/niva=s88", "width": 88, "height": 88},
                "high": {"url": _AVATAR, "width": 800, "height": 800},
            },
        },
        "contentDetails": {"relatedPlaylists": {"likes": "", "uploads": UPLOADS}},
        "statistics": {
            "viewCount": "90210", "subscriberCount": "1230", "videoCount": "42",
            "hiddenSubscriberCount": False,
        },
        "status": {"privacyStatus": "public", "isLinked": True, "longUploadsStatus": "allowed"},
        "brandingSettings": {
            "channel": {
                "title": "Нива", "description": "Поля и пасека", "keywords": "мёд поле", "country": "RU",
            },
            "image": {"bannerExternalUrl": "https://yt3.googleusercontent.com/banner"},
        },
    }  # fmt: skip


def video_of(number: str, meta: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    return {
        "kind": "youtube#video",
        "id": number,
        "snippet": {
            **meta["snippet"],
            "channelId": CHANNEL,
            "publishedAt": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
        "status": {"uploadStatus": "uploaded", "license": "youtube", "embeddable": True, **meta["status"]},
        "statistics": {"viewCount": "17", "likeCount": "4", "favoriteCount": "0", "commentCount": "0"},
        "contentDetails": {"duration": "PT4S", "hasCustomThumbnail": False},
    }


def comment_of(number: str, text: str, author: str) -> dict[str, Any]:
    return {
        "kind": "youtube#comment",
        "id": number,
        "snippet": {
            "textOriginal": text, "textDisplay": text, "authorDisplayName": author,
            "authorChannelId": {"value": author}, "likeCount": 0,
            "publishedAt": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
    }  # fmt: skip


def thread_of(said: Mapping[str, Any], video: str) -> dict[str, Any]:
    """As a list shows it: two of its answers at most."""
    top = {name: value for name, value in said.items() if name != "replies"}
    replies = list(said.get("replies", ()))
    about = {"videoId": video, "topLevelComment": top, "totalReplyCount": len(replies), "canReply": True}
    shown = {"replies": {"comments": replies[-2:]}} if replies else {}
    return {"kind": "youtube#commentThread", "id": said["id"], "snippet": about, **shown}


def analytics(*values: int) -> dict[str, Any]:
    names = ("shares", "videosAddedToPlaylists")
    heads = [{"name": one, "columnType": "METRIC", "dataType": "INTEGER"} for one in names]
    return {"kind": "youtubeAnalytics#resultTable", "columnHeaders": heads, "rows": [list(values)]}


def with_surplus(told: Any) -> Any:
    """The same with fields and words that no contract knows."""
    if isinstance(told, list):
        return [with_surplus(one) for one in told]
    if not isinstance(told, dict):
        return told
    grown = {name: with_surplus(one) for name, one in told.items()}
    if "uploadStatus" in grown:
        grown["uploadStatus"] = "admired"
    return {**grown, "novelty": {"kind": "youtube#unheard"}}
