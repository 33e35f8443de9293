"""Sending, changing, removing and finding again a topic of a group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from niva.networks.base.errors import Gone, NeedsLogin, OutcomeUnknown, Rejected, Temporary
from niva.networks.base.files import fingerprint
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.types import JSON, Credential, MediaFile, Outgoing, Remote, Seen, Step
from niva.networks.ok import payloads
from niva.networks.ok.client import ask, send_file
from niva.networks.ok.errors import NO_METHOD, NO_RIGHT

_SKEW: Final = 120  # seconds by which OK's clock may be behind ours
_PAGE: Final = 50  # topics that one look takes in
_CLOSED: Final = {NO_RIGHT, NO_METHOD, "ok_not_admin"}


def steps(out: Outgoing, credential: Credential) -> tuple[Step, ...]:
    return payloads.steps(out)


def remote(done: Mapping[str, JSON]) -> Remote:
    """See `payloads.remote_of`."""
    return payloads.remote_of(done)


async def perform(call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    """Do one step of `payloads.steps`."""
    if step.name == "create":
        return await _create(call, out, done)
    return await _upload(call, step.name, out, done)


# --- uploads ---


async def _upload(call: Call, name: str, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    parts = name.split(":")
    file = out.media[int(parts[1])]
    if not payloads.is_video(file):
        return {"token": (await upload_photo(call, file))[1]}
    if len(parts) == 2:
        return await _video_place(call, file, out)
    place = done[f"upload:{parts[1]}"]
    await send_file(call, str(place["upload_url"]), "data", file)
    title = payloads.video_title(out) or "Видео"  # cyrillic: OK wants a title, and its readers are Russian
    params = {"vid": place["video_id"], "title": title}
    if file.cover is not None:
        number, token = await upload_photo(call, file.cover)
        params |= {"cover_photo_id": number, "cover_photo_upload_token": token}
    await ask(call, "video.update", params, writes=False)
    return {}


async def upload_photo(call: Call, file: MediaFile) -> tuple[str, str]:
    """(id, token) of a picture on OK's host. Nothing shows it before a topic or a commit names the token."""
    group = payloads.group_of(call.credential)
    place = await ask(call, "photosV2.getUploadUrl", {"gid": group, "count": 1}, writes=False)
    sent = await send_file(call, _text(place, "upload_url"), "pic1", file)
    photos = sent.get("photos") if isinstance(sent, dict) else None
    if not isinstance(photos, dict) or not photos:
        raise Temporary("nonsense", "no photos in the answer")
    number, told = next(iter(photos.items()))
    return str(number), _text(told, "token")


async def _video_place(call: Call, file: MediaFile, out: Outgoing) -> JSON:
    params = {
        "gid": payloads.group_of(call.credential),
        "file_name": payloads.video_title(out)[:100] or "video",
        "file_size": file.size,
        "post_form": True,
    }
    mark = await fingerprint(file)
    place = await ask(call, "video.getUploadUrl", params, writes=False)
    url = _text(place, "upload_url")
    number = place.get("video_id")
    if not isinstance(number, int | str) or isinstance(number, bool) or not str(number):
        raise Temporary("nonsense", "no video_id in the answer")
    return {"video_id": str(number), "upload_url": url, "print": mark}


def _text(data: Any, name: str) -> str:
    value = data.get(name) if isinstance(data, dict) else None
    if not isinstance(value, str) or not value:
        raise Temporary("nonsense", f"no {name} in the answer")
    return value


# --- the topic ---


