"""The closed set of ways in which a network can say no.

A connector translates every answer of its network into one of these; an answer it does not know becomes
`OutcomeUnknown` for a write and `Temporary` for a read, never a guess. `code` is a stable word that the
interface translates (`networks/<name>/errors.py` lists them); `detail` is the network's own wording with
secrets taken out, for people who want to look closer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, get_args

from niva.kit.redaction import hide

# Whose limit it is: of the developer app, of the account that the keys belong to, of the one community, or
# of our address at one server.
Scope = Literal["app", "account", "community", "address"]
SCOPES: Final = frozenset(get_args(Scope))


class NetworkError(Exception):
    """Base of the closed set. Never raised itself."""

    def __init__(self, code: str, detail: str = "") -> None:
        detail = hide(detail)  # once for all: it goes to logs, rows and pages
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class Temporary(NetworkError):
    """Certainly not done, and worth another try. `retry_after`: seconds, when the network named them."""

    def __init__(self, code: str, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after


class Limited(NetworkError):
    """Certainly not done: too often. `scope`: whose limit it is; `until`: when it ends (aware) or None."""

    def __init__(
        self, code: str, detail: str = "", *, scope: Scope = "account", until: datetime | None = None
    ) -> None:
        super().__init__(code, detail)
        self.scope: Scope = scope
        self.until = until


class Rejected(NetworkError):
    """Certainly not done and never will be as it stands: a person must change something."""


class NeedsLogin(NetworkError):
    """Certainly not done: the access ended, was revoked, or lacks a right. A person must connect again."""


class OutcomeUnknown(NetworkError):
    """The call may or may not have been carried out. Never repeat it blindly: look up first."""


class Gone(NetworkError):
    """What was asked for is not there (any more): a post removed by a person or by the network."""


class LeaseLost(Exception):
    """The worker lost its right to this delivery before the call; nothing was sent."""
