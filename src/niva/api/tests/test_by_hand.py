"""What people do and bring, by the API: a task answered once, links judged, numbers told apart."""

from __future__ import annotations

import pytest
from django.utils import timezone

from niva.api.tests.test_api import Caller, caller_of
from niva.domains.clients.factories import make_client, make_workspace
from niva.domains.communities.factories import make_community
from niva.domains.metrics.models import Latest
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery

pytestmark = pytest.mark.django_db
LINK = "https://forum.example.org/topic/7"


@pytest.fixture
def call(client) -> Caller:
    return caller_of(client, make_workspace())


@pytest.fixture
def task(call) -> Delivery:
    community = make_community(make_client(call.workspace), "elsewhere")
    answer = call("POST", f"/communities/{community.pk}/by-hand", {"on": True, "url": "forum.example.org"})
    assert (answer["by_hand"], answer["url"]) == (True, "https://forum.example.org")
    post = make_post(community)
    call("POST", f"/posts/{post.pk}/schedule", {})
    Delivery.objects.update(state="held", code="by_hand")
    return Delivery.objects.get()


def test_a_task_is_answered_and_its_link_corrected(call, task):
    call("POST", f"/deliveries/{task.pk}/done-by-hand", {"url": "nonsense"}, 422)
    done = call("POST", f"/deliveries/{task.pk}/done-by-hand", {"url": LINK})
    assert (done["state"], done["url"]) == ("published", LINK)
    call("POST", f"/deliveries/{task.pk}/done-by-hand", {"url": LINK + "8"}, 422)
    task.refresh_from_db()
    publication = task.publication.pk
    assert call("POST", f"/publications/{publication}/link", {"url": LINK + "9"})["url"] == LINK + "9"


def test_not_done_keeps_its_reason(call, task):
    call("POST", f"/deliveries/{task.pk}/not-done", {"reason": " "}, 422)
    done = call("POST", f"/deliveries/{task.pk}/not-done", {"reason": "Форум закрыт"})
    assert (done["state"], done["code"], done["detail"]) == ("cancelled", "not_by_hand", "Форум закрыт")


def test_numbers_are_brought_once(call, task):
    day = str(timezone.localdate())
    call("POST", f"/deliveries/{task.pk}/done-by-hand", {"url": LINK})
    task.refresh_from_db()
    path = f"/publications/{task.publication.pk}/typed-numbers"
    assert call("POST", path, {"day": day, "values": {"views": 512, "likes": 3}}) == {"changed": 2}
    assert call("POST", path, {"day": day, "values": {"views": 512, "likes": 4}}) == {"changed": 1}
    call("POST", path, {"day": day, "values": {"followers": 5}}, 422)
    call("POST", path, {"day": day, "values": {"views": -1}}, 422)
    community = f"/communities/{task.community_id}/typed-numbers"
    assert call("POST", community, {"day": day, "values": {"followers": 5}}) == {"changed": 1}
    assert set(Latest.objects.values_list("metric", "value", "source")) == {
        ("views", 512.0, "hand"), ("likes", 4.0, "hand"), ("followers", 5.0, "hand"),
    }  # fmt: skip


def test_strangers_find_nothing(client, call, task):
    stranger = caller_of(client, make_workspace("Чужие"))
    numbers = {"day": str(timezone.localdate()), "values": {"posts": 1}}
    stranger("POST", f"/deliveries/{task.pk}/done-by-hand", {"url": LINK}, 404)
    stranger("POST", f"/communities/{task.community_id}/by-hand", {"on": False}, 404)
    stranger("POST", f"/communities/{task.community_id}/typed-numbers", numbers, 404)
