"""Tables that would have cost somebody his work: edits meanwhile, twin numbers, strange cells."""

import datetime as dt
import io
import zipfile

import pytest
import time_machine
import xlsxwriter

from niva.domains.clients.factories import make_actor, make_client, make_goal, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.editorial.planning import ImportState
from niva.domains.people.errors import Conflict
from niva.domains.publishing.models import Post
from niva.domains.publishing.services import drafts
from niva.domains.publishing.services.schedule import schedule
from niva.domains.strategy import services as strategy
from niva.domains.strategy.models import Rubric
from niva.flows import plan_in, plan_out, plan_write
from niva.flows.tests.test_plan_in import Desk, row, wrongs


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(dt.datetime(2026, 11, 17, 9, 30, tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def desk(db):
    return Desk()


def book(rows, formats=None):
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"strings_to_formulas": False})
    page = made.add_worksheet()
    kinds = {
        name: made.add_format({"num_format": name}) for name in ("dd.mm.yyyy", "hh:mm", "dd.mm.yyyy hh:mm")
    }
    for line, cells in enumerate(rows):
        for place, cell in enumerate(cells):
            if isinstance(cell, tuple):
                page.write_number(line, place, cell[0], kinds[cell[1]])
            elif isinstance(cell, str) and cell.startswith("="):
                page.write_formula(line, place, cell[1:], None, "#REF!")
            else:
                page.write(line, place, cell)
    made.close()
    return out.getvalue()


def save(desk, post, **fields):
    post.refresh_from_db()
    drafts.save(desk.actor, post_id=post.pk, version=post.version, fields=fields)


def test_what_a_person_wrote_between_the_check_and_yes_stays(desk):
    desk.write(desk.bring([row(text="Старый")]))
    post = Post.objects.get()
    plan = desk.bring([row(hour="20:30", text="Старый")])
    assert plan.rows.get().values["changes"] == ["time"]
    save(desk, post, text="Правка человека")
    desk.write(plan)
    post.refresh_from_db()
    assert (post.text, post.planned_at.hour) == ("Правка человека", 17)
    plan = desk.bring([row(hour="20:30", text="Из таблицы")])
    save(desk, post, text="Вторая правка")
    desk.write(plan)
    post.refresh_from_db()
    assert post.text == "Вторая правка"
    assert [code for *_, code, _cell in wrongs(plan)] == ["meanwhile"]


def test_a_table_without_an_hour_column_moves_nothing(desk):
    desk.write(desk.bring([row(hour="19:00")]))
    post = Post.objects.get()
    data = f"№ в Ниве;Дата;Тема\n{post.pk};24.11.2026;Новая тема".encode()
    plan = desk.read(data, "p.csv")
    assert plan.mapping == {"0": "id", "1": "day", "2": "title"}
    desk.write(desk.check(plan))
    post.refresh_from_db()
    assert (post.title, post.planned_at.hour) == ("Новая тема", 16)


def test_one_number_in_two_rows_changes_nothing_twice(desk):
    desk.write(desk.bring([row()]))
    number = Post.objects.get().pk
    data = f"№ в Ниве;Тема;Текст\n{number};Рёбрышки;Раз\n{number};Совсем другой;Два".encode()
    plan = desk.check(desk.read(data, "p.csv"))
    assert [(line, code) for line, _f, code, _c in wrongs(plan)] == [(3, "number_twice")]


def test_more_new_rubrics_than_a_client_has_do_not_stop_the_work(desk):
    plan = desk.bring([row(rubric=f"Рубрика {n}", title=f"Тема {n}") for n in range(60)], rubrics=True)
    desk.write(plan)
    assert plan.state == ImportState.DONE
    assert Rubric.objects.filter(client=desk.client).count() <= strategy.MOST


def test_an_undo_leaves_what_became_impossible_meanwhile(desk):
    desk.write(desk.bring([row(title="А")]))
    other = strategy.add(desk.actor, client_id=desk.client.pk, name="Другая")
    plan = desk.write(desk.bring([row(title="А", rubric="Другая", text="x")]))
    assert Post.objects.get().rubric == other
    strategy.archive(desk.actor, rubric_id=desk.recipes.pk)
    plan_in.take_back(desk.actor, plan_id=plan.pk)
    plan_in.run(plan.pk)
    plan.refresh_from_db()
    assert plan.state == ImportState.UNDONE


