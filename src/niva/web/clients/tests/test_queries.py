"""The number of queries does not grow with what a client has."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from niva.domains.clients.factories import make_client, make_facts, make_goal
from niva.domains.communities.factories import connect, make_community
from niva.domains.metrics.models import Daily, Latest
from niva.domains.publishing.models import Delivery, Post, Publication, Revision, Variant

pytestmark = pytest.mark.django_db


def publish(client, community, number):
    post = Post.objects.create(workspace=client.workspace, client=client, title=f"Пост {number}")
    variant = Variant.objects.create(post=post, community=community)
    revision = Revision.objects.create(variant=variant, number=1, content={}, sha256="0")
    common = {"workspace": client.workspace, "client": client, "community": community, "post": post,
              "revision": revision}  # fmt: skip
    delivery = Delivery.objects.create(variant=variant, due_at=timezone.now(), state="published", **common)
    return Publication.objects.create(
        delivery=delivery, remote_id=f"{community.pk}-{number}", published_at=timezone.now(), **common
    )


def grow(house, how_much):
    today = timezone.localdate()
    for number in range(how_much):
        community = connect(make_community(house.client, name=f"Сообщество {number}"))
        publication = publish(house.client, community, number)
        Latest.objects.create(
            subject="publication", subject_id=publication.pk, community=community, metric="views", value=5,
            at=timezone.now(),
        )  # fmt: skip
        for back in range(1, 20):
            day = today - dt.timedelta(days=back)
            Daily.objects.create(
                community=community, subject="community", metric="followers", day=day, level=9
            )
            Daily.objects.create(
                community=community, subject="publication", metric="clicks", day=day, gained=3
            )
    make_facts(house.goal, {house.goal.starts_on + dt.timedelta(days=n): how_much for n in range(10)})


def count(browser, page):
    browser.get(page)  # what is only asked once (content types, the session's row) is not counted
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(page).status_code == 200
    return len(seen)


@pytest.mark.parametrize(("name", "most"), [("client", 25), ("client_rows", 21), ("client_communities", 19)])
def test_the_clients_page_asks_the_same_whatever_there_is(house, anya, name, most):
    page = reverse(name, args=[house.client.pk])
    grow(house, 2)
    few = count(anya, page)
    grow(house, 5)
    assert count(anya, page) == few
    assert few <= most


def test_the_list_asks_the_same_for_one_client_and_for_twelve(house, anya):
    few = count(anya, reverse("clients"))
    for number in range(11):
        client = make_client(house.workspace, name=f"Заказчик {number}")
        make_goal(client)
        make_community(client)
    assert count(anya, reverse("clients")) == few
    assert few <= 15
