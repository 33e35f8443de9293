"""The part of the fake VK that is the community itself: settings, stories, comments, messages, mentions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from niva.networks.base.inbox import MessageKind

GROUP, OTHER_GROUP, EDITOR_ID, READER_ID = 501, 502, 77, 88
READER = {"id": READER_ID, "first_name": "Анна", "last_name": "Соколова", "can_access_closed": True,
          "is_closed": False}  # fmt: skip
OURS = {"id": GROUP, "name": "Поле", "screen_name": "pole_test", "is_closed": 0, "type": "page"}
IMAGE = "https://example.org"


class Refusal(Exception):
    """Becomes VK's error object."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.data = {"error": {"error_code": code, "error_msg": message, "request_params": []}}


def grown(value: Any) -> Any:
    """The same answer with fields that no schema knows, at every depth."""
    if isinstance(value, list):
        return [grown(item) for item in value]
    if isinstance(value, dict):
        return {**{name: grown(inner) for name, inner in value.items()}, "zorg": {"of": ["later"]}}
    return value


class Community:
    """`told`: what groups.getById says; `letters`: messages by peer; `granted`: rights of the key."""

    _ids: Iterator[int]
    comments: dict[int, list[dict[str, Any]]]
    wall: dict[int, dict[str, Any]]
    violations: list[str]
    url: str

    def set_community(self) -> None:
        self.told: dict[str, Any] = {
            **OURS, "photo_200": f"{IMAGE}/200.jpg", "photo_max_orig": f"{IMAGE}/max.jpg", "has_photo": 1,
            "photo_max_size": {"width": 1000, "height": 1000}, "description": "Держим пчёл", "status": "Мёд",
            "site": "https://example.org", "verified": 0, "can_message": 1, "wall": 2, "age_limits": 1,
            "activity": "Продукты питания", "links": [{"id": 5, "name": "Сайт", "url": "https://a.example"}],
            "contacts": [{"user_id": EDITOR_ID, "desc": "Пасечник", "phone": "+7900", "email": "a@b.ru"}],
            "cover": {"enabled": 1, "images": [
                {"url": f"{IMAGE}/c1.jpg", "width": 795, "height": 318},
                {"url": f"{IMAGE}/c2.jpg", "width": 1920, "height": 768},
            ]},
            "addresses": {"is_enabled": True, "count": 1, "main_address_id": 9, "main_address": {
                "id": 9, "address": "ул. Полевая, 1", "work_info_status": "timetable",
                "timetable": {"mon": {"open_time": 540, "close_time": 1110}},
            }},
            "counters": {"clips": 3},
        }  # fmt: skip
        self.letters: dict[int, list[dict[str, Any]]] = {}
        self.named: list[dict[str, Any]] = []
        self.stories: dict[int, dict[str, Any]] = {}
        self.random_ids: dict[str, int] = {}
        self.managers = 4
        self.granted = ("manage", "messages", "photos", "docs", "stories", "wall")
        self.refuse_messages: tuple[int, str] | None = None
        self.refuse_rights: tuple[int, str] | None = None

    def say(self, kind: MessageKind, text: str, post: str) -> None:
        """Somebody says something: under a post, in private, on his own wall."""
        if kind == "comment":
            self.comment(int(post), READER_ID, text)
        elif kind == "message":
            self.letter(READER_ID, READER_ID, text)
        else:
            number = next(self._ids)
            self.named.append({
                "inner_type": "wall_wallpost", "id": number, "owner_id": READER_ID, "from_id": READER_ID,
                "date": int(time.time()), "text": text, "post_type": "post",
            })  # fmt: skip

    # --- comments ---

    def comment(self, post: int, sender: int, text: str, answers: int = 0) -> int:
        number = next(self._ids)
        said: dict[str, Any] = {
            "id": number, "from_id": sender, "date": int(time.time()), "text": text, "post_id": post,
            "owner_id": -GROUP, "parents_stack": [answers] if answers else [],
        }  # fmt: skip
        if answers:
            said["reply_to_comment"] = answers
        self.comments.setdefault(post, []).append(said)
        self.wall[post]["comments"]["count"] += 1
        return number

    def commented(self, params: dict[str, str]) -> dict[str, Any]:
        """Comments of the first level with some of their answers, or all the answers to one."""
        everything = self.comments.get(int(params["post_id"]), [])
        root = int(params.get("comment_id", 0))
        level = [one for one in everything if (one["parents_stack"] or [0])[0] == root]
        if params.get("sort") == "desc":
            level = level[::-1]
        start = int(params.get("offset", 0))
        page = level[start : start + int(params["count"])]
        told: dict[str, Any] = {"count": len(everything), "items": page}
        if params.get("extended") != "1":
            return told
        shown = int(params.get("thread_items_count", 0))
        items = []
        for one in page:
            under = [other for other in everything if other["parents_stack"] == [one["id"]]]
            thread = {"count": len(under), "items": under[:shown], "can_post": True}
            items.append(one if root else {**one, "thread": thread})
        return {**told, "items": items, "profiles": [READER], "groups": [OURS]}

    # --- private messages, mentions ---

    def letter(self, peer: int, sender: int, text: str) -> int:
        number = next(self._ids)
        self.letters.setdefault(peer, []).append({
            "id": number, "date": int(time.time()), "from_id": sender, "peer_id": peer, "text": text,
            "out": int(sender < 0), "version": 1, "attachments": [],
            "conversation_message_id": len(self.letters[peer]) + 1,
        })  # fmt: skip
        return number

    def do_messages_getConversations(self, params: dict[str, str], key: str) -> Any:
        rows = [
            {
                "conversation": {
                    "peer": {"id": peer, "type": "user", "local_id": peer}, "last_message_id": said[-1]["id"],
                    "last_conversation_message_id": len(said), "in_read": 0, "out_read": 0, "version": 1,
                },
                "last_message": said[-1],
            }
            for peer, said in sorted(self.letters.items(), key=lambda pair: -pair[1][-1]["id"])
        ]  # fmt: skip
        start = int(params["offset"])
        page = rows[start : start + int(params["count"])]
        return {"count": len(rows), "items": page, "profiles": [READER], "groups": []}

    def do_messages_getHistory(self, params: dict[str, str], key: str) -> Any:
        said = self.letters.get(int(params["peer_id"]), [])[::-1]
        start = int(params["offset"])
        page = said[start : start + int(params["count"])]
        return {"count": len(said), "items": page, "profiles": [READER], "groups": []}

    def do_messages_send(self, params: dict[str, str], key: str) -> Any:
        if self.refuse_messages:
            raise Refusal(*self.refuse_messages)
        if not params.get("random_id"):
            raise Refusal(100, "One of the parameters specified was missing or invalid: random_id")
        if params["random_id"] not in self.random_ids:
            self.random_ids[params["random_id"]] = self.letter(
                int(params["peer_id"]), -GROUP, params["message"]
            )
        return self.random_ids[params["random_id"]]

    def do_newsfeed_getMentions(self, params: dict[str, str], key: str) -> Any:
        found = [one for one in self.named[::-1] if one["date"] >= int(params["start_time"])]
        start = int(params["offset"])
        return {"count": len(found), "items": found[start : start + int(params["count"])]}

    # --- stories ---

    def do_stories_getPhotoUploadServer(self, params: dict[str, str], key: str) -> Any:
        return {"upload_url": f"{self.url}/upload/story/0", "user_ids": []}

    def do_stories_getVideoUploadServer(self, params: dict[str, str], key: str) -> Any:
        return {"upload_url": f"{self.url}/upload/storyvideo/0", "user_ids": []}

    def do_stories_save(self, params: dict[str, str], key: str) -> Any:
        kinds = {"story-word": "photo", "storyvideo-word": "video"}
        if params["upload_results"] not in kinds:
            raise Refusal(100, "One of the parameters specified was missing or invalid: upload_results")
        number = next(self._ids)
        self.stories[number] = {
            "id": number, "owner_id": -GROUP, "date": int(time.time()),
            "expires_at": int(time.time()) + 86400, "type": kinds[params["upload_results"]],
        }  # fmt: skip
        return {"count": 1, "items": [self.stories[number]], "profiles": [], "groups": []}

    def do_stories_getById(self, params: dict[str, str], key: str) -> Any:
        numbers = [int(word.split("_")[1]) for word in params["stories"].split(",")]
        found = [self.stories[number] for number in numbers if number in self.stories]
        if any(story.get("is_expired") for story in found):
            raise Refusal(1600, "Story has already expired")
        return {"count": len(found), "items": found, "profiles": [], "groups": []}

    def do_stories_delete(self, params: dict[str, str], key: str) -> Any:
        if self.stories.pop(int(params["story_id"]), None) is None:
            raise Refusal(100, "One of the parameters specified was missing or invalid: story_id")
        return 1

    def do_stories_getStats(self, params: dict[str, str], key: str) -> Any:
        shown = {"state": "on", "count": 5}
        stats: dict[str, Any] = dict.fromkeys(
            ("answer", "bans", "open_link", "replies", "shares", "subscribers", "views", "likes"), shown
        )
        return {**stats, "open_link": {"state": "hidden"}}

    # --- settings ---

    def _marked(self, post: dict[str, Any]) -> dict[str, Any]:
        return {**post, "is_pinned": 1} if post["id"] == self.told.get("fixed_post") else post

    def do_wall_pin(self, params: dict[str, str], key: str) -> Any:
        if int(params["post_id"]) not in self.wall:
            raise Refusal(100, "One of the parameters specified was missing or invalid: post_id")
        self.told["fixed_post"] = int(params["post_id"])
        return 1

    def do_wall_unpin(self, params: dict[str, str], key: str) -> Any:
        self.told["fixed_post"] = 0
        return 1

    def do_groups_edit(self, params: dict[str, str], key: str) -> Any:
        names = {
            "title": "name", "description": "description", "website": "site", "screen_name": "screen_name",
            "age_limits": "age_limits", "wall": "wall", "access": "is_closed", "messages": "can_message",
        }  # fmt: skip
        for theirs, shown in names.items():
            if theirs in params:
                number = isinstance(self.told.get(shown), int)
                self.told[shown] = int(params[theirs]) if number else params[theirs]
        if params.get("screen_name") == "taken":
            raise Refusal(1260, "Invalid screen name")
        return 1

    def do_status_set(self, params: dict[str, str], key: str) -> Any:
        self.told["status"] = params["text"]
        return 1

    def do_groups_addLink(self, params: dict[str, str], key: str) -> Any:
        link = {"id": next(self._ids), "name": params["link"], "url": params["link"]}
        self.told["links"] = [*self.told["links"], link]
        return link

    def do_groups_deleteLink(self, params: dict[str, str], key: str) -> Any:
        self.told["links"] = [one for one in self.told["links"] if one["id"] != int(params["link_id"])]
        return 1

    def do_groups_getAddresses(self, params: dict[str, str], key: str) -> Any:
        address = {"id": 9, "address": "ул. Дальняя, 2", "work_info_status": "always_opened"}
        return {"count": 1, "items": [address]}

    def do_groups_getMembers(self, params: dict[str, str], key: str) -> Any:
        return {"count": self.managers, "items": [{"id": EDITOR_ID, "role": "creator"}]}

    def do_groups_getTokenPermissions(self, params: dict[str, str], key: str) -> Any:
        if key != "group":
            raise Refusal(27, "Group authorization failed")
        return {"mask": 1, "permissions": [{"name": name, "setting": 1} for name in self.granted]}

    def do_photos_getOwnerPhotoUploadServer(self, params: dict[str, str], key: str) -> Any:
        return {"upload_url": f"{self.url}/upload/owner/0"}

    def do_photos_saveOwnerPhoto(self, params: dict[str, str], key: str) -> Any:
        self.told["photo_max_orig"] = f"{IMAGE}/{params['photo']}"
        return {"photo_hash": params["hash"], "photo_src": self.told["photo_max_orig"], "saved": 1}

    def do_photos_getOwnerCoverPhotoUploadServer(self, params: dict[str, str], key: str) -> Any:
        self.crop = (int(params["crop_x2"]), int(params["crop_y2"]))
        return {"upload_url": f"{self.url}/upload/cover/0"}

    def do_photos_saveOwnerCoverPhoto(self, params: dict[str, str], key: str) -> Any:
        width, height = self.crop
        image = {"url": f"{IMAGE}/{params['photo']}", "width": width, "height": height}
        self.told["cover"] = {"enabled": 1, "images": [image]}
        return {"images": [image]}
