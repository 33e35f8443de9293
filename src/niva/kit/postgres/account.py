"""Under whose name the server runs.

PostgreSQL refuses to run as root. When we are root it runs as `nobody`, by number: no system user is made,
and nothing but the server's own directory is given to it.
"""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The number Linux and macOS packages agree on where the user database has no entry of that name.
FALLBACK_NOBODY = 65534


@dataclass(frozen=True)
class Account:
    """The numbers a server process runs under; `None` in place of an Account means "as ourselves"."""

    uid: int
    gid: int

    def popen_arguments(self) -> dict[str, Any]:
        """What `subprocess` needs to become this account, without the groups of the caller."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account() -> Account | None:
    """`nobody` for root, `None` for anybody else."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return Account(FALLBACK_NOBODY, FALLBACK_NOBODY)
    return Account(entry.pw_uid % 2**32, entry.pw_gid % 2**32)


def can_reach(path: Path, account: Account | None) -> bool:
    """Whether the account may enter every folder on the way to `path` and read it (mode bits only)."""
    if account is None:
        return os.access(path, os.R_OK)
    resolved = path.resolve()
    return all(_allows(folder, account, 0o1) for folder in resolved.parents) and _allows(
        resolved, account, 0o4
    )


def _allows(path: Path, account: Account, bit: int) -> bool:
    try:
        facts = path.stat()
    except OSError:
        return False
    if facts.st_uid == account.uid:
        return bool(facts.st_mode & bit << 6)
    if facts.st_gid == account.gid:
        return bool(facts.st_mode & bit << 3)
    return bool(facts.st_mode & bit)
