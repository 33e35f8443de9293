"""Best time on real posts: promised against realised, ours beside the usual table of means by hour."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from evidence.chapter import Chapter, table
from niva.numbers.best_time import Advice, advise
from niva.numbers.from_file import best_time as question
from niva.numbers.from_file.reading import read
from niva.numbers.levels import Posts, usable
from niva.numbers.walk import Kept, best_mean, told, walk

PLANTED = 1.5
SHUFFLES = 40
FEWEST_IN_SPLIT = 40
TELEGRAM = "telegram_posts_reactions/tg_posts.csv"
FACEBOOK = "facebook_metrics/dataset_Facebook.csv"
INSTAGRAM = "instagram_insights/Instagram_data.csv"
TITLE = "Best time to post"
WORDS = """\
Every month the question is put with the posts before it only; the posts of the month that fell into the
advised times are compared with the others of that month, each against its channel's level before it. "Means"
is the usual table: the hour with the largest mean, as most tools advise. Promised and realised are per cent
more than the other posts (typical posts, by logarithms); in brackets the range of 8 cases of 10. Months in
which the desk refused are counted, not hidden.

The posts of these files are not of one age: older posts had longer to gather views. So each is compared with
neighbours in time only, and posts of the last three days are left out. Moments are put to Moscow time for the
Telegram channels; parts of an album (several rows of one second) are one post; hours of the Facebook page are
local already, its paid posts are left out. The Instagram export has days without hours: only weekdays can be
asked there. Exports whose moments are missing are not used."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the data, what can be asked of it, and the answers."""

    name: str
    posts: Posts
    shapes: tuple[str, ...]
    ours: Kept
    means: Kept
    advice: Advice


def study(data: Path | None, *, quick: bool) -> Chapter:
    """The chapter; empty without the data sets."""
    if data is None or not (data / TELEGRAM).is_file():
        return Chapter("best_time", TITLE, "Skipped: no data sets.", {"skipped": True})
    accounts = [_account(*one) for one in _sets(data)]
    splits = [found for one in accounts if (found := _split(one)) is not None]
    planted = _planted(accounts)
    alarms = _shuffled(accounts, 5 if quick else SHUFFLES)
    figures = _figures(accounts, splits, planted, alarms)
    ours = figures["ours"]
    because = []
    if any(one.ours.broken and one.advice.slots for one in accounts):
        because.append("advice that its own past broke was repeated")
    if alarms > 0.05:
        because.append("on shuffled posts more was advised than in 5 cases of 100")
    if ours["realised"] is not None and ours["realised"] < -0.1:
        because.append("what was advised brought a loss")
    text = "\n\n".join([WORDS, _by_account(accounts), _splits(splits), _summary(figures)])
    return Chapter("best_time", TITLE, text, figures, not because, because)


def _sets(data: Path) -> Iterable[tuple[str, Posts, tuple[str, ...]]]:
    posts, shapes = _read(data / TELEGRAM, zone="Europe/Moscow", value="view_count")
    for channel in np.unique(posts.channel):
        yield f"Telegram {int(channel) + 1}", posts.take(posts.channel == channel), shapes
    for value in ("T_Reach", "Engaged_Users", "T_Interactions"):
        yield f"Facebook, {value}", *_read(data / FACEBOOK, value=value)
    yield "Instagram, Impressions", *_read(data / INSTAGRAM, value="Impressions")


def _read(path: Path, **asked: str) -> tuple[Posts, tuple[str, ...]]:
    parser = argparse.ArgumentParser()
    question.add(parser)
    options = parser.parse_args([word for key, value in asked.items() for word in (f"--{key}", value)])
    posts, shapes, _left_out, _value = question.posts_of(options, read(path))
    return usable(posts)[0], shapes


def _account(name: str, posts: Posts, shapes: tuple[str, ...]) -> Account:
    record = walk(posts, shapes=shapes)
    return Account(name, posts, shapes, record.ours, record.means, told(posts, record.ours, shapes=shapes))


def _split(account: Account) -> tuple[str, int, float, float] | None:
    """The table of means once: the best hour of the first seven tenths, and what it did in the last three."""
    if "hours" not in account.shapes or len(account.posts) < FEWEST_IN_SPLIT:
        return None
    order = np.argsort(account.posts.day)
    cut = int(0.7 * len(order))
    past, rest = account.posts.take(order[:cut]), account.posts.take(order[cut:])
    found = best_mean(past.hour, past.value)
    inside = rest.hour == (found[0] if found else -1)
    if found is None or not inside.any() or inside.all():
        return None
    came = float(rest.value[inside].mean() / rest.value[~inside].mean())
    return account.name, found[0], found[1] - 1, came - 1


