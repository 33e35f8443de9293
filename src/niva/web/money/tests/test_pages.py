"""The pages of money through a browser's door: what the owner of a farm reads, and who reads what."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import (
    give_role,
    make_client,
    make_cost,
    make_facts,
    make_fundraiser,
    make_goal,
    make_person,
    make_promise,
    make_volunteer,
    make_workspace,
)
from niva.domains.clients.kinds import Part, Promise
from niva.domains.clients.models import Client, Cost, Role
from niva.domains.clients.money import Budget, MoneyTerms, SharedCost
from niva.domains.people.models import ApiToken
from niva.flows.tokens import TOKEN_PREFIX, fingerprint

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 24)


@pytest.fixture
def house(monkeypatch):
    """A farm in the middle of its month: 18 requests, 86,400 paid as a fee."""
    noon = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
    monkeypatch.setattr(timezone, "now", lambda: noon)
    workspace = make_workspace()
    client = make_client(workspace, name="Ферма", kind="business", time_zone="Europe/Moscow")
    goal = make_goal(
        client, starts_on=dt.date(2026, 11, 1), deadline=dt.date(2026, 11, 30), price_limit=Decimal(5000)
    )
    make_facts(goal, {dt.date(2026, 11, day): 1 for day in range(3, 21)})
    make_cost(client, 80_000, kind="fee", spent_on=dt.date(2026, 11, 2), note="Гонорар")
    make_cost(client, 6_400, kind="ads", spent_on=dt.date(2026, 11, 9), note="Реклама", origin="весна")
    make_cost(client, 31_000, kind="people", spent_on=dt.date(2026, 11, 10), note="Оплата людей")
    person = make_person(workspace, language="en")
    actor = actor_for(person, workspace.pk)
    assert actor is not None
    MoneyTerms.objects.create(workspace=workspace, client=client, paid_as="fee")
    browser = Browser(headers={"accept-language": "en"})
    browser.force_login(person)
    return browser, client, actor


def _role(client: Client, role: str) -> Browser:
    person = make_person(client.workspace, "member", language="en")
    give_role(client, person, role)
    browser = Browser(headers={"accept-language": "en"})
    browser.force_login(person)
    return browser


def _api(client: Client, role: str, path: str):
    """What the API answers to the owner of the workspace, or to somebody with a role at the client."""
    person = make_person(client.workspace, "owner" if role == "owner" else "member")
    if role != "owner":
        give_role(client, person, role)
    raw = f"{TOKEN_PREFIX}money-{role}"
    ApiToken.objects.create(
        workspace=client.workspace, user=person, name="test", prefix=raw[:12], token_hash=fingerprint(raw)
    )
    answer = Browser().get(f"/api/v1/{path}", headers={"authorization": f"Bearer {raw}"})
    assert answer.status_code == 200, answer.content
    return answer.json()


def _text(answer) -> str:
    return (
        answer.content.decode()
        .replace("\u2060", "")
        .replace("\u2009", " ")
        .replace("\xa0", " ")
        .replace("\u202f", " ")
    )


def test_one_price_on_every_page_and_in_the_api(house):
    browser, client, _actor = house
    page = _text(browser.get(f"/clients/{client.pk}/money/"))
    assert "Paid: ₽86,400." in page and "One costs ₽4,800, honestly 3,600–₽6,500." in page
    assert "Agreed: at most ₽5,000. It cannot be told yet whether it is dearer or not." in page
    assert "₽4,800" in _text(browser.get(f"/clients/{client.pk}/"))
    for address in ("", "rows/"):
        assert "3,600–₽6,500" in _text(browser.get(f"/clients/{client.pk}/{address}"))
    goal = _api(client, "owner", f"clients/{client.pk}/goals")[0]
    assert Decimal(goal["unit_cost"]) == 4_800
    assert Decimal(goal["unit_cost_low"]) < 4_800 < Decimal(goal["unit_cost_high"])


def test_the_client_reads_what_he_pays_and_not_what_we_pay(house):
    browser, client, _actor = house
    ours = _text(browser.get(f"/clients/{client.pk}/money/"))
    assert "Our own side" in ours and "₽49,000" in ours  # 80,000 less 31,000
    his = _role(client, Role.CLIENT)
    page = _text(his.get(f"/clients/{client.pk}/money/"))
    assert "Paid: ₽86,400." in page and "Our own side" not in page and "31,000" not in page
    for address in ("money/ledger/", "money/ledger.csv", "rows/"):
        found = _text(his.get(f"/clients/{client.pk}/{address}"))
        assert "6,400" in found or "6400" in found
        assert "31,000" not in found and "31000" not in found and "Оплата людей" not in found
    costs = f"clients/{client.pk}/costs"
    assert {row["kind"] for row in _api(client, Role.CLIENT, costs)["items"]} == {"fee", "ads"}
    assert len(_api(client, "owner", costs)["items"]) == 3
    assert his.get(f"/clients/{client.pk}/money/terms/").status_code == 403
    assert his.get("/money/shared/").status_code == 403


def test_paid_and_organic_are_never_guessed(house):
    browser, client, _actor = house
    page = _text(browser.get(f"/clients/{client.pk}/money/"))
    assert "Where they are from is not known: 18" in page
    # All 18 may have come by advertising, so "dearer than" is said of that case: 6,400 by 24.2 at most.
    assert "One costs more than ₽260." in page
    assert "nobody has said how much of it goes into advertising" in page
    told = {"paid_as": "fee", "work_on_paid": "25", "pacing_points": "15", "baseline_known": "said",
            "report_days": "14", "baseline": "0.25", "baseline_source": "тетрадь хозяина"}  # fmt: skip
    assert browser.post(f"/clients/{client.pk}/money/terms/", told).status_code == 302
    page = _text(browser.get(f"/clients/{client.pk}/money/"))
    assert "25 % counts as work on advertising" in page
    assert "Before us 0.25 a day came by themselves: in these days that is 6" in page
    assert "Beyond that: 12" in page and "тетрадь хозяина" in page
    told.pop("baseline_source")
    wrong = browser.post(f"/clients/{client.pk}/money/terms/", told)
    assert wrong.status_code == 422 and 'value="25"' in wrong.content.decode()


def test_budget_pace_and_a_closed_month(house):
    browser, client, _actor = house
    address = f"/clients/{client.pk}/money/budget/"
    kept = browser.post(address, {"month": "2026-11", "ads": "20 000", "fee": "80000"})
    assert kept.status_code == 302
    assert set(Budget.objects.values_list("kind", "plan")) == {("ads", 20_000), ("fee", 80_000)}
    page = _text(browser.get(f"/clients/{client.pk}/money/"))
    assert "Too slow: 80 % of the month are gone, 32 % are spent." in page
    assert "Not spent of the plan of ₽100,000: ₽13,600." in page
    assert browser.post(address, {"month": "2026-11", "ads": "-5"}).status_code == 422
    close = f"/clients/{client.pk}/money/close/"
    assert browser.post(close, {"month": "2026-11"}).status_code == 422
    old = make_cost(client, 500, kind="ads", spent_on=dt.date(2026, 10, 5))
    assert browser.post(close, {"month": "2026-10"}).status_code == 302
    fix = f"/clients/{client.pk}/money/costs/{old.pk}/correct/"
    assert browser.post(fix, {"amount": "400", "reason": ""}).status_code == 422
    assert browser.post(fix, {"amount": "400", "reason": "скидка"}).status_code == 302
    row = Cost.objects.get(key=f"fix:{old.pk}:1")
    assert (row.amount, row.spent_on) == (-100, TODAY)
    late = {"spent_on": "2026-10-07", "amount": "5", "kind": "ads", "known": "counted"}
    assert browser.post(f"/clients/{client.pk}/money/ledger/", late).status_code == 409


def test_ledger_filters_and_other_money(house):
    browser, client, _actor = house
    address = f"/clients/{client.pk}/money/ledger/"
    seen = _text(browser.get(address, {"kind": "ads", "q": "весна"}))
    assert "₽6,400" in seen and "Гонорар" not in seen
    assert browser.get(address, {"since": "nonsense", "kind": "?"}).status_code == 200
    told = {"spent_on": "2026-11-20", "kind": "ads", "known": "counted", "currency": "USD",
            "paid_amount": "100", "rate": "92.5025", "rate_source": "ЦБ, 20.11"}  # fmt: skip
    assert browser.post(address, told).status_code == 302
    row = Cost.objects.get(currency="USD")
    assert (row.amount, row.rate) == (Decimal("9250.25"), Decimal("92.5025"))
    assert "$100 × 92.5025" in _text(browser.get(address))
    assert browser.post(address, told | {"rate_source": ""}).status_code == 422
    rows = browser.get(f"/clients/{client.pk}/money/ledger.csv", {"kind": "ads"}).content.decode()
    assert rows.count("\r\n") == 3 and "92.502500" in rows


FILE = (
    "\ufeffОтчёт по кампаниям;;;\nДата;Кампания;Расход (руб.), с НДС;Клики\n"
    "20.11.2026;Мёд;1 250,50;10\n20.11.2026;Мёд;100;1\n21.11.2026;Мёд;0;0\n22.11.2026;Соты;99,99;2\n"
    "когда-то;Соты;5;1\n25.11.2026;Соты;7;1\nИтого;;1450,49;13\n"
)


def _look(browser: Browser, client: Client, text: str, **more: str):
    file = SimpleUploadedFile("ads.csv", text.encode())
    return browser.post(f"/clients/{client.pk}/money/import/", {"file": file, "source": "VK Ads", **more})


def test_costs_of_a_file_come_once(house):
    browser, client, _actor = house
    before = Cost.objects.count()
    seen = _look(browser, client, FILE)
    page = _text(seen)
    assert "New: 2. Here already: 0. With another sum than here: 0. Left out: 2." in page
    assert "Would be added: ₽1,450.49" in page and Cost.objects.count() == before
    token = seen.context["found"].token
    write = f"/clients/{client.pk}/money/import/write/"
    assert browser.post(write, {"token": token}).status_code == 302
    assert browser.post(write, {"token": token}).status_code == 302  # pressed twice
    made = Cost.objects.filter(key__startswith="ads:").order_by("spent_on")
    assert [(one.amount, one.kind, one.origin) for one in made] == [
        (Decimal("1350.50"), "ads", "Мёд"), (Decimal("99.99"), "ads", "Соты"),
    ]  # fmt: skip
    assert "Here already: 2." in _text(_look(browser, client, FILE))
    changed = _look(browser, client, FILE.replace("99,99", "120"))
    assert "With another sum than here: 1." in _text(changed)
    browser.post(write, {"token": changed.context["found"].token})
    assert sum(one.amount for one in made.filter(origin="Соты")) == 120
    assert browser.post(write, {"token": "forged"}).status_code == 422
    other = make_client(client.workspace)
    assert browser.post(f"/clients/{other.pk}/money/import/write/", {"token": token}).status_code == 422


@pytest.mark.parametrize("text", ["", "one\ntwo", "a;b\n1;2", "Дата;Клики\n1.1.2026;3"])
def test_a_file_that_is_no_table_is_answered(house, text):
    browser, client, _actor = house
    assert _look(browser, client, text or " ").status_code == 422


def test_millionths_of_direct(house):
    """Head, a title above it and "Total rows" below: https://yandex.com/dev/direct/doc/en/report-format."""
    browser, client, _actor = house
    head = '"Report (2026-11-01 - 2026-11-20)"\nDate\tCampaignName\tCost\n'
    text = f"{head}2026-11-19\tHoney\t1250500000\nTotal rows: 1\n"
    assert "Would be added: ₽1,250.50" in _text(_look(browser, client, text))
    assert "Would be added: ₽1,250,500,000" in _text(_look(browser, client, text, sums="plain"))


