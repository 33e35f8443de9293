"""Why a network does not give a number. Absent is not zero."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from niva.words.base import Words

ABSENCES: Final[dict[str, Words]] = {
    "not_offered": Words(_("The network does not report this number. This is not zero.")),
    "no_api": Words(_("The network does not report this number. This is not zero.")),
    "needs_right": Words(
        _("The network gives this number only to a key with more rights. This is not zero."),
        _("Connect again and allow statistics."),
    ),
}
