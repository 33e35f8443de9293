"""A plan comes in as a table: checked without writing, written once, taken back while untouched."""

import datetime as dt
import io

import pytest
import time_machine
import xlsxwriter
from django.utils.translation import override

from niva.domains.clients import access
from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.clients.models import Role
from niva.domains.communities.factories import connect, make_community, make_slots
from niva.domains.editorial.models import Piece, Stay
from niva.domains.editorial.planning import ImportState, PlanImport, PlanRow
from niva.domains.people.audit import AuditEvent
from niva.domains.people.errors import Conflict, Forbidden, Invalid, NotFound
from niva.domains.people.models import WorkspaceRole
from niva.domains.publishing.models import Post, Variant
from niva.domains.publishing.services import drafts
from niva.domains.strategy.factories import make_rubric
from niva.flows import plan_in, plan_write

# An old container with the name that a closed workbook has inside.
CLOSED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
HEADS = ["Дата", "Время", "Соцсеть", "Рубрика", "Тема", "Текст", "Автор", "Формат", "Статус"]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(dt.datetime(2026, 11, 17, 9, 30, tzinfo=dt.UTC), tick=True):
        yield


class Desk:
    def __init__(self):
        self.actor = make_actor(make_workspace())
        self.client = make_client(self.actor.workspace)
        self.gleb = make_person(self.actor.workspace, WorkspaceRole.MEMBER, name="Глеб Ильин")
        give_role(self.client, self.gleb, Role.AUTHOR)
        self.vk = connect(make_community(self.client, "vk", name="Хутор ВК"))
        self.telegram = connect(make_community(self.client, "telegram", name="Хутор в Telegram"))
        self.recipes = make_rubric(self.client, "Рецепты")

    def read(self, data, name="plan.xlsx"):
        plan = plan_in.upload(self.actor, client_id=self.client.pk, name=name, data=data)
        plan_in.run(plan.pk)
        plan.refresh_from_db()
        return plan

    def check(self, plan, **choices):
        mapping = {int(place): code for place, code in plan.mapping.items()}
        wanted = {"day_first": True, "lenient": False, "rubrics": False, **choices}
        plan_in.check(self.actor, plan_id=plan.pk, mapping=mapping, stage_id=None, **wanted)
        plan_in.run(plan.pk)
        plan.refresh_from_db()
        return plan

    def write(self, plan):
        plan_in.say_yes(self.actor, plan_id=plan.pk)
        plan_in.run(plan.pk)
        plan.refresh_from_db()
        return plan

    def bring(self, rows, **choices):
        return self.check(self.read(csv(rows), "plan.csv"), **choices)


@pytest.fixture
def desk(db):
    return Desk()


def csv(rows, encoding="utf-8", delimiter=";"):
    return "\n".join(delimiter.join(row) for row in [HEADS, *rows]).encode(encoding)


def row(
    day="24.11.2026", hour="19:00", where="ВК", rubric="Рецепты", title="Рёбрышки", text="", author="", *rest
):
    return [day, hour, where, rubric, title, text, author, *rest]


def wrongs(plan):
    return [
        (one.line, bad["field"], bad["code"], bad["cell"]) for one in plan.rows.all() for bad in one.wrong
    ]


@pytest.mark.parametrize(("encoding", "delimiter"), [("utf-8-sig", ";"), ("cp1251", "\t"), ("utf-8", ",")])
def test_a_table_in_any_of_its_encodings_makes_whole_pieces(desk, encoding, delimiter):
    data = csv(
        [row(author="глеб ильин", text="Как выбрать"), row(title="Паштет", where="Хутор ВК + тг")],
        encoding,
        delimiter,
    )
    plan = desk.check(desk.read(data, "plan.csv"))
    assert plan.counts == {"new": 2, "changed": 0, "same": 0, "refused": 0}
    assert not Post.objects.exists()  # a check writes nothing
    desk.write(plan)
    first, second = Post.objects.order_by("pk")
    assert (first.title, first.text, first.rubric) == ("Рёбрышки", "Как выбрать", desk.recipes)
    assert first.planned_at == dt.datetime(2026, 11, 24, 16, tzinfo=dt.UTC)  # 19:00 in Moscow
    assert first.piece.author == desk.gleb and first.piece.stage.kind == "idea"
    assert Stay.objects.filter(piece=first.piece, left_at__isnull=True).count() == 1
    assert {one.community_id for one in second.variants.all()} == {desk.vk.pk, desk.telegram.pk}
    assert AuditEvent.objects.filter(verb="plan.imported").count() == 1
    assert not AuditEvent.objects.filter(verb__in=["post.created", "piece.proposed"]).exists()


