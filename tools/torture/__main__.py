"""Kill everything at random while thousands of posts go out to a network that lies; then count.

    python -m tools.torture [--seed N] [--short]      make torture [SEED=N]

A desk of real processes in a temporary folder: PostgreSQL, web, workers, the practice network with faults
armed at random all the time. What happens is drawn from one seed; the same seed repeats the schedule.
Progress goes to stderr. The one line on stdout is a JSON object with the figures; the exit code is 1 when a
post was lost, doubled, denied or left without an explanation.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "src"))

from tools.torture import plan as plans
from tools.torture import verdict
from tools.torture.desk import Desk, place, say
from tools.torture.people import Editor, Manager, World

TICK: Final = 0.05
READY_WITHIN: Final = 30.0
MORE_TIME: Final = 150.0  # seconds for kills that had to wait for their victim on a busy machine
LOOK_EVERY: Final = 0.4  # seconds


class Run:
    """One run, from the empty database to the verdict."""

    def __init__(self, plan: plans.Plan, desk: Desk) -> None:
        self.plan, self.desk = plan, desk
        self.faults: Counter[str] = Counter()
        self.scheduled: set[int] = set()

    def prepare(self) -> None:
        """The database, the agency, and the posts that were planned before it all begins."""
        os.environ.update(self.desk.environment)
        self.desk.keep_database()
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        self.world = World(self.desk.practice, f"http://127.0.0.1:{self.desk.network_port}")
        self.token = self.world.build(self.plan.scale.clients)
        far = datetime.now(UTC) + timedelta(hours=1)
        for piece in self.plan.pieces:
            if piece.written is None:
                self.scheduled |= self.world.plan_ahead(piece, far)
        limit = time.monotonic() + READY_WITHIN
        while not self.ready() and time.monotonic() < limit:
            self.desk.keep()
            time.sleep(TICK)
        self.begin = datetime.now(UTC) + timedelta(seconds=1)
        self.world.bring_forward(far - self.begin)
        say(f"{len(self.scheduled)} deliveries planned; it begins")

    def ready(self) -> bool:
        """Pages are served and every worker is at the database."""
        if not all(one.settled for one in self.desk.ours) or not self.desk.web_answers():
            return False
        self.look_round()
        return len(self.desk.at_work) >= len(self.desk.workers)

    def look_round(self) -> None:
        """Which workers are at the database, by the name that each gives itself there."""
        names = self._asked(
            "select distinct application_name from pg_stat_activity "
            "where datname = current_database() and application_name like 'niva-worker %'"
        )
        self.desk.at_work = {int(name.rpartition(" ")[2]) for (name,) in names}

    def suffer(self) -> None:
        """Everything of the plan, at its moment."""
        self.editors = [
            Editor(self.world, self.plan, self.desk.web_port, self.token, self.begin, share)
            for share in (0, 1)
        ]
        self.manager = Manager(self.world)
        for thread in (*self.editors, self.manager):
            thread.start()
        kills, faults = list(self.plan.kills), list(self.plan.faults)
        told, end, looked = 0.0, self.plan.scale.seconds, 0.0
        while (passed := self.passed()) < end or (kills and passed < end + MORE_TIME):
            self.desk.keep()
            while faults and faults[0].at <= passed:
                self.arm(faults.pop(0))
            if passed - looked >= LOOK_EVERY:
                looked = passed
                self.look_round()
            for kill in [one for one in kills if one.at <= passed]:
                if self.desk.strike(kill):
                    kills.remove(kill)  # else whom it is meant for is not up: in the next moment
            if passed - told >= self.plan.scale.seconds / 15:
                told = passed
                self.tell(f"{passed:5.0f} s, {sum(self.desk.kills.values())} kills")
            time.sleep(TICK)

    def passed(self) -> float:
        return (datetime.now(UTC) - self.begin).total_seconds()

    def arm(self, fault: plans.Fault) -> None:
        """Ordered from the network's inside, so that it works while the network is down, too."""
        from niva.networks.practice.server import faults

        if fault.kind == "network_killed":
            self.faults[fault.kind] += self.desk.network.kill(pause=fault.params["lasts"])
            return
        with self.world.network() as network:
            handle = None if fault.community is None else self.world.handles[fault.community]
            community = None if handle is None else network.community(handle)
            if fault.kind == "wrong_answer" and not self._settled(network, community):
                return
            faults.arm(network, fault.kind, community, count=fault.count, **fault.params)
        self.faults[fault.kind] += 1

    def _settled(self, network: Any, community: Any) -> bool:
        """Whether the desk knows the oldest post, of which a wrong answer would speak: else nobody could tell
        that the answer is wrong."""
        oldest = network.posts(community, limit=1, offset=max(0, network.count_posts(community) - 1))
        known = "select 1 from publishing_publication where remote_id = '{}'"
        return bool(oldest) and bool(self._asked(known.format(int(oldest[0].id))))

    def settle(self) -> None:
        """Peace: no more faults and kills, until nothing is on its way any more or the time is over."""
        from niva.networks.practice.server import faults

        self.desk.calm()
        with self.world.network() as network:
            faults.disarm(network)
        self.tell("peace")
        limit = time.monotonic() + self.plan.scale.drain
        looked = time.monotonic()
        while time.monotonic() < limit:
            self.desk.keep()
            if time.monotonic() - looked > 2:
                looked = time.monotonic()
                if not self.alive() and not any(editor.is_alive() for editor in self.editors):
                    break
            time.sleep(TICK)
        for thread in (*self.editors, self.manager):
            thread.over.set()
        for thread in (*self.editors, self.manager):
            thread.join(30)
        self.tell("the end")

    def alive(self) -> int:
        """Deliveries that will still do something by themselves within the time of a run."""
        return self._count("wake_at < now() + interval '10 minutes'")

    def _count(self, where: str) -> int:
        return self._ask(f"select count(*) from publishing_delivery where {where}")

    @staticmethod
    def _ask(question: str) -> int:
        """The number that the database says; -1 while it is away: then nobody can tell."""
        rows = Run._asked(question)
        return int(rows[0][0]) if rows else -1

    @staticmethod
    def _asked(question: str) -> list[tuple[Any, ...]]:
        """What the database says; nothing while it is away."""
        from django.db import DatabaseError, connection

        try:
            with connection.cursor() as cursor:
                cursor.execute(question)
                return list(cursor.fetchall())
        except DatabaseError:
            return []
        finally:
            connection.close()

    def tell(self, words: str) -> None:
        out = self._count("state in ('accepted', 'published')")
        say(f"{words}: {out} out, {self.alive()} on their way, {sum(self.faults.values())} faults")

    def figures(self) -> dict[str, Any]:
        promised = self.scheduled.union(*(one.promises.scheduled for one in self.editors))
        cancelled = set().union(*(one.promises.cancelled for one in self.editors))
        posts, twice = verdict.on_the_network(self.desk.practice)
        truth = verdict.judge(verdict.in_the_database(), posts, scheduled=promised, cancelled=cancelled)
        truth.comments_doubled += twice
        for name in (
            "lost",
            "doubled",
            "denied",
            "mislinked",
            "comments_doubled",
            "strangers",
            "unexplained",
        ):
            for line in getattr(truth, name)[:20]:
                say(f"{name.upper()}: {line}")
        for why, count in truth.unknown.most_common():
            say(f"unknown, {count} times: {why}")
        return self._json(truth)

    def _json(self, truth: verdict.Truth) -> dict[str, Any]:
        late = sorted(truth.late)
        states = truth.states
        answers: Counter[int] = sum((one.promises.answers for one in self.editors), Counter())
        return {
            "deliveries": truth.deliveries,
            "kills": sum(self.desk.kills.values()),
            "kills_by_kind": dict(self.desk.kills),
            "faults": sum(self.faults.values()),
            "faults_by_kind": dict(self.faults),
            "lost": len(truth.lost),
            "doubled": len(truth.doubled),
            "denied": len(truth.denied),
            "mislinked": len(truth.mislinked),
            "comments_doubled": len(truth.comments_doubled),
            "strangers": len(truth.strangers),
            "out": truth.out,
            "unknown": states["unknown"],
            "unknown_unexplained": len(truth.unexplained),
            "unknown_that_are_out": sum(n for why, n in truth.unknown.items() if "network has it" in why),
            "held": states["held"],
            "states": dict(states),
            "reasons": dict(truth.reasons),
            "signed_in_again": self.manager.signed_in,
            "written_by_api": sum(len(one.promises.scheduled) for one in self.editors),
            "given_up_by_people": sum(one.promises.given_up for one in self.editors),
            "api_answers": {str(status): count for status, count in sorted(answers.items())},
            "ended_by_themselves": {p.name: p.ended_by_itself for p in self.desk.ours if p.ended_by_itself},
            "late_p50_s": round(statistics.median(late), 1) if late else None,
            "late_p99_s": round(late[int(len(late) * 0.99)], 1) if late else None,
            "full_disk": "a disk of its own"
            if self.desk.small_disk
            else "a limit on files (no right to mount)",
            "ok": truth.good,
        }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=None, help="repeats the schedule of a run")
    parser.add_argument("--short", action="store_true", help="200 deliveries, 7 kills, half a minute")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    began = time.monotonic()
    say(f"seed {seed}")
    plan = plans.make(seed, plans.SHORT if options.short else plans.FULL)
    with place() as (folder, disk, small_disk):
        desk = Desk(folder, disk, workers=plan.scale.workers, lease=plan.scale.lease, small_disk=small_disk)
        run = Run(plan, desk)
        try:
            run.prepare()
            run.suffer()
            run.settle()
            figures = run.figures()
        finally:
            desk.end()
    figures |= {"seconds": round(time.monotonic() - began, 1), "seed": seed, "short": options.short}
    print(json.dumps(figures, ensure_ascii=False))
    return 0 if figures["ok"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
