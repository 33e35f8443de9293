"""A strategy is written: the guide is chosen, steps are filled in or left out with a reason."""

from __future__ import annotations

import datetime as dt
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Invalid, NotFound
from niva.domains.strategy.guided import LONGEST_ANSWER, Answer, Strategy
from niva.domains.strategy.guides import all_guides, all_steps, guide_for

# A step is saved as it is typed; one line in the trail says so for a person and this long, not one a second.
ONE_SITTING: Final = dt.timedelta(minutes=10)
LONGEST_NOTE: Final = 300


@transaction.atomic
def choose_guide(actor: Actor, *, client_id: int, guide: str) -> Strategy:
    """Another guide. What was written stays: steps of one code are the same step. Raises Invalid."""
    client = _locked(actor, client_id)
    if guide not in all_guides():
        raise Invalid.one("guide", _("Choose one of the guides."))
    strategy = _strategy(client)
    if strategy.guide != guide or strategy.pk is None:
        before, strategy.guide = strategy.guide, guide
        strategy.updated_at = timezone.now()
        strategy.save()
        record(actor, "strategy.guide_chosen", strategy, client_id=client.pk, before=before, now=guide)
    return strategy


@transaction.atomic
def show_whole(actor: Actor, *, client_id: int, whole: bool) -> Strategy:
    """Whether the client's own page has competitors and risks, too."""
    strategy = _strategy(_locked(actor, client_id))
    if strategy.whole_for_client != whole:
        strategy.whole_for_client = whole
        strategy.updated_at = timezone.now()
        strategy.save()
        record(actor, "strategy.whole_shown" if whole else "strategy.part_hidden", strategy)
    return strategy


@transaction.atomic
def write(actor: Actor, *, client_id: int, step: str, text: str, version: int) -> Answer:
    """The text of a step. `version`: the one that the person saw, 0 for none.

    Raises NotFound, Forbidden, Invalid (too long), and Conflict (`current`: the answer as it is) when
    somebody else wrote meanwhile. The same text again is no change.
    """
    client = _locked(actor, client_id)
    answer = _answer(client, step)
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if len(text) > LONGEST_ANSWER:
        over = len(text) - LONGEST_ANSWER
        raise Invalid.one(
            "text",
            _("%(over)d characters too many. The page for the owner has to be short.") % {"over": over},
        )
    if answer.text == text and not answer.skipped:
        return answer
    if version != (answer.version if answer.pk else 0):
        raise Conflict(_("Somebody wrote at this step while you were writing."), current=answer)
    same_sitting = (
        answer.pk is not None
        and not answer.skipped
        and answer.updated_by_id == (actor.user.pk if actor.user else None)
        and timezone.now() - answer.updated_at < ONE_SITTING
    )
    answer.text, answer.skipped, answer.note = text, False, ""
    _save(actor, answer)
    if not same_sitting:
        record(actor, "strategy.step_written", answer, step=step, client_name=client.name)
    return answer


@transaction.atomic
def skip(actor: Actor, *, client_id: int, step: str, note: str) -> Answer:
    """Leave a step out, and say why; its text and rows stay. Raises Invalid without a reason."""
    client = _locked(actor, client_id)
    answer = _answer(client, step)
    note = " ".join(note.replace("\x00", "").split())
    if not note:
        raise Invalid.one("note", _("Say in a few words why this step is left out."))
    if len(note) > LONGEST_NOTE:
        raise Invalid.one("note", _("Too long: %(most)d characters at most.") % {"most": LONGEST_NOTE})
    answer.skipped, answer.note = True, note
    _save(actor, answer)
    record(actor, "strategy.step_skipped", answer, step=step, note=note, client_name=client.name)
    return answer


@transaction.atomic
def take_up(actor: Actor, *, client_id: int, step: str) -> Answer:
    """A step that was left out is wanted after all."""
    client = _locked(actor, client_id)
    answer = _answer(client, step)
    if answer.skipped:
        answer.skipped, answer.note = False, ""
        _save(actor, answer)
        record(actor, "strategy.step_taken_up", answer, step=step, client_name=client.name)
    return answer


def _locked(actor: Actor, client_id: int) -> Client:
    return access.get(actor, Client.objects.select_for_update(no_key=True), client_id, can="strategy")


def _strategy(client: Client) -> Strategy:
    """The client's own, or a fresh one that is not saved yet."""
    found = Strategy.objects.filter(client=client).first()
    return found or Strategy(
        workspace_id=client.workspace_id, client=client, guide=guide_for(client.kind).code
    )


def _answer(client: Client, step: str) -> Answer:
    """The client's own, or a fresh one that is not saved yet. Raises NotFound for a step of no guide."""
    if step not in all_steps():
        raise NotFound("step")
    found = Answer.objects.filter(client=client, step=step).first()
    return found or Answer(workspace_id=client.workspace_id, client=client, step=step, version=0)


def _save(actor: Actor, answer: Answer) -> None:
    answer.version += 1
    answer.updated_by = actor.user
    answer.updated_at = timezone.now()
    answer.save()
