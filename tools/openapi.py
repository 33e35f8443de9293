"""The committed OpenAPI document: `write` makes it anew, `check` fails when the code says something else."""

from __future__ import annotations

import difflib
import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "reference" / "openapi.json"


def current() -> str:
    """The document as the code makes it."""
    sys.path.insert(0, str(ROOT / "src"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "niva.config.settings")
    import django

    django.setup()
    from niva.api.v1 import api

    return json.dumps(api.get_openapi_schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main(verb: str) -> int:
    made = current()
    if verb == "write":
        DOCUMENT.parent.mkdir(parents=True, exist_ok=True)
        DOCUMENT.write_text(made, encoding="utf-8")
        return 0
    committed = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    if committed == made:
        return 0
    before, after = committed.splitlines(), made.splitlines()
    diff = difflib.unified_diff(before, after, "committed", "the code", lineterm="", n=2)
    print("\n".join(list(diff)[:60]))
    print("The API differs from docs/reference/openapi.json. If that is meant: python tools/openapi.py write")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "check"))
