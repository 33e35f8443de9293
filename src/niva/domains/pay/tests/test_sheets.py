"""Sheets through their doors: closed, paid, locked, corrected; what they put into the cost of a unit."""

import datetime as dt
from decimal import Decimal

import ironcalc
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from niva.domains.clients import progress
from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import (
    give_role,
    make_actor,
    make_client,
    make_facts,
    make_goal,
    make_person,
    make_workspace,
)
from niva.domains.clients.models import Cost
from niva.domains.clients.queries import cost_rows, rows_of_goals, target_of
from niva.domains.clients.services import rows as money
from niva.domains.clients.services.money import close_month
from niva.domains.editorial.models import Piece
from niva.domains.editorial.services import moves
from niva.domains.editorial.tasking import Block
from niva.domains.notices.models import Notice
from niva.domains.pay import queries
from niva.domains.pay.export import workbook
from niva.domains.pay.factories import make_accepted, make_agreement
from niva.domains.pay.models import Agreement, Counted, PayLine, PaySheet
from niva.domains.pay.services import agreements, sheets
from niva.domains.pay.services.agreements import Price
from niva.domains.people.errors import Conflict, Forbidden, Invalid, NotFound
from niva.domains.people.models import Membership
from niva.flows import pay
from niva.web.pay.rows import export_of

pytestmark = pytest.mark.django_db
D = Decimal
OCTOBER, NOVEMBER = dt.date(2025, 10, 1), dt.date(2025, 11, 1)


@pytest.fixture
def desk():
    workspace = make_workspace()
    client = make_client(workspace)
    author = make_person(workspace, "member", name="Илья")
    give_role(client, author, "author")
    return make_actor(workspace), client, author


def day(number, month=10):
    return dt.date(2025, month, number)


def close(actor, author, month=OCTOBER, currency="RUB", **whys):
    several = {int(key.removeprefix("a")): value for key, value in whys.items()}
    return pay.close(actor, person_id=author.pk, month=month, currency=currency, whys=several, url="/pay/")


def test_a_month_by_the_piece_is_closed_line_by_line(desk):
    actor, client, author = desk
    make_agreement(client, author, rates={"post": "500", "article": "2500.50"})
    for number in (1, 15, 31):
        make_accepted(client, author, day(number))
    make_accepted(client, author, day(7), unit="article")
    make_accepted(client, author, day(7), unit="story")  # nobody agreed to pay for it
    make_accepted(client, author, day(1, 11))
    sheet = close(actor, author)
    lines = [
        (line.kind, line.inputs["unit"], line.inputs["count"], line.amount) for line in sheet.lines.all()
    ]
    assert lines == [("piece", "post", 3, D(1500)), ("piece", "article", 1, D("2500.50"))]
    assert sheet.total == sum(line.amount for line in sheet.lines.all()) == D("4000.50")
    assert sheet.counted.count() == 4
    assert Notice.objects.get(kind="pay_closed").user == author


def test_a_day_is_the_clients_own(desk):
    actor, client, author = desk
    client.time_zone = "Asia/Vladivostok"
    client.save()
    make_agreement(client, author)
    late = make_accepted(client, author, day(31))
    late.accepted_at = dt.datetime(2025, 10, 31, 15, tzinfo=dt.UTC)  # one in the night of 1 November there
    late.save()
    (october,) = queries.month_of_person(actor, author.pk, OCTOBER)
    (november,) = queries.month_of_person(actor, author.pk, NOVEMBER)
    assert (october.total, november.total) == (0, 500)


def test_returned_after_it_was_accepted_and_accepted_again_it_counts_once(desk):
    actor, client, author = desk
    make_agreement(client, author)
    piece = make_accepted(client, author, day(31), at="visual")
    close(actor, author)
    stages = {one.kind: one.pk for one in client.stages.all()}
    moves.move(actor, piece_id=piece.pk, stage_id=stages["editing"], reason="fact")
    Piece.objects.filter(pk=piece.pk).update(accepted_at=dt.datetime(2025, 11, 5, tzinfo=dt.UTC))
    (november,) = queries.month_of_person(actor, author.pk, NOVEMBER)
    assert november.total == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        first = Counted.objects.get()
        first.pk = None
        first.sheet = PaySheet.objects.create(
            workspace=actor.workspace, person=author, month=NOVEMBER, currency="RUB", total=0
        )
        first.save(force_insert=True)


