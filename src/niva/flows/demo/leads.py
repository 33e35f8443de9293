"""Who came to a client of the demo: this month's orders as they are told, and those of the months before.

The told rows of the goal become leads one to one, so its fact stays the number that was told; repeats and
spam
come on top and are not counted.
"""

from __future__ import annotations

import datetime as dt
import random
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from niva.domains.clients.models import Client, Counting
from niva.domains.clients.working import working_time
from niva.domains.leads.factories import make_door, make_lead
from niva.domains.leads.models import Door, DoorKind, FunnelTerms, Lead, LeadStep
from niva.domains.leads.services.taking import settle_doubles
from niva.domains.leads.states import RANKS, Status
from niva.domains.leads.utm import content_of, normal
from niva.flows.demo import told
from niva.flows.demo.cast import Made
from niva.flows.demo.posts import Out
from niva.kit.local_time import nearest

NEAR: Final = dt.timedelta(days=6)  # how long after a post people still come by its link
OLDEST_DAYS: Final = 60
# How it ends, of a hundred: sold, refused, qualified, contacted.
ENDS: Final = ((Status.SOLD, 46), (Status.REFUSED, 28), (Status.QUALIFIED, 16), (Status.CONTACTED, 10))
REASONS: Final = ("no_answer", "price", "elsewhere", "later", "not_fit")


def come(made: Made, outs: Sequence[Out], now: dt.datetime) -> None:
    """The leads of one client, where its goal counts them."""
    if made.goal.counting != Counting.LEADS:
        return
    _People(made, outs, now).come()


