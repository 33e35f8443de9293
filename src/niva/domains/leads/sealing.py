"""Who came, in words: sealed in the database, opened for those who may see him, marked for finding
doubles."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings

from niva.domains.leads.contacts import masked, masked_name, plain_forms
from niva.domains.leads.models import Lead
from niva.kit.seal import SealBroken, mark, seal, unseal

LONGEST: Final = {"contact": 300, "name": 200, "text": 4000}  # characters
MOST_MORE: Final = 40  # fields beside them
LONGEST_MORE: Final = 1000


@dataclass(frozen=True, slots=True)
class Person:
    """`more`: what else the form asked, in its own words. `broken`: the key that sealed it is lost."""

    contact: str = ""
    name: str = ""
    text: str = ""
    more: Mapping[str, str] = field(default_factory=dict)
    broken: bool = False

    @property
    def says_nothing(self) -> bool:
        return not (self.contact or self.name or self.text or self.more)


def tidy(person: Person) -> Person:
    """Without what the database cannot keep, cut to what a person could have typed."""
    clean = {
        name: str(getattr(person, name)).replace("\x00", "").strip()[:most] for name, most in LONGEST.items()
    }
    more = {
        str(name).replace("\x00", "")[:120]: str(value).replace("\x00", "").strip()[:LONGEST_MORE]
        for name, value in list(person.more.items())[:MOST_MORE]
    }
    return Person(
        clean["contact"], clean["name"], clean["text"], {name: value for name, value in more.items() if value}
    )


def sealed(person: Person) -> bytes | None:
    if person.says_nothing:
        return None
    values = {"contact": person.contact, "name": person.name, "text": person.text, "more": dict(person.more)}
    return seal(values, settings.TOKEN_KEYS)


def opened(lead: Lead) -> Person:
    """Who it is; an empty person where he was erased or nothing was known."""
    if lead.sealed is None:
        return Person()
    try:
        found = unseal(bytes(lead.sealed), settings.TOKEN_KEYS)
    except SealBroken:
        return Person(broken=True)
    contact, name, text = (str(found.get(one, "")) for one in LONGEST)
    return Person(contact, name, text, found.get("more") or {})


def seen(lead: Lead, *, whole: bool) -> Person:
    """As somebody may see him: whole, or so that only who knows him knows him again."""
    person = opened(lead)
    if whole or person.broken:
        return person
    return Person(contact=masked(person.contact), name=masked_name(person.name))


def marks_of(person: Person) -> list[str]:
    """Names of his contacts for storing, under the newest key."""
    return [mark(one, settings.TOKEN_KEYS) for one in plain_forms(person.contact)]


def marks_to_find(person: Person) -> list[str]:
    """The same under every key, so that doubles are found across a change of keys."""
    return [mark(one, [key]) for one in plain_forms(person.contact) for key in settings.TOKEN_KEYS]


def erased_key(key: str) -> str:
    """The sender's id of who was erased: he stays known as taken in, and can be read by nobody."""
    return f"erased:{hashlib.sha256(key.encode()).hexdigest()[:40]}"


def keys_of(key: str) -> Iterable[str]:
    return (key, erased_key(key)) if key else ()
