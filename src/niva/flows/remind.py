"""The periodic job of approvals: reminders before a term ends, what is overdue, silence with a meaning, and
posts that were changed past the services."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.notices.services import tell
from niva.domains.people.actor import Actor, machine
from niva.domains.people.audit import record
from niva.domains.people.errors import Invalid
from niva.domains.publishing.approving import YES, Approval, Decision
from niva.domains.publishing.models import Post
from niva.domains.publishing.services import approving
from niva.flows import approve
from niva.flows.approval_letters import mail, reminder_link

EVERY: Final = timedelta(minutes=5)
# Hours before the end of the term; on the urgent route it is hours long altogether.
MARKS: Final = (24.0, 4.0)
URGENT_MARKS: Final = (1.0, 0.25)
OVERDUE: Final = 0.0
# A person reminds by hand no oftener than this: a client who is pushed stops reading.
BY_HAND_AFTER: Final = timedelta(hours=4)
BATCH: Final = 200
_log = logging.getLogger("niva.approvals")


def remind_all(now: datetime | None = None) -> int:
    """One round. Returns how many reminders and decisions it made; one that fails stops no other."""
    now = now or timezone.now()
    done = 0
    for approval_id in _due(now):
        try:
            done += _one(approval_id, now)
        except Exception:
            _log.exception("approval %s could not be looked after", approval_id)
    return done + _find_changed()


def _due(now: datetime) -> list[int]:
    """Requests whose term ends within the earliest mark, or has ended."""
    rows = Approval.objects.filter(
        decision=Decision.OPEN, voided_at__isnull=True, post__deleted_at__isnull=True,
        client__archived_at__isnull=True, due_at__lte=now + timedelta(hours=MARKS[0]),
    )  # fmt: skip
    return list(rows.order_by("due_at").values_list("pk", flat=True)[:BATCH])


def _one(approval_id: int, now: datetime) -> int:
    """The reminder that is due is claimed before it is sent: a desk that dies in between sends none twice."""
    mark = _claim(approval_id, now)
    if mark is None:
        return int(approve.lapse(approval_id, now=now))
    approval = _whole(approval_id)
    if mark == OVERDUE:
        _tell_overdue(approval)
        return 1 + int(approve.lapse(approval_id, now=now))
    send(machine(approval.workspace), approval, mark)
    return 1


@transaction.atomic
def _claim(approval_id: int, now: datetime) -> float | None:
    """The nearest mark that has passed and was not used; all before it count as used, too."""
    rows = Approval.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    approval = rows.filter(pk=approval_id, decision=Decision.OPEN, voided_at__isnull=True).first()
    if approval is None:
        return None
    marks = [*(URGENT_MARKS if approval.urgent else MARKS), OVERDUE]
    passed = [
        one
        for one in marks
        if approval.due_at - timedelta(hours=one) <= now
        # Asked when the mark had passed already: the request itself was the reminder.
        and approval.due_at - timedelta(hours=one) > approval.asked_at
    ]
    fresh = [one for one in passed if one not in approval.reminded]
    if not fresh:
        return None
    approval.reminded = [*approval.reminded, *fresh]
    approval.save(update_fields=["reminded"])
    return min(passed) if min(passed) in fresh else None


def _whole(approval_id: int) -> Approval:
    return Approval.objects.select_related("client", "post", "workspace", "asked_by").get(pk=approval_id)


def send(actor: Actor, approval: Approval, mark: float) -> bool:
    """The letter and the notices of one reminder. Returns whether the letter has left."""
    mailed = mail(approval, reminder_link(approval), again=True)
    tell(
        actor,
        users=approve.clients_of(approval),
        kind="approval_reminder",
        url=approve.page_of(approval),
        client=approval.client,
        key=f"approval:{approval.pk}",
        at_once=True,
        title=str(approval.post),
    )
    record(actor, "approval.reminded", approval, mailed=mailed, hours=mark)
    return mailed


def by_hand(actor: Actor, *, approval_id: int) -> tuple[Approval, bool]:
    """Remind now. Returns the request and whether a letter left. Raises NotFound, Forbidden, Invalid."""
    now = timezone.now()
    with transaction.atomic():
        approval = approving.open_one(actor, approval_id)
        last = [one for one in approval.reminded if isinstance(one, str)]
        if last and datetime.fromisoformat(last[-1]) > now - BY_HAND_AFTER:
            raise Invalid.one("", _("A reminder has just left. Give it a few hours, or call."))
        marks = [one for one in approval.reminded if not isinstance(one, str)]
        approval.reminded = [*marks, now.isoformat()]
        approval.save(update_fields=["reminded"])
    return approval, send(actor, _whole(approval.pk), -1)


def _tell_overdue(approval: Approval) -> None:
    tell(
        machine(approval.workspace),
        users=approve.people_of(approval, None),
        kind="approval_overdue",
        url=approve.page_of(approval),
        client=approval.client,
        key=f"approval_overdue:{approval.pk}",
        title=str(approval.post),
        name=approval.approver_name,
    )


def _find_changed() -> int:
    """Posts saved after a decision on them: what the services saw is void already, the rest is now."""
    live = Approval.objects.filter(
        Q(decision=Decision.OPEN) | Q(decision__in=YES),
        voided_at__isnull=True,
        post__deleted_at__isnull=True,
    ).filter(
        Q(post__updated_at__gt=timezone.now() - 6 * EVERY),  # the rest was looked at by an earlier round
        post__updated_at__gt=Coalesce(F("decided_at"), F("asked_at")),
    )
    found = 0
    for post_id in live.values_list("post_id", flat=True).distinct()[:BATCH]:
        with transaction.atomic():
            rows = Post.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
            post = rows.select_related("workspace", "client").filter(pk=post_id).first()
            found += len(approving.look_as_machine(post)) if post else 0
    return found
