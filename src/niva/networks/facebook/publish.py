"""Sending, changing, removing and finding again what a page publishes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from niva.networks.base import graph, graph_talk, meta
from niva.networks.base.errors import Gone, Rejected
from niva.networks.base.files import fingerprint
from niva.networks.base.network import Answer, Call, Question
from niva.networks.base.transport import unclear
from niva.networks.base.types import JSON, Credential, MediaFile, Outgoing, Remote, Seen, Step
from niva.networks.facebook import client, payloads
from niva.networks.facebook.client import ask, page_of

_CLOCKS_DIFFER: Final = timedelta(seconds=90)
_EDGES: Final = {"reel": "video_reels", "video_story": "video_stories"}
_VIDEO_FIELDS: Final = "id,description,permalink_url,published,status,post_id,created_time"


def steps(out: Outgoing, credential: Credential) -> tuple[Step, ...]:
    """Files, then what shows them, and the first comment. All that is published can be looked up again."""
    made = [Step(f"upload:{index}", "upload", repeatable=True) for index in range(len(out.media))]
    made.append(Step("create", "create", searchable=True))
    if out.first_comment and out.form != "story":
        made.append(Step("comment", "comment", searchable=True))
    return tuple(made)


async def perform(call: Call, step: Step, out: Outgoing, done: Mapping[str, JSON]) -> JSON:
    if step.kind == "upload":
        return await _upload(call, out, out.media[int(step.name.split(":")[1])])
    if step.kind == "comment":
        made = done["create"]
        told = await ask(call, "POST", f"{made['id']}/comments", {"message": out.first_comment}, writes=True)
        return {"id": graph.identified(told)}
    return await _create(call, out, _files(done))


def _files(done: Mapping[str, JSON]) -> list[JSON]:
    return [done[name] for name in sorted(done, key=_number) if name.startswith("upload:")]


def _number(name: str) -> int:
    return graph.number(name.partition(":")[2])


async def _upload(call: Call, out: Outgoing, file: MediaFile) -> dict[str, Any]:
    """One file, which nothing shows yet: its id and fingerprint; for a video of the feed its session, too."""
    kind = payloads.kind_of(out)
    mark = {"print": await fingerprint(file)}
    if kind in _EDGES:
        return {"id": await client.send_upright(call, _EDGES[kind], file), **mark}
    if payloads.is_video(file):
        return {**await client.send_video(call, file), **mark}
    fields = {"published": "false", **({"alt_text_custom": file.alt} if file.alt else {})}
    told = await client.send_picture(call, f"{page_of(call)}/photos", file, fields)
    return {"id": graph.identified(told, writes=False), **mark}


async def _create(call: Call, out: Outgoing, files: list[JSON]) -> dict[str, Any]:
    """Publish. The result: id, url, kind, what was appended to the text, the files' fingerprints."""
    kind, page = payloads.kind_of(out), page_of(call)
    if kind == "post":
        fields = payloads.feed(out, [str(one["id"]) for one in files])
        told = await ask(call, "POST", f"{page}/feed", fields, writes=True)
        return _made(kind, out, files, graph.identified(told))
    if not files:
        raise Rejected("media_missing")
    file = files[0]
    if kind == "video":
        cover = out.media[0].cover
        await client.finish_video(call, str(file["session"]), payloads.described(out), cover)
        return _made(kind, out, files, str(file["id"]))
    if kind == "photo_story":
        told = await ask(call, "POST", f"{page}/photo_stories", {"photo_id": str(file["id"])}, writes=True)
        return _made(kind, out, files, graph.identified(told, "post_id"))
    await meta.wait(lambda: _through(call, str(file["id"])))
    sent: dict[str, Any] = {"upload_phase": "finish", "video_id": str(file["id"])}
    if kind == "reel":
        sent |= {"video_state": "PUBLISHED", **payloads.described(out)}
    told = await ask(call, "POST", f"{page}/{_EDGES[kind]}", sent, writes=True)
    if kind == "reel":
        graph.succeeded(told)
        return _made(kind, out, files, str(file["id"]))
    return _made(kind, out, files, graph.identified(told, "post_id"))


async def _through(call: Call, video: str) -> bool | None:
    told = await ask(call, "GET", video, {"fields": "status"})
    return payloads.ready(told.get("status"))


def _made(
    kind: str, out: Outgoing, files: list[JSON], post_id: str, told: JSON | None = None
) -> dict[str, Any]:
    made: dict[str, Any] = {"id": post_id, "url": payloads.address(post_id, told), "kind": kind}
    if more := payloads.appended(out):
        made["appended"] = more
    if files:
        made["prints"] = [str(one["print"]) for one in files]
    if out.link is not None:
        made["link"] = out.link.url
    return made


# --- found again ---


async def look_up(call: Call, question: Question) -> Answer:
    """A post among those of the page, a video by its own state, a story among the stories."""
    out, done, kind = question.out, question.done, payloads.kind_of(question.out)
    files = _files(done)
    if question.step.kind == "comment":
        return await _find_comment(call, question)
    if kind in ("video", "reel"):
        return await _find_video(call, out, files)
    if kind == "post":
        return await _find_post(call, question, files)
    return await _find_story(call, question, files)


