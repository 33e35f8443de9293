"""A Bot API of our own: one bot, a few chats, and what a bot may do with its posts there."""

from __future__ import annotations

import json
import time
from itertools import count
from typing import Any

from aiohttp import web

from niva.networks.base.fakes import FakeServer
from niva.networks.base.types import Credential
from niva.networks.telegram.tests.contract import load_contract
from niva.networks.telegram.tests.refusal import Refusal
from niva.networks.telegram.tests.talk import Talk, grown

TOKEN = "123456789:AAfake-token_of_the_field"
BOT = {"id": 123456789, "is_bot": True, "first_name": "Нива", "username": "niva_test_bot"}
DISCUSSION = -1001000000004
CHANNEL, PRIVATE, OLD_GROUP, GROUP = -1001000000001, -1001000000002, -500, -1001000000003
FAULTS = frozenset(
    {
        "accepted_then_timeout", "error_after_commit", "reset", "nonsense", "limited", "limited_no_delay",
        "refused", "revoked", "forgotten", "surplus",
    }
)  # fmt: skip
ADMIN = {
    "status": "administrator", "user": BOT, "can_be_edited": False, "is_anonymous": False,
    "can_manage_chat": True, "can_delete_messages": True, "can_manage_video_chats": False,
    "can_restrict_members": False, "can_promote_members": False, "can_change_info": False,
    "can_invite_users": False, "can_post_stories": False, "can_edit_stories": False,
    "can_delete_stories": False, "can_post_messages": True, "can_edit_messages": True,
}  # fmt: skip
_CAPTION_MAX, _TEXT_MAX = 1024, 4096


