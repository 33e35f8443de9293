"""Clips through the worker's own job: cut, put into their post, called off, and what goes wrong."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.notices.models import Notice
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid
from niva.domains.publishing.models import Asset, Post
from niva.domains.publishing.services import media
from niva.domains.sources.factories import make_fragment, make_source
from niva.domains.sources.models import Clip, Fragment, Source
from niva.domains.sources.services import clips as services
from niva.domains.sources.services import sources
from niva.flows import clip as flow
from niva.flows import repackage
from niva.flows.repackage import Line
from niva.flows.tests import working
from niva.kit import clips as kit
from niva.kit import videos
from niva.kit.jobs.django import in_thread
from niva.kit.jobs.types import RetryLater
from niva.kit.tests.test_clips import recording

committed = pytest.mark.django_db(transaction=True)  # the worker's threads have connections of their own
work = partial(working.work, flow.run)


@pytest.fixture
def actor(settings: Any, tmp_path: Path) -> Actor:
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_actor(make_workspace(), language="en")


@pytest.fixture
def source(actor: Actor, tmp_path: Path) -> Source:
    row = make_source(make_client(actor.workspace))
    path = recording(tmp_path / "a.mp4", seconds=3)
    return sources.take_file(actor, source_id=row.pk, path=path, name="a.mp4")


@committed
def test_it_lands_in_the_post_that_it_was_ordered_for(actor: Actor, source: Source) -> None:
    community = connect(make_community(source.client))
    fragment = make_fragment(source, start=500, end=2500)
    line = Line("clip", community.pk, fragment.pk, aim="leads", hook="Why?", call="Come")
    made = repackage.make(actor, source_id=source.pk, lines=[line])[0]
    ordered = services.order(actor, source_id=source.pk, start=500, end=2500, fragment_id=fragment.pk)
    work(ordered.pk)
    ordered.refresh_from_db()
    assert (ordered.state, ordered.progress, ordered.derivative) == ("done", 100, made)
    post = Post.objects.get(piece=made.piece)
    assert [one.asset for one in post.media.all()] == [ordered.asset]
    assert ordered.asset is not None
    found = videos.probe(sources.root() / ordered.asset.path)
    assert found.duration == pytest.approx(2.0, abs=0.1) and found.height > found.width
    assert not list(sources.root().glob("incoming/*"))
    assert Notice.objects.get(kind="clip_cut").user == actor.user
    work(ordered.pk)  # a second worker finds nothing to do
    assert Asset.objects.count() == 1


@committed
def test_called_off_or_deleted_amid_the_work_it_stops_and_leaves_nothing(
    actor: Actor, source: Source, monkeypatch: Any
) -> None:
    monkeypatch.setattr(flow, "LOOK_EVERY", 0.02)
    real = kit.cut

    def amid(act: Any) -> Any:
        async def cut(*args: Any, **more: Any) -> Any:
            await in_thread(act)
            return await real(*args, **more)

        return cut

    ordered = services.order(actor, source_id=source.pk, start=0, end=2500)
    monkeypatch.setattr(kit, "cut", amid(lambda: services.cancel(actor, clip_id=ordered.pk)))
    work(ordered.pk)
    ordered.refresh_from_db()
    assert ordered.state == "cancelled" and not Asset.objects.exists()
    again = services.again(actor, clip_id=ordered.pk)
    monkeypatch.setattr(kit, "cut", amid(lambda: sources.delete(actor, source_id=source.pk)))
    work(again.pk)
    assert not Clip.objects.exists() and not Asset.objects.exists()
    assert not list(sources.root().glob("incoming/*"))


@committed
def test_what_goes_wrong_is_kept_as_a_code(actor: Actor, source: Source, monkeypatch: Any) -> None:
    path = sources.file_of(source)
    whole = path.read_bytes()

    def cut() -> tuple[str, str]:
        ordered = services.order(actor, source_id=source.pk, start=500, end=2500)
        work(ordered.pk)
        ordered.refresh_from_db()
        return ordered.state, ordered.code

    path.write_bytes(b"\0" * len(whole))
    assert cut() == ("failed", "broken")
    path.write_bytes(whole)

    def full(*args: Any, **more: Any) -> Any:
        raise Invalid.one("file", "no room")

    monkeypatch.setattr(media, "upload", full)
    assert cut() == ("failed", "no_room")
    path.unlink()
    assert cut() == ("failed", "no_file")


@committed
def test_a_second_worker_waits_for_the_first_and_takes_over_from_a_dead_one(
    actor: Actor, source: Source
) -> None:
    ordered = services.order(actor, source_id=source.pk, start=0, end=1500)
    Clip.objects.update(state="working", touched_at=timezone.now())
    with pytest.raises(RetryLater):
        work(ordered.pk)
    Clip.objects.update(touched_at=timezone.now() - flow.QUIET * 2)
    work(ordered.pk)
    ordered.refresh_from_db()
    assert ordered.state == "done"


@pytest.mark.django_db
def test_what_may_not_be_used_is_not_cut(actor: Actor, source: Source) -> None:
    refused = make_fragment(source, start=0, end=2000, permission="refused")
    for wrong in (
        {"start": 0, "end": 500}, {"start": 0, "end": 9000}, {"start": -5, "end": 2000},
        {"start": 0, "end": 2000, "focus": 1.5}, {"start": 0, "end": 2000, "fragment_id": refused.pk},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            services.order(actor, source_id=source.pk, **wrong)
    Source.objects.update(rights="forbidden")
    with pytest.raises(Invalid):
        services.order(actor, source_id=source.pk, start=0, end=2000)
    assert not Clip.objects.exists()


@committed
def test_a_word_that_comes_while_it_waits_or_is_cut_still_counts(
    actor: Actor, source: Source, monkeypatch: Any
) -> None:
    monkeypatch.setattr(flow, "LOOK_EVERY", 5.0)
    fragment = make_fragment(source, start=0, end=2000)
    order = {"source_id": source.pk, "start": 0, "end": 2000, "fragment_id": fragment.pk}

    def refuse() -> None:  # past the service, as a restored backup or a race would leave it
        Fragment.objects.update(permission="refused")

    waiting = services.order(actor, **order)
    refuse()
    work(waiting.pk)
    Fragment.objects.update(permission="given")
    amid = services.order(actor, **order)
    real = kit.cut

    async def cut(*args: Any, **more: Any) -> Any:
        made = await real(*args, **more)
        await in_thread(refuse)
        return made

    monkeypatch.setattr(kit, "cut", cut)
    left = sources.root() / "incoming" / f".clip-{amid.pk}.mp4.dead"  # of a process that was ended
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"x")
    work(amid.pk)
    assert [(one.state, one.code) for one in Clip.objects.all()] == [("failed", "forbidden")] * 2
    assert not Asset.objects.exists() and not list(sources.root().glob("incoming/.*"))
