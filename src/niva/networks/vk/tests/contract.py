"""Checks calls and replies against VK's official schema (folder vk under NIVA_CONTRACTS).

The schema is no plain JSON Schema: `required` stands inside a property, references run between files. So
this is a small reader of its own. It is stricter than VK: a field that the schema does not know is wrong.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any, Final

_TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}
# What the API takes though the schema of January 2025 does not tell, with the place where it is written.
EXTRA_PARAMETERS: Final = {
    "wall.get": {"owner_id": {"type": "integer"}},  # https://dev.vk.com/ru/method/wall.get
}
EXTRA_KEYS: Final = {
    "wall.post": {"group"},  # https://github.com/gitroomhq/postiz-app/issues/1408
}


def contract_folder() -> Path | None:
    """Where the contract lies, or None when this machine has none."""
    root = os.environ.get("NIVA_CONTRACTS")
    folder = Path(root) / "vk" if root else None
    return folder if folder is not None and (folder / "errors.json").is_file() else None


@cache
def load_contract() -> Contract | None:
    folder = contract_folder()
    return None if folder is None else Contract(folder)


class Contract:
    """`request` and `reply` give the list of what is wrong, empty when all is right."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[Path, dict[str, Any]] = {}
        self.methods: dict[str, dict[str, Any]] = {}
        for path in sorted(folder.glob("*/methods.json")):
            for method in json.loads(path.read_text("utf-8"))["methods"]:
                self.methods[method["name"]] = {**method, "at": path}
        errors = json.loads((folder / "errors.json").read_text("utf-8"))["errors"]
        self.errors = {error["code"] for error in errors.values()}

    def keys(self, method: str) -> set[str]:
        """Which keys the method takes: "user", "group", "service"."""
        return set(self.methods[method]["access_token_type"]) | EXTRA_KEYS.get(method, set())

    def request(self, method: str, params: dict[str, str], key: str) -> list[str]:
        """`params`: the form as it came, all text; `key`: what kind of key came with it."""
        if method not in self.methods:
            return [f"{method}: no such method"]
        known = {p["name"]: p for p in self.methods[method].get("parameters", ())}
        known |= EXTRA_PARAMETERS.get(method, {})
        wrong = [] if key in self.keys(method) else [f"{method}: not with the key of a {key}"]
        if params.get("v") != "5.199":
            wrong.append(f"{method}: version {params.get('v')}")
        wrong += [f"{method}: unknown parameter {n}" for n in set(params) - set(known) - {"v"}]
        wrong += [
            f"{method}: {n} is missing" for n, p in known.items() if p.get("required") and n not in params
        ]
        at = self.methods[method]["at"]
        for name, schema in known.items():
            if name in params:
                wrong += self._text(f"{method}.{name}", schema, params[name], at)
        return wrong

    def reply(self, method: str, body: Any) -> list[str]:
        """Wrong against every shape that the method answers with: the fewest complaints."""
        found = self.methods[method]
        shapes = found["responses"].values()
        return min((self._check(f"{method} reply", shape, body, found["at"]) for shape in shapes), key=len)

    def _text(self, where: str, schema: dict[str, Any], text: str, at: Path) -> list[str]:
        """A form value, turned into what the schema means by it."""
        schema, at = self._resolved(schema, at)
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if "array" in kinds:
            items = text.split(",")
            if len(items) > schema.get("maxItems", len(items)):
                return [f"{where}: {len(items)} items"]
            return [w for item in items for w in self._text(f"{where}[]", schema["items"], item, at)]
        value: Any = text
        if "boolean" in kinds:
            if text not in ("0", "1"):
                return [f"{where}: {text!r} is no flag"]
            value = text == "1"
        elif ("integer" in kinds or "number" in kinds) and (text.lstrip("-").isdecimal()):
            value = int(text)
        return self._check(where, {**schema, "type": kinds}, value, at)

    def _resolved(self, schema: dict[str, Any], at: Path) -> tuple[dict[str, Any], Path]:
        while "$ref" in schema:
            name, _, pointer = schema["$ref"].partition("#/")
            path = (at.parent / name).resolve() if name else at
            if not path.is_file():  # a part of VK's API that the contract leaves out
                return {"type": list(_TYPES)}, at
            if path not in self.files:
                self.files[path] = json.loads(path.read_text("utf-8"))
            schema, at = self.files[path], path
            for part in pointer.split("/"):
                schema = schema[part]
        return schema, at

    def _properties(self, schema: dict[str, Any], at: Path) -> dict[str, tuple[dict[str, Any], Path]]:
        schema, at = self._resolved(schema, at)
        found = {name: (inner, at) for name, inner in schema.get("properties", {}).items()}
        for part in schema.get("allOf", ()):
            found |= self._properties(part, at)
        return found

    def _check(self, where: str, schema: dict[str, Any], value: Any, at: Path) -> list[str]:
        schema, at = self._resolved(schema, at)
        if choices := schema.get("oneOf") or schema.get("anyOf"):
            return min((self._check(where, choice, value, at) for choice in choices), key=len)
        kinds = schema.get("type", "object")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        if not any(self._is(kind, value) for kind in kinds):
            return [f"{where}: {value!r} is no {' or '.join(kinds)}"]
        wrong = []
        if "enum" in schema and value not in schema["enum"]:
            wrong.append(f"{where}: {value!r} is none of {schema['enum']}")
        if isinstance(value, int | float):
            if value < schema.get("minimum", value) or value > schema.get("maximum", value):
                wrong.append(f"{where}: {value} is out of bounds")
        elif isinstance(value, list) and "items" in schema:
            wrong += [
                w for i, v in enumerate(value) for w in self._check(f"{where}[{i}]", schema["items"], v, at)
            ]
        elif isinstance(value, dict) and (known := self._properties(schema, at)):
            wrong += [f"{where}: unknown field {name}" for name in set(value) - set(known)]
            for name, (inner, inner_at) in known.items():
                if name in value:
                    wrong += self._check(f"{where}.{name}", inner, value[name], inner_at)
                elif inner.get("required") is True:
                    wrong.append(f"{where}: lacks {name}")
        return wrong

    @staticmethod
    def _is(kind: str, value: Any) -> bool:
        return isinstance(value, _TYPES[kind]) and isinstance(value, bool) == (kind == "boolean")
