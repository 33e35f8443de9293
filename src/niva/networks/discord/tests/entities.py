"""What Discord shows of its things, after https://docs.discord.com/developers/resources/."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

GUILD: Final = "1100000000000000001"
CHANNEL: Final = "1100000000000000002"
BOT: Final = "1100000000000000003"
BOT_ROLE: Final = "1100000000000000004"
SOMEBODY: Final = "1100000000000000005"
# What the guide asks for, and to see the channel.
RIGHTS: Final = (
    1 << 4 | 1 << 5 | 1 << 10 | 1 << 11 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 35 | 1 << 38 | 1 << 49 | 1 << 51
)  # fmt: skip


def user(number: str, name: str, *, bot: bool = False) -> dict[str, Any]:
    return {
        "id": number, "username": name, "avatar": None, "discriminator": "0", "public_flags": 0, "flags": 0,
        "global_name": name.capitalize(), "primary_guild": None, "bot": bot,
    }  # fmt: skip


def me() -> dict[str, Any]:
    return {**user(BOT, "field_bot", bot=True), "mfa_enabled": True, "locale": "ru"}


def role(number: str, name: str, rights: int) -> dict[str, Any]:
    return {
        "id": number, "name": name, "permissions": str(rights), "position": 1, "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False, "managed": True, "mentionable": False, "icon": None, "unicode_emoji": None,
        "flags": 0,
    }  # fmt: skip


def guild(made: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": GUILD, "name": made["name"], "icon": made["icon"], "description": made["description"],
        "home_header": None, "splash": None, "discovery_splash": None, "features": ["COMMUNITY", "NEWS"],
        "banner": made["banner"], "owner_id": SOMEBODY, "application_id": None, "region": "deprecated",
        "afk_channel_id": None, "afk_timeout": 300, "system_channel_id": None, "system_channel_flags": 0,
        "widget_enabled": False, "widget_channel_id": None, "verification_level": 1, "roles": made["roles"],
        "default_message_notifications": 1, "mfa_level": 0, "explicit_content_filter": 2,
        "max_presences": None, "max_members": 500_000, "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25, "vanity_url_code": "niva", "premium_tier": 0,
        "premium_subscription_count": 0, "preferred_locale": "ru", "rules_channel_id": CHANNEL,
        "safety_alerts_channel_id": None, "public_updates_channel_id": CHANNEL,
        "premium_progress_bar_enabled": False, "nsfw": False, "nsfw_level": 0, "emojis": [], "stickers": [],
        "incidents_data": None, "approximate_member_count": 1234, "approximate_presence_count": 99,
    }  # fmt: skip


def channel(made: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": CHANNEL, "type": made["type"], "flags": 0, "guild_id": GUILD, "name": "новости", "position": 1,
        "topic": made["topic"], "permission_overwrites": made["overwrites"], "nsfw": False,
    }  # fmt: skip


def member(roles: list[str]) -> dict[str, Any]:
    return {
        "avatar": None, "banner": None, "communication_disabled_until": None, "flags": 0,
        "joined_at": "2026-01-01T00:00:00+00:00", "nick": None, "pending": False, "premium_since": None,
        "roles": roles, "user": user(BOT, "field_bot", bot=True), "mute": False, "deaf": False,
    }  # fmt: skip


def thread(number: str, count: int) -> dict[str, Any]:
    return {
        "id": number, "type": 11, "flags": 0, "guild_id": GUILD, "name": "Ветка", "owner_id": BOT,
        "thread_metadata": {
            "archived": False, "archive_timestamp": None, "auto_archive_duration": 4320, "locked": False,
        },
        "message_count": count, "member_count": 2, "total_message_sent": count,
    }  # fmt: skip


def poll(asked: dict[str, Any], votes: int) -> dict[str, Any]:
    answers = [{"answer_id": n, **one} for n, one in enumerate(asked["answers"], 1)]
    return {
        "question": asked["question"], "answers": answers, "expiry": "2026-12-24T00:00:00+00:00",
        "allow_multiselect": bool(asked.get("allow_multiselect")), "layout_type": 1,
        "results": {
            "answer_counts": [{"id": 1, "count": votes, "me_voted": False}] if votes else [],
            "is_finalized": False,
        },
    }  # fmt: skip


def message(one: dict[str, Any], under: dict[str, Any] | None) -> dict[str, Any]:
    """`one`: what the fake remembers of a message."""
    made: dict[str, Any] = {
        "type": one["type"], "content": one["text"], "mentions": one["mentions"], "mention_roles": [],
        "attachments": one["files"], "embeds": [],
        "timestamp": datetime.fromtimestamp(one["at"], UTC).isoformat(), "edited_timestamp": None,
        "flags": one["flags"], "components": [], "id": one["id"], "channel_id": one["channel"],
        "author": user(one["by"], "field_bot" if one["by"] == BOT else "anna", bot=one["by"] == BOT),
        "pinned": False, "mention_everyone": False, "tts": False,
    }  # fmt: skip
    if one["answers"]:
        made["message_reference"] = {"type": 0, "channel_id": one["channel"], "message_id": one["answers"]}
    if one["poll"]:
        made["poll"] = poll(one["poll"], one["votes"])
    if one["reactions"]:
        made["reactions"] = [
            {
                "emoji": {"id": None, "name": sign}, "count": count,
                "count_details": {"burst": 0, "normal": count}, "burst_colors": [], "me_burst": False,
                "me": False,
            }
            for sign, count in one["reactions"].items()
        ]  # fmt: skip
    if under is not None:
        made["thread"] = under
    return made
