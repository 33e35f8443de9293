"""What every page knows: the rail, oneself, the theme, the language.

Sections offer their share through `use_recent_clients` and `use_counts`, called once when they are loaded;
the shell asks for nothing until a template looks.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from niva.domains.people.actor import Actor

log = logging.getLogger("niva.web")
THEMES = ("system", "light", "dark")
THEME_COOKIE = "niva_theme"


@dataclass(frozen=True, slots=True)
class RecentClient:
    """A line under «Recent» in the rail."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Count:
    """The figure beside an entry of the rail; `hot` means something burns there."""

    figure: int
    hot: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One place in the rail or the bar."""

    name: str
    url: str
    icon: str
    word: str | Promise
    current: bool
    count: Count | None


RecentClients = Callable[[Actor], Sequence[RecentClient]]
Counts = Callable[[Actor], Mapping[str, Count]]
_recent_clients: RecentClients | None = None
_counts: Counts | None = None

# URL name, icon, word. The first three go into the phone's bar.
PLACES = (
    {"name": "today", "icon": "sun", "word": _("Today")},
    {"name": "plan", "icon": "calendar-month", "word": _("Plan")},
    {"name": "board", "icon": "layout-kanban", "word": _("Newsroom")},
    {"name": "approvals", "icon": "checks", "word": _("Approvals")},
    {"name": "notices", "icon": "bell", "word": _("News")},
    {"name": "posts", "icon": "files", "word": _("Posts")},
    {"name": "numbers", "icon": "chart-line", "word": _("Numbers")},
    {"name": "clients", "icon": "users", "word": _("Clients")},
    {"name": "people", "icon": "users-group", "word": _("Team")},
)


def use_recent_clients(source: RecentClients) -> None:
    """Name the function that tells which clients an actor worked with last (at most five are shown)."""
    global _recent_clients
    _recent_clients = source


def use_counts(source: Counts) -> None:
    """Name the function that counts what waits in each place; keys are URL names of `PLACES`."""
    global _counts
    _counts = source


def link(name: str) -> str:
    """The address of a page by its URL name; empty when there is no such page in this installation."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


class Shell:
    """The frame around a page."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.actor: Actor | None = getattr(request, "actor", None)

    @cached_property
    def entries(self) -> list[Entry]:
        """The rail; a place whose page does not exist is left out."""
        if self.actor is None:
            return []
        counts = _counts(self.actor) if _counts else {}
        here = self.request.path
        found = []
        for place in PLACES:
            url = link(str(place["name"]))
            if url:
                current = here == url or (url != "/" and here.startswith(url))
                found.append(Entry(**place, url=url, current=current, count=counts.get(str(place["name"]))))  # type: ignore[arg-type]
        return found

    @property
    def bar(self) -> list[Entry]:
        """What the phone's bar shows besides plus and «More»."""
        return self.entries[:3]

    @property
    def more(self) -> list[Entry]:
        """What is behind «More» on a phone."""
        return self.entries[3:]

    @cached_property
    def recent(self) -> list[RecentClient]:
        if self.actor is None or _recent_clients is None:
            return []
        return list(_recent_clients(self.actor))[:5]

    @cached_property
    def theme(self) -> str:
        """«light», «dark», or empty to follow the system."""
        user = self.actor.user if self.actor else None
        wanted = self.request.COOKIES.get(THEME_COOKIE) or getattr(user, "theme", "")
        return wanted if wanted in ("light", "dark") else ""

    @property
    def keys_on(self) -> bool:
        """Whether the person wants single letters as shortcuts."""
        return bool(self.actor and self.actor.user and self.actor.user.keys_on)

    @cached_property
    def links(self) -> dict[str, str]:
        """Addresses the frame itself needs; missing ones are empty."""
        names = (
            "profile",
            "account_logout",
            "account_login",
            "set_language",
            "post_new",
            "clients",
            "search",
        )
        return {name: link(name) for name in names}

    @property
    def languages(self) -> list[tuple[str, str]]:
        """Each language under its own name."""
        return [("ru", "Русский"), ("en", "English")]  # cyrillic: a language is called by its own name


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor."""
    return {"shell": Shell(request), "debug_mode": settings.DEBUG}
