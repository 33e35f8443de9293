"""A page on loopback: posts, photos, videos in pieces, reels, stories, talk, settings, sign-in.

Written after the pages named in manifest.toml; every call and reply is held against Meta's lists.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from niva.networks.base.graph_fake import Asked, FakeGraph, Said, Told, names_of
from niva.networks.base.inbox import MessageKind

PAGE: Final = "104567890123456"
OTHER: Final = "104567890123999"
V: Final = "/v25.0"


class FakePage(FakeGraph):
    """`pieces`: bytes of a video taken at a time; `slow`: how often a video
    says that it is not ready; `stuck`: no piece of a video is ever taken."""

    def __init__(self) -> None:
        super().__init__()
        self.posts: list[Told] = []
        self.stories: list[Told] = []
        self.photos: dict[str, Told] = {}
        self.videos: dict[str, Told] = {}
        self.comments: dict[str, list[Told]] = {}
        self.threads: list[Told] = []
        self.tagged: list[Told] = []
        self.pieces, self.slow, self.metrics_gone, self.stuck = 50_000, 0, False, False
        self.clicks_gone = False
        self.kind = "page"
        self.tasks = ["CREATE_CONTENT", "MODERATE", "MESSAGING", "ANALYZE", "MANAGE"]
        self.pages = [(PAGE, "Ферма «Нива»"), (OTHER, "Лавка")]
        self.scopes = ["pages_manage_posts", "pages_read_engagement"]
        self.settings: Told = _settings()
        self._publishing()
        self._reading()
        self._signing_in()

    def _publishing(self) -> None:
        page = f"{V}/{{id:{PAGE}}}"
        self.on("POST", f"{page}/feed", "Page", "feed", self.post_feed, creates=True)
        self.on("POST", f"{page}/photos", "Page", "photos", self.post_photo, quiet=True, extra="source")
        self.on("POST", f"{page}/picture", "Page", "picture", self.set_picture, extra="source")
        self.on("POST", f"{page}/videos", "Page", "videos", self.post_video)
        self.on("POST", f"{page}/video_reels", "Page", "video_reels", self.post_upright)
        self.on("POST", f"{page}/video_stories", "Page", "video_stories", self.post_upright)
        self.on("POST", f"{page}/photo_stories", "Page", "photo_stories", self.post_photo_story)
        self.on("POST", "/video-upload/v25.0/{id}", "", "", self.take_bytes, quiet=True)
        self.on("POST", f"{page}/messages", "Page", "messages", self.send_message)
        self.on("POST", page, "Page", "", self.change_page)
        self.on("POST", f"{V}/{{id}}/comments", "PagePost", "comments", self.post_comment)
        self.on("POST", f"{V}/{{id:\\d+_\\d+}}", "PagePost", "", self.change_post)
        self.on("POST", f"{V}/{{id:\\d+}}", "AdVideo", "", self.change_video)
        self.on("DELETE", f"{V}/{{id}}", "PagePost", "", self.delete)

    def _reading(self) -> None:
        page = f"{V}/{{id:{PAGE}}}"
        self.on("GET", f"{V}/me", "", "", self.me)
        self.on("GET", f"{page}/published_posts", "Page", "published_posts", self.list_posts)
        self.on("GET", f"{page}/stories", "Page", "stories", self.list_stories)
        self.on("GET", f"{page}/conversations", "Page", "conversations", self.list_threads)
        self.on("GET", f"{page}/tagged", "Page", "tagged", self.list_tagged)
        self.on("GET", f"{V}/{{id:{PAGE}|{OTHER}}}", "Page", "", self.show_page)
        self.on("GET", f"{V}/{{id}}/comments", "PagePost", "comments", self.list_comments)
        self.on("GET", f"{V}/{{id}}/insights", "PagePost", "insights", self.insights)
        self.on("GET", f"{V}/{{id:\\d+_\\d+}}", "PagePost", "", self.show_post)
        self.on("GET", f"{V}/{{id:\\d+}}", "AdVideo", "", self.show_video)

    def _signing_in(self) -> None:
        self.on("POST", f"{V}/oauth/access_token", "", "", self.give_token, open_to_all=True, quiet=True)
        self.on("GET", f"{V}/me/permissions", "User", "permissions", self.permissions)
        self.on("GET", f"{V}/me/accounts", "User", "accounts", self.accounts, extra="tasks")

    def keys(self) -> set[str]:
        return {self.token, self.other_token, "EAApersonLasting"}

    @property
    def other_token(self) -> str:
        """The key of the second page."""
        return f"{self.token}Other"

    def forget(self) -> None:
        self.posts.pop()

    # --- publishing ---

    def post_feed(self, asked: Asked) -> Told:
        photos = asked.json("attached_media") if "attached_media" in asked.sent else []
        if not photos and not asked.sent.get("message") and not asked.sent.get("link"):
            raise Said(100, "The post is empty. Please enter a message to share.")
        for one in photos:
            self.photos.pop(one["media_fbid"])
        made = self._keep(asked.sent.get("message", ""), len(photos), link=asked.sent.get("link"))
        return {"id": made["id"]}

    def _keep(self, text: str, media: int, **more: Any) -> Told:
        made = {
            "id": f"{PAGE}_{self.next_id()}", "text": text, "media": media, "created": self.clock(), **more,
        }  # fmt: skip
        self.posts.append(made)
        return made

    def post_photo(self, asked: Asked) -> Told:
        assert asked.sent["published"] == "false"
        if asked.files["source"][:4] == b"BAD!":
            raise Said(324, "Missing or invalid image file", 2069019)
        made = self.next_id()
        self.photos[made] = {"bytes": asked.files["source"], "alt": asked.sent.get("alt_text_custom")}
        return {"id": made}

    def post_video(self, asked: Asked) -> Told | Any:
        phase = asked.sent["upload_phase"]
        if phase == "start":
            made, size = self.next_id(), int(asked.sent["file_size"])
            self.videos[made] = {"size": size, "bytes": b"", "published": False, "status": "ready"}
            return {"video_id": made, "upload_session_id": f"s{made}", "start_offset": "0",
                    "end_offset": str(min(size, self.pieces))}  # fmt: skip
        video = self.videos[asked.sent["upload_session_id"][1:]]
        if phase == "transfer":
            assert int(asked.sent["start_offset"]) == len(video["bytes"])
            video["bytes"] += b"" if self.stuck else asked.files["video_file_chunk"]
            at = len(video["bytes"])
            return {"start_offset": str(at), "end_offset": str(min(video["size"], at + self.pieces))}
        if len(video["bytes"]) < video["size"]:
            raise Said(6000, "There was a problem uploading your video file.", 1363030)
        video["thumb"] = asked.files.get("thumb")
        self._publish_video(asked.sent["upload_session_id"][1:], asked.sent, "videos")
        return {"success": True}

    def _publish_video(self, video_id: str, sent: dict[str, str], edge: str) -> Told:
        video = self.videos[video_id]
        video["published"] = True
        made = self._keep(sent.get("description", ""), 1, video=video_id)
        made["post"], made["id"] = made["id"], video_id
        video |= {"post": made, "title": sent.get("title"), "edge": edge}
        return made

    def post_upright(self, asked: Asked) -> Told:
        edge = asked.request.path.rpartition("/")[2]
        if asked.sent["upload_phase"] == "start":
            made = self.next_id()
            self.videos[made] = {"size": -1, "bytes": b"", "published": False, "status": "uploading"}
            return {"video_id": made, "upload_url": f"{self.url}/video-upload/v25.0/{made}"}
        made = self._publish_video(asked.sent["video_id"], asked.sent, edge)
        if edge == "video_reels":
            assert asked.sent["video_state"] == "PUBLISHED"
            return {"success": True}
        self.stories.append({"media_id": asked.sent["video_id"], "post_id": made["post"], "post": made})
        return {"success": True, "post_id": made["post"]}

    async def take_bytes(self, asked: Asked) -> Told:
        content = await asked.request.read()
        assert asked.request.headers["Authorization"].startswith("OAuth ")
        assert len(content) == int(asked.request.headers["file_size"])
        self.videos[asked.id] |= {"bytes": content, "status": "processing" if not self.slow else "wait"}
        return {"success": True}

    def post_photo_story(self, asked: Asked) -> Told:
        self.photos.pop(asked.sent["photo_id"])
        made = self._keep("", 1)
        self.stories.append({"media_id": asked.sent["photo_id"], "post_id": made["id"], "post": made})
        return {"success": True, "post_id": made["id"]}

    def post_comment(self, asked: Asked) -> Told:
        made = {
            "id": f"{asked.id.rpartition('_')[2]}_{self.next_id()}", "message": asked.sent["message"],
            "from": {"id": PAGE, "name": "Ферма"}, "created": self.clock(),
        }  # fmt: skip
        parent = next((p for p, all_ in self.comments.items() if any(c["id"] == asked.id for c in all_)), "")
        if parent:
            made["parent"] = {"id": asked.id}
        self.comments.setdefault(parent or asked.id, []).append(made)
        return {"id": made["id"]}

    def send_message(self, asked: Asked) -> Told:
        to = asked.json("recipient")["id"]
        thread = next(one for one in self.threads if one["who"] == to)
        thread["said"].append({"text": asked.json("message")["text"], "who": PAGE, "at": self.clock()})
        return {"recipient_id": to, "message_id": "m_" + self.next_id()}

    # --- changing ---

    def _post(self, post_id: str) -> Told:
        found = next((one for one in self.posts if one["id"] == post_id), None)
        if found is None:
            raise Said(100, f"Unsupported get request. Object with ID '{post_id}' does not exist", 33)
        return found

    def change_post(self, asked: Asked) -> Told:
        self._post(asked.id)["text"] = asked.sent["message"]
        return {"success": True}

    def change_video(self, asked: Asked) -> Told:
        self._post(asked.id)["text"] = asked.sent["description"]
        return {"success": True}

    def delete(self, asked: Asked) -> Told:
        self.posts.remove(self._post(asked.id))
        return {"success": True}

    def change_page(self, asked: Asked) -> Told:
        sent = dict(asked.sent)
        if "cover" in sent:
            self.photos.pop(sent["cover"])
            sent["cover"], sent["no_feed_story"] = {"source": "https://scontent.example/new.jpg"}, None
        if "emails" in sent:
            sent["emails"] = asked.json("emails")
        sent.pop("no_feed_story", None)
        self.settings |= sent
        return {"success": True}

    def set_picture(self, asked: Asked) -> Told:
        assert len(asked.files["source"]) > 100
        return {"success": True}

    # --- reading ---

    def me(self, asked: Asked) -> Told:
        ours = not asked.request.headers["Authorization"].endswith(self.other_token)
        name = "Ферма «Нива»" if ours else "Лавка"
        return {"id": PAGE if ours else OTHER, "name": name, "metadata": {"type": self.kind}}

    def show_page(self, asked: Asked) -> Told:
        last = [{"id": one["id"], "created_time": self.stamp(one["created"])} for one in self.posts[-1:]]
        now = last or [{"id": "1", "created_time": self.stamp()}]
        page = {**self.settings, "published_posts": {"data": now}, "id": asked.id}
        if asked.id == OTHER:
            page |= {"name": "Лавка", "username": "lavka", "link": "https://www.facebook.com/lavka"}
        return self.shown("Page", page, asked.sent["fields"])

    def _shown_post(self, one: Told, fields: str) -> Told:
        inside = [{"media_type": "photo"} for _ in range(one["media"])] if one["media"] > 1 else []
        kinds = {
            0: [{"media_type": "share", "unshimmed_url": one["link"]}] if one.get("link") else [],
            1: [{"media_type": "photo"}],
        }
        album = [{"media_type": "album", "subattachments": {"data": inside}}]
        found = {
            "id": one.get("post", one["id"]), "message": one["text"] or None,
            "created_time": self.stamp(one["created"]),
            "permalink_url": f"https://www.facebook.com/{one['id']}",
            "attachments": {"data": kinds.get(one["media"], album)},
            "shares": one.get("shares"),
            "reactions": {"data": [], "summary": {"total_count": 4}},
            "comments": {"data": [], "summary": {"total_count": len(self.comments.get(one["id"], ()))}},
        }  # fmt: skip
        return self.shown("PagePost", found, fields)

    def show_post(self, asked: Asked) -> Told:
        return self._shown_post(self._post(asked.id), asked.sent["fields"])

    def show_video(self, asked: Asked) -> Told:
        video = self.videos.get(asked.id)
        if video is None or (video.get("post") is not None and video["post"] not in self.posts):
            raise Said(100, f"Unsupported get request. Object with ID '{asked.id}' does not exist", 33)
        if self.slow:
            self.slow -= 1
            status = "wait"
        else:
            status = "processing" if video["status"] == "wait" else video["status"]
        post = video.get("post")
        phases = {}
        if video["size"] < 0:  # reels and stories tell how far they are
            through = "in_progress" if status in ("wait", "uploading") else "complete"
            out = {True: "complete", False: "not_started", None: "unheard_of"}[video["published"]]
            phases = {"uploading_phase": {"status": through}, "publishing_phase": {"status": out}}
        found = {
            "id": asked.id, "published": video["published"], "status": {"video_status": status, **phases},
            "description": post["text"] if post else None, "permalink_url": f"/reel/{asked.id}/",
            "post_id": post["post"].rpartition("_")[2] if post else None, "views": 70,
            "created_time": self.stamp(), "likes": {"data": [], "summary": {"total_count": 5}},
            "comments": {"data": [], "summary": {"total_count": 0}},
        }  # fmt: skip
        return self.shown("AdVideo", found, asked.sent["fields"])

    def list_posts(self, asked: Asked) -> Told:
        since = int(asked.sent.get("since", "0"))
        newest = [one for one in reversed(self.posts) if one["created"].timestamp() >= since]
        told = self.page([self._shown_post(one, asked.sent["fields"]) for one in newest], asked.sent)
        if asked.sent.get("summary") == "total_count":
            told["summary"] = {"total_count": len(self.posts)}
        return told

    def list_stories(self, asked: Asked) -> Told:
        alive = [one for one in reversed(self.stories) if one["post"] in self.posts]
        rows = [
            {"post_id": one["post_id"], "media_id": one["media_id"], "status": "PUBLISHED",
             "url": f"https://www.facebook.com/stories/{one['post_id']}"} for one in alive
        ]  # fmt: skip
        return self.page(rows, asked.sent)

    def list_comments(self, asked: Asked) -> Told:
        self._post(asked.id)
        rows = []
        for one in reversed(self.comments.get(asked.id, [])):
            row = {name: value for name, value in one.items() if name != "created"}
            rows.append({**row, "created_time": self.stamp(one["created"])})
        return self.page([self.shown("Comment", row, asked.sent["fields"]) for row in rows], asked.sent)

    def list_threads(self, asked: Asked) -> Told:
        rows = []
        for one in sorted(self.threads, key=lambda t: t["said"][-1]["at"], reverse=True):
            said = [
                {"id": f"m_{one['who']}_{n}", "message": s["text"], "created_time": self.stamp(s["at"]),
                 "from": {"id": s["who"], "name": "Ольга" if s["who"] != PAGE else "Ферма"}}
                for n, s in enumerate(one["said"])
            ]  # fmt: skip
            found = {
                "id": f"t_{one['who']}", "updated_time": self.stamp(one["said"][-1]["at"]),
                "participants": {"data": [{"id": one["who"]}, {"id": PAGE}]},
                "messages": {"data": said[::-1]},
            }  # fmt: skip
            rows.append(self.shown("UnifiedThread", found, asked.sent["fields"]))
        return self.page(rows, asked.sent)

    def list_tagged(self, asked: Asked) -> Told:
        return self.page(
            [self.shown("PagePost", one, asked.sent["fields"]) for one in self.tagged], asked.sent
        )

    def insights(self, asked: Asked) -> Told:
        if self.metrics_gone or ("post_clicks" in asked.sent["metric"] and self.clicks_gone):
            raise Said(100, "(#100) The value must be a valid insights metric")
        counts = {"post_media_view": 120, "post_total_media_view_unique": 90, "post_clicks": 7}
        return {
            "data": [
                {"name": name, "period": "lifetime", "values": [{"value": counts[name]}],
                 "id": f"{asked.id}/insights/{name}/lifetime"}
                for name in asked.sent["metric"].split(",")
            ]
        }  # fmt: skip

    # --- signing in ---

    def give_token(self, asked: Asked) -> Told:
        if asked.sent["client_secret"] != "app-secret":
            raise Said(1, "Error validating client secret.")
        if asked.sent.get("grant_type") == "fb_exchange_token":
            assert asked.sent["fb_exchange_token"] == "EAApersonShort"
            return {"access_token": "EAApersonLasting", "token_type": "bearer", "expires_in": 5_184_000}
        if asked.sent["code"] != "good-code":
            raise Said(100, "This authorization code has been used.", 36009)
        return {"access_token": "EAApersonShort", "token_type": "bearer", "expires_in": 5000}

    def permissions(self, asked: Asked) -> Told:
        rows = [{"permission": name, "status": "granted"} for name in self.scopes]
        return {"data": [*rows, {"permission": "pages_messaging", "status": "declined"}]}

    def accounts(self, asked: Asked) -> Told:
        rows = [
            {
                "id": page,
                "name": name,
                "tasks": self.tasks,
                "category": "Farm",
                "access_token": self.token if page == PAGE else self.other_token,
            }
            for page, name in self.pages
        ]
        assert "access_token" in names_of(asked.sent["fields"])
        return self.page(rows, asked.sent)

    # --- what others do ---

    def say(self, kind: MessageKind, text: str, post: str) -> None:
        self.say_at(kind, text, post, self.clock())

    def say_at(self, kind: MessageKind, text: str, post: str, at: datetime) -> None:
        if kind == "comment":
            who = {"id": "77001", "name": "Ольга"}
            one = {"id": f"{post.rpartition('_')[2]}_{self.next_id()}", "message": text, "from": who,
                   "created": at, "permalink_url": "https://www.facebook.com/c"}  # fmt: skip
            self.comments.setdefault(post, []).append(one)
        elif kind == "message":
            thread = next((one for one in self.threads if one["who"] == "77001"), None)
            if thread is None:
                thread = {"who": "77001", "said": []}
                self.threads.append(thread)
            thread["said"].append({"text": text, "who": "77001", "at": at})
        else:
            self.tagged.insert(0, {"id": f"77001_{self.next_id()}", "message": text,
                                   "created_time": self.stamp(at), "from": {"id": "77001", "name": "Ольга"},
                                   "permalink_url": "https://www.facebook.com/t"})  # fmt: skip


def _settings() -> Told:
    return {
        "id": PAGE, "name": "Ферма «Нива»", "username": "ferma.niva", "about": "Зерно и мёд",
        "description": "Семейная ферма под Тулой", "website": "https://niva.example.org",
        "phone": "+7 487 200-00-00", "emails": ["ferma@example.org"],
        "single_line_address": "Тула, Полевая 1",
        "hours": {"mon_1_open": "09:00", "mon_1_close": "18:00"}, "category": "Farm",
        "verification_status": "blue_verified", "link": "https://www.facebook.com/ferma.niva",
        "is_published": True, "followers_count": 1250, "can_post": True,
        "cover": {"source": "https://scontent.example/cover.jpg", "id": "1"},
        "picture": {"data": {"url": "https://scontent.example/a.jpg", "width": 720, "height": 720,
                             "is_silhouette": False}},
        "call_to_actions": {"data": [{"id": "5", "type": "MESSAGE", "status": "ACTIVE"}]},
    }  # fmt: skip
