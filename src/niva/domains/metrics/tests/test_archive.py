"""A month leaves the database only when its file holds all of it, and comes back whole."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from niva.domains.clients.factories import make_client, make_workspace
from niva.domains.communities.factories import make_community
from niva.domains.metrics import archive, rollups, services
from niva.domains.metrics.models import Archived, Daily, Latest, PostAtAge, Reading, Subject
from niva.domains.publishing.factories import make_publication
from niva.networks.base.types import Measure

pytestmark = pytest.mark.django_db
OUT = datetime(2026, 5, 30, 20, 30, tzinfo=UTC)
MAY = date(2026, 5, 1)


@pytest.fixture
def out(db):
    publication = make_publication(make_community(make_client(make_workspace())), published_at=OUT)
    for hours in (1, 24, 80, 200):
        read(publication, OUT + timedelta(hours=hours), hours * 10.5)
    return publication


def read(publication, at, value):
    services.ingest(
        community=publication.community, subject=Subject.PUBLICATION, subject_id=publication.pk,
        readings=(Measure("views", value),), at=at,
    )  # fmt: skip


def sums():
    return (
        list(Daily.objects.order_by("day").values_list("day", "gained")),
        list(Latest.objects.values_list("value", "at")),
        list(PostAtAge.objects.order_by("age").values_list("age", "views")),
    )


def test_a_month_goes_out_into_a_file_and_comes_back_whole(out, tmp_path: Path):
    raw, kept = sorted(Reading.objects.values_list("at", "value")), sums()
    row = archive.write(MAY, tmp_path)
    assert (row.rows, row.total, Path(row.file).name) == (2, 262.5, "readings-2026-05.parquet")
    archive.drop(MAY)
    assert archive.months() == [date(2026, 6, 1)]
    assert Reading.objects.count() == 2
    assert sums() == kept
    with pytest.raises(rollups.MonthsAreAway):
        rollups.rebuild()
    assert archive.bring_back(Path(row.file)) == 2
    assert archive.bring_back(Path(row.file)) == 0
    assert sorted(Reading.objects.values_list("at", "value")) == raw
    rollups.rebuild()
    assert sums() == kept


def test_nothing_is_dropped_that_the_file_does_not_hold(out, tmp_path: Path):
    with pytest.raises(archive.NotProven):
        archive.drop(MAY)
    row = archive.write(MAY, tmp_path)
    read(out, OUT + timedelta(hours=12), 50)  # came late, after the file was written
    with pytest.raises(archive.NotProven):
        archive.drop(MAY)
    archive.write(MAY, tmp_path)
    Path(row.file).write_bytes(Path(row.file).read_bytes()[:-9])
    with pytest.raises(archive.NotProven):
        archive.drop(MAY)
    assert Reading.objects.count() == 5


def test_a_month_without_readings_is_said_to_be_none(out, tmp_path: Path):
    with pytest.raises(LookupError):
        archive.write(date(2020, 1, 1), tmp_path)


def test_readings_stay_for_as_many_months_as_the_setting_says(out, tmp_path: Path, monkeypatch):
    now = datetime(2026, 9, 2, tzinfo=UTC)
    assert archive.keep(tmp_path, now) == []  # by default for ever
    monkeypatch.setenv("NIVA_KEEP_READINGS_MONTHS", "1")
    assert archive.keep(tmp_path, now) == [MAY]  # three at least: June to August
    assert Archived.objects.get().dropped_at
    assert archive.keep(tmp_path, now) == []


def test_what_comes_late_while_its_month_is_away_spoils_no_age(out, tmp_path: Path):
    kept = sums()[2]
    archive.write(MAY, tmp_path)
    archive.drop(MAY)
    read(out, OUT + timedelta(hours=100), 1050)
    assert sums()[2] == kept
