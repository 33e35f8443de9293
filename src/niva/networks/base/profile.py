"""The technical state of a community, as far as the network's API tells and changes it.

One shape for all networks: what one calls "about" and another "status line" has one name here, so that one
set of rules judges them all. None = not told (the API has no such field, or these keys may not see it; the
manifest says which); an empty string or tuple = told, and empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final

from niva.networks.base.types import JSON


@dataclass(frozen=True, slots=True)
class Picture:
    """An avatar or a cover as the network shows it. Sizes in pixels, None where it does not say."""

    url: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Pinned:
    """The post that stands on top. `at`: when it was published."""

    id: str
    url: str = ""
    text: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """What a community looks like from outside and how it is set. See the module's text for None.

    `handle`: the short address without the network's host; `status`: the line under the name; `about`: the
    description; `site`: the one field for a web address; `links`: the further addresses that it lists;
    `contacts`: telephones, mail addresses, names of people to turn to; `hours`: when it answers;
    `button`: the label of the action button; `menu`: labels of menu tiles or of a bot's commands;
    `age_mark`: "0+", "6+", ... ; `messages_on`, `comments_on`: may people write; `greeting`: what they are
    told first; `admins`: how many people may change it; `verified`: the network's own mark;
    `registered`: stands in the register of pages with over 10,000 readers (Russia, the A+ mark);
    `closed`: only members see it; `followers`: as counted by the network; `last_post_at`: aware UTC.
    `avatar` or `cover` with an empty url: told, and there is none. `more`: what only this network has.
    """

    name: str | None = None
    handle: str | None = None
    status: str | None = None
    about: str | None = None
    site: str | None = None
    links: tuple[str, ...] | None = None
    contacts: tuple[str, ...] | None = None
    address: str | None = None
    hours: str | None = None
    category: str | None = None
    avatar: Picture | None = None
    cover: Picture | None = None
    pinned: Pinned | None = None
    has_pinned: bool | None = None
    button: str | None = None
    menu: tuple[str, ...] | None = None
    age_mark: str | None = None
    messages_on: bool | None = None
    greeting: str | None = None
    comments_on: bool | None = None
    admins: int | None = None
    verified: bool | None = None
    registered: bool | None = None
    closed: bool | None = None
    followers: int | None = None
    last_post_at: datetime | None = None
    more: JSON = field(default_factory=dict)


FIELDS: Final = frozenset(one.name for one in fields(Profile)) - {"more"}

# What `write_profile` takes: names of FIELDS. Words as in `Profile`; "avatar" and "cover" as `MediaFile`.
Changes = Mapping[str, Any]
