"""What may go wrong with the embedded server, each with what it means and how to mend it.

A message is an English msgid with named places; whoever shows it translates the msgid first and fills the
places afterwards (`error.message % error.facts`). This package itself knows no language but English.
"""

from __future__ import annotations


def gettext_noop(message: str) -> str:
    """Mark a msgid for the translators; the text is translated where it is shown."""
    return message


class PostgresError(Exception):
    """The embedded server cannot do what was asked. `message` is a msgid, `facts` fill its places."""

    def __init__(self, message: str, **facts: object) -> None:
        self.message = message
        self.facts = facts
        super().__init__(message % facts if facts else message)


class BinariesMissing(PostgresError):
    """The wheel with PostgreSQL is not installed, or has no build for this machine."""


class NotWritable(PostgresError):
    """The data directory cannot be made or written."""


class StartFailed(PostgresError):
    """The server did not come up; `facts["log"]` holds the last lines it wrote."""


class WrongVersion(PostgresError):
    """The data were written by another major version and cannot be carried over by themselves."""


class Busy(PostgresError):
    """Another process is starting, stopping or upgrading the same server and does not end."""