def test_a_paid_sheet_cannot_be_changed_even_by_a_mistake_in_the_code(desk):
    actor, client, author = desk
    make_agreement(client, author)
    make_accepted(client, author, day(3))
    sheet = close(actor, author)
    pay.mark_paid(actor, sheet_id=sheet.pk, url="/pay/")
    pay.mark_paid(actor, sheet_id=sheet.pk, url="/pay/")  # twice: nothing more happens
    assert Notice.objects.filter(kind="pay_paid").count() == 1
    line = sheet.lines.get()
    attempts = [
        lambda: PaySheet.objects.filter(pk=sheet.pk).update(total=1),
        lambda: PaySheet.objects.filter(pk=sheet.pk).update(paid_at=None),
        lambda: PaySheet.objects.get(pk=sheet.pk).delete(),
        lambda: PayLine.objects.filter(pk=line.pk).update(amount=1),
        lambda: PayLine.objects.filter(pk=line.pk).delete(),
        lambda: PayLine.objects.create(sheet=sheet, position=9, key="x", kind="correction", amount=1),
        lambda: Counted.objects.filter(sheet=sheet).update(unit="reel"),
        lambda: Counted.objects.filter(sheet=sheet).delete(),
        lambda: connection.cursor().execute(f"update pay_payline set amount = 7 where sheet_id = {sheet.pk}"),
    ]
    for attempt in attempts:
        with pytest.raises(DatabaseError, match="paid"), transaction.atomic():
            attempt()
    with pytest.raises(Conflict):
        sheets.reopen(actor, sheet_id=sheet.pk)


def test_closing_twice_says_who_was_first(desk):
    actor, client, author = desk
    make_agreement(client, author)
    make_accepted(client, author, day(3))
    close(actor, author)
    with pytest.raises(Conflict, match=actor.user.name):
        close(actor, author)
    assert PaySheet.objects.count() == Cost.objects.count() == 1


def test_a_missed_norm_wants_its_reason(desk):
    actor, client, author = desk
    one = make_agreement(client, author, model="fix_bonus", norm=D(10), fix=D(30_000), bonus=D(10_000))
    for number in range(1, 10):
        make_accepted(client, author, day(number))
    with pytest.raises(Invalid) as told:
        close(actor, author)
    assert list(told.value.errors) == [f"why_{one.pk}"]
    sheet = close(actor, author, **{f"a{one.pk}": ("approval", "Заказчик молчал неделю")})
    assert sheet.total == D(39_000)
    (norm,) = sheet.facts["norms"]
    assert (norm["done"], norm["why"], norm["note"]) == ("90.00", "approval", "Заказчик молчал неделю")


def test_time_with_the_client_stands_beside_the_number(desk):
    actor, client, author = desk
    one = make_agreement(client, author, model="fix_bonus", norm=D(1), bonus=D(1000))
    piece = make_accepted(client, author, day(1), at="approval")
    monday = dt.datetime(2025, 10, 6, 9, tzinfo=dt.UTC)  # noon in Moscow
    piece.stays.update(entered_at=monday, left_at=monday + dt.timedelta(days=1, hours=2))
    (draft,) = queries.month_of_person(actor, author.pk, OCTOBER)
    assert sheets.waited_for(draft.norms[0], draft) == 11  # 12 to 19, and 10 to 14 by the clock of Moscow
    assert draft.norms[0].terms.pk == one.pk
    Block.objects.create(  # the same Monday until 19, which is known already, and Friday without a brief
        workspace=actor.workspace, client=client, piece=piece, who=author, reason="no_brief", since=monday,
        until=monday + dt.timedelta(hours=7),
    )  # fmt: skip
    friday = monday + dt.timedelta(days=4)
    other = make_accepted(client, author, day(1))
    Block.objects.create(
        workspace=actor.workspace, client=client, piece=other, who=author, reason="no_brief", since=friday,
        until=friday + dt.timedelta(hours=2),
    )  # fmt: skip
    (draft,) = queries.month_of_person(actor, author.pk, OCTOBER)
    assert sheets.waited_for(draft.norms[0], draft) == 13


