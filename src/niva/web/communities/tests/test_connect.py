"""Connecting through the pages, against real servers on loopback: keys, OAuth, the test button, the seals."""

import datetime as dt
import logging
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import pytest
from django.urls import reverse
from django.utils import timezone

from niva.domains.communities import keys
from niva.domains.communities.factories import make_community
from niva.domains.communities.models import Community, DeveloperApp
from niva.domains.people.models import AuditEvent
from niva.networks.base.manifest import ABILITIES
from niva.web.communities.contexts import ABILITY_WORDS

pytestmark = pytest.mark.django_db(transaction=True)


def url(name, *args):
    return reverse(name, args=args)


def text(answer):
    return answer.content.decode()


def typed(practice, **changed):
    facts = practice.credential.facts
    return {
        "access_token": practice.credential.secrets["access_token"],
        "api_base": facts["api_base"],
        **changed,
    }


def test_keys_are_proven_sealed_and_never_shown_again(house, anya, practice, caplog):
    community = make_community(house.client, name="Новое")
    secret = practice.credential.secrets["access_token"]
    with caplog.at_level(logging.DEBUG):
        answer = anya.post(url("connect_keys", community.pk), typed(practice))
    assert answer.status_code == 302
    community.refresh_from_db()
    assert community.state == "connected"
    assert keys.load(community.pk).secrets["access_token"] == secret
    for page in ("community", "community_connect", "community_edit"):
        assert secret not in text(anya.get(url(page, community.pk))), page
    assert secret.encode() not in bytes(community.credential.sealed)
    assert secret not in caplog.text
    assert not AuditEvent.objects.filter(details__icontains=secret).exists()
    assert AuditEvent.objects.filter(verb="community.connected", subject_id=community.pk).exists()


def test_wrong_keys_are_told_at_the_box_and_what_was_typed_stays(house, anya, practice):
    community = make_community(house.client, name="Новое")
    answer = anya.post(url("connect_keys", community.pk), typed(practice, access_token="pn-wrong-key"))
    assert answer.status_code == 422
    assert "does not know this access key" in str(answer.context["keys_form"].errors["access_token"])
    assert "pn-wrong-key" in text(answer)
    assert practice.credential.facts["api_base"] in text(answer)
    assert "no-store" in answer["Cache-Control"]
    community.refresh_from_db()
    assert community.state == "new"


def test_an_inner_address_is_refused_at_its_box(house, anya, practice, monkeypatch):
    community = make_community(house.client, name="Новое")
    monkeypatch.setenv("NIVA_INNER_HOSTS", "")
    for address in (
        "http://127.0.0.1:5432",
        "http://169.254.169.254/latest",
        "http://localhost:8000",
        "ftp://x.y",
    ):
        answer = anya.post(url("connect_keys", community.pk), typed(practice, api_base=address))
        assert answer.status_code == 422, address
        assert answer.context["keys_form"].errors["api_base"], address
        assert address in text(answer)


def test_a_wrong_replacement_leaves_the_old_keys(house, anya, practice):
    community = make_community(house.client, name="Новое")
    anya.post(url("connect_keys", community.pk), typed(practice))
    before = bytes(Community.objects.get(pk=community.pk).credential.sealed)
    assert anya.post(url("connect_keys", community.pk), typed(practice, access_token="x")).status_code == 422
    assert bytes(Community.objects.get(pk=community.pk).credential.sealed) == before


def test_the_same_account_twice_is_refused(house, anya, practice):
    first, second = make_community(house.client, name="Раз"), make_community(house.client, name="Два")
    assert anya.post(url("connect_keys", first.pk), typed(practice)).status_code == 302
    answer = anya.post(url("connect_keys", second.pk), typed(practice))
    assert answer.status_code == 422
    assert "every post twice" in text(answer)


def test_the_test_button_asks_and_an_end_of_access_is_written_down(house, anya, practice):
    community = make_community(house.client, name="Новое")
    anya.post(url("connect_keys", community.pk), typed(practice))
    good = anya.post(url("community_test", community.pk), headers={"HX-Request": "true"})
    assert "The network answered" in text(good)
    assert "<html" not in text(good)
    practice.fault("revoked")
    bad = anya.post(url("community_test", community.pk), headers={"HX-Request": "true"})
    assert "sign-in" in text(anya.get(url("community", community.pk)))
    assert "withdrawn" in text(bad)
    community.refresh_from_db()
    assert (community.state, community.state_reason) == ("needs_login", "token_revoked")


def test_throwing_the_keys_away_and_the_archive(house, anya, practice):
    community = make_community(house.client, name="Новое")
    anya.post(url("connect_keys", community.pk), typed(practice))
    assert anya.post(url("community_disconnect", community.pk)).status_code == 302
    assert "There are no keys" in text(anya.get(url("community", community.pk)))
    anya.post(url("connect_keys", community.pk), typed(practice))
    assert anya.post(url("community_archive", community.pk)).status_code == 302
    community = Community.objects.get(pk=community.pk)
    assert not hasattr(community, "credential")
    assert anya.post(url("connect_keys", community.pk), typed(practice)).status_code == 422


