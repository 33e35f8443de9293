"""Fields as others name them; tables of leads in both habits; nothing is lost or taken twice."""

import datetime as dt
from decimal import Decimal

import pytest

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.leads.models import Lead
from niva.domains.leads.sealing import opened
from niva.domains.notices.models import Notice
from niva.domains.people.actor import machine
from niva.domains.people.errors import Invalid
from niva.flows import lead_came, leads_in
from niva.flows.lead_fields import flat, moment_of, place_of, understand
from niva.kit import sheets
from niva.kit.sheets import Column

MOSCOW = "Europe/Moscow"
# What Tilda sends, by articles of those who connected it (see lead_fields.toml).
TILDA = {"Name": "Анна", "Phone": "+7 (916) 123-45-67", "Email": "anna@mail.ru", "tranid": "1234:567",
         "formid": "form1", "utm_source": "VK", "Какой_мёд": "липовый"}  # fmt: skip
# The shape of VK's lead_forms_new by client libraries' types.
VK = {"type": "lead_forms_new", "group_id": 1, "object": {
    "lead_id": 77, "user_id": 5, "form_name": "Мёд", "ad_id": 9,
    "answers": [{"key": "first_name", "question": "Имя", "answer": "Анна"},
                {"key": "phone_number", "question": "Телефон", "answer": "+79161234567"},
                {"key": "custom_0", "question": "Сколько килограммов?", "answer": "3"}]}}  # fmt: skip


def test_a_form_of_tilda_is_understood_and_the_rest_is_kept():
    found = understand(TILDA, source="webhook", zone=MOSCOW)
    assert found.came.person.contact == "+7 (916) 123-45-67, anna@mail.ru"
    assert (found.came.person.name, found.came.key, found.came.marks.source) == ("Анна", "1234:567", "vk")
    assert found.came.person.more == {"formid": "form1", "Какой_мёд": "липовый"}
    assert found.aside == ["formid", "Какой_мёд"]


def test_answers_of_a_vk_lead_form_are_read_by_their_keys_and_questions():
    found = understand(flat(VK), source="webhook", zone=MOSCOW)
    assert (found.came.person.name, found.came.person.contact, found.came.key) == (
        "Анна",
        "+79161234567",
        "77",
    )
    assert found.came.person.more["Сколько килограммов?"] == "3"


def test_a_body_of_any_shape_is_flattened_and_bounded():
    both = flat({"params": {"name": "А", "tags": ["x", "y"]}, "lead": {"name": "Б"}})
    assert both == {"name": "А", "tags": "x, y", "lead.name": "Б"}
    deep = {"a": {"b": {"c": {"d": {"e": "too deep"}}}}}
    assert flat(deep) == {}
    assert len(flat({f"f{n}": n for n in range(500)})) < 80
    assert flat([1, 2]) == {"value": "1, 2"}
    assert flat("text") == {"value": "text"}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-16T12:00:00+03:00", "2026-11-16 09:00"),
        ("2026-11-16T09:00:00Z", "2026-11-16 09:00"),
        ("16.11.2026 12:00", "2026-11-16 09:00"),
        ("16.11.2026", "2026-11-16 09:00"),
        ("1794819600", "2026-11-16 09:00"),
        ("завтра", None),
        ("32.11.2026", None),
    ],
)
def test_moments_are_read_in_the_ways_people_and_programs_write_them(text, moment):
    found = moment_of(text, MOSCOW)
    assert (f"{found.astimezone(dt.UTC):%Y-%m-%d %H:%M}" if found else None) == moment


@pytest.mark.parametrize(
    ("text", "amount"), [("3 400,50 ₽", "3400.5"), ("1,234.5", "1234.5"), ("1200", "1200"), ("много", None)]
)
def test_sums_are_read_in_both_habits_and_never_guessed(text, amount):
    found = understand({"имя": "А", "Сумма": text}, source="csv", zone=MOSCOW)
    assert found.came.amount == (Decimal(amount) if amount else None)
    assert found.unread == ([] if amount else ["Сумма"])
    if not amount:
        assert found.came.person.more["Сумма"] == text


