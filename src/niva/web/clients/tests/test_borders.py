"""Strangers get 404 on every address; people inside only what their role allows."""

import pytest
from django.urls import reverse

from niva.domains.clients.models import Client, Cost, Goal, GoalFact
from niva.domains.communities.models import Community
from niva.web.clients.urls import urlpatterns as client_urls
from niva.web.communities.urls import urlpatterns as community_urls

pytestmark = pytest.mark.django_db
# no row in the address
OPEN = {"stop_which", "clients", "client_new", "communities", "apps", "app_new", "oauth_back"}


def addresses(house):
    """Every address of both sections with the ids of the other workspace."""
    theirs = {
        "client": house.strange_client.pk,
        "goal": house.strange_goal.pk,
        "fact": house.strange_fact.pk,
        "cost": house.strange_cost.pk,
        "member": house.zoya.memberships.get().pk,
        "slot": 1,
        "rubric": 1,
        "network": "vk",
        "artwork": 1,
    }
    for patterns, own in (
        (client_urls, house.strange_client.pk),
        (community_urls, house.strange_community.pk),
    ):
        for pattern in patterns:
            if pattern.name in OPEN:
                continue
            names = pattern.pattern.converters
            args = {name: own if name == "pk" else theirs[name] for name in names}
            yield pattern.name, reverse(pattern.name, kwargs=args)


def test_another_workspace_is_not_there(house, anya):
    for name, url in addresses(house):
        answers = {anya.get(url).status_code, anya.post(url).status_code}
        assert 404 in answers, name
        assert answers <= {404, 405}, name  # 405: the address does not take this method from anybody
    assert Client.objects.count() == 2
    assert GoalFact.objects.filter(goal=house.strange_goal).count() == 1


def test_rows_of_another_client_are_not_reached_through_ones_own(house, anya):
    """Own client in the address, another's row behind it."""
    own = house.client.pk
    for url in (
        reverse("goal_edit", args=[own, house.strange_goal.pk]),
        reverse("goal_rows", args=[own, house.strange_goal.pk]),
        reverse("fact_correct", args=[own, house.strange_fact.pk]),
        reverse("cost_edit", args=[own, house.strange_cost.pk]),
    ):
        assert anya.get(url).status_code == 404, url
    assert anya.post(reverse("cost_delete", args=[own, house.strange_cost.pk])).status_code == 404
    assert anya.post(reverse("fact_add", args=[own, house.strange_goal.pk])).status_code == 404
    assert Cost.objects.filter(pk=house.strange_cost.pk).exists()


def test_a_person_without_a_role_sees_nothing(house):
    zoya = house.browser(house.zoya, house.other)
    assert zoya.get(reverse("client", args=[house.client.pk])).status_code == 404
    assert "Сытый хутор" not in zoya.get(reverse("clients")).content.decode()


def test_the_client_sees_but_cannot_change(house):
    klava = house.browser(house.klava)
    pk, goal = house.client.pk, house.goal.pk
    for name in ("client", "client_communities", "client_people", "client_rows"):
        page = klava.get(reverse(name, args=[pk]))
        assert page.status_code == 200
        assert reverse("client_edit", args=[pk]) not in page.content.decode()
    tries = [
        reverse("client_edit", args=[pk]), reverse("client_archive", args=[pk]),
        reverse("goal_new", args=[pk]), reverse("goal_close", args=[pk, goal]),
        reverse("fact_add", args=[pk, goal]), reverse("cost_add", args=[pk]),
        reverse("fact_correct", args=[pk, house.facts[0].pk]),
        reverse("cost_delete", args=[pk, house.cost.pk]),
        reverse("silence_agree", args=[pk]), reverse("client_people", args=[pk]),
    ]  # fmt: skip
    for url in tries:
        assert klava.post(url, {"person": 1, "role": "owner"}).status_code == 403, url
    assert Goal.objects.get(pk=goal).closed_at is None


def test_an_author_cannot_connect(house):
    gleb = house.browser(house.gleb)
    pk = house.community.pk
    assert gleb.get(reverse("community", args=[pk])).status_code == 200
    assert gleb.get(reverse("community_connect", args=[pk])).status_code == 403
    for name in (
        "connect_keys",
        "connect_oauth",
        "community_test",
        "community_disconnect",
        "community_archive",
    ):
        assert gleb.post(reverse(name, args=[pk])).status_code == 403, name
    assert gleb.post(reverse("community_new", args=[house.client.pk])).status_code == 403
    assert gleb.get(reverse("apps")).status_code == 403
    assert gleb.get(reverse("client_new")).status_code == 403
    assert Community.objects.get(pk=pk).credential


def test_signed_out_people_sign_in_first(house, client):
    answer = client.get(reverse("client", args=[house.client.pk]))
    assert answer.status_code == 302
    assert reverse("account_login") in answer["Location"]
