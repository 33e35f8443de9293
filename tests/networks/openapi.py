"""A published OpenAPI description, put to every request that a test sends and every reply that a fake gives.

The descriptions are no part of this project: NIVA_CONTRACTS says where they lie.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_HOME: Final = "urn:contract"
Document = dict[str, Any]


class OpenApi:
    """`breaches`: what did not fit, in words; empty at the end of a test that is in order.

    `statuses`: refusals that the description names once for all and not at every call.
    """

    def __init__(self, document: Document, *, statuses: Iterable[int] = ()) -> None:
        self.document = document
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        self.registry: Registry[Any] = Registry().with_resource(_HOME, resource)
        self.breaches: list[str] = []
        self.checked = 0
        self._statuses = frozenset(statuses)
        # fixed parts go before variable ones: /users/@me is no /users/{id}
        ordered = sorted(document["paths"], key=lambda path: path.count("{"))
        self._paths = [(_pattern(path), path) for path in ordered]

    def request(
        self, method: str, path: str, *, query: Mapping[str, str], kind: str = "", body: Any = None
    ) -> None:
        """Check one request: the path is known, parameters and body fit, nothing unknown is sent."""
        self.checked += 1
        where = f"{method} {path}"
        template, operation = self._operation(method, path)
        if operation is None:
            self.breaches.append(f"{where}: no such call")
            return
        known = {one["name"]: one for one in self._parameters(template, operation) if one["in"] == "query"}
        for name, value in query.items():
            if name not in known:
                self.breaches.append(f"{where}: unknown parameter {name}")
            else:
                schema = known[name]["schema"]
                self._fits(f"{where} ?{name}", schema, _typed(value, self._resolved(schema)))
        for name, one in known.items():
            if one.get("required") and name not in query:
                self.breaches.append(f"{where}: {name} is missing")
        self._body(where, operation, kind, body)

    def reply(self, method: str, path: str, status: int, body: Any) -> None:
        """Check one reply of the fake: a status that the call may give, and a body that fits it."""
        self.checked += 1
        where = f"{method} {path} -> {status}"
        _, operation = self._operation(method, path)
        if operation is None or status in self._statuses:
            return
        told = operation["responses"]
        name = next((n for n in (str(status), f"{status // 100}XX", "default") if n in told), None)
        if name is None:
            self.breaches.append(f"{where}: not a status of this call")
            return
        content = self._resolved(told[name]).get("content", {})
        if "application/json" in content:
            schema = content["application/json"]["schema"]
            self._fits(where, schema, body)

    def _body(self, where: str, operation: Mapping[str, Any], kind: str, body: Any) -> None:
        asked = operation.get("requestBody", {})
        content = asked.get("content", {})
        if body is None:
            if asked.get("required"):
                self.breaches.append(f"{where}: no body")
            return
        if kind not in content:
            self.breaches.append(f"{where}: a body of {kind}, wanted {sorted(content)}")
            return
        schema = content[kind]["schema"]
        self._fits(f"{where} body", schema, body)
        if isinstance(body, Mapping):
            for name in sorted(set(body) - set(self.properties(schema))):
                self.breaches.append(f"{where}: unknown field {name}")

    def properties(self, schema: Mapping[str, Any]) -> Document:
        """Every property that an object of this schema may have, by name."""
        whole = self._resolved(schema)
        found = dict(whole.get("properties", {}))
        for group in ("allOf", "anyOf", "oneOf"):
            for one in whole.get(group, ()):
                found.update(self.properties(one))
        return found

    def _parameters(self, template: str, operation: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        shared = self.document["paths"][template].get("parameters") or ()
        return [self._resolved(one) for one in (*shared, *(operation.get("parameters") or ()))]

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in schema:
            return schema
        here: Any = self.document
        for part in str(schema["$ref"]).partition("#/")[2].split("/"):
            here = here[part]
        return self._resolved(here)

    def _operation(self, method: str, path: str) -> tuple[str, Mapping[str, Any] | None]:
        for pattern, template in self._paths:
            if pattern.match(path):
                found = self.document["paths"][template].get(method.lower())
                if found is not None:
                    return template, found
        return "", None

    def _fits(self, where: str, schema: Mapping[str, Any], value: Any) -> None:
        validator = Draft202012Validator(schema, registry=self.registry)
        for error in list(validator.iter_errors(value))[:3]:
            reasons = "; ".join(sorted({one.message[:120] for one in error.context or ()}))
            self.breaches.append(f"{where}: {error.json_path}: {error.message[:200]} {reasons}")


def mended(node: Any) -> Any:
    """The same description as JSON Schema 2020-12 reads it: `nullable` of OpenAPI 3.0 becomes a type, marks
    in places where lists belong are taken out, references carry the document's own address."""
    if isinstance(node, list):
        return [mended(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {name: mended(value) for name, value in node.items()}
    if isinstance(made.get("$ref"), str) and made["$ref"].startswith("#/"):
        made["$ref"] = f"{_HOME}{made['$ref']}"
    if isinstance(made.get("required"), bool) and "in" not in made and "content" not in made:
        del made["required"]
    if made.pop("nullable", None) is True:
        return {"anyOf": [{"type": "null"}, made]}
    return made


def load_openapi(
    name: str, mend: Callable[[Document], Document] = dict, *, statuses: Iterable[int] = ()
) -> OpenApi | None:
    """The contract at `name` below NIVA_CONTRACTS, or None where that is not set.

    `mend` takes the slips of its makers out, before it is read.
    """
    document = _document(name, mend)
    return OpenApi(document, statuses=statuses) if document is not None else None


@cache
def _document(name: str, mend: Callable[[Document], Document]) -> Document | None:
    folder = os.environ.get("NIVA_CONTRACTS")
    if not folder:
        return None
    raw = json.loads((Path(folder) / name).read_text("utf-8"))
    return dict(mended(mend(raw)))


def _pattern(template: str) -> re.Pattern[str]:
    """`/api/v1/statuses/{id}` as an expression that matches a whole path."""
    pieces = re.split(r"\{\w+\}", template)
    return re.compile("^" + "[^/]+".join(re.escape(piece) for piece in pieces) + "$")


def _typed(text: str, schema: Mapping[str, Any]) -> Any:
    """A parameter as its schema wants it: they all come as text."""
    kinds = {schema.get("type"), *(one.get("type") for one in schema.get("anyOf", ()))}
    if "integer" in kinds and re.fullmatch(r"-?\d+", text):
        return int(text)
    if "boolean" in kinds and text in ("true", "false"):
        return text == "true"
    if "array" in kinds:
        return text.split(",")
    return text