async def _create(call: Call, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    group = payloads.group_of(call.credential)
    params = {"type": "GROUP_THEME", "gid": group, "attachment": payloads.attachment(out, done)}
    told = await ask(call, "mediatopic.post", params, writes=True)
    if not isinstance(told, str | int) or isinstance(told, bool) or not str(told).isdecimal():
        raise OutcomeUnknown("nonsense", "no number of a topic in the answer")
    return _made(call, str(told), out)


def _made(call: Call, number: str, out: Outgoing) -> JSON:
    url = payloads.address(payloads.group_of(call.credential), number)
    return {"id": number, "url": url, **({"answers": len(out.poll.options)} if out.poll else {})}


async def look_up(call: Call, question: Question) -> Answer:
    """Find a topic of ours: in the group's stream, or, where that is closed to these keys, in its statistics.
    The statistics may lag behind, so that they never say that there is none."""
    if question.step.kind == "upload":
        return Answer(False)  # done again it harms nobody, so nobody looks
    since = (question.since.timestamp() - _SKEW) * 1000
    try:
        topics, shown = await _stream(call, _PAGE)
        whole = True
    except (NeedsLogin, Rejected) as error:
        if error.code not in _CLOSED:
            raise
        topics, shown, whole = await _counted(call, since), 0, False
    uploads = {name: made for name, made in question.done.items() if name.startswith("upload:")}
    # the first of its kind: when a post was repeated by hand afterwards, ours is the older one
    group = payloads.group_of(call.credential)
    for topic in sorted(topics, key=_age):
        if payloads.is_ours(topic, question.out, uploads, since):
            if payloads.mute(question.out):
                if payloads.by_another(topic, group):
                    continue
                return Answer(None)  # another picture of the group's would look the same
            return Answer(True, _made(call, str(topic.get("id")), question.out))
    full = shown >= _PAGE and all(int(one.get("created_ms") or 0) >= since for one in topics)
    return Answer(False if whole and not full else None)


async def _counted(call: Call, since: float) -> list[Mapping[str, Any]]:
    """Topics since a moment (ms since 1970) that the group's statistics know; none where these are closed."""
    params = {
        "gid": payloads.group_of(call.credential),
        "fields": ["ID", "CREATED_MS"],
        "start_time": int(since),
        "end_time": int(call.now().timestamp() * 1000),
        "count": _PAGE,
    }
    try:
        told = await ask(call, "group.getStatTopics", params, writes=False)
    except (NeedsLogin, Rejected) as error:
        if error.code not in _CLOSED:
            raise
        return []
    rows = told.get("topics") if isinstance(told, dict) else None
    ids = [str(row["id"]) for row in rows or () if isinstance(row, dict) and row.get("id")]
    return await _by_ids(call, ids) if ids else []


def _age(topic: Mapping[str, Any]) -> tuple[int, int, str]:
    """What orders topics, the oldest first; their numbers grow."""
    number = str(topic.get("id"))
    return int(topic.get("created_ms") or 0), len(number), number


async def newest(call: Call, count: int) -> list[Mapping[str, Any]]:
    """The newest topics of the group's own stream."""
    return (await _stream(call, count))[0]


async def _stream(call: Call, count: int) -> tuple[list[Mapping[str, Any]], int]:
    """(its topics, how many entries they stand in: some show a picture or a video and no topic)."""
    params = {
        "gid": payloads.group_of(call.credential),
        "patterns": "POST",
        "fields": "feed.*,media_topic.*",
        "count": count,
    }
    told = await ask(call, "stream.get", params, writes=False)
    if not isinstance(told, dict) or not isinstance(told.get("feeds", []), list):
        raise Temporary("nonsense", "no feeds in the answer")
    topics = (told.get("entities") or {}).get("media_topics") or []
    return [topic for topic in topics if isinstance(topic, dict)], len(told.get("feeds", []))


async def topic_of(call: Call, there: Remote) -> Mapping[str, Any]:
    """The topic as OK gives it. Gone when it is deleted or hidden from us."""
    topics = await _by_ids(call, [there.id])
    if not topics:
        raise Gone("post_gone")
    return topics[0]


async def _by_ids(call: Call, ids: list[str]) -> list[Mapping[str, Any]]:
    params = {"topic_ids": ids, "fields": "media_topic.*"}
    told = await ask(call, "mediatopic.getByIds", params, writes=False)
    topics = (told.get("media_topics") or []) if isinstance(told, dict) else None
    if not isinstance(topics, list):
        raise Temporary("nonsense", "no topics in the answer")
    return [topic for topic in topics if isinstance(topic, dict)]


async def edit(call: Call, there: Remote, out: Outgoing) -> Remote:
    """Write the topic anew: videos that it holds are named again, pictures are sent again (their tokens serve
    once). A topic with a poll stays as it is: a poll written anew would lose its votes.
    """
    if out.poll is not None or there.extra.get("answers"):
        raise Rejected("ok_poll_stays")
    kept = {one.get("print"): one for one in there.extra.get("uploads", {}).values()}
    uploads: dict[str, JSON] = {}
    for step in payloads.steps(out):
        index = step.name.split(":")[1] if step.kind == "upload" else ""
        if not index:
            continue
        file = out.media[int(index)]
        if payloads.is_video(file) and (known := kept.get(await fingerprint(file))):
            uploads[f"upload:{index}"] = known
            continue
        uploads[step.name] = await _upload(call, step.name, out, uploads)
    group = payloads.group_of(call.credential)
    params = {"topic_id": there.id, "gid": group, "attachment": payloads.attachment(out, uploads)}
    told = await ask(call, "mediatopic.edit", params, writes=True)
    if isinstance(told, dict) and told.get("success") is False:
        raise Rejected("refused", "OK did not change the topic")
    return payloads.remote_of({**uploads, "create": {"id": there.id, "url": there.url}})


async def delete(call: Call, there: Remote) -> None:
    """Remove the topic; one that is gone already is no error. A refusal is checked by looking."""
    params = {"topic_id": there.id, "gid": payloads.group_of(call.credential)}
    try:
        await ask(call, "mediatopic.deleteTopic", params, writes=True)
    except Gone:
        return
    except Rejected:
        try:
            await topic_of(call, there)
        except Gone:
            return
        raise


async def read_back(call: Call, there: Remote) -> Seen:
    try:
        topic = await topic_of(call, there)
    except Gone:
        return Seen(alive=False)
    return Seen(True, payloads.text_of(topic), payloads.media_count(topic), there.url)
