"""Money through its doors: who bears it, budgets, closed months, shared costs, other currencies."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from niva.domains.clients import bearing, queries
from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import (
    give_role,
    make_actor,
    make_client,
    make_cost,
    make_person,
    make_workspace,
)
from niva.domains.clients.models import Client, Cost, Role
from niva.domains.clients.money import SharedCost
from niva.domains.clients.pacing import Alert, pace
from niva.domains.clients.progress import Row, Target, unit_cost
from niva.domains.clients.services import money, rows, shared
from niva.domains.clients.shared import split
from niva.domains.people.actor import Actor
from niva.domains.people.errors import Conflict, Forbidden, Invalid, NotFound
from niva.numbers.unit_cost import Against

D = Decimal
LAST_MONTH = dt.date(2026, 1, 1)


@pytest.fixture
def actor(db: None) -> Actor:
    return make_actor(make_workspace())


@pytest.fixture
def client(actor: Actor) -> Client:
    return make_client(actor.workspace, time_zone="Europe/Moscow")


def _add(actor: Actor, client: Client, **values: object) -> Cost:
    usual = {"spent_on": dt.date(2026, 1, 10), "amount": D(100), "kind": "ads", "known": "counted"}
    return rows.add_cost(actor=actor, client_id=client.pk, values=usual | values)


def test_under_a_fee_our_people_are_not_paid_by_the_client_twice(actor: Actor, client: Client) -> None:
    for kind, amount in [("fee", 40_000), ("people", 25_000), ("tools", 1_000), ("ads", 5_000)]:
        make_cost(client, amount, kind=kind)
    make_cost(client, 700, kind="other", key="shared:1:2026-01")
    make_cost(client, 300, kind="tools", payer="client")
    make_cost(client, 200, kind="ads", payer="us")

    def borne() -> Decimal:
        return sum((one.amount for one in queries.borne_by_client(actor, client.pk)), D(0))

    assert borne() == 72_200 - 200  # all is passed on but what a row itself says we bear
    assert bearing.counted_twice(queries.costs(actor, client.pk), "passed_on")
    money.set_money_terms(actor, client_id=client.pk, values={"paid_as": "fee"})
    assert borne() == 40_000 + 5_000 + 300
    assert not bearing.counted_twice(queries.costs(actor, client.pk), "fee")
    for one in queries.costs(actor, client.pk):  # the rule in Python and in the database is one
        ours = Cost.objects.filter(bearing.is_ours(), pk=one.pk).exists()
        assert (bearing.bearer(one, "fee") == "us") is ours

    his = actor_for(make_person(actor.workspace, "member"), actor.workspace.pk)
    assert his is not None and his.user is not None
    give_role(client, his.user, Role.CLIENT)
    his = actor_for(his.user, actor.workspace.pk)
    assert his is not None
    assert {one.kind for one in queries.costs(his, client.pk)} == {"fee", "ads", "tools"}
    assert sum(one.amount for one in queries.costs(his, client.pk)) == borne()


def test_one_number_with_a_range(actor: Actor) -> None:
    first = dt.date(2026, 1, 1)
    target = Target(D(40), first, dt.date(2026, 1, 31), D(5_000))
    facts = [Row(first + dt.timedelta(days=n), D(1)) for n in range(18)]
    costs = [Row(first, D(86_400), kind="fee")]
    seen = unit_cost(costs, D(18), ("counted",), target, dt.date(2026, 1, 25), facts)
    assert seen.each == 4_800 and seen.low is not None and seen.high is not None
    assert seen.low < 4_800 < seen.high and seen.against is Against.OPEN
    unknown = unit_cost([*costs, Row(first, D(0), "unknown")], D(18), (), target, dt.date(2026, 1, 25), facts)
    assert unknown.high is None and unknown.unknown_rows == 1
    none = unit_cost(costs, D(0), (), target, dt.date(2026, 1, 25), [])
    assert none.each is None and none.low is not None and none.high is None and none.against is Against.OVER
    assert unit_cost(costs, D(18), (), target, dt.date(2026, 1, 25)).low is None


def test_other_money_is_never_added_as_if_it_were_ours(actor: Actor, client: Client) -> None:
    with pytest.raises(Invalid, match="rate_source"):
        _add(actor, client, currency="USD", paid_amount=D(10), rate=D("92.5"))
    row = _add(actor, client, currency="USD", paid_amount=D(10), rate=D("92.555"), rate_source="ЦБ, 10.01")
    assert (row.amount, row.known) == (D("925.55"), "counted")
    unknown = _add(actor, client, currency="EUR", paid_amount=D(10), amount=D(10))
    assert (unknown.amount, unknown.known) == (0, "unknown")
    with pytest.raises(Invalid, match="paid_amount"):
        _add(actor, client, currency="EUR", amount=None)
    assert _add(actor, client, currency="RUB", rate=D(2)).rate is None
    mended = rows.change_cost(
        actor=actor, cost_id=unknown.pk, values={"rate": D(100), "rate_source": "выписка банка"}
    )
    assert (mended.amount, mended.known) == (1_000, "counted")


def test_a_closed_month_stays(actor: Actor, client: Client) -> None:
    row = _add(actor, client)
    with pytest.raises(Invalid):
        money.close_month(actor, client_id=client.pk, month=dt.date(2999, 1, 1))
    money.close_month(actor, client_id=client.pk, month=row.spent_on)
    money.close_month(actor, client_id=client.pk, month=row.spent_on)
    for change in (
        lambda: rows.change_cost(actor=actor, cost_id=row.pk, values={"amount": D(50)}),
        lambda: rows.delete_cost(actor=actor, cost_id=row.pk),
        lambda: _add(actor, client),
    ):
        with pytest.raises(Conflict):
            change()
    with pytest.raises(Invalid, match="reason"):
        rows.correct_cost(actor=actor, cost_id=row.pk, amount=D(70), reason=" ")
    fix = rows.correct_cost(actor=actor, cost_id=row.pk, amount=D(70), reason="вернули часть")
    again = rows.correct_cost(actor=actor, cost_id=row.pk, amount=D(80), reason="не всё вернули")
    assert (fix.amount, again.amount) == (-30, 10) and fix.spent_on > row.spent_on
    with pytest.raises(Conflict):
        rows.delete_cost(actor=actor, cost_id=fix.pk)
    other = _add(actor, client, spent_on=dt.date(2026, 2, 3))
    with pytest.raises(Conflict):  # nor does a row move into it
        rows.change_cost(actor=actor, cost_id=other.pk, values={"spent_on": dt.date(2026, 1, 3)})


@given(
    some.decimals(-(10**9), 10**9, places=2),
    some.dictionaries(some.integers(1, 99), some.decimals(0, 10**6, places=3), min_size=1, max_size=12),
)
def test_parts_make_the_whole_to_the_cent(amount: Decimal, weights: dict[int, Decimal]) -> None:
    if not any(weights.values()):
        with pytest.raises(ValueError, match="weights"):
            split(amount, weights)
        return
    parts = split(amount, weights)
    assert sum(parts.values()) == amount
    total = sum(weights.values())
    for one, part in parts.items():
        assert abs(part - amount * weights[one] / total) < D("0.0100001")
        assert not part or weights[one]


def test_a_shared_cost_is_corrected_by_rows(actor: Actor, client: Client) -> None:
    other, third = make_client(actor.workspace), make_client(actor.workspace)
    abroad = make_client(actor.workspace, currency="USD")
    usual = {"what": "Сервис", "month": LAST_MONTH, "currency": "RUB", "kind": "tools", "rule": "equally"}
    weights = {client.pk: D(1), other.pk: D(1), third.pk: D(1)}
    with pytest.raises(Invalid, match="clients"):
        shared.share(actor, amount=D(100), weights=weights | {abroad.pk: D(1)}, **usual)
    row = shared.share(actor, amount=D(100), weights=weights, **usual)
    made = list(Cost.objects.order_by("client_id"))
    assert [one.amount for one in made] == [D("33.34"), D("33.33"), D("33.33")]
    assert {one.key for one in made} == {f"shared:{row.pk}:2026-01"}
    assert {one.spent_on for one in made} == {dt.date(2026, 1, 31)}
    with pytest.raises(Conflict):
        rows.delete_cost(actor=actor, cost_id=made[0].pk)

    money.close_month(actor, client_id=client.pk, month=LAST_MONTH)
    fix = shared.correct(
        actor,
        shared_id=row.pk,
        amount=D(200),
        reason="счёт пришёл больше",
        weights={client.pk: D(1), other.pk: D(1)},
    )
    assert shared.parts_now(row) == {client.pk: D(100), other.pk: D(100)}
    assert fix.amount == 100 and SharedCost.objects.get(pk=row.pk).amount == 100
    late = Cost.objects.get(client=client, key=fix.cost_key)
    assert late.spent_on > dt.date(2026, 1, 31)  # its month is closed, so it stands where it came
    assert Cost.objects.get(client=third, key=fix.cost_key).amount == D("-33.33")
    with pytest.raises(Conflict):
        shared.correct(actor, shared_id=fix.pk, amount=D(1), reason="?", weights={other.pk: D(1)})
    with pytest.raises(Invalid, match="amount"):
        shared.correct(
            actor, shared_id=row.pk, amount=D(200), reason="?", weights={client.pk: D(1), other.pk: D(1)}
        )
    shared.correct(actor, shared_id=row.pk, amount=D(0), reason="вернули", weights={client.pk: D(1)})
    assert shared.parts_now(row) == {}


def test_shared_costs_are_the_workspaces(actor: Actor, client: Client) -> None:
    member = make_actor(actor.workspace, "member")
    with pytest.raises(Forbidden):
        shared.share(
            member, what="x", month=LAST_MONTH, amount=D(1), currency="RUB", kind="tools", rule="equally",
            weights={client.pk: D(1)},
        )  # fmt: skip
    stranger = make_actor(make_workspace("Чужие"))
    row = shared.share(
        actor, what="x", month=LAST_MONTH, amount=D(1), currency="RUB", kind="tools", rule="equally",
        weights={client.pk: D(1)},
    )  # fmt: skip
    with pytest.raises(NotFound):
        shared.correct(stranger, shared_id=row.pk, amount=D(2), reason="x", weights={client.pk: D(1)})


def test_pacing() -> None:
    month, tenth = dt.date(2026, 6, 1), dt.date(2026, 6, 15)

    def seen(kind: str, plan: int, spent: int, unknown: int = 0) -> tuple[Alert, Decimal | None]:
        found = pace(kind, D(plan), D(spent), month, tenth, points=15, unknown_rows=unknown)
        return found.alert, found.off

    assert seen("ads", 100, 50) == (Alert.NONE, 0)
    assert seen("ads", 100, 65) == (Alert.NONE, 15)
    assert seen("ads", 100, 66)[0] is Alert.FAST
    assert seen("ads", 100, 34)[0] is Alert.SLOW
    assert seen("ads", 100, 34, unknown=1)[0] is Alert.NONE
    assert seen("ads", 100, 101)[0] is Alert.OVER
    assert seen("people", 100, 0) == (Alert.NONE, None)  # paid once, at the end
    assert seen("people", 100, 101)[0] is Alert.OVER
    assert seen("ads", 0, 5) == (Alert.OVER, None) and seen("ads", 0, 0) == (Alert.NONE, None)


def test_budget_and_terms_say_what_is_wrong(actor: Actor, client: Client) -> None:
    made = money.set_budget(
        actor, client_id=client.pk, month=dt.date(2026, 5, 9), plans={"ads": D(500), "fee": D(9)}
    )
    assert {(one.month, one.kind, one.plan) for one in made} == {
        (dt.date(2026, 5, 1), "ads", 500), (dt.date(2026, 5, 1), "fee", 9),
    }  # fmt: skip
    made = money.set_budget(
        actor, client_id=client.pk, month=dt.date(2026, 5, 1), plans={"ads": D(0), "fee": None}
    )
    assert [(one.kind, one.plan) for one in made] == [("ads", 0)]
    with pytest.raises(Invalid, match="ads"):
        money.set_budget(actor, client_id=client.pk, month=dt.date(2026, 5, 1), plans={"ads": D(-1)})
    for values, field in [
        ({"paid_as": "hope"}, "paid_as"), ({"work_on_paid": D(101)}, "work_on_paid"),
        ({"pacing_points": 0}, "pacing_points"), ({"baseline": D(1)}, "baseline_source"),
        ({"answer_hours": D(9)}, "answer_source"), ({"report_days": 0}, "report_days"),
    ]:  # fmt: skip
        with pytest.raises(Invalid, match=field):
            money.set_money_terms(actor, client_id=client.pk, values=values)
    author = actor_for(make_person(actor.workspace, "member"), actor.workspace.pk)
    assert author is not None and author.user is not None
    give_role(client, author.user, Role.AUTHOR)
    author = actor_for(author.user, actor.workspace.pk)
    assert author is not None
    with pytest.raises(Forbidden):
        money.set_money_terms(author, client_id=client.pk, values={})
