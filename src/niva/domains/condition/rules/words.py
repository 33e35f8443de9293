"""Names, descriptions, contacts and links. Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from niva.domains.condition.rules.base import OK, Ground, Verdict, broken, spared, unknown
from niva.domains.condition.seen import Seen
from niva.networks.base.profile import Profile

# What networks give to a page that has chosen no address: letters of theirs and a number.
_DIGITS: Final = re.compile(r"(club|public|event|group|channel|id|profile)?[-_]?\d+", re.IGNORECASE)
_URL: Final = re.compile(r"https?://[^\s<>\"'«»()\[\]]+", re.IGNORECASE)
# Names of servers as people write them, without https://; the escape is the Cyrillic domain of Russia.
_ENDINGS: Final = r"(?:ru|\u0440\u0444|su|com|org|net|info|pro|shop|online|site|io|dev)"
_BARE: Final = re.compile(rf"(?<![\w@/.-])(?:[\w-]+\.)+{_ENDINGS}(?![\w-])(?:/[^\s<>\"'«»]*)?", re.IGNORECASE)
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_PHONE: Final = re.compile(r"(?<!\d)(?:\+?\d[\s()–-]{0,2}){9,14}\d(?!\d)")
_ACCOUNT: Final = re.compile(r"(?<![\w@.])@[A-Za-z][\w.]{3,}|(?:t\.me|wa\.me|vk\.me|max\.ru)/\S+")
# Hosts of networks and messengers: a link there is no link to the client's own site.
SOCIAL: Final = (
    "vk.com", "vk.ru", "vk.me", "t.me", "telegram.me", "wa.me", "max.ru", "ok.ru", "dzen.ru", "rutube.ru",
    "youtube.com", "youtu.be", "instagram.com", "facebook.com", "threads.net", "threads.com", "x.com",
    "twitter.com", "linkedin.com", "pinterest.com", "tiktok.com", "bsky.app", "reddit.com", "discord.gg",
)  # fmt: skip
# The custom of the trade: small Latin letters, digits, underscore; a blank or a capital makes another source.
_GOOD_UTM: Final = re.compile(r"[a-z0-9_.-]+")


def handle_set(seen: Seen, ground: Ground) -> Verdict | None:
    handle = seen.profile.handle
    if handle is None:
        return None
    if not handle.strip():
        return broken("handle_missing")
    return broken("handle_digits", detail=handle) if _DIGITS.fullmatch(handle.strip("@ ")) else OK


def about_contact(seen: Seen, ground: Ground) -> Verdict | None:
    about, contacts = seen.profile.about, seen.profile.contacts
    if (contacts and any(one.strip() for one in contacts)) or has_contact(about or ""):
        return OK
    return None if about is None else broken("contact_missing")


def has_contact(text: str) -> bool:
    """A mail address, a telephone of ten digits or more, or an account to write to."""
    return any(one.search(text) for one in (_MAIL, _PHONE, _ACCOUNT))


def site_set(seen: Seen, ground: Ground) -> Verdict | None:
    if addresses(seen.profile):
        return OK
    if all(getattr(seen.profile, name) is None for name in ("site", "links", "about")):
        return None
    return broken("site_missing")


def site_utm(seen: Seen, ground: Ground) -> Verdict | None:
    own = sites(seen.profile)
    if not own:
        return spared("no_link")
    if any(good_utm(url) for url in own):
        return OK
    marked = [url for url in own if "utm_source=" in url.lower()]
    return broken("utm_untidy", detail=marked[0]) if marked else broken("utm_missing", detail=own[0])


def good_utm(url: str) -> bool:
    """Source and medium are there, in small Latin letters."""
    told: dict[str, str] = dict(parse_qsl(_query(url)))
    wanted = (told.get("utm_source", ""), told.get("utm_medium", ""))
    return all(_GOOD_UTM.fullmatch(one) for one in wanted)


def links_alive(seen: Seen, ground: Ground) -> Verdict | None:
    if not seen.links:
        return spared("no_link")
    dead = [link for link in seen.links if link.state == "dead"]
    if dead:
        told = [{"url": one.url, "code": one.code, "status": one.status} for one in dead]
        return broken("links_dead", detail=", ".join(one.url for one in dead), n=len(dead), links=told)
    unsure = [link.url for link in seen.links if link.state == "unsure"]
    return unknown("links_unsure", detail=", ".join(unsure), n=len(unsure)) if unsure else OK


def addresses(profile: Profile) -> tuple[str, ...]:
    """Every web address of the community, each once: site, links, those written in the description."""
    named = (profile.site or "", *(profile.links or ()))
    found = [whole(one.strip()) for one in named if one.strip()] + written(profile.about or "")
    return tuple(dict.fromkeys(found))


def all_links(profile: Profile) -> tuple[str, ...]:
    """`addresses` and those in the pinned post."""
    pinned = written(profile.pinned.text) if profile.pinned else []
    return tuple(dict.fromkeys((*addresses(profile), *pinned)))


def sites(profile: Profile) -> tuple[str, ...]:
    """Those of the addresses that lead to the client's own site, not to another network."""
    return tuple(url for url in addresses(profile) if not is_social(url))


def is_social(url: str) -> bool:
    host = _host(url)
    return any(host == one or host.endswith(f".{one}") for one in SOCIAL)


def written(text: str) -> list[str]:
    """The addresses in a text, also those without https:// in front; mail addresses are none."""
    found = [one.rstrip(".,;:!?»") for one in _URL.findall(text)]
    rest = _MAIL.sub(" ", _URL.sub(" ", text))
    return [*found, *(whole(one.rstrip(".,;:!?")) for one in _BARE.findall(rest))]


def whole(url: str) -> str:
    return url if "://" in url else f"https://{url}"


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _query(url: str) -> str:
    try:
        return urlsplit(url).query
    except ValueError:
        return ""