def test_a_shared_cost_through_its_page(house):
    browser, client, _actor = house
    other = make_client(client.workspace, name="Приют")
    told = {"what": "Сервис", "month": "2026-10", "amount": "100", "kind": "tools", "known": "counted",
            "rule": "typed", "clients": [client.pk, other.pk], f"share_{client.pk}": "2",
            f"share_{other.pk}": "1"}  # fmt: skip
    assert browser.post("/money/shared/", told).status_code == 302
    row = SharedCost.objects.get()
    parts = dict(Cost.objects.filter(key=f"shared:{row.pk}:2026-10").values_list("client_id", "amount"))
    assert parts == {client.pk: Decimal("66.67"), other.pk: Decimal("33.33")}
    assert browser.post("/money/shared/", told | {"rule": "posts"}).status_code == 422  # nobody posted
    fix = f"/money/shared/{row.pk}/"
    again = {"amount": "90", "clients": [client.pk, other.pk], "reason": "скидка"}
    assert browser.post(fix, again).status_code == 302
    page = _text(browser.get("/money/shared/"))
    assert "скидка" in page and "₽90" in page and "₽60" in page


def _as_kind(client: Client, kind: str) -> None:
    client.kind = kind
    client.save(update_fields=["kind"])


def test_each_kind_has_its_figures_and_says_what_is_absent(house):
    browser, client, _actor = house
    address = f"/clients/{client.pk}/kind/"
    assert "Nobody keeps a list of those who came" in _text(browser.get(address))
    _as_kind(client, "government")
    make_promise(client, "Лавка", due=dt.date(2026, 11, 1), said_on=dt.date(2026, 10, 1))
    make_promise(
        client,
        "Мост",
        said_on=dt.date(2026, 10, 1),
        done_on=dt.date(2026, 10, 9),
        proof="https://a.example/1",
    )
    page = _text(browser.get(address))
    assert "50 %" in page and "the day has passed" in page and "No number of posts a week is agreed" in page
    typed = {"figure": "answers", "month": "2026-10", "top": "45", "bottom": "50", "known": "said",
             "source": "справка"}  # fmt: skip
    assert browser.post(f"{address}typed/", typed).status_code == 302
    assert "90 %" in _text(browser.get(address)) and Part.objects.get().source == "справка"
    assert browser.post(f"{address}typed/", typed | {"top": "51"}).status_code == 422
    assert browser.post(f"{address}typed/", typed | {"figure": "quota"}).status_code == 422
    _as_kind(client, "media")
    assert "The networks have not reported these numbers" in _text(browser.get(address))


