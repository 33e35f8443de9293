"""Pinterest's own OpenAPI description (5.23), put to every request and every reply.

It is no part of this project: NIVA_CONTRACTS says where it lies.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_HOME: Final = "urn:pinterest"
# The text of oauth/token tells of this field, its schema does not.
_BESIDES: Final = {"continuous_refresh"}


class Contract:
    """`breaches`: what did not fit, in words; empty at the end of a test that is in order."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        resource = Resource.from_contents(self.document, default_specification=DRAFT202012)
        self.registry: Registry[Any] = Registry().with_resource(_HOME, resource)
        self.breaches: list[str] = []
        # fixed parts go before variable ones: /pins/analytics is no /pins/{pin_id}
        ordered = sorted(self.document["paths"], key=lambda path: path.count("{"))
        self._paths = [(_pattern(path), path) for path in ordered]

    def request(self, method: str, path: str, query: str, kind: str, body: Any) -> None:
        """Check one request: the call is known, parameters and body fit, nothing unknown is sent."""
        where = f"{method} {path}"
        operation = self._operation(method, path)
        if operation is None:
            self.breaches.append(f"{where}: no such call")
            return
        known = {one["name"]: one for one in map(self._here, operation.get("parameters", ()))
                 if one["in"] == "query"}  # fmt: skip
        for name, values in parse_qs(query).items():
            if name not in known:
                self.breaches.append(f"{where}: unknown parameter {name}")
            else:
                self._fits(f"{where} ?{name}", known[name]["schema"], _typed(values[0]))
        content = self._here(operation.get("requestBody", {})).get("content", {})
        if body is None or not content:
            return
        if kind not in content:
            self.breaches.append(f"{where}: a body of {kind}, wanted {sorted(content)}")
            return
        schema = content[kind]["schema"]
        self._fits(f"{where} body", schema, body)
        if properties := self._here(schema).get("properties"):
            chosen = self._chosen(self._here(schema), body)
            for name in sorted(set(body) - set(properties) - chosen - _BESIDES):
                self.breaches.append(f"{where}: unknown field {name}")

    def reply(self, method: str, path: str, status: int, body: Any) -> None:
        """Check one reply of the fake: a status that the call may give, and a body that fits it."""
        operation = self._operation(method, path)
        if operation is None:
            return
        where = f"{method} {path} -> {status}"
        found = operation["responses"].get(str(status)) or operation["responses"].get("default")
        if found is None:
            self.breaches.append(f"{where}: not a status of this call")
            return
        content = self._here(found).get("content", {})
        if "application/json" in content:
            self._fits(where, content["application/json"]["schema"], body)

    def _chosen(self, schema: Mapping[str, Any], body: Mapping[str, Any]) -> set[str]:
        """The fields of the variant that the discriminator names."""
        told = schema.get("discriminator", {})
        target = told.get("mapping", {}).get(str(body.get(told.get("propertyName", ""))), "")
        variant = self._here({"$ref": target.replace("#", f"{_HOME}#")}) if target else {}
        parts = (variant, *variant.get("allOf", ()))
        return {name for part in parts for name in self._here(part).get("properties", {})}

    def _operation(self, method: str, path: str) -> Mapping[str, Any] | None:
        for pattern, template in self._paths:
            found: Mapping[str, Any] | None = self.document["paths"][template].get(method.lower())
            if pattern.match(path) and found is not None:
                return found
        return None

    def _here(self, thing: Any) -> Any:
        """What a reference refers to."""
        while isinstance(thing, dict) and "$ref" in thing:
            here: Any = self.document
            for part in str(thing["$ref"]).partition("#/")[2].split("/"):
                here = here[part]
            thing = here
        return thing

    def _fits(self, where: str, schema: Mapping[str, Any], value: Any) -> None:
        validator = Draft202012Validator(schema, registry=self.registry)
        for error in list(validator.iter_errors(value))[:3]:
            reasons = "; ".join(sorted({one.message[:120] for one in error.context or ()}))
            self.breaches.append(f"{where}: {error.json_path}: {error.message[:200]} {reasons}")


def _of_today(thing: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema: `nullable` becomes a type beside null, references get their home."""
    if isinstance(thing, list):
        return [_of_today(one) for one in thing]
    if not isinstance(thing, dict):
        return thing
    made = {name: _of_today(value) for name, value in thing.items() if name != "nullable"}
    if isinstance(made.get("$ref"), str) and made["$ref"].startswith("#/"):
        made["$ref"] = f"{_HOME}{made['$ref']}"
    if thing.get("nullable") is True:
        if isinstance(made.get("type"), str):
            made["type"] = [made["type"], "null"]
        elif "allOf" in made:
            made = {"anyOf": [{"type": "null"}, {"allOf": made["allOf"]}]}
    return made


def _pattern(template: str) -> re.Pattern[str]:
    pieces = re.split(r"\{\w+\}", template)
    return re.compile("^" + "[^/]+".join(re.escape(piece) for piece in pieces) + "$")


def _typed(text: str) -> Any:
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return {"true": True, "false": False}.get(text, text)


@cache
def _document() -> dict[str, Any] | None:
    """Only the calls that we make and what they refer to: the whole has 1.5 million signs."""
    folder = os.environ.get("NIVA_CONTRACTS")
    if not folder:
        return None
    whole = json.loads((Path(folder) / "pinterest" / "openapi.json").read_text("utf-8"))
    ours = re.compile(r"^/(pins|boards|media|user_account|oauth/token)(/|$)")
    kept: dict[str, Any] = {"paths": {path: one for path, one in whole["paths"].items() if ours.match(path)}}
    wanted = list(_references(kept))
    while wanted:
        kind, name = wanted.pop()
        there = kept.setdefault("components", {}).setdefault(kind, {})
        if name not in there:
            there[name] = whole["components"][kind][name]
            wanted += _references(there[name])
    return dict(_of_today(kept))


def _references(thing: Any) -> Iterator[tuple[str, str]]:
    """(kind, name) of every component that is referred to, also by a discriminator's mapping."""
    if isinstance(thing, dict | list):
        for one in thing.values() if isinstance(thing, dict) else thing:
            yield from _references(one)
    elif isinstance(thing, str) and thing.startswith("#/components/"):
        kind, _, name = thing.removeprefix("#/components/").partition("/")
        yield kind, name


def load_contract() -> Contract | None:
    """The contract, or None where NIVA_CONTRACTS is not set."""
    document = _document()
    return Contract(document) if document is not None else None
