"""The engine's health in words: each alarm says what it is, what it means for posts, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from niva.domains.publishing.states import Outcome, State
from niva.flows.health import LATE, Alarm, Health, Standing, Trouble
from niva.kit.text import number, typo
from niva.web.templatetags.niva import clock

# The order in which people want to read them.
SHOWN_STATES: Final = (
    State.SENDING, State.WAITING, State.UNKNOWN, State.ACCEPTED, State.NEEDS_LOGIN, State.HELD,
    State.REJECTED, State.REMOVED, State.QUEUED,
)  # fmt: skip
OUTCOMES: Final[Mapping[str, str | Promise]] = {
    Outcome.DONE: gettext_lazy("done"),
    Outcome.OPEN: gettext_lazy("under way"),
    Outcome.TEMPORARY: gettext_lazy("will be tried again"),
    Outcome.LIMITED: gettext_lazy("too often for the network"),
    Outcome.UNKNOWN: gettext_lazy("no clear answer"),
    Outcome.ABSENT: gettext_lazy("looked up: not there"),
    Outcome.REJECTED: gettext_lazy("refused"),
    Outcome.NEEDS_LOGIN: gettext_lazy("asks to sign in"),
    Outcome.NOT_SENT: gettext_lazy("stopped before the call"),
}
KINDS: Final[Mapping[str, str | Promise]] = {
    "follow": gettext_lazy("taking up posts that have just gone out"),
    "collect": gettext_lazy("handing out readings"),
    "read": gettext_lazy("reading numbers"),
    "look": gettext_lazy("looking at posts again"),
    "unroll": gettext_lazy("writing repeats into the plan"),
    "editorial": gettext_lazy("bringing boards up to what went out"),
    "foretell": gettext_lazy("foretelling which keys will end"),
    "conditions": gettext_lazy("choosing communities to be looked over tonight"),
    "condition": gettext_lazy("looking communities over"),
}
SCOPES: Final[Mapping[str, str | Promise]] = {
    "account": gettext_lazy("of one account"),
    "community": gettext_lazy("of one community"),
    "app": gettext_lazy("of an application"),
    "address": gettext_lazy("of this machine's address"),
}


CALM: Final = 5.0  # seconds of lateness that nobody notices
FEW_MINUTES: Final = 20  # below that a line says nothing
WHOLE_DAY: Final = timedelta(hours=23, minutes=30)


@dataclass(frozen=True, slots=True)
class Said:
    """An alarm as it stands on the page. `level`: a state whose colours it takes."""

    trouble: str
    level: str
    title: str
    text: str


def how_long(seconds: float) -> str:
    """«0 s», «86 s», «3 min», «2 h 5 min», «4 d 2 h»."""
    whole = int(seconds)
    if whole < 120:
        return _("%(n)s s") % {"n": whole}
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    if hours < 24:
        rest = minutes % 60
        return _("%(n)s h") % {"n": hours} + (" " + _("%(n)s min") % {"n": rest} if rest else "")
    rest = hours % 24
    return _("%(n)s d") % {"n": days} + (" " + _("%(n)s h") % {"n": rest} if rest else "")


def headline(alarms: list[Alarm]) -> str:
    """The title of the page: a finding."""
    grave = sum(alarm.grave for alarm in alarms)
    if grave:
        return ngettext("The engine: %(n)s alarm", "The engine: %(n)s alarms", grave) % {"n": grave}
    if alarms:
        return _("The engine works, one should look after it")
    return _("The engine works")


def say(alarm: Alarm) -> Said:
    """One alarm in words."""
    title, text = _SAYINGS[alarm.trouble](alarm.facts)
    return Said(alarm.trouble, "rejected" if alarm.grave else "waiting", _set(title), _set(text))


def _set(text: str) -> str:
    return typo(text, get_language() or "ru")


def _no_worker(facts: Mapping[str, Any]) -> tuple[str, str]:
    return (
        _("No worker is alive."),
        _(
            "Nothing goes out and no numbers come in. Nothing is lost: as soon as a worker runs, it takes up "
            "what is due. Start it: niva worker, or the service of that name; then look into its log for why "
            "it ended."
        ),
    )


def _late(facts: Mapping[str, Any]) -> tuple[str, str]:
    title = ngettext(
        "%(n)s post is due, the oldest for %(long)s.", "%(n)s posts are due, the oldest for %(long)s.",
        facts["due"],
    ) % {"n": facts["due"], "long": how_long(facts["seconds"])}  # fmt: skip
    text = _(
        "Posts leave late. See below whether workers are alive, and whether a network keeps refusing. When "
        "all is well and there is just too much at one hour, start one more worker."
    )
    return title, text


def _stuck(facts: Mapping[str, Any]) -> tuple[str, str]:
    title = ngettext(
        "%(n)s post has been held past its time.", "%(n)s posts have been held past their time.",
        facts["count"],
    ) % {"n": facts["count"]}  # fmt: skip
    text = _(
        "A worker took it, fell silent, and nobody has taken it up since. Another worker that is alive does "
        "so within seconds. If it stays, restart the workers one after the other: a post is never sent twice "
        "for that."
    )
    return title, text


def _dead(facts: Mapping[str, Any]) -> tuple[str, str]:
    title = ngettext(
        "%(n)s job was given up.", "%(n)s jobs were given up.", facts["count"]
    ) % {"n": facts["count"]}  # fmt: skip
    text = _(
        "It failed again and again, so it is no longer tried. The list below says where. When the cause is "
        "mended, press “Try again”; what nobody needs any more may be discarded."
    )
    return title, text


def _jobs_late(facts: Mapping[str, Any]) -> tuple[str, str]:
    return (
        _("The work beside the posts is %(long)s late.") % {"long": how_long(facts["seconds"])},
        _(
            "Numbers and later looks at posts come late; posts themselves go first. It passes by itself, or "
            "wants one more worker. A kind of job that no worker knows stays due for ever: then a worker of "
            "an older version runs."
        ),
    )


def _silent(facts: Mapping[str, Any]) -> tuple[str, str]:
    return (
        _("A worker has fallen silent: %(names)s.") % {"names": ", ".join(facts["names"])},
        _(
            "It was killed, is cut off from the database, or its machine sleeps. What it held has been taken "
            "up by the others. Look at that machine; the line goes away within the hour."
        ),
    )


def _versions(facts: Mapping[str, Any]) -> tuple[str, str]:
    return (
        _("Workers and pages are of different versions: %(list)s.") % {"list": ", ".join(facts["versions"])},
        _("An upgrade stopped halfway. Restart what still runs the old version."),
    )


def _disk(facts: Mapping[str, Any]) -> tuple[str, str]:
    free = number(facts["free"] / 1e9, get_language() or "ru", 1)
    return (
        _("Only %(free)s GB of the disk are free.") % {"free": free},
        _(
            "When it is full, PostgreSQL stops and nothing goes out until there is room. Free some space, or "
            "move the home of the desk to another disk with NIVA_HOME."
        ),
    )


def _clock(facts: Mapping[str, Any]) -> tuple[str, str]:
    told = {"long": how_long(abs(facts["seconds"])), "name": facts["name"] or _("the machine of the pages")}
    title = _("The clock of %(name)s is %(long)s ahead of the database's.") % told
    if facts["seconds"] < 0:
        title = _("The clock of %(name)s is %(long)s behind the database's.") % told
    text = _(
        "Posts leave by the database's clock, so the hours shown here and those kept there differ, and "
        "networks refuse signatures. Switch on the synchronisation of time on both machines."
    )
    return title, text


_SAYINGS: Final[Mapping[Trouble, Callable[[Mapping[str, Any]], tuple[str, str]]]] = {
    Trouble.NO_WORKER: _no_worker,
    Trouble.LATE: _late,
    Trouble.STUCK: _stuck,
    Trouble.DEAD_JOBS: _dead,
    Trouble.JOBS_LATE: _jobs_late,
    Trouble.SILENT_WORKER: _silent,
    Trouble.VERSIONS: _versions,
    Trouble.DISK: _disk,
    Trouble.CLOCK: _clock,
}


def standing_still(it: Standing) -> str:
    """What stands still, in one or two short sentences for the first page."""
    said = []
    if it.late_seconds > LATE.total_seconds():
        said.append(
            _("The oldest due post has been waiting for %(long)s.") % {"long": how_long(it.late_seconds)}
        )
    if it.stuck:
        text = ngettext(
            "%(n)s post is held past its time.", "%(n)s posts are held past their time.", it.stuck
        )
        said.append(text % {"n": it.stuck})
    if it.dead:
        said.append(
            ngettext("%(n)s job was given up.", "%(n)s jobs were given up.", it.dead) % {"n": it.dead}
        )
    return " ".join(said)


def lag_finding(it: Health) -> str:
    """What the last day's chart says, the title above it."""
    if len(it.minutes) < FEW_MINUTES:
        return _("How late posts were will be drawn here, minute by minute, once a worker runs for a while.")
    minute, worst, _due = max(it.minutes, key=lambda row: row[1])
    begun = it.minutes[0][0]
    told = {"long": how_long(worst), "at": clock(minute), "since": clock(begun)}
    if it.now - begun < WHOLE_DAY:
        if worst < CALM:
            return _("Since %(since)s no post has waited longer than 5 s") % told
        return _("Since %(since)s the longest wait was %(long)s, at %(at)s") % told
    if worst < CALM:
        return _("In the last 24 hours no post waited longer than 5 s")
    return _("In the last 24 hours the longest wait was %(long)s, at %(at)s") % told


def unseen_finding(it: Health) -> str:
    """How much of the drawn time nobody looked, because no worker ran; "" when it is next to nothing."""
    if not it.minutes:
        return ""
    span = (it.now - it.minutes[0][0]).total_seconds() // 60
    missing = int(span) - len(it.minutes)
    if missing < 5:
        return ""
    return _("For %(long)s no worker looked: the line is broken there.") % {"long": how_long(missing * 60)}
