"""How bodies and queries are read: what PostgreSQL can keep in no text never gets past the door."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.errors import HttpError
from ninja.parser import Parser
from ninja.types import DictStrAny


class SoundParser(Parser):
    """Refuses NUL and half of a surrogate pair in any text."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        body: DictStrAny = json.loads(request.body)
        if not is_sound(body):
            raise ValueError("a text holds NUL (U+0000) or half of a surrogate pair")  # answered with 400
        return body

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> DictStrAny:
        if not is_sound([value for _name, values in data.lists() for value in values]):
            raise HttpError(400, "A value holds NUL (U+0000) or half of a surrogate pair. Take it out.")
        return super().parse_querydict(data, list_fields, request)


def is_sound(value: Any) -> bool:
    """Whether every text within can be kept. Deep nesting ends in json's own error before it comes here."""
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
    if isinstance(value, dict):
        return all(is_sound(name) and is_sound(one) for name, one in value.items())
    if isinstance(value, list):
        return all(is_sound(one) for one in value)
    return True
