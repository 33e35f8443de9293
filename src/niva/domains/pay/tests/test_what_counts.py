"""What a piece is to an accountant: repeats are no new pieces, and nobody accepts his own."""

import datetime as dt
from decimal import Decimal as D

import pytest
import time_machine

from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.editorial.models import Piece
from niva.domains.editorial.services import closing, moves
from niva.domains.editorial.services.follow import follow
from niva.domains.pay import queries, uncounted
from niva.domains.pay.factories import make_accepted, make_agreement
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery, Post, Publication
from niva.domains.publishing.rules import Rule
from niva.domains.publishing.services import drafts, evergreens, schedule, series
from niva.domains.publishing.services.unroll import unroll
from niva.flows import pay
from niva.flows.evergreen import _lay

pytestmark = pytest.mark.django_db
MARCH = dt.date(2027, 3, 1)
NOW = dt.datetime(2027, 3, 1, 6, tzinfo=dt.UTC)


class Desk:
    """An author who may publish, and the owner; the author gets 500 for a post."""

    def __init__(self):
        workspace = make_workspace()
        self.client = make_client(workspace)
        self.owner = make_actor(workspace)
        person = make_person(workspace, "member", name="Илья")
        give_role(self.client, person, "editor")
        self.author, self.person = actor_for(person), person
        self.community = connect(make_community(self.client))
        make_agreement(self.client, person)

    def post(self, **extra):
        post = make_post(self.community, created_by=self.person, **extra)
        Post.objects.filter(pk=post.pk).update(created_at=NOW)
        return post

    def drafts(self, month=MARCH):
        return queries.month_of_person(self.owner, self.person.pk, month)

    def counted(self, month=MARCH):
        return [one.work.post_id for draft in self.drafts(month) for one in draft.claims]

    def missing(self, month=MARCH):
        return {one.piece_id: one.code for one in uncounted.missing(self.owner, self.drafts(month), month)}


@pytest.fixture
def desk(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(NOW, tick=False):
        yield Desk()


def weekly(desk, post, who=None):
    rule = Rule(starts_on=dt.date(2027, 3, 2), at=dt.time(9), weekdays=(1,), count=10)
    one = series.start(who or desk.owner, post_id=post.pk, rule=rule)
    unroll(one.pk)
    follow()
    return one


def out(delivery, at):
    same = ("workspace_id", "client_id", "community_id", "post_id", "revision_id")
    values = {name: getattr(delivery, name) for name in same}
    return Publication.objects.create(
        delivery=delivery, remote_id=f"r{delivery.pk}", published_at=at, **values
    )


def test_a_series_is_one_piece_of_who_wrote_it_however_often_it_comes_round(desk):
    post = desk.post()
    one = weekly(desk, post)
    assert one.occurrences.count() == 5
    assert desk.counted() == [post.pk]


def test_what_was_scheduled_before_it_began_to_repeat_counts_once(desk):
    post = desk.post()
    schedule.schedule(desk.owner, post_id=post.pk, at=dt.datetime(2027, 3, 2, 6, tzinfo=dt.UTC))
    follow()
    weekly(desk, post, desk.owner)
    assert desk.counted() == [post.pk]


def test_who_presses_repeat_has_not_written_anything(desk):
    other = make_person(desk.client.workspace, "member", name="Оля")
    post = make_post(desk.community, created_by=other)
    weekly(desk, post, desk.author)
    assert desk.counted() == []
    assert desk.missing() == {}


def test_an_evergreen_shown_again_is_no_new_piece(desk):
    post = desk.post()
    evergreens.keep(desk.owner, post_id=post.pk, rest_days=7)
    assert _lay(desk.author, post, desk.community, NOW + dt.timedelta(days=2))
    follow()
    assert Delivery.objects.count() == 1
    assert desk.counted() == []


def test_who_schedules_his_own_has_not_accepted_it_but_it_counts_when_it_is_out(desk):
    post = desk.post()
    at = NOW + dt.timedelta(hours=1)
    (delivery,) = schedule.schedule(desk.author, post_id=post.pk, at=at).deliveries
    follow()
    piece = Piece.objects.get(post=post)
    assert (piece.accepted_by, desk.counted(), desk.missing()) == (desk.person, [], {piece.pk: "own"})
    out(delivery, at + dt.timedelta(minutes=2))
    (draft,) = desk.drafts()
    assert desk.counted() == [post.pk]
    assert draft.claims[0].on_time  # a publication has its quarter of an hour
    assert desk.missing() == {}


def test_who_schedules_cancels_and_bins_his_own_earns_nothing(desk):
    post = desk.post()
    (delivery,) = schedule.schedule(desk.author, post_id=post.pk, at=NOW + dt.timedelta(days=1)).deliveries
    follow()
    schedule.cancel(desk.author, delivery_id=delivery.pk)
    drafts.bin_post(desk.author, post_id=post.pk)
    assert desk.counted() == []


def test_what_another_scheduled_is_accepted(desk):
    post = desk.post()
    schedule.schedule(desk.owner, post_id=post.pk, at=NOW + dt.timedelta(days=1))
    follow()
    assert desk.counted() == [post.pk]


def test_who_hands_on_his_own_at_the_editors_place_has_not_accepted_it(desk):
    piece = make_accepted(desk.client, desk.person, dt.date(2027, 3, 1), accepted_by=desk.person)
    assert (desk.counted(), desk.missing()) == ([], {piece.pk: "own"})


@pytest.mark.parametrize("what", ["parked", "rejected", "binned", "returned"])
def test_what_an_editor_accepted_stays_counted_whatever_becomes_of_it(desk, what):
    piece = make_accepted(
        desk.client, desk.person, dt.date(2027, 3, 1), at="visual", accepted_by=desk.owner.user
    )
    if what == "parked":
        closing.park(desk.owner, piece_id=piece.pk, reason="other", words="Снова летом")
    elif what == "rejected":
        closing.reject(desk.owner, piece_id=piece.pk, reason="other", words="Товара больше нет")
    elif what == "binned":
        drafts.bin_post(desk.owner, post_id=piece.post_id)
    else:
        stage = desk.client.stages.get(kind="editing")
        moves.move(desk.owner, piece_id=piece.pk, stage_id=stage.pk, reason="fact")
    assert desk.counted() == [piece.post_id]


def test_who_becomes_the_author_after_the_sheet_is_closed_is_not_paid_again(desk):
    piece = make_accepted(desk.client, desk.person, dt.date(2027, 2, 3))
    other = make_person(desk.client.workspace, "member", name="Оля")
    make_agreement(desk.client, other)
    february = dt.date(2027, 2, 1)
    first = pay.close(
        desk.owner, person_id=desk.person.pk, month=february, currency="RUB", whys={}, url="/pay/"
    )
    Piece.objects.filter(pk=piece.pk).update(author=other)
    second = pay.close(desk.owner, person_id=other.pk, month=february, currency="RUB", whys={}, url="/pay/")
    assert (first.total, second.total) == (D(500), D(0))
