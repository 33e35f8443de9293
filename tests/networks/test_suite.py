"""One suite for every network: what the delivery engine and the interface may rely on, whoever answers.

A network takes part by offering `tests/harness.py` with `open_harness` (niva.networks.base.testing.Harness).
Faults that its fake cannot do are skipped by name, so that the gap is seen.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import get_args

import pytest

import niva.networks
from niva.networks.base.errors import (
    Gone,
    LeaseLost,
    Limited,
    NeedsLogin,
    NetworkError,
    OutcomeUnknown,
    Rejected,
    Temporary,
)
from niva.networks.base.inbox import MessageKind, Messages
from niva.networks.base.manifest import Reason
from niva.networks.base.metrics import COMMUNITY_METRICS, POST_METRICS
from niva.networks.base.network import Network, Question
from niva.networks.base.profile import FIELDS
from niva.networks.base.testing import FAULTS, PLAIN, TEXT, Harness, open_session, sample_image
from niva.networks.base.types import Absent, Measure, Outgoing, Part, Problem, Remote, Step
from niva.networks.registry import all_networks
from tests.looks.colours import contrast

FOLDER = Path(next(iter(niva.networks.__path__)))
WITH_HARNESS = sorted(path.parent.parent.name for path in FOLDER.glob("*/tests/harness.py"))
DONE_BUT_UNHEARD = ("accepted_then_timeout", "error_after_commit", "reset")
CONTENT = ("text", "image", "album", "video", "link", "poll", "thread", "first_comment", "story", "reel")
HURRY = 0.7  # seconds: long enough for loopback, short enough to wait for an answer that never comes


@pytest.fixture(params=WITH_HARNESS)
def network(request: pytest.FixtureRequest) -> Network:
    return importlib.import_module(f"niva.networks.{request.param}").NETWORK


@pytest.fixture
async def harness(network: Network) -> AsyncIterator[Harness]:
    module = importlib.import_module(f"niva.networks.{network.manifest.name}.tests.harness")
    async with module.open_harness() as opened:
        yield opened


@pytest.fixture
def posts(harness: Harness, tmp_path: Path) -> dict[str, Outgoing]:
    return harness.samples(tmp_path)


@pytest.fixture
def plain(harness: Harness, tmp_path: Path) -> Outgoing:
    """The simplest post that the network takes."""
    return harness.plain(tmp_path)


def need(harness: Harness, fault: str) -> None:
    if fault not in harness.faults:
        pytest.skip(f"{harness.network.manifest.name}: its fake has no fault {fault!r}")


def create_step(harness: Harness, out: Outgoing) -> Step:
    return next(step for step in harness.network.steps(out, harness.credential) if step.kind == "create")


def assert_no_secret(harness: Harness, error: NetworkError) -> None:
    told = f"{error} {error.code} {error.detail}"
    assert not [name for name, value in harness.credential.secrets.items() if value and value in told]


async def fail_create(harness: Harness, out: Outgoing, *, patience: float = 5.0) -> NetworkError:
    """Perform "create", which must fail, and say how."""
    call = harness.call(timeout=patience)
    with pytest.raises(NetworkError) as caught:
        await harness.network.perform(call, create_step(harness, out), out, {})
    assert_no_secret(harness, caught.value)
    return caught.value


# --- what it says of itself ---


def test_every_network_takes_part() -> None:
    """All that are called; a place kept by hand or by a feed is never called, its door is the desk itself."""
    called = [name for name, one in all_networks().items() if {"keys", "oauth"} & set(one.manifest.connect)]
    assert sorted(called) == WITH_HARNESS


def test_manifest_is_complete(network: Network) -> None:
    manifest = network.manifest
    assert manifest.title and manifest.title_ru and manifest.api_version
    assert contrast("#fff", manifest.colour) >= 4.5, "the sign cannot be read"
    assert manifest.docs and manifest.connect
    assert set(PLAIN) & manifest.abilities
    for word, missing in manifest.absent.items():
        assert missing.why in get_args(Reason), word
        assert missing.why != "not_given" or missing.note, f"{word}: who says that there is no call for it?"
    for word in ("read_back", "post_numbers", "community_numbers", *CONTENT):
        assert word not in manifest.absent or manifest.absent[word].why != "not_done", f"{word}: left undone"
    assert bool(manifest.reads) == ("profile" in manifest.abilities)
    assert bool(manifest.writes) == ("profile_write" in manifest.abilities)
    for box in (*manifest.fields, *manifest.app_fields):
        assert box.label and re.search("[а-яА-Я]", box.label_ru), f"{box.name}: no Russian label"
        assert bool(box.help) == bool(box.help_ru), f"{box.name}: help in one language only"
        assert box.secret == (box.kind == "password"), f"{box.name}: secrets are typed into password boxes"
    if "keys" in manifest.connect:
        assert manifest.fields


def test_guides_in_both_languages(network: Network) -> None:
    russian, english = network.manifest.guide("ru"), network.manifest.guide("en")
    assert russian != english
    cyrillic, latin = len(re.findall("[а-яё]", russian.lower())), len(re.findall("[a-z]", russian.lower()))
    assert cyrillic > latin, "the Russian guide is not in Russian"
    assert len(re.findall("[а-яё]", english.lower())) < len(english) / 10
    for guide in (russian, english):
        assert re.search(r"^1\. ", guide, re.M), "a guide goes step by step"


def test_every_limit_has_its_origin(network: Network) -> None:
    assert network.limits.get("text_max")
    for name, limit in network.limits.items.items():
        assert limit.value is not None, name
        assert limit.source_url.strip(), name
        assert isinstance(limit.checked_on, date), name


# --- what it would refuse, before anything is sent ---


async def test_abilities_agree_with_check_and_steps(harness: Harness, posts: dict[str, Outgoing]) -> None:
    network, abilities = harness.network, harness.network.manifest.abilities
    limits = network.limits_for(harness.credential)
    for ability in CONTENT:
        errors = [problem for problem in network.check(posts[ability], limits) if problem.severity == "error"]
        names = [step.name for step in network.steps(posts[ability], harness.credential)]
        if ability in abilities:
            assert not errors, f"{ability} is offered and refused: {errors}"
            assert ability != "first_comment" or "comment" in names
        elif ability in ("poll", "video", "thread", "first_comment", "story", "reel"):
            assert errors or (ability == "first_comment" and "comment" not in names), ability


async def test_steps_hold_one_create_and_honest_marks(harness: Harness, posts: dict[str, Outgoing]) -> None:
    abilities = harness.network.manifest.abilities
    for ability in (word for word in CONTENT if word in abilities):
        steps = harness.network.steps(posts[ability], harness.credential)
        assert [step.kind for step in steps].count("create") == 1
        assert next(step.name for step in steps if step.kind == "create") == "create"
        assert len({step.name for step in steps}) == len(steps)
        for step in steps:
            assert not (step.repeatable and step.kind != "upload"), "only uploads may be repeated blindly"
            assert not step.keyed or "own_key" in abilities
            assert not step.searchable or "look_up" in abilities
        kinds = [step.kind for step in steps]
        assert kinds == sorted(kinds, key=["upload", "create", "comment"].index), "uploads, post, comment"


async def test_text_fits_to_the_last_character(harness: Harness, plain: Outgoing) -> None:
    limits = harness.network.limits_for(harness.credential)
    most = limits.value("caption_max" if plain.media and limits.get("caption_max") else "text_max")

    def told(text: str) -> list[Problem]:
        return list(harness.network.check(replace(plain, text=text), limits))

    assert not told("ж" * 10)
    assert "text_too_long" not in {p.code for p in told("a" * most)}
    over = [p for p in told("a" * (most + 1)) if p.code == "text_too_long"]
    assert [(p.where, p.over_at, p.params["surplus"]) for p in over] == [("text", most, 1)]


async def test_empty_post_is_a_problem(harness: Harness) -> None:
    codes = {problem.code for problem in harness.network.check(Outgoing(" \n"), harness.network.limits)}
    assert codes & {"post_empty", "media_required"}


# --- out, changed, down ---


@pytest.mark.parametrize("ability", CONTENT)
async def test_publish(harness: Harness, posts: dict[str, Outgoing], ability: str) -> None:
    if ability not in harness.network.manifest.abilities:
        pytest.skip(f"{harness.network.manifest.name} has no {ability}")
    out = posts[ability]
    remote = await harness.publish(out)
    held = harness.posts()
    assert len(held) == 1
    told = harness.network.check(out, harness.network.limits_for(harness.credential))
    if ("form_leaves_out", "text") not in {(problem.code, problem.where) for problem in told}:
        assert held[0]["text"].startswith(TEXT)
    assert held[0]["media"] == len(out.media)
    assert remote.id
    assert remote.url.startswith(("http://", "https://")) or not remote.url


async def test_same_key_makes_no_second_post(harness: Harness, plain: Outgoing) -> None:
    out = plain
    if not create_step(harness, out).keyed:
        pytest.skip(f"{harness.network.manifest.name} has no key of its own")
    first = await harness.publish(out, "same")
    again = await harness.publish(out, "same")
    assert (first.id, len(harness.posts())) == (again.id, 1)
    await harness.publish(out, "other")
    assert len(harness.posts()) == 2


async def test_edit(harness: Harness, plain: Outgoing) -> None:
    remote = await harness.publish(plain)
    changed = replace(plain, text="Исправлено: 13 тонн")
    if "edit" not in harness.network.manifest.abilities:
        with pytest.raises(Rejected, match="edit_unsupported"):
            await harness.network.edit(harness.call(), remote, changed)
        return
    after = await harness.network.edit(harness.call(), remote, changed)
    assert len(harness.posts()) == 1
    assert harness.posts()[0]["text"].startswith(changed.text)
    assert after.id


async def test_read_back(harness: Harness, plain: Outgoing) -> None:
    remote = await harness.publish(plain)
    if "read_back" not in harness.network.manifest.abilities:
        with pytest.raises(Rejected, match="read_back_unsupported"):
            await harness.network.read_back(harness.call(), remote)
        return
    seen = await harness.network.read_back(harness.call(), remote)
    assert seen.alive
    assert seen.text is None or seen.text.startswith(TEXT)


async def test_delete_twice(harness: Harness, plain: Outgoing) -> None:
    remote = await harness.publish(plain)
    if "delete" not in harness.network.manifest.abilities:
        with pytest.raises(Rejected):
            await harness.network.delete(harness.call(), remote)
        return
    await harness.network.delete(harness.call(), remote)
    assert harness.posts() == []
    await harness.network.delete(harness.call(), remote)
    try:
        seen = await harness.network.read_back(harness.call(), remote)
    except Gone:
        return
    except Rejected as error:
        assert error.code == "read_back_unsupported"
        return
    assert not seen.alive


# --- chains ---


def need_chains(harness: Harness) -> None:
    if "thread" not in harness.network.manifest.abilities:
        pytest.skip(f"{harness.network.manifest.name} has no chains")


async def test_a_chain_answers_itself_in_order(harness: Harness, posts: dict[str, Outgoing]) -> None:
    need_chains(harness)
    out = posts["thread"]
    names = [step.name for step in harness.network.steps(out, harness.credential)]
    assert names[names.index("create") :] == ["create", "thread-2", "thread-3"]
    remote = await harness.publish(out)
    assert [post["text"] for post in harness.posts()] == [TEXT]
    assert harness.parts() == [part.text for part in out.thread]
    seen = await harness.network.read_back(harness.call(), remote)
    assert (seen.alive, seen.missing) == (True, ())


async def test_an_edit_goes_to_the_part_that_changed(harness: Harness, posts: dict[str, Outgoing]) -> None:
    need_chains(harness)
    if "edit" not in harness.network.manifest.abilities:
        pytest.skip(f"{harness.network.manifest.name} shows no edits")
    out = posts["thread"]
    remote = await harness.publish(out)
    changed = replace(out, thread=(out.thread[0], Part("Третья часть, исправлено")))
    after = await harness.network.edit(harness.call(), remote, changed)
    assert harness.parts() == ["Вторая часть", "Третья часть, исправлено"]
    before, rows = (one.extra["thread"] for one in (remote, after))
    assert [row["id"] for row in rows] == [row["id"] for row in before]
    assert [a["mark"] == b["mark"] for a, b in zip(before, rows, strict=True)] == [True, False]


async def test_a_part_that_somebody_removed_is_told(harness: Harness, posts: dict[str, Outgoing]) -> None:
    need_chains(harness)
    remote = await harness.publish(posts["thread"])
    await harness.network.delete(harness.call(), Remote(remote.extra["thread"][1]["id"]))
    seen = await harness.network.read_back(harness.call(), remote)
    assert (seen.alive, seen.missing) == (True, (3,))
    await harness.network.delete(harness.call(), remote)  # the part that is gone is no hindrance
    assert (harness.posts(), harness.parts()) == ([], [])


async def test_an_unheard_part_is_not_sent_twice(harness: Harness, posts: dict[str, Outgoing]) -> None:
    need_chains(harness)
    need(harness, "error_after_commit")
    out, network, since = posts["thread"], harness.network, harness.clock()
    create, second, _ = (s for s in network.steps(out, harness.credential) if s.kind != "upload")
    done = {"create": await network.perform(harness.call("a"), create, out, {})}
    harness.fault("error_after_commit")
    with pytest.raises(OutcomeUnknown):
        await network.perform(harness.call("b"), second, out, done)
    if second.keyed:
        result = await network.perform(harness.call("b"), second, out, done)
        assert network.remote({**done, second.name: result}).extra["thread"][0]["id"] == result["id"]
    answer = await network.look_up(harness.call("b"), Question(second, out, done, since))
    assert answer.found is (True if second.searchable else None)
    assert harness.parts() == ["Вторая часть"]


async def test_every_part_is_checked_by_itself(harness: Harness) -> None:
    need_chains(harness)
    limits = harness.network.limits_for(harness.credential)
    most = limits.value("text_max")
    chain = Outgoing("Начало", thread=(Part("a" * most), Part("a" * (most + 1)), Part(" ")))
    found = [(problem.code, problem.where) for problem in harness.network.check(chain, limits)]
    assert found == [("text_too_long", "thread:3"), ("thread_part_empty", "thread:4")]


# --- when the answer does not come, or is no answer ---


@pytest.mark.parametrize("fault", DONE_BUT_UNHEARD)
async def test_unheard_answer_ends_in_one_post(harness: Harness, plain: Outgoing, fault: str) -> None:
    need(harness, fault)
    out, network = plain, harness.network
    step, since = create_step(harness, out), harness.clock()
    harness.fault(fault)
    error = await fail_create(harness, out, patience=HURRY)
    assert isinstance(error, OutcomeUnknown), f"{fault}: {error!r}"
    assert len(harness.posts()) == 1
    if step.keyed:
        result = await network.perform(harness.call(), step, out, {})
        assert result["id"] == harness.posts()[0]["id"] or len(harness.posts()) == 1
    answer = await network.look_up(harness.call(), Question(step, out, {}, since))
    if step.searchable:
        assert answer.found and answer.result is not None
        assert network.remote({step.name: answer.result}).id
    elif not step.keyed:
        assert answer.found is None, "nobody can know"
    assert len(harness.posts()) == 1


async def test_look_up_finds_nothing_where_nothing_is(harness: Harness, plain: Outgoing) -> None:
    step = create_step(harness, plain)
    if not step.searchable:
        pytest.skip(f"{harness.network.manifest.name} cannot search")
    await harness.publish(replace(plain, text="Совсем другой пост"))
    answer = await harness.network.look_up(harness.call(), Question(step, plain, {}, harness.clock()))
    assert answer.found is False


@pytest.mark.parametrize("fault", ["revoked", "expired"])
async def test_dead_keys_need_a_login(harness: Harness, plain: Outgoing, fault: str) -> None:
    need(harness, fault)
    harness.fault(fault)
    assert isinstance(await fail_create(harness, plain), NeedsLogin)
    assert harness.posts() == []


async def test_dead_keys_show_at_the_test_button(harness: Harness) -> None:
    need(harness, "revoked")
    harness.fault("revoked")
    with pytest.raises(NeedsLogin) as caught:
        await harness.network.account(harness.call())
    assert_no_secret(harness, caught.value)


@pytest.mark.parametrize("fault", ["limited", "limited_no_delay"])
async def test_too_often(harness: Harness, plain: Outgoing, fault: str) -> None:
    need(harness, fault)
    harness.fault(fault)
    error = await fail_create(harness, plain)
    assert isinstance(error, Limited), repr(error)
    if fault == "limited":
        assert error.until is not None and error.until > harness.clock()
    assert harness.posts() == []


async def test_refused_content_is_final(harness: Harness, plain: Outgoing) -> None:
    need(harness, "refused")
    harness.fault("refused")
    assert isinstance(await fail_create(harness, plain), Rejected)
    assert harness.posts() == []


async def test_captcha_waits_for_a_person_or_a_pause(harness: Harness, plain: Outgoing) -> None:
    need(harness, "captcha")
    harness.fault("captcha")
    assert isinstance(await fail_create(harness, plain), NeedsLogin | Limited | Rejected)
    assert harness.posts() == []


async def test_nonsense_is_unknown_for_a_write(harness: Harness, plain: Outgoing) -> None:
    need(harness, "nonsense")
    harness.fault("nonsense")
    assert isinstance(await fail_create(harness, plain), OutcomeUnknown)


async def test_nonsense_is_temporary_for_a_read(harness: Harness) -> None:
    need(harness, "nonsense")
    harness.fault("nonsense")
    with pytest.raises(Temporary):
        await harness.network.account(harness.call())


async def test_refused_connection_is_temporary(harness: Harness, plain: Outgoing) -> None:
    out = plain
    async with open_session(refusing=True) as session:
        with pytest.raises(Temporary, match="cannot_connect") as caught:
            await harness.network.perform(harness.call(session=session), create_step(harness, out), out, {})
    assert_no_secret(harness, caught.value)
    assert harness.posts() == []


async def test_nothing_is_sent_without_the_lease(harness: Harness, plain: Outgoing) -> None:
    async def lost() -> None:
        raise LeaseLost

    with pytest.raises(LeaseLost):
        await harness.network.perform(harness.call(before_send=lost), create_step(harness, plain), plain, {})
    assert harness.posts() == []


# --- numbers and the test button ---


async def test_readings_are_known_words(harness: Harness, plain: Outgoing) -> None:
    remote = await harness.publish(plain)
    abilities = harness.network.manifest.abilities
    for ability, words in (("post_numbers", POST_METRICS), ("community_numbers", COMMUNITY_METRICS)):
        if ability == "post_numbers":
            readings = await harness.network.read_post(harness.call(), remote)
        else:
            readings = await harness.network.read_community(harness.call())
        told = [reading.metric for reading in readings]
        assert set(told) <= set(words) and len(told) == len(set(told))
        assert all(reading.reason for reading in readings if isinstance(reading, Absent))
        assert all(reading.value >= 0 for reading in readings if isinstance(reading, Measure))
        manifest = harness.network.manifest
        assert {one.metric for one in readings if isinstance(one, Measure)} <= manifest.tells
        for one in readings:
            if isinstance(one, Absent) and one.metric not in manifest.tells and one.reason != "no_poll":
                assert one.reason == manifest.lacks.get(one.metric, "not_offered")
        if any(isinstance(reading, Measure) for reading in readings):
            assert ability in abilities
        else:
            assert readings, "a network that counts nothing (yet) says why"


async def test_test_button(harness: Harness) -> None:
    account = await harness.network.account(harness.call())
    assert account.id and account.name
    assert set(account.lacks) <= harness.network.manifest.abilities


# --- what people say, and how the community is set ---

TALK: dict[str, MessageKind] = {"comments": "comment", "messages": "message", "mentions": "mention"}
ANSWERS = {"comment": "comment_answer", "message": "message_answer"}


@pytest.mark.parametrize("ability", TALK)
async def test_what_people_say_is_read_and_answered(harness: Harness, plain: Outgoing, ability: str) -> None:
    network, kind = harness.network, TALK[ability]
    remote, since = await harness.publish(plain), harness.clock() - timedelta(minutes=5)

    async def read() -> Messages:
        if kind == "comment":
            return await network.read_comments(harness.call(), remote, since)
        read = network.read_messages if kind == "message" else network.read_mentions
        return await read(harness.call(), since)

    if ability not in network.manifest.abilities:
        with pytest.raises(Rejected, match=f"{ability}_unsupported"):
            await read()
        return
    assert harness.say is not None, "the fake lets nobody say anything"
    assert await read() == ()
    harness.say(kind, "Почём мёд?", remote.id if kind == "comment" else "")
    (heard,) = await read()
    assert (heard.kind, heard.text, heard.ours, bool(heard.id)) == (kind, "Почём мёд?", False, True)
    assert heard.at.tzinfo is not None
    answer = ANSWERS.get(kind, "")
    if answer not in network.manifest.abilities:
        with pytest.raises(Rejected):
            await network.answer(harness.call("answer"), heard, "500 рублей")
        return
    said = await network.answer(harness.call("answer"), heard, "500 рублей")
    assert (said.text, said.ours, bool(said.id)) == ("500 рублей", True, True)
    assert {one.text for one in await read()} >= {"Почём мёд?"}


async def test_the_profile_tells_what_the_manifest_says(harness: Harness) -> None:
    manifest = harness.network.manifest
    if "profile" not in manifest.abilities:
        with pytest.raises(Rejected, match="profile_unsupported"):
            await harness.network.read_profile(harness.call())
        return
    found = await harness.network.read_profile(harness.call())
    told = {name for name in FIELDS if getattr(found, name) is not None}
    assert told <= manifest.reads
    assert manifest.reads - told <= {"pinned", "last_post_at"}, "only where there is no post is nothing told"


async def test_a_changed_profile_reads_as_changed(harness: Harness, tmp_path: Path) -> None:
    network, manifest = harness.network, harness.network.manifest
    if "profile_write" not in manifest.abilities:
        with pytest.raises(Rejected, match="profile_write_unsupported"):
            await network.write_profile(harness.call(), {"about": "Мёд с пасеки"})
        return
    with pytest.raises(Rejected, match="profile_write_unsupported"):
        await network.write_profile(harness.call(), {"no such field": ""})
    for name in sorted(manifest.writes & {"name", "about", "status"}):
        await network.write_profile(harness.call(), {name: "Мёд с пасеки"})
        if name in manifest.reads:
            assert getattr(await network.read_profile(harness.call()), name) == "Мёд с пасеки"
    for name in sorted(manifest.writes & {"avatar", "cover"}):
        width, height = (800, 800) if name == "avatar" else (1920, 768)
        picture = sample_image(tmp_path, f"{name}.jpg", width=width, height=height)
        await network.write_profile(harness.call(), {name: picture})


async def test_what_no_contract_knows_does_no_harm(harness: Harness, plain: Outgoing) -> None:
    need(harness, "surplus")
    harness.fault("surplus")
    network, abilities = harness.network, harness.network.manifest.abilities
    remote = await harness.publish(plain)
    assert len(harness.posts()) == 1
    assert (await network.account(harness.call())).id
    if "read_back" in abilities:
        assert (await network.read_back(harness.call(), remote)).alive
    if "post_numbers" in abilities:
        assert await network.read_post(harness.call(), remote)
    if "community_numbers" in abilities:
        assert await network.read_community(harness.call())


def test_fault_words() -> None:
    assert set(DONE_BUT_UNHEARD) < set(FAULTS)