def test_a_month_is_closed_when_it_is_over(desk):
    actor, client, author = desk
    today = dt.datetime.now(dt.UTC).date()
    make_agreement(client, author, starts_on=today.replace(day=1))
    make_accepted(client, author, today)
    with pytest.raises(Invalid, match=r"\d\d\.\d\d\.\d{4}"):
        close(actor, author, month=today.replace(day=1))


def test_what_is_paid_is_part_of_the_cost_of_a_unit_and_a_correction_mends_it(desk):
    actor, client, author = desk
    goal = make_goal(client, starts_on=OCTOBER, deadline=day(30, 11))
    make_facts(goal, {day(20): 10})
    make_agreement(client, author)
    for number in (3, 4, 5, 6):
        make_accepted(client, author, day(number))
    sheet = close(actor, author)

    def each():
        rows = rows_of_goals([goal.pk])[goal.pk]
        fact = sum(row.amount for row in rows)
        costs = cost_rows(Cost.objects.filter(client=client))
        return progress.unit_cost(costs, fact, ("counted",), target_of(goal), day(30, 11)).each

    assert each() == D(200)  # 4 posts at 500 over 10 applications
    cost = Cost.objects.get()
    assert (cost.kind, cost.known, cost.spent_on) == ("people", "counted", day(31))
    pay.mark_paid(actor, sheet_id=sheet.pk, url="/pay/")
    fields = {"amount": D("-500"), "reason": "Пост сдан в сентябре", "client_id": client.pk}
    sheets.correct(actor, sheet_id=sheet.pk, now=True, **fields)
    assert each() == D(150)
    assert [row.amount for row in Cost.objects.order_by("pk")] == [D(2000), D(-500)]
    addendum = PaySheet.objects.get(number=1)
    assert (addendum.total, addendum.lines.get().words) == (D(-500), "Пост сдан в сентябре")
    with pytest.raises(Conflict):
        money.delete_cost(actor=actor, cost_id=cost.pk)


def test_a_correction_waits_for_the_next_sheet(desk):
    actor, client, author = desk
    make_agreement(client, author)
    make_accepted(client, author, day(3))
    october = close(actor, author)
    fields = {"amount": D("250.50"), "reason": "Срочный вечер", "client_id": client.pk}
    row = sheets.correct(actor, sheet_id=october.pk, **fields)
    november = close(actor, author, NOVEMBER)
    row.refresh_from_db()
    assert (november.total, row.taken_in) == (D("250.50"), november)
    assert Cost.objects.filter(key=f"pay:{november.pk}").get().amount == D("250.50")
    with pytest.raises(Conflict):  # the line of November rests on it
        sheets.reopen(actor, sheet_id=october.pk)
    sheets.reopen(actor, sheet_id=november.pk)
    row.refresh_from_db()
    assert row.taken_in is None
    assert Cost.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"amount": D(0), "reason": "так"}, "amount"),
        ({"amount": D("0.001"), "reason": "так"}, "amount"),
        ({"amount": D("NaN"), "reason": "так"}, "amount"),
        ({"amount": D(1), "reason": " "}, "reason"),
    ],
)
def test_a_correction_is_a_sum_with_a_reason(desk, values, field):
    actor, client, author = desk
    make_agreement(client, author)
    make_accepted(client, author, day(3))
    sheet = close(actor, author)
    with pytest.raises(Invalid) as told:
        sheets.correct(actor, sheet_id=sheet.pk, client_id=None, **values)
    assert field in told.value.errors


# Agreements


POSTS = (Price("post", D(500)),)


