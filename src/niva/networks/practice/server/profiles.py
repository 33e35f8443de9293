"""How a community of the practice network is set: what it says of itself, its pictures, its switches.

One row per community, made when something is first told. `GIVEN` is what a community never told: empty
words, everything open. What only the network decides (`verified`, `followers`, ...) is planted through the
back door.
"""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import Mapping
from typing import Any, Final

from niva.networks.practice.server import rules
from niva.networks.practice.server.rules import Refused
from niva.networks.practice.server.store import Community, Media, Store

NAME_MAX: Final = 80  # characters, like all lengths here
TEXTS: Final = {
    "status": 140, "about": 2000, "site": 200, "address": 200, "hours": 200, "category": 100, "button": 30,
    "age_mark": 3, "greeting": 500,
}  # fmt: skip
LISTS: Final = {"links": (10, 200), "contacts": (10, 200), "menu": (6, 40)}  # (rows, characters of a row)
SWITCHES: Final = ("messages_on", "comments_on", "closed")
AGE_MARKS: Final = ("", "0+", "6+", "12+", "16+", "18+")
AVATAR_SIDE_MIN: Final = 200  # pixels
COVER_MIN: Final = (800, 200)  # width, height
# what the network itself says of a community; a value planted here stands before a counted one
DECIDED: Final = ("admins", "verified", "registered", "followers", "last_post_at")
GIVEN: Final[Mapping[str, Any]] = {
    **dict.fromkeys(TEXTS, ""), **{name: [] for name in LISTS}, "messages_on": True, "comments_on": True,
    "closed": False, "admins": 1, "verified": False, "registered": False,
}  # fmt: skip


def settings(store: Store, community: Community) -> dict[str, Any]:
    """Everything told of a community, with GIVEN for the rest; `avatar`, `cover`, `pinned`: ids or None."""
    row = store.db.execute("select * from profiles where community = ?", (community.id,)).fetchone()
    told = json.loads(row["told"]) if row else {}
    kept = {name: row[name] if row else None for name in ("avatar", "cover", "pinned")}
    return {**GIVEN, "name": community.name, "about": community.about, **told, **kept}


def change(store: Store, community: Community, body: Mapping[str, Any], *, planted: bool = False) -> None:
    """Set what `body` names and leave the rest. Raises Refused and changes nothing when one part is wrong.

    `avatar`, `cover`: the id of an upload of this community, "" for none; `pinned`: the id of a post of it,
    "" for none. `planted`: DECIDED may be set too, and pictures may be smaller than the network takes.
    """
    told: dict[str, Any] = {}
    columns: dict[str, Any] = {}
    names: dict[str, str] = {}
    for field, value in body.items():
        if field == "name":
            names["name"] = _name(value)
        elif field == "about":
            names["about"] = rules.text(value, TEXTS["about"], "field_too_long")
        elif field in ("avatar", "cover"):
            columns[field] = _picture(store, community, field, value, planted=planted)
        elif field == "pinned":
            columns["pinned"] = _pinned(store, community, value)
        else:
            told[field] = _told(field, value, planted=planted)
    with store.transaction():
        before = store.db.execute("select * from profiles where community = ?", (community.id,)).fetchone()
        kept = {**(json.loads(before["told"]) if before else {}), **told}
        marks = {name: before[name] if before else None for name in ("avatar", "cover", "pinned")} | columns
        store.db.execute(
            "insert or replace into profiles (community, told, avatar, cover, pinned) values (?, ?, ?, ?, ?)",
            (community.id, json.dumps(kept, ensure_ascii=False),
             marks["avatar"], marks["cover"], marks["pinned"]),
        )  # fmt: skip
        for column, words in names.items():
            query = f"update communities set {column} = ? where id = ?"  # noqa: S608 (two known words)
            store.db.execute(query, (words, community.id))


def add_picture(store: Store, community: Community, content: bytes, alt: str = "") -> str:
    """Store a picture as an upload of this community; its id. Raises Refused when it is none."""
    from PIL import Image

    mime = rules.sniff(content[:64])
    try:
        with Image.open(io.BytesIO(content)) as picture:
            width, height = picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Refused("media_format", "the picture cannot be read") from error
    media = Media(secrets.token_urlsafe(12), mime, len(content), width, height, alt)
    (store.media_folder / media.id).write_bytes(content)
    store.add_media(community, media)
    return media.id


def _name(value: object) -> str:
    words = rules.text(value, NAME_MAX, "field_too_long").strip()
    if not words:
        raise Refused("name_empty", "a community needs a name")
    return words


def _told(field: str, value: Any, *, planted: bool) -> Any:
    if field in TEXTS:
        words = rules.text(value, TEXTS[field], "field_too_long")
        if field == "age_mark" and words not in AGE_MARKS:
            raise Refused("bad_request", f"age_mark: one of {', '.join(AGE_MARKS[1:])}")
        return words
    if field in LISTS:
        rows, length = LISTS[field]
        if not isinstance(value, list) or len(value) > rows:
            raise Refused("bad_request", f"{field}: a list of at most {rows} is wanted")
        return [rules.text(row, length, "bad_request") for row in value]
    if field in SWITCHES or (planted and field in ("verified", "registered")):
        if not isinstance(value, bool):
            raise Refused("bad_request", f"{field}: true or false")
        return value
    if planted and field in ("admins", "followers"):
        if type(value) is not int or value < 0:
            raise Refused("bad_request", f"{field}: a number is wanted")
        return value
    if planted and field == "last_post_at":
        return rules.moment(value)
    raise Refused("bad_request", f"{field} cannot be set")


def _picture(store: Store, community: Community, field: str, value: Any, *, planted: bool) -> str | None:
    if value in ("", None):
        return None
    row = store.db.execute(
        "select mime, width, height from media where id = ? and community = ? and post is null",
        (value, community.id),
    ).fetchone()
    if row is None:
        raise Refused("media_unknown", f"no such upload: {value}")
    if not row["mime"].startswith("image/"):
        raise Refused("media_format", "a picture is wanted")
    least = (AVATAR_SIDE_MIN, AVATAR_SIDE_MIN) if field == "avatar" else COVER_MIN
    if not planted and (row["width"] < least[0] or row["height"] < least[1]):
        raise Refused("media_too_small", f"at least {least[0]} x {least[1]} pixels")
    return str(value)


def _pinned(store: Store, community: Community, value: Any) -> int | None:
    if value in ("", None):
        return None
    number = str(value)
    post = store.post(community, int(number)) if number.isdecimal() and len(number) < 16 else None
    if post is None or post.deleted_at is not None:
        raise Refused("parent_gone", "there is no such post to pin")
    return post.id