def test_strange_letters_and_broken_formulas_in_a_workbook(desk):
    data = book([
        ["Дата", "Время", "Тема", "Рубрика"],
        [(46350, "dd.mm.yyyy"), (0.0, "hh:mm"), "Полночь", "Рецепты"],
        [(46350, "dd.mm.yyyy"), (0.7916666, "hh:mm"), "Вечер", "Рецепты"],
        [(46350.7916666, "dd.mm.yyyy hh:mm"), "", "Ещё вечер", "Рецепты"],
        [(46350, "dd.mm.yyyy"), "", "=A1+#REF!", "Рецепты"],
        [(46350, "dd.mm.yyyy"), (1.0, "hh:mm"), "Сутки", "Рецепты"],
    ])  # fmt: skip
    plan = desk.check(desk.read(data))
    said = {one.values.get("title"): one.values.get("time") for one in plan.rows.all()}
    assert said == {"Полночь": "00:00", "Вечер": "19:00", "Ещё вечер": "19:00", None: None, "Сутки": None}


def test_letters_that_the_database_does_not_keep(desk):
    data = book([["Дата", "Тема", "Рубрика"], ["24.11.2026", "НАЧ", "РУБ"]])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            new.writestr(
                part,
                old.read(part)
                .replace("НАЧ".encode(), "Н_x0000_АЧ_xD83D_".encode())
                .replace("РУБ".encode(), "Р_x0000_УБ".encode()),
            )
    plan = desk.check(desk.read(out.getvalue()), rubrics=True)
    desk.write(plan)
    assert plan.state == ImportState.DONE and Post.objects.count() == 1


@pytest.mark.parametrize("head", ["№", "п/п", ""])
def test_the_count_of_the_rows_is_no_hour(desk, head):
    texts = f"{head};Дата;Тема\n1;24.11.2026;Раз\n2;24.11.2026;Два\n3;25.11.2026;Три".encode()
    numbers = [[head, "Дата", "Тема"], [1, "24.11.2026", "Раз"], [2, "24.11.2026", "Два"]]
    for plan in (desk.read(texts, "p.csv"), desk.read(book(numbers))):
        assert plan.mapping == {"1": "day", "2": "title"}


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_what_went_out_comes_in_without_any_change(desk, form):
    channel = connect(make_community(desk.client, "telegram", name="@hutor"))
    rubric = strategy.add(desk.actor, client_id=desk.client.pk, name="-50 % по пятницам")
    for title in (
        'Он сказал: "да" 🎉 и «нет»',
        "=1+1",
        "'=cmd",
        "@все",
        "+7 900",
        "00123",
        "TRUE",
        "24.11.2026",
        "_x0041_ A",
        "a;b,c\td",
        "👩‍👩‍👧 é é",
    ):
        made = drafts.create(
            desk.actor,
            client_id=desk.client.pk,
            community_ids=[channel.pk],
            title=title,
            text=f"- {title}\n\n= ещё\r\nстрока\x0b\x07 конец ",
            planned_at=dt.datetime(2026, 11, 24, 21, 0, tzinfo=dt.UTC),
        )
        save(desk, made, rubric_id=rubric.pk)
    data = plan_out.export(
        desk.actor,
        client_id=desk.client.pk,
        first=dt.date(2026, 11, 1),
        last=dt.date(2026, 11, 30),
        form=form,
    )
    plan = desk.check(desk.read(data, f"plan.{form}"))
    assert plan.counts == {"new": 0, "changed": 0, "same": 11, "refused": 0}


def test_of_two_goals_of_one_name_a_piece_keeps_its_own(desk):
    was = dt.datetime(2026, 10, 1, tzinfo=dt.UTC)
    old = make_goal(desk.client, figure="Заявки", closed_at=was)
    new = make_goal(desk.client, figure="Заявки")
    posts = [
        drafts.create(desk.actor, client_id=desk.client.pk, title=f"Тема {goal.pk}", goal_id=goal.pk)
        for goal in (old, new)
    ]
    data = plan_out.export(
        desk.actor,
        client_id=desk.client.pk,
        first=dt.date(2026, 11, 1),
        last=dt.date(2026, 11, 30),
        undated=True,
    )
    assert desk.check(desk.read(data)).counts["same"] == len(posts)