def agree(actor, client, author, prices=POSTS, **values):
    fields = {"model": "piece", "starts_on": OCTOBER, "currency": "RUB", **values}
    return agreements.agree(
        actor, person_id=author.pk, client_id=client.pk if client else None, prices=prices, **fields
    )


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"norm": D(0)}, "norm"),
        ({"norm": D(-1)}, "norm"),
        ({"model": "fix_bonus"}, "norm"),
        ({"fix": D("-1")}, "fix"),
        ({"bonus": D("0.001")}, "bonus"),
        ({"prices": (Price("post", D(-5)),)}, "rates"),
        ({"prices": (Price("post", D(5), D(0)),)}, "weights"),
        ({"prices": (Price("post"), Price("post"))}, "units"),
        ({"prices": ()}, "units"),
        ({"ends_on": day(1, 9)}, "ends_on"),
        ({"steps": [{"at": "80", "pays": "done"}, {"at": "90", "pays": "50"}]}, "steps"),
        ({"steps": ["?"]}, "steps"),
        ({"model": "mixed", "norm": D(1), "parts": {"volume": "90"}}, "parts"),
        ({"model": "reach"}, "model"),
        ({"period": "day", "weekdays": []}, "weekdays"),
    ],
)
def test_an_agreement_that_cannot_be_reckoned_is_refused(desk, values, field):
    actor, client, author = desk
    with pytest.raises(Invalid) as told:
        agree(actor, client, author, **values)
    assert field in told.value.errors
    assert not Agreement.objects.exists()


def test_two_agreements_never_pay_for_one_kind_on_one_day(desk):
    actor, client, author = desk
    agree(actor, client, author, ends_on=day(20))
    agree(actor, client, author, (Price("reel", D(900)),))
    with pytest.raises(Invalid):
        agree(actor, client, author, starts_on=day(20))
    with pytest.raises(Invalid):  # all clients are this one, too
        agree(actor, None, author, starts_on=day(5))
    agree(actor, client, author, starts_on=day(21))


def test_changed_in_the_middle_of_a_month_the_old_days_keep_the_old_price(desk):
    actor, client, author = desk
    old = agree(actor, client, author)
    for number in (14, 15, 16):
        make_accepted(client, author, day(number))
    new = agreements.change_from(
        actor, agreement_id=old.pk, day=day(15), prices=[Price("post", D(700))], model="piece"
    )
    old.refresh_from_db()
    assert (old.ends_on, new.starts_on) == (day(14), day(15))
    sheet = close(actor, author)
    assert [line.amount for line in sheet.lines.all()] == [D(500), D(1400)]
    with pytest.raises(Conflict):
        agreements.end(actor, agreement_id=new.pk, day=day(20))
    with pytest.raises(Conflict):
        agreements.drop(actor, agreement_id=old.pk)
    with pytest.raises(Invalid):
        agree(actor, client, author, (Price("reel", D(1)),), starts_on=day(25))


def test_who_has_left_is_paid_for_what_he_did_and_gets_no_new_agreement(desk):
    actor, client, author = desk
    one = agree(actor, client, author)
    make_accepted(client, author, day(3))
    Membership.objects.filter(user=author).delete()
    agreements.end(actor, agreement_id=one.pk, day=day(10))
    assert close(actor, author).total == D(500)
    with pytest.raises(Invalid):
        agree(actor, client, author, (Price("reel", D(1)),), starts_on=day(5, 12))


def test_each_money_has_a_sheet_of_its_own(desk):
    actor, client, author = desk
    abroad = make_client(actor.workspace, name="Алматы", currency="KZT")
    give_role(abroad, author)
    agree(actor, client, author)
    agree(actor, abroad, author, (Price("post", D(3000)),))
    make_accepted(client, author, day(3))
    make_accepted(abroad, author, day(4))
    drafts = queries.month_of_person(actor, author.pk, OCTOBER)
    assert [(one.currency, one.total) for one in drafts] == [("KZT", 3000), ("RUB", 500)]
    sheet = close(actor, author)
    with pytest.raises(Invalid):
        sheets.correct(actor, sheet_id=sheet.pk, amount=D(1), reason="так", client_id=abroad.pk)


# Who may


def test_a_person_sees_his_own_and_nobody_elses(desk):
    actor, client, author = desk
    other = make_person(actor.workspace, "member", name="Света")
    give_role(client, other, "designer")
    make_agreement(client, author)
    make_agreement(client, other)
    make_accepted(client, author, day(3))
    mine = actor_for(author)
    assert [one.person for one in queries.months_of_people(mine, OCTOBER)] == []
    assert queries.month_of_person(mine, author.pk, OCTOBER)[0].total == 500
    with pytest.raises(Forbidden):
        queries.month_of_person(mine, other.pk, OCTOBER)
    with pytest.raises(Forbidden):
        close(mine, author)
    sheet = close(actor, author)
    assert queries.sheet(mine, sheet.pk, settle=False) == sheet
    with pytest.raises(Forbidden):
        queries.sheet(actor_for(other), sheet.pk, settle=False)
    with pytest.raises(Forbidden):
        sheets.mark_paid(mine, sheet_id=sheet.pk)


