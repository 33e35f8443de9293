"""`niva token create|list|revoke`: keys to the REST API."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from niva.cli import environment
from niva.cli.text import _
from niva.kit.postgres.errors import gettext_noop

if TYPE_CHECKING:
    from niva.domains.people.actor import Actor

HELP = gettext_noop("make, list and revoke tokens of the REST API")


def add(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="verb", required=True)
    create = commands.add_parser("create", help=_("make a token and print it: this once"))
    create.add_argument("--name", required=True, help=_("what will use it"))
    create.add_argument("--email", help=_("whose token; the owner's without it"))
    create.add_argument("--workspace", type=int, help=_("number of the workspace"))
    create.add_argument("--days", type=int, help=_("for how many days; until revoked without it"))
    create.set_defaults(call=_with_database(_create))
    listing = commands.add_parser("list", help=_("the tokens that were not revoked"))
    listing.set_defaults(call=_with_database(_list))
    revoke = commands.add_parser("revoke", help=_("end a token"))
    revoke.add_argument("id", type=int, help=_("its number in the list"))
    revoke.set_defaults(call=_with_database(_revoke))


def _with_database(command: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """The command with Django and a database under it; its refusals are sentences, not traces."""

    def call(options: argparse.Namespace) -> int:
        with environment.database():
            environment.django()
            from django.utils import translation

            from niva.cli.text import language
            from niva.domains.people.errors import Invalid, NotFound

            try:
                with translation.override(language()):
                    return command(options)
            except NotFound as error:
                print(str(error), file=sys.stderr)
            except Invalid as error:
                print("\n".join(error.sentences), file=sys.stderr)
            return 1

    return call


def _owner(options: argparse.Namespace) -> Actor:
    """Whose token it will be. Raises NotFound with a sentence when nobody fits or several do."""
    from niva.domains.clients.access import actor_for
    from niva.domains.people.errors import NotFound
    from niva.domains.people.models import Membership, WorkspaceRole

    rows = Membership.objects.filter(user__is_active=True).select_related("user")
    rows = rows.filter(user__email__iexact=options.email) if options.email else rows
    rows = rows if options.email else rows.filter(role=WorkspaceRole.OWNER)
    if options.workspace is not None:
        rows = rows.filter(workspace_id=options.workspace)
    workspaces = set(rows.values_list("workspace_id", "workspace__name"))
    if not workspaces:
        raise NotFound(_("There is no such person or workspace."))
    if len(workspaces) > 1:
        names = ", ".join(f"{pk} ({name})" for pk, name in sorted(workspaces))
        raise NotFound(_("Say which workspace with --workspace: %(names)s.") % {"names": names})
    first = rows.order_by("joined_at", "pk")[0]
    actor = actor_for(first.user, first.workspace_id)
    if actor is None:
        raise NotFound(_("There is no such person or workspace."))
    return actor


def _create(options: argparse.Namespace) -> int:
    from niva.domains.people.services import create_token

    actor = _owner(options)
    _token, secret = create_token(actor, name=options.name, days=options.days)
    print(secret)
    told = _("It acts as %(person)s in “%(workspace)s”. It is shown this once: keep it.")
    print(told % {"person": actor.name, "workspace": actor.workspace.name}, file=sys.stderr)
    return 0


def _list(options: argparse.Namespace) -> int:
    from niva.domains.people.models import ApiToken

    rows = ApiToken.objects.filter(revoked_at__isnull=True).select_related("user", "workspace").order_by("pk")
    for row in rows:
        until = f"{row.expires_at:%Y-%m-%d}" if row.expires_at else _("until revoked")
        used = f"{row.last_used_at:%Y-%m-%d %H:%M}" if row.last_used_at else _("never used")
        cells = (str(row.pk), f"{row.prefix}…", row.name, row.user.email, row.workspace.name, until, used)
        print("\t".join(cells))
    return 0


def _revoke(options: argparse.Namespace) -> int:
    from niva.domains.people.actor import machine
    from niva.domains.people.errors import NotFound
    from niva.domains.people.models import ApiToken
    from niva.domains.people.services import revoke_token

    row = ApiToken.objects.filter(pk=options.id).select_related("workspace").first()
    if row is None or row.revoked_at is not None:
        raise NotFound(_("There is no such token; `niva token list` shows them."))
    revoke_token(machine(row.workspace), token_id=row.pk)
    print(_("The token no longer works."))
    return 0
