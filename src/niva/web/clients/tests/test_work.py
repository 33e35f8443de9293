"""What people do with clients, goals and rows; what they type wrong; what never gets through."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from niva.domains.clients.factories import make_client
from niva.domains.clients.models import Client, Cost, Goal, GoalFact
from niva.domains.people.models import AuditEvent

pytestmark = pytest.mark.django_db
XSS = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
GOAL = {
    "figure": "Applications", "plan": "40",
    "unit_one": "application", "unit_few": "", "unit_many": "applications",
    "starts_on": "2026-12-01", "deadline": "2026-12-31", "price_limit": "1 000,50", "counting": "rows",
    "supports": ["clicks", "reach"],
}  # fmt: skip
CLIENT = {"name": "Пекарня", "about": "", "kind": "business", "key_task": "leads", "time_zone": "Asia/Omsk",
          "currency": "RUB", "posts_per_week": "3"}  # fmt: skip


def url(name, *args):
    return reverse(name, args=args)


def text(answer):
    return answer.content.decode()


def test_from_a_new_client_to_his_goal(anya):
    answer = anya.post(url("client_new"), CLIENT)
    client = Client.objects.get(name="Пекарня")
    assert answer["Location"] == url("goal_new", client.pk)
    assert "Applications" in text(anya.get(answer["Location"]))
    assert anya.post(url("goal_new", client.pk), GOAL).status_code == 302
    goal = client.goals.get()
    assert (goal.plan, goal.price_limit, goal.supports) == (40, Decimal("1000.50"), ["clicks", "reach"])
    verbs = set(AuditEvent.objects.filter(client_id=client.pk).values_list("verb", flat=True))
    assert verbs == {"client.created", "goal.opened"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"plan": "0"}, "plan"),
        ({"plan": "-4"}, "plan"),
        ({"plan": "много"}, "plan"),
        ({"plan": "NaN"}, "plan"),
        ({"plan": "9" * 40}, "plan"),
        ({"deadline": "2026-11-30"}, "deadline"),
        ({"deadline": "2040-01-01"}, "deadline"),
        ({"deadline": ""}, "deadline"),
        ({"price_limit": "0"}, "price_limit"),
        ({"counting": "metric", "metric": ""}, "metric"),
        ({"supports": ["clicks", "reach", "likes", "views", "saves"]}, "supports"),
        ({"supports": ["happiness"]}, "supports"),
    ],
)
def test_a_wrong_goal_is_told_at_the_field_and_what_was_typed_stays(house, anya, wrong, field):
    answer = anya.post(
        url("goal_edit", house.client.pk, house.goal.pk), {**GOAL, "figure": "Особые", **wrong}
    )
    assert answer.status_code == 422
    assert answer.context["form"].errors[field]
    assert "Особые" in text(answer)
    house.goal.refresh_from_db()
    assert house.goal.figure == "Заявки"


def test_the_next_goal_closes_the_one_before(house, anya):
    assert anya.post(url("goal_new", house.client.pk), GOAL).status_code == 302
    house.goal.refresh_from_db()
    assert house.goal.closed_at is not None
    assert Goal.objects.filter(client=house.client, closed_at=None).count() == 1
    row = {"happened_on": "2026-11-20", "amount": "1", "known": "counted"}
    late = anya.post(url("fact_add", house.client.pk, house.goal.pk), row)
    assert late.status_code == 409
    assert anya.get(url("goal_rows", house.client.pk, house.goal.pk)).status_code == 200


def test_a_row_is_added_corrected_and_both_stay(house, anya):
    today = timezone.localdate()
    add = url("fact_add", house.client.pk, house.goal.pk)
    row = {"happened_on": today.isoformat(), "amount": "3", "known": "said", "note": "Three at the fair"}
    assert anya.post(add, row).status_code == 302
    fact = GoalFact.objects.get(note="Three at the fair")
    correct = url("fact_correct", house.client.pk, fact.pk)
    assert anya.post(correct, {"amount": "2", "note": ""}).status_code == 422
    assert anya.post(correct, {"amount": "3", "note": "same"}).status_code == 422
    assert anya.post(correct, {"amount": "2", "note": "One came twice"}).status_code == 302
    page = text(anya.get(url("client_rows", house.client.pk)))
    assert "Three at the fair" in page
    assert "One came twice" in page
    assert GoalFact.objects.get(note="One came twice").amount == -1
    fact.refresh_from_db()
    assert fact.amount == 3


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"happened_on": "2020-01-01"}, "happened_on"),
        ({"happened_on": "soon"}, "happened_on"),
        ({"amount": "0"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "Infinity"}, "amount"),
        ({"known": "unknown"}, "known"),
    ],
)
def test_a_wrong_row_is_told_at_the_field(house, anya, wrong, field):
    row = {
        "happened_on": timezone.localdate().isoformat(),
        "amount": "1",
        "known": "counted",
        "note": "Мой текст",
    }
    answer = anya.post(url("fact_add", house.client.pk, house.goal.pk), {**row, **wrong})
    assert answer.status_code == 422
    assert answer.context["fact_form"].errors[field]
    assert "Мой текст" in text(answer)


def test_tomorrow_has_not_come(house, anya):
    tomorrow = (timezone.localdate() + dt.timedelta(days=2)).isoformat()
    row = {"happened_on": tomorrow, "amount": "1", "known": "counted"}
    assert anya.post(url("fact_add", house.client.pk, house.goal.pk), row).status_code == 422


def test_money_known_and_unknown(house, anya):
    add = url("cost_add", house.client.pk)
    day = timezone.localdate().isoformat()
    assert (
        anya.post(add, {"spent_on": day, "amount": "", "kind": "people", "known": "counted"}).status_code
        == 422
    )
    assert (
        anya.post(add, {"spent_on": day, "amount": "", "kind": "people", "known": "unknown"}).status_code
        == 302
    )
    page = text(anya.get(url("client", house.client.pk)))
    assert "not known, so it really costs more" in page
    change = url("cost_edit", house.client.pk, house.cost.pk)
    assert (
        anya.post(
            change, {"spent_on": day, "amount": "12 500,00", "kind": "ads", "known": "counted"}
        ).status_code
        == 302
    )
    assert Cost.objects.get(pk=house.cost.pk).amount == 12500
    assert anya.post(url("cost_delete", house.client.pk, house.cost.pk)).status_code == 302
    assert AuditEvent.objects.get(verb="cost.deleted").details["was"]["amount"] == "12500.00"


def test_scripts_in_every_field_stay_text(house, anya):
    client = Client.objects.get(pk=house.client.pk)
    client.name, client.about = XSS[:120], XSS
    client.not_measured = [{"what": XSS, "why": XSS, "since": XSS}]
    client.save()
    Goal.objects.filter(pk=house.goal.pk).update(
        figure=XSS[:80], unit_one="<b>1", unit_few="<b>2", unit_many="<b>5"
    )
    GoalFact.objects.filter(goal=house.goal).update(note=XSS, origin="javascript:alert(1)")
    Cost.objects.filter(client=client).update(note=XSS)
    house.community.name = XSS
    house.community.save()
    names = ("client", "client_rows", "client_people", "client_communities", "client_edit", "goal_new")
    pages = [url(name, client.pk) for name in names]
    pages += [url("clients"), url("goal_edit", client.pk, house.goal.pk), url("communities"),
              url("fact_correct", client.pk, house.facts[0].pk), url("community", house.community.pk),
              url("community_connect", house.community.pk)]  # fmt: skip
    for page in pages:
        answer = anya.get(page)
        assert answer.status_code == 200, page
        assert "<script>alert" not in text(answer), page
        assert "<img src=x" not in text(answer), page
        assert 'href="javascript:' not in text(answer), page
        assert "<b>2" not in text(answer), page


def test_silence_is_agreed_and_ended(house, anya):
    agree = url("silence_agree", house.client.pk)
    answer = anya.post(agree, {"what": "Likes", "why": ""})
    assert answer.status_code == 422
    assert "Likes" in text(answer)
    assert anya.post(agree, {"what": "Likes", "why": "Nobody pays in likes"}).status_code == 302
    assert "Nobody pays in likes" in text(anya.get(url("client", house.client.pk)))
    assert anya.post(url("silence_end", house.client.pk), {"what": "Likes"}).status_code == 302
    house.client.refresh_from_db()
    assert house.client.not_measured == []


def test_roles_are_given_and_taken(house, anya):
    from niva.domains.clients.factories import make_person

    masha = make_person(house.workspace, "member", name="Маша")
    member = masha.memberships.get().pk
    page = url("client_people", house.client.pk)
    assert anya.post(page, {"person": member, "role": "editor"}).status_code == 302
    assert house.browser(masha).get(url("client", house.client.pk)).status_code == 200
    assert anya.post(page, {"person": house.zoya.memberships.get().pk, "role": "owner"}).status_code == 422
    assert anya.post(url("client_role_take", house.client.pk, member)).status_code == 302
    assert house.browser(masha).get(url("client", house.client.pk)).status_code == 404


def test_the_archive_and_back(house, anya):
    assert anya.post(url("client_archive", house.client.pk)).status_code == 302
    assert "Сытый хутор" not in text(anya.get(url("clients"))).split("<main")[1].split("notes")[0]
    assert "Сытый хутор" in text(anya.get(url("clients") + "?archived=1"))
    assert anya.post(url("client_restore", house.client.pk)).status_code == 302
    house.client.refresh_from_db()
    assert house.client.archived_at is None


def test_missing_is_never_shown_as_zero(house, anya):
    bare = make_client(house.workspace, name="Пустой")
    from niva.domains.clients.factories import make_goal

    make_goal(bare, counting="metric", metric="clicks")
    page = text(anya.get(url("client", bare.pk)))
    assert "This is not zero" in page
    assert '<div class="val">—' in page


def test_a_word_that_is_no_id(house, anya):
    assert anya.get(f"/clients/{'9' * 30}/").status_code == 404
    assert anya.get(url("client_rows", house.client.pk) + "?page=zzz").status_code == 200
