"""Several developer apps of one network: what rests on each, which to choose, how to move."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from niva.domains.clients.factories import make_actor, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.communities.models import Community, Credential, DeveloperApp
from niva.domains.people.actor import Actor
from niva.domains.people.models import WorkspaceRole
from niva.domains.publishing.delivery.buckets import Lane
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Bucket
from niva.domains.publishing.services import schedule
from niva.flows.apps_used import uses
from niva.kit.seal import seal
from niva.kit.text import plain
from niva.networks.registry import get_network
from niva.web.communities.forms import ManifestForm

pytestmark = pytest.mark.django_db


def make_app(workspace, name: str, network: str = "vk", *, secret: str = "s") -> DeveloperApp:
    return DeveloperApp.objects.create(
        workspace=workspace, network=network, name=name, app_id=f"id-{name}",
        sealed=seal({"client_secret": secret}, settings.TOKEN_KEYS),
    )  # fmt: skip


def through(house, app: DeveloperApp | None, key: str = "anna", **more) -> Community:
    community = connect(make_community(house.client, "vk"), {"access_token": key}, **more)
    Credential.objects.filter(community=community).update(app=app)
    return Community.objects.select_related("credential__app").get(pk=community.pk)


def lane_of(community: Community) -> Lane:
    row = community.credential
    return Lane.of(get_network("vk").manifest, community.pk, row.facts, row.app.app_id)


def shown(browser, name: str, *args) -> str:
    answer = browser.get(reverse(name, args=args))
    assert answer.status_code == 200
    return plain(unescape(answer.content.decode()))


@pytest.fixture
def english(house, anya):
    house.anya.language = "en"
    house.anya.save()
    return anya


def test_each_app_tells_what_rests_on_it(house, english):
    busy, idle = make_app(house.workspace, "Busy"), make_app(house.workspace, "Idle")
    one, _two = through(house, busy), through(house, busy)
    key = f"{lane_of(one).key('account')}:calls"
    Bucket.objects.create(key=key, full_at=timezone.now() + timedelta(seconds=60))
    found = {use.app: use for use in uses(_actor(house))}
    assert (found[busy].count, found[busy].percent, found[busy].blocked_until) == (2, 100, None)
    assert (found[idle].count, found[idle].percent) == (0, None)
    page = shown(english, "apps")
    assert "2 communities, 100 % of the limit used" in page and "0 communities" in page
    assert "Connected through it" in shown(english, "app_edit", busy.pk)


def _actor(house):
    return Actor(house.workspace, house.anya, WorkspaceRole.OWNER)


def test_an_app_that_the_network_stopped_is_marked_and_not_the_first_choice(house, english):
    stopped, free = make_app(house.workspace, "A"), make_app(house.workspace, "B")
    community = through(house, stopped)
    until = timezone.now() + timedelta(hours=2)
    Bucket.objects.create(key=lane_of(community).key("app"), blocked_until=until)
    assert "stopped by the network" in shown(english, "apps")
    page = shown(english, "community_connect", community.pk)
    assert f'<option value="{free.pk}" selected>' in page and f'<option value="{stopped.pk}">' in page
    assert "Now it is connected through “A”" in page


def test_a_blocked_account_of_one_community_does_not_stop_the_app_for_the_others(house):
    app = make_app(house.workspace, "A")
    one, _other = through(house, app, "anna"), through(house, app, "boris")
    later = timezone.now() + timedelta(hours=1)
    Bucket.objects.create(key=lane_of(one).key("account"), blocked_until=later)
    (use,) = uses(_actor(house))
    assert use.blocked_until is None


def test_the_app_of_now_is_chosen_already_and_the_emptiest_for_a_new_community(house, english):
    full, empty = make_app(house.workspace, "Full"), make_app(house.workspace, "Less")
    there = through(house, full)
    assert f'<option value="{full.pk}" selected>' in shown(english, "community_connect", there.pk)
    fresh = make_community(house.client, "vk")
    assert f'<option value="{empty.pk}" selected>' in shown(english, "community_connect", fresh.pk)
    assert "Move to another app" in shown(english, "community", there.pk)


def test_the_number_of_questions_does_not_grow_with_the_apps(house, django_assert_max_num_queries):
    for name in "ABCDEF":
        through(house, make_app(house.workspace, name), name)
    with django_assert_max_num_queries(4):
        assert len(uses(_actor(house))) == 6


def test_apps_of_others_are_not_counted(house):
    make_app(make_workspace(), "Foreign")
    assert uses(_actor(house)) == [] and uses(make_actor(make_workspace())) == []


def test_a_communitys_page_says_what_will_not_leave(house, english):
    community = through(house, None, expires_at=timezone.now() + timedelta(days=40))
    at = timezone.now() + timedelta(days=50)
    schedule.schedule(_actor(house), post_id=make_post(community).pk, at=at)
    assert f"1 post of “{house.client.name}” will not leave after" in shown(
        english, "community", community.pk
    )


def test_a_choice_of_the_manifest_is_one_of_its_values():
    (box,) = (one for one in get_network("linkedin").manifest.app_fields if one.name == "product")
    form = ManifestForm({"product": "person"}, boxes=[box])
    assert form.is_valid() and form.cleaned_data == {"product": "person"}
    assert ManifestForm({"product": "everything"}, boxes=[box]).errors.keys() == {"product"}
    assert ManifestForm(boxes=[box])["product"].value() == "pages"
