"""Keys at rest: sealed, replaced, renewed by one, marked once."""

import datetime as dt

import pytest
from cryptography.fernet import Fernet

from niva.domains.clients.factories import make_client, make_workspace
from niva.domains.communities import keys
from niva.domains.communities.factories import connect, make_community
from niva.domains.communities.models import CommunityState
from niva.domains.people.models import AuditEvent
from niva.networks.base.errors import NeedsLogin
from niva.networks.base.types import Credential

pytestmark = pytest.mark.django_db
SECRET = "vk1.a.very-secret"


@pytest.fixture
def community():
    return make_community(make_client(make_workspace()))


def test_what_goes_in_comes_out_and_is_not_readable_at_rest(community):
    ends = dt.datetime(2026, 12, 12, 9, tzinfo=dt.UTC)
    row = keys.store(community, Credential({"access_token": SECRET}, {"group_id": 7}, ends), ["poll"])
    row.refresh_from_db()
    assert SECRET.encode() not in bytes(row.sealed)
    assert SECRET not in repr(keys.load(community.pk))
    mark = row.facts["account_mark"]  # whose limits they fall under; tells nothing of the key
    assert mark and mark not in SECRET and SECRET not in mark
    facts = {"group_id": 7, "account_mark": mark}
    assert keys.load(community.pk) == Credential({"access_token": SECRET}, facts, ends)
    community.refresh_from_db()
    assert (community.state, row.lacks) == (CommunityState.CONNECTED, ["poll"])


def test_no_keys_and_keys_that_nothing_opens_ask_for_a_person(community, settings):
    with pytest.raises(NeedsLogin) as none:
        keys.load(community.pk)
    assert none.value.code == "not_connected"
    connect(community)
    settings.TOKEN_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(NeedsLogin) as lost:
        keys.load(community.pk)
    assert lost.value.code == "keys_unreadable"


def test_a_new_first_key_still_opens_what_the_old_one_sealed(community, settings):
    connect(community, {"access_token": SECRET})
    settings.TOKEN_KEYS = [Fernet.generate_key().decode(), *settings.TOKEN_KEYS]
    assert keys.load(community.pk).secrets == {"access_token": SECRET}


def test_of_two_renewals_one_wins(community):
    connect(community)
    _, _, version = keys.load_versioned(community.pk)
    assert keys.store_refreshed(community.pk, version, Credential({"access_token": "first"}))
    assert not keys.store_refreshed(community.pk, version, Credential({"access_token": "second"}))
    assert keys.load(community.pk).secrets == {"access_token": "first"}


def test_replaced_keys_beat_a_renewal_of_the_old_ones(community):
    connect(community)
    _, _, version = keys.load_versioned(community.pk)
    connect(community, {"access_token": "new"})
    assert not keys.store_refreshed(community.pk, version, Credential({"access_token": "stale"}))
    assert keys.load(community.pk).secrets == {"access_token": "new"}


def test_needs_login_is_marked_and_written_down_once(community):
    connect(community)
    assert keys.mark_needs_login(community, "token_revoked")
    assert not keys.mark_needs_login(community, "token_revoked")
    community.refresh_from_db()
    assert (community.state, community.state_reason) == (CommunityState.NEEDS_LOGIN, "token_revoked")
    assert AuditEvent.objects.filter(verb="community.needs_login").count() == 1


def test_a_late_answer_about_old_keys_does_not_switch_new_ones_off(community):
    connect(community)
    _, _, version = keys.load_versioned(community.pk)
    connect(community, {"access_token": "new"})
    assert not keys.mark_needs_login(community, "token_revoked", version=version)
    community.refresh_from_db()
    assert community.state == CommunityState.CONNECTED


def test_new_keys_end_the_halt(community):
    connect(community)
    keys.mark_needs_login(community, "token_revoked")
    connect(community)
    community.refresh_from_db()
    assert (community.state, community.state_reason) == (CommunityState.CONNECTED, "")
