"""The OpenAPI description of LinkedIn's marketing APIs that a third party keeps (there is no official one).

It is thin: methods, paths, names of parameters and headers, and bodies as examples. So each request is held
against it where the call is described: the parameters it must have, the headers, and the keys of the body.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

import yaml

FILES: Final = ("linkedin-marketing-content.yml", "linkedin-marketing-community.yml")
# Calls of ours -> (file's path, method), where the description has them.
KNOWN: Final = {
    ("POST", r"/rest/images"): "/images",
    ("POST", r"/rest/videos"): "/videos",
    ("GET", r"/rest/images/[^/]+"): "/rest/images/{image_urn}",
    ("POST", r"/rest/posts"): "/posts",
    ("GET", r"/rest/posts/[^/]+"): "/posts/{encoded ugcPostUrn|shareUrn}",
    ("DELETE", r"/rest/posts/[^/]+"): "/posts/{encoded ugcPostUrn|shareUrn}",
    ("POST", r"/rest/posts/[^/]+"): "/posts/{shared ID}/{ugcPosts ID}",
    ("GET", r"/rest/organizationalEntityShareStatistics"): "/organizationalEntityShareStatistics",
    ("GET", r"/rest/organizationPageStatistics"): "/organizationPageStatistics",
    ("GET", r"/rest/organizations/\d+"): "/organizations/{organization_id}",
    ("GET", r"/rest/networkSizes/[^/]+"): "/networkSizes/urn:li:organization:{organization_id}",
    ("GET", r"/rest/organizationAcls"): "/organizationAcls",
}
# Example bodies show one case; these keys are for others, by LinkedIn's own pages.
_BESIDES: Final = {"uploadToken", "uploadedPartIds", "finalizeUploadRequest", "video"}
_OPTIONAL: Final = {"timeIntervals.timeGranularityType", "timeIntervals.timeRange.start",
                    "timeIntervals.timeRange.end", "projection", "organization"}  # fmt: skip


class Contract:
    """`breaches`: what did not fit, in words; `checked`: how many requests were held against it."""

    def __init__(self, documents: list[Mapping[str, Any]]) -> None:
        self.operations: dict[tuple[str, str], Mapping[str, Any]] = {}
        for document in documents:
            for path, methods in document["paths"].items():
                for method, operation in methods.items():
                    if isinstance(operation, dict):
                        self.operations[method.upper(), path] = {**operation, "document": document}
        self.breaches: list[str] = []
        self.checked = 0

    def request(self, method: str, path: str, query: str, headers: Mapping[str, str], body: Any) -> None:
        """Check one request of ours; calls that the description lacks pass."""
        names = (
            theirs for (verb, ours), theirs in KNOWN.items() if verb == method and re.fullmatch(ours, path)
        )
        operation = self.operations.get((method, next(names, "")))
        if operation is None:
            return
        self.checked += 1
        where = f"{method} {path}"
        sent = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
        for one in operation.get("parameters", ()):
            name, place = str(one.get("name")), one.get("in")
            if place == "header" and name.lower() not in {header.lower() for header in headers}:
                self.breaches.append(f"{where}: no header {name}")
            if place == "query" and name not in sent and name not in _OPTIONAL:
                self.breaches.append(f"{where}: no parameter {name}")
        if body is not None:
            self._body(where, operation, body)

    def _body(self, where: str, operation: Mapping[str, Any], body: Mapping[str, Any]) -> None:
        """Keys of the body against those of the example."""
        content = next(iter(operation.get("requestBody", {}).get("content", {}).values()), {})
        name = str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2]
        schema = operation["document"]["components"]["schemas"].get(name, {})
        example = _parsed(str(schema.get("example", "")))
        if example is None:
            self.breaches.append(f"{where}: the description shows no body")
            return
        known = set(example) | _BESIDES | {"content"}
        self.breaches += [f"{where}: {key} is not in the example" for key in set(body) - known]
        if not set(body) & _BESIDES:
            missing = set(example) - set(body) - {"content"}
            self.breaches += [f"{where}: {key} is missing" for key in missing]


def _parsed(example: str) -> Any:
    """The example, which stands as a quoted string with comments in it."""
    try:
        text = json.loads(example)
        return json.loads(re.sub(r"//[^\n]*", "", text))
    except ValueError:
        return None


@cache
def _documents() -> list[Mapping[str, Any]] | None:
    folder = os.environ.get("NIVA_CONTRACTS")
    if not folder:
        return None
    return [yaml.safe_load((Path(folder) / "linkedin" / name).read_text("utf-8")) for name in FILES]


def load_contract() -> Contract | None:
    """The contract, or None where NIVA_CONTRACTS is not set."""
    documents = _documents()
    return Contract(documents) if documents is not None else None
