"""What each kind of notice says. `%(name)s` are the facts of the notice; `%(by)s` is who caused it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, str | Promise] = {
    "alarm_raised": _("Something is out of the ordinary at “%(client_name)s”. Look whether it matters."),
    "clip_cut": _("The clip is cut: “%(title)s”."),
    "clip_failed": _("The clip could not be cut: “%(title)s”."),
    "piece_handed": _("“%(title)s” is yours now: %(stage)s."),
    "task_nudged": _("%(by)s asks how it goes with the task “%(title)s”."),
    "nudged": _("%(by)s asks how it goes with “%(title)s”: %(stage)s."),
    "piece_returned": _("“%(title)s” came back to you: %(reason)s."),
    "approval_waits": _("“%(title)s” waits for your decision."),
    "approval_reminder": _("“%(title)s” still waits for your decision; its term ends soon."),
    "approval_decided": _("%(name)s on “%(title)s”: %(decision)s."),
    "approval_returned": _("%(name)s returned “%(title)s” with remarks."),
    "approval_voided": _(
        "The approval of “%(title)s” is void: the post was changed after it. Ask once more."
    ),
    "approval_overdue": _("%(name)s has not decided on “%(title)s” in time."),
    "pay_closed": _("Your pay sheet of %(month)s is closed: %(total)s %(currency)s. Look it through."),
    "pay_paid": _("Your pay sheet of %(month)s is paid: %(total)s %(currency)s."),
    "lead_came": _("Somebody came to “%(client_name)s”. Answer within %(hours)s working hours, as agreed."),
    "task_given": _("%(by)s asks you: “%(title)s”."),
    "task_changed": _("%(by)s changed what is asked of you: “%(title)s”."),
    "task_handed": _("%(by)s has handed over “%(title)s”: look at it."),
    "task_returned": _("“%(title)s” came back to you: %(words)s"),
    "task_accepted": _("%(by)s has accepted “%(title)s”."),
    "task_cancelled": _("“%(title)s” is cancelled, you need not do it."),
    "task_noted": _("%(by)s on “%(title)s”: %(words)s"),
    "mentioned": _("%(by)s calls you, “%(title)s”: %(words)s"),
    "remark_added": _("%(author)s on “%(title)s”: %(words)s"),
}
