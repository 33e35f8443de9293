"""The published description of MAX's Bot API, with what came after it.

Comments are newer than the description at hand; their calls stand here after
https://dev.max.ru/docs-api/methods/GET/messages/-messageId-/comments/ and its neighbours.
"""

from __future__ import annotations

from typing import Any, Final

from tests.networks.openapi import Document, OpenApi, load_openapi

FILE: Final = "max/schema_2026_07_01.json"
# Named for every call in the description's introduction, "HTTP response codes".
STATUSES: Final = (400, 401, 403, 404, 405, 422, 429, 503)
_MID: Final = {"name": "messageId", "in": "path", "required": True, "schema": {"type": "string"}}
_MOMENT: Final = {"type": "integer", "format": "int64"}


def load_contract() -> OpenApi | None:
    """The contract, or None where NIVA_CONTRACTS is not set."""
    return load_openapi(FILE, _mend, statuses=STATUSES)


def _mend(document: Document) -> Document:
    """The live API gives a body without `link` and members without rights; kinds of attachments are told
    apart by their type, which JSON Schema has to be told in its own words."""
    schemas = document["components"]["schemas"]
    schemas["ChatType"]["enum"] = ["chat", "channel", "dialog"]  # as the neighbouring fields describe it
    schemas["MessageBody"]["required"] = ["mid", "seq", "text"]
    schemas["ChatMember"]["allOf"][1]["required"] = ["is_owner", "is_admin"]
    schemas["CommentBody"] = {
        "type": "object",
        "properties": {
            "text": {"type": "string", "maxLength": 4000},
            "link": {"nullable": True, "allOf": [{"$ref": "#/components/schemas/NewMessageLink"}]},
            "format": {"$ref": "#/components/schemas/TextFormat"},
        },
        "required": ["text", "link"],
    }
    query = [
        {"name": name, "in": "query", "schema": schema}
        for name, schema in (("after", _MOMENT), ("before", _MOMENT), ("marker", _MOMENT))
    ]
    query.append(
        {"name": "count", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}}
    )
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/CommentBody"}}}
    document["paths"]["/messages/{messageId}/comments"] = {
        "get": {"parameters": [_MID, *query], "responses": {"200": {"description": "a page"}}},
        "post": {
            "parameters": [_MID],
            "requestBody": {"required": True, "content": body},
            "responses": {"200": _answer("SendMessageResult")},
        },
    }
    for name in ("Attachment", "AttachmentRequest", "Button"):
        _told_apart(document, name)
    return document


def _answer(name: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"description": "", "content": {"application/json": {"schema": schema}}}


def _told_apart(document: Document, name: str) -> None:
    """Lists of a base schema become lists of whichever of its kinds the `type` names."""
    base = f"#/components/schemas/{name}"
    kinds = document["components"]["schemas"][name]["discriminator"]["mapping"]
    whole = {
        "allOf": [{"$ref": base}]
        + [
            {
                "if": {"properties": {"type": {"const": kind}}, "required": ["type"]},
                "then": {"$ref": ref},
            }
            for kind, ref in kinds.items()
            if ref.rpartition("/")[2] in document["components"]["schemas"]
        ]
    }
    for schema in list(document["components"]["schemas"].values()):
        _swap(schema, base, whole)


def _swap(node: Any, base: str, whole: dict[str, Any]) -> None:
    if isinstance(node, list):
        for one in node:
            _swap(one, base, whole)
    elif isinstance(node, dict):
        if node.get("items") == {"$ref": base}:
            node["items"] = whole
        for one in node.values():
            if one is not whole:
                _swap(one, base, whole)
