"""A task from the brief to acceptance: who may what, two people at once, people who left, and told people."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import (
    give_role,
    make_actor,
    make_client,
    make_goal,
    make_person,
    make_workspace,
)
from niva.domains.editorial import task_queries as queries
from niva.domains.editorial.factories import make_piece
from niva.domains.editorial.services import blocks, tasks
from niva.domains.editorial.tasking import Block, Task, TaskNote
from niva.domains.notices.models import Notice
from niva.domains.people.errors import Conflict, Forbidden, Invalid, NotFound
from niva.domains.people.models import Membership
from niva.domains.strategy.grounds import Segment

pytestmark = pytest.mark.django_db
BRIEF = {
    "goal": "Заявки на субботу",
    "audience": "Хозяйки Лугова",
    "message": "Привозим в день забоя",
    "do": "Написать до четверга",
    "tone": "Как сосед соседу",
    "facts": "Цены с листа от 1 марта",
}


class Desk:
    """Anya leads, Vera edits, Lev writes for one client."""

    def __init__(self) -> None:
        self.anya = make_actor(make_workspace())
        self.client = make_client(self.anya.workspace)
        self.vera = self.role("editor", "Вера Юдина")
        self.lev = self.role("author", "Лев Ким")
        self.piece = make_piece(self.client)

    def role(self, role: str, name: str):
        person = make_person(self.anya.workspace, "member", name=name)
        give_role(self.client, person, role)
        return actor_for(person)

    def set(self, actor=None, **changes) -> Task:
        values = {
            "client_id": self.client.pk,
            "kind": "copywriter",
            "title": "Текст про рёбрышки",
            "assignee_id": self.lev.user.pk,
            "due_at": timezone.now() + timedelta(days=2),
            "brief": BRIEF,
            "piece_id": self.piece.pk,
        }
        return tasks.set_task(actor or self.vera, **{**values, **changes})


@pytest.fixture
def desk() -> Desk:
    return Desk()


def told(user) -> list[str]:
    return list(Notice.objects.filter(user=user).order_by("pk").values_list("kind", flat=True))


def test_from_the_brief_through_a_return_to_acceptance_everybody_is_told(desk):
    task = desk.set()
    assert (task.norm_minutes, len(task.checklist)) == (120, 4)
    tasks.go(desk.lev, task_id=task.pk, verb="take")
    for n, point in enumerate(task.checklist):
        tasks.tick(desk.lev, task_id=task.pk, point=n, text=point["text"], done=True)
    tasks.go(desk.lev, task_id=task.pk, verb="hand")
    tasks.go(desk.vera, task_id=task.pk, verb="give_back", reason="tone", note="Слишком бодро")
    tasks.go(desk.lev, task_id=task.pk, verb="hand", seen="returned")
    done = tasks.go(desk.vera, task_id=task.pk, verb="accept")
    assert (done.state, done.returns, done.closed_at is not None) == ("accepted", 1, True)
    verbs = list(done.steps.values_list("verb", "reason"))
    assert verbs == [
        ("set", ""),
        ("take", ""),
        ("hand", ""),
        ("give_back", "tone"),
        ("hand", ""),
        ("accept", ""),
    ]
    assert told(desk.lev.user) == ["task_given", "task_returned", "task_accepted"]
    assert told(desk.vera.user) == ["task_handed"]  # told once while unread


def test_two_people_who_finish_one_task_the_second_learns_of_it(desk):
    task = desk.set()
    tasks.go(desk.lev, task_id=task.pk, verb="hand", note="Всё в файле")
    tasks.go(desk.vera, task_id=task.pk, verb="accept", seen="handed")
    with pytest.raises(Conflict):
        tasks.go(desk.anya, task_id=task.pk, verb="give_back", seen="handed", reason="tone", note="Нет")
    with pytest.raises(Conflict):
        tasks.go(desk.anya, task_id=task.pk, verb="cancel")
    task.refresh_from_db()
    assert (task.state, task.returns) == ("accepted", 0)


def test_who_may_what(desk):
    designer = desk.role("designer", "Ида")
    theirs = desk.role("client", "Заказчик")
    with pytest.raises(Forbidden):
        desk.set(designer)  # giving tasks to others is leading
    own = desk.set(designer, assignee_id=designer.user.pk)
    tasks.go(designer, task_id=own.pk, verb="hand", note="Готово")
    assert tasks.go(designer, task_id=own.pk, verb="accept").state == "accepted"
    task = desk.set()
    for refused in (
        lambda: tasks.go(designer, task_id=task.pk, verb="take"),
        lambda: tasks.tick(designer, task_id=task.pk, point=0, text=task.checklist[0]["text"], done=True),
        lambda: tasks.give(desk.lev, task_id=task.pk, to_id=designer.user.pk),
        lambda: tasks.go(desk.lev, task_id=task.pk, verb="cancel"),
        lambda: tasks.say(theirs, task_id=task.pk, text="А что это?"),
        lambda: queries.task(theirs, task.pk),
    ):
        with pytest.raises(Forbidden):
            refused()
    assert not queries.tasks(theirs, whose="all").exists()
    with pytest.raises(NotFound):
        queries.task(make_actor(make_workspace("Чужие")), task.pk)


def test_nobody_accepts_what_others_gave_him(desk):
    task = desk.set(desk.anya, assignee_id=desk.vera.user.pk)
    tasks.go(desk.vera, task_id=task.pk, verb="hand", note="Готово")
    assert "accept" not in tasks.may(desk.vera, task)
    with pytest.raises(Invalid):
        tasks.go(desk.vera, task_id=task.pk, verb="accept")
    assert "accept" in tasks.may(desk.anya, queries.task(desk.anya, task.pk))


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"brief": {**BRIEF, "message": "", "tone": ""}}, {"message", "tone"}),
        ({"brief": {**BRIEF, "goal": "Заявки; подписки"}, "title": " "}, {"goal", "title"}),
        ({"kind": "astrologer"}, {"kind"}),
        ({"assignee_id": None}, {"assignee"}),
        ({"due_at": None}, {"due"}),
        ({"due_at": timezone.now() - timedelta(hours=1)}, {"due"}),
        ({"norm_minutes": 10**9}, {"norm"}),
        ({"checklist": ["а" * 201]}, {"checklist"}),
    ],
)
def test_what_is_not_whole_is_refused_and_everything_wrong_is_said_at_once(desk, changes, fields):
    with pytest.raises(Invalid) as refused:
        desk.set(**changes)
    assert set(refused.value.errors) >= fields
    assert not Task.objects.exists()


def test_a_deadline_after_the_posts_hour_is_refused(desk):
    desk.piece.post.planned_at = timezone.now() + timedelta(days=1)
    desk.piece.post.save()
    with pytest.raises(Invalid) as refused:
        desk.set()
    assert list(refused.value.errors) == ["due"]


def test_who_left_gets_no_task_and_his_open_ones_are_seen(desk):
    task = desk.set()
    Membership.objects.get(user=desk.lev.user).delete()
    assert queries.gone(queries.tasks(desk.vera, whose="all")) == {task.pk}
    with pytest.raises(Invalid) as refused:
        desk.set()
    assert list(refused.value.errors) == ["assignee"]
    tasks.give(desk.vera, task_id=task.pk, to_id=desk.vera.user.pk)
    assert queries.gone(queries.tasks(desk.vera, whose="all")) == set()


def test_a_brief_is_changed_on_what_was_seen_and_ticks_stay(desk):
    task = desk.set(checklist=["Прочитать", "Сверить"])
    tasks.tick(desk.lev, task_id=task.pk, point=0, text="Прочитать", done=True)
    new = {"task_id": task.pk, "title": "Короче", "due_at": task.due_at, "brief": BRIEF}
    changed = tasks.rewrite(desk.vera, seen_version=1, checklist=["Сверить", "Прочитать"], **new)
    assert [point["done"] for point in changed.checklist] == [False, True]
    with pytest.raises(Conflict):
        tasks.rewrite(desk.anya, seen_version=1, **new)
    with pytest.raises(Conflict):
        tasks.tick(desk.lev, task_id=task.pk, point=0, text="Прочитать", done=True)


def test_points_left_open_want_a_word_and_a_return_a_reason(desk):
    task = desk.set()
    with pytest.raises(Invalid) as refused:
        tasks.go(desk.lev, task_id=task.pk, verb="hand")
    assert list(refused.value.errors) == ["note"]
    tasks.go(desk.lev, task_id=task.pk, verb="hand", note="Источник молчит, жду до вечера")
    with pytest.raises(Invalid) as refused:
        tasks.go(desk.vera, task_id=task.pk, verb="give_back", reason="bad")
    assert set(refused.value.errors) == {"reason", "note"}


def test_a_call_by_name_reaches_people_of_here_and_nobody_else(desk):
    task = desk.set()
    outsider = make_person(desk.anya.workspace, "member", name="Пётр")  # of the workspace, not of the client
    tasks.say(desk.lev, task_id=task.pk, text="@Аня Ветрова, @Пётр, цена та же?")
    assert told(desk.anya.user) == ["mentioned"]
    assert told(desk.vera.user) == ["task_noted"]
    assert told(outsider) == []
    assert TaskNote.objects.get().text == "@Аня Ветрова, @Пётр, цена та же?"


def test_a_brief_begins_with_what_is_known_and_a_deadline_with_slack(desk):
    make_goal(desk.client, figure="Заявки")
    Segment.objects.create(
        workspace=desk.anya.workspace, client=desk.client, who="Хозяйки Лугова", part="user", fears="Обвеса"
    )
    now = timezone.now()
    desk.piece.key_message, desk.piece.author = "Привозим в день забоя", desk.lev.user
    desk.piece.save()
    desk.piece.post.planned_at = now + timedelta(days=5)
    begun = queries.begun(desk.vera, client=desk.client, kind="copywriter", piece=desk.piece)
    assert begun.brief["goal"] == "Заявки"
    assert begun.brief["audience"] == "Хозяйки Лугова. Обвеса"
    assert begun.brief["message"] == "Привозим в день забоя"
    assert (begun.assignee_id, begun.due_at) == (desk.lev.user.pk, now + timedelta(days=4))
    ads = queries.begun(desk.vera, client=desk.client, kind="ads", piece=desk.piece)
    assert ads.due_at == now + timedelta(days=2)
    desk.piece.post.planned_at = now + timedelta(days=2)
    near = queries.begun(desk.vera, client=desk.client, kind="ads", piece=desk.piece)
    assert (near.due_at, near.short) == (None, True)


def test_blocked_time_is_the_persons_and_only_as_much_as_lies_in_the_month(desk):
    task = desk.set()
    start = timezone.now()
    with time_machine.travel(start + timedelta(hours=1), tick=False):
        block = blocks.begin(desk.lev, task_id=task.pk, reason="approval")
        with pytest.raises(Conflict):
            blocks.begin(desk.vera, task_id=task.pk, reason="illness")
    with time_machine.travel(start + timedelta(hours=5), tick=False):
        month = {"since": start + timedelta(hours=2), "until": start + timedelta(days=30)}
        (lasting,) = queries.blocked(desk.anya, **month)
        assert (lasting.lasts, lasting.block.who) == (timedelta(hours=3), desk.lev.user)
        blocks.end(desk.lev, block_id=block.pk)
    with time_machine.travel(start + timedelta(days=3), tick=False):
        (ended,) = queries.blocked(desk.anya, user_id=desk.lev.user.pk, **month)
        assert ended.lasts == timedelta(hours=3)
        assert blocks.end(desk.vera, block_id=block.pk).until == start + timedelta(hours=5)
        assert (
            queries.blocked(desk.anya, since=start + timedelta(hours=6), until=start + timedelta(days=9))
            == []
        )


def test_a_block_needs_a_reason_and_is_nobody_elses_to_end(desk):
    for wrong in ({"reason": "lazy"}, {"reason": "other"}, {"reason": "illness", "note": "а" * 401},
                  {"reason": "illness", "since": timezone.now() + timedelta(hours=1)}):  # fmt: skip
        with pytest.raises(Invalid):
            blocks.begin(desk.lev, piece_id=desk.piece.pk, **wrong)
    assert not Block.objects.exists()
    block = blocks.begin(desk.vera, piece_id=desk.piece.pk, reason="no_brief")
    with pytest.raises(Forbidden):
        blocks.end(desk.role("author", "Новый"), block_id=block.pk)
