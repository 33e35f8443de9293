"""The page of a piece: remarks at their places, the buttons, and who may see it at all."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import give_role, make_person
from niva.domains.editorial import exits
from niva.domains.editorial.factories import make_piece, make_stages
from niva.domains.editorial.services import moves, tasks
from niva.domains.notices.models import Notice
from niva.domains.publishing.approving import Remark
from niva.domains.publishing.models import Asset, PostMedia
from niva.flows import remarking
from niva.web.clients.tests.conftest import anya, house

__all__ = ["anya", "house"]
TEXT = "Рёбрышки к выходным.\n\nЦена прежняя, и доставка прежняя."


@pytest.fixture
def piece(house):
    """Gleb's piece with a picture, on its way to one community."""
    piece = make_piece(house.client, at="draft", author=house.gleb, responsible=house.gleb)
    piece.post.text = TEXT
    piece.post.save()
    piece.post.variants.create(community=house.community)
    asset = Asset.objects.create(
        workspace=house.workspace, client=house.client, kind="image", mime="image/jpeg", name="снимок",
        path="originals/x.jpg", size=1, width=100, height=100, sha256="0" * 64,
    )  # fmt: skip
    PostMedia.objects.create(post=piece.post, asset=asset)
    piece.picture = asset
    return piece


def address(piece) -> str:
    return reverse("piece", args=[piece.pk])


def place(words: str) -> str:
    start = TEXT.index(words)
    return json.dumps(
        {"kind": "text", "variant": None, "start": start, "end": start + len(words), "quote": words}
    )


def test_a_remark_stands_on_its_words_and_says_when_they_are_gone(house, anya, piece):
    add = reverse("remark_add", args=[piece.pk])
    anya.post(add, {"text": "@Глеб Ильин, она выросла", "place": place("Цена прежняя")})
    page = anya.get(address(piece)).content.decode()
    assert '<mark id="at-1" data-n="1" data-on="1">Цена прежняя</mark>' in page
    assert '<b class="mention">@Глеб Ильин</b>, она выросла' in page
    assert list(Notice.objects.filter(user=house.gleb).values_list("kind", flat=True)) == ["mentioned"]
    piece.post.text = TEXT.replace("Цена прежняя", "Цена новая")
    piece.post.save()
    page = anya.get(address(piece)).content.decode()
    assert "<mark" not in page and "These words are no longer in the text:" in page and "Цена прежняя" in page


def test_a_place_is_chosen_without_a_script_too(house, anya, piece):
    add = reverse("remark_add", args=[piece.pk])
    anya.post(add, {"text": "Короче", "quote": "доставка прежняя"})
    anya.post(
        add,
        {
            "text": "Логотип",
            "where": json.dumps({"kind": "media", "asset": piece.picture.pk, "x": 0.1667, "y": 0.5}),
        },
    )
    anya.post(add, {"text": "Хорошо"})
    kinds = [one.place.get("kind") for one in Remark.objects.order_by("pk")]
    assert kinds == ["text", "media", None]
    page = anya.get(address(piece)).content.decode()
    assert 'data-left="16.67"' in page and "On picture 1" in page


@pytest.mark.parametrize(
    "typed",
    [
        {"text": "Где?", "quote": "прежняя"},
        {"text": "Где?", "place": '{"kind": "text", "start": 0, "end": 900}'},
        {"text": "Где?", "place": "[1"},
        {"text": "Где?", "place": "[1]"},
        {"text": "Где?", "where": '{"kind": "media", "asset": 0, "x": 0, "y": 0}'},
        {"text": "", "quote": "доставка"},
    ],
)
def test_a_place_outside_of_the_post_keeps_what_was_typed(anya, piece, typed):
    answer = anya.post(reverse("remark_add", args=[piece.pk]), typed)
    assert answer.status_code == 422
    assert typed["text"] in answer.content.decode() and not Remark.objects.exists()


def test_answered_settled_and_opened_again(house, anya, piece):
    gleb = house.browser(house.gleb)
    remark = remarking.add(actor_for(house.anya), post=piece.post, text="Длинно")
    answer = reverse("remark_answer", args=[remark.pk])
    assert gleb.post(answer, {"text": ""}).status_code == 422
    assert gleb.post(answer, {"text": "Сокращу"})["Location"].endswith(f"#remark-{remark.pk}")
    assert Notice.objects.filter(user=house.anya, kind="remark_added").exists()
    settle = reverse("remark_settle", args=[remark.pk])
    gleb.post(settle, {"verb": "resolve"})
    assert "Settled: 1" in gleb.get(address(piece)).content.decode()
    gleb.post(settle, {"verb": "reopen"})
    remark.refresh_from_db()
    assert remark.resolved_at is None
    assert gleb.post(settle, {"verb": "burn"}).status_code == 404


def test_an_answer_to_the_client_stays_inside_unless_said(house, anya, piece):
    remark = remarking.add(None, post=piece.post, text="Дороже", inside=False, author_name="Пётр Ильич")
    answer = reverse("remark_answer", args=[remark.pk])
    anya.post(answer, {"text": "Он опять"})
    anya.post(answer, {"text": "Поправим", "shown": "1"})
    assert list(remark.answers.values_list("text", "inside")) == [("Он опять", True), ("Поправим", False)]


