"""The connector where the common suite does not reach: flavours, media on edit, keys, rights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from niva.networks.base.errors import Gone, NeedsLogin, OutcomeUnknown, Rejected, Temporary
from niva.networks.base.network import Question
from niva.networks.base.testing import Harness, sample_image, sample_posts
from niva.networks.base.types import Absent, Credential, LinkCard, Measure, Outgoing, Poll
from niva.networks.practice.client import base_url
from niva.networks.practice.errors import CODES
from niva.networks.practice.server import faults
from niva.networks.practice.tests.conftest import Bench
from niva.networks.practice.tests.harness import open_flavoured, open_harness

POST = Outgoing("Сеем рожь", first_comment="Подробности")


async def lose_answer(harness: Harness, out: Outgoing) -> None:
    """Publish so that the post is out and the answer is lost."""
    harness.fault("reset")
    create = harness.network.steps(out, harness.credential)[-1 if not out.first_comment else -2]
    with pytest.raises(OutcomeUnknown):
        await harness.network.perform(harness.call(), create, out, {})


async def test_searchable_community_is_looked_up() -> None:
    async with open_flavoured("searchable") as harness:
        create = harness.network.steps(POST, harness.credential)[0]
        assert (create.keyed, create.searchable) == (False, True)
        await lose_answer(harness, POST)
        answer = await harness.network.look_up(harness.call(), Question(create, POST, {}, harness.clock()))
        assert answer.found and answer.result is not None
        assert answer.result["id"] == harness.posts()[0]["id"]
        other = replace(POST, text="Сеем овёс")
        answer = await harness.network.look_up(harness.call(), Question(create, other, {}, harness.clock()))
        assert answer.found is False


async def test_nobody_knows_in_a_community_with_neither() -> None:
    async with open_flavoured("neither") as harness:
        create = harness.network.steps(POST, harness.credential)[0]
        assert (create.keyed, create.searchable) == (False, False)
        await lose_answer(harness, POST)
        answer = await harness.network.look_up(harness.call(), Question(create, POST, {}, harness.clock()))
        assert answer.found is None


async def test_lost_comment_is_found_and_not_doubled() -> None:
    async with open_flavoured("searchable") as harness:
        create, comment = harness.network.steps(POST, harness.credential)
        done = {"create": await harness.network.perform(harness.call(), create, POST, {})}
        question = Question(comment, POST, done, harness.clock())
        assert (await harness.network.look_up(harness.call(), question)).found is False
        sent = await harness.network.perform(harness.call(), comment, POST, done)
        answer = await harness.network.look_up(harness.call(), question)
        assert (answer.found, answer.result) == (True, sent)


async def test_edit_keeps_what_is_out_and_sends_what_is_new(tmp_path: Path) -> None:
    async with open_harness() as harness:
        first, second = sample_image(tmp_path, "a.png"), sample_image(tmp_path, "b.png", width=90)
        remote = await harness.publish(Outgoing("раз", (first,)))
        changed = Outgoing("два", (second, first), LinkCard("https://example.org/"))
        after = await harness.network.edit(harness.call(), remote, changed)
        ids = [row["id"] for row in after.extra["media"]]
        assert ids[1] == remote.extra["media"][0]["id"] != ids[0]
        assert [(post["text"], post["media"]) for post in harness.posts()] == [("два", 2)]
        bare = await harness.network.edit(harness.call(), after, Outgoing("три"))
        assert (harness.posts()[0]["media"], bare.extra["media"]) == (0, [])


async def test_edit_of_what_is_gone() -> None:
    async with open_harness() as harness:
        remote = await harness.publish(Outgoing("раз"))
        harness.fault("forgotten")
        with pytest.raises(Gone):
            await harness.network.edit(harness.call(), remote, Outgoing("два"))
        assert not (await harness.network.read_back(harness.call(), remote)).alive
        with pytest.raises(Gone):
            await harness.network.read_post(harness.call(), remote)


async def test_numbers_with_their_gaps() -> None:
    async with open_harness() as harness:
        poll = Outgoing("Что сеем? https://example.org/", poll=Poll("Что?", ("Рожь", "Овёс")))
        readings = await harness.network.read_post(harness.call(), await harness.publish(poll))
        assert {reading.metric for reading in readings if isinstance(reading, Measure)} == {
            "views", "reach", "likes", "comments", "reposts", "clicks", "votes",
        }  # fmt: skip
        plain = await harness.publish(Outgoing("Просто"), "other")
        absent = {r.metric: r.reason for r in await harness.network.read_post(harness.call(), plain)
                  if isinstance(r, Absent)}  # fmt: skip
        assert absent == {"clicks": "no_link", "votes": "no_poll", "saves": "not_given"}


async def test_renewal() -> None:
    async with open_harness() as harness:
        harness.fault("expired")
        with pytest.raises(NeedsLogin) as caught:
            await harness.network.account(harness.call())
        assert caught.value.code == "token_expired"
        fresh = await harness.network.refresh(harness.call())
        assert fresh.expires_at is not None and fresh.expires_at > harness.clock()
        account = await harness.network.account(harness.call(credential=fresh))
        assert (account.name, account.facts["flavour"]) == ("Нива", "keyed")
        with pytest.raises(NeedsLogin):
            await harness.network.refresh(harness.call())
        lasting = Credential({"access_token": "x"}, harness.credential.facts)
        assert await harness.network.refresh(harness.call(credential=lasting)) == lasting


async def test_missing_rights_are_told_by_the_test_button(bench: Bench) -> None:
    from niva.networks.base.testing import open_session

    made = await bench.community(scopes=["read"])
    keys = Credential({"access_token": made["access_token"]}, {"api_base": bench.url})
    async with open_session() as session, open_harness() as harness:
        call = harness.call(credential=keys, session=session)
        account = await harness.network.account(call)
        assert set(account.lacks) >= {"text", "edit", "post_numbers"}
        assert "read_back" not in account.lacks
        with pytest.raises(NeedsLogin) as caught:
            await harness.network.read_community(call)
        assert caught.value.code == "right_missing"


async def test_refusals_carry_known_codes(tmp_path: Path) -> None:
    async with open_harness() as harness:
        create = harness.network.steps(POST, harness.credential)[0]
        for out, code in (
            (Outgoing("a" * 2001), "text_too_long"),
            (Outgoing(" "), "post_empty"),
            (Outgoing("x", link=LinkCard("ftp://example.org")), "link_bad"),
        ):
            assert code in {p.code for p in harness.network.check(out, harness.network.limits)}
            with pytest.raises(Rejected) as caught:
                await harness.network.perform(harness.call(), create, out, {})
            assert caught.value.code == code in CODES
        picture = sample_image(tmp_path)
        picture.path.unlink()
        out = Outgoing("x", (picture,))
        upload = harness.network.steps(out, harness.credential)[0]
        with pytest.raises(Rejected, match="file_missing"):
            await harness.network.perform(harness.call(), upload, out, {})


async def test_down_is_temporary_and_names_its_delay(bench: Bench) -> None:
    made = await bench.community()
    keys = Credential({"access_token": made["access_token"]}, {"api_base": bench.url + "/"})
    faults.arm(bench.store, "down", retry_after=9)
    async with open_harness() as harness:
        with pytest.raises(Temporary) as caught:
            await harness.network.account(harness.call(credential=keys))
        assert caught.value.retry_after == 9


async def test_a_stranger_at_the_address_is_nonsense() -> None:
    """Some other server answers: no code of ours, so nothing is known."""
    async with open_harness() as harness:
        facts = {**harness.credential.facts, "api_base": f"{harness.credential.facts['api_base']}/c/niva"}
        strange = replace(harness.credential, facts=facts)
        with pytest.raises(Temporary, match="nonsense"):
            await harness.network.account(harness.call(credential=strange))


async def test_albums_and_polls_over_the_limit(tmp_path: Path) -> None:
    async with open_harness() as harness:
        network, limits = harness.network, harness.network.limits
        picture = sample_image(tmp_path)
        assert not network.check(Outgoing("", (picture,) * 10), limits)
        assert {"media_too_many"} == {p.code for p in network.check(Outgoing("", (picture,) * 11), limits)}
        video = sample_posts(tmp_path)["video"].media[0]
        assert {"media_mixed"} == {p.code for p in network.check(Outgoing("", (picture, video)), limits)}
        long = Outgoing("", poll=Poll("?" * 201, ("a" * 101, "b")))
        assert {"poll_question_too_long", "poll_option_too_long"} == {
            p.code for p in network.check(long, limits)
        }


def test_default_address_follows_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIVA_PRACTICE_URL", raising=False)
    monkeypatch.setenv("NIVA_PRACTICE_PORT", "9001")
    assert base_url({}) == "http://127.0.0.1:9001"
    monkeypatch.setenv("NIVA_PRACTICE_URL", "http://practice.lan:80/")
    assert base_url({}) == "http://practice.lan:80"
    assert base_url({"api_base": "https://practice.example/"}) == "https://practice.example"
