"""The law of one number: page, API, CSV, XLSX and the rows give the same figure, and refuse alike."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from niva.domains.communities.factories import make_community
from niva.domains.metrics.dictionary import measure as measure_of
from niva.domains.metrics.figures import Scope, figure
from niva.domains.metrics.periods import last_days
from niva.domains.people.models import ApiToken
from niva.flows.figures_seen import basis_of
from niva.flows.tokens import TOKEN_PREFIX, fingerprint
from niva.kit import sheets
from niva.kit.text import number, plain
from niva.web.numbers.overall import COLUMNS
from niva.web.numbers.tests.conftest import Farm
from niva.web.numbers.words import digits_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(farm: Farm) -> Farm:
    farm.season()
    other = make_community(farm.client, name="Ферма ТГ", network="telegram")
    farm.absent("reach", "bot_api_has_no_views", other)
    for ago in range(2, 40, 3):
        farm.day(ago, place=other, likes=3)
        farm.post(ago, place=other, likes=5)
    return farm


def asked_api(client: Any, farm: Farm, status: int = 200, **query: Any) -> Any:
    raw = f"{TOKEN_PREFIX}law-{farm.workspace.pk}"
    ApiToken.objects.get_or_create(
        workspace=farm.workspace, user=farm.actor.user, name="law", prefix=raw[:12],
        token_hash=fingerprint(raw),
    )  # fmt: skip
    answer = client.get(
        f"/api/v1/figures?{urlencode(query, doseq=True)}", headers={"authorization": f"Bearer {raw}"}
    )
    assert answer.status_code == status, answer.content
    return answer.json()


def test_one_figure_everywhere(world: Farm, browser) -> None:
    days = last_days(world.today, 28)
    query = {"since": days.since.isoformat(), "until": days.until.isoformat()}
    told = asked_api(browser, world, measures=list(COLUMNS), by="community", **query)
    api = {(one["key"], one["measure"]): one["value"] for one in told["items"]}

    line = urlencode(query)
    rows = list(csv.reader(io.StringIO(browser.get(f"/numbers/?{line}&form=csv").content.decode("utf-8-sig")),
                           delimiter=";"))  # fmt: skip
    book = sheets.read(browser.get(f"/numbers/?{line}&form=xlsx").content)[0].rows
    page = plain(browser.get(f"/communities/{world.place.pk}/numbers/?{line}").content.decode())
    whole = plain(browser.get(f"/numbers/?{line}").content.decode())
    written = next(row for row in rows if row[0] == "Ферма ВК")
    kept = next(cells for _line, cells in book if cells[0] == "Ферма ВК")
    for place, word in enumerate(COLUMNS):
        law = figure(
            world.actor, word, Scope(community_ids=(world.place.pk,)), days, basis=basis_of(word)
        ).value
        assert law is not None and law != 0
        assert api[world.place.pk, word] == law
        assert float(written[3 + 2 * place].replace(",", ".")) == law
        assert float(kept[3 + 2 * place]) == pytest.approx(law, rel=1e-12)
        shown = plain(number(law, "ru", digits_of(measure_of(word), law)))
        assert shown in whole
        assert shown in page or word in ("publications", "followers")


def test_missing_is_missing_everywhere(world: Farm, browser) -> None:
    days = last_days(world.today, 28)
    query = {"since": days.since.isoformat(), "until": days.until.isoformat()}
    told = asked_api(browser, world, measures=["reach", "er_reach"], by="community", **query)
    silent = [one for one in told["items"] if one["value"] is None]
    assert {one["measure"] for one in silent} == {"reach", "er_reach"}
    assert all(one["reasons"][0]["code"] == "bot_api_has_no_views" for one in silent)
    rows = list(csv.reader(io.StringIO(browser.get(f"/numbers/?{urlencode(query)}&form=csv")
                                       .content.decode("utf-8-sig")), delimiter=";"))  # fmt: skip
    line = next(row for row in rows if row[0] == "Ферма ТГ")
    assert line[3] == "" and "Telegram" in line[-1]


@pytest.mark.parametrize("word", ["reach", "er_reach", "reach_post", "followers"])
def test_the_rows_add_up_to_the_figure(world: Farm, browser, word: str) -> None:
    days = last_days(world.today, 28)
    query = {"since": days.since.isoformat(), "until": days.until.isoformat(), "measures": [word]}
    told = asked_api(browser, world, client_id=world.client.pk, **query)["items"][0]
    address = told["rows"]
    rows = list(csv.reader(io.StringIO(browser.get(f"{address}&form=csv").content.decode("utf-8-sig")),
                           delimiter=";"))  # fmt: skip

    def summed(place: int) -> float:
        return sum(float(row[place].replace(",", ".")) for row in rows[1:] if row[place])

    if told["bottom"] is None:
        assert summed(-1) == pytest.approx(told["value"])
    else:
        assert summed(-2) == pytest.approx(told["top"])
        assert summed(-1) == pytest.approx(told["bottom"])
    page = plain(browser.get(address).content.decode())
    shown = number(abs(told["value"]), "ru", digits_of(measure_of(word), told["value"]))
    head = re.search(r"<h1>(.*?)</h1>", page, re.S)
    assert head and plain(shown) in head[1]


def test_the_api_refuses_what_cannot_be_answered(world: Farm, browser) -> None:
    days = last_days(world.today, 28)
    query: dict[str, Any] = {"since": days.since.isoformat(), "until": days.until.isoformat()}
    for wrong in (
        {"measures": ["nonsense"]},
        {"measures": ["unit_cost"]},
        {"measures": ["reach"], "by": "rubric", "basis": "gained"},
        {"measures": ["followers"], "by": "rubric"},
        {"measures": ["reach"], "age": 5},
        {"measures": ["reach"], "until": (days.since - timedelta(days=1)).isoformat()},
        {"measures": ["reach"], "since": "2020-01-01"},
        {"measures": []},
        {"measures": ["reach"], "by": "colour"},
    ):
        assert asked_api(browser, world, 422, **(query | wrong))["fields"], wrong
    assert asked_api(browser, world, 404, measures=["reach"], client_id=10**9, **query)
    told = asked_api(browser, world, measures=["reach"], by="rubric", **query)["items"]
    assert {one["basis"] for one in told} == {"posts"}
    formats = asked_api(browser, world, measures=["reach"], by="format", **query)["items"]
    assert [one["key"] for one in formats] == ["photo", "text"]


def test_the_dictionary_through_the_api(world: Farm, browser) -> None:
    asked_api(
        browser, world, measures=["reach"], since=world.today.isoformat(), until=world.today.isoformat()
    )
    raw = f"{TOKEN_PREFIX}law-{world.workspace.pk}"
    told = browser.get("/api/v1/measures", headers={"authorization": f"Bearer {raw}"}).json()
    ratio = next(one for one in told if one["word"] == "er_reach")
    assert (ratio["bottom"], ratio["per"], ratio["basis"], ratio["version"]) == ("reach", 100, "posts", 1)
    assert set(ratio["name"]) == {"ru", "en"}