def _planted(accounts: list[Account]) -> dict[str, Any]:
    """An effect put into the real posts: those in the account's most usual three hours get half as much
    again. In how many accounts of 100 posts or more is it found, and what is promised of it?"""
    found, asked, gains = 0, 0, []
    for account in accounts:
        if "hours" not in account.shapes or len(account.posts) < 100:
            continue
        block = int(np.bincount(account.posts.hour // 3).argmax())
        inside = account.posts.hour // 3 == block
        value = np.where(inside, account.posts.value * PLANTED, account.posts.value)
        posts = replace(account.posts, value=value)
        record = walk(posts, shapes=account.shapes)
        advice = told(posts, record.ours, shapes=account.shapes)
        asked += 1
        found += any(slot.since == block * 3 for slot in advice.slots)
        if record.ours.promised and record.ours.realised:
            gains.append((math.log(record.ours.promised), math.log(record.ours.realised)))
    promised, realised = (math.exp(float(np.mean([gain[i] for gain in gains]))) - 1 for i in (0, 1))
    return {"factor": PLANTED, "asked": asked, "found": found, "promised": promised, "realised": realised}


def _shuffled(accounts: list[Account], rounds: int) -> float:
    """How often something is advised when the times of the real posts are dealt out anew by chance among
    posts that are neighbours in time: nothing can be there then."""
    wrong, asked = 0, 0
    generator = np.random.default_rng(6)
    for account in accounts:
        if account.advice.chance is None:
            continue
        for _round in range(rounds):
            posts = account.posts
            order = np.argsort(np.arange(len(posts)) // 12 + generator.random(len(posts)), kind="stable")
            dealt = replace(posts, value=posts.value[order])
            asked += 1
            wrong += bool(advise(dealt, exchanges=99, shapes=account.shapes).slots)
    return wrong / asked


def _figures(
    accounts: list[Account],
    splits: list[tuple[str, int, float, float]],
    planted: dict[str, Any],
    alarms: float,
) -> dict[str, Any]:
    told_ = [one for one in accounts if one.ours.asked]
    asked = sum(one.ours.asked for one in told_)
    advised = sum(one.ours.advised for one in told_)
    return {
        "accounts": len(accounts), "advised_now": sum(bool(one.advice.slots) for one in accounts),
        "months_asked": asked, "months_refused": asked - advised,
        "ours": _together([one.ours for one in told_]), "means": _together([one.means for one in told_]),
        "by_account": {
            one.name: {"ours": _pair(one.ours), "means": _pair(one.means), "asked": one.ours.asked,
                       "refused": one.ours.asked - one.ours.advised} for one in told_
        },
        "one_split_by_means": [
            {"account": name, "hour": hour, "promised": _rounded(promised), "realised": _rounded(came)}
            for name, hour, promised, came in splits
        ],
        "split_fell_short": sum(came < promised for _name, _hour, promised, came in splits),
        "split_lost": sum(came < 0 for _name, _hour, _promised, came in splits),
        "planted": planted, "shuffled_false_advice": alarms,
    }  # fmt: skip


def _together(records: list[Kept]) -> dict[str, float | None]:
    """Means of logarithms, an account counting by its posts inside."""
    told_ = [one for one in records if one.promised and one.realised and one.inside]
    if not told_:
        return {"promised": None, "realised": None, "posts_inside": 0}
    weights = np.array([one.inside for one in told_], dtype=float)
    promised = np.average([math.log(one.promised or 1.0) for one in told_], weights=weights)
    realised = np.average([math.log(one.realised or 1.0) for one in told_], weights=weights)
    return {
        "promised": _rounded(math.exp(promised) - 1), "realised": _rounded(math.exp(realised) - 1),
        "posts_inside": int(weights.sum()),
    }  # fmt: skip


def _pair(kept: Kept) -> dict[str, float | None]:
    return {
        "promised": None if kept.promised is None else _rounded(kept.promised - 1),
        "realised": None if kept.realised is None else _rounded(kept.realised - 1),
    }


def _rounded(share: float) -> float:
    return round(float(share), 4)


def _by_account(accounts: list[Account]) -> str:
    head = [
        "account",
        "posts",
        "months asked",
        "refused",
        "promised",
        "realised",
        "means: promised",
        "realised",
    ]
    rows: list[list[object]] = [
        [
            one.name, one.advice.rests_on, one.ours.asked, one.ours.asked - one.ours.advised,
            *_told(one.ours), *_told(one.means),
        ]
        for one in accounts
    ]  # fmt: skip
    return table(head, rows)


def _told(kept: Kept) -> list[object]:
    if kept.promised is None or kept.realised is None:
        return [None, None]
    span = (
        "" if kept.low is None or kept.high is None else f" ({_percent(kept.low)} to {_percent(kept.high)})"
    )
    return [_percent(kept.promised), _percent(kept.realised) + span]


def _percent(factor: float) -> str:
    return f"{(factor - 1) * 100:+.0f} %".replace("-", "\u2212")


def _splits(splits: list[tuple[str, int, float, float]]) -> str:
    rows: list[list[object]] = [
        [name, f"{hour}:00", _percent(1 + promised), _percent(1 + came)]
        for name, hour, promised, came in splits
    ]
    head = ["account", "best hour by means", "promised", "brought"]
    words = (
        "The same table of means asked once: the best hour of the first seven tenths of the posts, by plain "
        "means, and the mean of that hour over the others in the last three tenths. Accounts in which the "
        "hour did not come again are not shown."
    )
    return words + "\n\n" + table(head, rows)


def _summary(figures: dict[str, Any]) -> str:
    planted = figures["planted"]
    kept = (
        f"{_percent(1 + planted['promised'])} month by month and getting {_percent(1 + planted['realised'])}"
    )
    where = f"{planted['found']} of {planted['asked']} accounts of 100 posts or more"
    asked, refused, given = figures["months_asked"], figures["months_refused"], _percent(planted["factor"])
    return (
        f"Of {asked} months the desk refused {refused}; it advises a time now for {figures['advised_now']} "
        f"of {figures['accounts']} accounts. Is it blind? When we give the posts of an account's most usual "
        f"three hours {given}, it finds them in {where}, promising {kept}. Does it see ghosts? With numbers "
        f"dealt out anew among neighbours it advised something in "
        f"{figures['shuffled_false_advice']:.1%} of cases."
    )
