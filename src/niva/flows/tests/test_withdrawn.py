"""What may not be used any more: clips, pieces and what is out, when the word comes and when it races."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Invalid, NotFound
from niva.domains.publishing.models import Delivery, Publication
from niva.domains.publishing.services import drafts, schedule
from niva.domains.sources import queries
from niva.domains.sources.factories import make_fragment, make_source
from niva.domains.sources.models import Clip, Derivative, Source
from niva.domains.sources.services import clips, fragments, sources
from niva.flows import repackage
from niva.flows.repackage import Line

pytestmark = pytest.mark.django_db


@pytest.fixture
def actor(settings: Any, tmp_path: Path) -> Actor:
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_actor(make_workspace(), language="en")


@pytest.fixture
def source(actor: Actor) -> Source:
    return make_source(
        make_client(actor.workspace), duration=60_000, path="recordings/a.mp4", width=160, height=90
    )


def a_piece(actor: Actor, source: Source, fragment: Any, hook: str = "Why?") -> Derivative:
    community = source.client.communities.first() or connect(make_community(source.client))
    line = Line("post", community.pk, fragment.pk, aim="leads", hook=hook, call="Come")
    return repackage.make(actor, source_id=source.pk, lines=[line])[0]


def scheduled(actor: Actor, made: Derivative) -> Delivery:
    assert made.piece is not None
    post = made.piece.post
    drafts.save(actor, post_id=post.pk, version=post.version, fields={"text": "Мясо сохнет"})
    at = timezone.now() + timedelta(days=1)
    schedule.schedule(actor, post_id=post.pk, at=at)
    return Delivery.objects.get(post=post)


def went_out(delivery: Delivery) -> Publication:
    Delivery.objects.filter(pk=delivery.pk).update(state="published")
    return Publication.objects.create(
        workspace=delivery.workspace, client=delivery.client, delivery=delivery, community=delivery.community,
        post=delivery.post, revision=delivery.revision, remote_id=f"r{delivery.pk}",
        published_at=timezone.now(),
    )  # fmt: skip


@pytest.mark.parametrize("word", ["source", "fragment"])
def test_the_word_stops_clips_and_takes_back_what_waits_and_names_what_is_out(
    actor: Actor, source: Source, word: str
) -> None:
    fragment, other = make_fragment(source, start=0, end=5000), make_fragment(source, start=6000, end=9000)
    out = went_out(scheduled(actor, a_piece(actor, source, fragment)))
    waits = scheduled(actor, a_piece(actor, source, fragment, hook="What then?"))
    beside = scheduled(actor, a_piece(actor, source, other, hook="Something else"))
    clip = clips.order(actor, source_id=source.pk, start=0, end=5000, fragment_id=fragment.pk)
    assert queries.withdrawn(actor, source) == queries.Withdrawn([], [])
    if word == "source":
        source = sources.change(actor, source_id=source.pk, rights="forbidden")
    else:
        fragments.change(actor, fragment_id=fragment.pk, version=1, permission="refused")
    for row in (clip, waits, beside):
        row.refresh_from_db()
    assert (clip.state, waits.state) == ("cancelled", "cancelled")
    assert beside.state == ("cancelled" if word == "source" else "queued")
    found = queries.withdrawn(actor, source)
    assert (found.out, found.waiting) == ([out], [])
    Publication.objects.update(sight="removed")
    assert queries.withdrawn(actor, source).out == []


def test_one_line_sent_twice_is_one_piece(actor: Actor, source: Source) -> None:
    fragment = make_fragment(source, start=0, end=5000)
    first = a_piece(actor, source, fragment)
    assert a_piece(actor, source, fragment) == first and Derivative.objects.count() == 1
    assert a_piece(actor, source, fragment, hook="Another way in") != first
    Derivative.objects.update(created_at=timezone.now() - timedelta(days=90))
    assert a_piece(actor, source, fragment) != first  # what stays true may be taken again


def test_a_clip_ordered_twice_is_one_and_needs_its_fragment(actor: Actor, source: Source) -> None:
    fragment = make_fragment(source, start=0, end=5000)
    order = {"source_id": source.pk, "start": 0, "end": 5000, "fragment_id": fragment.pk}
    assert clips.order(actor, **order) == clips.order(actor, **order)
    assert clips.order(actor, **{**order, "focus": None}) and Clip.objects.count() == 2
    with pytest.raises(NotFound):
        clips.order(actor, **{**order, "fragment_id": fragment.pk + 1000})
    Source.objects.update(rights="forbidden")
    with pytest.raises(Invalid):
        clips.order(actor, **order)
