"""A small reader of lexicons: enough to see whether a fixture written after the documentation fits them.

What we send to a PDS needs no such check: the real server makes it.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

_TYPES = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}


def folder() -> Path | None:
    """Where the lexicons lie, or None where NIVA_CONTRACTS is not set."""
    home = os.environ.get("NIVA_CONTRACTS")
    return Path(home) / "bluesky" / "lexicons" if home else None


@cache
def _document(nsid: str) -> dict[str, Any]:
    home = folder()
    assert home is not None
    return dict(json.loads((home / (nsid.replace(".", "/") + ".json")).read_text("utf-8")))


def output_breaches(nsid: str, body: Any) -> list[str]:
    """Everything in which an answer of a method does not fit its lexicon."""
    return list(_breaches(nsid, _document(nsid)["defs"]["main"]["output"]["schema"], body, "$"))


def input_breaches(nsid: str, params: dict[str, list[str]], body: Any) -> list[str]:
    """Everything in which a request (`params`: each with its values, as text) does not fit its lexicon."""
    main = _document(nsid)["defs"]["main"]
    if "input" in main:
        return list(_breaches(nsid, main["input"]["schema"], body, "$"))
    declared = main.get("parameters", {})
    found = [f"{nsid}: {name} is missing" for name in declared.get("required", ()) if name not in params]
    for name, values in params.items():
        schema = declared.get("properties", {}).get(name)
        if schema is None:
            found.append(f"{nsid}: unknown parameter {name}")
        elif schema["type"] == "integer":
            number = int(values[0])
            if not schema.get("minimum", number) <= number <= schema.get("maximum", number):
                found.append(f"{nsid}: {name} of {number} is out of bounds")
    return found


def _breaches(nsid: str, schema: dict[str, Any], value: Any, where: str) -> list[str]:
    kind = schema["type"]
    if kind == "ref":
        home, _, name = schema["ref"].partition("#")
        home = home or nsid
        return _breaches(home, _document(home)["defs"][name or "main"], value, where)
    if kind == "union" and isinstance(value, dict) and "$type" in value:
        home, _, name = value["$type"].partition("#")
        allowed = [ref if not ref.startswith("#") else f"{nsid}{ref}" for ref in schema["refs"]]
        if value["$type"] not in allowed:
            return [f"{where}: {value['$type']} is none of {allowed}"]
        plain = {key: part for key, part in value.items() if key != "$type"}
        return _breaches(home, _document(home)["defs"][name or "main"], plain, where)
    expected = _TYPES.get(kind)
    if expected is None:  # unknown, union, blob: told apart elsewhere
        return []
    if not isinstance(value, expected) or (kind == "integer" and isinstance(value, bool)):
        return [f"{where}: {value!r} is no {kind}"]
    found = []
    if kind == "object":
        found += [f"{where}: {name} is missing" for name in schema.get("required", ()) if name not in value]
        properties = schema.get("properties", {})
        for name, part in value.items():
            if name not in properties:
                found.append(f"{where}: unknown {name}")
            else:
                found += _breaches(nsid, properties[name], part, f"{where}.{name}")
    if kind == "array":
        for index, part in enumerate(value):
            found += _breaches(nsid, schema["items"], part, f"{where}[{index}]")
    return found
