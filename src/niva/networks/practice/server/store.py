"""The practice network's state in one SQLite file, and pictures in a folder beside it.

Everything is in the file, nothing in memory: a restarted server knows all it knew, and two processes may
open the same file (the demo writes history while the worker serves).
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from niva.networks.practice.server.life import DEFAULT_PACE, PostLife, followers_trend
from niva.networks.practice.server.rows import (
    STORY_LIFE,
    Access,
    Community,
    Draft,
    Flavour,
    Media,
    Post,
)

__all__ = [
    "STORY_LIFE", "Access", "Clock", "Community", "Draft", "Flavour", "Media", "Post", "Store",
    "TokenRefused",
]  # fmt: skip

SCHEMA: Final = (Path(__file__).parent / "schema.sql").read_text(encoding="utf-8")
SCOPES: Final = ("read", "write", "stats")
FIRST_POST_ID: Final = 1001
# columns that a file of an older server lacks
LATER: Final = (
    ("posts", "answers", "integer references posts on delete set null"),
    ("posts", "form", "text not null default 'post'"),
    ("comments", "author", "text not null default ''"),
    ("comments", "answers", "text not null default ''"),
)
Clock = Callable[[], float]


class TokenRefused(Exception):
    """`code`: "token_unknown", "token_revoked" or "token_expired"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Store:
    """`path`: the SQLite file, made when missing (its folder too). `pace`: how fast new posts live."""

    def __init__(self, path: Path, *, pace: float = DEFAULT_PACE, clock: Clock = time.time) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.media_folder = path.with_name(f"{path.name}.media")
        self.media_folder.mkdir(exist_ok=True)
        self.pace = pace
        self.now = clock
        self.db = sqlite3.connect(path, timeout=10, isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.executescript("pragma journal_mode=wal; pragma synchronous=normal; pragma foreign_keys=on;")
        self.db.executescript(SCHEMA)
        for table, column, kind in LATER:
            if not any(row["name"] == column for row in self.db.execute(f"pragma table_info({table})")):
                self.db.execute(f"alter table {table} add column {column} {kind}")

    def close(self) -> None:
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; waits up to ten seconds for another process that writes."""
        self.db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self.db.execute("rollback")
            raise
        self.db.execute("commit")

    # --- communities and their keys ---

    def add_community(
        self,
        *,
        handle: str,
        name: str,
        about: str = "",
        language: str = "ru",
        flavour: Flavour = "keyed",
        followers: int = 1200,
        seed: str = "",
        created_at: float | None = None,
    ) -> Community:
        """A new community. Raises sqlite3.IntegrityError when the handle is taken."""
        made = self.now() if created_at is None else created_at
        row = self.db.execute(
            "insert into communities (handle, name, about, language, flavour, seed, followers, created_at)"
            " values (?, ?, ?, ?, ?, ?, ?, ?) returning *",
            (handle, name, about, language, flavour, seed or handle, followers, made),
        ).fetchone()
        return Community(**row)

    def communities(self) -> list[Community]:
        return [Community(**row) for row in self.db.execute("select * from communities order by name")]

    def community(self, handle: str) -> Community | None:
        row = self.db.execute("select * from communities where handle = ?", (handle,)).fetchone()
        return Community(**row) if row else None

    def issue(
        self, community: Community, *, scopes: Sequence[str] = SCOPES, expires_in: float | None = None
    ) -> tuple[str, str]:
        """A new (access, refresh) pair. `expires_in`: seconds until the access token ends, None = never."""
        ends = None if expires_in is None else self.now() + expires_in
        pair = (f"pn-{secrets.token_urlsafe(24)}", f"pnr-{secrets.token_urlsafe(24)}")
        with self.transaction():
            for token, kind, until in ((pair[0], "access", ends), (pair[1], "refresh", None)):
                self.db.execute(
                    "insert into tokens (digest, community, kind, scopes, expires_at) values (?, ?, ?, ?, ?)",
                    (digest(token), community.id, kind, " ".join(scopes), until),
                )
        return pair

    def access(self, token: str, kind: str = "access") -> Access:
        """What the token opens. Raises TokenRefused."""
        row = self.db.execute(
            "select * from tokens where digest = ? and kind = ?", (digest(token), kind)
        ).fetchone()
        if row is None:
            raise TokenRefused("token_unknown")
        if row["revoked"]:
            raise TokenRefused("token_revoked")
        if row["expires_at"] is not None and row["expires_at"] <= self.now():
            raise TokenRefused("token_expired")
        owner = self.db.execute("select * from communities where id = ?", (row["community"],)).fetchone()
        return Access(Community(**owner), frozenset(row["scopes"].split()), row["expires_at"])

    def renew(self, refresh_token: str, expires_in: float) -> tuple[str, str]:
        """A new pair for a refresh token, which is spent by it. Raises TokenRefused."""
        access = self.access(refresh_token, "refresh")
        self.db.execute("update tokens set revoked = 1 where digest = ?", (digest(refresh_token),))
        return self.issue(access.community, scopes=sorted(access.scopes), expires_in=expires_in)

    def revoke(self, community: Community | None) -> None:
        """Make all keys of a community (None: of all) useless for good."""
        self.db.execute(
            "update tokens set revoked = 1 where ?1 is null or community = ?1",
            (community.id if community else None,),
        )

    def expire(self, community: Community | None) -> None:
        """Let all access tokens of a community (None: of all) be too old; refresh tokens still work."""
        self.db.execute(
            "update tokens set expires_at = ?2 where kind = 'access' and (?1 is null or community = ?1)",
            (community.id if community else None, self.now() - 1),
        )

    # --- posts ---

    def add_post(
        self,
        community: Community,
        draft: Draft,
        *,
        key: str | None = None,
        created_at: float | None = None,
        pace: float | None = None,
    ) -> tuple[Post, bool]:
        """(the post, whether it is new). A key used before gives the post of then. Raises KeyError for media
        that is not there, is another community's or stands in another post."""
        with self.transaction():
            if key is not None:
                known = self.db.execute(
                    "select id from posts where community = ? and key = ?", (community.id, key)
                ).fetchone()
                if known:
                    return self._post(known["id"]), False
            made = self.now() if created_at is None else created_at
            followers = followers_trend(community.seed, community.followers, community.created_at, made)
            newest = self.db.execute("select coalesce(max(id), 0) from posts").fetchone()[0]
            cursor = self.db.execute(
                "insert into posts"
                " (id, community, text, link, poll, key, created_at, audience, pace, answers, form)"
                " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    None if newest else FIRST_POST_ID, community.id, draft.text, _dump(draft.link),
                    _dump(draft.poll), key, made, int(followers), pace or self.pace,
                    draft.answers, draft.form,
                ),
            )  # fmt: skip
            post_id = int(cursor.lastrowid or 0)
            self._attach(community, post_id, draft.media)
            return self._post(post_id), True

    def _attach(self, community: Community, post_id: int, media: Sequence[str]) -> None:
        self.db.execute("update media set post = null where post = ?", (post_id,))
        for position, media_id in enumerate(media):
            changed = self.db.execute(
                "update media set post = ?, position = ? where id = ? and community = ? and post is null",
                (post_id, position, media_id, community.id),
            ).rowcount
            if not changed:
                raise KeyError(media_id)

    def change_post(self, post: Post, draft: Draft) -> Post:
        """Text, link and media anew; a poll stays as it is. Raises KeyError as `add_post`."""
        with self.transaction():
            self.db.execute(
                "update posts set text = ?, link = ?, edited_at = ? where id = ?",
                (draft.text, _dump(draft.link), self.now(), post.id),
            )
            self._attach(post.community, post.id, draft.media)
            return self._post(post.id)

    def remove_post(self, post: Post) -> None:
        """Take it down. The row stays, because the followers it brought stay; its files go with `sweep`."""
        self.db.execute("update posts set deleted_at = ? where id = ?", (self.now(), post.id))

    def post(self, community: Community, post_id: int) -> Post | None:
        """A post of this community, also a removed one (`deleted_at`)."""
        row = self.db.execute(
            "select id from posts where id = ? and community = ?", (post_id, community.id)
        ).fetchone()
        return self._post(row["id"]) if row else None

    def posts(
        self,
        community: Community,
        *,
        since: float = 0,
        limit: int = 20,
        offset: int = 0,
        parts: bool = False,
        ended: bool = True,
    ) -> list[Post]:
        """Posts that stand, newest first. `parts`: also those that go on from another as parts of a chain;
        `ended`: also stories whose day is over, which the community keeps."""
        rows = self.db.execute(
            "select id from posts where community = ? and deleted_at is null and created_at >= ?"
            " and created_at <= ? and (? or answers is null)"
            " and (? or form <> 'story' or created_at + ? / pace > ?)"
            " order by created_at desc, id desc limit ? offset ?",
            (community.id, since, self.now(), parts, ended, STORY_LIFE, self.now(), limit, offset),
        )
        return [self._post(row["id"]) for row in rows.fetchall()]

    def chain(self, post: Post) -> list[Post]:
        """What goes on from this post, in order, without what was removed."""
        rows = self.db.execute(
            "with recursive further(id) as (select id from posts where answers = ? union"
            " select posts.id from posts join further on posts.answers = further.id)"
            " select id from posts where id in further and deleted_at is null order by id",
            (post.id,),
        )
        return [self._post(row["id"]) for row in rows.fetchall()]

    def count_posts(self, community: Community) -> int:
        query = "select count(*) from posts where community = ? and deleted_at is null"
        return int(self.db.execute(query, (community.id,)).fetchone()[0])

    def _post(self, post_id: int) -> Post:
        row = self.db.execute("select * from posts where id = ?", (post_id,)).fetchone()
        owner = self.db.execute("select * from communities where id = ?", (row["community"],)).fetchone()
        files = self.db.execute(
            "select id, mime, size, width, height, alt from media where post = ? order by position",
            (post_id,),
        )
        return Post(
            id=row["id"], community=Community(**owner), text=row["text"], link=_load(row["link"]),
            poll=_load(row["poll"]), media=tuple(Media(**file) for file in files),
            created_at=row["created_at"], edited_at=row["edited_at"], deleted_at=row["deleted_at"],
            audience=row["audience"], pace=row["pace"], answers=row["answers"],
            form=row["form"],
        )  # fmt: skip

    # --- media and comments ---

    def add_media(self, community: Community, media: Media) -> None:
        self.db.execute(
            "insert into media (id, community, mime, size, width, height, alt, created_at)"
            " values (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                media.id, community.id, media.mime, media.size, media.width, media.height, media.alt,
                self.now(),
            ),
        )  # fmt: skip

    def media(self, media_id: str) -> Media | None:
        row = self.db.execute(
            "select id, mime, size, width, height, alt from media where id = ?", (media_id,)
        ).fetchone()
        return Media(**row) if row else None

    def sweep(self, older_than: float = 86400.0) -> int:
        """Throw away uploads older than so many seconds that neither a standing post nor a community shows.
        How many went."""
        rows = self.db.execute(
            "delete from media where created_at < ? and (post is null or post in"
            " (select id from posts where deleted_at is not null))"
            " and not exists (select 1 from profiles p where media.id in (p.avatar, p.cover)) returning id",
            (self.now() - older_than,),
        ).fetchall()
        for row in rows:
            (self.media_folder / row["id"]).unlink(missing_ok=True)
        return len(rows)

    def add_comment(
        self, post: Post, text: str, key: str | None, *, author: str = "", answers: str = ""
    ) -> int:
        """A comment under a post, the community's own without an `author`; a key used before gives the
        comment of then. `answers`: the id of another comment."""
        with self.transaction():
            if key is not None:
                known = self.db.execute(
                    "select id from comments where post = ? and key = ?", (post.id, key)
                ).fetchone()
                if known:
                    return int(known["id"])
            cursor = self.db.execute(
                "insert into comments (post, text, key, created_at, author, answers)"
                " values (?, ?, ?, ?, ?, ?)",
                (post.id, text, key, self.now(), author, answers),
            )
            return int(cursor.lastrowid or 0)

    def comments(self, post: Post) -> list[sqlite3.Row]:
        """Comments that somebody really wrote, oldest first: id, text, created_at, author, answers."""
        query = "select id, text, created_at, author, answers from comments where post = ? order by id"
        return self.db.execute(query, (post.id,)).fetchall()

    # --- numbers ---

    def numbers(self, post: Post, at: float | None = None) -> dict[str, int]:
        """The post's counters as of `at` (default now); written comments are counted too."""
        moment = self.now() if at is None else at
        counted = post.life.numbers(moment)
        own = sum(1 for comment in self.comments(post) if comment["created_at"] <= moment)
        return {**counted, "comments": counted["comments"] + own}

    def followers(self, community: Community, at: float | None = None) -> int:
        """Followers as of `at` (default now): the slow drift and what every post brought."""
        moment = self.now() if at is None else at
        trend = followers_trend(community.seed, community.followers, community.created_at, moment)
        brought = (life.follows(moment) for _, life in self.lives(community, moment))
        return max(0, int(trend + sum(brought)))

    def lives(self, community: Community, at: float) -> Iterator[tuple[int, PostLife]]:
        """(id, life) of every post ever made by `at`, newest first, also of removed ones: the people they
        brought stay. For follows and letters, which do not hang on a post's form."""
        rows = self.db.execute(
            "select id, audience, created_at, pace, link is not null or instr(text, 'http://') > 0"
            " or instr(text, 'https://') > 0 as clickable from posts"
            " where community = ? and created_at <= ? order by created_at desc",
            (community.id, at),
        )
        for row in rows.fetchall():
            seed = f"{community.seed}:{row['id']}"
            yield (
                row["id"],
                PostLife(
                    seed, row["audience"], row["created_at"], row["pace"], clickable=bool(row["clickable"])
                ),
            )


def _dump(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _load(value: str | None) -> Any:
    return None if value is None else json.loads(value)
