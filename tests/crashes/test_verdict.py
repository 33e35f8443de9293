"""What `make torture` believes: every way to be wrong is found, and what is in order is not called wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tools.torture import plan
from tools.torture.verdict import WRONGS, Post, judge

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MARK = "№00001.00#"
UNCLEAR = ["create:unknown(no_answer)"]


def row(**changes: Any) -> dict[str, Any]:
    made = {
        "id": 1, "handle": "c0", "text": f"Текст {MARK}", "state": "published", "code": "", "wake_at": None,
        "due_at": NOW, "remote_id": "7", "published_at": NOW, "late": False, "tried": ["create:done"],
    }  # fmt: skip
    return {**made, **changes}


def wrongs(rows: list[dict[str, Any]], ids: tuple[str, ...] = ("7",), **more: Any) -> set[str]:
    posts = {("c0", MARK): [Post(one, NOW.timestamp()) for one in ids]} if ids else {}
    given = {"scheduled": set(), "cancelled": set(), "now": NOW, **more}
    truth = judge(rows, posts, **given)
    found = {name for name in WRONGS if getattr(truth, name)}
    assert truth.good is not bool(found)
    return found


SOON, LONG_AGO, FAR = NOW + timedelta(minutes=5), NOW - timedelta(minutes=5), NOW + timedelta(hours=3)


@pytest.mark.parametrize(
    ("changes", "ids"),
    [
        ({}, ("7",)),
        ({"state": "unknown", "code": "ask_person", "tried": UNCLEAR, "remote_id": None}, ("7",)),
        ({"state": "unknown", "code": "not_found_yet", "tried": UNCLEAR, "wake_at": SOON}, ()),
        ({"state": "waiting", "code": "too_often", "wake_at": SOON}, ()),
        ({"state": "sending", "wake_at": SOON, "tried": ["create:open"]}, ("7",)),
        ({"state": "rejected", "code": "content_refused"}, ()),
        ({"state": "needs_login", "code": "token_revoked", "tried": UNCLEAR}, ("7",)),
        ({"state": "held", "code": "too_late", "late": True}, ()),
    ],
)
def test_what_is_in_order_is_not_called_wrong(changes, ids):
    assert wrongs([row(**changes)], ids) == set()


@pytest.mark.parametrize(
    ("found", "changes", "ids"),
    [
        ("doubled", {}, ("7", "8")),
        ("lost", {}, ()),
        ("lost", {"state": "queued", "wake_at": LONG_AGO}, ()),
        ("lost", {"state": "waiting", "code": "too_often"}, ()),
        ("lost", {"state": "waiting", "wake_at": SOON}, ()),
        ("lost", {"state": "rejected"}, ()),
        ("lost", {"state": "cancelled"}, ()),
        ("denied", {"state": "needs_login", "code": "token_revoked"}, ("7",)),
        ("denied", {"state": "rejected", "code": "content_refused"}, ("7",)),
        ("denied", {"state": "waiting", "code": "too_often", "wake_at": SOON}, ("7",)),
        ("mislinked", {"remote_id": "6"}, ("7",)),
        ("unexplained", {"state": "unknown", "code": "", "tried": UNCLEAR}, ("7",)),
        ("unexplained", {"state": "unknown", "code": "ask_person", "tried": []}, ()),
        ("unexplained", {"state": "unknown", "code": "no_answer", "tried": UNCLEAR, "wake_at": LONG_AGO}, ()),
        ("mistimed", {"state": "waiting", "code": "too_often", "wake_at": FAR}, ()),
        ("mistimed", {"state": "held", "code": "too_late"}, ()),
        ("mistimed", {"published_at": FAR}, ("7",)),
    ],
)
def test_every_wrong_is_found(found, changes, ids):
    assert wrongs([row(**changes)], ids) == {found}


def test_what_was_confirmed_and_is_gone_is_lost_and_what_nobody_sent_is_a_stranger():
    assert wrongs([row()], scheduled={1, 2}) == {"lost"}
    assert wrongs([], ("7",)) == {"strangers"}
    assert wrongs([row(state="cancelled")], (), cancelled={1}) == set()


@pytest.mark.parametrize("scale", [plan.FULL, plan.SHORT])
def test_a_seed_repeats_the_schedule_and_holds_everything(scale):
    one = plan.make(7, scale)
    assert one == plan.make(7, scale) != plan.make(8, scale)
    assert len(one.pieces) == scale.posts and len(one.kills) == scale.kills
    assert {kill.kind for kill in one.kills} == set(plan.KILLS)
    assert {fault.kind for fault in one.faults} == set(plan.FAULTS)
    assert all(0 <= thing.at < scale.seconds for thing in (*one.kills, *one.faults))
    assert plan.FULL.posts * 3 >= 2000 and plan.FULL.kills >= 50
