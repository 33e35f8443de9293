"""DuckDB in a process of its own, bounded in memory and time: for files of figures (Parquet, CSV).

The desk's own processes never load it: it is large, and a query may take what memory there is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

from niva.kit import child

MEMORY: Final = "512MB"  # of DuckDB's own buffers; what does not fit goes to files in `spill`
MOST_SECONDS: Final = 3600.0


def run(statements: Sequence[str], *, spill: str) -> list[list[Any]]:
    """Execute the statements one after the other; returns the rows of the last one, as JSON can carry them.

    `spill`: a folder for what does not fit into memory. Raises Broken with the code "broken" (a statement
    failed, or the process died) or "too_slow". Not from inside a running event loop.
    """
    job = {"statements": list(statements), "spill": spill}
    made = asyncio.run(
        child.ask(
            "niva.kit.duck", job, lambda _share: None, most_seconds=MOST_SECONDS, silent_for=MOST_SECONDS
        )
    )
    rows: list[list[Any]] = made["rows"]
    return rows


def literal(text: str) -> str:
    """A string as it stands in SQL."""
    return "'" + text.replace("'", "''") + "'"


def _work(job: dict[str, Any], on_done: Callable[[float], object]) -> dict[str, Any]:
    import duckdb

    from niva.kit.images import Broken

    connection = duckdb.connect()
    connection.execute(f"set memory_limit = '{MEMORY}'")
    connection.execute("set threads = 2")
    connection.execute("set timezone = 'UTC'")
    connection.execute(f"set temp_directory = {literal(job['spill'])}")
    rows: list[Any] = []
    try:
        for number, statement in enumerate(job["statements"], start=1):
            rows = connection.execute(statement).fetchall()
            on_done(number / len(job["statements"]))
    except duckdb.Error as error:
        raise Broken("broken") from error
    return {"rows": [list(row) for row in rows]}


if __name__ == "__main__":
    child.answer(_work)