def test_an_undo_does_not_move_what_was_scheduled_since(desk):
    desk.write(desk.bring([row()]))
    plan = desk.write(desk.bring([row(text="Из таблицы")]))
    post = Post.objects.get()
    schedule(desk.actor, post_id=post.pk, at=post.planned_at)
    plan_in.take_back(desk.actor, plan_id=plan.pk)
    plan_in.run(plan.pk)
    post.refresh_from_db()
    assert post.text == "Из таблицы" and post.deleted_at is None


def test_who_lost_his_right_in_the_middle_leaves_what_can_be_taken_back(desk, monkeypatch):
    monkeypatch.setattr(plan_write, "CHUNK", 2)
    plan = desk.bring([row(title=f"Тема {n}") for n in range(5)])
    plan_in.say_yes(desk.actor, plan_id=plan.pk)
    plan_write._write_some(desk.actor, plan.pk)
    lead = make_actor(desk.actor.workspace)
    desk.actor.user.memberships.all().delete()
    plan_in.run(plan.pk)
    plan.refresh_from_db()
    assert (plan.state, plan.counts["new"], plan.counts["refused"]) == (ImportState.DONE, 2, 3)
    with pytest.raises(Conflict):  # forgetting it would let the same file make them once more
        plan_in.drop(lead, plan_id=plan.pk)
    plan_in.take_back(lead, plan_id=plan.pk)
    plan_in.run(plan.pk)
    assert not Post.objects.filter(deleted_at=None).exists()


def test_numbers_of_others_touch_nothing(desk):
    other = make_client(desk.actor.workspace, name="Другой")
    far = make_actor(make_workspace("Чужие"))
    theirs = [
        drafts.create(desk.actor, client_id=other.pk, title="Их").pk,
        drafts.create(far, client_id=make_client(far.workspace).pk, title="Чужое").pk,
    ]
    rows = "".join(f"\n{number};Взлом {number};24.11.2026" for number in [*theirs, 10**17, -1, "1e3"])
    plan = desk.check(desk.read(f"№ в Ниве;Тема;Дата{rows}".encode()), lenient=True)
    assert plan.counts == {"new": 0, "changed": 0, "same": 0, "refused": 5}
    assert {code for *_, code, _cell in wrongs(plan)} == {"no_such_post"}


@pytest.mark.parametrize(
    ("day", "hour", "means"),
    [
        ("29.02.2028", "00:00", ("2028-02-29", "00:00")), ("29 февраля", "", ("2028-02-29", None)),
        ("2026-11-24T19:00:00+03:00", "", ("2026-11-24", "19:00")),
        ("Nov 24, 2026", "7 pm", ("2026-11-24", "19:00")),
        ("вт, 24 ноября 2026 г.", "19 ч", ("2026-11-24", "19:00")),
        ("11/24/2026", "19.00", ("2026-11-24", "19:00")),
        ("29.02.2027", "", "no_such_day"), ("24.11.2026", "24:00", "no_such_time"), ("0", "", "nonsense"),
    ],
)  # fmt: skip
def test_days_and_hours_in_any_of_their_spellings(desk, day, hour, means):
    found = desk.bring([row(day, hour)]).rows.get()
    said = (found.values.get("day"), found.values.get("time"))
    assert means in (said, *[one["code"] for one in found.wrong])


def test_far_too_many_empty_rows_and_columns(desk):
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"constant_memory": True})
    page, grey = made.add_worksheet(), made.add_format({"bg_color": "#cccccc"})
    page.write_row(0, 0, ["Дата", "Тема", *[f"Столбец {n}" for n in range(300)]])
    page.write_row(1, 0, ["24.11.2026", "Раз"])
    for line in range(2, 20_000):
        page.write_blank(line, 0, None, grey)
    page.write_row(20_000, 0, ["25.11.2026", "Два"])
    made.close()
    plan = desk.check(desk.read(out.getvalue()))
    assert [one.line for one in plan.rows.all()] == [2, 20_001] and plan.counts["new"] == 2


@pytest.mark.parametrize("data", [b'a;b\n1;"x' + b"y\n" * 100_000, b'a;"' + b"z" * 200_000 + b'";c\n1;2;3'])
def test_a_quotation_mark_that_nobody_closed_ends_with_an_answer(desk, data):
    plan = desk.read(data, "plan.csv")
    assert (plan.state, plan.code) == (ImportState.FAILED, "broken")
