"""The pages of the plan in and out, as their people see them; the client's link, as the world sees it."""

import datetime as dt
import io
import re

import pytest
import python_calamine
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from niva.domains.clients.factories import give_role, make_client, make_person, make_workspace
from niva.domains.clients.models import Role
from niva.domains.communities.factories import connect, make_community, make_slots
from niva.domains.editorial.factories import make_stages
from niva.domains.editorial.models import Piece
from niva.domains.editorial.planning import ImportState, PlanImport, PlanLink
from niva.domains.people.models import WorkspaceRole
from niva.domains.publishing.factories import make_post, planned
from niva.domains.publishing.models import Post
from niva.domains.strategy.events import OwnEvent, PlanSettings
from niva.domains.strategy.factories import make_rubric
from niva.flows import plan_in

NOW = dt.datetime(2026, 11, 17, 9, 30, tzinfo=dt.UTC)


class House:
    def __init__(self):
        self.workspace = make_workspace()
        self.anya = make_person(self.workspace, language="en")
        self.client = make_client(self.workspace, name="Hearty Farm")
        self.klava = make_person(self.workspace, WorkspaceRole.MEMBER, name="Клава", language="en")
        give_role(self.client, self.klava, Role.CLIENT)
        self.gleb = make_person(self.workspace, WorkspaceRole.MEMBER, name="Глеб", language="en")
        give_role(self.client, self.gleb, Role.AUTHOR)
        self.vk = connect(make_community(self.client, "vk", name="Farm VK"))
        self.stages = make_stages(self.client)

    def browser(self, user):
        browser = Browser(raise_request_exception=False)
        browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return browser

    def post(self, title, stage, day=24):
        post = planned(make_post(self.vk, title=title), dt.datetime(2026, 11, day, 16, tzinfo=dt.UTC))
        Piece.objects.filter(post=post).update(stage=self.stages[stage])
        return post


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def house(db):
    return House()


@pytest.fixture
def anya(house):
    return house.browser(house.anya)


def text(answer, status=200):
    assert answer.status_code == status, answer.content[:300]
    return answer.content.decode()


def bring(anya, house, rows, name="plan.csv"):
    file = SimpleUploadedFile(name, rows.encode())
    answer = anya.post("/plan/import/", {"client": house.client.pk, "file": file})
    assert answer.status_code == 302
    plan_in.run(PlanImport.objects.latest("pk").pk)
    return answer["Location"]


def columns_of(plan):
    return {f"column_{place}": code for place, code in plan.mapping.items()}


def test_a_file_goes_the_whole_way_to_the_board_and_back(house, anya):
    page = bring(anya, house, "Дата;Тема;Автор\n24.11.2026;Рёбрышки;Глеб\n30.02.2026;Паштет;Никто\n")
    shown = text(anya.get(page))
    assert "Which column is what" in shown and "Рёбрышки · Паштет" in shown and "Heads" not in shown
    plan = PlanImport.objects.get()
    assert anya.post(f"{page}columns/", columns_of(plan)).status_code == 302
    working = text(anya.get(page, headers={"HX-Request": "true"}))
    assert "Checking the rows" in working and "<html" not in working
    plan_in.run(plan.pk)
    done = anya.get(page, headers={"HX-Request": "true"})
    assert done["HX-Refresh"] == "true"
    checked = text(anya.get(page))
    assert "There is no such day in the calendar: 30.02.2026." in checked
    assert "“Никто” does not work for this client." in checked and "Yes, write 1 row" in checked
    assert not Post.objects.exists()
    anya.post(f"{page}yes/")
    plan_in.run(plan.pk)
    assert "Written: 1 new, 0 changed." in text(anya.get(page)) and Post.objects.get().title == "Рёбрышки"
    wrong = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(anya.get(f"{page}wrong.xlsx").content))
    rows = wrong.get_sheet_by_index(0).to_python()
    assert rows[0] == ["Row", "Дата", "Тема", "Автор", "What is wrong"]
    assert rows[1][:4] == [3.0, "30.02.2026", "Паштет", "Никто"] and "no such day" in rows[1][4]
    anya.post(f"{page}undo/")
    plan_in.run(plan.pk)
    assert "Taken back." in text(anya.get(page)) and Post.objects.get().deleted_at is not None


