"""Structured logs: one JSON object a line, with everything that looks like a secret taken out."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from niva.kit.redaction import hide

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def scrub(text: str) -> str:
    """The text without tokens, passwords and authorization headers."""
    return hide(text)


class JsonFormatter(logging.Formatter):
    """`{"at", "level", "logger", "message", ...extras}`; a traceback goes into "error"."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": scrub(record.getMessage()),
        }
        for name, value in vars(record).items():
            if name not in _STANDARD and name not in {"request", "server_time"}:
                line[name] = scrub(str(value)) if not isinstance(value, (int, float, bool)) else value
        if record.exc_info:
            line["error"] = scrub(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
