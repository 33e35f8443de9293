"""The newsroom on the page of the day: mine, others', clients' questions, the nudge and the note."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.editorial.factories import make_piece
from niva.domains.editorial.kaizen import Change
from niva.domains.editorial.task_states import TaskState
from niva.domains.editorial.tasking import Task
from niva.domains.notices.models import DayNote, Notice
from niva.domains.publishing.approving import Approval, Remark
from niva.kit.text import plain
from niva.web.today.lines import MOST

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    return make_actor(make_workspace())


@pytest.fixture
def customer(boss):
    return make_client(boss.workspace)


@pytest.fixture
def author(customer):
    person = make_person(customer.workspace, "member", name="Илья")
    give_role(customer, person, "author")
    return person


@pytest.fixture
def page(client, boss):
    client.force_login(boss.user)
    return lambda: plain(client.get("/").content.decode())


def long_ago():
    return timezone.now() - timedelta(days=12)


def test_my_cards_stand_among_what_waits_for_me(page, boss, customer):
    make_piece(customer, "Карта доставки", responsible=boss.user)
    assert "Карта доставки" in page()


def test_a_card_over_its_norm_with_somebody_else_has_a_nudge(page, client, customer, author):
    piece = make_piece(customer, "Итоги набора", responsible=author, entered_at=long_ago())
    nudge = reverse("today_nudge", args=["piece", piece.pk])
    shown = page()
    assert "Жду от других" in shown
    assert "вместо 16" in shown
    assert nudge in shown
    client.post(nudge)
    assert Notice.objects.get().user == author
    assert nudge not in page()
    client.post(nudge)
    assert Notice.objects.count() == 1


def test_a_card_within_its_norm_is_nobodys_worry(page, customer, author):
    make_piece(customer, "Свежий", responsible=author)
    assert "Свежий" not in page()


def test_an_author_sees_his_own_and_cannot_nudge_others(client, customer, author):
    piece = make_piece(customer, "Чужая картинка", responsible=None, entered_at=long_ago())
    client.force_login(author)
    assert "Чужая картинка" not in plain(client.get("/").content.decode())
    assert client.post(reverse("today_nudge", args=["piece", piece.pk])).status_code == 403
    assert client.post(reverse("today_nudge", args=["nonsense", piece.pk])).status_code == 404


def test_a_clients_question_waits_for_our_answer_until_it_is_answered(page, boss, customer):
    post = make_piece(customer, "Рёбрышки").post
    asked = Remark.objects.create(
        workspace=boss.workspace, client=customer, post=post, inside=False,
        text="Не шести, а семи месяцев", author_name="Кузьма Ильич",
    )  # fmt: skip
    assert "Не шести, а семи месяцев" in page()
    Remark.objects.create(
        workspace=boss.workspace, client=customer, post=post, inside=True, parent=asked,
        text="Между нами: он прав", author=boss.user, author_name="Аня",
    )  # fmt: skip
    assert "Не шести, а семи месяцев" in page(), "an answer among ourselves is none to him"
    Remark.objects.create(
        workspace=boss.workspace, client=customer, post=post, inside=False, parent=asked,
        text="Исправили", author=boss.user, author_name="Аня",
    )  # fmt: skip
    assert "Не шести, а семи месяцев" not in page()


def test_at_most_twelve_lines_stand_unfolded(page, boss, customer, author):
    for number in range(15):
        make_piece(customer, f"Моя {number}", responsible=boss.user)
        make_piece(customer, f"Чужая {number}", responsible=author, entered_at=long_ago())
    html = page()
    unfolded = html.split('class="more-lines"')[0].count("data-line")
    folded = html.count("data-line") - sum(
        part.split("</details>")[1].count("data-line") if "</details>" in part else part.count("data-line")
        for part in html.split('class="more-lines"')
    )
    assert unfolded <= MOST
    assert html.count("data-line") - folded <= MOST


def test_the_note_of_the_day_is_kept_greets_tomorrow_and_is_never_lost(client, page, boss, time_machine):
    time_machine.move_to("2026-11-23 16:00:00+03:00")
    page()
    client.post(reverse("today_note"), {"text": "Начать с рёбрышек"})
    assert "Начать с рёбрышек" in page()
    time_machine.move_to("2026-11-24 09:00:00+03:00")
    assert "Начать с рёбрышек" in page()
    long = client.post(reverse("today_note"), {"text": "я" * 2001})
    assert long.status_code == 422
    assert "я" * 2001 in long.content.decode()
    assert DayNote.objects.count() == 1


def test_the_day_costs_as_many_queries_with_many_cards_as_with_few(
    page, boss, customer, author, django_assert_max_num_queries
):
    for number in range(20):
        make_piece(customer, f"Моя {number}", responsible=boss.user)
        make_piece(customer, f"Чужая {number}", responsible=author, entered_at=long_ago())
    with django_assert_max_num_queries(40):
        page()


def test_a_task_near_its_end_a_handed_one_and_a_late_one(page, client, boss, customer, author):
    values = {"workspace": boss.workspace, "client": customer, "kind": "copywriter"}
    soon, past = timezone.now() + timedelta(hours=5), timezone.now() - timedelta(hours=5)
    Task.objects.create(**values, title="Моя задача", assignee=boss.user, set_by=author, due_at=soon)
    Task.objects.create(
        **values, title="Сданная", assignee=author, set_by=boss.user, due_at=soon, state=TaskState.HANDED
    )
    late = Task.objects.create(**values, title="Просроченная", assignee=author, set_by=boss.user, due_at=past)
    Task.objects.create(**values, title="Нескорая", assignee=boss.user, due_at=timezone.now() + timedelta(9))
    shown = page()
    assert all(word in shown for word in ("Моя задача", "Сданная", "Примите или верните"))
    assert "Нескорая" not in shown
    nudge = reverse("today_nudge", args=["task", late.pk])
    assert nudge in shown
    client.post(nudge)
    assert Notice.objects.get(kind="task_nudged").user == author


def test_a_client_who_is_late_with_his_decision(page, boss, customer):
    post = make_piece(customer, "Рёбрышки").post
    now = timezone.now()
    asked = Approval.objects.create(
        workspace=boss.workspace, client=customer, post=post, approver_name="Кузьма Ильич", token_hash="x",
        due_at=now - timedelta(hours=1), expires_at=now + timedelta(days=3),
    )  # fmt: skip
    shown = page()
    assert "Кузьма Ильич ещё не решил" in shown
    assert reverse("today_nudge", args=["approval", asked.pk]) in shown


def test_a_change_whose_day_has_come_is_quiet_work(page, boss, customer):
    today = timezone.localdate()
    Change.objects.create(
        workspace=boss.workspace, client=customer, problem="Стоят", measure="cycle", owner=boss.user,
        change="Факты сверяет автор", starts_on=today - timedelta(days=14), look_on=today,
    )  # fmt: skip
    assert "Факты сверяет автор" in page()


@pytest.mark.parametrize("role", ["client", "advertiser", ""])
def test_today_opens_for_everybody_and_tells_the_client_nothing_of_the_newsroom(client, boss, customer, role):
    piece = make_piece(customer, "Внутренняя карточка", entered_at=long_ago())
    person = make_person(boss.workspace, "member")
    if role:
        give_role(customer, person, role)
    client.force_login(person)
    answer = client.get("/")
    assert answer.status_code == 200
    assert piece.post.title not in plain(answer.content.decode())