class _People:
    def __init__(self, made: Made, outs: Sequence[Out], now: dt.datetime) -> None:
        self.made, self.client, self.now = made, made.client, now
        self.outs = [one for one in outs if one.publication.client_id == made.client.pk]
        self.words: Mapping[str, Any] = tomllib.loads((told.DATA / "leads.toml").read_text(encoding="utf-8"))
        self.random = random.Random(f"leads of {made.told.key}")  # noqa: S311 a demo, not a secret
        self.today = now.astimezone(ZoneInfo(self.client.time_zone)).date()
        self.number = 0

    def come(self) -> None:
        FunnelTerms.objects.create(client=self.client, names_shown=True)
        self.door = _door(self.client)
        for row in self.made.told.facts:
            for _n in range(row.get("amount", 1)):
                self._one(row["ago"], row["note"])
        for _n in range(self.words["before"]):
            self._one(self.random.randint(29, OLDEST_DAYS), self.random.choice(self.words["words"]))
        self._repeats()
        for n, text in enumerate(self.words["spam"]):
            self._spam(3 + 5 * n, text)
        settle_doubles(self.client)
        by_form = Lead.objects.filter(door=self.door)
        self.door.taken, self.door.used_at = by_form.count(), max(one.came_at for one in by_form)
        self.door.save(update_fields=["taken", "used_at"])

    def _at(self, ago: int) -> dt.datetime:
        """Some minute of that day at which people write; today's are an hour or two old."""
        if ago == 0:
            return self.now - dt.timedelta(minutes=self.random.randint(20, 200))
        clock = dt.time(self.random.randint(9, 20), self.random.randint(0, 59))
        return nearest(self.today - dt.timedelta(days=ago), clock, self.client.time_zone)

    def _one(self, ago: int, text: str) -> Lead:
        at, self.number = self._at(ago), self.number + 1
        names = self.words["names"]
        extra = {"name": names[self.number % len(names)], "text": text}
        extra["contact"] = (
            f"+7 900 {self.number:03d}-{self.random.randint(10, 99)}-{self.random.randint(10, 99)}"
        )
        lead = make_lead(self.client, at, **extra, **self._way(at, text), **self._end(at, ago))
        LeadStep.objects.create(lead=lead, at=at, by=self._by(lead), what="came", now=Status.NEW)
        if lead.status != Status.NEW:
            LeadStep.objects.create(
                lead=lead, at=lead.first_answered_at or at, by=str(self.made.owner.user), what="moved",
                was=Status.NEW, now=lead.status,
            )  # fmt: skip
        return lead

    def _by(self, lead: Lead) -> str:
        return "niva" if lead.source == "form" else str(self.made.owner.user)

    def _way(self, at: dt.datetime, text: str) -> dict[str, Any]:
        """By which door, and from which post."""
        near = [
            one
            for one in self.outs
            if one.publication.published_at < at <= one.publication.published_at + NEAR
        ]
        out = self.random.choice(near) if near and self.random.random() < 0.72 else None
        if out is None:
            heard = self.random.choice(self.words["heard"])
            return {"source": "hand", "how_heard": heard, "paid": None}
        community = out.place.community
        way: dict[str, Any] = {"publication": out.publication, "community": community, "paid": False}
        by_link = "ссыл" in text or self.random.random() < 0.5  # cyrillic: the stem of "link"
        if not by_link:
            return way | {"source": "message"}
        medium = "cpc" if "продвиж" in text else "social"  # cyrillic: the stem of "promotion"
        content = content_of(out.publication.post_id, community.pk)
        marks = normal({"utm_medium": medium, "utm_campaign": "leads_honey", "utm_content": content})
        return way | {
            "source": "form", "door": self.door, "paid": marks.paid, "utm_medium": marks.medium,
            "utm_campaign": marks.campaign, "utm_content": marks.content, "utm_raw": dict(marks.raw or {}),
            "consent_given": True, "consent_at": at, "consent_words": self.door.consent,
        }  # fmt: skip

    def _end(self, at: dt.datetime, ago: int) -> dict[str, Any]:
        """How far it went, what he paid, what the client says of it."""
        if ago <= 1 and self.random.random() < 0.75:
            return {"status": Status.NEW}
        (status,) = self.random.choices([one for one, _w in ENDS], weights=[weight for _s, weight in ENDS])
        minutes = self.random.choice((12, 25, 40, 55, 80, 110, 160, 420))
        answered = min(working_time(self.client).after(at, dt.timedelta(minutes=minutes)), self.now)
        end: dict[str, Any] = {"status": status, "first_answered_at": answered, "owner": self.made.owner.user}
        if status == Status.REFUSED:
            end |= {"reason": self.random.choice(REASONS), "furthest": self.random.choice((1, 1, 2))}
        if status == Status.SOLD:
            amount = Decimal(self.random.choice(self.words["amounts"]))
            end |= {"amount": amount, "margin": (amount * Decimal("0.45")).quantize(Decimal(1))}
        return end | self._said(status, answered, ago)

    def _said(self, status: str, answered: dt.datetime, ago: int) -> dict[str, Any]:
        if ago < 3 or self.random.random() < 0.3:
            return {}
        says = {Status.SOLD: "really_bought", Status.QUALIFIED: "really_came"}.get(Status(status), "")
        if not says:
            says = "not_ours" if self.random.random() < 0.15 else ""
        if not says:
            return {}
        said_at = min(answered + dt.timedelta(days=2), self.now)
        return {"client_says": says, "client_said_at": said_at, "client_said_by": "Марат Медунов"}

    def _repeats(self) -> None:
        """Four of them wrote twice: the second time is kept and not counted."""
        marked = Lead.objects.filter(client=self.client, first_answered_at__isnull=False)
        for lead in list(marked.order_by("-came_at")[2:18:4]):
            make_lead(
                self.client, lead.came_at + dt.timedelta(hours=5), text="Пишу ещё раз, заказ в силе?",
                source="message", community=lead.community, marks=lead.marks, sealed=lead.sealed,
                status=lead.status if lead.status != Status.REFUSED else Status.CONTACTED,
                furthest=RANKS[Status.CONTACTED], first_answered_at=lead.came_at + dt.timedelta(hours=6),
            )  # fmt: skip

    def _spam(self, ago: int, text: str) -> None:
        reason = "test" if "форм" in text else "spam"  # cyrillic: the stem of "form"
        make_lead(
            self.client, self._at(ago), name="—", text=text, source="form", door=self.door,
            status=Status.REFUSED, reason=reason, counts=False,
        )  # fmt: skip


def _door(client: Client) -> Door:
    door, _secret = make_door(client, "Сайт пасеки, страница заказа", DoorKind.FORM)
    door.title = "Заказать мёд"
    door.thanks = "Спасибо, заказ дошёл. Перезвоним в рабочее время."
    door.save(update_fields=["title", "thanks"])
    return door