def test_the_page_of_a_thousand_rows_asks_as_little_as_that_of_ten(
    house, anya, django_assert_max_num_queries
):
    rows = "\n".join(f"24.11.2026;Тема {n}" for n in range(1000))
    page = bring(anya, house, f"Дата;Тема\n{rows}\n")
    anya.post(f"{page}columns/", columns_of(PlanImport.objects.get()))
    plan_in.run(PlanImport.objects.get().pk)
    with django_assert_max_num_queries(14):
        assert text(anya.get(page)).count("<tr>") == 51


def test_what_cannot_be_read_says_what_to_do(house, anya):
    page = bring(anya, house, "PK\x03\x04 rubbish", "plan.xlsx")
    assert "choose “Save as” and XLSX or CSV" in text(anya.get(page))
    assert PlanImport.objects.get().state == ImportState.FAILED
    refused = anya.post(
        "/plan/import/", {"client": house.client.pk, "file": SimpleUploadedFile("a.csv", b"")}
    )
    assert "The file is empty." in text(refused, 422)
    again = anya.post("/plan/import/", {"client": house.client.pk})
    assert "This field is required." in text(again, 422)


def test_columns_that_are_the_same_field_are_refused_and_nothing_chosen_is_lost(house, anya):
    page = bring(anya, house, "Дата;Тема;Прочее\n24.11.2026;Рёбрышки;x\n")
    answer = anya.post(f"{page}columns/", {"column_0": "title", "column_1": "title", "lenient": "on"})
    shown = text(answer, 422)
    assert "Two columns are the same field" in shown and shown.count('value="title" selected') == 2


def test_the_plan_goes_out_and_a_wrong_range_is_told(house, anya):
    house.post("Ribs", "draft")
    query = f"client={house.client.pk}&first=2026-11-01&last=2026-11-30"
    sheet = anya.get(f"/plan/export/?{query}&as=xlsx")
    assert sheet.content[:2] == b"PK" and "attachment" in sheet["Content-Disposition"]
    assert "Ribs" in anya.get(f"/plan/export/?{query}&as=csv").content.decode("utf-8-sig")
    wrong = anya.get(f"/plan/export/?client={house.client.pk}&first=2026-12-01&last=2026-11-30&as=csv")
    assert "ends before it begins" in text(wrong, 422)


@pytest.mark.parametrize("path", ["import", "export", "links", "events", "ideas"])
def test_the_client_himself_sees_nothing_of_these_pages(house, path):
    assert house.browser(house.klava).get(f"/plan/{path}/?client={house.client.pk}").status_code == 403


@pytest.mark.parametrize(
    ("path", "status"), [("import", 403), ("links", 403), ("export", 200), ("ideas", 200)]
)
def test_an_author_takes_out_and_thinks_of_ideas_but_brings_nothing_in(house, path, status):
    assert house.browser(house.gleb).get(f"/plan/{path}/?client={house.client.pk}").status_code == status


def make_link(anya, house, **extra):
    values = {"client": house.client.pk, "name": "Director", "days": "30", "since": "brief", **extra}
    anya.post("/plan/links/", values)
    page = text(anya.get(f"/plan/links/?client={house.client.pk}"))
    return re.search(r"/plan/for/([\w-]{43})/", page)[0]


def test_who_has_the_link_reads_the_month_and_nothing_of_the_inside(house, anya):
    house.post("Ribs for Tuesday", "draft")
    house.post("A raw thought", "idea")
    house.post("", "draft")
    parked = house.post("Parked", "draft")
    Piece.objects.filter(post=parked).update(state="parked", reason="pay first", hook="inside")
    address = make_link(anya, house)
    assert address not in text(anya.get(f"/plan/links/?client={house.client.pk}"))  # shown once
    assert address.split("/")[3] not in str(PlanLink.objects.values())  # kept as a fingerprint only
    world = Browser(headers={"accept-language": "en"})
    answer = world.get(address)
    shown = text(answer)
    assert "Ribs for Tuesday" in shown and "is being made" in shown and "19:00" in shown
    assert "untitled" in shown
    for inside in ("Рёбрышки к выходным", "A raw thought", "Parked", "inside", "Глеб", "Аня"):
        assert inside not in shown
    assert answer["Cache-Control"] == "no-store" and answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]
    assert "Nothing is planned" in text(world.get(f"{address}?month=2026-12"))
    assert (
        text(world.get(f"{address}?month=2036-99")).count("Ribs for Tuesday") == 1
    )  # nonsense is this month


