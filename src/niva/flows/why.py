"""Why a client's number changed between two periods: his posts at one same age, his goal, his money.

The engine is niva.numbers.why; here its rows are brought together. A goal's leads are rarely traced to a
post, so that each click (or each person reached, where not every network tells of clicks) counts as much as
another: what came of a click more or less is a step of its own, for the client as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from niva.domains.clients import queries
from niva.domains.clients.models import Client, CostKind, Counting, Goal
from niva.domains.clients.queries import today_of
from niva.domains.metrics.figures import Scope, posts_in
from niva.domains.metrics.models import AGES
from niva.domains.metrics.periods import Period
from niva.domains.metrics.segments import PostRow, rows_at_age
from niva.domains.people.actor import Actor
from niva.flows.goal_fact import facts_of

if TYPE_CHECKING:
    from niva.numbers.why.rows import Daily, Rows, Span
    from niva.numbers.why.tree import Node, Part

HISTORY: Final = 182
"""Days before both periods by which is judged what is ordinary: half a year."""
PAID: Final = "$"
"""Stands behind a community's id in a key: its posts that somebody paid for are apart."""
PAGE_AGES: Final = (168, 72, 24)
WHAT: Final = ("goal", "cost", "clicks", "base")


@dataclass(frozen=True, slots=True)
class Why:
    """`what`: one of WHAT; `goal`: set with "goal" and "cost"; `base`: "reach" or "views", the second step of
    the chain; `steps`: the chain in order; `tree`: None when it cannot be told, `code` says why: no_posts,
    no_numbers, goal_later, no_price. `silent`: communities that gave no number; `unread`: posts without one
    at that age (yet), which are left out. `age`: hours."""

    what: str
    goal: Goal | None
    before: Period
    after: Period
    age: int
    base: str
    steps: tuple[str, ...]
    tree: Node | None
    code: str
    silent: tuple[str, ...]
    unread: int
    names: dict[str, str]
    offered: tuple[str, ...]


def why(actor: Actor, client: Client, what: str, before: Period, after: Period) -> Why:
    """A query for posts, one or two for the goal, two for money when it is asked for. An unknown `what` is
    taken as the first that can be asked."""
    from niva.numbers.why.tree import rounded

    age = age_for(max(before.until, after.until), today_of(client))
    since = min(before.since, after.since)
    period = Period(since - timedelta(days=HISTORY), max(before.until, after.until))
    posts = rows_at_age(actor, client_id=client.pk, period=period, age=age)
    base = base_of(posts)
    kept, silent, unread = readable(posts, base, before, after)
    goal = queries.main_goals(actor, [client.pk]).get(client.pk)
    if goal is not None and goal.counting == Counting.PUBLICATIONS:
        goal = None  # posts are its own first step: there is no chain to tell
    clicks = _all_know_clicks(kept, before, after)
    offered = _offered(goal, clicks)
    what = what if what in offered else offered[0]
    steps = ("posts", base, "clicks") if clicks and what != "base" else ("posts", base)
    found = _Asked(kept, steps, before, after, period.since)
    tree, code = found.tree(actor, client, what, goal)
    return Why(
        what=what, goal=goal if what in ("goal", "cost") else None, before=before, after=after, age=age,
        base=base, steps=steps, tree=rounded(tree, found.places(tree)) if tree else None, code=code,
        silent=silent, unread=unread, names=names_of(posts), offered=offered,
    )  # fmt: skip


def since_when(actor: Actor, client: Client) -> date | None:
    """The first day that can be compared: from which on both posts and the goal are counted."""
    first = posts_in(actor, Scope(client_id=client.pk), Period(date(2000, 1, 1), today_of(client)))
    day = first.order_by("day").values_list("day", flat=True).first()
    goal = queries.main_goals(actor, [client.pk]).get(client.pk)
    return max(day, goal.starts_on) if day and goal is not None else day


