"""Faults on demand: what the server does wrong when it is asked to, so that the desk can be tried.

Armed faults lie in the same SQLite file as everything else; they outlive a restart and may be armed by
another process. Three kinds ("revoke", "expire", "forget") act at once instead of waiting for a request.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from niva.networks.practice.server.store import Community, Store

# kind -> which requests it hits unless told otherwise: any, read, write, create or comment
ARMED: Final = {
    "refuse": "write",
    "limit": "any",
    "down": "any",
    "nonsense": "any",
    "slow": "any",
    "fail_500_after_commit": "create",
    "accept_then_timeout": "create",
    "reset": "create",
    "cut": "create",
    "half_answer": "create",
    "nonsense_after_commit": "create",
    "wrong_answer": "create",
    "surplus": "any",
}
AT_ONCE: Final = frozenset({"revoke", "expire", "forget"})
BEFORE: Final = frozenset({"refuse", "limit", "down", "nonsense", "cut"})  # nothing is carried out
HITS: Final = frozenset({"any", "read", "write", "create", "comment"})


@dataclass(frozen=True, slots=True)
class Fault:
    """`params`: "reason" (refuse), "retry_after" (limit, down) and "delay" (slow, accept_then_timeout)."""

    id: int
    kind: str
    params: dict[str, Any]


def arm(
    store: Store,
    kind: str,
    community: Community | None = None,
    *,
    count: int | None = 1,
    seconds: float | None = None,
    hits: str = "",
    **params: Any,
) -> None:
    """Arm a fault, or do it at once where it is of that kind. `count`: how many requests it spoils, None =
    all; `seconds`: for how long it is armed. Raises ValueError on a word that nobody knows."""
    if kind == "revoke":
        store.revoke(community)
    elif kind == "expire":
        store.expire(community)
    elif kind == "forget":
        _forget(store, community, params.get("post"))
    elif kind in ARMED:
        if (hits := hits or ARMED[kind]) not in HITS:
            raise ValueError(f"hits: {hits}")
        store.db.execute(
            "insert into faults (kind, community, hits, remaining, until, params) values (?, ?, ?, ?, ?, ?)",
            (
                kind, community.id if community else None, hits, count,
                None if seconds is None else store.now() + seconds, json.dumps(params),
            ),
        )  # fmt: skip
    else:
        raise ValueError(f"kind: {kind}")


def disarm(store: Store) -> int:
    """Forget every armed fault. How many there were."""
    return store.db.execute("delete from faults").rowcount


def armed(store: Store) -> list[dict[str, Any]]:
    """What is armed now, oldest first."""
    rows = store.db.execute(
        "select f.kind, c.handle as community, f.hits, f.remaining, f.until, f.params from faults f"
        " left join communities c on c.id = f.community"
        " where (f.remaining is null or f.remaining > 0) and (f.until is null or f.until > ?) order by f.id",
        (store.now(),),
    )
    return [{**dict(row), "params": json.loads(row["params"])} for row in rows]


def take(store: Store, community: Community | None, purposes: frozenset[str]) -> Fault | None:
    """The oldest armed fault that hits such a request, counted down by one; None when there is none."""
    if not store.db.execute("select 1 from faults limit 1").fetchone():
        return None
    marks = ", ".join("?" * len(purposes))
    with store.transaction():
        row = store.db.execute(
            f"select id, kind, params from faults where hits in ({marks})"  # noqa: S608 (only question marks)
            " and (community is null or community = ?) and (remaining is null or remaining > 0)"
            " and (until is null or until > ?) order by id limit 1",
            (*sorted(purposes), community.id if community else None, store.now()),
        ).fetchone()
        if row is None:
            return None
        store.db.execute("update faults set remaining = remaining - 1 where id = ?", (row["id"],))
        store.db.execute("delete from faults where remaining <= 0 or until <= ?", (store.now(),))
    return Fault(row["id"], row["kind"], json.loads(row["params"]))


def _forget(store: Store, community: Community | None, post_id: int | None) -> None:
    """Take a post down behind everybody's back: the named one, else the newest."""
    store.db.execute(
        "update posts set deleted_at = ?1 where id = coalesce(?3, (select max(id) from posts where"
        " deleted_at is null and (?2 is null or community = ?2))) and (?2 is null or community = ?2)",
        (store.now(), community.id if community else None, post_id),
    )
