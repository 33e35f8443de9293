"""Meta's published lists of nodes, edges, parameters and enums, put to what the fakes see and say.

They describe no types of replies beyond names, and are no part of this project: NIVA_CONTRACTS says where
they lie.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

# What every edge takes beside its own parameters: choosing fields, paging, counting, proving.
# https://developers.facebook.com/docs/graph-api/results
COMMON: Final = {
    "fields", "limit", "after", "before", "since", "until", "summary", "access_token", "appsecret_proof",
    "metadata", "locale",
}  # fmt: skip
_KINDS: Final = {
    "unsigned int": re.compile(r"\d+"),
    "int": re.compile(r"-?\d+"),
    "float": re.compile(r"-?\d+(\.\d+)?"),
    "bool": re.compile(r"true|false|0|1"),
}


@cache
def _load(name: str) -> Any:
    folder = os.environ.get("NIVA_CONTRACTS")
    if not folder:
        return None
    file = Path(folder) / "meta" / "graph_specs" / f"{name}.json"
    return json.loads(file.read_text("utf-8")) if file.exists() else None  # some returns have no list


@cache
def _enums() -> dict[str, list[str]]:
    return {one["name"]: [str(value) for value in one["values"]] for one in _load("enum_types") or ()}


def given() -> bool:
    """Are the lists at hand?"""
    return _load("enum_types") is not None


def request_faults(
    method: str, node: str, edge: str, sent: Mapping[str, str], files: Iterable[str] = (), extra: str = ""
) -> list[str]:
    """What does not fit in a call of `node`'s `edge` ("" = the node itself). `files`: parts of a form that
    are files. `extra`: parameters and fields, parted by blanks, that the guides name and the lists forget."""
    where = f"{method} {node}/{edge}"
    call = next(
        (a for a in _load(node)["apis"] if a["method"] == method and (a.get("endpoint") or "") == edge), None
    )
    if call is None:
        return [f"{where}: no such call"]
    known = {one["name"]: one for one in call.get("params", ())}
    faults = [
        f"{where}: unknown parameter {name}" for name in [*sent, *files]
        if name not in known and name not in COMMON and name not in extra.split()
    ]  # fmt: skip
    faults += [
        f"{where}: {name} is missing" for name, one in known.items()
        if one.get("required") and name not in sent and name not in files
    ]  # fmt: skip
    for name in sent.keys() & known.keys():
        if not _fits(known[name]["type"], sent[name]):
            faults.append(f"{where}: {name}={sent[name][:60]!r} is no {known[name]['type']}")
    if "fields" in sent:
        target = node if not edge else str(call.get("return"))
        unknown = [name for name in _unknown(target, sent["fields"]) if name not in extra.split()]
        faults += [f"{where}: no field {name} of {target}" for name in unknown]
    return faults


def reply_faults(node: str, told: Mapping[str, Any]) -> list[str]:
    """Names in a node's reply that the lists do not know."""
    return [f"{node}: no field {name}" for name in _unknown(node, ",".join(told))]


def _fits(kind: str, value: str) -> bool:
    if (pattern := _KINDS.get(kind)) is not None:
        return pattern.fullmatch(value) is not None
    inner = kind.removeprefix("list<").removesuffix(">")
    if (values := _enums().get(inner)) is not None:
        return all(one.lower() in {v.lower() for v in values} for one in value.split(","))
    if kind.startswith("list") or kind == "map":
        try:
            return isinstance(json.loads(value), list | dict)
        except ValueError:
            return "," in value or bool(re.fullmatch(r"[\w-]+", value))
    return True


def _unknown(node: str, fields: str) -> list[str]:
    spec = _load(node)
    if spec is None:
        return []
    known = {one["name"] for one in spec["fields"]} | {"id", "from", "to"}
    known |= {a["endpoint"] for a in spec["apis"] if a["method"] == "GET" and a.get("endpoint")}
    while "(" in fields or "{" in fields:  # what stands in brackets belongs to edges
        fields = re.sub(r"\([^(){}]*\)|\{[^(){}]*\}", "", fields)
    return [name for part in fields.split(",") if (name := part.split(".")[0].strip()) not in known]