def age_for(until: date, today: date) -> int:
    """The greatest age that all posts of the periods have reached."""
    past = (today - until).days
    return next((age for age in PAGE_AGES if past > age // 24), AGES[1])


def base_of(posts: Sequence[PostRow]) -> str:
    """People reached, where as many posts tell of them as of views; else views: never one added to other."""
    reach = sum(row.reach is not None for row in posts)
    return "reach" if reach and reach >= sum(row.views is not None for row in posts) else "views"


def readable(
    posts: Sequence[PostRow], base: str, before: Period, after: Period
) -> tuple[list[PostRow], tuple[str, ...], int]:
    """Posts that have the number; communities that gave it for none of their posts; how many others have
    not got it (yet): they cannot stand beside those that have."""
    told = {row.community_id for row in posts if getattr(row, base) is not None}
    silent = sorted({row.community for row in posts if row.community_id not in told})
    mine = [row for row in posts if row.community_id in told]
    kept = [row for row in mine if getattr(row, base) is not None]
    asked = [row for row in mine if getattr(row, base) is None and _in(row, before, after)]
    return kept, tuple(silent), len(asked)


def key_of(row: PostRow) -> tuple[str, str, str]:
    """Community (paid posts apart), rubric, format."""
    return f"{row.community_id}{PAID if row.paid else ''}", f"r{row.rubric_id or ''}", row.format


def names_of(posts: Sequence[PostRow]) -> dict[str, str]:
    """What a part of a key is called. Formats and "no rubric" are left to the words of the page."""
    names = {str(row.community_id): row.community for row in posts}
    return names | {f"r{row.rubric_id}": row.rubric for row in posts if row.rubric_id and row.rubric}


def _in(row: PostRow, *periods: Period) -> bool:
    return any(period.since <= row.day <= period.until for period in periods)


def _all_know_clicks(posts: Sequence[PostRow], before: Period, after: Period) -> bool:
    asked = [row for row in posts if _in(row, before, after)]
    return bool(asked) and all(row.clicks is not None for row in asked)


def _offered(goal: Goal | None, clicks: bool) -> tuple[str, ...]:
    there = {"goal": goal is not None, "cost": goal is not None, "clicks": clicks, "base": True}
    return tuple(what for what in WHAT if there[what])


class _Asked:
    """The rows as arrays, and the questions put to the engine."""

    def __init__(
        self, posts: Sequence[PostRow], steps: tuple[str, ...], before: Period, after: Period, since: date
    ) -> None:
        self.posts, self.steps, self.since = posts, steps, since
        self.before, self.after = before, after

    def tree(self, actor: Actor, client: Client, what: str, goal: Goal | None) -> tuple[Part | None, str]:
        from niva.numbers.why.rows import per_unit, why

        if not any(_in(row, self.before, self.after) for row in self.posts):
            return None, "no_posts" if not self.posts else "no_numbers"
        if what not in ("goal", "cost") or goal is None:
            return why(self._rows(), *self._spans()).root, ""
        if min(self.before.since, self.after.since) < goal.starts_on:
            return None, "goal_later"
        found = why(self._rows(), *self._spans(), goal=self._daily(goal))
        if what == "goal":
            return found.root, ""
        tree = per_unit("cost", self._costs(actor, client), found)
        return (tree, "") if tree else (None, "no_price")

    @staticmethod
    def places(tree: Part) -> int:
        """Small numbers are parted to a tenth, so that not all parts are zero; large ones to a whole."""
        ends = max(abs(tree.before or 0.0), abs(tree.after or 0.0))
        return 1 if ends < 1000 else 0

    def _rows(self) -> Rows:
        import numpy as np

        from niva.numbers.why.rows import Rows

        columns = [
            [math.nan if (value := getattr(row, step)) is None else value for row in self.posts]
            for step in self.steps[1:]
        ]
        days = np.array([row.day.toordinal() for row in self.posts], dtype=float)
        return Rows(self.steps, [key_of(row) for row in self.posts], days, np.array(columns, dtype=float).T)

    def _spans(self) -> tuple[Span, Span]:
        from niva.numbers.why.rows import Span

        before, after = (
            Span(period.since.toordinal(), period.until.toordinal()) for period in (self.before, self.after)
        )
        return before, after

    def _daily(self, goal: Goal) -> Daily:
        """The goal's rows by day, from its first day on: a day without a row brought none."""
        import numpy as np

        from niva.numbers.why.rows import Daily

        first = max(self.since, goal.starts_on)
        last = max(self.before.until, self.after.until)
        values = np.zeros((last - first).days + 1)
        for row in facts_of([goal])[goal.pk].rows:
            if first <= row.day <= last and row.known != "unknown":
                values[(row.day - first).days] += float(row.amount)
        return Daily("goal", first.toordinal(), values)

    def _costs(self, actor: Actor, client: Client) -> dict[str, tuple[float, float]]:
        """Money that the client bears, by kind, in both periods."""
        sums = {str(kind): [0.0, 0.0] for kind in CostKind.values}
        for side, period in enumerate((self.before, self.after)):
            for cost in queries.borne_by_client(actor, client.pk, period.since, period.until):
                if cost.known != "unknown":
                    sums[cost.kind][side] += float(cost.amount)
        return {kind: (pair[0], pair[1]) for kind, pair in sums.items()}
