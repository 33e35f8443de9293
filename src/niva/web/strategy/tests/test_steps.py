"""A strategy is written through its pages: guides, steps, rows, shares, two people at once, who may."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from niva.domains.clients.factories import make_client
from niva.domains.clients.models import ClientKind
from niva.domains.people.models import AuditEvent
from niva.domains.strategy import ledger, queries
from niva.domains.strategy.factories import make_rubric
from niva.domains.strategy.grounds import LINE, Message, NetworkTask, Segment
from niva.domains.strategy.guided import LONGEST_ANSWER, Answer, Strategy
from niva.domains.strategy.guides import all_guides, all_steps, guide_for
from niva.domains.strategy.models import Rubric

pytestmark = pytest.mark.django_db
MOTHER = {"row-who": "Мама двоих", "row-part": "buyer", "row-fears": "Не свежее"}


def url(name, *args):
    return reverse(name, args=args)


def text(answer):
    return answer.content.decode()


def write(browser, farm, step, words, version=0, **headers):
    path = url("strategy_step", farm.client.pk, step)
    return browser.post(path, {"text": words, "version": str(version), "do": "next"}, headers=headers)


# The guides


def test_every_kind_of_client_has_a_guide_and_b2b_has_its_fourteen_steps():
    assert {guide_for(kind).code for kind in ClientKind.values} == {
        "business_b2c", "government", "ngo", "media", "person",
    }  # fmt: skip
    b2b = all_guides()["business_b2b"]
    assert [step.code for step in b2b.steps] == [
        "task", "audience", "questions", "proofs", "competitors", "messages", "networks", "rubrics",
        "formats", "production", "places", "figures", "risks", "plain",
    ]  # fmt: skip


@pytest.mark.parametrize("code", all_guides())
def test_a_guide_is_whole_in_both_languages(code):
    guide = all_guides()[code]
    kinds = {"text", "page", "rubrics", *ledger.TABLES}
    assert len({step.code for step in guide.steps}) == len(guide.steps)
    assert guide.steps[-1].kind == "page"
    for step in guide.steps:
        assert step.kind in kinds and step.kind == all_steps()[step.code].kind
        for words in (step.title, step.why, step.what, step.example):
            assert set(words) == {"ru", "en"} and all(words.values())
        assert all(one.count(". ") <= 1 for one in step.why.values()), "one sentence"


def test_the_kind_proposes_and_the_person_chooses_another(farm, mark):
    write(mark, farm, "task", "40 заявок")
    assert "Business: selling to people" in text(mark.get(url("strategy", farm.client.pk)))
    assert mark.post(url("strategy_guide", farm.client.pk), {"guide": "business_b2b"}).status_code == 302
    page = text(mark.get(url("strategy", farm.client.pk)))
    assert "Guide: Business: selling to firms" in page and "1 of 14" in page
    assert "40 заявок" in text(mark.get(url("strategy_step", farm.client.pk, "task")))
    assert mark.post(url("strategy_guide", farm.client.pk), {"guide": "астрология"}).status_code == 422
    assert Strategy.objects.get(client=farm.client).guide == "business_b2b"


def test_what_another_guide_does_not_have_is_kept_beside(farm, mark):
    mark.post(url("strategy_guide", farm.client.pk), {"guide": "government"})
    write(mark, farm, "order", "Отвечаем за час")
    mark.post(url("strategy_guide", farm.client.pk), {"guide": "business_b2c"})
    assert "Отвечаем за час" in text(mark.get(url("strategy", farm.client.pk)))
    assert mark.get(url("strategy_step", farm.client.pk, "order")).status_code == 404


# A text


def test_a_text_is_saved_while_it_is_typed_and_resumed(farm, mark):
    answer = write(mark, farm, "task", "Сорок", hx_request="true")
    assert answer.status_code == 200 and 'name="version" value="1"' in text(answer)
    answer = write(mark, farm, "task", "Сорок заявок", 1, hx_request="true")
    assert 'name="version" value="2"' in text(answer)
    assert "Сорок заявок" in text(farm.browser("mark").get(url("strategy_step", farm.client.pk, "task")))
    lines = AuditEvent.objects.filter(verb="strategy.step_written")
    assert lines.count() == 1, "one line a sitting, not one a second"


def test_the_button_goes_on_to_the_next_step(farm, mark):
    answer = write(mark, farm, "task", "Сорок заявок")
    assert answer["Location"] == url("strategy_step", farm.client.pk, "audience")


def test_two_people_at_one_step_lose_nothing(farm, mark):
    write(mark, farm, "task", "Первый")
    other = farm.browser("mark")
    write(other, farm, "task", "Пришёл раньше", 1)
    for headers in ({"hx_request": "true"}, {}):
        answer = write(mark, farm, "task", "Пришёл позже", 1, **headers)
        assert answer.status_code == 409
        assert "Пришёл раньше" in text(answer)
        assert 'name="version" value="1"' in text(answer), "typing on must not overwrite"
        assert 'name="over" value="2"' in text(answer)
    assert "Пришёл позже" in text(answer), "without htmx the box must hold what was typed"
    assert Answer.objects.get(step="task").text == "Пришёл раньше"
    path = url("strategy_step", farm.client.pk, "task")
    assert mark.post(path, {"text": "Пришёл позже", "version": "1", "over": "2"}).status_code == 302
    assert Answer.objects.get(step="task").text == "Пришёл позже"


def test_a_far_too_long_text_is_not_saved_and_not_lost(farm, mark):
    words = "ы" * (LONGEST_ANSWER + 7)
    answer = write(mark, farm, "task", words)
    assert answer.status_code == 422
    assert "7 characters too many" in text(answer) and words in text(answer)
    assert not Answer.objects.exists()


def test_a_step_is_left_out_with_a_reason_and_taken_up_again(farm, mark):
    path = url("strategy_skip", farm.client.pk, "competitors")
    assert mark.post(path, {"note": "  "}).status_code == 422
    assert mark.post(path, {"note": "Соседей нет"}).status_code == 302
    page = text(mark.get(url("strategy", farm.client.pk)))
    assert "Соседей нет" in page and "left out" in page
    mark.post(url("strategy_take_up", farm.client.pk, "competitors"))
    assert not Answer.objects.get(step="competitors").skipped


@pytest.mark.parametrize("step", ["nonsense", "order"])
def test_a_step_of_no_guide_is_not_there(farm, mark, step):
    assert write(mark, farm, step, "x").status_code == 404


# Rows


def test_rows_are_added_changed_put_away_taken_back_and_moved(farm, mark):
    step = url("strategy_step", farm.client.pk, "audience")
    add = url("strategy_row_add", farm.client.pk, "audience")
    assert mark.post(add, MOTHER)["Location"] == step
    mark.post(add, {**MOTHER, "row-who": "Дед с мангалом"})
    first, second = Segment.objects.order_by("position")
    assert "Не свежее" in text(mark.get(step))
    path = url("strategy_row", farm.client.pk, "segments", first.pk)
    assert mark.post(path, {**MOTHER, "row-who": "Мама троих", "version": "1"}).status_code == 302
    mark.post(url("strategy_row_earlier", farm.client.pk, "segments", second.pk))
    assert [one.who for one in queries.segments(farm_actor(farm), client_id=farm.client.pk)] == [
        "Дед с мангалом", "Мама троих",
    ]  # fmt: skip
    mark.post(url("strategy_row_archive", farm.client.pk, "segments", second.pk))
    assert queries.segments(farm_actor(farm), client_id=farm.client.pk).count() == 1
    mark.post(url("strategy_row_restore", farm.client.pk, "segments", second.pk))
    assert queries.segments(farm_actor(farm), client_id=farm.client.pk).count() == 2


def farm_actor(farm):
    from niva.domains.clients.access import actor_for

    return actor_for(farm.people["mark"], farm.workspace.pk)


def test_two_people_at_one_row_see_both(farm, mark):
    mark.post(url("strategy_row_add", farm.client.pk, "audience"), MOTHER)
    row = Segment.objects.get()
    path = url("strategy_row", farm.client.pk, "segments", row.pk)
    mark.post(path, {**MOTHER, "row-who": "Раньше", "version": "1"})
    answer = mark.post(path, {**MOTHER, "row-who": "Позже", "version": "1"})
    assert answer.status_code == 409
    assert "Раньше" in text(answer) and 'value="Позже"' in text(answer)
    row.refresh_from_db()
    assert (row.who, row.version) == ("Раньше", 2)


@pytest.mark.parametrize(
    ("step", "row"),
    [
        ("audience", {"who": "", "part": "buyer"}),
        ("audience", {"who": "Мама", "part": "царь"}),
        ("audience", {"who": "ы" * (LINE + 1), "part": "buyer"}),
        ("proofs", {"claim": "Свежее", "link": "javascript:alert(1)", "permission": "given"}),
        ("proofs", {"claim": "Свежее", "dated_on": "31.02.2026", "permission": "given"}),
        ("formats", {"name": "Обход", "hours": "-2"}),
        ("formats", {"name": "Обход", "per_month": "100000"}),
        ("networks", {"network": "myspace", "task": "leads", "reason": "люди"}),
        ("networks", {"network": "vk", "task": "leads", "reason": ""}),
    ],
)
def test_a_wrong_row_is_told_and_kept_in_the_form(farm, mark, step, row):
    data = {f"row-{name}": value for name, value in row.items()}
    answer = mark.post(url("strategy_row_add", farm.client.pk, step), data)
    assert answer.status_code == 422
    assert answer.context["row_form"].errors
    table = all_guides()["business_b2c"].step(step).kind
    assert not ledger.TABLES[table].model._default_manager.exists()


def test_a_network_has_one_task(farm, mark):
    add = url("strategy_row_add", farm.client.pk, "networks")
    row = {"row-network": "vk", "row-task": "leads", "row-reason": "Соседи здесь"}
    assert mark.post(add, row).status_code == 302
    answer = mark.post(add, {**row, "row-reason": "Ещё раз"})
    assert answer.status_code == 422 and "Ещё раз" in text(answer)
    assert NetworkTask.objects.count() == 1


def test_a_message_refers_only_to_rows_of_its_client(farm, mark):
    stranger = make_client(farm.other, name="Чужой")
    theirs = Segment.objects.create(workspace=farm.other, client=stranger, who="Чужие люди", part="buyer")
    row = {"row-segment": str(theirs.pk), "row-stage": "learn", "row-text": "Мысль"}
    answer = mark.post(url("strategy_row_add", farm.client.pk, "messages"), row)
    assert answer.status_code == 422 and "Чужие люди" not in text(answer)
    assert not Message.objects.exists()


def test_messages_stand_by_segment_and_stage(farm, mark):
    mark.post(url("strategy_row_add", farm.client.pk, "audience"), MOTHER)
    segment = Segment.objects.get()
    add = url("strategy_row_add", farm.client.pk, "messages")
    mark.post(add, {"row-segment": str(segment.pk), "row-stage": "compare", "row-text": "По номеру"})
    mark.post(add, {"row-stage": "stay", "row-text": "Спасибо"})
    answer = mark.get(url("strategy_step", farm.client.pk, "messages"))
    assert [line["who"] for line in answer.context["matrix"]] == ["Мама двоих", "everybody"]


# Shares


def test_shares_over_a_hundred_are_told_and_kept_in_the_form(farm, mark):
    one, two = make_rubric(farm.client, "Рецепты", share=40), make_rubric(farm.client, "Люди", share=30)
    path = url("strategy_shares", farm.client.pk)
    answer = mark.post(path, {f"share_{one.pk}": "70", f"share_{two.pk}": "45"})
    assert answer.status_code == 422
    assert "15 % over a hundred" in text(answer) and 'value="70"' in text(answer)
    assert [row.share for row in Rubric.objects.order_by("pk")] == [40, 30]
    assert mark.post(path, {f"share_{one.pk}": "50", f"share_{two.pk}": "35"}).status_code == 302
    assert "85 / 100 %" in text(mark.get(url("strategy_step", farm.client.pk, "rubrics")))


# Who may, and how many questions the database is asked


@pytest.mark.parametrize(
    ("who", "sees", "changes"),
    [("mark", 200, 302), ("gleb", 200, 403), ("klava", 403, 403), ("zoya", 404, 404)],
)
def test_who_may(farm, mark, who, sees, changes):
    mark.post(url("strategy_row_add", farm.client.pk, "audience"), MOTHER)
    row = Segment.objects.get()
    browser = farm.browser(who)
    pk = farm.client.pk
    assert browser.get(url("strategy_step", pk, "task")).status_code == sees
    assert browser.get(url("strategy_row", pk, "segments", row.pk)).status_code == sees
    assert browser.get(url("strategy_vision", pk)).status_code == sees
    for path, data in (
        (url("strategy_step", pk, "task"), {"text": who, "version": "0"}),
        (url("strategy_row_add", pk, "risks"), {"row-risk": "x"}),
        (url("strategy_skip", pk, "formats"), {"note": "x"}),
        (url("strategy_guide", pk), {"guide": "ngo"}),
        (url("strategy_shown", pk), {"whole": "1"}),
        (url("strategy_row_archive", pk, "segments", row.pk), {}),
        (url("strategy_vision", pk), {"text": "x"}),
    ):
        assert browser.post(path, data).status_code == changes, path


def test_the_queries_do_not_grow_with_the_rows(farm, mark):
    counted = []
    for n in (3, 30):
        for index in range(n):
            Segment.objects.create(
                workspace=farm.workspace, client=farm.client, who=f"Кто {n}-{index}", part="buyer"
            )
            Message.objects.create(
                workspace=farm.workspace, client=farm.client, stage="learn", text="Мысль",
                segment=Segment.objects.order_by("-pk").first(),
            )  # fmt: skip
        for name, args in (("strategy", ()), ("strategy_step", ("messages",)), ("strategy_page", ())):
            with CaptureQueriesContext(
                connection,
            ) as seen:
                assert mark.get(url(name, farm.client.pk, *args)).status_code == 200
            counted.append(len(seen))
    assert counted[:3] == counted[3:]
    assert max(counted) < 45, counted
