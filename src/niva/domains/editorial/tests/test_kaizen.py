"""The figures of the flow against stays counted by hand; changes with their evidence; noise called noise."""

import datetime as dt
import random

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.editorial.factories import make_piece, make_stages
from niva.domains.editorial.flowfigures import Flow, clients_of
from niva.domains.editorial.flowmath import Share, Verdict, compare, compare_shares, spread
from niva.domains.editorial.kaizen import Change
from niva.domains.editorial.models import Stay
from niva.domains.editorial.services import changing
from niva.domains.people.errors import Conflict, Forbidden, Invalid, NotFound
from niva.domains.publishing.models import Delivery, Publication, Revision, Variant


@pytest.fixture
def desk(db):
    workspace = make_workspace()
    client = make_client(workspace)
    return make_actor(workspace), client


def out(piece, at, planned=None):
    """Publish a piece at a moment."""
    client, post = piece.client, piece.post
    community = client.communities.first() or connect(make_community(client))
    variant = Variant.objects.create(post=post, community=community)
    revision = Revision.objects.create(variant=variant, number=1, content={}, sha256="0")
    common = {"workspace": client.workspace, "client": client, "community": community, "post": post,
              "revision": revision}  # fmt: skip
    delivery = Delivery.objects.create(variant=variant, due_at=at, state="published", **common)
    post.planned_at = planned
    post.save()
    Publication.objects.create(delivery=delivery, remote_id=f"r{piece.pk}", published_at=at, **common)


def stay(piece, kind, since, until=None, how="forward", reason=""):
    stage = make_stages(piece.client)[kind]
    if until is None:
        piece.stays.update(stage=stage, entered_at=since)
        return
    Stay.objects.create(
        workspace=piece.workspace, client=piece.client, piece=piece, stage=stage, entered_at=since,
        left_at=until, how=how, reason=reason,
    )  # fmt: skip


def monday():
    """Noon in Moscow on the Monday of the week before last."""
    today = timezone.now().replace(hour=9, minute=0, second=0, microsecond=0)
    return today - dt.timedelta(days=today.weekday() + 14)


def test_the_cycle_on_time_and_rounds_by_hand(desk):
    actor, client = desk
    noon = monday()
    for days, late, returns in ((4, 0, 0), (8, 14, 3), (12, 16, 2)):
        piece = make_piece(client, created_at=noon - dt.timedelta(days=days), returns=returns)
        out(piece, noon, noon - dt.timedelta(minutes=late))
    out(make_piece(client, created_at=noon), noon - dt.timedelta(days=40))  # too long ago
    flow = Flow(clients_of(actor, client))
    assert (flow.cycle.now.median, flow.cycle.now.low, flow.cycle.now.high) == (8, 6, 10)
    assert flow.cycle.verdict == Verdict.FEW
    assert flow.on_time.now == Share(2, 3)
    assert flow.rounds.now == Share(1, 3)


def test_repeats_and_what_was_out_before_it_was_here_are_no_part_of_the_figures(desk):
    actor, client = desk
    noon = monday()
    before = {"created_at": noon - dt.timedelta(days=4)}
    out(first := make_piece(client, **before), noon)
    again = make_piece(client, "Ещё раз", **before)
    again.post.again_of = first.post
    out(again, noon + dt.timedelta(days=1))
    stay(again, "editing", noon, noon + dt.timedelta(days=9))
    out(make_piece(client, "Старый пост"), noon)  # came into the desk today, was out two weeks ago
    flow = Flow(clients_of(actor, client))
    assert [one.piece_id for one in flow.out] == [first.pk]
    assert (flow.cycle.now.median, flow.cycle.now.usual) == (4, False)
    assert [one for one in flow.stays if one.piece_id == again.pk] == []
    assert flow.returns.now == Share(0, 0)


def test_the_jam_is_where_the_most_hours_went_over_the_norm(desk):
    actor, client = desk
    noon = monday()
    piece = make_piece(client)
    stay(piece, "editing", noon, noon + dt.timedelta(days=2))  # 18 working hours, 8 are the norm
    stay(piece, "visual", noon, noon + dt.timedelta(hours=3))
    stay(piece, "idea", noon, noon + dt.timedelta(days=7))  # has no norm
    flow = Flow(clients_of(actor))
    assert (flow.jam.kind, flow.jam.over) == ("editing", 10)
    assert {one.kind: one.length.now.median for one in flow.stages if one.length.now} == {
        "editing": 18, "visual": 3, "idea": 45,
    }  # fmt: skip


def test_what_still_stands_is_part_of_the_jam_but_not_of_the_median(desk):
    actor, client = desk
    piece = make_piece(client)
    stay(piece, "editing", monday())
    (stage,) = Flow(clients_of(actor)).stages
    assert (stage.waiting, stage.length.now) == (1, None)
    assert stage.over > 8


