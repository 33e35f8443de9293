"""`niva password EMAIL`: a new password for a person, for desks that send no mail."""

from __future__ import annotations

import argparse
import getpass
import sys

from niva.cli import environment
from niva.cli.text import _, language
from niva.kit.postgres.errors import gettext_noop

HELP = gettext_noop("set a new password for a person")


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("email")
    parser.set_defaults(call=run)


def run(options: argparse.Namespace) -> int:
    """Ask for the password twice (or read one line, when no person types) and set it."""
    if sys.stdin.isatty():
        password = getpass.getpass(_("New password: "))
        if getpass.getpass(_("Once more: ")) != password:
            print(_("The two are not the same. Nothing has changed."), file=sys.stderr)
            return 1
    else:
        password = sys.stdin.readline().rstrip("\n")
    with environment.database():
        environment.django()
        return _set(options.email, password)


def _set(email: str, password: str) -> int:
    from django.utils import translation

    from niva.domains.people.errors import Invalid, NotFound
    from niva.domains.people.services import set_password

    try:
        with translation.override(language()):
            set_password(email=email, password=password)
    except NotFound:
        print(_("Nobody here has this e-mail."), file=sys.stderr)
        return 1
    except Invalid as error:
        print("\n".join(error.sentences), file=sys.stderr)
        return 1
    print(_("The password is new. Other sessions of this person have ended."))
    return 0
