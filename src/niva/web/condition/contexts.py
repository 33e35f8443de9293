"""What the pages of the technical condition show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from niva.domains.communities.models import Community
from niva.domains.condition import checklists, queries
from niva.domains.condition.mending import Proposal, propose
from niva.domains.condition.models import Check, Condition, Finding
from niva.domains.condition.seen import Seen, unpack
from niva.domains.condition.states import State
from niva.domains.people.actor import Actor
from niva.networks.base.checklist import Item
from niva.networks.base.profile import Profile
from niva.web.charts import Spec, over_time
from niva.web.communities.contexts import frame
from niva.web.condition.forms import AnswerForm
from niva.words import Sentence, describe
from niva.words.condition import PREFIX

STALE: Final = timedelta(minutes=3)  # a look takes under one; after three nobody is at it any more
FEW: Final = 6  # items of a change that are named; more are counted


@dataclass(frozen=True, slots=True)
class Look:
    """How a state of an item looks: class, icon, word."""

    css: str
    icon: str
    word: str | Promise


LOOKS: Final = {
    State.OK: Look("out", "circle-check", gettext_lazy("in order")),
    State.DONE: Look("out", "circle-check", gettext_lazy("in order, as said")),
    State.BROKEN: Look("rejected", "alert-triangle", gettext_lazy("out of order")),
    State.TODO: Look("waiting", "help-circle", gettext_lazy("to be answered")),
    State.UNKNOWN: Look("unknown", "eye-off", gettext_lazy("not seen")),
    State.NOT_APPLICABLE: Look("draft", "ban", gettext_lazy("does not apply")),
}
STEPS: Final[dict[str, str | Promise]] = {
    "": gettext_lazy("Asking the network"),
    "avatar": gettext_lazy("Looking at the avatar"),
    "cover": gettext_lazy("Looking at the cover"),
    "links": gettext_lazy("Following the links"),
}


_DRAWN: Final = {"avatar", "cover"}


@dataclass(frozen=True, slots=True)
class ItemView:
    """One line of the list: what it is, how it stands and why, and what can be done from here.

    `mends`: the desk can write it into the network; `draws`: it is made in the workshop.
    """

    line: queries.Line
    title: str
    why: str
    how: str
    says: str
    look: Look
    mends: bool
    draws: bool
    asked: bool
    form: AnswerForm | None
    open: bool = False

    @property
    def source_host(self) -> str:
        return urlsplit(self.line.item.source_url).hostname or ""


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One check that changed something: the words of each change, or why it failed."""

    check: Check
    changes: list[str]
    more: int
    failed: Sentence | None


def page(
    actor: Actor, community: Community, *, bound: tuple[str, AnswerForm] | None = None
) -> dict[str, Any]:
    """The page of one community. `bound`: (item, the form) whose answer could not be taken."""
    found = queries.standing(actor, community)
    context = frame(actor, community)
    may = {**context["may"], **({} if community.archived_at is None else {"write": False, "publish": False})}
    writable = _mendable(community, found.row) if may["publish"] else frozenset()
    views = {
        name: [_view(line, writable, may["write"], bound) for line in lines]
        for name, lines in (("todo", found.todo), ("rest", found.rest))
    }
    return {
        **context,
        "may": may,
        "row": found.row,
        "busy": busy(found.row),
        "failed": _failed(found.row),
        "score": score_words(found.row, found.todo),
        **views,
        "chart": _chart(actor, community),
        "history": [_change(one, community.network) for one in queries.history(actor, community, limit=8)],
    }


def _failed(row: Condition | None) -> Sentence | None:
    """Why the last look saw nothing."""
    return describe(row.code, {"detail": row.detail}) if row is not None and row.code else None


def busy(row: Condition | None) -> dict[str, Any] | None:
    """How far a look is that is on its way; `stuck`: nobody seems to be at it."""
    if row is None or row.busy_since is None:
        return None
    return {
        "label": STEPS.get(row.step, STEPS[""]),
        "done": row.steps_done,
        "total": row.steps,
        "stuck": timezone.now() - row.busy_since > STALE,
    }


def _view(
    line: queries.Line, writable: frozenset[str], may_answer: bool, bound: tuple[str, AnswerForm] | None
) -> ItemView:
    item, finding = line.item, line.finding
    title, why, how = item.words(get_language() or "ru")
    mine = bound is not None and bound[0] == item.code
    # Whatever is not in order may be said not to apply here.
    answerable = may_answer and (finding.asked or finding.state in (State.BROKEN, State.UNKNOWN))
    form = bound[1] if mine and bound else AnswerForm(initial=_initial(line), auto_id=f"id_{item.code}_%s")
    return ItemView(
        line=line,
        title=title,
        why=why,
        how=how,
        says=_says(finding),
        look=LOOKS[State(finding.state)],
        mends=item.code in writable and finding.state in (State.BROKEN, State.TODO, State.UNKNOWN),
        draws=may_answer and finding.state == State.BROKEN and bool(_DRAWN & set(item.fields)),
        asked=finding.asked,
        form=form if answerable else None,
        open=mine,
    )


