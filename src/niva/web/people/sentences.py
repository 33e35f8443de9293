"""The audit trail in words: a verb and its subject as one sentence that names no gender.

The one who did it stands beside, so the sentence tells only what was done. A verb without words of its own
shows as it is, and `tests/test_sentences.py` fails for every verb in the code that has none.
"""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from niva.domains.clients.models import Role
from niva.domains.people.models import AuditEvent, WorkspaceRole

SENTENCES: dict[str, str | Promise] = {
    "workspace.founded": gettext_lazy("The workspace “%(subject)s” was founded"),
    "invitation.sent": gettext_lazy("%(subject)s was invited as %(role)s"),
    "invitation.renewed": gettext_lazy("%(subject)s got a new invitation link, the old one ended"),
    "invitation.revoked": gettext_lazy("The invitation of %(subject)s was revoked"),
    "invitation.accepted": gettext_lazy("%(subject)s accepted the invitation"),
    "member.role_changed": gettext_lazy("%(person)s: %(was)s before, %(now)s now"),
    "member.client_role_changed": gettext_lazy("%(person)s at “%(client)s”: %(now)s"),
    "member.removed": gettext_lazy("%(person)s left the team"),
    "token.created": gettext_lazy("A token of the API was made: %(subject)s"),
    "token.revoked": gettext_lazy("A token of the API was revoked: %(subject)s"),
    "person.signed_in": gettext_lazy("Signed in"),
    "person.entered_by_link": gettext_lazy("Entered the demo by its address"),
    "person.password_changed": gettext_lazy("The password was changed"),
    "person.second_step_added": gettext_lazy("A second step of sign-in was added: %(kind)s"),
    "person.second_step_removed": gettext_lazy("A second step of sign-in was removed: %(kind)s"),
}
KINDS: dict[str, str | Promise] = {
    "totp": gettext_lazy("codes from an application"),
    "webauthn": gettext_lazy("a passkey"),
    "recovery_codes": gettext_lazy("recovery codes"),
}
_ROLES = {**dict(Role.choices), **dict(WorkspaceRole.choices), "": gettext_lazy("no role")}


class _Details(dict[str, Any]):
    """What an old line does not tell is a dash, not a broken page."""

    missing = "—"

    def __missing__(self, key: str) -> str:
        return self.missing


class _Dots(_Details):
    missing = "…"


def sentence(event: AuditEvent) -> str:
    """What was done, in the language of the page. Plain text: templates escape it."""
    words = _Details({name: str(value) for name, value in event.details.items()}, subject=event.subject_name)
    for name in ("role", "was", "now"):
        if name in event.details:
            words[name] = str(_ROLES.get(event.details[name], event.details[name]))
    if "kind" in event.details:
        words["kind"] = str(KINDS.get(event.details["kind"], event.details["kind"]))
    pattern = SENTENCES.get(event.verb)
    if pattern is None:
        return f"{event.verb}: {event.subject_name}" if event.subject_name else event.verb
    return str(pattern) % words


def verb_word(verb: str) -> str:
    """The verb in a list of filters: its sentence with dots where the names go."""
    pattern = SENTENCES.get(verb)
    if pattern is None:
        return verb
    return str(pattern) % _Dots()
