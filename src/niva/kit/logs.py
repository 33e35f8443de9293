"""Structured logs: one JSON object a line, with everything that looks like a secret taken out."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
_SECRET = re.compile(
    r"(?i)((?:access_|refresh_|bot_)?token|client_secret|password|authorization|accessJwt|refreshJwt)"
    r"([\"']?\s*[=:]\s*[\"']?(?:Bearer\s+)?)([^\s\"'&,}]+)|(/bot)\d+:[\w-]+|(postgres(?:ql)?://[^:/@\s]*:)[^@\s]+"
)


def scrub(text: str) -> str:
    """The text without tokens, passwords and authorization headers."""
    return _SECRET.sub(lambda m: f"{m[1] or ''}{m[2] or ''}{m[4] or ''}{m[5] or ''}***", text)


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
