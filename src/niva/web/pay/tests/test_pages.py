"""Pay as people meet it: the list, a month line by line, closing, paying, correcting, agreeing."""

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client as Browser
from django.urls import reverse

from niva.domains.clients.factories import give_role, make_client, make_person, make_workspace
from niva.domains.editorial.factories import make_piece
from niva.domains.pay.factories import make_accepted, make_agreement
from niva.domains.pay.models import Agreement, Correction, PaySheet

pytestmark = pytest.mark.django_db
MONTH = "2025-10"


@pytest.fixture
def desk():
    workspace = make_workspace()
    client = make_client(workspace)
    author = make_person(workspace, "member", name="Илья", language="en")
    give_role(client, author, "author")
    owner = make_person(workspace, name="Аня", language="en")
    return owner, client, author


def browser(user):
    found = Browser(headers={"accept-language": "en"})
    found.force_login(user)
    return found


def month_of(author):
    return reverse("pay_month", args=[author.pk, MONTH])


def day(number):
    return dt.date(2025, 10, number)


def test_from_a_draft_to_a_paid_sheet_and_its_file(desk):
    owner, client, author = desk
    agreement = make_agreement(client, author, model="fix_bonus", norm=Decimal(2), bonus=Decimal(10_000))
    make_accepted(client, author, day(3), "Почему сало с чесноком")
    make_piece(client, "Ещё в черновике", author=author, created_at=dt.datetime(2025, 10, 2, tzinfo=dt.UTC))
    page = browser(owner)
    listed = page.get(reverse("pay"), {"month": MONTH}).content.decode()
    assert "Илья" in listed
    shown = page.get(month_of(author)).content.decode()
    assert "Почему сало с чесноком" in shown
    assert "Ещё в черновике" in shown
    close = reverse("pay_close", args=[author.pk, MONTH])
    refused = page.post(
        close, {"currency": "RUB", f"note_{agreement.pk}": "болел", f"why_{agreement.pk}": ""}
    )
    assert refused.status_code == 422
    assert "болел" in refused.content.decode()
    typed = {"currency": "RUB", f"why_{agreement.pk}": "illness", f"note_{agreement.pk}": "болел"}
    assert page.post(close, typed).status_code == 302
    assert page.post(close, typed).status_code == 409
    sheet = PaySheet.objects.get()
    assert sheet.total == 0  # one of two is under the first step
    assert page.post(reverse("pay_paid", args=[sheet.pk])).status_code == 302
    assert page.post(reverse("pay_reopen", args=[sheet.pk])).status_code == 409
    shown = page.get(month_of(author)).content.decode()
    assert "paid, locked" in shown
    assert "Illness" in shown
    file = browser(author).get(reverse("pay_xlsx", args=[sheet.pk]))
    assert file.content[:2] == b"PK"


def test_a_person_finds_his_own_and_reach_only_for_himself(desk):
    owner, client, author = desk
    make_agreement(client, author)
    make_accepted(client, author, day(3), "Почему сало с чесноком")
    mine = browser(author)
    assert mine.get(reverse("pay"), {"month": MONTH}).url == month_of(author)
    shown = mine.get(month_of(author)).content.decode()
    assert "For yourself" in shown
    assert "Close the month" not in shown
    assert "For yourself" not in browser(owner).get(month_of(author)).content.decode()
    assert mine.get(month_of(owner)).status_code == 404
    assert mine.get(reverse("agreements")).status_code == 403
    customer = make_person(client.workspace, "member", name="Заказчик")
    give_role(client, customer, "client")
    for address in (reverse("pay"), month_of(author), month_of(customer), reverse("agreements")):
        assert browser(customer).get(address).status_code == 403