def test_strangers_and_the_client_find_nothing(desk):
    actor, client, author = desk
    agreement = make_agreement(client, author)
    make_accepted(client, author, day(3))
    sheet = close(actor, author)
    stranger = make_actor(make_workspace("Чужие"))
    customer = make_person(actor.workspace, "member", name="Заказчик")
    give_role(client, customer, "client")
    for who, error in ((stranger, NotFound), (actor_for(customer), Forbidden)):
        with pytest.raises(error):
            queries.sheet(who, sheet.pk)
        with pytest.raises(error):
            queries.month_of_person(who, author.pk, OCTOBER)
        with pytest.raises(error):
            queries.agreement(who, agreement.pk)
        with pytest.raises(error):
            sheets.correct(who, sheet_id=sheet.pk, amount=D(1), reason="так", client_id=None)
        assert queries.months_of_people(who, OCTOBER) == []
    with pytest.raises(Invalid):
        agree(stranger, None, author)


def test_everybodys_month_takes_the_same_queries_for_two_people_and_for_twelve(
    desk, django_assert_max_num_queries
):
    actor, client, _author = desk
    for number in range(12):
        person = make_person(actor.workspace, "member", name=f"Автор {number:02}")
        make_agreement(client, person, model="fix_bonus", norm=D(2), fix=D(1000), bonus=D(500))
        make_accepted(client, person, day(3))
    with django_assert_max_num_queries(8):
        drafts = queries.months_of_people(actor, OCTOBER)
    assert len(drafts) == 12


# The file for the accountant


def test_the_file_reckons_by_its_own_formulas_to_the_same_kopeck(desk, tmp_path):
    actor, client, author = desk
    one = make_agreement(
        client, author, model="mixed", norm=D(7), fix=D("30000.01"), bonus=D("9999.99"),
        starts_on=day(5), over=True,
    )  # fmt: skip
    make_agreement(client, author, rates={"reel": "1500.35"})
    for number in (4, 6, 7, 8, 9):
        make_accepted(client, author, day(number), f"=HYPERLINK(1;{number})")
    make_accepted(client, author, day(12), unit="reel")
    sheet = close(actor, author, **{f"a{one.pk}": ("author", "")})
    path = tmp_path / "sheet.xlsx"
    path.write_bytes(workbook(*export_of(actor, sheet)))
    model = ironcalc.load_from_xlsx(str(path), "en", "UTC", "en")
    model.evaluate()
    end = 3 + sheet.lines.count() + 1
    assert D(str(model.get_cell_value(0, end, 12))).quantize(D("0.01")) == sheet.total
    assert model.get_cell_value(0, end + 1, 12) == 0
    model.set_user_input(0, 4, 5, "0")  # the accountant takes the fixed pay away, and the total follows
    model.evaluate()
    assert model.get_cell_value(0, end, 12) < float(sheet.total)
    titles = [model.get_cell_formula(1, row, 2) for row in range(2, 7)]
    assert titles == [None] * 5  # a title that looks like a formula is text


def test_a_month_that_was_reported_to_the_client_keeps_its_pay(desk):
    """What comes late stands on the day it came; what stands in the month is not taken out of it."""
    actor, client, author = desk
    make_agreement(client, author)
    make_accepted(client, author, day(3))
    sheet = close(actor, author)
    close_month(actor, client_id=client.pk, month=OCTOBER)
    with pytest.raises(Conflict):
        sheets.reopen(actor, sheet_id=sheet.pk)
    sheets.correct(actor, sheet_id=sheet.pk, now=True, amount=D(50), reason="забыли", client_id=client.pk)
    first, late = Cost.objects.order_by("pk")
    assert (first.spent_on, first.amount) == (day(31), D(500)) and late.amount == D(50)
    assert late.spent_on > day(31)