class FakeTelegram(Talk, FakeServer):
    """`messages`: (chat id, message id) → message with our notes; `member`: the bot's place in each chat."""

    def __init__(self) -> None:
        super().__init__()
        self.contract = load_contract()
        self.messages: dict[tuple[int, int], dict[str, Any]] = {}
        self.member: dict[str, Any] = dict(ADMIN)
        self.followers = 1203
        self.retry_after = 17
        self.revoked = False
        self._ids = count(11)
        self.chats: dict[int, dict[str, Any]] = {
            CHANNEL: {"id": CHANNEL, "type": "channel", "title": "Поле", "username": "pole_test"},
            PRIVATE: {"id": PRIVATE, "type": "channel", "title": "Закрытое поле"},
            GROUP: {"id": GROUP, "type": "supergroup", "title": "Беседа о поле"},
            DISCUSSION: {"id": DISCUSSION, "type": "supergroup", "title": "Обсуждение поля"},
        }
        self.surplus = False
        self.set_talk(CHANNEL, DISCUSSION)

    def credential(self, chat: str = "@pole_test") -> Credential:
        return Credential(secrets={"bot_token": TOKEN}, facts={"chat_id": chat, "api_base": self.url})

    def posts(self) -> list[dict[str, Any]]:
        """Posts, oldest first; an album is one."""
        found: dict[str, dict[str, Any]] = {}
        for message in self.messages.values():
            if "reply_to_message" in message:
                continue
            post = found.setdefault(
                message.get("media_group_id", str(message["message_id"])),
                {"id": str(message["message_id"]), "text": "", "media": 0, "kinds": [], "raw": message},
            )
            post["text"] = post["text"] or message.get("text") or message.get("caption", "")
            kind = next((k for k in ("photo", "animation", "video") if k in message), "")
            if poll := message.get("poll"):
                post["text"] = poll.get("description", "")
                post["poll"] = poll
            if kind:
                post["media"] += 1
                post["kinds"].append(kind)
        return list(found.values())

    def parts(self) -> list[str]:
        """The texts of messages that answer another, oldest first."""
        return [message["text"] for message in self.messages.values() if "reply_to_message" in message]

    def fault(self, name: str) -> None:
        if name == "revoked":
            self.revoked = True
        elif name == "forgotten":
            self.messages.pop(list(self.messages)[-1])
        elif name == "surplus":
            self.surplus = True
        else:
            super().fault(name)

    def routes(self, app: web.Application) -> None:
        app.router.add_post("/bot{token}/{method}", self._handle)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        params, files = await self._read(request, method)
        self.requests.append((method, params))
        if self.contract is not None:
            self.violations += self.contract.request(method, params, set(files))
        if self.revoked or request.match_info["token"] != TOKEN:
            return self._refused(Refusal(401, "Unauthorized"))
        trouble = self.take("nonsense", "limited", "limited_no_delay")
        if trouble == "nonsense":
            return web.Response(text="<html>It works!</html>", content_type="text/html")
        sending = method.startswith("send")
        try:
            if trouble == "limited":
                raise Refusal(429, f"Too Many Requests: retry after {self.retry_after}",
                              retry_after=self.retry_after)  # fmt: skip
            if trouble:
                raise Refusal(429, "Too Many Requests")
            if sending and self.take("refused"):
                raise Refusal(400, "Bad Request: message is too long")
            result = getattr(self, f"do_{method}")(params, files)
        except Refusal as refusal:
            return self._refused(refusal)
        if self.contract is not None:
            self.violations += self.contract.reply(method, result)
        if sending:
            fault = self.take("accepted_then_timeout", "error_after_commit", "reset")
            if broken := await self.broken_answer(fault, request):
                return broken
        return web.json_response({"ok": True, "result": grown(result) if self.surplus else result})

    async def _read(self, request: web.Request, method: str) -> tuple[dict[str, Any], dict[str, bytes]]:
        """Parameters in their own types: a form carries everything but text as JSON."""
        if request.content_type == "application/json":
            return await request.json(), {}
        params: dict[str, Any] = {}
        files: dict[str, bytes] = {}
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = value.file.read()
            elif name in ("text", "caption", "question", "description") or value.startswith("@"):
                params[name] = value
            else:
                params[name] = json.loads(value)
        return params, files

    def _refused(self, refusal: Refusal) -> web.Response:
        return web.json_response(refusal.data, status=refusal.data["error_code"])

    # --- what the methods do ---------------------------------------------------------------------------

    def _chat(self, params: dict[str, Any]) -> dict[str, Any]:
        wanted = params["chat_id"]
        if wanted == OLD_GROUP:
            raise Refusal(400, "Bad Request: group chat was upgraded to a supergroup chat",
                          migrate_to_chat_id=GROUP)  # fmt: skip
        for chat in self.chats.values():
            if wanted == chat["id"] or str(wanted).lower() == f"@{chat.get('username', '?')}":
                return chat
        raise Refusal(400, "Bad Request: chat not found")

    def _message(self, params: dict[str, Any], what: str) -> dict[str, Any]:
        key = (self._chat(params)["id"], params["message_id"])
        if key not in self.messages:
            raise Refusal(400, f"Bad Request: message to {what} not found")
        return self.messages[key]

    def _post(self, params: dict[str, Any], **content: Any) -> dict[str, Any]:
        chat = self._chat(params)
        if chat["type"] == "channel" and not self.member.get("can_post_messages"):
            raise Refusal(400, "Bad Request: need administrator rights in the channel chat")
        message = {"message_id": next(self._ids), "date": int(time.time()), "chat": chat,
                   **{k: v for k, v in content.items() if v not in ("", None)}}  # fmt: skip
        if answered := params.get("reply_parameters"):
            place = (chat["id"], answered["message_id"])
            parent = self.messages.get(place) or self.talk.get(place)
            if parent is None:
                raise Refusal(400, "Bad Request: message to be replied not found")
            message["reply_to_message"] = {k: v for k, v in parent.items() if k != "reply_to_message"}
        if chat["id"] in self.talked:
            self.talk[chat["id"], message["message_id"]] = message
            return message
        self.messages[chat["id"], message["message_id"]] = message
        self.forward(message)
        return message

    def _caption(self, text: str) -> str:
        if len(text.encode("utf-16-le")) // 2 > _CAPTION_MAX:
            raise Refusal(400, "Bad Request: message caption is too long")
        return text

    def _file(self, kind: str, body: bytes) -> dict[str, Any]:
        if not body:
            raise Refusal(400, "Bad Request: file must be non-empty")
        size = {"file_id": f"f{next(self._ids)}", "file_unique_id": f"u{next(self._ids)}",
                "width": 320, "height": 200}  # fmt: skip
        return {"photo": [size]} if kind == "photo" else {kind: {**size, "duration": 1}}

    def do_getMe(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        return BOT

    def do_getChat(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        gifts = dict.fromkeys(
            ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription",
             "gifts_from_channels"), False)  # fmt: skip
        chat = self._chat(params)
        return {**chat, "accent_color_id": 1, "max_reaction_count": 11, "accepted_gift_types": gifts,
                **self.settings_of(chat)}  # fmt: skip

    def do_getChatMember(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        return self.group_member if self._chat(params)["id"] in self.talked else self.member

    def do_getChatMemberCount(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        self._chat(params)
        return self.followers

    def do_sendMessage(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        if len(params["text"].encode("utf-16-le")) // 2 > _TEXT_MAX:
            raise Refusal(400, "Bad Request: message is too long")
        return self._post(params, text=params["text"].strip(),
                          link_preview_options=params.get("link_preview_options"))  # fmt: skip

    def _send_file(self, kind: str, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        caption = self._caption(params.get("caption", ""))
        return self._post(params, caption=caption, **self._file(kind, files[kind]))

    def do_sendPhoto(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        return self._send_file("photo", params, files)

    def do_sendVideo(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        return self._send_file("video", params, files)

    def do_sendAnimation(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        return self._send_file("animation", params, files)

    def do_sendMediaGroup(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        group = f"g{next(self._ids)}"
        return [
            self._post(
                params, media_group_id=group, caption=self._caption(item.get("caption", "")),
                **self._file(item["type"], files[item["media"].removeprefix("attach://")]),
            )
            for item in params["media"]
        ]  # fmt: skip

    def do_sendPoll(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        if not params["is_anonymous"] and self._chat(params)["type"] == "channel":
            raise Refusal(400, "Bad Request: non-anonymous polls can't be sent to channel chats")
        poll = {
            "id": f"p{next(self._ids)}", "question": params["question"],
            "options": [{"persistent_id": str(i), "text": o["text"], "voter_count": 0}
                        for i, o in enumerate(params["options"])],
            "total_voter_count": 0, "is_closed": False, "is_anonymous": params["is_anonymous"],
            "type": "regular", "allows_multiple_answers": params["allows_multiple_answers"],
            "allows_revoting": True, "members_only": False,
            **({"open_period": params["open_period"]} if "open_period" in params else {}),
            **({"description": self._caption(params["description"])} if "description" in params else {}),
        }  # fmt: skip
        return self._post(params, poll=poll)

    def _changed(self, message: dict[str, Any], **content: Any) -> dict[str, Any]:
        if all(message.get(name, "") == value for name, value in content.items()):
            raise Refusal(400, "Bad Request: message is not modified: specified new message content and "
                               "reply markup are exactly the same")  # fmt: skip
        message.update(content, edit_date=int(time.time()))
        return message

    def do_editMessageText(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        return self._changed(self._message(params, "edit"), text=params["text"].strip())

    def do_editMessageCaption(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        return self._changed(self._message(params, "edit"), caption=self._caption(params["caption"]))

    def do_editMessageMedia(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        message = self._message(params, "edit")
        media = params["media"]
        for kind in ("photo", "video", "animation"):
            message.pop(kind, None)
        body = files[media["media"].removeprefix("attach://")]
        return self._changed(message, caption=media.get("caption", ""), **self._file(media["type"], body))

    def do_editMessageReplyMarkup(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        return self._changed(self._message(params, "edit"))

    def do_deleteMessage(self, params: dict[str, Any], files: dict[str, bytes]) -> Any:
        message = self._message(params, "delete")
        if not self.member.get("can_delete_messages") and time.time() - message["date"] > 48 * 3600:
            raise Refusal(400, "Bad Request: message can't be deleted")
        del self.messages[message["chat"]["id"], message["message_id"]]
        return True
