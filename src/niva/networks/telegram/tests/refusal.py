"""How the fake Bot API says no."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """Becomes an answer with ok: false."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.data: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
        if parameters:
            self.data["parameters"] = parameters
