"""What is switched on, who is there, how fresh it is, and the register. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from niva.domains.condition.rules.base import OK, Ground, Verdict, broken, spared
from niva.domains.condition.seen import Seen
from niva.domains.condition.states import State

QUIET_DAYS: Final = 14  # a page that said nothing for longer looks left
PINNED_DAYS: Final = 183  # half a year
ADMINS: Final = 2
REGISTER_FROM: Final = 10_000  # followers; https://www.kommersant.ru/doc/8096682
REGISTER_SOON: Final = 9_000  # the application takes up to ten working days


def messages_on(seen: Seen, ground: Ground) -> Verdict | None:
    return _switch(seen.profile.messages_on, "messages_off")


def comments_on(seen: Seen, ground: Ground) -> Verdict | None:
    return _switch(seen.profile.comments_on, "comments_off")


def verified(seen: Seen, ground: Ground) -> Verdict | None:
    return _switch(seen.profile.verified, "not_verified")


def open_to_all(seen: Seen, ground: Ground) -> Verdict | None:
    closed = seen.profile.closed
    return _switch(None if closed is None else not closed, "closed")


def _switch(on: bool | None, said: str) -> Verdict | None:
    if on is None:
        return None
    return OK if on else broken(said)


def greeting_set(seen: Seen, ground: Ground) -> Verdict | None:
    if seen.profile.messages_on is False:
        return spared("no_messages")
    greeting = seen.profile.greeting
    if greeting is None:
        return None
    return OK if greeting.strip() else broken("field_empty")


def admins_two(seen: Seen, ground: Ground) -> Verdict | None:
    count = seen.profile.admins
    if count is None:
        return None
    return OK if count >= ADMINS else broken("admins_few", n=count, limit=ADMINS)


def pinned_set(seen: Seen, ground: Ground) -> Verdict | None:
    if seen.profile.pinned is not None:
        return OK
    return _switch(seen.profile.has_pinned, "pinned_missing")


def pinned_fresh(seen: Seen, ground: Ground) -> Verdict | None:
    pinned = seen.profile.pinned
    if pinned is None or pinned.at is None:
        return spared("no_pinned")
    age = ground.now - pinned.at
    return OK if age <= timedelta(days=PINNED_DAYS) else broken("pinned_old", n=age.days, limit=PINNED_DAYS)


def post_recent(seen: Seen, ground: Ground) -> Verdict | None:
    last = seen.profile.last_post_at
    if last is None:
        return None
    age = ground.now - last
    return OK if age <= timedelta(days=QUIET_DAYS) else broken("post_old", n=age.days, limit=QUIET_DAYS)


def registered(seen: Seen, ground: Ground) -> Verdict | None:
    """The duty begins above 10,000. Where the network does not tell the mark, a person is asked, but only
    once there are so many."""
    followers, marked = seen.profile.followers, seen.profile.registered
    if marked:
        return OK
    if followers is None:
        return None
    if followers < REGISTER_SOON:
        return spared("register_not_due", actual=followers, limit=REGISTER_FROM)
    if followers <= REGISTER_FROM:
        return Verdict(State.TODO, "register_soon", {"actual": followers, "limit": REGISTER_FROM})
    return None if marked is None else broken("register_missing", actual=followers, limit=REGISTER_FROM)
