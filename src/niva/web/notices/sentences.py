"""What each kind of notice says. `%(name)s` are the facts of the notice; `%(by)s` is who caused it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, str | Promise] = {
    "piece_handed": _("“%(title)s” is yours now: %(stage)s."),
    "nudged": _("%(by)s asks how it goes with “%(title)s”: %(stage)s."),
    "piece_returned": _("“%(title)s” came back to you: %(reason)s."),
}
