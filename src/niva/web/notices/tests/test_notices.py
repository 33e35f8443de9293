"""News through the door: mine alone, read when I say so, in words; and the ways that I choose."""

from __future__ import annotations

from datetime import time

import pytest
from django.urls import reverse
from django.utils.translation import override

from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.notices import services
from niva.domains.notices.models import DeskBot, Notice, Ways
from niva.kit.text import plain
from niva.networks.telegram.tests.fake import TOKEN
from niva.web.notices.reading import sentence_of
from niva.web.notices.sentences import SENTENCES

pytestmark = pytest.mark.django_db
FACTS = {"title": "Сало", "stage": "редактура"}


@pytest.fixture
def team():
    client = make_client(make_workspace())
    author = make_person(client.workspace, "member", name="Илья")
    give_role(client, author, "author")
    return make_actor(client.workspace), author, client


def told(boss, author, client, **more) -> Notice:
    return services.tell(
        boss, users=[author, boss.user], kind="nudged", url="/plan/", client=client, **FACTS, **more
    )[0]


def test_nobody_is_told_what_he_did_himself(team):
    told(*team)
    assert [one.user for one in Notice.objects.all()] == [team[1]]


def test_the_same_unread_thing_is_told_once(team):
    told(*team, key="nudge:piece:1")
    told(*team, key="nudge:piece:1")
    assert Notice.objects.count() == 1


def test_it_is_read_by_opening_it_and_leads_where_it_is_settled(client, team):
    notice = told(*team)
    client.force_login(team[1])
    assert "«Сало»" in plain(client.get(reverse("notices")).content.decode())
    answer = client.post(reverse("notice_go", args=[notice.pk]))
    assert answer.url == "/plan/"
    notice.refresh_from_db()
    assert notice.read_at


def test_what_came_while_one_read_stays_new(client, team):
    told(*team)
    client.force_login(team[1])
    until = client.get(reverse("notices")).context["until"]
    told(*team)
    client.post(reverse("notices_read"), {"until": until})
    assert Notice.objects.filter(read_at__isnull=True).count() == 1
    assert client.post(reverse("notices_read"), {"until": "вчера"}).status_code == 302


def test_the_news_of_others_is_not_there(client, team):
    notice = told(*team)
    client.force_login(team[0].user)
    assert "«Сало»" not in plain(client.get(reverse("notices")).content.decode())
    assert client.post(reverse("notice_go", args=[notice.pk])).status_code == 404


def test_who_lost_the_client_no_longer_reads_of_it(team):
    told(*team)
    membership = team[1].memberships.get()
    assert services.mine(actor_for(team[1])).count() == 1
    membership.client_roles.all().delete()
    assert services.mine(actor_for(team[1])).count() == 0


def test_an_address_elsewhere_is_never_followed(client, team):
    notice = told(*team)
    Notice.objects.update(url="//evil.example/x")
    client.force_login(team[1])
    assert client.post(reverse("notice_go", args=[notice.pk])).url == reverse("notices")


def test_an_old_notice_that_lacks_a_fact_is_still_shown(team):
    notice = told(*team)
    notice.facts = {}
    with override("ru"):
        assert sentence_of(notice)


@pytest.mark.parametrize("kind", SENTENCES)
def test_every_sentence_can_be_said_in_both_languages(kind):
    for language in ("ru", "en"):
        with override(language):
            assert str(SENTENCES[kind]).strip()


def test_ways_are_kept_and_bad_input_stays_in_the_form(client, team):
    client.force_login(team[1])
    url = reverse("notice_ways")
    good = {"digest_at": "08:15", "evening_at": "19:00", "weekdays": ["6", "7"], "by_mail": "on"}
    assert client.post(url, good).status_code == 302
    row = Ways.objects.get(user=team[1])
    assert (row.digest_at, row.weekdays, row.at_once) == (time(8, 15), [6, 7], False)
    bad = client.post(url, {**good, "digest_at": "25:99", "weekdays": ["9"]})
    assert bad.status_code == 422
    assert "25:99" in bad.content.decode()


def test_only_the_owner_keeps_the_bot_and_its_token_is_never_shown(client, team):
    services.keep_bot(team[0], token=TOKEN, username="niva_test_bot")
    assert TOKEN.encode() not in bytes(DeskBot.objects.get().sealed)
    client.force_login(team[0].user)
    assert TOKEN not in client.get(reverse("notice_ways")).content.decode()
    client.force_login(team[1])
    assert client.post(reverse("notice_bot"), {"do": "forget"}).status_code == 403
    assert DeskBot.objects.exists()


def test_a_chat_is_connected_by_its_own_living_code_alone(team):
    actor = actor_for(team[1])
    code = services.new_code(actor)
    assert services.connect_chat(team[0], code=code, chat=1, name="чужой") is None
    assert services.connect_chat(actor, code="guess", chat=1, name="чужой") is None
    assert services.connect_chat(actor, code=code, chat=4242, name="ilya").chat == 4242
    assert services.connect_chat(actor, code=code, chat=1, name="второй раз") is None