def test_returns_by_reason_open_to_their_rows(desk):
    actor, client = desk
    noon = monday()
    for n in range(4):
        piece = make_piece(client, f"№ {n}")
        stay(piece, "draft", noon, noon + dt.timedelta(hours=1))
        if n < 2:
            stay(piece, "editing", noon, noon + dt.timedelta(hours=2), how="back", reason="fact")
    stay(piece, "editing", noon, noon + dt.timedelta(hours=2), how="back", reason="tone")
    flow = Flow(clients_of(actor))
    assert flow.reasons == [("fact", 2), ("tone", 1)]
    assert flow.returns.now == Share(3, 4)


# Changes


def begin(actor, client, **extra):
    values = {
        "client_id": client.pk if client else None, "problem": "Факты сверяют поздно", "measure": "stage",
        "stage": "editing", "change": "Факты сверяет автор, до редактуры",
        "look_on": timezone.localdate() + dt.timedelta(days=14),
    }  # fmt: skip
    return changing.begin(actor, **{**values, **extra})


def test_the_desk_writes_the_evidence_before_and_after(desk):
    actor, client = desk
    noon = monday()
    for _n in range(3):
        stay(make_piece(client), "editing", noon, noon + dt.timedelta(days=2))
    change = begin(actor, client)
    assert (change.before["value"], change.before["rows"]) == (18, 3)
    Change.objects.update(starts_on=noon.date() + dt.timedelta(days=3))
    stay(make_piece(client), "editing", noon + dt.timedelta(days=3), noon + dt.timedelta(days=3, hours=5))
    decided = changing.decide(actor, change_id=change.pk, ending="kept", words="Стало быстрее")
    assert (decided.after["value"], decided.after["rows"]) == (5, 1)
    with pytest.raises(Conflict):
        changing.decide(actor, change_id=change.pk, ending="rolled_back", words="")


@pytest.mark.parametrize("measure", ["cycle", "returns", "on_time", "rounds"])
def test_where_nothing_was_counted_the_evidence_is_unknown_not_zero(desk, measure):
    actor, client = desk
    assert begin(actor, client, measure=measure).before["value"] is None


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"problem": " "}, "problem"),
        ({"change": ""}, "change"),
        ({"measure": "reach"}, "measure"),
        ({"stage": ""}, "stage"),
        ({"look_on": dt.date(2020, 1, 1)}, "look_on"),
    ],
)
def test_a_change_that_cannot_be_judged_is_refused(desk, values, field):
    actor, client = desk
    with pytest.raises(Invalid) as told:
        begin(actor, client, **values)
    assert field in told.value.errors


def test_who_may_see_and_change(desk):
    actor, client = desk
    change = begin(actor, client)
    people = {}
    for role in ("author", "editor", "client"):
        person = make_person(client.workspace, "member", name=role)
        give_role(client, person, role)
        people[role] = actor_for(person)
    assert list(changing.changes(people["author"], clients_of(people["author"]))) == [change]
    with pytest.raises(Forbidden):
        clients_of(people["client"], client)
    with pytest.raises(Forbidden):
        clients_of(people["client"])
    with pytest.raises(Forbidden):
        begin(people["author"], client)
    with pytest.raises(Forbidden):
        begin(people["editor"], None)
    with pytest.raises(NotFound):
        changing.decide(make_actor(make_workspace("Чужие")), change_id=change.pk, ending="kept", words="")
    assert changing.decide(people["editor"], change_id=change.pk, ending="kept", words="").ending == "kept"


# Noise or change


def test_the_same_work_is_called_noise_and_twice_as_long_a_change():
    chance = random.Random(5)
    usual = [chance.gauss(8, 2) for _ in range(30)]
    again = [chance.gauss(8, 2) for _ in range(30)]
    longer = [2 * value for value in again]
    assert compare(again, usual) == Verdict.NOISE
    assert compare(longer, usual) == Verdict.CHANGE
    assert compare(longer[:7], usual) == Verdict.FEW


def test_chance_alone_is_called_a_change_about_once_in_twenty():
    chance = random.Random(11)
    alarms = sum(
        compare([chance.random() for _ in range(20)], [chance.random() for _ in range(20)]) == Verdict.CHANGE
        for _ in range(1000)
    )
    assert 30 <= alarms <= 70


def test_shares():
    assert compare_shares(Share(15, 20), Share(14, 20)) == Verdict.NOISE
    assert compare_shares(Share(18, 20), Share(6, 20)) == Verdict.CHANGE
    assert compare_shares(Share(5, 5), Share(0, 20)) == Verdict.FEW
    assert compare_shares(Share(20, 20), Share(20, 20)) == Verdict.NOISE


@given(
    st.lists(st.integers(0, 9), min_size=8, max_size=30), st.lists(st.integers(0, 9), min_size=8, max_size=30)
)
def test_the_verdict_does_not_depend_on_which_side_or_order_comes_first(now, before):
    assert compare(now, before) == compare(before, now) == compare(sorted(now), before[::-1])


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=50))
def test_the_usual_range_holds_the_median(values):
    found = spread(values)
    assert min(values) <= found.low <= found.median <= found.high <= max(values)
