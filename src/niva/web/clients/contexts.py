"""What the pages of clients show, prepared so that templates only print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language

from niva.domains.clients import access, queries
from niva.domains.clients.models import Client, Counting, Goal
from niva.domains.clients.progress import Range, Trend, UnitCost
from niva.domains.communities import queries as communities
from niva.domains.communities.models import Community
from niva.domains.people.actor import Actor
from niva.domains.publishing import queries as publishing
from niva.flows import client_numbers
from niva.flows.client_numbers import Recent, Support
from niva.flows.goal_fact import Standing, standing, standings
from niva.flows.money import price_of
from niva.kit.text import MISSING, number
from niva.web.clients import charts, sentences
from niva.web.clients.words import known_words, metric_word
from niva.web.context import link
from niva.web.templatetags.niva import day
from niva.words import describe

POST_METRICS_SHOWN = ("views", "likes", "comments", "reposts")


@dataclass(frozen=True, slots=True)
class GoalView:
    """A goal as a figure with its meaning."""

    goal: Goal
    standing: Standing
    name: str
    known: str
    value: str
    of_plan: str
    range: str
    by: str
    says: str
    how: str
    door: str
    label: str
    silent: str

    @property
    def low(self) -> Decimal | None:
        return self._drawn.low if self._drawn else None

    @property
    def high(self) -> Decimal | None:
        return self._drawn.high if self._drawn else None

    @property
    def _drawn(self) -> Range | None:
        """The range as far as it fits the furrow: beyond the plan there is nothing to draw it on."""
        expected = self.standing.progress.expected
        return expected if expected and expected.low < self.goal.plan else None


def goal_view(found: Standing) -> GoalView:
    goal, seen = found.goal, found.progress
    language = get_language() or "ru"
    says = sentences.verdict(goal, seen, found.today)
    value = number(seen.fact, language)
    of_plan = sentences.amount(goal, goal.plan)
    return GoalView(
        goal=goal,
        standing=found,
        name=goal.figure,
        known=known_words(["unknown"] if seen.fact is None else seen.known or ["counted"]),
        value=value,
        of_plan=of_plan,
        range=sentences.range_words(seen),
        by=day(goal.deadline, found.today),
        says=says,
        how=sentences.how_counted(goal, seen),
        door=sentences.rows_door(goal, seen),
        label=f"{goal.figure}: {value} / {of_plan}. {says}",
        silent=sentences.silent_says(found.facts.silent) if found.facts.silent else "",
    )


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A line of the list of clients."""

    client: Client
    goal: GoalView | None
    communities: Sequence[Community]

    @property
    def troubled(self) -> list[Community]:
        return [one for one in self.communities if one.state == "needs_login" and not one.by_hand]


def client_rows(actor: Actor, clients: Sequence[Client]) -> list[ClientRow]:
    """A fixed number of queries for any number of clients."""
    ids = [client.pk for client in clients]
    goals = queries.main_goals(actor, ids)
    stand = standings(goals.values())
    theirs = communities.networks_of(actor, ids)
    return [
        ClientRow(
            client,
            goal_view(stand[goals[client.pk].pk]) if client.pk in goals else None,
            theirs.get(client.pk, []),
        )
        for client in clients
    ]


@dataclass(frozen=True, slots=True)
class CostView:
    cost: UnitCost
    price: str | None
    known: str
    says: str


def cost_view(actor: Actor, found: Standing) -> CostView:
    """The price of a unit over the goal's days."""
    goal, cost = found.goal, price_of(actor, found)
    known = known_words(cost.known) if cost.each is not None else known_words(["unknown"])
    return CostView(cost, sentences.price(goal, cost), known, sentences.cost_says(goal, cost))


@dataclass(frozen=True, slots=True)
class SupportView:
    word: str
    week: str
    usual: str
    trend: Trend | None
    silent: str


def support_view(support: Support) -> SupportView:
    language = get_language() or "ru"
    return SupportView(
        word=metric_word(support.metric),
        week=number(support.week, language, 0) if support.week is not None else MISSING,
        usual=number(support.trend.usual, language, 0) if support.trend else "",
        trend=support.trend,
        silent=sentences.silent_says(support.silent) if support.silent else "",
    )


@dataclass(frozen=True, slots=True)
class PostView:
    """A publication with the numbers that its network gives; a missing one is a dash, never a zero."""

    recent: Recent
    url: str
    numbers: list[tuple[str, str, str]]  # word, value, why it is missing


def post_view(recent: Recent) -> PostView:
    language = get_language() or "ru"
    shown = []
    for metric in POST_METRICS_SHOWN:
        value = recent.numbers.values.get(metric)
        reason = recent.numbers.absent.get(metric)
        why = describe(reason).what if value is None and reason else ""
        shown.append((metric_word(metric), number(value, language, 0), why))
    return PostView(recent, post_url(recent.publication.post_id), shown)


def post_url(post_id: int) -> str:
    """The page of a post; empty while that section is not there."""
    base = link("posts")
    return f"{base}{post_id}/" if base else ""


def frame(actor: Actor, client: Client, tab: str) -> dict[str, Any]:
    """What every tab of the client's page needs: four queries."""
    return {
        "client": client,
        "tab": tab,
        "plan_url": link("plan"),
        "goal": queries.main_goals(actor, [client.pk]).get(client.pk),
        "communities_count": communities.of_client(actor, client.pk).count(),
        "may": {
            can: access.may(actor, can, client_id=client.pk)
            for can in ("goals", "manage", "connect", "write", "publish", "stop")
        },
        "held": publishing.held(actor, client_id=client.pk).exclude(code="client_stopped").count(),
    }


def how_it_goes(actor: Actor, client: Client) -> dict[str, Any]:
    """The first tab."""
    context = frame(actor, client, "how")
    goal: Goal | None = context["goal"]
    posts = client_numbers.recent_publications(actor, client_id=client.pk)
    context |= {"posts": [post_view(recent) for recent in posts], "silences": silences(client)}
    if goal is None:
        return {**context, "last_closed": queries.closed_goals(actor, client.pk).first()}
    found = standing(goal)
    return {
        **context,
        "view": goal_view(found),
        "cost": cost_view(actor, found),
        "finding": sentences.finding(goal, found.progress, found.trend, found.today),
        "trend": found.trend,
        "chart": charts.goal_chart(found),
        "supports": [support_view(support) for support in client_numbers.supports(goal)],
        "today": found.today,
        "by_hand": goal.counting == Counting.ROWS,
    }


def silences(client: Client) -> list[dict[str, Any]]:
    """What is not measured; a day that cannot be read is left out rather than shown wrong."""
    shown = []
    for row in client.not_measured:
        try:
            since: date | None = date.fromisoformat(str(row.get("since", "")))
        except ValueError:
            since = None
        shown.append({"what": str(row.get("what", "")), "why": str(row.get("why", "")), "since": since})
    return shown


@dataclass(frozen=True, slots=True)
class CommunityView:
    community: Community
    followers: str
    chart: dict[str, Any] | None


def community_views(actor: Actor, rows: Sequence[Community]) -> list[CommunityView]:
    """Communities with their followers and a small chart: two queries."""
    days = client_numbers.followers_by_day(actor, rows)
    latest = client_numbers.latest_followers(actor, rows)
    language = get_language() or "ru"
    return [
        CommunityView(
            community,
            number(latest.get(community.pk), language, 0),
            charts.followers_chart(days.get(community.pk, [])),
        )
        for community in rows
    ]