@pytest.mark.parametrize("name", ["Ваш e-mail", "Какой-то вопрос", "utm_weird"])
def test_names_that_stand_in_no_list_have_no_place(name):
    assert place_of(name) == ""


@pytest.fixture
def actor(db):
    return make_actor(make_workspace())


@pytest.fixture
def client(actor):
    return make_client(actor.workspace)


TABLE = """Когда пришёл;Имя;Телефон;Статус;Сумма;utm_source;Цвет крышки
16.11.2026;Анна;8 916 123-45-67;Продажа;3 400,50;ВКонтакте;жёлтая
17.11.2026 10:30;Анна С.;+7 916 123 45 67;новый;;vk;
17.11.2026;Пётр;p@mail.ru;отказ;;;
вчера;Олег;o@mail.ru;новый;;;
17.11.2026;Ира;i@mail.ru;думает;;;
17.11.2026;;;новый;100;;
17.11.2026;Пётр;p@mail.ru;отказ;;;
"""


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to("2026-11-20 09:00+00:00", tick=False)


def test_a_table_is_shown_first_and_written_once(actor, client):
    text = leads_in.text_of(TABLE.encode("cp1251"), "leads.csv")
    found = leads_in.understand_table(actor, client_id=client.pk, text=text)
    assert not Lead.objects.exists()
    assert [(row.line, row.stand) for row in found.rows] == [(2, "new"), (3, "double"), (4, "new")]
    assert [one.line for one in found.errors] == [5, 6, 7, 8]
    assert found.ignored == ["Цвет крышки"]
    assert leads_in.take_in(actor, client_id=client.pk, text=text) == 3
    first, second, third = Lead.objects.order_by("id")
    assert (first.status, first.amount, first.utm_source) == ("sold", Decimal("3400.50"), "vk")
    assert opened(first).more == {"Цвет крышки": "жёлтая"}
    assert (second.double_of, second.counts) == (first, False)
    assert (third.status, third.reason) == ("refused", "other")
    again = leads_in.understand_table(actor, client_id=client.pk, text=text)
    assert (again.count("same"), again.writes) == (3, 0)
    assert leads_in.take_in(actor, client_id=client.pk, text=text) == 0


def test_a_workbook_says_the_same_as_a_csv(actor, client):
    at = dt.datetime(2026, 11, 16, 10, 30)  # noqa: DTZ001 cells of workbooks have no zone
    columns = [Column("Дата", "day"), Column("ФИО"), Column("Телефон", "number"), Column("Сумма", "number")]
    data = sheets.write("Лиды", columns, [[at, "Анна", 79161234567, 3400.5]])
    text = leads_in.text_of(data, "leads.xlsx")
    row = leads_in.understand_table(actor, client_id=client.pk, text=text).rows[0]
    assert row.came.came_at == dt.datetime(2026, 11, 16, 7, 30, tzinfo=dt.UTC)
    assert (row.came.person.contact, row.came.amount) == ("79161234567", Decimal("3400.5"))


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02", b"one\ntwo\n", "Цвет;Вес\nжёлтый;3\n".encode()])
def test_what_is_no_table_of_leads_is_refused(actor, client, data):
    with pytest.raises(Invalid):
        text = leads_in.text_of(data, "x.csv")
        leads_in.understand_table(actor, client_id=client.pk, text=text)


def test_who_answers_is_told_once_until_he_has_read_it(actor, client):
    for n in range(3):
        came = understand({"email": f"a{n}@mail.ru"}, source="form", zone=MOSCOW).came
        lead_came.came(machine(client.workspace), client_id=client.pk, came=came)
    notice = Notice.objects.get()
    assert (notice.user, notice.kind, notice.at_once) == (actor.user, "lead_came", True)
    assert "mail.ru" not in str(notice.facts)