def test_what_is_wrong_is_told_with_its_line_and_its_cell(desk):
    plan = desk.bring([
        row("30.02.2026"), row("вчера", title="2"), row(hour="25:00", title="3"),
        row(where="Одноклассники", title="4"),
        row(rubric="Нет такой", title="5"), row(author="Чужой", title="6"), row(title="", text=""),
        row(), row(), row(title="x" * 201), row(title="9", where="", author="", text=""),
    ])  # fmt: skip
    assert wrongs(plan) == [
        (2, "day", "no_such_day", "30.02.2026"), (3, "day", "nonsense", "вчера"),
        (4, "time", "no_such_time", "25:00"),
        (5, "communities", "no_community", "Одноклассники"), (6, "rubric", "no_rubric", "Нет такой"),
        (7, "author", "no_author", "Чужой"), (8, "title", "no_title", ""), (10, "title", "twice", ""),
        (11, "title", "too_long", "x" * 200), (11, "title", "no_title", ""),
    ]  # fmt: skip
    assert plan.counts == {"new": 2, "changed": 0, "same": 0, "refused": 9}


def test_a_row_may_come_in_without_the_cells_that_nobody_understands(desk):
    plan = desk.bring([row(author="Чужой", rubric="Сезон"), row(title="")], lenient=True, rubrics=True)
    assert plan.counts == {"new": 1, "changed": 0, "same": 0, "refused": 1}
    desk.write(plan)
    post = Post.objects.get()
    assert post.piece.author is None and post.rubric.name == "Сезон"


def test_the_same_file_again_makes_nothing_and_a_better_one_changes(desk):
    rows = [row(), row(title="Паштет"), row(title="Паштет", where="ТГ")]
    desk.write(desk.bring(rows))
    assert Post.objects.count() == 3  # two rows of one topic are two pieces: their networks differ
    again = desk.bring(rows)
    assert again.counts == {"new": 0, "changed": 0, "same": 3, "refused": 0}
    with pytest.raises(Invalid):
        plan_in.say_yes(desk.actor, plan_id=again.pk)
    better = desk.bring([row(text="Готово", hour="20:30"), rows[1], rows[2], row(title="Новое")])
    assert better.counts == {"new": 1, "changed": 1, "same": 2, "refused": 0}
    assert better.rows.get(verdict="changed").values["changes"] == ["time", "text"]
    desk.write(better)
    post = Post.objects.get(title="Рёбрышки")
    assert (post.text, post.planned_at.hour) == ("Готово", 17)
    assert Post.objects.count() == 4


def test_a_killed_worker_loses_no_row_and_repeats_none(desk, monkeypatch):
    monkeypatch.setattr(plan_write, "CHUNK", 10)
    plan = desk.bring([row(title=f"Тема {n}") for n in range(35)])
    plan_in.say_yes(desk.actor, plan_id=plan.pk)
    made = plan_write.many.make_many
    calls = []

    def dies(*args, **kwargs):
        calls.append(1)
        found = made(*args, **kwargs)
        if len(calls) == 3:
            raise SystemExit("killed")
        return found

    monkeypatch.setattr(plan_write.many, "make_many", dies)
    with pytest.raises(SystemExit):
        plan_in.run(plan.pk)
    plan.refresh_from_db()
    assert (plan.state, plan.done, Post.objects.count()) == (ImportState.WRITING, 20, 20)
    plan_in.run(plan.pk)
    plan_in.run(plan.pk)  # the lease of the first worker ran out, a second one came
    plan.refresh_from_db()
    assert plan.state == ImportState.DONE
    assert sorted(Post.objects.values_list("title", flat=True)) == sorted(f"Тема {n}" for n in range(35))
    assert Piece.objects.count() == Variant.objects.count() == 35


