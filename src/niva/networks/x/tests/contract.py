"""The two published descriptions of the API (2.167 and 2.159), put to every request and every good reply.

They are no part of this project: NIVA_CONTRACTS says where they lie. Operations are checked one by one: a
repeated value stops loaders of the whole.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_HOME: Final = "urn:x"
_FILES: Final = {"post": "openapi.json", "tweet": "openapi-2.159-latest.json"}


class Contract:
    """`breaches`: what did not fit, in words; `checked`: how many requests and replies were put to it."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        resource = Resource.from_contents(dict(document), default_specification=DRAFT202012)
        self.registry: Registry[Any] = Registry().with_resource(_HOME, resource)
        self.breaches: list[str] = []
        self.checked = 0
        ordered = sorted(document["paths"], key=lambda path: path.count("{"))
        self._paths = [(re.compile("^" + re.sub(r"\{\w+\}", "[^/]+", path) + "$"), path) for path in ordered]

    def request(self, verb: str, path: str, query: Mapping[str, str], kind: str, body: Any) -> None:
        self.checked += 1
        where = f"{verb} {path}"
        operation = self._operation(verb, path)
        if operation is None:
            self.breaches.append(f"{where}: no such call")
            return
        known = {one["name"]: one for one in map(self._whole, operation.get("parameters", ()))}
        known = {name: one for name, one in known.items() if one["in"] == "query"}
        for name, value in query.items():
            if name not in known:
                self.breaches.append(f"{where}: unknown parameter {name}")
            else:
                schema = self._whole(known[name]["schema"])
                self._fits(f"{where} ?{name}", schema, _typed(value, schema))
        for name, one in known.items():
            if one.get("required") and name not in query:
                self.breaches.append(f"{where}: {name} is missing")
        if body is not None:
            content = operation.get("requestBody", {}).get("content", {})
            if kind not in content:
                self.breaches.append(f"{where}: a body of {kind}, wanted {sorted(content)}")
            else:
                self._fits(f"{where} body", content[kind]["schema"], body)

    def reply(self, verb: str, path: str, status: int, body: Any) -> None:
        """Good replies; refusals come in more shapes than the description knows."""
        operation = self._operation(verb, path)
        if operation is None or status >= 300:
            return
        self.checked += 1
        told = operation["responses"].get(str(status))
        if told is None:
            self.breaches.append(f"{verb} {path} -> {status}: not a status of this call")
            return
        schema = self._whole(told).get("content", {}).get("application/json", {}).get("schema")
        if schema is not None:
            self._fits(f"{verb} {path} ->", schema, body)

    def _operation(self, verb: str, path: str) -> Mapping[str, Any] | None:
        for pattern, template in self._paths:
            if pattern.match(path) and verb.lower() in self.document["paths"][template]:
                return dict(self.document["paths"][template][verb.lower()])
        return None

    def _whole(self, one: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in one:
            return one
        here: Any = self.document
        for part in str(one["$ref"]).removeprefix("#/").split("/"):
            here = here[part]
        return dict(here)

    def _fits(self, where: str, schema: Mapping[str, Any], value: Any) -> None:
        rooted = json.loads(json.dumps(schema).replace('"#/', f'"{_HOME}#/'))
        for error in list(Draft202012Validator(rooted, registry=self.registry).iter_errors(value))[:3]:
            self.breaches.append(f"{where}: {error.json_path}: {error.message[:200]}")


def _typed(text: str, schema: Mapping[str, Any]) -> Any:
    if schema.get("type") == "integer" and text.isdecimal():
        return int(text)
    return text.split(",") if schema.get("type") == "array" else text


@cache
def _document(naming: str) -> dict[str, Any] | None:
    folder = os.environ.get("NIVA_CONTRACTS")
    if not folder:
        return None
    return dict(json.loads((Path(folder) / "x" / _FILES[naming]).read_text("utf-8")))


def load_contract(naming: str) -> Contract | None:
    """`naming`: "post" (2.167) or "tweet" (2.159). None where NIVA_CONTRACTS is not set."""
    document = _document(naming)
    return Contract(document) if document is not None else None
