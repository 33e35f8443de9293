"""What went wrong with a service that writes or listens, and what to do: words for `kit.openai_like`."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SERVICE: Final[dict[str, str | Promise]] = {
    "address_bad": _(
        "The address of the service does not read as one. Give it whole, like https://api.example.org/v1."
    ),
    "address_inside": _(
        "The address leads into the desk's own network, so nothing was sent. The keeper of the desk "
        "allows such an address by NIVA_INNER_HOSTS."
    ),
    "no_answer": _("Nobody answers at this address. Check it, and whether the service runs."),
    "too_slow": _("The service did not answer in time. Try again later, or take a faster model."),
    "moved": _(
        "The service sends us to another address. A key does not go along: put the final address into the "
        "settings."
    ),
    "key_refused": _("The service does not accept the key. Give it anew in the settings."),
    "not_there": _("The service does not know this address or this model. Check both in the settings."),
    "enough": _(
        "The service takes no more for now: too many questions, or the money is spent. Look at its account."
    ),
    "too_much": _("This is more than the service takes at once. Send less."),
    "refused": _("The service refuses the question."),
    "broken": _("The service is out of order on its own side. Try again later."),
    "too_large": _("The answer is far too long to be a text, so it was not read to the end."),
    "unreadable": _("The answer is not what such a service sends. Check the address: it often ends in /v1."),
    "empty": _("The service answered with nothing. Ask otherwise, or take another model."),
}


def service_says(code: str, detail: str = "") -> str:
    """The sentence for a code of CODES, with the service's own words behind it."""
    sentence = str(SERVICE.get(code, code))
    own = detail.partition(": ")[2] or ("" if detail.isdigit() else detail)
    return f"{sentence} ({own})" if own and code not in ("no_answer", "unreadable", "too_large") else sentence
