"""Files in segments, edits that give new ids, duplicates, refusals, limits of the moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from niva.networks.base.errors import Gone, Limited, NeedsLogin, OutcomeUnknown, Rejected, Temporary
from niva.networks.base.network import Question
from niva.networks.base.testing import Harness, sample_image, sample_posts
from niva.networks.base.types import Credential, LinkCard, MediaFile, Outgoing, Part, Poll
from niva.networks.x import NETWORK, client, publish
from niva.networks.x.tests.fake import ME, FakeX, Refusal

Field = tuple[Harness, FakeX]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made between questions, without making them."""
    made: list[float] = []

    async def note(seconds: float) -> None:
        made.append(seconds)

    monkeypatch.setattr(publish, "pause", note)
    return made


async def test_every_kind_under_both_descriptions(field: Field, tmp_path: Path):
    harness, fake = field
    abilities = NETWORK.manifest.abilities
    for name, out in sample_posts(tmp_path).items():
        if name in abilities:
            there = await harness.publish(replace(out, text=f"{out.text} {name}"), name)
            assert (await NETWORK.read_back(harness.call(), there)).text == f"{out.text} {name}"
            assert there.url == f"https://x.com/niva/status/{there.id}"
    assert fake.contract is None or fake.contract.checked > 40


async def test_a_file_goes_over_in_segments_and_gets_its_words(field: Field, tmp_path: Path, monkeypatch):
    harness, fake = field
    monkeypatch.setattr(client, "SEGMENT", 1000)
    monkeypatch.setattr(publish, "SEGMENT", 1000)
    picture = sample_image(tmp_path, alt="Улей")
    await harness.publish(Outgoing("Улей", (picture,)))
    (file,) = fake.files.values()
    assert (file["data"], file["alt"]) == (picture.path.read_bytes(), "Улей")
    assert file["media_category"] == "tweet_image"


async def test_a_video_is_waited_for(field: Field, tmp_path: Path, pauses: list[float]):
    harness, fake = field
    fake.slow = 3
    out = sample_posts(tmp_path)["video"]
    await harness.publish(out)
    assert pauses == [1, 1, 1]
    fake.slow = 99
    with pytest.raises(Temporary, match="media_processing") as late:
        await harness.publish(replace(out, text="ещё"))
    assert late.value.retry_after == 60
    monkey = fake._file
    fake._file = lambda number: {**monkey(number), "processing_info": {"state": "failed"}}  # type: ignore[method-assign]
    with pytest.raises(Rejected, match="media_refused"):
        await harness.publish(replace(out, text="и ещё"))


async def test_the_same_words_twice_are_certainly_not_out_twice(field: Field):
    harness, fake = field
    out, since = Outgoing("Урожай"), harness.clock()
    step = NETWORK.steps(out, harness.credential)[0]
    fake.fault("reset")
    with pytest.raises(OutcomeUnknown):
        await NETWORK.perform(harness.call(), step, out, {})
    with pytest.raises(Rejected, match="duplicate_text"):
        await NETWORK.perform(harness.call(), step, out, {})
    answer = await NETWORK.look_up(harness.call(), Question(step, out, {}, since))
    assert answer.result is not None and answer.result["id"] == fake.posts()[0]["id"]


async def test_an_edit_gives_a_new_id_and_keeps_the_first(field: Field, tmp_path: Path):
    harness, fake = field
    there = await harness.publish(Outgoing("Было", (sample_image(tmp_path),), thread=(Part("Вторая"),)))
    uploads = len(fake.files)
    same = Outgoing("Было", (sample_image(tmp_path),), thread=(Part("Вторая, иначе"),))
    after = await NETWORK.edit(harness.call(), there, same)
    assert (len(fake.files), "now" in after.extra) == (uploads, False)  # only the part changed
    after = await NETWORK.edit(harness.call(), after, replace(same, text="Стало"))
    again = await NETWORK.edit(harness.call(), after, replace(same, text="Стало иначе"))
    assert (again.id, [one["text"] for one in fake.posts()]) == (there.id, ["Стало иначе"])
    assert again.extra["now"] != after.extra["now"] != there.id
    assert (await NETWORK.read_back(harness.call(), again)).text == "Стало иначе"
    await NETWORK.delete(harness.call(), again)
    assert (fake.posts(), fake.parts()) == ([], [])