def test_handed_on_returned_with_a_reason_and_off_the_board(house, anya, piece):
    stages = make_stages(house.client)
    gleb, move = house.browser(house.gleb), reverse("piece_move", args=[piece.pk])
    seen = {"seen": stages["draft"].pk}
    assert gleb.post(move, {**seen, "stage": stages["editing"].pk}).status_code == 302
    assert anya.post(move, {**seen, "stage": stages["visual"].pk}).status_code == 409
    back = {"seen": stages["editing"].pk, "stage": stages["draft"].pk, "way": "back", "note": "Мягче"}
    lost = anya.post(move, back)
    assert lost.status_code == 422 and "Мягче" in lost.content.decode()
    anya.post(move, {**back, "reason": "tone"})
    page = anya.get(address(piece)).content.decode()
    assert "Returned 1 time" in page and "Мягче" in page
    off = reverse("piece_off", args=[piece.pk])
    assert anya.post(off, {"verb": "park"}).status_code == 422
    assert anya.post(off, {"verb": "park", "off": "season"}).status_code == 302
    assert "Take up again" in anya.get(address(piece)).content.decode()
    anya.post(off, {"verb": "resume"})
    piece.refresh_from_db()
    assert (piece.state, piece.stage) == ("active", stages["draft"])


def test_ticks_of_the_stage(house, anya, piece):
    moves.put(actor_for(house.anya), piece, make_stages(house.client)["editing"], how="forward")
    item = exits.by_hand(piece.stage)[0][0]
    tick = reverse("piece_tick", args=[piece.pk])
    anya.post(tick, {"item": item, "on": "1"})
    piece.refresh_from_db()
    assert item in piece.ticks
    assert anya.post(tick, {"item": "чужое", "on": "1"}).status_code == 422


def test_what_is_asked_is_written_down_and_a_wrong_person_refused(house, anya, piece):
    edit = reverse("piece_edit", args=[piece.pk])
    form = {"unit": "reel", "audience": "Хозяйки", "key_message": "Привозим", "author_id": house.klava.pk}
    refused = anya.post(edit, form)
    assert refused.status_code == 422 and "Привозим" in refused.content.decode()
    assert anya.post(edit, {**form, "author_id": house.gleb.pk}).status_code == 302
    piece.refresh_from_db()
    assert (piece.unit, piece.audience, piece.author) == ("reel", "Хозяйки", house.gleb)


def test_the_page_costs_the_same_for_many_remarks_tasks_and_returns(
    house, anya, piece, django_assert_max_num_queries
):
    actor, stages = actor_for(house.anya), make_stages(house.client)

    def more(times: int) -> None:
        for _n in range(times):
            one = remarking.add(
                actor, post=piece.post, text="Длинно", place={"kind": "text", "quote": "Цена"}
            )
            remarking.answer(actor, remark=one, text="Почему?")
            tasks.set_task(
                actor, client_id=house.client.pk, kind="community", title="Ответить", piece_id=piece.pk,
                assignee_id=house.anya.pk, due_at=timezone.now() + timedelta(days=1),
                brief=dict.fromkeys(("goal", "audience", "message", "tone", "questions", "escalate"), "Да")
                | {"answer_minutes": "30"},
            )  # fmt: skip
            moves.put(actor, piece, stages["editing"], how="forward")
            moves.put(actor, piece, stages["draft"], how="back", reason="tone")

    more(1)
    anya.get(address(piece))
    with django_assert_max_num_queries(60) as few:
        anya.get(address(piece))
    more(8)
    with django_assert_max_num_queries(len(few)):
        assert anya.get(address(piece)).content.decode().count('data-thread="') == 9


def test_the_newsroom_is_not_the_clients_and_a_stranger_finds_nothing(house, piece):
    remark = remarking.add(actor_for(house.anya), post=piece.post, text="Длинно")
    klava, zoya = house.browser(house.klava), house.browser(house.zoya, house.other)
    for url in (address(piece), reverse("piece_edit", args=[piece.pk])):
        assert (klava.get(url).status_code, zoya.get(url).status_code) == (403, 404)
    for url in (
        reverse("remark_add", args=[piece.pk]),
        reverse("remark_answer", args=[remark.pk]),
        reverse("remark_settle", args=[remark.pk]),
        reverse("piece_wait", args=[piece.pk]),
        reverse("piece_files", args=[piece.pk]),
    ):
        assert (klava.post(url, {"text": "А"}).status_code, zoya.post(url, {"text": "А"}).status_code) == (
            403,
            404,
        )


def test_an_advertiser_looks_and_writes_remarks_but_does_not_move(house, piece):
    person = make_person(house.workspace, "member", name="Тая", language="en")
    give_role(house.client, person, "advertiser")
    browser = house.browser(person)
    assert "hands it on, or whoever leads" in browser.get(address(piece)).content.decode()
    assert (
        browser.post(reverse("remark_add", args=[piece.pk]), {"text": "Ссылка без метки"}).status_code == 302
    )
    to = make_stages(house.client)["editing"].pk
    assert browser.post(reverse("piece_move", args=[piece.pk]), {"stage": to}).status_code == 403
