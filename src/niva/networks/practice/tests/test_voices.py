"""Stories and reels, and what people say: told by the simulated life, planted, answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from niva.networks.base.errors import Rejected
from niva.networks.base.inbox import Message
from niva.networks.base.testing import sample_image, sample_upright
from niva.networks.base.types import Outgoing, Poll
from niva.networks.practice.server import profiles, voices
from niva.networks.practice.server.store import STORY_LIFE, Store
from niva.networks.practice.tests.conftest import Bench
from niva.networks.practice.tests.harness import open_flavoured, open_harness

STORY = {"form": "story"}


async def test_a_story_leaves_the_feed_after_a_day_of_the_network(bench: Bench, tmp_path: Path) -> None:
    await bench.community()
    community = bench.store.community("ferma")
    assert community is not None
    media = profiles.add_picture(bench.store, community, sample_image(tmp_path).path.read_bytes())
    _, post = await bench.ask("POST", "/api/v1/posts", {"text": "Сегодня", "media": [media], **STORY})
    assert (post["form"], "Сегодня" in (await bench.page("/c/ferma"))[1]) == ("story", True)
    bench.clock[0] += STORY_LIFE / bench.store.pace - 1
    assert "Сегодня" in (await bench.page("/c/ferma"))[1]
    bench.clock[0] += 2
    assert "Сегодня" not in (await bench.page("/c/ferma"))[1]
    assert (await bench.page(f"/c/ferma/{post['id']}"))[0] == 410
    assert (await bench.ask("GET", f"/api/v1/posts/{post['id']}"))[1]["text"] == "Сегодня"


async def test_forms_take_what_they_take(tmp_path: Path) -> None:
    async with open_harness() as harness:
        network, limits = harness.network, harness.network.limits
        photo, video = sample_image(tmp_path), sample_upright(tmp_path)
        story = Outgoing("Сегодня", (photo,), options=STORY)
        for out, code in (
            (replace(story, media=()), "media_required"),
            (replace(story, media=(photo, photo)), "media_too_many"),
            (replace(story, poll=Poll("Да?", ("Да", "Нет"))), "form_takes_no"),
            (replace(story, options={"form": "reel"}), "reel_needs_video"),
        ):
            assert code in {problem.code for problem in network.check(out, limits)}
            with pytest.raises(Rejected, match=code):
                await harness.publish(out, code)
        assert harness.posts() == []
        reel = await harness.publish(Outgoing("", (video,), options={"form": "reel"}, first_comment="Да"))
        assert len(harness.posts()) == 1
        told = await harness.publish(story, "story")
        assert {p.code for p in network.check(replace(story, first_comment="x"), limits)} == {"form_takes_no"}
        message = Message("1", "comment", "?", harness.clock(), told.id)
        with pytest.raises(Rejected, match="comments_off"):
            await network.answer(harness.call(), message, "Ответ")
        await network.edit(harness.call(), reel, Outgoing("Иначе", (video,)))
        assert (await network.read_back(harness.call(), reel)).text == "Иначе"
        with pytest.raises(Rejected, match="reel_needs_video"):
            await network.edit(harness.call(), reel, replace(story, text="Картинка"))


async def test_simulated_people_are_heard_and_answered(bench: Bench) -> None:
    await bench.community(followers=900_000)
    _, post = await bench.ask("POST", "/api/v1/posts", {"text": "Запись https://example.org"})
    bench.clock[0] += 3600
    _, stats = await bench.ask("GET", f"/api/v1/posts/{post['id']}/stats")
    path, heard = f"/api/v1/posts/{post['id']}/comments", []
    for offset in range(0, 1000, 100):
        heard += (await bench.ask("GET", f"{path}?offset={offset}"))[1]["comments"]
    assert len(heard) == stats["comments"] > 100 and len({row["id"] for row in heard}) == len(heard)
    assert heard == sorted(heard, key=lambda row: row["created_at"], reverse=True)
    middle = heard[50]
    since = middle["created_at"].replace("+", "%2B")
    _, newer = await bench.ask("GET", f"{path}?since={since}")
    assert newer["comments"] == [row for row in heard if row["created_at"] > middle["created_at"]][:100]
    _, made = await bench.ask("POST", path, {"text": "Пожалуйста", "answers": middle["id"]})
    newest = (await bench.ask("GET", path))[1]["comments"][0]
    assert (newest["id"], newest["own"], newest["answers"]) == (made["id"], True, middle["id"])
    assert (await bench.ask("POST", path, {"text": "Кому?", "answers": "0-0"}))[0] == 422
    _, letters = await bench.ask("GET", "/api/v1/messages")
    letter = letters["messages"][0]
    said = {"conversation": letter["conversation"], "text": "Ждём вас"}
    status, _ = await bench.ask("POST", "/api/v1/messages", said)
    newest = (await bench.ask("GET", "/api/v1/messages"))[1]["messages"][0]
    assert (status, newest["own"], newest["conversation"]) == (201, True, letter["conversation"])
    status, answer = await bench.ask("POST", "/api/v1/messages", {"conversation": "x", "text": "Эй"})
    assert (status, answer["error"]["code"]) == (422, "conversation_unknown")


async def test_a_lost_answer_is_not_said_twice_where_keys_are_heeded() -> None:
    async with open_harness() as harness:
        post = await harness.publish(Outgoing("Мёд"))
        since = harness.clock() - timedelta(minutes=5)
        assert harness.say is not None
        for kind, read in (
            ("comment", lambda: harness.network.read_comments(harness.call(), post, since)),
            ("message", lambda: harness.network.read_messages(harness.call(), since)),
        ):
            harness.say(kind, "Почём?", post.id if kind == "comment" else "")  # type: ignore[arg-type]
            (heard,) = await read()
            twice = [await harness.network.answer(harness.call(kind), heard, "500") for _ in range(2)]
            assert twice[0].id == twice[1].id
            both = await read()
            assert [one.text for one in both if one.ours] == ["500"]
            assert both[0].author_name and both[0].thread == heard.thread
        mention = Message("1", "mention", "?", harness.clock())
        with pytest.raises(Rejected, match="mention_answer_unsupported"):
            await harness.network.answer(harness.call(), mention, "Спасибо")


async def test_people_write_only_where_it_is_open(bench: Bench) -> None:
    await bench.community()
    _, post = await bench.ask("POST", "/api/v1/posts", {"text": "раз"})
    word = {"community": "ferma", "text": "Почём?"}
    for kind, switch in (("comment", "comments_on"), ("message", "messages_on")):
        assert (await bench.admin("voices", {**word, "kind": kind, "post": post["id"]}))[0] == 201
        await bench.ask("PATCH", "/api/v1/profile", {switch: False})
        status, answer = await bench.admin("voices", {**word, "kind": kind, "post": post["id"]})
        assert (status, answer["error"]["code"]) == (422, f"{kind}s_off")
    status, answer = await bench.ask("POST", f"/api/v1/posts/{post['id']}/comments", {"text": "Сами"})
    assert (status, answer["error"]["code"]) == (422, "comments_off")
    for wrong in ({"kind": "shout"}, {"kind": "comment"}, {"kind": "message", "community": "nobody"}):
        assert (await bench.admin("voices", {**word, **wrong}))[0] == 422
    assert "Почём?" in (await bench.page(f"/c/ferma/{post['id']}"))[1]


async def test_a_post_of_others_that_names_the_handle_is_a_mention(bench: Bench) -> None:
    await bench.community("ferma")
    ours = bench.token
    await bench.community("second", name="Соседи")
    text = "Были у @ferma, спасибо. mail@ferma.ru @second"
    _, post = await bench.ask("POST", "/api/v1/posts", {"text": text}, Idempotency_Key="k")
    await bench.ask("POST", "/api/v1/posts", {"text": text}, Idempotency_Key="k")
    assert (await bench.ask("GET", "/api/v1/mentions"))[1] == {"mentions": []}, "nobody mentions himself"
    _, told = await bench.ask("GET", "/api/v1/mentions", Authorization=f"Bearer {ours}")
    (one,) = told["mentions"]
    assert (one["text"], one["name"], one["url"]) == (text, "Соседи", post["url"])


async def test_every_page_is_read_and_nothing_twice() -> None:
    async with open_flavoured("neither") as harness:
        assert harness.say is not None
        for number in range(205):
            harness.say("mention", f"№{number}", "")
        heard = await harness.network.read_mentions(harness.call(), harness.clock() - timedelta(minutes=5))
        assert [one.text for one in heard] == [f"№{number}" for number in range(205)]


def test_a_file_of_an_older_server_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    store = Store(path)
    community = store.add_community(handle="ferma", name="Ферма")
    for table, column in (("posts", "form"), ("posts", "answers"), ("comments", "author"),
                          ("comments", "answers")):  # fmt: skip
        store.db.execute(f"alter table {table} drop column {column}")
    for table in ("letters", "mentions", "profiles"):
        store.db.execute(f"drop table {table}")
    store.close()
    again = Store(path)
    assert voices.letters(again, community) == [] and again.posts(community, ended=False) == []
    again.close()
