"""What the engine asks many times a second reads only what it needs, however much is planned or done."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from niva.domains.clients.factories import make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.people.actor import machine
from niva.domains.publishing import figures
from niva.domains.publishing.delivery import statements as sql
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Delivery
from niva.domains.publishing.services import schedule

pytestmark = pytest.mark.django_db

DONE, PLANNED, DUE = 20_000, 5_000, 30
LEASE = timedelta(seconds=120)
_COPY = """
insert into publishing_delivery (workspace_id, client_id, community_id, post_id, variant_id, revision_id,
    occurrence, due_at, wake_at, state, lease, lease_until, tries, deaths, code, detail, created_at, state_at)
select workspace_id, client_id, community_id, post_id, variant_id, revision_id, {start} + n, due_at, {wake},
    '{state}', {lease}, case when {lease} is not null then {wake} end, 0, 0, '', '', now(), now()
from publishing_delivery, generate_series(1, {count}) n where id = %s
"""


@pytest.fixture
def full() -> list[int]:
    """Copies of one delivery: many done, many planned, a few due, one left by a dead worker."""
    client = make_client(make_workspace())
    community = connect(make_community(client))
    post = make_post(community, text="Тёплый хлеб")
    (first,) = schedule.schedule(machine(client.workspace), post_id=post.pk).deliveries
    far = "now() + interval '1 day' + n * interval '1 min'"
    rows = (
        (1_000, DONE, "published", "null::timestamptz", "null::uuid"),
        (100_000, PLANNED, "queued", far, "null::uuid"),
        (200_000, DUE, "queued", "now() - interval '1 s'", "null::uuid"),
        (300_000, 1, "sending", "now() - interval '1 s'", "gen_random_uuid()"),
    )
    with connection.cursor() as cursor:
        for start, count, state, wake, lease in rows:
            cursor.execute(
                _COPY.format(start=start, count=count, state=state, wake=wake, lease=lease), [first.pk]
            )
        cursor.execute("analyze publishing_delivery")
    return list(Delivery.objects.filter(state="queued", occurrence__gt=200_000).values_list("pk", flat=True))


def explained(statement: str, *values: Any) -> dict[str, Any]:
    """The plan with what was really read. Placeholders as asyncpg and as psycopg write them."""
    numbered = re.findall(r"\$(\d+)", statement)
    plain = re.sub(r"\$\d+", "%s", statement.replace("%", "%%")) if numbered else statement
    ordered = [values[int(number) - 1] for number in numbered] if numbered else list(values)
    with connection.cursor() as cursor:
        cursor.execute(f"explain (analyze, format json) {plain}", ordered or None)
        told = cursor.fetchone()[0]
    return (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]


def scans(plan: dict[str, Any]) -> list[dict[str, Any]]:
    found = (
        [plan] if plan.get("Relation Name") == "publishing_delivery" and "Scan" in plan["Node Type"] else []
    )
    for child in plan.get("Plans", ()):
        found += scans(child)
    return found


def rows_read(plan: dict[str, Any]) -> int:
    """Rows of the table of deliveries that were looked at, those thrown away included."""
    return sum(
        (one["Actual Rows"] + one.get("Rows Removed by Filter", 0)) * one["Actual Loops"]
        for one in scans(plan)
    )


@pytest.mark.parametrize("busy", [False, True])
def test_a_claim_reads_what_is_due_and_no_more(full, busy):
    community = Delivery.objects.values_list("community_id", flat=True).first()
    counts = ([community], [5]) if busy else ([], [])
    plan = explained(sql.CLAIM_DUE, uuid.uuid4(), LEASE, 25, *counts, 20)
    assert scans(plan)
    assert not [one for one in scans(plan) if one["Node Type"] == "Seq Scan"]
    assert rows_read(plan) <= 3 * (DUE + 2)


def test_what_a_dead_worker_left_is_found_without_looking_at_the_rest(full):
    plan = explained(sql.CLAIM_SUSPECTS, uuid.uuid4(), LEASE, 20, 1)
    assert not [one for one in scans(plan) if one["Node Type"] == "Seq Scan"]
    assert rows_read(plan) <= 10


@pytest.mark.parametrize(
    ("statement", "values"), [(sql.NEXT_WAKE, ()), (sql.DUE_NOW, ([],)), (figures.STANDING, None)]
)
def test_the_questions_of_an_idle_worker_and_of_the_monitor(full, statement, values):
    if values is None:
        statement, values = statement % {"grace": "'60 seconds'"}, ()
    plan = explained(statement, *values)
    assert not [one for one in scans(plan) if one["Node Type"] == "Seq Scan"]
    assert rows_read(plan) <= DUE + 5


def test_an_attempt_and_an_end_touch_their_own_rows_only(full):
    ids, lease = full[:10], uuid.uuid4()
    Delivery.objects.filter(pk__in=ids).update(
        lease=lease, lease_until=Delivery.objects.last().created_at + LEASE
    )
    revision = Delivery.objects.values_list("revision_id", flat=True).first()
    count = len(ids)
    opened = explained(
        sql.OPEN, ids, [lease] * count, ["create"] * count, [1] * count,
        [uuid.uuid4() for _ in ids], [revision] * count, LEASE,
    )  # fmt: skip
    ended = explained(
        sql.FINISH, ids, [lease] * count, ["published"] * count, [""] * count, [""] * count,
        ["alive"] * count, [True] * count,
    )  # fmt: skip
    for plan in (opened, ended):
        assert not [one for one in scans(plan) if one["Node Type"] == "Seq Scan"]
        assert rows_read(plan) <= 2 * count
