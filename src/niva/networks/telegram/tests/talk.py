"""The part of the fake Bot API that people see: a discussion group, private chats, settings; the queue."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from niva.networks.base.inbox import MessageKind
from niva.networks.telegram.tests.refusal import Refusal

READER = {"id": 4242, "is_bot": False, "first_name": "Анна", "last_name": "Соколова"}
WINDOW = 100  # how many updates are shown at once


def grown(value: Any) -> Any:
    """The same answer with fields that no contract knows, at every depth."""
    if isinstance(value, list):
        return [grown(item) for item in value]
    if isinstance(value, dict):
        return {**{name: grown(inner) for name, inner in value.items()}, "zorg": {"of": ["later"]}}
    return value


class Talk:
    """`queue`: updates that nobody took; `talk`: messages of the discussion group and of private chats."""

    _ids: Iterator[int]
    chats: dict[int, dict[str, Any]]

    def set_talk(self, channel: int, discussion: int) -> None:
        self.channel, self.discussion = channel, discussion
        self.linked = True
        self.private = {"id": READER["id"], "type": "private", "first_name": "Анна"}
        self.chats[self.private["id"]] = self.private
        self.talked = {discussion, self.private["id"]}
        self.talk: dict[tuple[int, int], dict[str, Any]] = {}
        self.copies: dict[int, dict[str, Any]] = {}  # the channel's message id → its copy in the group
        self.queue: list[dict[str, Any]] = []
        self.taken_by = ""  # "webhook" or "another"
        self.group_member: dict[str, Any] = {"status": "left", "user": {**READER}}
        self.described, self.greeting, self.commands = "О поле", "Спросите о поле", [
            {"command": "price", "description": "Цены"}
        ]  # fmt: skip
        self.pinned: int | None = None
        self.photo = True

    # --- what people do ---

    def _hear(self, chat: int, text: str = "", **more: Any) -> dict[str, Any]:
        message = {
            "message_id": next(self._ids), "date": int(time.time()), "chat": self.chats[chat], "from": READER,
            **({"text": text} if text else {}), **more,
        }  # fmt: skip
        self.talk[chat, message["message_id"]] = message
        self.queue.append({"update_id": next(self._ids), "message": message})
        return message

    def forward(self, post: dict[str, Any]) -> None:
        """A post of the channel is copied into the linked group at once; an answer within it is, too."""
        if not self.linked or post["chat"]["id"] != self.channel:
            return
        origin = {"type": "channel", "date": post["date"], "chat": post["chat"],
                  "message_id": post["message_id"]}  # fmt: skip
        self.copies[post["message_id"]] = self._hear(
            self.discussion, str(post.get("text", "")), is_automatic_forward=True, forward_origin=origin,
            sender_chat=post["chat"],
        )  # fmt: skip

    def say(self, kind: MessageKind, text: str, post: str) -> None:
        if kind == "comment":
            self.comment(int(post), text)
        else:
            self._hear(self.private["id"], text)

    def comment(
        self, post: int, text: str, under: dict[str, Any] | None = None, **more: Any
    ) -> dict[str, Any]:
        root = self.copies[post]
        answered = {k: v for k, v in (under or root).items() if k != "reply_to_message"}
        return self._hear(self.discussion, text, reply_to_message=answered,
                          message_thread_id=root["message_id"], **more)  # fmt: skip

    # --- methods ---

    def do_getUpdates(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        if self.taken_by == "webhook":
            raise Refusal(
                409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first"
            )
        if self.taken_by:
            raise Refusal(409, "Conflict: terminated by other getUpdates request")
        offset = params.get("offset", 0)
        self.queue = [update for update in self.queue if update["update_id"] >= offset]
        return self.queue[: params.get("limit", WINDOW)]

    def settings_of(self, chat: dict[str, Any]) -> dict[str, Any]:
        told: dict[str, Any] = {"description": self.described} if self.described else {}
        if self.photo:
            told["photo"] = {
                "small_file_id": "s", "small_file_unique_id": "su", "big_file_id": "b",
                "big_file_unique_id": "bu",
            }  # fmt: skip
        if self.linked and chat["id"] == self.channel:
            told["linked_chat_id"] = self.discussion
        if self.pinned is not None:
            messages: dict[tuple[int, int], dict[str, Any]] = self.messages
            told["pinned_message"] = messages[chat["id"], self.pinned]
        return told

    def do_getChatAdministrators(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        owner = {"status": "creator", "user": READER, "is_anonymous": False}
        bot = {**owner, "user": {**READER, "is_bot": True}}
        return [owner, bot]

    def do_getMyDescription(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        return {"description": self.greeting}

    def do_setMyDescription(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        self.greeting = params["description"]
        return True

    def do_getMyCommands(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        return self.commands

    def do_setMyCommands(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        self.commands = params["commands"]
        return True

    def do_setChatTitle(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        self.chats[self.channel]["title"] = params["title"]
        return True

    def do_setChatDescription(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        if params["description"] == self.described:
            raise Refusal(400, "Bad Request: chat description is not modified")
        self.described = params["description"]
        return True

    def do_setChatPhoto(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        self.photo = bool(files["photo"])
        return True

    def do_deleteChatPhoto(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        self.photo = False
        return True

    def do_pinChatMessage(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        self.pinned = params["message_id"]
        return True

    def do_unpinChatMessage(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        self.pinned = None
        return True
