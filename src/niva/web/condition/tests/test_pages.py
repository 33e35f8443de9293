"""The pages of the technical condition, as people of different roles see and press them."""

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone

from niva.domains.communities.factories import connect, make_community
from niva.domains.condition import services
from niva.domains.condition.factories import SITE, make_profile, make_seen
from niva.domains.condition.models import Answer, Cause, Check, Condition, Finding
from niva.domains.condition.seen import Link
from niva.domains.people.models import AuditEvent
from niva.flows import condition as flow
from niva.flows.talk import open_line
from niva.kit.jobs.testing import empty
from niva.networks.base.profile import Picture

pytestmark = pytest.mark.django_db


def seen(house, **changes):
    """The community as a look has found it."""
    services.saw(house.community, make_seen(make_profile(**changes)), cause=Cause.NIGHT)
    return f"/communities/{house.community.pk}/condition/"


def body(reply):
    return reply.content.decode()


def test_nobody_has_looked_yet(house, anya):
    page = anya.get(f"/communities/{house.community.pk}/condition/")
    assert page.status_code == 200 and "Nobody has looked here yet" in body(page)
    assert "Look it over" in body(anya.get(f"/communities/{house.community.pk}/"))


def test_the_score_opens_to_its_parts(house, anya):
    page = body(anya.get(seen(house, messages_on=False, status="")))
    assert "Messages are switched off." in page
    assert "1 is out of order, 3 wait for an answer." in page
    assert page.index("item-messages_on") < page.index("item-second_step") < page.index("item-status_set")
    row = Condition.objects.get()
    assert (row.done, row.required) == (12, 16) and f"{row.done} of {row.required}" in page


def test_an_answer_is_kept_with_its_proof(house, anya):
    url = seen(house)
    before = Condition.objects.get().done
    given = {"state": "done", "note": "Все трое", "proof_url": "https://disk.example/p.png"}
    reply = anya.post(f"{url}second_step/answer/", given, headers={"HX-Request": "true"})
    assert reply.status_code == 200 and "https://disk.example/p.png" in body(reply)
    assert Condition.objects.get().done == before + 1
    kept = Answer.objects.get()
    assert kept.answered_by == house.anya and kept.recheck_at - kept.answered_at == timedelta(days=90)
    assert AuditEvent.objects.filter(verb="condition.answered", details__item="second_step").exists()
    assert anya.post(f"{url}second_step/answer/", given).status_code == 302


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"state": ""}, "This field is required."),
        ({"state": "ok"}, "Select a valid choice"),
        ({"state": "not_applicable", "note": " "}, "Say why it does not apply here"),
        ({"state": "done", "proof_url": "javascript:alert(1)"}, "This is no link."),
        ({"state": "done", "note": "a" * 301}, "at most 300 characters"),
    ],
)
def test_a_bad_answer_loses_nothing(house, anya, given, says):
    url = seen(house)
    reply = anya.post(f"{url}second_step/answer/", {"note": "видел сам", **given})
    assert reply.status_code == 422 and says in body(reply)
    assert given.get("note", "видел сам") in body(reply)
    assert not Answer.objects.exists()


def test_what_was_broken_may_be_called_not_needed(house, anya):
    url = seen(house, address="")
    anya.post(f"{url}address_set/answer/", {"state": "not_applicable", "note": "Работаем только онлайн"})
    assert Finding.objects.get(item="address_set").state == "not_applicable"
    assert "Работаем только онлайн" in body(anya.get(url))


def test_no_such_item(house, anya):
    url = seen(house)
    assert anya.post(f"{url}nonsense/answer/", {"state": "done"}).status_code == 404
    assert anya.get(f"{url}nonsense/mend/").status_code == 404
    assert anya.get(f"{url}admins_two/mend/").status_code == 404, "no network lets that be changed"


def test_pictures_are_made_in_the_workshop(house, anya):
    url = seen(house, cover=Picture(""))
    assert f'href="/clients/{house.client.pk}/workshop/"><svg' in body(anya.get(url))
    assert "To the workshop" not in body(house.browser(house.klava).get(url))


def test_who_may_do_what(house):
    url = seen(house, messages_on=False)
    writes = house.browser(house.gleb)
    assert "Check now" in body(writes.get(url)) and "/mend/" not in body(writes.get(url))
    assert writes.get(f"{url}messages_on/mend/").status_code == 403
    reads = house.browser(house.klava)
    page = body(reads.get(url))
    assert "Messages are switched off." in page and "Check now" not in page and "/answer/" not in page
    assert reads.post(f"{url}check/").status_code == 403
    assert reads.post(f"{url}second_step/answer/", {"state": "done"}).status_code == 403
    stranger = house.browser(house.zoya, house.other)
    for path in ("", "progress/", "messages_on/mend/"):
        assert stranger.get(url + path).status_code == 404
    assert stranger.get(f"/clients/{house.client.pk}/condition/").status_code == 404


def test_checking_by_hand_shows_how_far_it_is(house, anya):
    url = seen(house)
    reply = anya.post(f"{url}check/", headers={"HX-Request": "true"})
    assert "Asking the network" in body(reply) and "hx-get" in body(reply)
    services.progress(house.community, "links", 3, 9)
    page = body(anya.get(f"{url}progress/"))
    assert "Following the links" in page and "3 of 9" in page
    Condition.objects.update(busy_since=timezone.now() - timedelta(minutes=4))
    assert "The look over has not come back." in body(anya.get(f"{url}progress/"))
    services.saw(house.community, make_seen(), cause=Cause.HAND)
    done = anya.get(f"{url}progress/")
    assert done["HX-Retarget"] == "#condition" and "looking" not in body(done)
    empty()


