"""What the check says of a draft, with the usual limits and with those that the server told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from niva.networks.base.testing import Harness
from niva.networks.base.types import Credential, LinkCard, MediaFile, Outgoing, Poll
from niva.networks.mastodon import NETWORK
from niva.networks.mastodon.payloads import limits_told
from niva.networks.mastodon.tests.fake import FakeMastodon

Field = tuple[Harness, FakeMastodon]


def codes(out: Outgoing, limits=NETWORK.limits) -> list[tuple[str, str]]:
    return [(problem.code, problem.where) for problem in NETWORK.check(out, limits)]


def picture(size: int = 1000, **more: object) -> MediaFile:
    return replace(MediaFile(Path("a.jpg"), "image", "image/jpeg", size, 100, 100), **more)


def test_text_to_the_last_sign_with_and_without_media():
    for media in ((), (picture(),)):
        assert codes(Outgoing("я" * 500, media=media)) == []
        assert codes(Outgoing("я" * 501, media=media)) == [("text_too_long", "text")]
    assert codes(Outgoing("я" * 476 + " https://example.org/" + "x" * 99)) == []
    assert codes(Outgoing("я" * 477 + " https://example.org/" + "x" * 99)) == [("text_too_long", "text")]


def test_link_question_and_warning_take_their_share():
    link = LinkCard("https://example.org/" + "x" * 99)
    assert codes(Outgoing("я" * 475, link=link)) == []
    assert codes(Outgoing("я" * 476, link=link)) == [("text_too_long", "text")]
    poll = Poll("Что сеять?", ("Рожь", "Овёс"))
    assert codes(Outgoing("я" * 488, poll=poll)) == []
    assert codes(Outgoing("я" * 489, poll=poll)) == [("text_too_long", "text")]
    assert codes(Outgoing("я" * 490, options={"spoiler_text": "я" * 10})) == []
    assert codes(Outgoing("я" * 491, options={"spoiler_text": "я" * 10})) == [("text_too_long", "text")]


def test_media_and_poll():
    assert codes(Outgoing("", media=(picture(),) * 4)) == []
    assert codes(Outgoing("", media=(picture(),) * 5))[0] == ("media_too_many", "media")
    assert codes(Outgoing("", media=(picture(16_777_216),))) == []
    assert codes(Outgoing("", media=(picture(16_777_217),))) == [("media_too_heavy", "media:0")]
    film = picture(1000, kind="video", mime="video/mp4")
    assert codes(Outgoing("", media=(film,))) == []
    assert codes(Outgoing("", media=(film, film))) == [("media_too_many", "media")]
    assert codes(Outgoing("", media=(film, picture()))) == [("media_mixed", "media")]
    poll = Poll("", ("a" * 50, "b", "c", "d"), closes_in=300)
    assert codes(Outgoing("?", poll=poll)) == []
    assert codes(Outgoing("?", poll=replace(poll, options=("a",)))) == [("poll_too_few_options", "poll")]
    assert codes(Outgoing("?", poll=replace(poll, options=tuple("abcde")))) == [
        ("poll_too_many_options", "poll")
    ]
    assert codes(Outgoing("?", poll=replace(poll, options=("a" * 51, "b")))) == [
        ("poll_option_too_long", "poll:0")
    ]
    assert codes(Outgoing("?", poll=replace(poll, options=("a", "a")))) == [("poll_options_same", "poll")]
    assert codes(Outgoing("?", poll=replace(poll, closes_in=299))) == [("poll_too_short", "poll")]
    assert codes(Outgoing("?", poll=poll, media=(picture(),))) == [("poll_with_media", "poll")]


async def test_limits_of_the_server_go_before_the_usual_ones(field: Field):
    harness, fake = field
    fake.max_characters = 5000
    account = await NETWORK.account(harness.call())
    limits = NETWORK.limits_for(replace(harness.credential, facts=account.facts))
    assert limits.value("text_max") == limits.value("first_comment_max") == 5000
    assert limits.value("alt_max") == 1500
    assert limits.get("text_max").checked_on == harness.clock().date()
    assert codes(Outgoing("я" * 5000), limits) == []
    assert codes(Outgoing("я" * 5001), limits) == [("text_too_long", "text")]
    assert codes(Outgoing("", media=(picture(mime="image/tiff"),)), limits) == [("media_format", "media:0")]
    assert codes(Outgoing("", media=(picture(alt="я" * 1501),)), limits) == [("alt_too_long", "media:0")]


def test_nonsense_of_a_server_does_not_become_a_limit():
    told = {"text_max": "many", "images_max": -1}
    facts = {"limits": {}, "limits_on": "yesterday"}
    assert NETWORK.limits_for(Credential(facts=facts)).value("text_max") == 500
    assert limits_told({"configuration": {"statuses": {"max_characters": told["text_max"]}}}) == {}
    assert limits_told(["nonsense"]) == {}