def _says(finding: Finding) -> str:
    """Why it is so, in one sentence; "" where there is nothing to say."""
    return describe(f"{PREFIX}{finding.said}", finding.params).what if finding.said else ""


def _initial(line: queries.Line) -> dict[str, str]:
    if line.answer is None:
        return {"state": "" if line.finding.asked else State.NOT_APPLICABLE.value}
    return {"state": line.answer.state, "note": line.answer.note, "proof_url": line.answer.proof_url}


def _mendable(community: Community, row: Condition | None) -> frozenset[str]:
    """Items that the desk can write into this network."""
    seen, writes = _seen(row), checklists.can_write(community.network)
    if not writes:
        return frozenset()
    items = checklists.items_of(community.network)
    return frozenset(one.code for one in items if propose(one.code, seen, writes, network=community.network))


def _seen(row: Condition | None) -> Seen | None:
    return unpack(row.seen) if row is not None and row.seen is not None else None


def proposal(actor: Actor, community: Community, item: Item) -> Proposal | None:
    """What to write for an item, with words taken from the client's other communities."""
    rows = {row.community_id: row for row in queries.conditions_of_client(actor, community.client_id)}
    others: list[Profile] = [
        seen.profile for pk, row in rows.items() if pk != community.pk and (seen := _seen(row)) is not None
    ]
    return propose(
        item.code,
        _seen(rows.get(community.pk)),
        checklists.can_write(community.network),
        network=community.network,
        siblings=others,
        about_client=community.client.about,
    )


def score_words(row: Condition | None, todo: Sequence[queries.Line]) -> str:
    """What the score is made of: how many of the required are broken, unanswered, unseen."""
    if row is None:
        return ""
    missing = [one.finding.state for one in todo if one.finding.required]
    said = []
    if n := missing.count(State.BROKEN):
        said.append(ngettext("%(n)s is out of order", "%(n)s are out of order", n) % {"n": n})
    if n := missing.count(State.TODO):
        said.append(ngettext("%(n)s waits for an answer", "%(n)s wait for an answer", n) % {"n": n})
    if n := missing.count(State.UNKNOWN):
        said.append(ngettext("%(n)s was not seen", "%(n)s were not seen", n) % {"n": n})
    return ", ".join(said) + "." if said else _("All that is required is in order.")


def _chart(actor: Actor, community: Community) -> Spec | None:
    points = queries.score_by_day(actor, community, now=timezone.now())
    if len(points) < 2:
        return None
    last = points[-1]
    return over_time(
        [(day, float(done)) for day, done, _required in points],
        plan=[(day, float(required)) for day, _done, required in points],
        value_title=_("In order"),
        lead=str(last[1]),
        plan_lead=_("required %(n)s") % {"n": last[2]},
        height=120,
    )


def _change(check: Check, network: str) -> ChangeView:
    language = get_language() or "ru"
    titles = {item.code: item.words(language)[0] for item in checklists.items_of(network)}
    named = [
        _("“%(what)s”: %(now)s") % {"what": titles[code], "now": LOOKS[State(after)].word}
        for code, _before, after in check.changed
        if code in titles
    ]
    failed = describe(check.code) if check.code else None
    return ChangeView(check, named[:FEW], max(0, len(named) - FEW), failed)


@dataclass(frozen=True, slots=True)
class Cell:
    look: Look
    says: str
    required: bool


@dataclass(frozen=True, slots=True)
class RowView:
    title: str
    required: bool
    cells: list[Cell | None]
    differs: bool


def comparison(actor: Actor, client_id: int) -> dict[str, Any]:
    """Items by communities; rows where something is out of order stand first."""
    found = queries.compare(actor, client_id=client_id)
    language = get_language() or "ru"
    rows = [
        RowView(
            title=row.item.words(language)[0],
            required=any(one.required for one in row.findings if one),
            cells=[_cell(one) if one else None for one in row.findings],
            differs=any(one is not None and one.state == State.BROKEN for one in row.findings),
        )
        for row in found.rows
        if any(one and one.state != State.NOT_APPLICABLE for one in row.findings)
    ]
    return {
        "columns": list(zip(found.communities, found.standings, strict=True)),
        "rows": sorted(rows, key=lambda one: (not one.differs, not one.required)),
    }


def _cell(finding: Finding) -> Cell:
    return Cell(LOOKS[State(finding.state)], _says(finding), finding.required)
