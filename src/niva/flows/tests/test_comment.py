"""A first comment that failed is written again by itself; the post is never sent again."""

from __future__ import annotations

from collections import Counter
from contextlib import asynccontextmanager

import pytest

from niva.domains.clients.factories import give_role, make_actor, make_person, make_workspace
from niva.domains.clients.models import Role
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Forbidden, Invalid, NotFound
from niva.domains.publishing.models import Attempt, Publication
from niva.domains.publishing.services import comment
from niva.domains.publishing.states import State
from niva.flows import stop
from niva.flows.comment import write_again
from niva.flows.tests.scene import scene
from niva.networks.base.errors import NetworkError, OutcomeUnknown, Rejected
from niva.networks.registry import get_network

pytestmark = pytest.mark.django_db(transaction=True)
POST, COMMENT = "Рёбрышки к выходным", "Заказ по ссылке"


@asynccontextmanager
async def out_without_comment(monkeypatch, error: NetworkError):
    """A post that is out; its first comment ended with `error`. `it.made`: calls by kind, `it.broken`."""
    async with scene(monkeypatch, "practice") as it:
        network, it.made, it.broken = get_network("practice"), Counter(), error
        real = type(network).perform

        async def perform(self, call, step, out, done):
            it.made[step.kind] += 1
            if step.kind == "comment":
                it.text = out.first_comment
                if it.broken is not None:
                    raise it.broken
            return await real(self, call, step, out, done)

        monkeypatch.setattr(type(network), "perform", perform)
        it.written = await it.post(text=POST, first_comment=COMMENT)
        await it.send()
        delivery = await it.delivery("practice")
        in_doubt = isinstance(error, OutcomeUnknown)
        missing = "comment_unknown" if in_doubt else "first_comment_failed"
        assert (delivery.state, delivery.code) == (State.PUBLISHED, missing)
        yield it


async def _standing(it) -> str:
    return comment.standing(await it.delivery("practice"))


async def test_a_refused_comment_is_written_again_and_the_post_is_left_alone(monkeypatch):
    async with out_without_comment(monkeypatch, Rejected("comments_closed")) as it:
        delivery = await it.delivery("practice")
        assert await _standing(it) == "missing"
        with pytest.raises(Rejected):  # still refused: told, and it may be tried once more
            await it.call(write_again, it.actor, delivery_id=delivery.pk)
        assert await _standing(it) == "missing"
        it.broken = None
        await it.call(write_again, it.actor, delivery_id=delivery.pk)
        assert await _standing(it) == ""
        fresh = await it.delivery("practice")
        assert (fresh.state, fresh.code) == (State.PUBLISHED, "")
        assert it.made == {"create": 1, "comment": 3} and it.posts("practice") == [POST]
        assert [one.outcome for one in fresh.attempts.all() if one.step == "comment"] == [
            "rejected", "rejected", "done",
        ]  # fmt: skip
        with pytest.raises(Invalid):
            await it.call(write_again, it.actor, delivery_id=delivery.pk)
        assert it.made["comment"] == 3


@pytest.mark.parametrize("there", [True, False])
async def test_where_it_is_in_doubt_a_person_is_asked_first(monkeypatch, there):
    async with out_without_comment(monkeypatch, OutcomeUnknown("no_answer")) as it:
        delivery = await it.delivery("practice")
        assert await _standing(it) == "unknown"
        with pytest.raises(Invalid):
            await it.call(write_again, it.actor, delivery_id=delivery.pk)
        assert it.made["comment"] == 1
        await it.call(comment.say, it.actor, delivery_id=delivery.pk, there=there)
        assert await _standing(it) == ("" if there else "missing")
        assert (await it.delivery("practice")).code == ("" if there else "first_comment_failed")
        with pytest.raises(Invalid):  # answered already
            await it.call(comment.say, it.actor, delivery_id=delivery.pk, there=there)
        it.broken = None
        if not there:
            await it.call(write_again, it.actor, delivery_id=delivery.pk)
            assert await _standing(it) == ""
        assert it.made["create"] == 1


async def test_two_presses_write_it_once(monkeypatch):
    async with out_without_comment(monkeypatch, Rejected("comments_closed")) as it:
        delivery = await it.delivery("practice")
        await it.call(comment.begin, it.actor, delivery_id=delivery.pk)  # the first is at the network now
        for act in (write_again, comment.begin):
            with pytest.raises(Invalid):
                await it.call(act, it.actor, delivery_id=delivery.pk)
        with pytest.raises(Invalid):  # nobody may say how it ended while it runs
            await it.call(comment.say, it.actor, delivery_id=delivery.pk, there=False)
        assert it.made["comment"] == 1


async def test_a_mended_comment_is_the_one_that_is_written_and_the_posts_words_stay(monkeypatch):
    async with out_without_comment(monkeypatch, Rejected("comment_too_long")) as it:
        delivery = await it.delivery("practice")
        await it.rewrite(it.written, "Совсем другой текст", first_comment="Короче")
        it.broken = None
        await it.call(write_again, it.actor, delivery_id=delivery.pk)
        assert it.text == "Короче" and it.posts("practice") == [POST]
        last = await Attempt.objects.filter(step="comment").select_related("revision").alast()
        assert (last.revision.content["text"], last.revision.content["first_comment"]) == (POST, "Короче")
        assert (await Publication.objects.aget()).revision_id == delivery.revision_id


async def test_who_may_and_when_not(monkeypatch):
    async with out_without_comment(monkeypatch, Rejected("comments_closed")) as it:
        delivery = await it.delivery("practice")

        def author() -> Actor:
            user = make_person(it.actor.workspace, "member")
            give_role(it.client, user, Role.AUTHOR)
            return Actor(it.actor.workspace, user, "member", {it.client.pk: Role.AUTHOR})

        for actor, error in (
            (await it.call(author), Forbidden),
            (await it.call(lambda: make_actor(make_workspace("Чужие"))), NotFound),
        ):
            with pytest.raises(error):
                await it.call(write_again, actor, delivery_id=delivery.pk)
            with pytest.raises(error):
                await it.call(comment.say, actor, delivery_id=delivery.pk, there=True)
        await it.call(stop.stop, it.actor, client_id=it.client.pk, reason="Пожар")
        with pytest.raises(Invalid):
            await it.call(write_again, it.actor, delivery_id=delivery.pk)
        assert it.made["comment"] == 1
