"""What the practice network keeps, as its server hands it about: communities, posts, files, rights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from niva.networks.practice.server.life import Form, PostLife

STORY_LIFE: Final = 86400.0  # seconds of network time
Flavour = Literal["keyed", "searchable", "neither"]


@dataclass(frozen=True, slots=True)
class Community:
    """A page of the practice network. `flavour`: how it lets an unclear answer be cleared up."""

    id: int
    handle: str
    name: str
    about: str
    language: str
    flavour: Flavour
    seed: str
    followers: int
    created_at: float


@dataclass(frozen=True, slots=True)
class Media:
    """A stored picture or video; the bytes lie in `Store.media_folder / id`."""

    id: str
    mime: str
    size: int
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True)
class Post:
    """A post as it stands. `link`: {"url", "title", "description"}; `poll`: {"question", "options", ...};
    `answers`: the post of the same community that it goes on from, as the next part of a chain; `form`:
    "post", "story" (off the feed after a day of network time) or "reel"."""

    id: int
    community: Community
    text: str
    link: dict[str, Any] | None
    poll: dict[str, Any] | None
    media: tuple[Media, ...]
    created_at: float
    edited_at: float | None
    deleted_at: float | None
    audience: int
    pace: float
    answers: int | None = None
    form: str = "post"

    @property
    def ends_at(self) -> float | None:
        """When a story leaves the feed; None for what stays."""
        return self.created_at + STORY_LIFE / self.pace if self.form == "story" else None

    @property
    def life(self) -> PostLife:
        form: Form = "text"
        if any(file.mime.startswith("video/") for file in self.media):
            form = "video"
        elif self.media:
            form = "album" if len(self.media) > 1 else "image"
        elif self.poll:
            form = "poll"
        return PostLife(
            seed=f"{self.community.seed}:{self.id}",
            audience=self.audience,
            created_at=self.created_at,
            pace=self.pace,
            form=form,
            clickable=self.link is not None or "http://" in self.text or "https://" in self.text,
            voters=self.poll is not None,
        )


@dataclass(frozen=True, slots=True)
class Access:
    """What a token opens. `community`: whose it is; `scopes`: of SCOPES."""

    community: Community
    scopes: frozenset[str]
    expires_at: float | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A post about to be stored, already checked. `media`: ids of uploads of the same community; `answers`:
    a standing post of the same community."""

    text: str
    media: tuple[str, ...] = ()
    link: dict[str, Any] | None = None
    poll: dict[str, Any] | None = None
    answers: int | None = None
    form: str = "post"