def test_a_fundraiser_without_a_report_alarms(house):
    browser, client, _actor = house
    _as_kind(client, "ngo")
    address = f"/clients/{client.pk}/kind/"
    fresh = make_fundraiser(client, "Корм", ends_on=dt.date(2026, 11, 10))
    assert "there is no report yet" not in _text(browser.get(address))
    old = make_fundraiser(client, "Крыша", ends_on=dt.date(2026, 11, 9))
    assert "“Крыша” ended 9 November, and there is no report yet" in _text(browser.get(address))
    told = {"what": "Крыша", "goal": "50000", "starts_on": "2026-10-01", "ends_on": "2026-11-09",
            "closing_url": "https://vk.example/wall-1", "documents": "https://a.example/act.pdf"}  # fmt: skip
    edit = f"{address}fundraisers/{old.pk}/"
    assert browser.post(edit, told).status_code == 422  # a report without its day
    assert (
        browser.post(edit, told | {"documents": "javascript:x", "closed_on": "2026-11-20"}).status_code == 422
    )
    assert browser.post(edit, told | {"closed_on": "2026-11-20"}).status_code == 302
    assert "there is no report yet" not in _text(browser.get(address))
    assert fresh.closed_on is None


def test_volunteers_come_and_stay(house):
    browser, client, _actor = house
    _as_kind(client, "ngo")
    long_ago, first = dt.date(2026, 6, 1), dt.date(2026, 6, 5)
    make_volunteer(client, "1", applied_on=long_ago, first_shift_on=first, last_shift_on=dt.date(2026, 11, 1))
    make_volunteer(client, "2", applied_on=long_ago, first_shift_on=first, last_shift_on=dt.date(2026, 7, 1))
    make_volunteer(client, "3", applied_on=long_ago)
    make_volunteer(client, "4", applied_on=TODAY, first_shift_on=TODAY)
    page = _text(browser.get(f"/clients/{client.pk}/kind/"))
    assert "3 out of 4" in page and "1 out of 2" in page
    new = f"/clients/{client.pk}/kind/volunteers/new/"
    told = {"label": "5", "applied_on": "2026-11-01", "last_shift_on": "2026-11-03"}
    assert browser.post(new, told).status_code == 422
    assert browser.post(new, told | {"first_shift_on": "2026-11-02"}).status_code == 302


def test_rows_of_a_kind_are_behind_the_one_door(house):
    _browser, client, _actor = house
    stranger = make_client(make_workspace("Чужие"))
    theirs = make_promise(stranger)
    browser = _role(client, Role.AUTHOR)
    assert browser.get(f"/clients/{client.pk}/kind/promises/{theirs.pk}/").status_code == 404
    assert browser.get(f"/clients/{stranger.pk}/kind/").status_code == 404
    assert (
        browser.post(
            f"/clients/{client.pk}/kind/promises/new/", {"what": "x", "said_on": "2026-11-01"}
        ).status_code
        == 302
    )
    assert Promise.objects.get(client=client).created_by is not None
    advertiser = _role(client, Role.ADVERTISER)
    assert advertiser.get(f"/clients/{client.pk}/kind/promises/new/").status_code == 403
