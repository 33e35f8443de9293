"""The audit trail in words. A verb without a sentence shows as it is; a test finds every such verb."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import formats, timezone

from niva.domains.clients.models import Role
from niva.domains.people.models import AuditEvent, WorkspaceRole
from niva.web.people.verbs import KINDS, NO_ROLE, SENTENCES
from niva.web.templatetags.niva import language

_ROLES = {**dict(Role.choices), **dict(WorkspaceRole.choices), "": NO_ROLE}
_MOMENTS = ("due", "before", "after")


class _Details(dict[str, Any]):
    """What an old line does not tell is a dash, not a broken page."""

    missing = "—"

    def __missing__(self, key: str) -> str:
        return self.missing


class _Dots(_Details):
    missing = "…"


def sentence(event: AuditEvent) -> str:
    """What was done, in the language of the page. Plain text: templates escape it."""
    pattern = SENTENCES.get(event.verb)
    if pattern is None:
        return f"{event.verb}: {event.subject_name}" if event.subject_name else event.verb
    words = _Details({name: _word(name, value) for name, value in event.details.items()})
    words.setdefault("subject", event.subject_name)
    return str(pattern) % words


def _word(name: str, value: Any) -> str:
    """A detail for people: roles and kinds by their names, moments in the person's own time zone."""
    if name in ("role", "was", "now") and isinstance(value, str):
        return str(_ROLES.get(value, value))
    if name == "kind":
        return str(KINDS.get(value, value))
    if name in _MOMENTS and isinstance(value, str):
        try:
            moment = dt.datetime.fromisoformat(value)
        except ValueError:
            return value
        if moment.tzinfo is None:
            return value
        local = timezone.localtime(moment)
        if language().startswith("ru"):
            return formats.date_format(local, "SHORT_DATETIME_FORMAT")
        return f"{formats.date_format(local.date(), 'j M Y')}, {local:%H:%M}"
    return str(value)


def verb_word(verb: str) -> str:
    """The verb in a list of filters: its sentence with dots where the names go."""
    pattern = SENTENCES.get(verb)
    return verb if pattern is None else str(pattern) % _Dots()
