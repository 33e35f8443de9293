"""The page of the dictionary: every measure with its formula, and who gives it."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import translation

from niva.domains.clients.factories import make_person, make_workspace
from niva.domains.metrics.dictionary import measure, measures
from niva.kit.text import plain
from niva.web.dictionary.formulas import formula_of, given, rivals


@pytest.mark.django_db
def test_every_measure_stands_there_with_its_formula(client):
    client.force_login(make_person(make_workspace()))
    page = client.get(reverse("measures"), headers={"accept-language": "ru"})
    assert page.status_code == 200
    text = page.content.decode()
    for word, one in measures().items():
        assert f'id="{word}"' in text and one.name["ru"] in text


@pytest.mark.django_db
def test_a_stranger_is_sent_to_the_door(client):
    assert client.get(reverse("measures")).status_code == 302


def test_formulas_in_both_languages():
    with translation.override("ru"):
        assert formula_of(measure("er_reach")) == (
            "(лайки + комментарии + репосты + сохранения) ÷ охват × 100"
        )
        assert plain(formula_of(measure("romi"))).startswith("(наценка с продаж - потрачено)")
    with translation.override("en"):
        assert formula_of(measure("ctr_views")) == "visits by the link ÷ views × 100"
        assert formula_of(measure("views")) == "views"


def test_a_name_with_two_meanings_names_the_other():
    with translation.override("en"):
        assert rivals(measure("er_views")) == ["Engagement by reach (ERR)"]
        assert rivals(measure("likes")) == []


def test_what_a_network_gives_is_what_its_manifest_says():
    def of(word: str, network: str) -> str:
        return next(row.gives for row in given(measure(word)) if row.network == network)

    assert of("views", "telegram") == "no"
    assert of("followers", "telegram") == "yes"
    assert of("engagement", "vk") == "part"  # without saves
    assert of("er_reach", "bluesky") == "no"  # nobody there counts people
    reasons = next(row.lacking for row in given(measure("views")) if row.network == "telegram")
    assert reasons and all(why.endswith(".") for _word, why in reasons)
