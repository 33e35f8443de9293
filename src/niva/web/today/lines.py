"""The page of the day: sections in their order, the most urgent first, at most MOST lines unfolded."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from niva.domains.publishing.states import OUT
from niva.flows.today import Today
from niva.web.today import office, said
from niva.web.today.office import Nudged
from niva.web.today.shape import Page, Section

MOST: Final = 12  # lines before the rest is folded: more is a list nobody reads in the morning


def page_of(today: Today, nudged: Nudged) -> Page:
    """All sections that have something, the most urgent first, at most MOST lines unfolded.

    `nudged`: what was nudged lately, see `flows/nudge.py`.
    """
    register = [one for one in today.conditions if one.soon and not one.broken]
    sections = [
        Section(
            "fires",
            _("Burns"),
            said.engine(today)
            + [said.stopped(one, today) for one in today.stopped]
            + [said.held(one) for one in today.held]
            + [said.by_hand(one, late=True) for one in today.by_hand_late]
            + [said.fire(one, today.now, may=one.client_id in today.may_publish) for one in today.fires]
            + [said.keys_end(one, today.now) for one in today.dying_keys if not said.asked(one, today)],
            hot=True,
        ),
        Section(
            "answers", _("Wait for our answer"), [office.question(one) for one in today.office.questions]
        ),
        Section("hand", _("By hand, now"), [said.by_hand(one) for one in today.by_hand]),
        Section(
            "going",
            _("Goes out today"),
            [said.going_out(one, today.now) for one in today.going_out if one.first.state not in OUT],
            out=[said.going_out(one, today.now) for one in today.going_out if one.first.state in OUT],
        ),
        Section(
            "mine",
            _("Waits for me"),
            [said.keys_end(one, today.now) for one in today.late_keys if not said.asked(one, today)]
            + [office.task(one, today.now) for one in today.office.tasks]
            + [office.handed(one) for one in today.office.handed]
            + [office.mine(one) for one in today.office.mine]
            + [said.draft(one) for one in today.drafts]
            + [said.condition(one) for one in today.conditions if one not in register]
            + said.unusual(today.unusual),
        ),
        Section(
            "others",
            _("Waits for others"),
            [office.approval(one, nudged, today.now) for one in today.office.approvals]
            + [office.late_task(one, nudged) for one in today.office.late_tasks]
            + [office.others(one, nudged) for one in today.office.others],
        ),
        Section(
            "law", _("The law's deadlines"), [said.condition(one) for one in today.conditions if one.soon]
        ),
        Section("holes", _("Holes in the plan"), said.holes(today.holes)),
        Section("quiet", _("Quiet work"), office.quiet(today.office)),
    ]
    _fold(sections)
    shown = [section for section in sections if section.lines or section.out]
    count = sum(len(section.lines) + len(section.folded) for section in shown)
    made, all_of_them = today.on_time
    return Page(shown, count, _summary(count, today.burning), str(made), _on_time(made, all_of_them))


def _fold(sections: list[Section]) -> None:
    """Every section shows its first line; the rest of MOST goes to the most urgent."""
    left = MOST - sum(1 for section in sections if section.lines)
    for section in sections:
        room = 1 + max(left, 0)
        section.lines, section.folded = section.lines[:room], section.lines[room:]
        left -= max(len(section.lines) - 1, 0)


def _summary(count: int, fires: int) -> str:
    if count == 0:
        return _("Nothing waits for you. The plan goes out by itself.")
    things = ngettext("%(n)s thing.", "%(n)s things.", count) % {"n": count}
    if not fires:
        return things + " " + _("Nothing burns.")
    return things + " " + ngettext("%(n)s of them burns.", "%(n)s of them burn.", fires) % {"n": fires}


def _on_time(made: int, total: int) -> str:
    if total == 0:
        return _("No post has gone out in these seven days.")
    if made == total:
        return _("Every post left within five minutes of its hour.")
    late = total - made
    return ngettext(
        "%(n)s post left more than five minutes late.", "%(n)s posts left more than five minutes late.", late
    ) % {"n": late}
