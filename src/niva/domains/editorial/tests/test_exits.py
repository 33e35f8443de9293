"""Each exit by its code: what is missing, and that it holds once it is there."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from niva.domains.clients.factories import make_actor, make_client, make_goal, make_workspace
from niva.domains.clients.models import Terms
from niva.domains.communities.factories import connect, make_community
from niva.domains.editorial import exits
from niva.domains.editorial.factories import make_piece, make_stages
from niva.domains.editorial.models import Piece, Stage
from niva.domains.publishing.approving import Approval, Remark
from niva.domains.publishing.models import Delivery, Variant
from niva.domains.publishing.services import schedule
from niva.domains.strategy.factories import make_rubric

pytestmark = pytest.mark.django_db


@pytest.fixture
def piece():
    client = make_client(make_workspace())
    return make_piece(client)


def holds(piece, code):
    fresh = Piece.objects.select_related("post", "client").get(pk=piece.pk)
    return not exits.missing(fresh, Stage(client=piece.client, kind="other", exits=[code]))


def write(row, **fields):
    type(row).objects.filter(pk=row.pk).update(**fields)


def add_variant(piece, **extra):
    place = connect(make_community(piece.client))
    return Variant.objects.create(post=piece.post, community=place, **extra)


def approve(piece, **extra):
    now = timezone.now()
    values = {"decision": "approved", "decided_at": now, "due_at": now, "expires_at": now, **extra}
    Approval.objects.create(
        workspace=piece.workspace, client=piece.client, post=piece.post, approver_name="Пётр",
        token_hash=f"{now}", **values,
    )  # fmt: skip


SETTLED = {
    "has_goal": lambda one: write(one.post, goal=make_goal(one.client)),
    "has_audience": lambda one: write(one, audience="хозяйки"),
    "has_origin": lambda one: write(one, origin="разговор с технологом"),
    "has_rubric": lambda one: write(one.post, rubric=make_rubric(one.client)),
    "has_communities": add_variant,
    "has_slot": lambda one: write(one.post, planned_at=timezone.now()),
    "has_text": lambda one: write(one.post, text="Коптим на ольхе"),
}


@pytest.mark.parametrize("code", SETTLED)
def test_what_is_missing_is_said_until_it_is_there(piece, code):
    assert not holds(piece, code)
    SETTLED[code](piece)
    assert holds(piece, code)


def test_an_hour_or_a_text_of_one_community_is_enough(piece):
    add_variant(piece, planned_at=timezone.now(), own_text="Своё")
    assert holds(piece, "has_slot")
    assert holds(piece, "has_text")


def test_the_brief_says_what_it_lacks(piece):
    write(piece, audience="хозяйки", key_message="Без химии")
    fresh = Piece.objects.select_related("post").get(pk=piece.pk)
    with translation.override("en"):
        (lacking,) = exits.missing(fresh, Stage(client=piece.client, exits=["brief_full"]))
    assert "goal" in lacking.sentence
    assert "key message" not in lacking.sentence


def test_an_open_remark_keeps_it_and_a_settled_one_does_not(piece):
    own = {"workspace": piece.workspace, "client": piece.client, "post": piece.post, "author_name": "Лев"}
    remark = Remark.objects.create(**own, text="Вес не тот")
    Remark.objects.create(**own, text="Поправлю", parent=remark)
    assert not holds(piece, "no_open_remarks")
    write(remark, resolved_at=timezone.now())
    assert holds(piece, "no_open_remarks")


def test_what_a_network_refuses_keeps_it(piece):
    add_variant(piece)
    assert not holds(piece, "fits_networks")  # empty
    write(piece.post, text="Коптим на ольхе")
    assert holds(piece, "fits_networks")


def test_approval_is_asked_for_only_where_the_contract_asks_and_a_void_one_is_none(piece):
    assert holds(piece, "approved")
    Terms.objects.create(client=piece.client)
    assert not holds(piece, "approved")
    approve(piece, voided_at=timezone.now())
    assert not holds(piece, "approved")
    approve(piece, round=2)
    assert holds(piece, "approved")
    add_variant(piece)  # the client has not seen what goes there
    assert not holds(piece, "approved")


def test_scheduled_and_out_are_what_the_deliveries_say(piece):
    actor = make_actor(piece.workspace)
    write(piece.post, text="Коптим на ольхе")
    add_variant(piece)
    assert not holds(piece, "scheduled")
    schedule.schedule(actor, post_id=piece.post_id, at=timezone.now() + timedelta(days=1))
    assert holds(piece, "scheduled")
    assert not holds(piece, "published")
    Delivery.objects.update(state="published")
    assert holds(piece, "published")
    Delivery.objects.update(state="cancelled")
    assert not holds(piece, "scheduled")
    assert not holds(piece, "published")


def test_every_default_exit_is_known_and_has_words_for_the_head_of_its_column(piece):
    for stage in make_stages(piece.client).values():
        words = exits.words_of(stage.exits)
        assert len(words) == len(stage.exits)
        assert all(words)
        assert {key for key in stage.exits if isinstance(key, str)} <= exits.CODES.keys()