async def test_who_may_not_edit(field: Field):
    harness, fake = field
    fake.premium = False
    there = await harness.publish(Outgoing("Было"))
    with pytest.raises(Rejected, match="edit_not_allowed"):
        await NETWORK.edit(harness.call(), there, Outgoing("Стало"))
    with pytest.raises(Rejected, match="edit_not_allowed"):
        await NETWORK.edit(harness.call(), there, Outgoing("Стало", poll=Poll("?", ("a", "b"))))


async def test_what_a_post_says_of_itself(field: Field):
    harness, fake = field
    labels = {"made_with_ai": True, "paid_partnership": True}  # the older description knows no labels
    labels = labels if harness.credential.facts["naming"] == "post" else {}
    options = {"reply_settings": "following", **labels}
    link, poll = LinkCard("https://example.org/honey"), Poll("Что?", ("Мёд", "Воск"), closes_in=3600)
    there = await harness.publish(Outgoing("Мёд", link=link, poll=poll, options=options))
    sent = fake.posts()[0]["said"]["sent"]
    assert sent == {
        "text": "Мёд\n\nЧто?\n\nhttps://example.org/honey", "reply_settings": "following",
        **labels,
        "poll": {"options": ["Мёд", "Воск"], "duration_minutes": 60},
    }  # fmt: skip
    assert (await NETWORK.read_back(harness.call(), there)).text == "Мёд"
    votes = next(one for one in await NETWORK.read_post(harness.call(), there) if one.metric == "votes")
    assert votes.value == 21  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("status", "kind", "detail", "error", "code"),
    [
        (402, "about:blank", "CreditsDepleted", Limited, "credits_used_up"),
        (403, "https://api.twitter.com/2/problems/client-forbidden", "…", NeedsLogin, "app_not_enrolled"),
        (
            403,
            "https://api.x.com/2/problems/unsupported-authentication",
            "…",
            NeedsLogin,
            "wrong_kind_of_token",
        ),
        (403, "about:blank", "Your account is suspended and …", NeedsLogin, "account_blocked"),
        (403, "about:blank", "your account is temporarily locked", NeedsLogin, "account_locked"),
        (400, "https://api.x.com/2/problems/invalid-request", "text is too long", Rejected, "text_too_long"),
        (403, "about:blank", "You cannot reply to this conversation", Rejected, "reply_refused"),
        (429, "https://api.x.com/2/problems/usage-capped", "…", Limited, "usage_capped"),
        (413, "about:blank", "…", Rejected, "file_too_big"),
        (404, "https://api.x.com/2/problems/resource-not-found", "…", Gone, "post_gone"),
        (404, "about:blank", "Not Found", Rejected, "interface_withdrawn"),
        (410, "about:blank", "Gone", Rejected, "interface_withdrawn"),
        (503, "about:blank", "…", OutcomeUnknown, "server_error"),
        (302, "about:blank", "…", OutcomeUnknown, "nonsense"),
    ],
)
async def test_refusals(field: Field, status, kind, detail, error, code):
    harness, fake = field
    fake.refusal = Refusal(status, detail, kind)
    with pytest.raises(error) as caught:
        await harness.publish(Outgoing("Мёд"))
    assert caught.value.code == code
    if code in ("credits_used_up", "usage_capped"):
        assert caught.value.scope == "app"


async def test_the_window_that_is_empty_tells_when_to_come_back(field: Field):
    harness, fake = field
    ends = int((datetime.now(UTC) + timedelta(hours=20)).timestamp())
    headers = {"x_rate_limit_remaining": "0", "x_rate_limit_reset": "1", "x_app_limit_24hour_remaining": "0",
               "x_app_limit_24hour_reset": str(ends)}  # fmt: skip
    fake.refusal = Refusal(429, "Too Many Requests", **headers)
    with pytest.raises(Limited) as caught:
        await harness.publish(Outgoing("Мёд"))
    assert (caught.value.scope, caught.value.until) == ("app", datetime.fromtimestamp(ends, UTC))


