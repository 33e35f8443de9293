"""The embedded PostgreSQL: our own small adapter around the programs of a wheel.

It owns one directory (programs' data, socket, log) and refuses to touch anything outside it, except for a
copy of the programs in the machine's cache when root runs the desk from a folder closed to others.
Design, with the reasons: docs/decisions/0001-embedded-postgresql.md.
"""

from niva.kit.postgres.errors import (
    BinariesMissing,
    Busy,
    NotWritable,
    PostgresError,
    StartFailed,
    WrongVersion,
)
from niva.kit.postgres.server import Server, Status
from niva.kit.postgres.settings import DURABLE, FAST

__all__ = [
    "DURABLE",
    "FAST",
    "BinariesMissing",
    "Busy",
    "NotWritable",
    "PostgresError",
    "Server",
    "StartFailed",
    "Status",
    "WrongVersion",
]