async def _find_post(call: Call, question: Question, files: list[JSON]) -> Answer:
    since = question.since - _CLOCKS_DIFFER
    fields = {"fields": payloads.FEED_FIELDS, "since": str(int(since.timestamp()))}
    async for post in graph.listed(
        call, client.url(call, f"{page_of(call)}/published_posts"), fields, known=client.known
    ):
        if post is None:
            return Answer(None)  # so much was posted since that we stopped turning pages
        if graph.moment(post.get("created_time")) < since:
            continue
        if payloads.is_this(post, question.out):
            if payloads.mute(question.out):
                return Answer(None)  # another picture without a word would look the same
            return Answer(True, _made("post", question.out, files, str(post["id"]), post))
    return Answer(False)


async def _find_video(call: Call, out: Outgoing, files: list[JSON]) -> Answer:
    if not files:
        return Answer(False)  # never sent, so never published
    video = str(files[0]["id"])
    try:
        told = await ask(call, "GET", video, {"fields": _VIDEO_FIELDS})
    except Gone:
        return Answer(False)
    if (shown := payloads.published(told)) is True:
        return Answer(True, _made(payloads.kind_of(out), out, files, video, told))
    return Answer(shown)


async def _find_story(call: Call, question: Question, files: list[JSON]) -> Answer:
    if not files:
        return Answer(False)
    wanted = str(files[0]["id"])
    edge = client.url(call, f"{page_of(call)}/stories")
    async for story in graph.listed(
        call, edge, {"fields": "post_id,media_id,status,creation_time,url"}, known=client.known
    ):
        if story is None:
            return Answer(None)
        if str(story.get("media_id")) == wanted:
            kind = payloads.kind_of(question.out)
            return Answer(True, _made(kind, question.out, files, str(story.get("post_id"))))
    return Answer(False)


async def _find_comment(call: Call, question: Question) -> Answer:
    """Among the newest. The same words whose author these keys may not know are no proof of anything."""
    since, page, unsigned = question.since - _CLOCKS_DIFFER, page_of(call), False
    wanted = payloads.comparable(question.out.first_comment)
    edge = client.url(call, f"{question.done['create']['id']}/comments")
    fields = {"fields": "id,message,created_time,from", "filter": "stream", "order": "reverse_chronological"}
    async for comment in graph.listed(call, edge, fields, known=client.known):
        if comment is None:
            return Answer(None)
        if graph.moment(comment.get("created_time")) < since:
            break
        if payloads.comparable(comment.get("message")) != wanted:
            continue
        if (who := graph_talk.author(comment)[0]) == page:
            return Answer(True, {"id": str(comment["id"])})
        unsigned = unsigned or not who
    return Answer(None if unsigned else False)


# --- changed, removed, looked at ---


def remote(done: Mapping[str, JSON]) -> Remote:
    made = done["create"]
    extra = {name: made[name] for name in ("kind", "appended", "prints", "link") if made.get(name)}
    if "comment" in done:
        extra["comment"] = done["comment"]["id"]
    return Remote(str(made["id"]), str(made["url"]), extra)


async def edit(call: Call, there: Remote, out: Outgoing) -> Remote:
    """Change the text. Files and the link of a card stay as they are: the API changes no others."""
    kind = str(there.extra.get("kind", "post"))
    if kind.endswith("_story"):
        raise Rejected("story_edit_unsupported")
    prints = [await fingerprint(file) for file in out.media]
    link = out.link.url if out.link else ""
    shown = there.extra.get("link", "")
    if prints != list(there.extra.get("prints", ())) or (not out.media and link != shown):
        raise Rejected("edit_only_text")
    field = "message" if kind == "post" else "description"
    told = await ask(call, "POST", there.id, {field: payloads.message(out)}, writes=True)
    graph.succeeded(told)
    extra = {name: value for name, value in there.extra.items() if name != "appended"}
    more = payloads.appended(out)
    return Remote(there.id, there.url, {**extra, **({"appended": more} if more else {})})


async def delete(call: Call, there: Remote) -> None:
    """Remove it with its comments; what is gone already is no error."""
    if str(there.extra.get("kind", "post")).endswith("_story"):
        raise Rejected("story_delete_unsupported")
    try:
        graph.succeeded(await ask(call, "DELETE", there.id, writes=True))
    except Gone:
        return


async def read_back(call: Call, there: Remote) -> Seen:
    """Is it there, and with which words?"""
    kind = str(there.extra.get("kind", "post"))
    if kind.endswith("_story"):
        return await _story_back(call, there)
    fields = payloads.FEED_FIELDS if kind == "post" else _VIDEO_FIELDS
    try:
        told = await ask(call, "GET", there.id, {"fields": fields})
    except Gone:
        return Seen(alive=False)
    if "id" not in told:
        raise unclear(False, "nonsense", "no post in the answer")
    text = str(told.get("message" if kind == "post" else "description") or "")
    count = payloads.files_in(told) if kind == "post" else 1
    text = text.removesuffix(str(there.extra.get("appended", "")))
    return Seen(True, text, count, payloads.address(there.id, told))


async def _story_back(call: Call, there: Remote) -> Seen:
    edge = client.url(call, f"{page_of(call)}/stories")
    fields = {"fields": "post_id,media_id,status,creation_time,url"}
    async for story in graph.listed(call, edge, fields, known=client.known):
        if story is not None and str(story.get("post_id")) == there.id:
            return Seen(True, None, 1, str(story.get("url") or there.url))
    return Seen(alive=False)
