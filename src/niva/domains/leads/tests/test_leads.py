"""Leads through their services: once by key, traced, doubles by the stated rule, the person that can go."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import (
    give_role,
    make_actor,
    make_client,
    make_goal,
    make_person,
    make_workspace,
)  # fmt: skip
from niva.domains.clients.models import Counting, LeadStage, Role
from niva.domains.communities.factories import make_community
from niva.domains.leads import queries, sealing
from niva.domains.leads.factories import make_lead
from niva.domains.leads.funnel import funnel
from niva.domains.leads.models import Lead, LeadStep
from niva.domains.leads.sealing import Person
from niva.domains.leads.services import changing, doors
from niva.domains.leads.services.taking import Came, take
from niva.domains.leads.utm import normal
from niva.domains.metrics.models import Daily
from niva.domains.metrics.periods import Period
from niva.domains.people.errors import Conflict, Forbidden, Invalid, NotFound
from niva.domains.publishing.factories import make_publication
from niva.domains.publishing.models import Publication
from niva.flows.goal_fact import standing

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC)  # Monday noon in Moscow


@pytest.fixture(autouse=True)
def monday(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def actor():
    return make_actor(make_workspace())


@pytest.fixture
def client(actor):
    return make_client(actor.workspace)


def came(contact="+7 916 123-45-67", **extra):
    return Came(source="hand", person=Person(contact=contact, name="Анна Сидорова"), **extra)


def test_the_same_key_is_taken_once_even_after_the_person_was_erased(actor, client):
    first = take(actor, client_id=client.pk, came=came(key="tilda:1"))
    again = take(actor, client_id=client.pk, came=came("other@mail.ru", key="tilda:1"))
    assert (first.fresh, again.fresh, again.lead) == (True, False, first.lead)
    changing.erase(actor, lead_id=first.lead.pk)
    assert not take(actor, client_id=client.pk, came=came(key="tilda:1")).fresh
    assert Lead.objects.count() == 1


def test_the_person_lies_in_no_column_as_he_was_typed(actor, client):
    lead = take(actor, client_id=client.pk, came=came()).lead
    with connection.cursor() as cursor:
        cursor.execute("select row_to_json(t)::text from leads_lead t where id = %s", [lead.pk])
        (text,) = cursor.fetchone()
    assert "9161234567" not in text
    assert "Анна" not in text
    assert sealing.opened(lead).name == "Анна Сидорова"


def test_a_lead_is_traced_by_the_mark_of_his_link_and_by_nothing_ambiguous(actor, client):
    vk, other = make_community(client, "vk"), make_community(client, "telegram")
    out = make_publication(vk, published_at=NOON)
    twin = make_publication(other, published_at=NOON)
    Publication.objects.filter(pk=twin.pk).update(post=out.post)
    by_network = take(actor, client_id=client.pk, came=came(
        marks=normal({"utm_source": "VKontakte", "utm_content": f"post_{out.post_id}"})))  # fmt: skip
    assert (by_network.lead.publication, by_network.lead.community) == (out, vk)
    by_community = take(actor, client_id=client.pk, came=came("b@b.ru",
        marks=normal({"utm_content": f"post_{out.post_id}_{other.pk}"})))  # fmt: skip
    assert by_community.lead.publication == twin
    blind = take(actor, client_id=client.pk, came=came("c@c.ru",
        marks=normal({"utm_content": f"post_{out.post_id}"})))  # fmt: skip
    assert blind.lead.publication is None
    foreign = make_publication(make_community(make_client(actor.workspace)), published_at=NOON)
    stranger = take(actor, client_id=client.pk, came=came("d@d.ru",
        marks=normal({"utm_source": "vk", "utm_content": f"post_{foreign.post_id}"})))  # fmt: skip
    assert stranger.lead.publication is None
    assert stranger.lead.community == vk


def test_a_contact_that_comes_again_counts_once_whatever_the_order_of_writing(actor, client):
    days = dt.timedelta(days=1)
    late = take(actor, client_id=client.pk, came=came("8 916 123 45 67", came_at=NOON - 2 * days)).lead
    early = take(actor, client_id=client.pk, came=came(came_at=NOON - 20 * days)).lead
    old = take(actor, client_id=client.pk, came=came(came_at=NOON - 60 * days)).lead
    late.refresh_from_db()
    assert (old.counts, early.counts, late.counts) == (True, True, False)
    assert late.double_of == early
    assert queries.count(client, NOON.date() - 30 * days, NOON.date()).doubles == 1
    changing.set_apart(actor, lead_id=late.pk, apart=True)
    assert queries.count(client, NOON.date() - 30 * days, NOON.date()).counted == 2


def test_spam_is_no_lead_and_gives_its_place_to_the_one_behind_it(actor, client):
    first = take(actor, client_id=client.pk, came=came()).lead
    second = take(actor, client_id=client.pk, came=came()).lead
    changing.move(actor, lead_id=first.pk, to="refused", reason="spam")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.counts, second.counts, second.double_of) == (False, True, None)
    assert first.first_answered_at is None
    changing.move(actor, lead_id=first.pk, to="contacted")
    second.refresh_from_db()
    assert second.double_of_id == first.pk


def test_steps_are_kept_and_a_way_back_needs_words(actor, client):
    lead = take(actor, client_id=client.pk, came=came()).lead
    changing.move(actor, lead_id=lead.pk, to="sold", was="new")
    with pytest.raises(Conflict):
        changing.move(actor, lead_id=lead.pk, to="qualified", was="new")
    with pytest.raises(Invalid) as error:
        changing.move(actor, lead_id=lead.pk, to="contacted")
    assert "words" in error.value.errors
    changing.move(actor, lead_id=lead.pk, to="contacted", words="Нажали не туда")
    lead.refresh_from_db()
    assert (lead.status, lead.furthest, lead.first_answered_at) == ("contacted", 1, NOON)
    assert [(one.was, one.now) for one in lead.steps.all()] == [
        ("", "new"), ("new", "sold"), ("sold", "contacted")
    ]  # fmt: skip
    with pytest.raises(Invalid) as error:
        changing.move(actor, lead_id=lead.pk, to="refused", reason="because")
    assert "reason" in error.value.errors


def test_erasing_leaves_the_count_and_takes_the_person(actor, client):
    lead = take(
        actor, client_id=client.pk, came=came(how_heard="от Петра Иванова", marks=normal({"utm_term": "аня"}))
    ).lead
    changing.move(actor, lead_id=lead.pk, to="contacted", words="Анна просит 3 кг")
    lead = changing.erase(actor, lead_id=lead.pk)
    assert (lead.sealed, lead.marks, lead.how_heard, lead.utm_term, lead.counts) == (None, [], "", "", True)
    assert "term" not in lead.utm_raw
    assert not LeadStep.objects.exclude(words="").exists()
    assert queries.count(client, NOON.date(), NOON.date()).counted == 1


def test_only_the_client_speaks_for_himself_and_we_say_how_we_know(actor, client):
    lead = take(actor, client_id=client.pk, came=came()).lead
    with pytest.raises(Forbidden):
        changing.says(actor, lead_id=lead.pk, what="really_bought")
    person = make_person(actor.workspace, "member", name="Марат")
    give_role(client, person, Role.CLIENT)
    changing.says(actor_for(person), lead_id=lead.pk, what="really_came")
    changing.says(actor, lead_id=lead.pk, what="really_bought", how="сказал по телефону 16 ноября")
    lead.refresh_from_db()
    assert lead.client_said_by.endswith("сказал по телефону 16 ноября")
    told = queries.count(client, NOON.date(), NOON.date())
    assert (told.counted, told.confirmed, told.silent) == (1, 1, 0)
    stranger = make_actor(make_workspace())
    with pytest.raises(NotFound):
        changing.says(stranger, lead_id=lead.pk, what="really_came")


def test_a_goal_counts_from_the_status_that_was_agreed_and_only_its_own(actor, client):
    goal = make_goal(client, counting=Counting.LEADS, leads_from=LeadStage.QUALIFIED,
                     starts_on=dt.date(2026, 11, 1), deadline=dt.date(2026, 11, 30))  # fmt: skip
    assert standing(goal).progress.fact is None  # no list and no door: nothing is known
    doors.make(actor, client_id=client.pk, kind="webhook", values={"name": "Сайт"})
    assert standing(goal).progress.fact == 0
    make_lead(client, NOON, status="qualified")
    make_lead(client, NOON, status="refused", reason="price", furthest=2)
    make_lead(client, NOON, status="contacted")
    make_lead(client, NOON, status="sold", counts=False)
    other = make_goal(client, is_main=False)
    make_lead(client, NOON, status="sold", goal=other)
    assert standing(goal).progress.fact == 2
    assert queries.rows_of_goal(goal).count() == 2
    goal.leads_from = LeadStage.NEW
    assert standing(goal).progress.fact == 3
    assert standing(goal).progress.known == ("counted",) or list(standing(goal).progress.known) == ["counted"]


def test_the_day_of_a_lead_is_the_clients_own(actor):
    client = make_client(actor.workspace, time_zone="Asia/Vladivostok")
    goal = make_goal(
        client, counting=Counting.LEADS, starts_on=dt.date(2026, 11, 1), deadline=dt.date(2026, 11, 30)
    )
    make_lead(client, dt.datetime(2026, 10, 31, 20, tzinfo=dt.UTC))  # the first of November there
    assert standing(goal).progress.fact == 1
    assert queries.rows_of_goal(goal).count() == 1


def test_the_funnel_says_who_is_lost_where_and_how_long_people_wait(actor, client):
    community = make_community(client)
    day = NOON.date() - dt.timedelta(days=1)
    for metric, gained in (("reach", 4000), ("clicks", 200)):
        Daily.objects.create(
            community=community, subject="publication", metric=metric, day=day, gained=gained
        )
    friday = dt.datetime(2026, 11, 13, 15, tzinfo=dt.UTC)  # 18:00 in Moscow, an hour before closing
    make_lead(client, friday, status="sold", paid=True, first_answered_at=friday + dt.timedelta(hours=16),
              amount=Decimal(3000), margin=Decimal(900))  # fmt: skip
    make_lead(client, friday, status="contacted", paid=False, first_answered_at=NOON)
    make_lead(client, friday)
    found = funnel(actor, client, Period(dt.date(2026, 11, 1), dt.date(2026, 11, 30)), now=NOON)
    values = {one.word: one.value for one in found.steps}
    assert values == {"reach": 4000, "clicks": 200, "leads": 3, "qualified": 1, "sold": 1}
    shares = {one.word: one.share for one in found.steps}
    assert shares["clicks"].value == pytest.approx(0.05)
    assert shares["leads"].low < 3 / 200 < shares["leads"].high
    assert found.answers.in_time.value == pytest.approx(1 / 3)  # 1 h; 3 h; 3 h and still waiting
    assert (found.answers.median.value, found.answers.late) == (pytest.approx(3), 1)
    assert {one.paid: one.leads for one in found.kinds} == {True: 1, False: 1, None: 1}
    assert (found.money, found.margin, found.priced) == (3000, 900, 1)


def test_what_nobody_counted_is_no_zero_and_more_leads_than_visits_are_no_share(actor, client):
    make_lead(client, NOON)
    found = funnel(actor, client, Period(NOON.date(), NOON.date()))
    assert found.steps[0].value is None
    assert all(one.share is None for one in found.steps[:3])


def test_a_door_is_found_by_its_secret_only_while_it_is_open(actor, client):
    with pytest.raises(Invalid) as error:
        doors.make(actor, client_id=client.pk, kind="form", values={"name": "Форма"})
    assert "consent" in error.value.errors
    door, secret = doors.make(actor, client_id=client.pk, kind="form",
                              values={"name": "Форма", "consent": "Согласен"})  # fmt: skip
    assert doors.secret_of(door) == secret
    assert doors.by_secret(secret, "form") == door
    with pytest.raises(NotFound):
        doors.by_secret(secret, "webhook")
    doors.revoke(actor, client_id=client.pk, door_id=door.pk)
    with pytest.raises(NotFound):
        doors.by_secret(secret, "form")
    hook, _secret = doors.make(actor, client_id=client.pk, kind="webhook", values={"name": "Сайт"})
    assert doors.secret_of(hook) == ""


@pytest.mark.parametrize(
    ("values", "field"),
    [({"contact": ""}, ""), ({"came_at": NOON + dt.timedelta(days=3)}, "came_at"),
     ({"amount": Decimal("-1")}, "amount"), ({"amount": Decimal("NaN")}, "amount"), ({"goal_id": 10**9},
     "goal_id")],
)  # fmt: skip
def test_what_cannot_be_a_lead_is_refused_by_its_field(actor, client, values, field):
    lead = Came(source="hand", person=Person(contact=values.pop("contact", "a@b.ru")), **values)
    with pytest.raises(Invalid) as error:
        take(actor, client_id=client.pk, came=lead)
    assert field in error.value.errors


def test_rows_of_others_are_not_there(actor, client):
    lead = make_lead(client)
    stranger = make_actor(make_workspace())
    for act in (changing.erase, lambda a, lead_id: changing.move(a, lead_id=lead_id, to="contacted")):
        with pytest.raises(NotFound):
            act(stranger, lead_id=lead.pk)
    assert timezone.now() == NOON
