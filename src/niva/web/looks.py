"""How states and networks look: class, icon and word. One place, so that every page says the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from niva.networks.registry import all_networks


@dataclass(frozen=True, slots=True)
class Look:
    """`css`: the `is-…` class that gives the colours; `icon`: a name in @tabler/icons; `word`: for people."""

    css: str
    icon: str
    word: str | Promise


STATES: dict[str, Look] = {
    "draft": Look(css="draft", icon="pencil", word=pgettext_lazy("state of a post", "draft")),
    "foreseen": Look(css="draft", icon="refresh", word=pgettext_lazy("state of a post", "foreseen")),
    "queued": Look(css="scheduled", icon="clock", word=pgettext_lazy("state of a post", "scheduled")),
    "sending": Look(css="sending", icon="send", word=pgettext_lazy("state of a post", "being sent")),
    "accepted": Look(
        css="sending", icon="eye-check", word=pgettext_lazy("state of a post", "sent, checking")
    ),
    "published": Look(css="out", icon="circle-check", word=pgettext_lazy("state of a post", "out")),
    "waiting": Look(css="waiting", icon="hourglass", word=pgettext_lazy("state of a post", "waiting")),
    "unknown": Look(css="unknown", icon="help-circle", word=pgettext_lazy("state of a post", "unknown")),
    "needs_login": Look(css="login", icon="login-2", word=pgettext_lazy("state of a post", "sign-in needed")),
    "rejected": Look(
        css="rejected", icon="alert-triangle", word=pgettext_lazy("state of a post", "rejected")
    ),
    "held": Look(css="waiting", icon="hand-stop", word=pgettext_lazy("state of a post", "held")),
    "cancelled": Look(css="cancelled", icon="ban", word=pgettext_lazy("state of a post", "cancelled")),
    "removed": Look(
        css="rejected", icon="eye-off", word=pgettext_lazy("state of a post", "gone from the network")
    ),
}
# Other names of the same states, as domains and pages call them.
ALIASES = {"scheduled": "queued", "out": "published", "login": "needs_login"}
NEW_STATE = Look(css="unknown", icon="help-circle", word=pgettext_lazy("state of a post", "unknown"))

# Notices take their look from a level of Django's messages or from a state.
NOTE_LEVELS = {
    "debug": "draft",
    "info": "scheduled",
    "success": "out",
    "warning": "waiting",
    "error": "rejected",
}
NOTE_ICONS = {
    "out": "circle-check",
    "scheduled": "info-circle",
    "sending": "send",
    "waiting": "hourglass",
    "unknown": "help-circle",
    "login": "login-2",
    "rejected": "alert-triangle",
    "cancelled": "ban",
    "draft": "pencil",
    "": "bulb",
}


def look_of(state: str) -> Look:
    """The look of a state by any of its names; one that nobody has drawn shows as unknown."""
    return STATES.get(ALIASES.get(str(state), str(state)), NEW_STATE)


# What a post is, by its form; see niva.domains.metrics.models.Format.
FORMATS: Final[dict[str, str | Promise]] = {
    "text": _("text alone"),
    "link": _("a link"),
    "photo": _("a photo"),
    "album": _("several photos"),
    "video": _("a video"),
    "clip": _("a clip"),
    "story": _("a story"),
    "poll": _("a poll"),
    "thread": _("a chain of posts"),
}


def format_name(key: str) -> str:
    """The form of a post for people; the word itself for one that nobody has named."""
    return str(FORMATS.get(key, key))


def network_name(key: str) -> str:
    """The network's name for people; one whose folder is gone shows its key."""
    network = all_networks().get(key)
    if network is None:
        return key
    return network.manifest.title_ru if is_russian() else network.manifest.title


def network_icon(key: str) -> str:
    """The icon of its sign; "" where a letter stands instead."""
    network = all_networks().get(key)
    return network.manifest.icon if network else ""


def is_russian() -> bool:
    """Whether the page speaks Russian: manifests carry both languages themselves."""
    return (get_language() or "ru").startswith("ru")
