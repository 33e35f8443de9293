"""Two people at the same sheet at the same moment: two threads with a connection each."""

import datetime as dt
import threading
from decimal import Decimal as D

import pytest
from django.db import connection

from niva.domains.clients.factories import give_role, make_actor, make_client, make_person, make_workspace
from niva.domains.clients.models import Cost
from niva.domains.pay.factories import make_accepted, make_agreement
from niva.domains.pay.models import Counted, PaySheet
from niva.domains.pay.services import sheets
from niva.domains.people.errors import Conflict, NotFound
from niva.flows import pay
from niva.kit.jobs.testing import empty

OCTOBER = dt.date(2025, 10, 1)


@pytest.fixture
def desk(transactional_db):
    workspace = make_workspace()
    client = make_client(workspace)
    author = make_person(workspace, "member", name="Илья")
    give_role(client, author, "author")
    make_agreement(client, author)
    for day in (3, 4, 5):
        make_accepted(client, author, dt.date(2025, 10, day))
    yield make_actor(workspace), author
    empty()


def at_once(*calls):
    """What each came to: its result, or the error it was refused with."""
    found, start = {}, threading.Barrier(len(calls))

    def run(number, call):
        try:
            start.wait(10)
            found[number] = call()
        except Exception as error:
            found[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(calls)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    return [found[number] for number in range(len(calls))]


def test_a_month_is_closed_once_and_paid_or_opened_but_never_both(desk):
    actor, author = desk

    def close():
        return pay.close(actor, person_id=author.pk, month=OCTOBER, currency="RUB", whys={}, url="/pay/")

    first = at_once(close, close, close)
    assert [type(one) for one in first if isinstance(one, Exception)] == [Conflict, Conflict]
    sheet = PaySheet.objects.get()
    assert (sheet.total, Counted.objects.count(), Cost.objects.get().amount) == (D(1500), 3, D(1500))

    second = at_once(
        lambda: pay.mark_paid(actor, sheet_id=sheet.pk, url="/pay/"),
        lambda: sheets.reopen(actor, sheet_id=sheet.pk),
    )
    errors = [one for one in second if isinstance(one, Exception)]
    assert len(errors) == 1
    assert isinstance(errors[0], Conflict | NotFound)
    paid = PaySheet.objects.filter(paid_at__isnull=False).count()
    assert (paid, PaySheet.objects.count(), Cost.objects.count()) in ((1, 1, 1), (0, 0, 0))


def test_corrections_at_once_are_addenda_of_their_own_and_the_cost_moves_by_the_sum(desk):
    actor, author = desk
    sheet = pay.close(actor, person_id=author.pk, month=OCTOBER, currency="RUB", whys={}, url="/pay/")
    client_id = sheet.lines.first().client_id

    def correct(amount):
        return lambda: sheets.correct(
            actor, sheet_id=sheet.pk, amount=amount, reason="Забыли", client_id=client_id, now=True
        )

    found = at_once(
        correct(D("0.01")), correct(D("-100")), lambda: pay.mark_paid(actor, sheet_id=sheet.pk, url="/pay/")
    )
    assert not [one for one in found if isinstance(one, Exception)]
    assert sorted(PaySheet.objects.values_list("number", flat=True)) == [0, 1, 2]
    assert sum(Cost.objects.values_list("amount", flat=True)) == D("1400.01")
