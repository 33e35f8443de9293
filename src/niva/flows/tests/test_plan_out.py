"""A plan goes out as a table and comes back: unchanged it changes nothing, whatever stands in it."""

import datetime as dt
import io
import string
import zipfile

import pytest
import python_calamine
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from niva.domains.clients import access
from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.clients.models import Role
from niva.domains.communities.factories import connect, make_community
from niva.domains.editorial.planning import Facet
from niva.domains.people.errors import Forbidden, Invalid
from niva.domains.people.models import WorkspaceRole
from niva.domains.publishing.models import Post, Variant
from niva.domains.strategy.factories import make_rubric
from niva.flows import plan_in, plan_out

FIRST, LAST = dt.date(2026, 1, 1), dt.date(2027, 12, 31)
# All that a keyboard can do to a spreadsheet, and what a spreadsheet does to it.
ALPHABET = string.printable + "абвЁ№«»—😀\u00a0\u2028_x0041_"
TEXTS = st.text(st.sampled_from(ALPHABET), max_size=60)
FORMULAS = st.sampled_from(
    ["=1+1", "+7 900", "-5", "@all", "'=1", "''-", "\t=x", '=HYPERLINK("http://a.example")']
)


class Desk:
    def __init__(self):
        self.actor = make_actor(make_workspace(), name="Аня; Ветрова")
        self.client = make_client(self.actor.workspace)
        person = make_person(self.actor.workspace, WorkspaceRole.MEMBER, name="Глеб Ильин")
        give_role(self.client, person)
        twin = make_person(self.actor.workspace, WorkspaceRole.MEMBER, name="глеб ильин")
        give_role(self.client, twin)
        self.people = [None, person, twin, self.actor.user]
        names = ("Хутор, Лугов", "Хутор", "хутор")
        self.communities = [
            connect(make_community(self.client, network, name=name))
            for network, name in zip(("vk", "telegram", "ok"), names, strict=True)
        ]
        archived = make_rubric(self.client, "Старое")
        archived.archived_at = dt.datetime.now(dt.UTC)
        archived.save()
        self.rubrics = [None, make_rubric(self.client, "Рецепты; советы"), archived]

    def piece(self, title, text, at, n):
        post = Post.objects.create(
            client=self.client, workspace=self.actor.workspace, title=title, text=text, planned_at=at,
            rubric=self.rubrics[n % 3],
        )  # fmt: skip
        post.piece.author, post.piece.urgent = self.people[n % 4], bool(n % 2)
        post.piece.unit, post.piece.hook = ["post", "video", "shortread"][n % 3], text[:40]
        post.piece.save()
        for community in self.communities[: n % 4]:
            Variant.objects.create(post=post, community=community)
        if n % 2:
            Facet.objects.create(piece=post.piece, client=self.client, detail="people")
        return post

    def export(self, form):
        return plan_out.export(
            self.actor, client_id=self.client.pk, first=FIRST, last=LAST, undated=True, form=form
        )

    def back(self, data):
        plan = plan_in.upload(self.actor, client_id=self.client.pk, name="plan", data=data)
        plan_in.run(plan.pk)
        plan.refresh_from_db()
        mapping = {int(place): code for place, code in plan.mapping.items()}
        plan_in.check(self.actor, plan_id=plan.pk, mapping=mapping, stage_id=None, lenient=False)
        plan_in.run(plan.pk)
        plan.refresh_from_db()
        return plan


@pytest.fixture
def desk(db):
    return Desk()


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(TEXTS | FORMULAS, TEXTS | FORMULAS, st.integers(0, 11)), min_size=3, max_size=12),
    at=st.datetimes(dt.datetime(2026, 1, 2), dt.datetime(2027, 12, 30), timezones=st.just(dt.UTC)),  # noqa: DTZ001
)
@pytest.mark.parametrize(("form", "language"), [("xlsx", "ru"), ("csv", "en")])
def test_an_export_that_comes_back_unchanged_changes_nothing(desk, form, language, rows, at):
    Post.objects.all().delete()
    for n, (title, text, what) in enumerate(rows):
        desk.piece(title, text, at + dt.timedelta(hours=n) if what % 5 else None, what)
    with override(language):
        plan = desk.back(desk.export(form))
    told = [(one.line, one.values, one.wrong) for one in plan.rows.exclude(verdict="same")]
    assert told == []
    assert plan.counts["same"] == len(rows)


def test_a_changed_cell_finds_its_piece_by_the_number(desk):
    post = desk.piece("Рёбрышки", "", dt.datetime(2026, 11, 24, 16, tzinfo=dt.UTC), 1)
    with override("ru"):
        data = desk.export("csv").decode().replace("24.11.2026", "25.11.2026").replace("Рёбрышки", "Паштет")
        plan = desk.back(data.encode())
    assert plan.counts["changed"] == 1
    plan_in.say_yes(desk.actor, plan_id=plan.pk)
    plan_in.run(plan.pk)
    post.refresh_from_db()
    assert (post.title, post.planned_at.day, post.version) == ("Паштет", 25, 2)


def test_nothing_in_a_table_is_a_formula(desk):
    for title in ("=1+1", "@x", "+7", "-1"):
        desk.piece(title, '=HYPERLINK("http://a.example";"x")', None, 0)
    lines = desk.export("csv").decode("utf-8-sig").splitlines()[1:]
    assert all(cell.lstrip('"')[:1] not in "=+-@" or not cell for line in lines for cell in line.split(";"))
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(desk.export("xlsx")))
    rows = book.get_sheet_by_index(0).to_python()
    assert [row[plan_out.codes().index("title")] for row in rows[1:]] == ["=1+1", "@x", "+7", "-1"]
    inside = zipfile.ZipFile(io.BytesIO(desk.export("xlsx")))
    assert b"<f>" not in inside.read("xl/worksheets/sheet1.xml")


def test_days_and_hours_are_typed_and_lists_are_offered(desk):
    desk.piece("Рёбрышки", "", dt.datetime(2026, 11, 24, 16, 5, tzinfo=dt.UTC), 1)
    data = desk.export("xlsx")
    row = (
        python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()[1]
    )
    assert (row[1], row[2]) == (dt.date(2026, 11, 24), dt.time(19, 5))
    page = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    assert page.count("<dataValidation ") == 5 and 'state="frozen"' in page


def test_who_may_not_see_the_office_takes_nothing_out(desk):
    klava = make_person(desk.actor.workspace, WorkspaceRole.MEMBER, name="Клава")
    give_role(desk.client, klava, Role.CLIENT)
    with pytest.raises(Forbidden):
        plan_out.export(access.actor_for(klava), client_id=desk.client.pk, first=FIRST, last=LAST)
    with pytest.raises(Invalid):
        plan_out.export(desk.actor, client_id=desk.client.pk, first=LAST, last=FIRST)


def test_a_plan_of_many_goes_out_in_a_bounded_number_of_queries(desk, django_assert_max_num_queries):
    for n in range(40):
        desk.piece(f"Тема {n}", "", dt.datetime(2026, 11, 24, 16, tzinfo=dt.UTC), n)
    with django_assert_max_num_queries(25):
        desk.export("xlsx")
