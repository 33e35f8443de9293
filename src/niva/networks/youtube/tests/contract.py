"""Google's discovery documents, put to every request and every reply.

They are no part of this project: NIVA_CONTRACTS says where they lie.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

# Of every method: https://cloud.google.com/apis/docs/system-parameters
_COMMON = {"uploadType"}
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "boolean": (bool,), "integer": (int,), "number": (int, float), "array": (list,),
    "object": (dict,),
}  # fmt: skip


class Contract:
    """`breaches`: what did not fit, in words; `checked`: how many requests and replies were put to it."""

    def __init__(self, *documents: Mapping[str, Any]) -> None:
        self.breaches: list[str] = []
        self.checked = 0
        self._methods: dict[tuple[str, str], tuple[Mapping[str, Any], Mapping[str, Any]]] = {}
        for document in documents:
            for method in _methods(document):
                paths = [method["path"]]
                if upload := method.get("mediaUpload"):
                    paths.append(upload["protocols"]["simple"]["path"])
                for path in paths:
                    self._methods[method["httpMethod"], "/" + path.lstrip("/")] = (
                        method,
                        document["schemas"],
                    )

    def request(self, verb: str, path: str, query: Mapping[str, str], body: Any) -> None:
        self.checked += 1
        where = f"{verb} {path}"
        if (verb, path) not in self._methods:
            self.breaches.append(f"{where}: no such method")
            return
        method, schemas = self._methods[verb, path]
        known = method.get("parameters", {})
        for name, value in query.items():
            if name in known:
                if "enum" in known[name] and value not in known[name]["enum"]:
                    self.breaches.append(f"{where}: {name}={value}")
            elif name not in _COMMON:
                self.breaches.append(f"{where}: unknown parameter {name}")
        for name, one in known.items():
            if one.get("required") and name not in query:
                self.breaches.append(f"{where}: {name} is missing")
        if body is not None:
            if "request" not in method:
                self.breaches.append(f"{where}: takes no body")
            else:
                self._fits(where, {"$ref": method["request"]["$ref"]}, body, schemas)

    def reply(self, verb: str, path: str, body: Any) -> None:
        self.checked += 1
        if (verb, path) not in self._methods:
            return
        method, schemas = self._methods[verb, path]
        if "response" in method:
            self._fits(f"{verb} {path} ->", {"$ref": method["response"]["$ref"]}, body, schemas)

    def _fits(self, where: str, schema: Mapping[str, Any], value: Any, schemas: Mapping[str, Any]) -> None:
        if "$ref" in schema:
            schema = schemas[schema["$ref"]]
        kind = schema.get("type", "any")
        if kind == "any":
            return
        wrong_bool = isinstance(value, bool) and kind in ("integer", "number")
        if not isinstance(value, _TYPES[kind]) or wrong_bool:
            self.breaches.append(f"{where}: {value!r} is no {kind}")
        elif "enum" in schema and value not in schema["enum"]:
            self.breaches.append(f"{where}: {value!r} is none of {schema['enum']}")
        elif kind == "array":
            for one in value:
                self._fits(f"{where}[]", schema["items"], one, schemas)
        elif kind == "object":
            known = schema.get("properties", {})
            other = schema.get("additionalProperties")
            for name, one in value.items():
                if name in known or other:
                    self._fits(f"{where}.{name}", known.get(name) or other, one, schemas)
                else:
                    self.breaches.append(f"{where}: unknown field {name}")


def _methods(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from document.get("methods", {}).values()
    for resource in document.get("resources", {}).values():
        yield from _methods(resource)


@cache
def _documents() -> tuple[dict[str, Any], ...]:
    folder = os.environ.get("NIVA_CONTRACTS")
    if not folder:
        return ()
    home = Path(folder) / "youtube"
    names = ("youtube.v3.discovery.json", "youtubeAnalytics.v2.discovery.json")
    return tuple(json.loads((home / name).read_text("utf-8")) for name in names)


def load_contract() -> Contract | None:
    """The contract, or None where NIVA_CONTRACTS is not set."""
    return Contract(*_documents()) if _documents() else None
