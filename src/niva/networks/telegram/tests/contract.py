"""Checks requests and replies against the Bot API's own tables (api.json under NIVA_CONTRACTS)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

_PLAIN = {"String": str, "Integer": int, "Float": (int, float), "Boolean": bool, "True": bool}
# Bounds stand in the descriptions: (pattern, of which type, how its size is taken).
_SIZES: list[tuple[re.Pattern[str], type, Callable[[Any], int]]] = [
    (re.compile(r"(\d+)-(\d+) characters"), str, lambda text: len(text.encode("utf-16-le")) // 2),
    (re.compile(r"(\d+)-(\d+) (?:items|answer options)"), list, len),
    (re.compile(r"(?:active after creation|Values between) ?,? ?(\d+)-(\d+)"), int, int),
]
_FIXED = re.compile(r"(?:always|must be) [“\"]?(\w+)[”\"]?$")


def contract_folder() -> Path | None:
    """Where the contract lies, or None when this machine has none."""
    root = os.environ.get("NIVA_CONTRACTS")
    folder = Path(root) / "telegram" if root else None
    return folder if folder is not None and (folder / "api.json").is_file() else None


@cache
def load_contract() -> Contract | None:
    folder = contract_folder()
    return None if folder is None else Contract(json.loads((folder / "api.json").read_text("utf-8")))


class Contract:
    """`request` and `reply` give the list of what is wrong, empty when all is right."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.methods = data["methods"]
        self.types = data["types"]

    def request(self, method: str, params: dict[str, Any], files: set[str]) -> list[str]:
        if method not in self.methods:
            return [f"{method}: no such method"]
        fields = {field["name"]: field for field in self.methods[method].get("fields", ())}
        given = set(params) | {name for name in files if name in fields}
        wrong = [f"{method}: unknown parameter {name}" for name in set(params) - set(fields)]
        wrong += [
            f"{method}: {name} is missing"
            for name, field in fields.items()
            if field["required"] and name not in given
        ]
        attached = set(re.findall(r"attach://(\w+)", json.dumps(params)))
        wrong += [f"{method}: file {name} is not sent" for name in attached - files]
        wrong += [f"{method}: file {name} is used by nothing" for name in files - attached - set(fields)]
        for name, value in params.items():
            if name in fields:
                wrong += self._field(f"{method}.{name}", fields[name], value)
        return wrong

    def reply(self, method: str, result: Any) -> list[str]:
        return self._any(f"{method} reply", self.methods[method]["returns"], result)

    def _field(self, where: str, field: dict[str, Any], value: Any) -> list[str]:
        wrong = self._any(where, field["types"], value)
        text = field["description"]
        for pattern, kind, size in _SIZES:
            found = pattern.search(text)
            if found and isinstance(value, kind) and not int(found[1]) <= size(value) <= int(found[2]):
                wrong.append(f"{where}: {size(value)}, allowed {found[1]}-{found[2]}")
        fixed = _FIXED.search(text)
        if fixed and isinstance(value, str) and value != fixed[1]:
            wrong.append(f"{where}: {value}, allowed {fixed[1]}")
        return wrong

    def _any(self, where: str, types: list[str], value: Any) -> list[str]:
        items = [kind.removeprefix("Array of ") for kind in types if kind.startswith("Array of ")]
        if isinstance(value, list) and len(items) == len(types):  # an album may mix its kinds
            return [w for i, v in enumerate(value) for w in self._any(f"{where}[{i}]", items, v)]
        tries = [self._one(where, kind, value) for kind in types]
        return min(tries, key=len)

    def _one(self, where: str, kind: str, value: Any) -> list[str]:
        if kind.startswith("Array of "):
            if not isinstance(value, list):
                return [f"{where}: {value!r} is no list"]
            return self._any(where, [kind], value)
        if kind in _PLAIN:
            truth = kind in ("Boolean", "True")
            fits = isinstance(value, _PLAIN[kind]) and isinstance(value, bool) == truth
            return [] if fits else [f"{where}: {value!r} is no {kind}"]
        if kind == "InputFile":
            return [f"{where}: a file belongs into the form"]
        return self._object(where, kind, value)

    def _object(self, where: str, kind: str, value: Any) -> list[str]:
        described = self.types[kind]
        if subtypes := described.get("subtypes"):
            return self._any(where, subtypes, value)
        if not isinstance(value, dict):
            return [f"{where}: {value!r} is no {kind}"]
        fields = {field["name"]: field for field in described.get("fields", ())}
        wrong = [f"{where}: unknown field {name} of {kind}" for name in set(value) - set(fields)]
        for name, field in fields.items():
            if name in value:
                wrong += self._field(f"{where}.{name}", field, value[name])
            elif field["required"]:
                wrong.append(f"{where}: {kind} lacks {name}")
        return wrong
