"""Recordings heard piece by piece; a failure costs one piece, and nothing is sent twice."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.domains.sources.factories import make_source
from niva.domains.sources.models import Hearing, Source
from niva.domains.sources.services import hearing, sources
from niva.flows import assist
from niva.flows import hear as flow
from niva.flows.tests import working
from niva.kit import openai_like, recordings, whisper
from niva.kit.jobs import testing
from niva.kit.openai_like import Heard, Segment, Service, ServiceFailed
from niva.kit.tests.test_clips import recording

committed = pytest.mark.django_db(transaction=True)  # the worker's threads have connections of their own
work = partial(working.work, flow.run)


class Listener:
    """Stands in for the service: what it was sent, and on which call it fails."""

    def __init__(self) -> None:
        self.lengths: list[float] = []
        self.fails_on = 0
        self.times = True

    async def transcribe(self, service: Service, *, path: Path, **more: Any) -> Heard:
        self.lengths.append(recordings.probe(path).duration or 0)
        number = len(self.lengths)
        if number == self.fails_on:
            raise ServiceFailed("enough", "429: no money")
        segments = (Segment(0.25, 1.0, f"Piece {number}"), Segment(99.0, 100.0, "nonsense"))
        return Heard(f"Piece {number}. Of words.", segments if self.times else ())


@pytest.fixture
def actor(settings: Any, tmp_path: Path) -> Actor:
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_actor(make_workspace(), language="en")


@pytest.fixture
def source(actor: Actor, tmp_path: Path) -> Source:
    row = make_source(make_client(actor.workspace))
    path = recording(tmp_path / "a.mp4", seconds=5)
    return sources.take_file(actor, source_id=row.pk, path=path, name="a.mp4")


@pytest.fixture
def listener(monkeypatch: Any) -> Listener:
    made = Listener()
    monkeypatch.setattr(openai_like, "transcribe", made.transcribe)
    monkeypatch.setattr(assist, "speech", lambda actor: (Service("https://x.example"), "model"))
    monkeypatch.setattr(flow, "PIECE", 2.0)
    return made


def run_all(row: Hearing) -> Hearing:
    """Whatever is ordered for it, one job after the other, as the worker does."""
    for _turn in range(9):
        if not any(job.payload == {"hearing": row.pk} for job in testing.waiting()):
            break
        testing.empty()
        work(row.pk)
    row.refresh_from_db()
    return row


@committed
def test_it_goes_on_after_a_failure_and_sends_nothing_twice(
    actor: Actor, source: Source, listener: Listener
) -> None:
    listener.fails_on = 2
    row = run_all(hearing.order(actor, source_id=source.pk, how="service"))
    assert (row.state, row.code, row.detail) == ("failed", "enough", "429: no money")
    assert row.done == pytest.approx(2000, abs=70)  # pieces end with a frame of sound
    assert not source.cues.exists()
    row = run_all(hearing.order(actor, source_id=source.pk, how="service"))
    assert row.state == "done"
    cues = list(source.cues.all())
    assert [cue.text for cue in cues] == ["Piece 1", "Piece 3", "Piece 4"]
    assert [cue.start for cue in cues] == pytest.approx([250, 2250, 4250], abs=130)
    assert [round(one) for one in listener.lengths] == [2, 2, 2, 1]
    source.refresh_from_db()
    assert (source.heard, source.exact) == ("service", True)
    assert not list(sources.root().glob("incoming/*"))


@committed
def test_words_without_times_are_said_not_to_be_exact_and_calling_off_ends_it(
    actor: Actor, source: Source, listener: Listener
) -> None:
    listener.times = False
    row = hearing.order(actor, source_id=source.pk, how="service")
    testing.empty()
    work(row.pk)
    hearing.cancel(actor, source_id=source.pk)
    row = run_all(row)
    assert (row.state, len(listener.lengths)) == ("cancelled", 1)
    row = run_all(hearing.order(actor, source_id=source.pk, how="service"))
    source.refresh_from_db()
    assert row.state == "done" and not source.exact and source.cues.count() == 6


@pytest.mark.django_db
def test_only_what_is_there_can_be_ordered(actor: Actor, source: Source) -> None:
    assert not whisper.is_here()
    silent = make_source(source.client)
    for wrong in (("whisper", source), ("nonsense", source), ("service", silent)):
        with pytest.raises(Invalid):
            hearing.order(actor, source_id=wrong[1].pk, how=wrong[0])
    row = hearing.order(actor, source_id=source.pk, how="service")
    assert hearing.order(actor, source_id=source.pk, how="service") == row
