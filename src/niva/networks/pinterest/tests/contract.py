"""Pinterest's own OpenAPI description (5.23), put to every request and every reply."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from tests.networks.openapi import Document, OpenApi, load_openapi

_OURS: Final = re.compile(r"^/(pins|boards|media|user_account|oauth/token)(/|$)")
# What oauth/token takes for one kind of grant or the other, and `continuous_refresh`, of which only the
# call's text tells.
_KEYS: Final = ("code", "redirect_uri", "refresh_token", "scope", "continuous_refresh")


def load_contract() -> OpenApi | None:
    """The contract, or None where NIVA_CONTRACTS is not set."""
    return load_openapi("pinterest/openapi.json", _needed)


def _needed(whole: Document) -> Document:
    """The calls that we make and what they refer to: the whole has 1.5 million signs."""
    keys = whole["components"]["schemas"]["OauthAccessTokenRequest"]
    keys["properties"].update({name: {"type": "string"} for name in _KEYS})
    kept: Document = {"paths": {path: one for path, one in whole["paths"].items() if _OURS.match(path)}}
    wanted = list(_references(kept))
    while wanted:
        kind, name = wanted.pop()
        there = kept.setdefault("components", {}).setdefault(kind, {})
        if name not in there:
            there[name] = whole["components"][kind][name]
            wanted += _references(there[name])
    return kept


def _references(thing: Any) -> Iterator[tuple[str, str]]:
    """(kind, name) of every component that is referred to, also by a discriminator's mapping."""
    if isinstance(thing, dict | list):
        for one in thing.values() if isinstance(thing, dict) else thing:
            yield from _references(one)
    elif isinstance(thing, str) and thing.startswith("#/components/"):
        kind, _, name = thing.removeprefix("#/components/").partition("/")
        yield kind, name
