"""What MAX shows of its things, after https://dev.max.ru/docs-api/objects/."""

from __future__ import annotations

from typing import Any, Final

CHAT_ID: Final = -70_123_456_789
BOT_ID: Final = 900_100
OWNER_ID: Final = 77_001
RIGHTS: Final = [
    "read_all_messages", "write", "edit", "delete", "pin_message", "change_chat_info",
]  # fmt: skip


def user(number: int, name: str, *, bot: bool = False) -> dict[str, Any]:
    return {
        "user_id": number,
        "first_name": name,
        "username": f"user{number}",
        "is_bot": bot,
        "last_activity_time": 1_795_000_000_000,
        "name": name,
    }


def bot() -> dict[str, Any]:
    return {**user(BOT_ID, "Полевой бот", bot=True), "description": "Пишет в канал", "commands": []}


def member(person: dict[str, Any], rights: list[str] | None, *, owner: bool = False) -> dict[str, Any]:
    return {
        **person,
        "last_access_time": 1_795_000_000_000,
        "is_owner": owner,
        "is_admin": owner or bool(rights),
        "join_time": 1_794_000_000_000,
        "permissions": rights,
    }


def attachment(sent: dict[str, Any], number: int) -> dict[str, Any]:
    """A received attachment for one that was sent."""
    kind = sent["type"]
    if kind == "image":
        token = next(iter(sent["payload"]["photos"].values()))["token"]
        url = f"https://i.oneme.ru/i?r={token}"
        return {"type": kind, "payload": {"photo_id": number, "token": token, "url": url}}
    if kind == "video":
        payload = {"url": "https://vd.okcdn.ru/?id=1", "token": sent["payload"]["token"]}
        return {"type": kind, "payload": payload, "width": 160, "height": 120, "duration": 1}
    return dict(sent)


def chat(made: dict[str, Any]) -> dict[str, Any]:
    """`made`: what the fake remembers of its chat."""
    return {
        "chat_id": CHAT_ID,
        "type": made["type"],
        "status": made["status"],
        "title": made["title"],
        "icon": {"url": made["icon"]} if made["icon"] else None,
        "last_event_time": 1_795_000_000_000,
        "participants_count": 1234,
        "owner_id": OWNER_ID,
        "is_public": True,
        "link": "https://max.ru/niva_field",
        "description": made["about"],
        "messages_count": made["count"],
    }
