"""The reference page of the checklists: what a community must have, on every network and on each."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

Table = Callable[[Sequence[str], Iterable[Sequence[object]]], str]


def checklists(table: Table) -> str:
    """`table`: how a table is written (head, rows)."""
    from niva.domains.condition.checklists import reads_of
    from niva.networks.base.checklist import load_checklist
    from niva.networks.registry import all_networks

    known = all_networks()
    lists = {
        name: {item.code: item for item in load_checklist(one.manifest.folder)} for name, one in known.items()
    }
    common = lists["elsewhere"] if "elsewhere" in lists else lists["practice"]
    rows = [_row(item) for item in common.values()]
    parts = [
        "# Checklists",
        "What a community must have to be technically in order. *Seen*: the fields of the profile from which "
        "the desk judges where the network tells them; else a person is asked, if a person can tell. "
        "*Asked*: only a person can say; asked again after so many days. What weighs more "
        "stands higher on the list of what to do. "
        "How it is judged: [technical condition](../explanation/condition.md). From "
        "`src/niva/networks/base/checklist.toml` and the `checklist.toml` of each network.",
        "## On every network",
        table(_HEAD, rows),
    ]
    for name, one in known.items():
        own = _own(one.manifest.folder)
        gone = [f"`{code}`" for code, entry in own.items() if entry.get("absent")]
        mine = [lists[name][code] for code, entry in own.items() if not entry.get("absent")]
        told = reads_of(name)
        seen = sum(bool(told & set(item.fields)) for item in lists[name].values())
        parts += [
            f"## {one.manifest.title}",
            f"{len(lists[name])} items, {seen} of them seen by the desk."
            + (f" It has no such thing: {', '.join(gone)}." if gone else ""),
        ]
        if mine:
            parts.append(table(_HEAD, [_row(item) for item in mine]))
    return "\n\n".join(parts)


_HEAD = ("item", "what is right", "по-русски", "required", "weight", "how it is known", "source")


def _row(item: Any) -> tuple[object, ...]:
    fields = ", ".join(f"`{field}`" for field in item.fields)
    asked = f"asked, every {item.recheck_days} days"
    source = f"<{item.source_url}>" if "://" in item.source_url else item.source_url or "custom of the trade"
    return (
        f"`{item.code}`", item.title, item.title_ru, "yes" if item.required else "", item.weight,
        f"seen: {fields}" if fields else asked, f"{source}, {item.checked_on}",
    )  # fmt: skip


def _own(folder: Any) -> dict[str, dict[str, Any]]:
    path = folder / "checklist.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