# OAuth


class Stay(HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


def consent(address):
    """The person says yes on the network's page; the address to which it sends him back."""
    try:
        build_opener(Stay).open(address, timeout=10)
    except OSError as answer:
        return answer.headers["Location"]
    raise AssertionError("the network did not send the person back")


def leave(anya, community, fake):
    answer = anya.post(url("connect_oauth", community.pk), {"instance": fake.url})
    assert answer.status_code == 302, text(answer)
    return answer["Location"]


def test_there_and_back_again(house, anya, mastodon):
    community = make_community(house.client, network="mastodon", name="Мамонт")
    there = leave(anya, community, mastodon)
    asked = parse_qs(urlsplit(there).query)
    assert asked["redirect_uri"] == ["http://testserver" + url("oauth_back")]
    assert len(asked["state"][0]) >= 32
    back = consent(there)
    answer = anya.get(back.removeprefix("http://testserver"))
    assert answer["Location"] == url("community", community.pk)
    community.refresh_from_db()
    assert community.state == "connected"
    assert keys.load(community.pk).secrets["access_token"] == mastodon.token
    app = DeveloperApp.objects.get(network="mastodon")
    assert community.credential.app == app
    page = text(anya.get(url("apps"))) + text(anya.get(url("app_edit", app.pk)))
    secret = keys.app_of(app).client_secret
    assert secret
    assert secret not in page
    # The second community of the same server needs no second app; the same answer twice connects nothing.
    leave(anya, make_community(house.client, network="mastodon", name="Второй"), mastodon)
    assert DeveloperApp.objects.filter(network="mastodon").count() == 1
    assert anya.get(back.removeprefix("http://testserver")).status_code == 400


@pytest.mark.parametrize(
    "query", ["", "?code=x", "?code=x&state=", "?code=x&state=guessed", "?code=x&state=й"]
)
def test_a_foreign_state_is_refused_in_words(house, anya, mastodon, query):
    community = make_community(house.client, network="mastodon", name="Мамонт")
    leave(anya, community, mastodon)
    answer = anya.get(url("oauth_back") + query)
    assert answer.status_code == 400
    assert "nothing was connected" in text(answer)
    community.refresh_from_db()
    assert community.state == "new"


def test_too_late_is_told(house, anya, mastodon):
    community = make_community(house.client, network="mastodon", name="Мамонт")
    back = consent(leave(anya, community, mastodon)).removeprefix("http://testserver")
    session = anya.session
    kept = session["oauth"]
    kept["until"] = (timezone.now() - dt.timedelta(minutes=1)).timestamp()
    session["oauth"] = kept
    session.save()
    answer = anya.get(back)
    assert answer.status_code == 400
    assert "quarter of an hour" in text(answer)


def test_another_person_cannot_finish_what_somebody_began(house, anya, mastodon):
    community = make_community(house.client, network="mastodon", name="Мамонт")
    back = consent(leave(anya, community, mastodon)).removeprefix("http://testserver")
    zoya = house.browser(house.zoya, house.other)
    assert zoya.get(back).status_code == 400
    community.refresh_from_db()
    assert community.state == "new"


def test_a_no_at_the_network_is_told_and_leads_back(house, anya, mastodon):
    community = make_community(house.client, network="mastodon", name="Мамонт")
    state = parse_qs(urlsplit(leave(anya, community, mastodon)).query)["state"][0]
    answer = anya.get(url("oauth_back") + f"?error=access_denied&state={state}", follow=True)
    assert answer.redirect_chain[-1][0] == url("community_connect", community.pk)
    assert answer.status_code == 200


def test_apps_keep_their_secrets(house, anya):
    new = url("app_new", "vk")
    assert anya.post(new, {"name": "", "client_id": ""}).status_code == 422
    assert anya.get(url("app_new", "telegram")).status_code == 404
    assert (
        anya.post(new, {"name": "Наше", "client_id": "54321", "client_secret": "s3cret-of-app"}).status_code
        == 302
    )
    app = DeveloperApp.objects.get(network="vk")
    assert "s3cret-of-app" not in text(anya.get(url("app_edit", app.pk)))
    assert anya.post(url("app_edit", app.pk), {"name": "Иначе", "client_id": "54321"}).status_code == 302
    app.refresh_from_db()
    assert app.name == "Иначе"
    assert "/communities/oauth/back/" in text(anya.get(url("apps")))
    assert anya.post(url("app_delete", app.pk)).status_code == 302
    assert not DeveloperApp.objects.exists()


def test_every_ability_has_its_words():
    assert set(ABILITY_WORDS) == set(ABILITIES)