def test_a_link_that_was_ended_or_guessed_or_is_over_shows_nothing(house, anya, clock):
    house.post("Ribs", "draft")
    address = make_link(anya, house)
    world = Browser(headers={"accept-language": "en"}, raise_request_exception=False)
    assert world.get("/plan/for/guessed/").status_code == 404
    clock.shift(dt.timedelta(days=31))
    assert "time of this link is over" in text(world.get(address), 410)
    clock.shift(-dt.timedelta(days=31))
    anya.post(f"/plan/links/{PlanLink.objects.get().pk}/end/")
    ended = world.get(address)
    assert "This link was ended" in text(ended, 410) and ended["Cache-Control"] == "no-store"


def test_a_link_is_asked_for_only_so_often(house, anya):
    world = Browser(headers={"accept-language": "en"}, raise_request_exception=False)
    codes = [world.get("/plan/for/guessed/").status_code for _ in range(61)]
    assert codes[:60] == [404] * 60 and codes[60] == 429


def test_the_link_s_page_asks_a_bounded_number_of_times(house, anya, django_assert_max_num_queries):
    for n in range(30):
        house.post(f"Post {n}", "draft", day=18 + n % 10)
    address = make_link(anya, house)
    with django_assert_max_num_queries(24):  # five of them are the counter of tries
        assert text(Browser().get(address)).count("Post ") == 30


def test_events_are_shown_made_into_pieces_and_chosen(house, anya):
    page = f"/plan/events/?client={house.client.pk}"
    assert "Black Friday" in text(anya.get(page))
    where = {"client": house.client.pk}
    anya.post("/plan/events/make/", {**where, "day": "2026-11-27", "code": "black_friday"})
    piece = Piece.objects.get()
    assert str(piece) == "Black Friday" and piece.post.planned_at.date() == dt.date(2026, 11, 27)
    assert (
        anya.post("/plan/events/make/", {**where, "day": "2026-11-26", "code": "black_friday"}).status_code
        == 404
    )
    anya.post("/plan/events/hide/", {**where, "code": "black_friday"})
    assert PlanSettings.objects.get().hidden == ["black_friday"]
    own = {"do": "add", "name": "Farm day", "day": "2026-12-05", "yearly": "on", "prepare_days": "20"}
    anya.post(page, {**where, **own})
    shown = text(anya.get(page))
    assert "Farm day" in shown and "time to begin" in shown
    assert "This field is required." in text(anya.post(page, {**where, "do": "add", "name": "x"}), 422)
    anya.post(page, {**where, "do": "choose", "kinds": ["memorial"], "free_share": "20"})
    shown = text(anya.get(page))
    assert "Mother" in shown and "Farm day" not in shown
    anya.post(f"/plan/events/{OwnEvent.objects.get().pk}/delete/")
    assert not OwnEvent.objects.exists()


def test_the_calendar_shows_the_days_quietly_and_switches_them_off(house, anya):
    make_slots(house.vk, (4,), dt.time(19))
    page = f"/plan/?client={house.client.pk}&view=month&at=2026-11"
    shown = text(anya.get(page))
    assert "Black Friday" in shown and "free for what happens: 100 % of the places ahead" in shown
    assert "Black Friday" not in text(anya.get(f"{page}&events=off"))
    assert "Black Friday" in text(anya.get(f"/plan/?client={house.client.pk}&view=week&at=2026-11-27"))


def test_an_empty_cell_of_the_matrix_becomes_an_idea(house, anya):
    rubric = make_rubric(house.client, "Recipes")
    page = f"/plan/ideas/?client={house.client.pk}"
    assert "Recipes × Product" in text(anya.get(page))
    anya.post("/plan/ideas/make/", {"client": house.client.pk, "rubric": rubric.pk, "detail": "product"})
    piece = Piece.objects.get()
    assert piece.stage.kind == "idea" and piece.post.rubric == rubric and piece.facet.detail == "product"
    shown = text(anya.get(page))
    assert "Recipes × Product" not in shown and "1 / 0" in shown
    stale = {"client": house.client.pk, "rubric": rubric.pk, "detail": "gone"}
    assert "no such detail any more" in text(anya.post("/plan/ideas/make/", stale, follow=True))
    anya.post(page, {"client": house.client.pk, "details": "Bees: who keeps them?"})
    assert "Recipes × Bees" in text(anya.get(page))


def test_the_matrix_asks_the_same_whatever_the_count(house, anya, django_assert_max_num_queries):
    for n in range(30):
        make_rubric(house.client, f"Rubric {n}")
    with django_assert_max_num_queries(20):
        anya.get(f"/plan/ideas/?client={house.client.pk}")
