"""The pages of clients, through the door."""

import re

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(name, args=args)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_page_opens(house, anya, language):
    house.anya.language = language
    house.anya.save()
    pages = [
        url("clients"),
        url("clients") + "?archived=1",
        url("client_new"),
        url("client_new") + "?kind=ngo",
        url("client", house.client.pk),
        url("client_communities", house.client.pk),
        url("client_people", house.client.pk),
        url("client_edit", house.client.pk),
        url("client_rows", house.client.pk),
        url("goal_new", house.client.pk),
        url("goal_edit", house.client.pk, house.goal.pk),
        url("goal_rows", house.client.pk, house.goal.pk),
        url("fact_correct", house.client.pk, house.facts[0].pk),
        url("cost_edit", house.client.pk, house.cost.pk),
    ]
    for page in pages:
        answer = anya.get(page)
        assert answer.status_code == 200, page
        assert not re.search(r"%\(\w+\)s", answer.content.decode()), page
