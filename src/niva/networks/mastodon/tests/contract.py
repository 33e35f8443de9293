"""The published OpenAPI description of Mastodon, put to every request and every reply.

It is generated from the documentation and no part of this project: NIVA_CONTRACTS says where it lies.
"""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_HOME: Final = "urn:mastodon"


class Contract:
    """`document`: mended by `load_contract`. `breaches`: what did not fit, in words; empty at the end of a
    test that is in order."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        resource = Resource.from_contents(document, default_specification=DRAFT202012)
        self.registry: Registry[Any] = Registry().with_resource(_HOME, resource)
        self.breaches: list[str] = []
        self.checked = 0
        # fixed parts go before variable ones: /accounts/verify_credentials is no /accounts/{id}
        ordered = sorted(self.document["paths"], key=lambda path: path.count("{"))
        self._paths = [(_pattern(path), path) for path in ordered]

    def request(
        self, method: str, path: str, *, query: str, headers: Mapping[str, str], kind: str, body: Any
    ) -> None:
        """Check one request: the path is known, parameters and body fit, nothing unknown is sent."""
        self.checked += 1
        where = f"{method} {path}"
        template, operation = self._operation(method, path)
        if operation is None:
            self.breaches.append(f"{where}: no such call")
            return
        known = {one["name"]: one for one in operation.get("parameters", ()) if one["in"] == "query"}
        for name, values in parse_qs(query).items():
            name = name.removesuffix("[]")  # lists of a query are written as lists of a form
            if name not in known:
                self.breaches.append(f"{where}: unknown parameter {name}")
            else:
                schema, place = known[name]["schema"], operation["parameters"].index(known[name])
                value = values if schema.get("type") == "array" else _typed(values[0], schema)
                pointer = f"{_pointer(template, method)}/parameters/{place}/schema"
                self._fits(f"{where} ?{name}", {"$ref": f"{_HOME}#{pointer}"}, value)
        for name, one in known.items():
            if one.get("required") and name not in parse_qs(query):
                self.breaches.append(f"{where}: {name} is missing")
        content = operation.get("requestBody", {}).get("content", {})
        if body is None:
            if operation.get("requestBody", {}).get("required"):
                self.breaches.append(f"{where}: no body")
        elif kind not in content:
            self.breaches.append(f"{where}: a body of {kind}, wanted {sorted(content)}")
        else:
            pointer = f"{_pointer(template, method)}/requestBody/content/{_escaped(kind)}/schema"
            self._fits(f"{where} body", {"$ref": f"{_HOME}#{pointer}"}, body)
            # the documentation writes lists as they stand in a form: media_attributes[]
            known_fields = {
                name.removesuffix("[]") for name in _properties(self.document, content[kind]["schema"])
            }
            for name in sorted(set(body) - known_fields):
                self.breaches.append(f"{where}: unknown field {name}")

    def reply(self, method: str, path: str, status: int, body: Any) -> None:
        """Check one reply of the fake: a status that the call may give, and a body that fits it."""
        self.checked += 1
        where = f"{method} {path} -> {status}"
        template, operation = self._operation(method, path)
        if operation is None:
            return
        if str(status) not in operation["responses"]:
            self.breaches.append(f"{where}: not a status of this call")
            return
        content = operation["responses"][str(status)].get("content", {})
        if "application/json" in content:
            pointer = f"{_pointer(template, method)}/responses/{status}/content/application~1json/schema"
            self._fits(where, {"$ref": f"{_HOME}#{pointer}"}, body)

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


def _mended(document: Mapping[str, Any]) -> dict[str, Any]:
    """The description with the slips of its generator taken out.

    The documentation allows text beside files or a poll in POST /api/v1/statuses, but the three became
    exclusive alternatives: here one of them must be whole, and every field that is sent must fit. The header
    Idempotency-Key is "any string", not an object. A token without the right is answered 403 by every call,
    as the page of verify_credentials tells; the other pages leave it out. Pictures of an account are sent as
    a form, says the page in words, while the description has JSON alone.
    """
    mended = copy.deepcopy(dict(document))
    call = mended["paths"]["/api/v1/statuses"]["post"]
    schema = call["requestBody"]["content"]["application/json"]["schema"]
    kinds = schema.pop("oneOf")
    schema["allOf"] = [{"anyOf": kinds}, {"properties": _properties(mended, {"allOf": kinds})}]
    for one in call["parameters"]:
        if one["name"] == "Idempotency-Key":
            one["schema"] = {"type": "string"}
    content = mended["paths"]["/api/v1/accounts/update_credentials"]["patch"]["requestBody"]["content"]
    content.setdefault("multipart/form-data", content["application/json"])
    forbidden = mended["paths"]["/api/v1/accounts/verify_credentials"]["get"]["responses"]["403"]
    for operations in mended["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"].setdefault("403", forbidden)
    return mended


def _properties(document: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Every property that an object of this schema may have, by name."""
    if "$ref" in schema:
        here: Any = document
        for part in str(schema["$ref"]).removeprefix("#/").split("/"):
            here = here[part]
        return _properties(document, here)
    found = dict(schema.get("properties", {}))
    for group in ("allOf", "anyOf", "oneOf"):
        for one in schema.get(group, ()):
            found.update(_properties(document, one))
    return found


def _pattern(template: str) -> re.Pattern[str]:
    """`/api/v1/statuses/{id}` as an expression that matches a whole path."""
    pieces = re.split(r"\{\w+\}", template)
    return re.compile("^" + "[^/]+".join(re.escape(piece) for piece in pieces) + "$")


def _pointer(template: str, method: str) -> str:
    return f"/paths/{_escaped(template)}/{method.lower()}"


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


def _typed(text: str, schema: Mapping[str, Any]) -> Any:
    if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if schema.get("type") == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


@cache
def _document() -> dict[str, Any] | None:
    folder = os.environ.get("NIVA_CONTRACTS")
    if not folder:
        return None
    return _mended(json.loads((Path(folder) / "mastodon" / "openapi.json").read_text("utf-8")))


def load_contract() -> Contract | None:
    """The contract, or None where NIVA_CONTRACTS is not set."""
    document = _document()
    return Contract(document) if document is not None else None
