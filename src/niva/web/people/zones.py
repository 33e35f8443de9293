"""Time zones to choose from: the Russian ones by their cities, then all others by their names."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RUSSIAN: tuple[tuple[str, str | Promise], ...] = (
    ("Europe/Kaliningrad", _("Kaliningrad, UTC+2")),
    ("Europe/Moscow", _("Moscow, UTC+3")),
    ("Europe/Samara", _("Samara, UTC+4")),
    ("Asia/Yekaterinburg", _("Yekaterinburg, UTC+5")),
    ("Asia/Omsk", _("Omsk, UTC+6")),
    ("Asia/Novosibirsk", _("Novosibirsk, UTC+7")),
    ("Asia/Krasnoyarsk", _("Krasnoyarsk, UTC+7")),
    ("Asia/Irkutsk", _("Irkutsk, UTC+8")),
    ("Asia/Yakutsk", _("Yakutsk, UTC+9")),
    ("Asia/Vladivostok", _("Vladivostok, UTC+10")),
    ("Asia/Magadan", _("Magadan, UTC+11")),
    ("Asia/Kamchatka", _("Petropavlovsk-Kamchatsky, UTC+12")),
)
PARTS = ("Europe/", "Asia/", "Africa/", "America/", "Australia/", "Pacific/", "Atlantic/", "Indian/")


def city(zone: str) -> str:
    """The city that a zone is named after, without its offset: «Москва»."""
    named = dict(RUSSIAN).get(zone)
    return str(named).split(",")[0] if named is not None else zone.rsplit("/", 1)[-1].replace("_", " ")


@cache
def _others() -> list[tuple[str, str]]:
    russian = {name for name, _word in RUSSIAN}
    names = sorted(n for n in available_timezones() if n.startswith(PARTS) and n not in russian)
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


def zones() -> list[Any]:
    """Choices of a form's field, in two groups."""
    return [(_("Russia"), list(RUSSIAN)), (_("Elsewhere"), _others())]
