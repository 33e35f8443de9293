"""What the check says of a draft before anything is sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from niva.networks.base.testing import sample_image, sample_video
from niva.networks.base.types import LinkCard, MediaFile, Outgoing, Poll
from niva.networks.bluesky import NETWORK


def codes(out: Outgoing) -> list[tuple[str, str]]:
    return [(problem.code, problem.where) for problem in NETWORK.check(out, NETWORK.limits)]


def picture(size: int = 1000, **more: object) -> MediaFile:
    return replace(MediaFile(Path("a.jpg"), "image", "image/jpeg", size, 100, 100), **more)


def test_300_graphemes_fit_and_301_do_not():
    assert codes(Outgoing("👨‍👩‍👧" * 160)) == []  # 2,880 bytes
    assert codes(Outgoing("я" * 300)) == []
    problems = NETWORK.check(Outgoing("я" * 301), NETWORK.limits)
    assert [(one.code, one.severity, one.over_at) for one in problems] == [("text_too_long", "error", 300)]
    assert problems[0].params["surplus"] == 1


def test_3000_bytes_fit_and_more_do_not():
    family = "👨‍👩‍👧‍👦"  # 25 bytes, one grapheme
    assert codes(Outgoing(family * 120)) == []
    assert codes(Outgoing(family * 120 + "a")) == [("text_too_many_bytes", "text")]


def test_the_address_that_joins_the_text_is_counted():
    link = LinkCard("https://example.org/" + "x" * 30)
    assert codes(Outgoing("я" * 300, link=link)) == []
    assert codes(Outgoing("я" * 300, media=(picture(),), link=link)) == [("text_too_long", "text")]
    assert codes(Outgoing("я" * 248, media=(picture(),), link=link)) == []
    assert codes(Outgoing("я" * 249, media=(picture(),), link=link)) == [("text_too_long", "text")]


def test_media():
    assert codes(Outgoing("", media=(picture(),) * 4)) == []
    assert codes(Outgoing("", media=(picture(),) * 5)) == [("media_too_many", "media")]
    assert codes(Outgoing("", media=(picture(2_000_000),))) == []
    assert codes(Outgoing("", media=(picture(2_000_001),))) == [("media_too_heavy", "media:0")]
    film = picture(300_000_000, kind="video", mime="video/mp4")
    assert codes(Outgoing("", media=(film,))) == []
    assert codes(Outgoing("", media=(film, film))) == [("media_too_many", "media")]
    assert codes(Outgoing("", media=(film, picture()))) == [("media_mixed", "media")]
    assert codes(Outgoing("", media=(replace(film, size=300_000_001),))) == [("media_too_heavy", "media:0")]
    assert codes(Outgoing("", media=(replace(film, mime="video/webm"),))) == [("media_format", "media:0")]


def test_moving_gif_stands_still_and_a_poll_cannot_be():
    gif = picture(2_000_001, kind="animation", mime="image/gif")
    assert codes(Outgoing("", media=(gif,))) == [
        ("gif_will_not_move", "media:0"),
        ("media_too_heavy", "media:0"),
    ]
    assert codes(Outgoing("?", poll=Poll("?", ("a", "b")))) == [("poll_unsupported", "poll")]


def test_heavy_card_picture_is_left_out_with_a_warning():
    card = LinkCard("https://example.org", "t", "d", picture(1_000_001))
    assert codes(Outgoing("a", link=card)) == [("card_image_too_heavy", "link")]
    assert [step.name for step in NETWORK.steps(Outgoing("a", link=card), None)] == ["create"]
    light = replace(card, image=picture(1_000_000))
    assert [step.name for step in NETWORK.steps(Outgoing("a", link=light), None)] == ["upload:card", "create"]


def test_empty_and_comment():
    assert codes(Outgoing(" ")) == [("post_empty", "text")]
    assert codes(Outgoing("a", first_comment="я" * 300)) == []
    assert codes(Outgoing("a", first_comment="я" * 301)) == [("first_comment_too_long", "first_comment")]


@pytest.mark.parametrize("make", [sample_image, sample_video])
def test_steps_of_media(tmp_path: Path, make):
    out = Outgoing("a", media=(make(tmp_path),), first_comment="b")
    steps = NETWORK.steps(out, None)
    assert [(one.name, one.repeatable, one.keyed) for one in steps] == [
        ("upload:0", True, False),
        ("create", False, True),
        ("comment", False, True),
    ]
