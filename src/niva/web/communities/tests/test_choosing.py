"""One sign-in opens several pages: which is chosen, which come along, and what is kept meanwhile."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from django.utils import translation

from niva.domains.communities import keys
from niva.domains.communities.factories import make_community
from niva.domains.communities.models import Community, DeveloperApp
from niva.flows.several import keep_several
from niva.networks.base.network import Candidate, SeveralFit
from niva.networks.base.types import Credential
from niva.networks.facebook.tests.fake import OTHER, PAGE, FakePage
from niva.web.communities.tests.conftest import in_thread
from niva.web.communities.tests.test_apps import make_app
from niva.web.communities.tests.test_connect import text, url

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def facebook(monkeypatch):
    """A Facebook with two pages of one person."""
    with in_thread(FakePage) as (fake, _run):
        monkeypatch.setenv("NIVA_INNER_HOSTS", fake.url)
        yield fake


@pytest.fixture
def back(house, anya, facebook):
    """Sign in for a community and come back; returns it and the answer to coming back."""

    def there_and_back(community=None):
        community = community or make_community(house.client, network="facebook", name="Ферма")
        app = make_app(house.client.workspace, "Наше", "facebook", secret="app-secret")
        left = anya.post(url("connect_oauth", community.pk), {"app": app.pk})
        state = parse_qs(urlsplit(left["Location"]).query)["state"][0]
        session = anya.session
        facts = {"api_base": facebook.url, "upload_base": facebook.url}
        session["oauth"] = {**session["oauth"], "facts": facts}
        session.save()
        return community, anya.get(url("oauth_back") + f"?code=good-code&state={state}")

    return there_and_back


def test_the_person_chooses_and_only_then_keys_are_kept(anya, facebook, back):
    community, answer = back()
    assert answer["Location"] == url("connect_choose", community.pk)
    assert facebook.token not in str(dict(anya.session)), "keys in the session are sealed"
    assert not hasattr(Community.objects.get(pk=community.pk), "credential")
    page = text(anya.get(answer["Location"]))
    assert f'value="{PAGE}"' in page and f'value="{OTHER}"' in page
    chosen = anya.post(answer["Location"], {"chosen": PAGE})
    assert chosen["Location"] == url("community", community.pk)
    community.refresh_from_db()
    assert (community.state, community.remote_id) == ("connected", PAGE)
    assert keys.load(community.pk).facts["page_id"] == PAGE
    assert anya.get(answer["Location"]).status_code == 404, "the choice is spent"


def test_nothing_chosen_or_something_foreign_keeps_the_choice_open(anya, back):
    community, answer = back()
    for typed in ({}, {"chosen": "1"}, {"chosen": "' or 1=1"}):
        again = anya.post(answer["Location"], typed)
        assert again.status_code == 422
        assert "Choose which of them" in text(again)
    assert not hasattr(Community.objects.get(pk=community.pk), "credential")


def test_others_come_along_as_communities_of_their_own(house, anya, back):
    community, answer = back()
    anya.post(answer["Location"], {"chosen": PAGE, "others": [OTHER, PAGE, "unknown"]})
    rows = Community.objects.filter(client=house.client, network="facebook")
    assert {row.remote_id for row in rows} == {PAGE, OTHER}
    along = rows.exclude(pk=community.pk).get()
    assert (along.task, along.state, along.time_zone) == (community.task, "connected", community.time_zone)


def test_what_is_in_the_desk_already_is_not_offered_twice(house, anya, back):
    make_community(house.client, network="facebook", name="Уже здесь", remote_id=OTHER)
    _community, answer = back()
    page = text(anya.get(answer["Location"]))
    assert "in the desk already" in page
    anya.post(answer["Location"], {"chosen": PAGE, "others": [OTHER]}, follow=True)
    assert Community.objects.filter(network="facebook", remote_id=OTHER).count() == 1


def test_a_stranger_and_another_community_find_no_choice(house, anya, back):
    community, answer = back()
    other = make_community(house.client, network="facebook", name="Другая")
    assert anya.get(url("connect_choose", other.pk)).status_code == 404
    anya.logout()
    assert anya.get(answer["Location"]).status_code == 302
    assert reverse("connect_choose", args=[community.pk]) == answer["Location"]


def test_too_late_is_told(anya, back):
    _community, answer = back()
    session = anya.session
    session["oauth_choice"] = {**session["oauth_choice"], "until": 0}
    session.save()
    late = anya.post(answer["Location"], {"chosen": PAGE})
    assert late.status_code == 400
    assert "quarter of an hour" in text(late)


def test_a_place_without_a_name_is_the_persons_own_feed():
    fit = SeveralFit((Candidate("7", "", Credential()), Candidate("8", "Поле", Credential())))
    with translation.override("en"):
        kept = keep_several(Community(pk=1), DeveloperApp(pk=1), fit, until=0.0).kept
    assert [place["name"] for place in kept["places"]] == ["Your own feed", "Поле"]
