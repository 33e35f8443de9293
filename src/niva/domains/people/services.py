"""Operations on people themselves: a new person, his profile, his tokens, the last owner."""

from __future__ import annotations

import datetime as dt
from zoneinfo import available_timezones

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from niva.domains.people.actor import Actor
from niva.domains.people.audit import record
from niva.domains.people.errors import Forbidden, Invalid, NotFound
from niva.domains.people.models import ApiToken, Membership, User, Workspace, WorkspaceRole
from niva.domains.people.secrets import fingerprint, new_secret

TOKEN_PREFIX = "niva_"  # noqa: S105 - it tells our tokens from others, it is no secret
TOKEN_DAYS_MAX = 3650


def create_person(
    *, email: str, name: str, password: str, language: str = "ru", time_zone: str = "Europe/Moscow"
) -> User:
    """A person with a password. Raises Invalid with `email`, `name`, `password` or `time_zone`."""
    name = name.strip()
    if not name:
        raise Invalid.one("name", _("Write how your colleagues will see you."))
    _check_zone(time_zone)
    person = User(email=email.strip().lower(), name=name, language=language, time_zone=time_zone)
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Invalid({"password": list(error.messages)}) from error
    try:
        with transaction.atomic():
            return User.objects.create_user(
                person.email, password, name=name, language=language, time_zone=time_zone
            )
    except IntegrityError as error:
        sentence = _("Someone with this e-mail is already here. Sign in instead.")
        raise Invalid.one("email", sentence) from error


def _check_zone(time_zone: str) -> None:
    if time_zone not in available_timezones():
        raise Invalid.one("time_zone", _("There is no such time zone. Choose one from the list."))


def set_password(*, email: str, password: str) -> User:
    """A new password, set by whoever runs the server; the person's sessions end by themselves.

    Raises NotFound, Invalid with `password`.
    """
    person = User.objects.filter(email__iexact=email.strip()).first()
    if person is None:
        raise NotFound("person")
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Invalid({"password": list(error.messages)}) from error
    person.set_password(password)
    person.save(update_fields=["password"])
    return person


@transaction.atomic
def create_workspace(*, user: User, name: str, time_zone: str) -> Actor:
    """A new workspace with this person as its owner. Raises Invalid."""
    name = name.strip()
    if not name:
        raise Invalid.one("workspace", _("Name the workspace: your agency, studio or just you."))
    _check_zone(time_zone)
    workspace = Workspace.objects.create(name=name, time_zone=time_zone)
    Membership.objects.create(user=user, workspace=workspace, role=WorkspaceRole.OWNER)
    actor = Actor(workspace=workspace, user=user, role=WorkspaceRole.OWNER)
    record(actor, "workspace.founded", workspace)
    return actor


def keep_an_owner(*, workspace: Workspace, without: Membership) -> None:
    """Raises Invalid when nobody else would own the workspace. Call inside the transaction that changes it.

    The workspace's row is locked, so that two owners cannot leave at the same moment.
    """
    Workspace.objects.select_for_update().get(pk=workspace.pk)
    owners = Membership.objects.filter(workspace=workspace, role=WorkspaceRole.OWNER, user__is_active=True)
    if without.role == WorkspaceRole.OWNER and not owners.exclude(pk=without.pk).exists():
        raise Invalid.one("role", _("This is the last owner. Make someone else an owner first."))


@transaction.atomic
def create_token(actor: Actor, *, name: str, days: int | None = None) -> tuple[ApiToken, str]:
    """A key to the API for the actor himself, and its secret, which is shown now and never again.

    `days`: how long it works; None = until it is revoked. Raises Invalid with `name` or `days`.
    """
    if actor.user is None:
        raise Forbidden("workspace")
    name = name.strip()
    if not name or len(name) > 80:
        raise Invalid.one("name", _("Name the token by what will use it, in 80 characters at most."))
    if days is not None and not 1 <= days <= TOKEN_DAYS_MAX:
        raise Invalid.one("days", _("From 1 to %(most)s days.") % {"most": TOKEN_DAYS_MAX})
    secret = TOKEN_PREFIX + new_secret()
    token = ApiToken.objects.create(
        workspace=actor.workspace,
        user=actor.user,
        name=name,
        prefix=secret[:12],
        token_hash=fingerprint(secret),
        expires_at=timezone.now() + dt.timedelta(days=days) if days else None,
    )
    record(actor, "token.created", token, days=days)
    return token, secret


@transaction.atomic
def revoke_token(actor: Actor, *, token_id: int) -> ApiToken:
    """Ends a token: one's own, or anyone's in the workspace for owners and managers. Raises NotFound."""
    tokens = ApiToken.objects.select_for_update().filter(workspace=actor.workspace, revoked_at__isnull=True)
    if not actor.everywhere:
        tokens = tokens.filter(user=actor.user)
    token = tokens.filter(pk=token_id).first()
    if token is None:
        raise NotFound("token")
    token.revoked_at = timezone.now()
    token.save(update_fields=["revoked_at"])
    record(actor, "token.revoked", token)
    return token
