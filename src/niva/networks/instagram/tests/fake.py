"""An account on loopback with the page it hangs on: containers, posts, stories, talk, numbers, sign-in.

Written after the pages named in manifest.toml; every call and reply is held against Meta's lists.
"""

from __future__ import annotations

from typing import Any, Final

from niva.networks.base.graph_fake import Asked, FakeGraph, Said, Told
from niva.networks.base.inbox import MessageKind

IG: Final = "17841400000000001"
PAGE: Final = "104567890123456"
V: Final = "/v25.0"


class FakeInstagram(FakeGraph):
    """`slow`: how often a container says that it is in progress. `fails`: what its status says then.
    `answers`: what becomes of publishing, where it is not as usual."""

    def __init__(self) -> None:
        super().__init__()
        self.containers: dict[str, Told] = {}
        self.posts: list[Told] = []
        self.comments: dict[str, list[Told]] = {}
        self.said: list[Told] = []
        self.tagged: list[Told] = []
        self.slow, self.fails, self.quota = 0, "", 50
        self.metrics_gone = self.no_insights = False
        self.more_pages: list[Told] = []
        self.linked: Told | None = {"id": IG, "username": "ferma.niva"}
        self.kind = "page"
        self.settings: Told = {
            "id": IG, "username": "ferma.niva", "name": "Ферма «Нива»", "biography": "Зерно и мёд",
            "website": "https://niva.example.org", "followers_count": 830, "follows_count": 12,
            "media_count": 40, "profile_picture_url": "https://scontent.example/a.jpg",
        }  # fmt: skip
        self._edges()

    def _edges(self) -> None:
        ig, page = f"{V}/{{id:{IG}}}", f"{V}/{{id:{PAGE}}}"
        self.on("POST", f"{ig}/media", "IGUser", "media", self.contain, quiet=True)
        self.on("POST", f"{ig}/media_publish", "IGUser", "media_publish", self.publish, creates=True)
        self.on("POST", "/ig-api-upload/v25.0/{id}", "", "", self.take_bytes, quiet=True)
        self.on("GET", f"{ig}/media", "IGUser", "media", self.list_media)
        self.on("GET", f"{ig}/stories", "IGUser", "stories", self.list_stories)
        self.on("GET", f"{ig}/tags", "IGUser", "tags", self.list_tags)
        self.on("GET", f"{ig}/content_publishing_limit", "IGUser", "content_publishing_limit", self.limit)
        self.on("GET", ig, "IGUser", "", self.show_account)
        self.on("GET", f"{V}/me", "", "", self.me)
        self.on("GET", f"{page}/conversations", "Page", "conversations", self.list_threads)
        self.on("POST", f"{page}/messages", "Page", "messages", self.send_message)
        self.on("GET", page, "Page", "", self.show_page)
        self.on("GET", f"{V}/{{id:\\d+}}/comments", "IGMedia", "comments", self.list_comments)
        self.on("POST", f"{V}/{{id:\\d+}}/comments", "IGMedia", "comments", self.post_comment)
        self.on("POST", f"{V}/{{id:\\d+}}/replies", "IGComment", "replies", self.post_reply)
        self.on("GET", f"{V}/{{id:\\d+}}/insights", "IGMedia", "insights", self.insights)
        self.on("GET", f"{V}/{{id:8\\d+}}", "ShadowIGMediaBuilder", "", self.show_container, quiet=True)
        self.on("GET", f"{V}/{{id:\\d+}}", "IGMedia", "", self.show_media)
        self.on("DELETE", f"{V}/{{id:\\d+}}", "IGMedia", "", self.delete)
        self.on("POST", f"{V}/oauth/access_token", "", "", self.give_token, open_to_all=True, quiet=True)
        self.on("GET", f"{V}/me/permissions", "User", "permissions", self.permissions)
        self.on("GET", f"{V}/me/accounts", "User", "accounts", self.accounts, extra="tasks")

    def keys(self) -> set[str]:
        return {self.token, "EAApersonLasting"}

    def forget(self) -> None:
        self.posts.pop()

    # --- containers ---

    def contain(self, asked: Asked) -> Told:
        sent = asked.sent
        children = [one for one in sent.get("children", "").split(",") if one]
        for child in children:
            assert self.containers[child]["sent"]["is_carousel_item"] == "true"
            if self.containers[child]["left"]:
                raise Said(9007, "Media ID is not available", 2207027)
        address = sent.get("image_url") or sent.get("video_url") or ""
        waits = sent.get("upload_type") == "resumable" and "image_url" not in sent
        if not children and not waits and not address.startswith("https://"):
            raise Said(9004, "The media could not be fetched from this URI", 2207052)
        made = f"8{self.next_id()}"
        self.containers[made] = {"sent": sent, "files": len(children) or 1, "left": self.slow, "state": ""}
        if waits:
            self.containers[made]["left"] = 10_000  # till its bytes are there
            return {"id": made, "uri": f"{self.url}/ig-api-upload/v25.0/{made}"}
        return {"id": made}

    async def take_bytes(self, asked: Asked) -> Told:
        content = await asked.request.read()
        assert len(content) == int(asked.request.headers["file_size"])
        self.containers[asked.id] |= {"bytes": content, "left": self.slow}
        return {"success": True, "message": "Upload successful."}

    def show_container(self, asked: Asked) -> Told:
        one = self.containers[asked.id]
        word = one["state"] or ("IN_PROGRESS" if one["left"] else "FINISHED")
        one["left"] = max(0, one["left"] - 1)
        told = {"id": asked.id, "status_code": "ERROR" if self.fails else word, "status": self.fails or word}
        return self.shown("ShadowIGMediaBuilder", told, asked.sent["fields"])

    def publish(self, asked: Asked) -> Told:
        one = self.containers.get(asked.sent["creation_id"])
        if one is None or one["state"] == "EXPIRED":
            raise Said(24, "The media with this ID cannot be found.", 2207006)
        if one["left"]:
            raise Said(9007, "Media ID is not available", 2207027)
        if len([post for post in self.posts if not post["story"]]) >= self.quota:
            raise Said(9, "You reached maximum number of posts that is allowed", 2207042)
        assert one["state"] != "PUBLISHED", "published twice"
        one["state"], sent = "PUBLISHED", one["sent"]
        made = {
            "id": self.next_id(), "text": sent.get("caption", ""), "media": one["files"], "sent": sent,
            "created": self.clock(), "story": sent.get("media_type") == "STORIES",
        }  # fmt: skip
        self.posts.append(made)
        return {"id": made["id"]}

    # --- posts ---

    def _shown(self, one: Told, fields: str) -> Told:
        inside = [{"id": f"{one['id']}{n}"} for n in range(one["media"])] if one["media"] > 1 else None
        kinds = {None: ("IMAGE", "FEED"), "REELS": ("VIDEO", "REELS"), "STORIES": ("IMAGE", "STORY")}
        media_type, product = kinds.get(one["sent"].get("media_type"), ("CAROUSEL_ALBUM", "FEED"))
        found = {
            "id": one["id"], "caption": None if one["story"] else one["text"] or None,
            "timestamp": self.stamp(one["created"]), "media_type": media_type,
            "media_product_type": product, "children": {"data": inside} if inside else None,
            "permalink": f"https://www.instagram.com/p/{one['id']}/", "like_count": 21,
            "comments_count": len(self.comments.get(one["id"], ())),
        }  # fmt: skip
        return self.shown("IGMedia", found, fields)

    def _post(self, media: str) -> Told:
        found = next((one for one in self.posts if one["id"] == media), None)
        if found is None:
            raise Said(100, f"Unsupported get request. Object with ID '{media}' does not exist", 33)
        return found

    def show_media(self, asked: Asked) -> Told:
        return self._shown(self._post(asked.id), asked.sent["fields"])

    def _list(self, asked: Asked, *, stories: bool) -> Told:
        rows = [one for one in reversed(self.posts) if one["story"] is stories]
        return self.page([self._shown(one, asked.sent["fields"]) for one in rows], asked.sent)

    def list_media(self, asked: Asked) -> Told:
        return self._list(asked, stories=False)

    def list_stories(self, asked: Asked) -> Told:
        return self._list(asked, stories=True)

    def delete(self, asked: Asked) -> Told:
        self.posts.remove(self._post(asked.id))
        return {"success": True}

    def insights(self, asked: Asked) -> Told:
        if self.no_insights:
            raise Said(10, "(#10) Application does not have permission for this action")
        if self.metrics_gone:
            raise Said(100, "(#100) metric[0] must be one of the following values: reach")
        story = self._post(asked.id)["story"]
        counts = {"views": 300, "reach": 210, "replies": 2, "shares": 3}
        counts |= {} if story else {"likes": 21, "comments": 4, "saved": 6}
        names = asked.sent["metric"].split(",")
        assert set(names) <= counts.keys(), f"a story has no {set(names) - counts.keys()}"
        return {
            "data": [
                {"name": name, "period": "lifetime", "values": [{"value": counts[name]}]} for name in names
            ]
        }

    # --- the account ---

    def me(self, asked: Asked) -> Told:
        return {"id": PAGE, "name": "Ферма «Нива»", "metadata": {"type": self.kind}}

    def show_page(self, asked: Asked) -> Told:
        found = {"id": PAGE, "name": "Ферма «Нива»", "instagram_business_account": self.linked}
        return self.shown("Page", found, asked.sent["fields"])

    def show_account(self, asked: Asked) -> Told:
        last = [{"id": "1", "timestamp": self.stamp()}]
        return self.shown("IGUser", {**self.settings, "media": {"data": last}}, asked.sent["fields"])

    def limit(self, asked: Asked) -> Told:
        config = {"quota_total": self.quota, "quota_duration": 86400}
        return {"data": [{"quota_usage": len(self.posts), "config": config}]}

    # --- talk ---

    def _comment(self, media: str, text: str, who: str, name: str, parent: str = "") -> Told:
        made = {
            "id": self.next_id(), "text": text, "created": self.clock(), "username": name,
            "from": {"id": who, "username": name}, "parent": parent,
        }  # fmt: skip
        self.comments.setdefault(media, []).append(made)
        return {"id": made["id"]}

    def post_comment(self, asked: Asked) -> Told:
        self._post(asked.id)
        return self._comment(asked.id, asked.sent["message"], IG, "ferma.niva")

    def post_reply(self, asked: Asked) -> Told:
        media = next(m for m, all_ in self.comments.items() if any(c["id"] == asked.id for c in all_))
        return self._comment(media, asked.sent["message"], IG, "ferma.niva", asked.id)

    def _said(self, one: Told) -> Told:
        kept = {"id", "text", "username", "from"}
        return {**{k: v for k, v in one.items() if k in kept}, "timestamp": self.stamp(one["created"])}

    def list_comments(self, asked: Asked) -> Told:
        self._post(asked.id)
        every, rows = self.comments.get(asked.id, []), []
        for one in reversed(every):
            if not one["parent"]:
                answers = [self._said(two) for two in reversed(every) if two["parent"] == one["id"]]
                row = {**self._said(one), **({"replies": {"data": answers}} if answers else {})}
                rows.append(self.shown("IGComment", row, asked.sent["fields"]))
        return self.page(rows, asked.sent)

    def list_threads(self, asked: Asked) -> Told:
        assert asked.sent["platform"] == "INSTAGRAM"
        if not self.said:
            return self.page([], asked.sent)
        messages = [
            {"id": f"m{n}", "message": one["text"], "created_time": self.stamp(one["at"]),
             "from": {"id": one["who"], "username": "olga"}} for n, one in enumerate(self.said)
        ]  # fmt: skip
        found = {
            "id": "t1", "updated_time": self.stamp(self.said[-1]["at"]),
            "participants": {"data": [{"id": IG}, {"id": "88002"}]}, "messages": {"data": messages[::-1]},
        }  # fmt: skip
        return self.page([self.shown("UnifiedThread", found, asked.sent["fields"])], asked.sent)

    def send_message(self, asked: Asked) -> Told:
        assert asked.json("recipient")["id"] == "88002"
        self.said.append({"text": asked.json("message")["text"], "who": IG, "at": self.clock()})
        return {"recipient_id": "88002", "message_id": "m_" + self.next_id()}

    def list_tags(self, asked: Asked) -> Told:
        return self.page(
            [self.shown("IGMedia", one, asked.sent["fields"]) for one in self.tagged], asked.sent
        )

    def say(self, kind: MessageKind, text: str, post: str) -> None:
        if kind == "comment":
            self._comment(post, text, "88002", "olga")
        elif kind == "message":
            self.said.append({"text": text, "who": "88002", "at": self.clock()})
        else:
            self.tagged.insert(0, {
                "id": self.next_id(), "caption": text, "timestamp": self.stamp(), "username": "olga",
                "permalink": "https://www.instagram.com/p/x/",
            })  # fmt: skip

    # --- signing in ---

    def give_token(self, asked: Asked) -> Told:
        lasting = asked.sent.get("grant_type") == "fb_exchange_token"
        return {"access_token": "EAApersonLasting" if lasting else "EAApersonShort", "token_type": "bearer"}

    def permissions(self, asked: Asked) -> Told:
        return {"data": [{"permission": "instagram_basic", "status": "granted"}]}

    def accounts(self, asked: Asked) -> Told:
        bare: dict[str, Any] = {"tasks": ["CREATE_CONTENT"], "access_token": self.token}
        rows = [
            {"id": PAGE, "name": "Ферма", **bare,
             **({"instagram_business_account": self.linked} if self.linked else {})},
            {"id": "999", "name": "Лавка без Instagram", **bare},
            *[{**bare, **one} for one in self.more_pages],
        ]  # fmt: skip
        return self.page(rows, asked.sent)
