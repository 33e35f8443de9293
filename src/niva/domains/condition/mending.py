"""What the desk proposes to write where an item is not in order and the network lets it be changed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from niva.domains.condition.rules import words
from niva.domains.condition.seen import Seen
from niva.networks.base.profile import Profile

Kind = Literal["line", "text", "lines", "url", "switch", "age"]
AGES: Final = ("0+", "6+", "12+", "16+", "18+")
_FIELDS: Final[dict[str, tuple[str, Kind]]] = {
    "status_set": ("status", "line"),
    "about_set": ("about", "text"),
    "about_contact": ("about", "text"),
    "site_set": ("site", "url"),
    "site_utm": ("site", "url"),
    "contacts_set": ("contacts", "lines"),
    "address_set": ("address", "line"),
    "hours_set": ("hours", "line"),
    "category_set": ("category", "line"),
    "age_mark": ("age_mark", "age"),
    "messages_on": ("messages_on", "switch"),
    "comments_on": ("comments_on", "switch"),
    "open_to_all": ("closed", "switch"),
    "greeting_set": ("greeting", "text"),
    "button_set": ("button", "line"),
    "menu_set": ("menu", "lines"),
}
_LIMITS: Final = {"about": "about_max", "status": "status_max", "menu": "menu_max"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """`field` of the profile to be written, and the `value` to begin with (a switch: the value itself).

    `limit`: name of the limit that the value falls under, "" for none.
    """

    field: str
    kind: Kind
    value: Any
    limit: str = ""


def propose(
    code: str,
    seen: Seen | None,
    writes: frozenset[str],
    *,
    network: str,
    siblings: Sequence[Profile] = (),
    about_client: str = "",
) -> Proposal | None:
    """What to write for one item; None where the network does not let it be changed, or nobody has looked.

    `siblings`: profiles of the client's other communities, from which the same words are taken.
    """
    field, kind = _FIELDS.get(code, ("", "line"))
    if seen is None or not field:
        return None
    profile = seen.profile
    if code in ("site_set", "site_utm") and field not in writes and "about" in writes:
        field, kind = "about", "text"  # networks without a field for the site carry it in the description
    if field not in writes:
        return None
    value = _value(code, field, profile, network, siblings, about_client)
    return Proposal(field, kind, value, _LIMITS.get(field, ""))


def _value(
    code: str, field: str, profile: Profile, network: str, siblings: Sequence[Profile], about_client: str
) -> Any:
    if code in ("messages_on", "comments_on"):
        return True
    if code == "open_to_all":
        return False
    if code in ("site_set", "site_utm"):
        return _site(field, profile, network, siblings)
    if code == "about_contact":
        contact = next((one for other in siblings for one in _contacts(other)), "")
        return "\n\n".join(filter(None, ((profile.about or "").strip(), contact)))
    found = getattr(profile, field) or next(
        (getattr(other, field) for other in siblings if getattr(other, field)), None
    )
    if found is None and field in ("about", "status"):
        found = about_client
    if field in ("contacts", "menu"):
        return tuple(found or ())
    return found or ""


def _contacts(profile: Profile) -> list[str]:
    lines = [*(profile.contacts or ()), *(profile.about or "").splitlines()]
    return [one.strip() for one in lines if words.has_contact(one)]


def _site(field: str, profile: Profile, network: str, siblings: Sequence[Profile]) -> str:
    own = words.sites(profile)
    bare = own[0] if own else next((url for other in siblings for url in words.sites(other)), "")
    marked = with_utm(bare, network) if bare else ""
    if field == "site":
        return marked
    about = profile.about or ""
    for written in (bare, bare.removeprefix("https://")):
        if written and written in about:
            return about.replace(written, marked, 1)
    return "\n\n".join(filter(None, (about.strip(), marked)))


def with_utm(url: str, network: str) -> str:
    """The address with utm_source=<network> and utm_medium=bio; other marks stay, good ones altogether."""
    if words.good_utm(url):
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name.lower() not in _OURS]
    campaign = [] if any(name == "utm_campaign" for name, _value in kept) else [("utm_campaign", "profile")]
    query = urlencode([*kept, ("utm_source", network), ("utm_medium", "bio"), *campaign])
    return urlunsplit(parts._replace(query=query))


_OURS: Final = frozenset({"utm_source", "utm_medium"})
