"""The rail beside every page: whom one worked with last, and what burns."""

from __future__ import annotations

import pytest
from django.utils import timezone

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import make_community
from niva.domains.people.audit import record
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery, Revision
from niva.domains.publishing.states import State
from niva.web import rail

pytestmark = pytest.mark.django_db


def test_recent_clients_are_those_of_the_last_deeds() -> None:
    actor = make_actor(make_workspace())
    first, second = make_client(actor.workspace, name="Амбар"), make_client(actor.workspace, name="Баня")
    make_client(make_workspace("Чужие"), name="Чужой")
    record(actor, "client.changed", second)
    assert [(one.name, one.url) for one in rail.recent(actor)] == [
        ("Баня", f"/clients/{second.pk}/"),
        ("Амбар", f"/clients/{first.pk}/"),
    ]


def test_only_what_burns_for_oneself_is_counted() -> None:
    ours, theirs = make_actor(make_workspace()), make_actor(make_workspace("Чужие"))
    assert rail.counts(ours) == {}
    for actor, state in ((ours, State.REJECTED), (ours, State.PUBLISHED), (theirs, State.UNKNOWN)):
        community = make_community(make_client(actor.workspace))
        post = make_post(community)
        variant = post.variants.get()
        revision = Revision.objects.create(variant=variant, number=1, content={"text": ""}, sha256="0" * 64)
        Delivery.objects.create(
            workspace=actor.workspace,
            client=community.client,
            community=community,
            post=post,
            variant=variant,
            revision=revision,
            due_at=timezone.now(),
            state=state,
        )
    assert (rail.counts(ours)["today"].figure, rail.counts(ours)["today"].hot) == (1, True)
