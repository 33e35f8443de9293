"""What a network wants to know besides the text: its boxes, their choices, what is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from niva.domains.communities.models import Credential
from niva.networks.base.limits import Limit, Limits
from niva.networks.base.manifest import Option
from niva.networks.registry import get_network

pytestmark = pytest.mark.django_db
OPTIONS = (
    Option("note", "Note", "Заметка"),
    Option("board", "Board", "Доска", kind="choice", choices_from="boards", required=True),
    Option("title", "Headline", "Заголовок", required=True),
    Option("form", "Shown as", "Вид", "choice", choices=(("", "post", "пост"), ("story", "a story", "миг"))),
)  # fmt: skip


@pytest.fixture
def practice(monkeypatch, farm):
    """The practice network as one that wants a board and a title, with the boards it told."""
    network = get_network("practice")
    posts = network.manifest.abilities - {"story"}
    limits = network.limits
    most = Limit(10, "https://example.org/", next(iter(limits.items.values())).checked_on)
    monkeypatch.setattr(network, "manifest", replace(network.manifest, options=OPTIONS, abilities=posts))
    monkeypatch.setattr(
        network,
        "limits_for",
        lambda credential: Limits({**limits.items, "title_max": most}, limits.text_unit),
    )
    Credential.objects.filter(community=farm.communities[-1]).update(
        facts={"boards": [["7", "Рецепты"], ["8", "Поле"], "nonsense"]}
    )
    return farm.variants["practice"]


def saved(farm, variant, **options):
    typed = {f"option-{variant.pk}-{name}": value for name, value in options.items()}
    answer = farm.browser().post(
        f"/posts/{farm.post.pk}/save/", farm.form(**typed), headers={"accept": "application/json"}
    )
    variant.refresh_from_db()
    return answer


def test_boxes_stand_in_their_order_with_the_choices_that_the_network_told(farm, practice):
    page = farm.browser().get(f"/posts/{farm.post.pk}/edit/").content.decode()
    places = [
        page.index(f'name="option-{practice.pk}-{name}"') for name in ("form", "title", "note", "board")
    ]
    assert places == sorted(places)
    assert '<option value="7">Рецепты</option>' in page
    assert "Up to 10 characters." in page and "needed" in page


def test_only_what_was_offered_can_be_chosen(farm, practice):
    saved(farm, practice, board="7", title=" Жатва \n 2026 ")
    assert practice.options == {"board": "7", "title": "Жатва 2026"}
    saved(farm, practice, board="99", title="Жатва")
    assert practice.options == {"title": "Жатва"}


def test_a_board_that_is_gone_stays_chosen_until_another_is(farm, practice):
    practice.options = {"board": "5", "title": "Ж"}
    practice.save()
    saved(farm, practice, board="5", title="Ж")
    assert practice.options["board"] == "5"


def test_what_is_missing_is_named_as_its_box_is(farm, practice):
    said = saved(farm, practice).json()["html"][f"#said-{practice.pk}"]
    assert "“Board” is not filled in" in said and "“Headline” is not filled in" in said


def test_a_title_that_is_too_long_and_a_form_that_is_not_taken_are_said(farm, practice):
    said = saved(farm, practice, board="7", title="Двенадцать слов", form="story").json()["html"]
    words = said[f"#said-{practice.pk}"]
    assert "The title is 5 characters too long: 15 of 10." in words
    assert "does not take such a post: a story" in words


def test_without_told_choices_the_page_says_what_to_press(farm, practice):
    Credential.objects.filter(community=practice.community).update(facts={})
    page = farm.browser().get(f"/posts/{farm.post.pk}/edit/").content.decode()
    assert "press “Test” on the community" in page