def test_two_imports_of_one_file_at_once_make_each_piece_once(desk):
    first, second = desk.bring([row(), row(title="Паштет")]), desk.bring([row(), row(title="Паштет")])
    assert first.counts["new"] == second.counts["new"] == 2
    desk.write(first)
    desk.write(second)
    assert Post.objects.count() == 2 and second.counts["same"] == 2


def test_an_undo_takes_back_what_nobody_has_touched(desk):
    desk.write(desk.bring([row(title="Старое")]))
    plan = desk.write(desk.bring([row(title="Старое", text="Правка"), row(title="Моё"), row(title="Ничьё")]))
    mine = Post.objects.get(title="Моё")
    drafts.save(desk.actor, post_id=mine.pk, version=mine.version, fields={"text": "Работа"})
    plan_in.take_back(desk.actor, plan_id=plan.pk)
    plan_in.run(plan.pk)
    plan.refresh_from_db()
    assert plan.state == ImportState.UNDONE
    assert set(Post.objects.filter(deleted_at=None).values_list("title", "text")) == {
        ("Старое", ""),
        ("Моё", "Работа"),
    }
    assert AuditEvent.objects.get(verb="plan.import_undone").details["kept"] == 1
    again = desk.bring([row(title="Моё"), row(title="Ничьё")])
    assert (again.counts["new"], again.counts["same"]) == (1, 1)


def test_a_piece_that_a_person_put_away_is_not_made_anew(desk):
    desk.write(desk.bring([row()]))
    drafts.bin_post(desk.actor, post_id=Post.objects.get().pk)
    plan = desk.bring([row()])
    assert [code for *_, code, _cell in wrongs(plan)] == ["put_away"] and plan.counts["refused"] == 1


def test_a_day_without_an_hour_takes_the_slot_of_its_community(desk):
    make_slots(desk.vk, (1,), dt.time(18, 15))  # Tuesdays
    desk.write(
        desk.bring(
            [row(hour=""), row(hour="", where="ТГ", title="Полдень"), row("", "", title="Когда-нибудь")]
        )
    )
    local = [
        p.planned_at and p.planned_at.astimezone(dt.timezone(dt.timedelta(hours=3)))
        for p in Post.objects.order_by("pk")
    ]
    assert [at and (at.hour, at.minute) for at in local] == [(18, 15), (12, 0), None]


def test_a_workbook_with_merged_days_formulas_and_a_title_above_its_heads(desk):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    notes, page = book.add_worksheet("Своды"), book.add_worksheet("План")
    notes.write_row(0, 0, ["Бюджет", 5])
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    page.merge_range(0, 0, 0, 3, "Контент-план на ноябрь")
    page.write_row(2, 0, ["Дата публикации", "Площадка", "Тема поста", "День недели"])
    page.merge_range(3, 0, 4, 0, "", day)
    page.write_datetime(3, 0, dt.date(2026, 11, 24), day)
    page.write_row(3, 1, ["ВК", "Первое"])
    page.write_row(4, 1, ["ТГ"])
    page.write_formula(4, 2, '="Вто"&"рое"', None, "Второе")
    page.write_row(5, 0, ["без даты", "ВК", "Третье"])
    book.close()
    plan = desk.read(out.getvalue())
    assert (plan.sheet, plan.head) == (1, 3)
    assert plan.mapping == {"0": "day", "1": "communities", "2": "title"}
    desk.check(plan)
    assert [one.values.get("day") for one in plan.rows.all()] == ["2026-11-24", "2026-11-24", None]
    assert [one.values.get("title") for one in plan.rows.all()] == ["Первое", "Второе", "Третье"]
    assert wrongs(plan) == [(6, "day", "nonsense", "без даты")]


def test_ambiguous_days_are_asked_once_and_the_file_s_own_proof_is_believed(desk):
    asks = desk.bring([row("03/04/2027")])
    assert asks.choices["asks_order"] and asks.choices["day_first"] is True
    assert asks.rows.get().values["day"] == "2027-04-03"
    assert desk.check(asks, day_first=False).rows.get().values["day"] == "2027-03-04"
    proved = desk.read(csv([row("03/04/2027"), row("12/25/2026", title="Рождество")]))
    assert proved.choices["day_first"] is False


