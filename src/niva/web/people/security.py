"""What allauth reports about sign-in goes into the audit trail of the workspace one works in."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set, user_logged_in
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.dispatch import receiver
from django.http import HttpRequest

from niva.domains.clients import access
from niva.domains.people.audit import record
from niva.domains.people.models import User


def _note(request: HttpRequest | None, user: User, verb: str, **details: Any) -> None:
    """People of no workspace have no trail to write into."""
    session = getattr(request, "session", {})
    actor = access.actor_for(user, session.get("workspace")) or access.actor_for(user)
    if actor is not None:
        record(actor, verb, user, **details)


@receiver(user_logged_in)
def signed_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    _note(request, user, "person.signed_in")


@receiver([password_changed, password_set, password_reset])
def password(request: HttpRequest, user: User, **kwargs: Any) -> None:
    _note(request, user, "person.password_changed")


@receiver(authenticator_added)
def step_added(request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    _note(request, user, "person.second_step_added", kind=str(authenticator.type))


@receiver(authenticator_removed)
def step_removed(request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    _note(request, user, "person.second_step_removed", kind=str(authenticator.type))
