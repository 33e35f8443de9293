"""Stories: https://dev.vk.com/en/api/upload/story-in-profile. A place, the file, the save that publishes."""

from __future__ import annotations

from typing import Any

from niva.networks.base.errors import Gone, NetworkError, OutcomeUnknown, Rejected, Temporary
from niva.networks.base.network import Call
from niva.networks.base.types import JSON, Absent, Measure, MediaFile, Readings, Remote, Seen, Step
from niva.networks.vk.client import ask, send_file
from niva.networks.vk.payloads import group_of, is_video

STEPS = (
    Step("upload:0", "upload", repeatable=True),
    # stories.save knows no key, and a list of stories does not tell which is ours
    Step("create", "create"),
)


def is_story(there: Remote) -> bool:
    return bool(there.extra.get("story"))


async def upload(call: Call, file: MediaFile) -> JSON:
    """The word by which VK knows the sent file."""
    video = is_video(file)
    method = "stories.getVideoUploadServer" if video else "stories.getPhotoUploadServer"
    params = {"group_id": group_of(call.credential), "add_to_news": True}
    place = await ask(call, method, params, writes=False)
    url = place.get("upload_url") if isinstance(place, dict) else None
    if not isinstance(url, str) or not url:
        raise Temporary("nonsense", "no upload_url in the answer")
    sent = await send_file(call, url, "video_file" if video else "file", file)
    inner = sent.get("response")
    word = (inner if isinstance(inner, dict) else sent).get("upload_result")
    if not isinstance(word, str) or not word:
        raise Rejected("media_refused", "VK made no story of the file")
    return {"story_file": word}


async def create(call: Call, upload_result: JSON) -> JSON:
    params = {"upload_results": [str(upload_result["story_file"])]}
    told = await ask(call, "stories.save", params, writes=True)
    items = told.get("items") if isinstance(told, dict) else None
    if not isinstance(items, list) or not items or not isinstance(items[0].get("id"), int):
        raise OutcomeUnknown("nonsense", "no story in the answer")
    number, group = items[0]["id"], group_of(call.credential)
    return {"id": str(number), "url": f"https://vk.com/story-{group}_{number}", "story": True}


async def _item(call: Call, there: Remote) -> dict[str, Any]:
    """The story as VK gives it. Gone when it was deleted."""
    params = {"stories": [f"-{group_of(call.credential)}_{there.id}"], "extended": True}
    told = await ask(call, "stories.getById", params, writes=False)
    items = told.get("items") if isinstance(told, dict) else None
    if not isinstance(items, list):
        raise Temporary("nonsense", "no stories in the answer")
    if not items or items[0].get("is_deleted"):
        raise Gone("post_gone")
    return dict(items[0])


async def read_back(call: Call, there: Remote) -> Seen:
    """A story whose day is over is not gone: VK keeps it in the archive and answers that it expired."""
    try:
        await _item(call, there)
    except Gone:
        return Seen(alive=False)
    except Rejected as error:
        if error.code != "story_expired":
            raise
    return Seen(True, None, 1, there.url)


async def delete(call: Call, there: Remote) -> None:
    group = group_of(call.credential)
    params = {"owner_id": -group, "story_id": int(there.id)}
    try:
        await ask(call, "stories.delete", params, writes=True)
    except NetworkError as refusal:
        try:
            await _item(call, there)
        except Gone:
            return
        raise refusal from None


async def read_post(call: Call, there: Remote) -> Readings:
    """stories.getStats: each counter is on, off or hidden."""
    params = {"owner_id": -group_of(call.credential), "story_id": int(there.id)}
    told = await ask(call, "stories.getStats", params, writes=False)
    if not isinstance(told, dict):
        raise Temporary("nonsense", "no counters in the answer")
    found: list[Measure | Absent] = []
    for metric, name in (
        ("views", "views"), ("likes", "likes"), ("comments", "replies"), ("reposts", "shares"),
        ("clicks", "open_link"),
    ):  # fmt: skip
        stat = told.get(name)
        count = stat.get("count") if isinstance(stat, dict) and stat.get("state") == "on" else None
        found.append(
            Measure(metric, count) if isinstance(count, int) else Absent(metric, "vk_hides_statistics")
        )
    return (*found, Absent("reach", "vk_hides_statistics"), Absent("saves", "vk_hides_saves"))
