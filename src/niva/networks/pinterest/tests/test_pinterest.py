"""Pinterest through the door: the connector against a fake, every call held against the official contract."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from niva.networks.base.errors import (
    Gone,
    Limited,
    NeedsLogin,
    NetworkError,
    OutcomeUnknown,
    Rejected,
    Temporary,
)
from niva.networks.base.network import Question
from niva.networks.base.testing import TEXT, Harness, sample_image, sample_video
from niva.networks.base.types import Absent, LinkCard, Measure, MediaFile, Outgoing
from niva.networks.pinterest import NETWORK, publish
from niva.networks.pinterest.setup import lacks
from niva.networks.pinterest.tests.contract import load_contract
from niva.networks.pinterest.tests.fake import BOARD, CLIENT_SECRET, OTHER, TOKEN, FakePinterest
from niva.networks.pinterest.tests.harness import open_pinterest

Field = tuple[Harness, FakePinterest]


@pytest.fixture
async def field() -> AsyncIterator[Field]:
    async with open_pinterest() as opened:
        yield opened


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    made: list[float] = []

    async def note(seconds: float) -> None:
        made.append(seconds)

    monkeypatch.setattr(publish, "pause", note)
    return made


def pin(*files: MediaFile, text: str = TEXT, **options: str) -> Outgoing:
    return Outgoing(text, files, options={"board": BOARD, **options})


# --- the contract ---


def test_the_contract_notices_what_is_wrong() -> None:
    contract = load_contract()
    if contract is None:
        pytest.skip("NIVA_CONTRACTS is not set: calls and replies of Pinterest are NOT checked")

    def wrong(method: str, path: str, body: object = None, kind: str = "json", **query: str) -> int:
        contract.breaches.clear()
        contract.request(method, path, query=query, kind=f"application/{kind}", body=body)
        return len(contract.breaches)

    picture = {"source_type": "image_base64", "content_type": "image/png", "data": "aGk="}
    right = {"board_id": "1", "media_source": picture, "title": "Мёд"}
    assert wrong("POST", "/pins", right) == 0
    assert wrong("POST", "/pins", {**right, "title": "а" * 101}) == 1
    assert wrong("POST", "/pins", {**right, "board_id": "my-board"}) == 1
    assert wrong("POST", "/pins", {**right, "publish_at": "tomorrow"}) == 1
    assert wrong("POST", "/pins", {**right, "media_source": {**picture, "content_type": "image/gif"}}) >= 1
    assert wrong("POST", "/pin", right) == 1
    assert wrong("GET", "/boards", page_size="251") == 1
    assert wrong("GET", "/boards", per_page="5") == 1
    assert wrong("POST", "/pins", right, kind="x-www-form-urlencoded") == 1
    contract.breaches.clear()
    contract.reply("GET", "/pins/1", 200, {"id": "1", "created_at": None})
    contract.reply("GET", "/media/1", 200, {"media_id": "1", "media_type": "video", "status": "ready"})
    assert len(contract.breaches) == 2


# --- what goes out ---


async def test_words_link_and_alternative_text(field: Field, tmp_path: Path) -> None:
    harness, fake = field
    out = replace(
        pin(sample_image(tmp_path), title="Мёд"), link=LinkCard("https://pole.example/honey?utm_source=p")
    )
    remote = await harness.publish(out)
    raw = fake.posts()[0]["raw"]
    assert (raw["title"], raw["alt_text"], raw["board_id"]) == ("Мёд", "Поле", BOARD)
    assert raw["link"] == "https://pole.example/honey?utm_source=p"
    assert remote.url == f"https://www.pinterest.com/pin/{remote.id}/"


async def test_a_video_goes_by_the_bucket_with_its_cover(
    field: Field, tmp_path: Path, pauses: list[float]
) -> None:
    harness, fake = field
    fake.slow = 2
    video = replace(sample_video(tmp_path), cover=sample_image(tmp_path, "cover.jpg"))
    await harness.publish(pin(video))
    assert fake.files == [video.size] and len(fake.covers) == 1 and pauses == [1, 2]
    await harness.publish(pin(replace(video, cover=None)), "b")
    assert len(fake.covers) == 1
    assert "pin_cover_by_itself" in {
        one.code for one in NETWORK.check(pin(sample_video(tmp_path)), NETWORK.limits)
    }


async def test_a_video_that_fails_or_takes_too_long(
    field: Field, tmp_path: Path, pauses: list[float]
) -> None:
    harness, fake = field
    fake.slow = 1000
    with pytest.raises(Temporary, match="media_processing"):
        await harness.publish(pin(sample_video(tmp_path)))
    assert tuple(pauses) == publish.PAUSES
    broken = sample_video(tmp_path, "broken.mp4")
    broken.path.write_bytes(b"not a film at all")
    with pytest.raises(Rejected, match="media_refused"):
        await harness.publish(pin(broken))
    assert fake.posts() == []


@pytest.mark.parametrize("url", ["http://10.0.0.1/bucket", "https://localhost/bucket", "https://[::1]/b"])
async def test_videos_go_to_no_inner_host(field: Field, tmp_path: Path, url: str) -> None:
    harness, fake = field
    told = {"media_id": "1", "media_type": "video", "upload_url": url, "upload_parameters": {}}
    fake.do_media = lambda *_: (201, told)  # type: ignore[method-assign]
    with pytest.raises(Rejected, match="upload_host_refused"):
        await harness.publish(pin(sample_video(tmp_path)))
    assert fake.files == []


async def test_pictures_that_cannot_be_read(field: Field, tmp_path: Path) -> None:
    harness, _ = field
    gone, wrong = sample_image(tmp_path, "gone.png"), sample_image(tmp_path, "wrong.png")
    gone.path.unlink()
    wrong.path.write_bytes(b"<svg/>")
    with pytest.raises(Rejected, match="media_unreadable"):
        await harness.publish(pin(gone))
    with pytest.raises(Rejected, match="media_refused"):
        await harness.publish(pin(wrong))


def test_what_the_check_says(tmp_path: Path) -> None:
    def codes(out: Outgoing) -> set[tuple[str, str]]:
        return {(one.code, one.severity) for one in NETWORK.check(out, NETWORK.limits)}

    picture = sample_image(tmp_path)
    assert codes(pin(picture, text="а" * 800, title="а" * 100)) == set()
    assert codes(pin(picture, text="а" * 801, title="а" * 101)) == {
        ("text_too_long", "error"),
        ("title_too_long", "error"),
    }
    assert codes(pin(*[picture] * 5)) == set()
    assert codes(pin(*[picture] * 6)) == {("media_too_many", "error")}
    assert codes(Outgoing(TEXT, (picture,))) == {("option_missing", "error")}
    assert ("media_required", "error") in codes(pin())
    assert codes(replace(pin(picture), first_comment="Вслед")) == {("pin_writes_no_comment", "error")}
    long = LinkCard("https://pole.example/" + "a" * 2048)
    assert codes(replace(pin(picture), link=long)) == {("pin_link_too_long", "error")}
    assert codes(pin(sample_image(tmp_path, "a.webp"))) == {("media_format", "error")}


async def test_words_link_and_board_change_and_files_do_not(field: Field, tmp_path: Path) -> None:
    harness, fake = field
    picture = sample_image(tmp_path)
    remote = await harness.publish(replace(pin(picture, title="Мёд"), link=LinkCard("https://a.example/")))
    await NETWORK.edit(harness.call(), remote, pin(picture, text="Иначе", board=OTHER))
    raw = fake.posts()[0]["raw"]
    assert (raw["description"], raw["title"], raw["link"], raw["board_id"]) == ("Иначе", None, None, OTHER)
    with pytest.raises(Rejected, match="pin_only_words_change"):
        await NETWORK.edit(harness.call(), remote, pin(sample_image(tmp_path, "new.png", width=400)))


# --- found again ---


async def test_the_older_of_two_equal_pins_is_ours(field: Field, tmp_path: Path) -> None:
    harness, _ = field
    out = pin(sample_image(tmp_path))
    since = harness.clock() - timedelta(seconds=1)
    first = await harness.publish(out, "a")
    await harness.publish(out, "b")
    (step,) = NETWORK.steps(out, harness.credential)
    answer = await NETWORK.look_up(harness.call(), Question(step, out, {}, since))
    assert answer.result is not None and answer.result["id"] == first.id
    again = NETWORK.remote({"create": answer.result})
    assert (again.url, again.extra) == (first.url, first.extra)


async def test_only_a_board_read_to_its_end_says_no(field: Field, tmp_path: Path) -> None:
    harness, fake = field
    out = pin(sample_image(tmp_path))
    (step,) = NETWORK.steps(out, harness.credential)
    for number in range(5):
        await harness.publish(pin(sample_image(tmp_path), text=f"Пин {number}"), f"k{number}")
    question = Question(step, out, {}, harness.clock())
    fake.page_size = 1  # five pages, the last of them without a bookmark
    assert (await NETWORK.look_up(harness.call(), question)).found is False
    await harness.publish(pin(sample_image(tmp_path), text="Шестой"), "k5")
    assert (await NETWORK.look_up(harness.call(), question)).found is None


@pytest.mark.parametrize("changed", ["text", "link", "title", "files", "old"])
async def test_another_pin_is_not_ours(field: Field, tmp_path: Path, changed: str) -> None:
    harness, fake = field
    out = replace(pin(sample_image(tmp_path), title="Мёд"), link=LinkCard("https://a.example/"))
    other = {
        "text": replace(out, text="Другой"),
        "link": replace(out, link=None),
        "title": pin(*out.media),
        "files": replace(out, media=(out.media[0], sample_image(tmp_path, "b.png"))),
    }.get(changed, out)
    await harness.publish(other)
    if changed == "old":
        next(iter(fake.pins.values()))["created_at"] = "2026-01-01T00:00:00"
    (step,) = NETWORK.steps(out, harness.credential)
    answer = await NETWORK.look_up(harness.call(), Question(step, out, {}, harness.clock()))
    assert answer.found is False


# --- numbers ---


async def test_numbers(field: Field, tmp_path: Path) -> None:
    harness, fake = field
    remote = await harness.publish(pin(sample_image(tmp_path)))
    told = {one.metric: one for one in await NETWORK.read_post(harness.call(), remote)}
    assert told["views"] == Measure("views", 300) and told["clicks"] == Measure("clicks", 14)
    assert told["saves"] == Measure("saves", 9)
    assert told["comments"] == Absent("comments", "pin_not_counted_yet")  # absent is not zero
    page = {one.metric: one for one in await NETWORK.read_community(harness.call())}
    assert page["followers"] == Measure("followers", 845) and page["posts"] == Measure("posts", 1)
    fake.fault("forgotten")
    with pytest.raises(Gone):
        await NETWORK.read_post(harness.call(), remote)


# --- keys ---


async def test_the_test_button_learns_the_boards(field: Field) -> None:
    harness, fake = field
    fake.page_size = 1
    account = await NETWORK.account(harness.call())
    assert (account.name, account.followers, account.lacks) == ("Поле", 845, ())
    assert account.facts["boards"] == [[OTHER, "Архив"], [BOARD, "Рецепты"]]
    fake.boards.clear()
    with pytest.raises(NeedsLogin, match="pin_no_board"):
        await NETWORK.account(harness.call())
    (option,) = [one for one in NETWORK.manifest.options if one.required]
    assert option.choices_from in account.facts


def test_rights_that_are_missing() -> None:
    assert lacks(None) == ()
    assert lacks(frozenset({"boards:read", "boards:write", "pins:read", "pins:write"})) == (
        "community_numbers",
        "profile",
    )
    assert "image" in lacks(frozenset({"user_accounts:read", "pins:read", "boards:read"}))


async def test_trial_access_has_its_own_word(field: Field, tmp_path: Path) -> None:
    harness, fake = field
    fake.trial = True
    with pytest.raises(NeedsLogin, match="pin_trial_access"):
        await harness.publish(pin(sample_image(tmp_path)))


@pytest.mark.parametrize(
    ("status", "message", "kind", "code"),
    [
        (403, "Not authorized to access board or Pin.", NeedsLogin, "pin_not_yours"),
        (403, "Your token is missing: ['pins:write']", NeedsLogin, "no_right"),
        (403, "Your account has been suspended", NeedsLogin, "account_blocked"),
        (400, "Invalid request: board_id is wrong", Rejected, "pin_board_gone"),
        (400, "Sorry! This link is blocked as spam", Rejected, "pin_link_blocked"),
        (400, "Something else", Rejected, "refused"),
        (500, "Sorry", OutcomeUnknown, "server_error"),
    ],
)
async def test_refusals(
    field: Field, tmp_path: Path, status: int, message: str, kind: type[NetworkError], code: str
) -> None:
    harness, fake = field
    fake.key_error = (status, 1, message)
    with pytest.raises(NetworkError) as caught:
        await harness.publish(pin(sample_image(tmp_path)))
    assert (type(caught.value), caught.value.code) == (kind, code)


async def test_a_board_that_is_gone(field: Field, tmp_path: Path) -> None:
    harness, fake = field
    with pytest.raises(Rejected, match="pin_board_gone"):
        await harness.publish(pin(sample_image(tmp_path), board="1"))
    assert fake.posts() == []


async def test_the_pause_is_read_from_the_header(field: Field) -> None:
    harness, fake = field
    fake.fault("limited")
    with pytest.raises(Limited) as caught:
        await NETWORK.account(harness.call())
    assert caught.value.until == harness.clock() + timedelta(seconds=42)


async def test_sign_in_and_a_rotated_renewal(field: Field) -> None:
    harness, fake = field
    back = "https://n.example/b"
    url = NETWORK.authorize_url(fake.app(), redirect_uri=back, state="s", verifier="v", facts={})
    assert url.startswith("https://www.pinterest.com/oauth/?") and "pins%3Awrite" in url
    call = replace(harness.call(), app=fake.app())
    facts = {"api_base": fake.url}
    keys = await NETWORK.exchange(
        call, params={"code": "good-code"}, redirect_uri=back, verifier="v", facts=facts
    )
    assert (await NETWORK.account(harness.call(credential=keys))).lacks == ()
    new = await NETWORK.refresh(replace(call, credential=keys))
    assert new.secrets["refresh_token"] != keys.secrets["refresh_token"]
    with pytest.raises(NeedsLogin, match="token_revoked") as caught:
        await NETWORK.refresh(replace(call, credential=keys))  # the old one is spent
    basic = base64.b64encode(f"{call.app.client_id}:{CLIENT_SECRET}".encode()).decode()
    assert CLIENT_SECRET not in str(caught.value) and basic not in str(caught.value)
    with pytest.raises(Rejected, match="login_declined"):
        await NETWORK.exchange(
            call, params={"error": "access_denied"}, redirect_uri=back, verifier="v", facts=facts
        )
    assert await NETWORK.refresh(harness.call()) == harness.credential  # a key without renewal stays


# --- answers that are none ---


async def test_a_pin_without_its_number_is_unknown(field: Field, tmp_path: Path) -> None:
    harness, fake = field
    fake.contract = None
    fake.do_pins = lambda *_: (201, {"title": "Мёд"})  # type: ignore[method-assign]
    with pytest.raises(OutcomeUnknown):
        await harness.publish(pin(sample_image(tmp_path)))


async def test_no_secret_stands_in_an_error(field: Field, tmp_path: Path) -> None:
    harness, fake = field
    fake.key_error = (401, 2, f"Authentication failed: access_token={TOKEN}")
    with pytest.raises(NetworkError) as caught:
        await harness.publish(pin(sample_image(tmp_path)))
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("text", ["", "🌾🌾"])
async def test_a_pin_without_a_letter_is_like_any_other(
    field: tuple[Harness, FakePinterest], tmp_path: Path, text: str
) -> None:
    harness, _ = field
    out = pin(sample_image(tmp_path), text=text)
    (step,) = NETWORK.steps(out, harness.credential)
    question = Question(step, out, {}, harness.clock() - timedelta(seconds=1))
    assert (await NETWORK.look_up(harness.call(), question)).found is False
    await harness.publish(pin(sample_image(tmp_path, "other.png", width=400), text=""))
    assert (await NETWORK.look_up(harness.call(), question)).found is None
