"""The rules of not losing and not doubling, for any history that a delivery can have."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from niva.domains.publishing.delivery.decide import MOST_LOOKS, MOST_REPEATS, Tried, next_move, unclear
from niva.domains.publishing.states import Outcome
from niva.networks.base.types import Step

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
FRESH = uuid.UUID(int=999)
STEPS = st.builds(
    Step,
    st.just("create"),
    st.just("create"),
    repeatable=st.booleans(),
    keyed=st.booleans(),
    searchable=st.booleans(),
    key_seconds=st.sampled_from([None, 3600]),
)


@st.composite
def histories(draw) -> list[Tried]:
    """Attempts in order, of any outcome; keys and revisions change now and then."""
    several = draw(st.lists(st.tuples(st.sampled_from(list(Outcome)), st.integers(1, 3)), max_size=10))
    at, made = START, []
    for number, (outcome, key) in enumerate(several, 1):
        at += timedelta(seconds=draw(st.integers(1, 4000)))
        looks = draw(st.integers(0, MOST_LOOKS))
        made.append(Tried(number, "create", number, uuid.UUID(int=key), key, outcome, at, looks))
    return made


@given(STEPS, histories(), st.integers(1, 4), st.integers(0, 7 * 86400))
def test_no_history_leads_to_a_second_post(step, tried, revision, later):
    now = (tried[-1].started_at if tried else START) + timedelta(seconds=later)
    move = next_move(step, tried, revision_id=revision, now=now, fresh=FRESH)
    outcomes = [one.outcome for one in tried]
    if Outcome.DONE in outcomes:
        assert move.kind == "skip"
        return
    if move.kind != "send" or step.repeatable:
        return
    settled = max((n for n, outcome in enumerate(outcomes) if outcome == Outcome.ABSENT), default=-1)
    for index, one in enumerate(tried):
        if index < settled or one.outcome not in (Outcome.OPEN, Outcome.UNKNOWN):
            continue
        # something may be out there: only the same key, at a network that drops repeats and still knows it
        assert step.keyed
        if step.key_seconds is not None:
            first = min(o.started_at for o in tried if o.key == move.key)
            assert (now - first).total_seconds() < step.key_seconds
    if doubts := unclear(tried):
        assert move.key == doubts[-1].key


@given(STEPS, st.lists(st.sampled_from([Outcome.UNKNOWN, Outcome.TEMPORARY, Outcome.LIMITED]), max_size=40))
def test_what_is_never_answered_clearly_ends_with_a_person(step, answers):
    """Whatever the network says short of a clear answer, unclear sends are few; then somebody is asked."""
    tried: list[Tried] = []
    now, unclear_sends = START, 0
    for outcome in [*answers, *[Outcome.UNKNOWN] * (MOST_REPEATS + MOST_LOOKS + 2)]:
        now += timedelta(minutes=1)
        move = next_move(step, tried, revision_id=1, now=now, fresh=uuid.uuid4())
        if move.kind == "ask":
            return
        if move.kind == "look":
            index = tried.index(move.tried)
            old = tried[index]
            tried[index] = Tried(*[getattr(old, n) for n in Tried.__slots__[:7]], looks=old.looks + 1)
            assert move.since == unclear(tried)[0].started_at
            continue
        unclear_sends += outcome == Outcome.UNKNOWN
        number = len(tried) + 1
        tried.append(Tried(number, "create", number, move.key, 1, outcome, now))
    assert step.repeatable or next_move(step, tried, revision_id=1, now=now, fresh=FRESH).kind == "ask"
    assert step.repeatable or unclear_sends <= MOST_REPEATS + 1


def _at(number: int, outcome: Outcome, *, key: int = 1, revision: int = 1) -> Tried:
    return Tried(number, "create", number, uuid.UUID(int=key), revision, outcome, START)


def test_a_limit_after_an_unclear_answer_settles_nothing():
    """The limit was answered before the key was looked at; the first call may be out there."""
    tried = [_at(1, Outcome.UNKNOWN), _at(2, Outcome.LIMITED)]
    keyed = Step("create", "create", keyed=True, searchable=True, key_seconds=3600)
    soon = next_move(keyed, tried, revision_id=2, now=START + timedelta(minutes=1), fresh=FRESH)
    assert (soon.kind, soon.key) == ("send", uuid.UUID(int=1))
    late = next_move(keyed, tried, revision_id=1, now=START + timedelta(hours=2), fresh=FRESH)
    assert (late.kind, late.since) == ("look", START)


def test_a_refusal_after_an_unclear_answer_is_no_proof_either():
    tried = [_at(1, Outcome.UNKNOWN), _at(2, Outcome.REJECTED)]
    keyed = Step("create", "create", keyed=True)
    assert next_move(keyed, tried, revision_id=1, now=START, fresh=FRESH).kind == "ask"
    settled = [_at(1, Outcome.ABSENT), _at(2, Outcome.REJECTED)]
    assert next_move(keyed, settled, revision_id=2, now=START, fresh=FRESH).key == FRESH