async def test_problems_with_an_answer_200(field: Field, monkeypatch):
    harness, fake = field
    there = await harness.publish(Outgoing("Мёд"))
    problem = {
        "title": "Not Found Error", "detail": "Could not find tweet with id: [1].", "resource_type": "tweet",
        "type": "https://api.x.com/2/problems/resource-not-found", "parameter": "id", "value": "1",
    }  # fmt: skip
    monkeypatch.setattr(fake, "_one", lambda number, query: {"errors": [problem]})
    with pytest.raises(Gone):
        await NETWORK.read_post(harness.call(), there)
    assert (await NETWORK.read_back(harness.call(), there)).alive is False


def codes(out: Outgoing, limits=NETWORK.limits) -> list[str]:
    return [problem.code for problem in NETWORK.check(out, limits)]


def test_limits():
    picture = MediaFile(Path("a.jpg"), "image", "image/jpeg", 5_000_000, 100, 100)
    gif = MediaFile(Path("a.gif"), "animation", "image/gif", 15_000_000, 100, 100)
    film = MediaFile(Path("a.mp4"), "video", "video/mp4", 9, 300, 100, duration=140)
    assert codes(Outgoing("漢" * 140)) == []
    assert codes(Outgoing("漢" * 141)) == ["text_too_long"]
    assert codes(Outgoing("я" * 255, link=LinkCard("https://example.org/" + "x" * 300))) == []
    assert codes(Outgoing("я" * 256, link=LinkCard("https://example.org/" + "x" * 300))) == ["text_too_long"]
    assert codes(Outgoing("", (picture,) * 4)) == []
    assert "media_too_many" in codes(Outgoing("", (picture,) * 5))
    assert codes(Outgoing("", (replace(picture, size=5_000_001),))) == ["media_too_heavy"]
    assert codes(Outgoing("", (gif,))) == []
    assert "animation_alone" in codes(Outgoing("", (gif, picture)))
    assert codes(Outgoing("", (film,))) == []
    assert codes(Outgoing("", (replace(film, width=310),))) == ["media_too_wide"]
    long = NETWORK.check(Outgoing("", (replace(film, duration=141),)), NETWORK.limits)
    assert [(one.code, one.severity) for one in long] == [("video_too_long", "warning")]
    assert codes(Outgoing("?", poll=Poll("", ("a" * 25, "b"), closes_in=300))) == []
    assert codes(Outgoing("?", poll=Poll("", ("a" * 26, "b"), closes_in=240))) == [
        "poll_option_too_long", "poll_too_short",
    ]  # fmt: skip
    assert codes(Outgoing("?", (picture,), poll=Poll("", ("a", "b")))) == ["poll_with_media"]


async def test_premium_writes_longer(field: Field):
    harness, fake = field
    account = await NETWORK.account(harness.call())
    limits = NETWORK.limits_for(replace(harness.credential, facts=account.facts))
    assert (limits.value("text_max"), codes(Outgoing("я" * 25_000), limits)) == (25_000, [])
    fake.premium = False
    account = await NETWORK.account(harness.call())
    assert NETWORK.limits_for(Credential(facts=account.facts)).value("text_max") == 280
    assert (
        NETWORK.limits_for(Credential(facts={"limits": {"text_max": 5}, "limits_on": "?"})) == NETWORK.limits
    )
    assert account.facts["user_id"] == ME


async def test_a_post_with_a_bare_address_is_found_again(field: Field, monkeypatch: pytest.MonkeyPatch):
    harness, fake = field
    out, since = Outgoing("Мёд на ferma.example.com/мёд и рядом"), harness.clock()
    step = NETWORK.steps(out, harness.credential)[0]
    made = await NETWORK.perform(harness.call(), step, out, {})
    usual = fake._shown

    def shortened(*asked: object) -> dict[str, object]:
        told = usual(*asked)  # type: ignore[arg-type]
        told["text"] = "Мёд на https://t.co/1 и рядом"
        whole = "http://ferma.example.com/%D0%BC%D1%91%D0%B4"
        told["entities"] = {"urls": [{"start": 7, "end": 21, "url": "https://t.co/1", "expanded_url": whole}]}
        return told

    monkeypatch.setattr(fake, "_shown", shortened)
    answer = await NETWORK.look_up(harness.call(), Question(step, out, {}, since))
    assert answer.result is not None and answer.result["id"] == made["id"]