def test_columns_are_remembered_for_the_client(desk):
    data = "Тема;Что говорим\nРёбрышки;Вкусно".encode()
    plan = desk.read(data)
    assert plan.mapping == {"0": "title"}
    plan_in.check(desk.actor, plan_id=plan.pk, mapping={0: "title", 1: "key_message"}, stage_id=None)
    plan_in.run(plan.pk)
    plan.refresh_from_db()
    desk.write(plan)
    assert desk.read(data).mapping == {"0": "title", "1": "key_message"}


def test_columns_without_heads_are_known_by_their_contents(desk):
    plan = desk.read("24.11.2026;ВК;https://a.example/1\n25.11.2026;ТГ;https://a.example/2".encode())
    assert (plan.head, plan.mapping) == (0, {"0": "day", "1": "communities", "2": "link"})


@pytest.mark.parametrize(
    ("mapping", "sentence"),
    [({0: "day"}, "topic"), ({0: "title", 1: "title"}, "same"), ({0: "nonsense"}, "topic")],
)
def test_columns_that_make_nothing_are_refused(desk, mapping, sentence):
    plan = desk.read(csv([row()]))
    with override("en"), pytest.raises(Invalid) as refused:
        plan_in.check(desk.actor, plan_id=plan.pk, mapping=mapping, stage_id=None)
    assert sentence in refused.value.errors["mapping"][0]


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"PK\x03\x04 nonsense", "broken"), (CLOSED, "password"),
     (b"\x89PNG\r\n\x1a\n\0\0", "broken"), (b"  \n", "empty")],
)  # fmt: skip
def test_what_is_no_table_fails_with_its_reason(desk, data, code):
    plan = desk.read(data)
    assert (plan.state, plan.code, plan.file) == (ImportState.FAILED, code, None)


def test_who_may_not_lead_imports_nothing_and_a_stranger_sees_nothing(desk):
    plan = desk.read(csv([row()]))
    gleb = access.actor_for(desk.gleb)
    with pytest.raises(Forbidden):
        plan_in.upload(gleb, client_id=desk.client.pk, name="x", data=b"x")
    with pytest.raises(Forbidden):
        plan_in.find(gleb, plan.pk)
    with pytest.raises(NotFound):
        plan_in.find(make_actor(make_workspace("Чужие")), plan.pk)


def test_who_lost_his_right_before_the_job_ran_writes_nothing(desk):
    plan = desk.bring([row()])
    plan_in.say_yes(desk.actor, plan_id=plan.pk)
    desk.actor.user.memberships.all().delete()
    plan_in.run(plan.pk)
    plan.refresh_from_db()
    assert (plan.state, plan.code, Post.objects.count()) == (ImportState.FAILED, "no_rights", 0)


def test_yes_is_said_once_and_what_is_written_is_not_forgotten(desk):
    plan = desk.write(desk.bring([row()]))
    for verb in (plan_in.say_yes, plan_in.drop):
        with pytest.raises(Conflict):
            verb(desk.actor, plan_id=plan.pk)
    waiting = desk.bring([row(title="Ждёт")])
    plan_in.drop(desk.actor, plan_id=waiting.pk)
    assert PlanImport.objects.count() == 1 and PlanRow.objects.count() == 1


def test_five_hundred_rows_cost_a_bounded_number_of_queries(desk, django_assert_max_num_queries):
    plan = desk.read(csv([row(title=f"Тема {n}", author="Глеб Ильин") for n in range(500)]))
    plan_in.check(
        desk.actor, plan_id=plan.pk, mapping={int(k): v for k, v in plan.mapping.items()}, stage_id=None
    )
    with django_assert_max_num_queries(40):
        plan_in.run(plan.pk)
    plan_in.say_yes(desk.actor, plan_id=plan.pk)
    with django_assert_max_num_queries(90):
        plan_in.run(plan.pk)
    assert Post.objects.count() == 500
