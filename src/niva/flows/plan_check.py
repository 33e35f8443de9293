"""A row of a plan as a table, understood: what it would make or change, and what is wrong with which cell."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.db.models import F, Q
from django.utils.translation import override

from niva.domains.clients.models import Client, Goal
from niva.domains.communities.models import Community
from niva.domains.editorial.models import Piece, Stage
from niva.domains.editorial.planning import Verdict
from niva.domains.editorial.services.office import stages_of
from niva.domains.editorial.services.pieces import people_of
from niva.domains.editorial.states import StageKind, Unit
from niva.domains.people.models import User
from niva.domains.publishing.models import opening
from niva.domains.publishing.services.drafts import LONGEST, LONGEST_TEXT
from niva.domains.strategy.details import details_of
from niva.domains.strategy.models import LONGEST_NAME, Rubric
from niva.domains.strategy.services import MOST
from niva.flows.plan_columns import cell_words, plain
from niva.kit import sheets
from niva.kit.day_words import NotADay, day_of, time_of
from niva.kit.local_time import nearest

_PARTS: Final = re.compile(r"[,;/+|]| и | and ")  # cyrillic: the word for and
NOON: Final = dt.time(12)
TEXTS: Final = ("title", "text", "link", "audience", "key_message", "hook", "call", "origin")
LONGEST_OF: Final = {
    "title": LONGEST["title"],
    "link": LONGEST["link_url"],
    "text": LONGEST_TEXT,
    **{
        name: int(getattr(Piece._meta.get_field(name), "max_length", 0))
        for name in ("audience", "key_message", "hook", "call", "origin")
    },
}


@dataclass(slots=True)
class Found:
    """One row. `values`: field -> value as JSON keeps it; `wrong`: [{field, code, cell}]; `changes`: [field]
    of the post that the row speaks of (`post_id`); `before`: what the post said of them at the check."""

    line: int
    key: str = ""
    verdict: str = Verdict.NEW
    values: dict[str, Any] = field(default_factory=dict)
    wrong: list[dict[str, str]] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    post_id: int | None = None

    def bad(self, name: str, code: str, cell: Any = "") -> None:
        self.wrong.append({"field": name, "code": code, "cell": sheets.text(cell)[:200]})


class Reader:
    """Understands the rows of one client's table. All that names may mean is read once, in nine queries."""

    def __init__(self, client: Client, choices: Mapping[str, Any], *, today: dt.date) -> None:
        self.client, self.today = client, today
        self.day_first = choices.get("day_first", True) is not False
        self.lenient, self.makes_rubrics = bool(choices.get("lenient")), bool(choices.get("rubrics"))
        rows = Community.objects.filter(client=client, archived_at__isnull=True).prefetch_related("slots")
        self.communities = list(rows)
        self.from_csv = bool(choices.get("plain"))
        self.networks = {word: name for name, words in cell_words()["networks"].items() for word in words}
        self._read_names()
        self.seen: Counter[str] = Counter()
        self.whole: set[str] = set()
        self.spoken_of: set[int] = set()
        self.fresh_rubrics: set[str] = set()

    def _read_names(self) -> None:
        """What rubrics, goals, people, stages, kinds and details are called, in every language of the desk.

        What is put away comes first, so that what is alive has the name; former people only stay where they
        are.
        """
        rubrics = Rubric.objects.filter(client=self.client).order_by(F("archived_at").desc(nulls_last=True))
        self.rubrics = {plain(one.name): one.pk for one in rubrics}
        self.room = MOST - sum(one.archived_at is None for one in rubrics)  # for new ones
        goals = Goal.objects.filter(client=self.client).order_by(F("closed_at").desc(nulls_last=True))
        self.goals = {plain(one.figure): one.pk for one in goals}
        self.called = {
            "rubric": {one.pk: plain(one.name) for one in rubrics},
            "goal": {one.pk: plain(one.figure) for one in goals},
        }
        self.people = _named_people(people_of(self.client.pk, self.client.workspace_id))
        self.working = set(self.people.values())
        former = Piece.objects.filter(client=self.client).values("author_id")
        others = Piece.objects.filter(client=self.client).values("designer_id")
        gone = User.objects.filter(Q(pk__in=former) | Q(pk__in=others)).exclude(pk__in=self.working)
        self.people = {**_named_people(gone), **self.people}
        self.units = {plain(word): unit for unit, words in cell_words()["units"].items() for word in words}
        self.stages: dict[str, Stage] = {}
        self.details: dict[str, str] = {}
        stages = stages_of(self.client)
        for language, _name in settings.LANGUAGES:
            with override(language):
                self.units |= {plain(str(unit.label)): unit.value for unit in Unit}
                self.details |= {plain(one.said): one.code for one in details_of(self.client)}
                for stage in stages:
                    for name in (stage.kind, str(StageKind(stage.kind).label), str(stage)):
                        self.stages[plain(name)] = stage

    def row(self, line: int, cells: Mapping[str, Any]) -> Found | None:
        """None for a row that says nothing in any column of ours. `cells`: field -> cell."""
        cells = {name: self._whole(cell) for name, cell in cells.items() if cell not in ("", None)}
        if not cells:
            return None
        found = Found(line)
        for name in TEXTS:
            if name in cells:
                self._text(found, name, cells[name])
        self._when(found, cells)
        for name in ("communities", "rubric", "goal", "author", "designer", "unit", "stage", "detail"):
            if name in cells:
                getattr(self, f"_{name}")(found, cells[name])
        if "urgent" in cells:
            self._urgent(found, cells["urgent"])
        if "tags" in cells:
            self._tags(found, sheets.text(cells["tags"]))
        if "id" in cells:
            self._id(found, cells["id"])
        self._key(found)
        return found

    def _whole(self, cell: Any) -> Any:
        return sheets.harmed(cell) if self.from_csv and isinstance(cell, str) else cell

    def _text(self, found: Found, name: str, cell: Any) -> None:
        text = tidy(sheets.text(cell))
        if len(text) > LONGEST_OF[name]:
            found.bad(name, "too_long", text)
        elif name == "link" and not re.match(r"https?://\S+$", text):
            found.bad(name, "no_link", text)
        elif text:
            found.values[name] = text

    def _when(self, found: Found, cells: Mapping[str, Any]) -> None:
        day = at = None
        if "day" in cells:
            try:
                day, at = day_of(cells["day"], today=self.today, day_first=self.day_first)
            except NotADay as error:
                found.bad("day", error.code, cells["day"])
        if "time" in cells:
            try:
                at = time_of(cells["time"])
            except NotADay as error:
                found.bad("time", error.code, cells["time"])
        if day is not None:
            found.values["day"] = day.isoformat()
            if at is not None:
                found.values["time"] = f"{at:%H:%M}"
        elif at is not None and "day" not in cells:
            found.bad("time", "time_alone", cells.get("time", ""))

    def _communities(self, found: Found, cell: Any) -> None:
        text = sheets.text(cell)
        if plain(text) in map(plain, cell_words()["everywhere"]):
            found.values["communities"] = sorted(one.pk for one in self.communities)
            return
        names: list[str] = []
        for line in text.split("\n"):  # a name may have a comma in it
            whole = len(self._named(plain(line))) == 1
            names += [line] if whole else _PARTS.split(line)
        chosen: set[int] = set()
        for name in names:
            if not plain(name):
                continue
            rows = self._named(plain(name))
            if len(rows) == 1:
                chosen.add(rows[0].pk)
            else:
                found.bad("communities", "several" if rows else "no_community", name.strip())
        if chosen:
            found.values["communities"] = sorted(chosen)

    def _named(self, name: str) -> list[Community]:
        """By its name, its address, by «network: name», else by the network."""
        rows = [one for one in self.communities if name in (plain(one.name), plain(one.url))]
        if len(rows) == 1:
            return rows
        network, _, rest = name.partition(":")
        wanted = self.networks.get(network.strip(), network.strip())
        same = [one for one in self.communities if one.network == wanted]
        if rest.strip():
            return [one for one in same if plain(one.name) == rest.strip()] or rows
        return rows or same

    def _rubric(self, found: Found, cell: Any) -> None:
        name = " ".join(sheets.text(cell).split())
        if plain(name) in self.rubrics:
            found.values["rubric"] = self.rubrics[plain(name)]
        elif self.makes_rubrics and len(name) <= LONGEST_NAME:
            self._fresh_rubric(found, name)
        else:
            found.bad("rubric", "no_rubric", name)

    def _fresh_rubric(self, found: Found, name: str) -> None:
        self.fresh_rubrics.add(plain(name))
        if len(self.fresh_rubrics) > self.room:
            self.fresh_rubrics.discard(plain(name))
            found.bad("rubric", "many_rubrics", name)
        else:
            found.values["new_rubric"] = name

    def _goal(self, found: Found, cell: Any) -> None:
        self._one_of(found, "goal", self.goals, cell)

    def _unit(self, found: Found, cell: Any) -> None:
        self._one_of(found, "unit", self.units, cell)

    def _detail(self, found: Found, cell: Any) -> None:
        self._one_of(found, "detail", self.details, cell)

    def _author(self, found: Found, cell: Any) -> None:
        self._one_of(found, "author", self.people, cell)

    def _designer(self, found: Found, cell: Any) -> None:
        self._one_of(found, "designer", self.people, cell)

    def _one_of(self, found: Found, name: str, known: Mapping[str, Any], cell: Any) -> None:
        value = known.get(plain(sheets.text(cell)))
        if value is None:
            found.bad(name, f"no_{name}", cell)
        else:
            found.values[name] = value

    def _stage(self, found: Found, cell: Any) -> None:
        stage = self.stages.get(plain(sheets.text(cell)))
        if stage is None:
            found.bad("stage", "no_stage", cell)
        else:
            found.values["stage"] = stage.pk

    def _urgent(self, found: Found, cell: Any) -> None:
        word = plain(sheets.text(cell)) if not isinstance(cell, bool) else ("yes" if cell else "no")
        if word in map(plain, cell_words()["yes"]):
            found.values["urgent"] = True
        elif word in map(plain, cell_words()["no"]):
            found.values["urgent"] = False
        else:
            found.bad("urgent", "no_urgent", cell)

    def _tags(self, found: Found, text: str) -> None:
        """Hashtags go under the text, unless it has them already."""
        tags = [
            tag if tag.startswith("#") else f"#{tag}" for tag in re.split(r"[\s,;]+", text) if tag.strip("#")
        ]
        missing = [tag for tag in tags if tag.casefold() not in found.values.get("text", "").casefold()]
        if missing:
            parts = [found.values.get("text", ""), " ".join(missing)]
            found.values["text"] = "\n\n".join(part for part in parts if part)

    def _id(self, found: Found, cell: Any) -> None:
        text = sheets.text(cell)
        if re.fullmatch(r"[1-9]\d{0,17}", text):
            found.post_id = int(text)
        else:
            found.bad("id", "no_such_post", text)

    def _key(self, found: Found) -> None:
        """The same row of the same client in any file: its day and topic, and which of several such it is."""
        name = plain(found.values.get("title") or opening(found.values.get("text", "")))
        if not name and found.post_id is None:
            found.bad("title", "no_title")
            return
        same = f"{found.values.get('day', '')}|{name}"
        everything = repr(sorted(found.values.items()))
        if found.post_id is None and f"{same}|{everything}" in self.whole:
            found.bad("title", "twice")
            return
        self.whole.add(f"{same}|{everything}")
        self.seen[same] += 1
        found.key = hashlib.sha256(f"{self.client.pk}|{same}|{self.seen[same]}".encode()).hexdigest()

    def planned_at(self, values: Mapping[str, Any]) -> dt.datetime | None:
        """The moment that the row means by the client's clock. Without an hour: the first slot of its
        communities on that weekday, else noon."""
        if "day" not in values:
            return None
        day = dt.date.fromisoformat(values["day"])
        if "time" in values:
            return nearest(day, dt.time.fromisoformat(values["time"]), self.client.time_zone)
        wanted = set(values.get("communities", ()))
        hours = [
            slot.at
            for one in self.communities
            if one.pk in wanted
            for slot in one.slots.all()
            if slot.weekday == day.weekday()
        ]
        return nearest(day, min(hours, default=NOON), self.client.time_zone)


def tidy(text: str) -> str:
    """A text for comparing and keeping: one kind of line ends, nothing that the database does not keep."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()
    return whole.encode("utf-8", "ignore").decode()


def _named_people(people: Iterable[User]) -> dict[str, int]:
    """By e-mail, and by name where only one has it."""
    found, names = {}, Counter(plain(person.name) for person in people)
    for person in people:
        found[plain(person.email)] = person.pk
        if names[plain(person.name)] == 1:
            found[plain(person.name)] = person.pk
    return found