def test_a_correction_without_a_reason_comes_back_with_what_was_typed(desk):
    owner, client, author = desk
    make_agreement(client, author)
    make_accepted(client, author, day(3))
    page = browser(owner)
    page.post(reverse("pay_close", args=[author.pk, MONTH]), {"currency": "RUB"})
    correct = reverse("pay_correct", args=[PaySheet.objects.get().pk])
    refused = page.post(correct, {"amount": "-1 250,50", "reason": "", "client": client.pk})
    assert refused.status_code == 422
    assert "-1 250,50" in refused.content.decode()
    typed = {"amount": "-1 250,50", "reason": "Сдано в сентябре", "client": client.pk, "now": "on"}
    assert page.post(correct, typed).status_code == 302
    assert Correction.objects.get().amount == Decimal("-1250.50")
    shown = page.get(month_of(author)).content.decode()
    assert "Addendum 1" in shown
    assert "750.50" in shown
    assert "750.50" in page.get(reverse("pay"), {"month": MONTH}).content.decode()


def test_an_agreement_is_made_changed_from_a_day_and_ended(desk):
    owner, client, author = desk
    page = browser(owner)
    typed = {
        "person": author.pk, "client": client.pk, "model": "fix_bonus", "gate": "accepted", "period": "month",
        "norm": "20", "fix": "30 000", "bonus": "10 000", "cap": "120", "currency": "RUB",
        "starts_on": "2025-10-01", "rate_post": "0", "weight_post": "1", "at_0": "80", "at_1": "100",
        "pays_1": "100", "part_volume": "100", "weekdays": ["1", "2", "3", "4", "5"],
    }  # fmt: skip
    assert "Илья" in page.get(reverse("agreement_new")).content.decode()
    refused = page.post(reverse("agreement_new"), {**typed, "norm": "0", "fix": "-1"})
    assert refused.status_code == 422
    assert page.post(reverse("agreement_new"), typed).status_code == 302
    old = Agreement.objects.get()
    change = reverse("agreement_change", args=[old.pk])
    assert page.get(change).status_code == 200
    assert page.post(change, {**typed, "starts_on": "2025-10-01"}).status_code == 422
    assert page.post(change, {**typed, "starts_on": "2025-10-15", "norm": "10"}).status_code == 302
    new = Agreement.objects.exclude(pk=old.pk).get()
    assert (new.norm, new.starts_on) == (10, day(15))
    end = reverse("agreement_end", args=[new.pk])
    assert page.post(end, {"ends_on": "2025-10-01"}).status_code == 422
    assert page.post(end, {"ends_on": "2025-10-31"}).status_code == 302
    assert page.post(reverse("agreement_drop", args=[new.pk])).status_code == 302
    assert "Илья" in page.get(reverse("agreements")).content.decode()


def test_an_overlap_is_told_with_the_agreement_that_is_in_the_way(desk):
    owner, client, author = desk
    make_agreement(client, author)
    typed = {
        "person": author.pk, "client": client.pk, "model": "piece", "gate": "accepted", "period": "month",
        "cap": "120", "currency": "RUB", "starts_on": "2025-10-01", "rate_post": "400", "at_0": "80",
        "at_1": "100", "pays_1": "100",
    }  # fmt: skip
    refused = browser(owner).post(reverse("agreement_new"), typed)
    assert refused.status_code == 422
    assert "01.01.2025" in refused.content.decode()


def test_the_list_asks_the_same_for_one_person_and_for_ten(desk, django_assert_max_num_queries):
    owner, client, _author = desk
    for number in range(10):
        person = make_person(client.workspace, "member", name=f"Автор {number}")
        make_agreement(client, person, model="fix_bonus", norm=Decimal(2), bonus=Decimal(10_000))
        make_accepted(client, person, day(3))
    page = browser(owner)
    page.get(reverse("pay"))
    with django_assert_max_num_queries(30):
        assert page.get(reverse("pay"), {"month": MONTH}).content.decode().count("Автор") >= 10


@pytest.mark.parametrize("month", ["2025-13", "1999-01", "nonsense"])
def test_a_month_that_is_none_is_not_found(desk, month):
    owner, _client, author = desk
    assert browser(owner).get(reverse("pay_month", args=[author.pk, month])).status_code == 404
