"""Pages do not read raw readings, and the story of one post finds its own by the index."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from niva.domains.clients.factories import make_actor, make_client, make_workspace
from niva.domains.communities.factories import make_community
from niva.domains.metrics import queries, services
from niva.domains.metrics.figures import Scope, figures
from niva.domains.metrics.models import Subject
from niva.domains.metrics.periods import Period
from niva.domains.publishing.factories import make_publication
from niva.networks.base.types import Measure

pytestmark = pytest.mark.django_db
OUT = datetime(2026, 11, 10, 12, tzinfo=UTC)


@pytest.fixture
def actor(db):
    return make_actor(make_workspace())


@pytest.fixture
def out(actor):
    made = make_publication(make_community(make_client(actor.workspace)), published_at=OUT)
    services.ingest(community=made.community, subject=Subject.PUBLICATION, subject_id=made.pk,
                    readings=(Measure("views", 5),), at=OUT + timedelta(hours=1))  # fmt: skip
    return made


@pytest.mark.parametrize("basis", ["posts", "gained"])
@pytest.mark.parametrize("by", ["", "day", "week", "month", "community"])
def test_no_figure_reads_raw_readings(actor, out, basis, by):
    period = Period(OUT.date(), OUT.date() + timedelta(days=9))
    with CaptureQueriesContext(connection) as asked:
        found = figures(actor, ["views"], Scope(client_id=out.client_id), period, by=by, basis=basis)
    assert found[0].value == 5
    assert not [one["sql"] for one in asked if "metrics_reading" in one["sql"]]


def test_the_story_of_a_post_is_read_by_the_index(actor, out):
    with CaptureQueriesContext(connection) as asked:
        assert queries.publication_series(actor, publication_id=out.pk, metric="views")
    sql = [one["sql"] for one in asked if "metrics_reading" in one["sql"]]
    assert sql
    with connection.cursor() as cursor:
        # Of a table of one row PostgreSQL would rightly read all: what counts is whether it can do without.
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("explain " + sql[0])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan on metrics_reading" not in plan
