"""The demo is made once, and every figure in it agrees with every other."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Max, Sum
from django.utils import timezone

from niva.domains.clients import access
from niva.domains.clients.models import Client, Goal
from niva.domains.communities import keys
from niva.domains.communities.models import Community
from niva.domains.condition.models import Condition, Finding
from niva.domains.condition.seen import unpack
from niva.domains.editorial.models import Piece
from niva.domains.editorial.tasking import Task
from niva.domains.leads import queries as leads
from niva.domains.leads.models import Lead
from niva.domains.metrics.models import Daily, Latest, PostAtAge, PostNumbers, Reading, Subject
from niva.domains.pay.models import Agreement
from niva.domains.people.actor import Actor
from niva.domains.people.models import User, Workspace
from niva.domains.publishing.approving import Approval
from niva.domains.publishing.models import Attempt, Delivery, Post, Publication
from niva.domains.publishing.states import Outcome, State
from niva.flows import demo
from niva.flows.demo import told
from niva.flows.goal_fact import standing
from niva.flows.today import today
from niva.networks.practice.server import profiles
from niva.networks.practice.server.store import Store, TokenRefused
from niva.networks.registry import all_networks, get_network


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def made(place: Path, django_db_setup: None, django_db_blocker: object) -> Iterator[list[str]]:
    """The demo, made once for all tests that only look at it and rolled back after them."""
    from django.db import transaction

    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:  # type: ignore[attr-defined]
        _at_home(patch, place)
        with transaction.atomic():
            said: list[str] = []
            assert demo.ensure(said.append)
            yield said
            transaction.set_rollback(True)


def _at_home(patch: pytest.MonkeyPatch, place: Path) -> None:
    from django.conf import settings

    patch.setenv("NIVA_HOME", str(place))
    patch.delenv("NIVA_DEMO", raising=False)
    patch.setattr(settings, "MEDIA_ROOT", str(place / "media"))


@pytest.fixture
def store(place: Path) -> Iterator[Store]:
    opened = Store(place / "practice.sqlite3")
    yield opened
    opened.close()


@pytest.fixture
def owner() -> Actor:
    found = access.actor_for(User.objects.get(email="anya@mezha.example"))
    assert found is not None
    return found


@pytest.mark.usefixtures("made")
class TestLooking:
    """What stands in the desk once the demo is there."""

    def test_a_second_time_nothing_happens(self) -> None:
        before = (User.objects.count(), Post.objects.count(), Reading.objects.count())
        assert demo.ensure() is False
        assert (User.objects.count(), Post.objects.count(), Reading.objects.count()) == before

    def test_progress_names_every_client(self, made: list[str]) -> None:
        for one in told.clients():
            assert any(one.about["name"] in line for line in made)

    def test_four_clients_of_four_kinds_each_with_one_open_goal(self) -> None:
        rows = Client.objects.all()
        assert {row.kind for row in rows} == {"business", "government", "ngo", "media"}
        assert len({row.time_zone for row in rows}) > 1
        for row in rows:
            goal = row.goals.get(is_main=True, closed_at=None)
            assert 2 <= len(goal.supports) <= 4
            assert goal.starts_on <= timezone.localdate(timezone=ZoneInfo(row.time_zone)) <= goal.deadline
            assert all(silence["why"] for silence in row.not_measured)
            assert row.not_measured

    def test_what_it_stores_in_words_is_russian_whatever_the_console_speaks(self) -> None:
        points = [point["text"] for task in Task.objects.all() for point in task.checklist]
        assert points
        assert [text for text in points if not re.search("[а-яё]", text)] == []

    def test_nothing_is_of_a_real_network(self) -> None:
        assert set(Community.objects.values_list("network", flat=True)) == {"practice", "elsewhere"}
        titles = {network.manifest.title.lower() for network in all_networks().values()}
        words = titles - {"practice network"} | {"вконтакте", "телеграм", "инстаграм", "t.me", "vk.com"}
        for post in Post.objects.all():
            said = f"{post.title} {post.text} {post.link_url}".lower()
            assert not [word for word in words if word in said.split()], post.title
            assert not post.link_url or ".example/" in post.link_url

    def test_every_publication_is_really_on_the_network(self, store: Store) -> None:
        pages = {page.handle: page for page in store.communities()}
        for row in Publication.objects.select_related("community", "revision"):
            post = store.post(pages[row.community.remote_id], int(row.remote_id))
            assert post is not None
            assert post.text == row.revision.content["text"]
            assert len(post.media) == len(row.revision.content["media"])
            assert post.created_at == row.published_at.timestamp()

    def test_the_keys_open_their_pages_but_for_the_revoked_ones(self, store: Store) -> None:
        for row in Community.objects.filter(network="practice"):
            token = keys.load(row.pk).secrets["access_token"]
            if row.state == "needs_login":
                with pytest.raises(TokenRefused, match="token_revoked"):
                    store.access(token)
            else:
                assert store.access(token).community.handle == row.remote_id

    def test_what_went_out_has_the_rows_of_the_engine(self) -> None:
        for row in Delivery.objects.filter(state=State.PUBLISHED).select_related("publication", "revision"):
            steps = dict(row.attempts.values_list("step", "outcome"))
            assert steps.pop("create") == Outcome.DONE
            assert set(steps.values()) <= {Outcome.DONE}
            uploads = [step for step in steps if step.startswith("upload:")]
            assert len(uploads) == len(row.revision.content["media"])
            assert row.publication.revision_id == row.revision_id
            assert row.wake_at is None

    def test_the_government_goal_counts_posts_that_are_out(self) -> None:
        goal = Goal.objects.get(client__kind="government")
        zone = ZoneInfo(goal.client.time_zone)
        first: dict[int, dt.date] = {}
        for row in Publication.objects.filter(client=goal.client).order_by("published_at"):
            first.setdefault(row.post_id, row.published_at.astimezone(zone).date())
        inside = sum(1 for day in first.values() if goal.starts_on <= day <= goal.deadline)
        assert standing(goal).progress.fact == inside > 0

    def test_the_business_goal_counts_its_leads_once(self, owner: Actor) -> None:
        goal = Goal.objects.get(client__kind="business")
        rows = leads.rows_of_goal(goal)
        assert standing(goal).progress.fact == rows.count() > 0
        everybody = Lead.objects.filter(client=goal.client)
        assert 60 <= everybody.count() <= 120
        assert everybody.filter(double_of__isnull=False).exists()
        assert everybody.filter(publication__isnull=False, counts=True).count() > everybody.count() / 4
        assert {one.client_says for one in everybody} >= {"nothing", "really_bought"}
        told = leads.count(goal.client, goal.starts_on, goal.deadline)
        assert told.counted == rows.count()
        assert 0 < told.confirmed < told.counted

    def test_the_media_goal_is_the_clicks_that_the_network_counts(self) -> None:
        goal = Goal.objects.get(client__kind="media")
        days = Daily.objects.filter(community__client=goal.client, metric="clicks", subject="publication")
        gained = days.filter(day__gte=goal.starts_on).aggregate(total=Sum("gained"))["total"]
        assert standing(goal).progress.fact == Decimal(str(gained))
        assert 0 < gained < goal.plan * 2

    @pytest.mark.parametrize("kind", ["business", "ngo"])
    def test_goals_of_rows_are_neither_empty_nor_done(self, kind: str) -> None:
        goal = Goal.objects.get(client__kind=kind)
        fact = standing(goal).progress.fact
        assert fact is not None
        assert goal.plan / 3 < fact < goal.plan

    def test_days_add_up_to_the_latest_values(self) -> None:
        for community in Community.objects.all():
            for metric in ("views", "likes"):
                kept = Latest.objects.filter(community=community, subject=Subject.PUBLICATION, metric=metric)
                days = Daily.objects.filter(community=community, subject=Subject.PUBLICATION, metric=metric)
                assert (
                    days.aggregate(total=Sum("gained"))["total"]
                    == kept.aggregate(total=Sum("value"))["total"]
                )

    def test_every_post_has_its_numbers_and_those_of_its_ages(self, made):
        assert PostNumbers.objects.count() == Publication.objects.count() > 0
        old = PostNumbers.objects.filter(published_at__lt=timezone.now() - dt.timedelta(days=8))
        for age in (1, 24, 72, 168):
            assert PostAtAge.objects.filter(publication__numbers__in=old, age=age).count() == old.count(), age

    def test_readings_agree_with_the_network(self, store: Store) -> None:
        pages = {page.handle: page for page in store.communities()}
        for row in Publication.objects.select_related("community")[:20]:
            post = store.post(pages[row.community.remote_id], int(row.remote_id))
            assert post is not None
            newest = Reading.objects.filter(subject="publication", subject_id=row.pk, metric="views")
            at = newest.aggregate(at=Max("at"))["at"]
            assert newest.get(at=at).value == store.numbers(post, at.timestamp())["views"]

    def test_today_shows_three_fires_drafts_holes_and_what_goes_out(self, owner: Actor) -> None:
        facts = today(owner, zone="Europe/Moscow")
        assert {fire.state for fire in facts.fires} == {State.UNKNOWN, State.NEEDS_LOGIN, State.REJECTED}
        assert facts.drafts
        assert facts.holes
        assert facts.going_out
        assert [one.community.state for one in facts.late_keys] == ["needs_login"]

    def test_the_newsroom_has_cards_at_every_stage_and_a_jam_in_editing(self) -> None:
        active = Piece.objects.filter(state="active", client__name="Пасека Медуновых")
        kinds = set(active.values_list("stage__kind", flat=True))
        assert {"idea", "theme", "brief", "draft", "editing", "visual", "proof", "approval"} <= kinds
        assert not Post.objects.filter(piece=None).exists()
        assert Task.objects.get().state == "open"
        assert Approval.objects.get().decision == "open"

    def test_every_way_of_a_piece_is_whole_and_goes_forward_in_time(self) -> None:
        for piece in Piece.objects.prefetch_related("stays"):
            stays = sorted(piece.stays.all(), key=lambda one: one.entered_at)
            for before, after in pairwise(stays):
                assert before.left_at == after.entered_at, piece
            assert (stays[-1].left_at is None) == (piece.state == "active"), piece
            assert stays[-1].stage_id == piece.stage_id, piece

    def test_the_author_has_earned_something(self, owner: Actor) -> None:
        accepted = Piece.objects.filter(author__email="sonya@mezha.example", accepted_at__isnull=False)
        assert accepted.count() > 5
        assert Agreement.objects.get().person.email == "sonya@mezha.example"

    def test_every_page_has_something_to_mend_and_something_in_order(self) -> None:
        for row in Condition.objects.select_related("community"):
            states = list(row.community.findings.filter(required=True).values_list("state", flat=True))
            assert states.count("broken") + states.count("todo") >= 2, row
            assert row.done >= 5, row
        assert Condition.objects.count() == Community.objects.filter(network="practice").count()
        broken = set(Finding.objects.filter(state="broken").values_list("item", flat=True))
        faults = {"links_alive", "about_contact", "avatar_size", "cover_ratio", "pinned_fresh", "registered"}
        assert faults <= broken
        assert [row.community.state for row in Condition.objects.exclude(code="")] == ["needs_login"]

    def test_what_the_look_saw_is_what_the_network_tells(self, store: Store) -> None:
        pages = {page.handle: page for page in store.communities()}
        for row in Condition.objects.select_related("community"):
            page, seen = pages[row.community.remote_id], unpack(row.seen)
            kept = profiles.settings(store, page)
            assert seen.profile.about == kept["about"] and seen.profile.followers == store.followers(page)
            assert bool(kept["avatar"]) == (seen.avatar is not None)
            assert seen.avatar is None or seen.avatar.code == ""
            assert {link.state for link in seen.links} <= {"alive", "dead"}

    def test_one_place_is_kept_by_hand_and_has_a_task_now(self, owner: Actor) -> None:
        facts = today(owner, zone="Europe/Moscow")
        (task,) = facts.by_hand
        assert (task.community.network, task.community.by_hand, facts.by_hand_late) == ("elsewhere", True, [])
        assert task.revision.content["text"] == task.post.text

    def test_the_unknown_one_is_really_there_and_asks_a_person(self, store: Store) -> None:
        row = Delivery.objects.get(state=State.UNKNOWN)
        page = store.community(row.community.remote_id)
        assert page is not None
        assert page.flavour == "neither"
        assert row.revision.content["text"] in [post.text for post in store.posts(page)]
        assert (row.wake_at, row.attempts.get().outcome) == (None, Outcome.UNKNOWN)

    def test_posts_wait_in_the_engine_for_their_minute(self) -> None:
        soon = timezone.now() + dt.timedelta(minutes=15)
        rows = Delivery.objects.filter(state=State.QUEUED, due_at__lt=soon)
        assert rows.count() >= 5
        assert all(row.wake_at == row.due_at for row in rows)

    def test_what_is_to_come_fits_the_network(self) -> None:
        network = get_network("practice")
        for row in Delivery.objects.filter(state=State.QUEUED).select_related("revision"):
            from niva.domains.publishing.delivery.content import to_outgoing

            assert not network.check(to_outgoing(row.revision.content, Path()), network.limits)

    def test_colleagues_see_their_own_clients_only(self) -> None:
        client = access.actor_for(User.objects.get(name="Марат Медунов"))
        assert client is not None
        names = access.visible(client, Client.objects.all()).values_list("name", flat=True)
        assert list(names) == ["Пасека Медуновых"]


@pytest.mark.django_db
class TestMaking:
    def test_not_where_somebody_is_already(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        _at_home(monkeypatch, tmp_path)
        User.objects.create_user("someone@example.org", name="Кто-то")
        assert demo.ensure() is False
        assert not Workspace.objects.exists()

    def test_not_where_it_is_forbidden(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        _at_home(monkeypatch, tmp_path)
        monkeypatch.setenv("NIVA_DEMO", "0")
        assert demo.ensure() is False
        assert not User.objects.exists()

    def test_a_broken_attempt_leaves_nothing_and_the_next_one_begins_anew(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        _at_home(monkeypatch, tmp_path)
        with monkeypatch.context() as patch:
            patch.setattr(demo.numbers, "write", _breaks)
            with pytest.raises(RuntimeError, match="the power went"):
                demo.ensure()
        assert not User.objects.exists()
        assert not Attempt.objects.exists()
        assert demo.ensure()
        store = Store(tmp_path / "practice.sqlite3")
        posts = store.db.execute("select count(*) from posts").fetchone()[0]
        files = store.db.execute("select count(*) from media").fetchone()[0]
        # the one whose answer was lost, and the one that has been pinned since before the desk
        assert posts == Publication.objects.count() + 2
        assert len(list(store.media_folder.iterdir())) == files
        store.close()


def _breaks(*_: object) -> int:
    raise RuntimeError("the power went")
