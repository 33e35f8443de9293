"""The post's page through its door: the story in words, the buttons, other people's ids."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.metrics import services as metrics
from niva.domains.metrics.models import Subject
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Attempt, Delivery, Publication
from niva.domains.publishing.services import schedule
from niva.domains.publishing.states import State
from niva.kit.text import plain
from niva.networks.base.types import Absent, Measure

pytestmark = pytest.mark.django_db
BERLIN = "Europe/Berlin"


@pytest.fixture
def actor():
    return make_actor(make_workspace())


@pytest.fixture
def community(actor):
    return connect(make_community(make_client(actor.workspace, time_zone=BERLIN)))


@pytest.fixture
def delivery(actor, community) -> Delivery:
    post = make_post(community, title="Рёбрышки")
    return schedule.schedule(actor, post_id=post.pk, at=timezone.now() + timedelta(hours=5)).deliveries[0]


@pytest.fixture
def signed(client, actor):
    client.force_login(actor.user)
    return client


def press(client, delivery, verb, **data):
    return client.post(reverse("delivery_act", args=[delivery.pk, verb]), data, follow=True)


def read(client, delivery) -> str:
    return plain(client.get(reverse("post_show", args=[delivery.post_id])).content.decode())


def unknown(delivery) -> None:
    attempt = Attempt.objects.create(
        delivery=delivery, step="create", number=1, key="0" * 32, revision=delivery.revision,
        outcome="unknown", code="no_answer", finished_at=timezone.now(),
    )  # fmt: skip
    Delivery.objects.filter(pk=attempt.delivery_id).update(state=State.UNKNOWN, wake_at=None)


def test_it_is_moved_by_the_clients_own_clock(signed, delivery):
    day = (timezone.now() + timedelta(days=400)).date().replace(month=12, day=5)
    press(signed, delivery, "move", day=day.isoformat(), at="19:00")
    delivery.refresh_from_db()
    assert delivery.due_at.strftime("%H:%M") == "18:00"  # UTC, winter in Berlin


@pytest.mark.parametrize(
    ("day", "at", "words"),
    [
        ("2027-03-28", "02:30", "1:30"),  # the hour that the clock skips in Berlin
        ("2020-01-01", "10:00", "прош"),
        ("", "10:00", "Выберите день"),
        ("2027-02-31", "10:00", "Выберите день"),
        ("9999-12-31", "23:59", "двух лет"),
    ],
)
def test_an_hour_that_cannot_be_is_refused_in_words_and_nothing_moves(signed, delivery, day, at, words):
    before = delivery.due_at
    response = press(signed, delivery, "move", day=day, at=at)
    assert words in plain(response.content.decode())
    delivery.refresh_from_db()
    assert delivery.due_at == before


def test_cancelled_and_brought_back(signed, delivery):
    press(signed, delivery, "cancel")
    delivery.refresh_from_db()
    assert delivery.state == State.CANCELLED
    press(signed, delivery, "now")
    delivery.refresh_from_db()
    assert delivery.state == State.QUEUED


def test_an_unknown_one_asks_two_questions_and_takes_either_answer(signed, delivery):
    unknown(delivery)
    shown = read(signed, delivery)
    assert reverse("delivery_act", args=[delivery.pk, "out"]) in shown
    assert reverse("delivery_act", args=[delivery.pk, "not-out"]) in shown
    press(signed, delivery, "out", url="javascript:alert(1)")
    assert not Publication.objects.exists()
    press(signed, delivery, "out", url="https://example.org/wall-1_2")
    assert Publication.objects.get().url == "https://example.org/wall-1_2"
    delivery.refresh_from_db()
    assert delivery.state == State.PUBLISHED


def test_an_answer_that_comes_twice_changes_nothing(signed, delivery):
    unknown(delivery)
    press(signed, delivery, "not-out", again="1")
    press(signed, delivery, "not-out", again="1")
    delivery.refresh_from_db()
    assert delivery.state == State.QUEUED
    assert Attempt.objects.get().outcome == "absent"


def test_numbers_stand_with_the_reason_where_there_are_none(signed, actor, community, delivery):
    publication = Publication.objects.create(
        workspace=actor.workspace, client=community.client, delivery=delivery, community=community,
        post=delivery.post, revision=delivery.revision, remote_id="1", url="https://example.org/1",
        published_at=timezone.now(), sight="alive", seen_at=timezone.now(),
    )  # fmt: skip
    Delivery.objects.filter(pk=delivery.pk).update(state=State.PUBLISHED)
    for minutes, views in ((0, 10), (5, 400), (10, 1240)):
        metrics.ingest(
            community=community, subject=Subject.PUBLICATION, subject_id=publication.pk,
            readings=(Measure("views", views), Absent("saves", "not_given")),
            at=timezone.now() + timedelta(minutes=minutes),
        )  # fmt: skip
    shown = read(signed, delivery)
    assert "1 240" in shown
    assert "—" in shown
    assert "<niva-chart" in shown


@pytest.mark.parametrize("verb", ["move", "now", "cancel", "out", "not-out", "edit", "delete", "nonsense"])
def test_other_peoples_deliveries_are_not_there(client, delivery, verb):
    client.force_login(make_actor(make_workspace("Чужие")).user)
    assert client.post(reverse("delivery_act", args=[delivery.pk, verb])).status_code == 404
    delivery.refresh_from_db()
    assert delivery.state == State.QUEUED


def test_a_verb_that_is_none_is_not_found(signed, delivery):
    assert signed.post(reverse("delivery_act", args=[delivery.pk, "explode"])).status_code == 404


def test_a_client_sees_and_cannot_press(client, actor, delivery):
    from niva.domains.clients.models import ClientRole

    guest = make_actor(actor.workspace, "member")
    membership = guest.user.memberships.get()
    ClientRole.objects.create(client_id=delivery.client_id, membership=membership, role="client")
    client.force_login(guest.user)
    shown = read(client, delivery)
    assert "delivery" not in shown.split("<main")[1].split("</main")[0] or "/deliveries/" not in shown
    assert client.post(reverse("delivery_act", args=[delivery.pk, "cancel"])).status_code == 403
    delivery.refresh_from_db()
    assert delivery.state == State.QUEUED


def test_words_of_people_are_never_run(signed, actor, community):
    post = make_post(community, title="<img src=x onerror=alert(1)>", text="<script>alert(2)</script>")
    shown = signed.get(reverse("post_show", args=[post.pk])).content.decode()
    assert "<img src=x" not in shown
    assert "<script>alert(2)" not in shown


def test_a_draft_tells_the_hour_that_it_is_meant_for(signed, community):
    meant = timezone.now() + timedelta(days=40)
    post = make_post(community, title="Черновик", planned_at=meant)
    signed.cookies["django_language"] = "en"
    page = plain(signed.get(reverse("post_show", args=[post.pk])).content.decode())
    assert "has no hour yet" not in page
    assert "час ещё не назначен" not in page
    assert str(meant.astimezone(ZoneInfo(BERLIN)).day) in page


# Mending


def out(actor, community, delivery, **content) -> Publication:
    """The delivery is out with this content."""
    revision = delivery.revision
    revision.content = {**revision.content, **content}
    revision.save()
    Delivery.objects.filter(pk=delivery.pk).update(state=State.PUBLISHED, wake_at=None)
    return Publication.objects.create(
        workspace=actor.workspace, client=community.client, delivery=delivery, community=community,
        post=delivery.post, revision=revision, remote_id="1", url="https://example.org/1",
        published_at=timezone.now(), sight="alive", seen_at=timezone.now(),
    )  # fmt: skip


def comment(delivery, outcome: str) -> None:
    Attempt.objects.create(
        delivery=delivery, step="comment", number=1, key="1" * 32, revision=delivery.revision,
        outcome=outcome, code="no_answer", finished_at=timezone.now(),
    )  # fmt: skip


def test_a_comment_that_failed_has_its_button_and_one_in_doubt_its_question(
    signed, actor, community, delivery, monkeypatch
):
    out(actor, community, delivery, first_comment="Заказ в сообщения")
    comment(delivery, "rejected")
    again, there, absent = (
        reverse("delivery_act", args=[delivery.pk, verb])
        for verb in ("comment", "comment-there", "comment-not-there")
    )
    shown = read(signed, delivery)
    assert again in shown and there not in shown
    written: list[int] = []
    monkeypatch.setattr(
        "niva.web.posts.mending.write_again", lambda actor, *, delivery_id: written.append(delivery_id)
    )
    press(signed, delivery, "comment")
    Attempt.objects.update(outcome="unknown")
    shown = read(signed, delivery)
    assert again not in shown and there in shown and absent in shown
    press(signed, delivery, "comment-not-there")
    assert Attempt.objects.get().outcome == "absent" and written == [delivery.pk, delivery.pk]
    Attempt.objects.update(outcome="unknown")
    press(signed, delivery, "comment-there")
    shown = read(signed, delivery)
    assert again not in shown and there not in shown


def test_a_mistake_is_corrected_everywhere_with_a_line_for_each(
    signed, actor, community, delivery, monkeypatch
):
    url = reverse("post_correct", args=[delivery.post_id])
    assert url not in read(signed, delivery)
    post = delivery.post
    type(post).objects.filter(pk=post.pk).update(text="Исправлено", updated_at=timezone.now())
    assert url in read(signed, delivery)
    told = plain(signed.post(url, follow=True).content.decode())
    assert community.name in told and "выйдет с новым текстом" in told
    delivery.refresh_from_db()
    assert (delivery.revision.content["text"], delivery.state) == ("Исправлено", State.QUEUED)
    assert url not in read(signed, delivery)
    told = plain(signed.post(url, follow=True).content.decode())
    assert "там так и было" in told
    assert signed.get(url).status_code == 405


def test_where_nothing_can_be_changed_it_is_said_what_can_be_done(signed, actor, community, delivery):
    type(community).objects.filter(pk=community.pk).update(network="bluesky")
    publication = out(actor, community, delivery)
    post = delivery.post
    type(post).objects.filter(pk=post.pk).update(text="Исправлено", updated_at=timezone.now())
    shown = read(signed, delivery)
    assert reverse("delivery_act", args=[delivery.pk, "edit"]) not in shown
    assert "не даёт изменить вышедший пост" in shown
    told = plain(signed.post(reverse("post_correct", args=[post.pk]), follow=True).content.decode())
    assert "Снимите его и опубликуйте исправленный" in told
    publication.refresh_from_db()
    assert publication.edited_at is None


def test_strangers_and_clients_correct_nothing(client, actor, delivery):
    url = reverse("post_correct", args=[delivery.post_id])
    client.force_login(make_actor(make_workspace("Чужие")).user)
    assert client.post(url).status_code == 404
