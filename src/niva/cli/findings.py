"""What one look of the doctor gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MARKS = {"fine": "✓", "note": "·", "wrong": "✗"}


@dataclass(frozen=True)
class Finding:
    """`fine`, `note` (works, but know this) or `wrong`, with what it means and how to mend it."""

    level: Literal["fine", "note", "wrong"]
    subject: str
    text: str
    mend: str = ""

    def as_text(self) -> str:
        """One line, and another one with the cure."""
        line = f"{MARKS[self.level]} {self.subject}: {self.text}"
        return f"{line}\n    → {self.mend}" if self.mend else line

    def as_dict(self) -> dict[str, str]:
        return {"level": self.level, "subject": self.subject, "text": self.text, "mend": self.mend}