def test_a_network_that_says_no_is_put_into_words(house, anya):
    url = seen(house)
    services.saw_nothing(house.community, "no_right", cause=Cause.HAND, by=house.anya)
    page = body(anya.get(url))
    assert "The key does not have the right for this." in page and "What stands here was seen" in page
    assert Check.objects.latest("at").code == "no_right"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("no_right", "The key does not have the right for this."),
        ("ok_group_closed", "group"),
        ("account_restricted", "account"),
        ("token_revoked", "The key was withdrawn"),
        ("not_connected", "there are no keys"),
    ],
)
def test_every_no_of_a_network_is_a_clear_answer(house, anya, code, says):
    """A private group, keys without rights, a banned account: the page says which, and still asks."""
    services.saw_nothing(house.community, code, "what the network said", cause=Cause.NIGHT)
    page = body(anya.get(f"/communities/{house.community.pk}/condition/"))
    assert says in page and "what we have no words for" not in page
    assert "Nobody has looked yet." in page and "item-second_step" in page


def test_history_and_its_chart(house, anya):
    url = seen(house, messages_on=False)
    Check.objects.update(at=timezone.now() - timedelta(days=3))
    services.saw(house.community, make_seen(), cause=Cause.NIGHT)
    page = body(anya.get(url))
    assert "“People can write to the community”: in order" in page
    assert "How it came" in page and '"plan"' in page


def test_hostile_words_stay_words(house, anya):
    evil = "<script>alert(1)</script>"
    dead = (Link(f"https://x.example/{evil}", "dead", "status", 404),)
    services.saw(
        house.community, make_seen(make_profile(handle=f"club1{evil}"), links=dead), cause=Cause.NIGHT
    )
    page = body(anya.get(f"/communities/{house.community.pk}/condition/"))
    assert evil not in page and "&lt;script&gt;" in page


def test_all_communities_of_a_client_beside_each_other(house, anya):
    assert "Nobody has looked here yet" in body(anya.get(f"/clients/{house.client.pk}/condition/"))
    seen(house, messages_on=False)
    second = connect(make_community(house.client, "telegram", name="Канал"))
    services.saw_nothing(second, "no_answer", cause=Cause.NIGHT)
    page = body(anya.get(f"/clients/{house.client.pk}/condition/"))
    assert "Канал" in page and "Messages are switched off." in page
    assert page.index("People can write to the community") < page.index("There is an avatar")


def test_the_pages_ask_a_bounded_number_of_queries(house, anya, django_assert_max_num_queries):
    url = seen(house, messages_on=False)
    anya.get(url)
    with django_assert_max_num_queries(17):
        anya.get(url)
    for n in range(4):
        second = connect(make_community(house.client, "telegram", name=f"Канал {n}"))
        services.saw_nothing(second, "no_answer", cause=Cause.NIGHT)
    with django_assert_max_num_queries(17):
        anya.get(f"/clients/{house.client.pk}/condition/")


def test_today_names_what_burns_and_what_is_to_be_asked_again(house, anya):
    seen(house)
    assert "technical condition" not in body(anya.get("/"))
    seen(house, messages_on=False, admins=1)
    page = body(anya.get("/"))
    assert "2 required things are out of order in the technical condition." in page
    assert f"/communities/{house.community.pk}/condition/" in page
    seen(house, followers=9_400)
    assert "Soon 10,000 people will follow the community." in body(anya.get("/"))
    services.answer(actor=_actor(house), community_id=house.community.pk, item="second_step", state="done")
    Answer.objects.update(recheck_at=timezone.now())
    seen(house)
    assert "1 answer about the technical condition has grown old." in body(anya.get("/"))


def _actor(house):
    from niva.domains.clients import access

    return access.actor_for(house.anya, house.workspace.pk)


@pytest.mark.django_db(transaction=True)
def test_mending_on_the_practice_network(house, anya, practice):
    connect(house.community, dict(practice.credential.secrets), facts=dict(practice.credential.facts))

    async def look():
        async with open_line(connections=4, pool_size=1) as line:
            await flow.look(line, community_id=house.community.pk, cause=Cause.HAND, by=house.anya.pk)

    asyncio.run(look())
    url = f"/communities/{house.community.pk}/condition/"
    assert "status_set/mend/" in body(anya.get(url))
    assert anya.post(f"{url}status_set/mend/", {"value": "a" * 141}).status_code == 422
    reply = anya.post(f"{url}status_set/mend/", {"value": "Приём заказов до пятницы"}, follow=True)
    assert "Written into the network" in body(reply)
    assert Finding.objects.get(item="status_set").state == "ok"
    for code, value in (("age_mark", "6+"), ("menu_set", "Цены\nОтзывы"), ("site_set", SITE)):
        assert anya.get(f"{url}{code}/mend/").status_code == 200
        assert anya.post(f"{url}{code}/mend/", {"value": value}).status_code == 302, code
        assert Finding.objects.get(item=code).state == "ok", code
    practice.fault("nonsense")
    reply = anya.post(f"{url}hours_set/mend/", {"value": "9–18"})
    assert reply.status_code == 422 and "It is not known whether it was written" in body(reply)
    practice.fault("revoked")
    reply = anya.post(f"{url}hours_set/mend/", {"value": "9–18"})
    assert reply.status_code == 422 and "9–18" in body(reply)
    assert Finding.objects.get(item="hours_set").state == "broken"
