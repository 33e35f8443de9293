"""A lead goes on: statuses, sums, who answers, what the client says, erasing the person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.clients import access
from niva.domains.clients.models import Client, Goal
from niva.domains.leads import sealing
from niva.domains.leads.models import ClientSays, FunnelTerms, Lead, LeadStep, StepOwner
from niva.domains.leads.services.taking import AHEAD, LARGEST, settle_doubles, terms_of, trace
from niva.domains.leads.states import NOT_LEADS, Reason, Status, is_correction, reached, ways
from niva.domains.leads.utm import Marks
from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Conflict, Invalid, NotFound
from niva.domains.people.models import Membership

CHANGES: Final = frozenset(
    {"amount", "margin", "owner_id", "goal_id", "first_answered_at", "how_heard", "link"}
)
LONGEST_WORDS: Final = 400


def _mine(actor: Actor, lead_id: int, can: str) -> Lead:
    rows = Lead.objects.select_for_update(of=("self",), no_key=True).select_related("client")
    return access.get(actor, rows, lead_id, can=can)


def _step(actor: Actor, lead: Lead, what: str, *, was: str = "", now: str = "", words: str = "") -> None:
    LeadStep.objects.create(
        lead=lead, by=actor.name[:200], what=what, was=was, now=now, words=words[:LONGEST_WORDS]
    )


@transaction.atomic
def move(actor: Actor, *, lead_id: int, to: str, reason: str = "", words: str = "", was: str = "") -> Lead:
    """To another status. `was`: what the person saw when he pressed; a way back needs `words`.

    Raises NotFound, Forbidden, Invalid, Conflict (somebody has moved it meanwhile).
    """
    lead = _mine(actor, lead_id, "work")
    if was and was != lead.status:
        raise Conflict(_("Somebody has moved this lead meanwhile: %(now)s. Look and decide anew.")
                       % {"now": lead.get_status_display()}, lead)  # fmt: skip
    if to not in ways(lead.status):
        raise Invalid.one(
            "to", _("There is no such way from “%(now)s”.") % {"now": lead.get_status_display()}
        )
    words = words.replace("\x00", "").strip()
    if to == Status.REFUSED and reason not in Reason.values:
        raise Invalid.one("reason", _("Say why nothing came of it."))
    if is_correction(lead.status, to) and not words:
        raise Invalid.one("words", _("A step back is a correction: say in a few words what was wrong."))
    before, lead.status = lead.status, to
    lead.furthest = reached(before, to, lead.furthest)
    was_lead = lead.reason not in NOT_LEADS
    lead.reason = reason if to == Status.REFUSED else ""
    is_lead = lead.reason not in NOT_LEADS
    if to == Status.NEW:
        lead.first_answered_at = None
    elif lead.first_answered_at is None and is_lead:
        lead.first_answered_at = timezone.now()
    lead.save()
    _step(actor, lead, "moved", was=before, now=to, words=words)
    if was_lead != is_lead:
        lead.counts = is_lead
        lead.save(update_fields=["counts"])
        settle_doubles(lead.client, lead.marks)
        lead.refresh_from_db()
    record(actor, "lead.moved", lead, was=before, now=to)
    return lead


@transaction.atomic
def change(actor: Actor, *, lead_id: int, values: Mapping[str, Any]) -> Lead:
    """Sum, margin, who answers, goal, when he was first answered, how he heard of us, the link of the post.

    Raises NotFound, Forbidden, Invalid.
    """
    if unknown := set(values) - CHANGES:
        raise Invalid({name: [_("There is no such field.")] for name in sorted(unknown)})
    lead = _mine(actor, lead_id, "work")
    _check(lead, values)
    before = {name: getattr(lead, name, "") for name in values}
    for name, value in values.items():
        if name == "link":
            _traced(lead, str(value))
        else:
            setattr(lead, name, value)
    changed = sorted(name for name in values if name == "link" or getattr(lead, name) != before[name])
    if changed:
        lead.save()
        _step(actor, lead, "changed", words=", ".join(changed))
        record(actor, "lead.changed", lead, fields=changed)
    return lead


def _check(lead: Lead, values: Mapping[str, Any]) -> None:
    errors: dict[str, list[str]] = {}
    for name in ("amount", "margin"):
        value = values.get(name)
        least = -LARGEST if name == "margin" else 0
        if value is not None and not (value.is_finite() and least <= value < LARGEST):
            errors[name] = [_("A sum of money, zero or more. Leave it empty when it is not known.")]
    owner, goal = values.get("owner_id"), values.get("goal_id")
    team = Membership.objects.filter(workspace_id=lead.workspace_id)
    if owner and not team.filter(user_id=owner).exists():
        errors["owner_id"] = [_("This person is not in the team.")]
    if goal and not Goal.objects.filter(client_id=lead.client_id, pk=goal).exists():
        errors["goal_id"] = [_("This client has no such goal.")]
    answered = values.get("first_answered_at")
    if isinstance(answered, datetime):
        if answered < lead.came_at:
            errors["first_answered_at"] = [_("He had not come yet at that moment.")]
        elif answered > timezone.now() + AHEAD:
            errors["first_answered_at"] = [_("This moment has not come yet.")]
    if errors:
        raise Invalid(errors)


def _traced(lead: Lead, link: str) -> None:
    if not link.strip():
        return
    publication, _community = trace(lead.client, Marks(), link=link)
    if publication is None:
        raise Invalid.one("link", _("No post of this client has this link. Copy it from the post's page."))
    lead.publication, lead.community = publication, publication.community


@transaction.atomic
def says(actor: Actor, *, lead_id: int, what: str, how: str = "") -> Lead:
    """The client's own word on a lead: by himself, or (with `how` it is known) written down by us.

    Raises NotFound, Forbidden, Invalid.
    """
    himself = not how
    lead = _mine(actor, lead_id, "approve" if himself else "goals")
    if what not in ClientSays.values:
        raise Invalid.one("what", _("Choose what the client says."))
    how = how.replace("\x00", "").strip()
    if not himself and not how:
        raise Invalid.one("how", _("Say how it is known: he called, he wrote, on which day."))
    before, lead.client_says = lead.client_says, what
    if before == what:
        return lead
    lead.client_said_at = timezone.now()
    lead.client_said_by = (actor.name if himself else f"{actor.name}: {how}")[:200]
    lead.save(update_fields=["client_says", "client_said_at", "client_said_by"])
    _step(actor, lead, "says", was=before, now=what, words=how)
    record(actor, "lead.client_said", lead, says=what)
    return lead


@transaction.atomic
def set_apart(actor: Actor, *, lead_id: int, apart: bool) -> Lead:
    """A double that is a purchase of its own after all, or the other way round."""
    lead = _mine(actor, lead_id, "work")
    if lead.apart != apart:
        lead.apart = apart
        lead.save(update_fields=["apart"])
        settle_doubles(lead.client, lead.marks)
        lead.refresh_from_db()
        _step(actor, lead, "apart", now="yes" if apart else "no")
        record(actor, "lead.set_apart", lead, apart=apart)
    return lead


@transaction.atomic
def erase(actor: Actor, *, lead_id: int) -> Lead:
    """The person goes, the row stays counted: contact, name, words and what else could lead to him.

    Steps keep who did what and when, without their words. Doing it twice changes nothing.
    """
    lead = _mine(actor, lead_id, "goals")
    if lead.erased_at is not None:
        return lead
    lead.sealed, lead.marks, lead.how_heard, lead.utm_term = None, [], "", ""
    lead.utm_raw = {name: value for name, value in lead.utm_raw.items() if name != "term"}
    lead.key = sealing.erased_key(lead.key) if lead.key else ""
    lead.erased_at = timezone.now()
    lead.save()
    lead.steps.exclude(words="").update(words="")
    _step(actor, lead, "erased")
    record(actor, "lead.erased", lead)
    return lead


@transaction.atomic
def agree(actor: Actor, *, client_id: int, values: Mapping[str, Any]) -> FunnelTerms:
    """What was agreed about leads: answer hours, days of doubles, owners of steps, whether names are shown.

    Raises NotFound, Forbidden, Invalid.
    """
    client = access.get(actor, Client.objects.select_for_update(no_key=True), client_id, can="goals")
    terms = terms_of(client)
    days = terms.double_days
    errors: dict[str, list[str]] = {}
    if not 0 < values["answer_hours"] <= 1000:
        errors["answer_hours"] = [_("Working hours, more than zero, a thousand at most.")]
    if not 0 <= values["double_days"] <= 365:
        errors["double_days"] = [_("Days from 0 (nobody is a double) to 365.")]
    if set(values["owners"].values()) - set(StepOwner.values):
        errors["owners"] = [_("Choose who answers for each step.")]
    if errors:
        raise Invalid(errors)
    terms.client = client
    for name in ("answer_hours", "double_days", "owners", "names_shown"):
        setattr(terms, name, values[name])
    terms.save()
    if days != terms.double_days:
        settle_doubles(client)
    record(actor, "leads.agreed", client, answer_hours=str(terms.answer_hours), double_days=terms.double_days,
           owners=terms.owners, names_shown=terms.names_shown)  # fmt: skip
    return terms


def lead_of(actor: Actor, client_id: int, lead_id: int) -> Lead:
    """One lead of that client. Raises NotFound."""
    rows = Lead.objects.filter(client_id=client_id).select_related(
        "client",
        "publication__post",
        "publication__community",
        "community",
        "owner",
        "double_of",
        "door",
        "goal",
    )
    lead = access.get(actor, rows, lead_id)
    if lead.client_id != client_id:
        raise NotFound("lead")
    return lead
