"""Codes become sentences, whatever comes with them."""

import re

import pytest
from django.utils import translation

from niva.networks.registry import all_words
from niva.words import DICTIONARY, describe
from niva.words.of_networks import of_networks

HEAVY = {"limit": 5_000_000, "actual": 7_340_032, "surplus": 3, "detail": "why", "network": "VK"}


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("code", sorted(DICTIONARY))
@pytest.mark.parametrize("params", [{}, HEAVY, {"limit": ["image/png"], "actual": "image/tiff"}])
def test_every_code_makes_whole_sentences_with_anything_or_nothing_given(code, language, params):
    with translation.override(language):
        sentence = describe(code, params)
    assert sentence.what.endswith(".")
    assert "%(" not in str(sentence)


def test_amounts_are_shown_as_people_read_them():
    with translation.override("en"):
        said = describe("media_too_heavy", {"limit": 5_000_000, "actual": 7_340_032})
        assert said.what == "The file weighs 7.3\u00a0MB, the network takes up to 5\u00a0MB."
        assert (
            "JPEG, PNG"
            in describe("media_format", {"limit": ["image/jpeg", "image/png"], "actual": "image/tiff"}).what
        )
        assert "2 hours" in describe("video_too_long", {"limit": 7200, "actual": 9000}).what


def test_the_text_under_a_picture_is_told_apart():
    params = {"limit": 1024, "actual": 1056, "surplus": 32}
    with translation.override("en"):
        assert describe("text_too_long", params).what == "32 characters too many: 1,056 of 1,024."
        assert "under a picture" in describe("text_too_long", {**params, "with_media": True}).what


def test_an_unknown_code_shows_what_the_network_said():
    with translation.override("en"):
        sentence = describe("zorg_44", {"detail": "Zorg is displeased"})
    assert "Zorg is displeased" in sentence.what
    assert sentence.todo


def test_a_code_of_two_networks_means_the_same_at_both():
    meanings = {}
    for network, words in all_words().items():
        for code, said in words.items():
            assert meanings.setdefault(code, said) == said, f"{network}: {code} means another thing"


def test_words_of_networks_speak_both_languages():
    for network, words in all_words().items():
        for code, said in words.items():
            assert re.search("[а-яё]", said.what_ru), (network, code)
            assert not re.search("[а-яё]", said.what), (network, code)
    shared = DICTIONARY.keys() - of_networks().keys()
    assert shared.isdisjoint(code for words in all_words().values() for code in words)
