"""Marks of links (UTM): made one way, read in all the ways people write them. Pure.

Closed lists of sources and mediums with their other spellings stand in `sources.toml`. A spelling that is not
there is kept as it came and named as unknown: a guess would put a lead under the wrong post for good.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

PARTS: Final = ("source", "medium", "campaign", "content", "term")
LONGEST: Final = 120  # characters of one mark that are kept
_TABLE: Final[Mapping[str, Mapping[str, Mapping[str, Any]]]] = tomllib.loads(
    Path(__file__).with_name("sources.toml").read_text(encoding="utf-8")
)
SOURCES: Final = tuple(_TABLE["source"])
MEDIUMS: Final = tuple(_TABLE["medium"])
PAID: Final = frozenset(name for name, row in _TABLE["medium"].items() if row.get("paid"))
NETWORKS: Final[dict[str, str]] = {
    name: row["network"] for name, row in _TABLE["source"].items() if "network" in row
}
_ALIASES: Final = {
    part: {alias: name for name, row in _TABLE[part].items() for alias in (name, *row.get("also", ()))}
    for part in ("source", "medium")
}
# Our own mark of a post in utm_content: post_12, or post_12_5 where 5 is the community.
_POST: Final = re.compile(r"(?:post|p)?_?(\d{1,15})(?:_(\d{1,15}))?")
_TIDY: Final = re.compile(r"[a-z0-9][a-z0-9_]*")


class WrongLink(ValueError):
    """`code`: "no_link" (no address of the web), "marked" (has marks already), "unknown" (source or medium
    out
    of the list), "untidy" (a mark with capitals, blanks or letters that are not Latin)."""

    def __init__(self, code: str, about: str = "") -> None:
        super().__init__(f"{code}: {about}")
        self.code, self.about = code, about


@dataclass(frozen=True, slots=True)
class Marks:
    """What a link was marked with. `unknown`: the parts whose spelling stands in no list; `raw`: as it
    came."""

    source: str = ""
    medium: str = ""
    campaign: str = ""
    content: str = ""
    term: str = ""
    unknown: tuple[str, ...] = ()
    raw: Mapping[str, str] | None = None

    @property
    def paid(self) -> bool | None:
        """Whether somebody paid for its being shown; None: the medium does not tell."""
        return self.medium in PAID if self.medium in MEDIUMS else None

    @property
    def network(self) -> str:
        """The network that the source names, or ""."""
        return NETWORKS.get(self.source, "")

    @property
    def post(self) -> tuple[int, int | None] | None:
        """The post and, where it stands there, the community that `content` names."""
        found = _POST.fullmatch(self.content)
        return (int(found[1]), int(found[2]) if found[2] else None) if found else None


def normal(given: Mapping[str, Any]) -> Marks:
    """The marks among any fields: `utm_source` or `source`, whatever their case; the rest is not looked
    at."""
    fields = {str(name).strip().lower(): value for name, value in given.items()}
    raw: dict[str, str] = {}
    for part in PARTS:
        value = fields.get(f"utm_{part}")
        if isinstance(value, str | int | float) and str(value).strip():
            raw[part] = " ".join(str(value).split())[:LONGEST]
    read = {part: _plain(text) for part, text in raw.items()}
    unknown = []
    for part, aliases in _ALIASES.items():
        if part in read:
            known = aliases.get(read[part])
            read[part] = known or read[part]
            if known is None:
                unknown.append(part)
    return Marks(**read, unknown=tuple(unknown), raw=raw)


def of_url(url: str) -> Marks:
    """The marks of an address."""
    try:
        return normal(dict(parse_qsl(urlsplit(url).query)))
    except ValueError:
        return Marks(raw={})


def _plain(text: str) -> str:
    return re.sub(r"[\s\-]+", "_", text.strip().lower())


def content_of(post_id: int, community_id: int | None = None) -> str:
    """What stands in `utm_content` of a link in a post."""
    return f"post_{post_id}_{community_id}" if community_id else f"post_{post_id}"


def marked(url: str, *, source: str, medium: str, campaign: str, content: str, term: str = "") -> str:
    """The address with its marks, its own query and anchor kept. Raises WrongLink.

    The campaign by the rule goal_audience_period: lower case, Latin, underscores. An address that is marked
    already is refused: two marks on one link are read by nobody alike.
    """
    try:
        parts = urlsplit(url.strip())
        query = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError as error:
        raise WrongLink("no_link", url) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise WrongLink("no_link", url)
    if any(name.lower().startswith("utm_") for name, _value in query):
        raise WrongLink("marked", url)
    for name, value, known in (("source", source, SOURCES), ("medium", medium, MEDIUMS)):
        if value not in known:
            raise WrongLink("unknown", name)
    given = {"source": source, "medium": medium, "campaign": campaign, "content": content, "term": term}
    for name, value in given.items():
        if value and not _TIDY.fullmatch(value):
            raise WrongLink("untidy", name)
    query += [(f"utm_{name}", value) for name, value in given.items() if value]
    return urlunsplit(parts._replace(query=urlencode(query)))
