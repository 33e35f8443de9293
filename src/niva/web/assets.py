"""Addresses of what Vite built, read from its manifest."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

DIST = Path(__file__).resolve().parent / "static" / "dist"


@lru_cache(maxsize=4)
def _manifest(stamp: int) -> dict[str, str]:
    """Built file by source path. `stamp` is the manifest's time, so that a new build is noticed in DEBUG."""
    entries = json.loads((DIST / "manifest.json").read_text(encoding="utf-8"))
    return {source: entry["file"] for source, entry in entries.items()}


_kept: dict[str, str] | None = None


def manifest() -> dict[str, str]:
    """Built file by source path. Raises ImproperlyConfigured when the front end was not built."""
    global _kept
    if _kept is not None and not settings.DEBUG:
        return _kept
    try:
        _kept = _manifest((DIST / "manifest.json").stat().st_mtime_ns)
    except OSError as error:
        raise ImproperlyConfigured("The front end is not built: run `make run`, it builds it.") from error
    return _kept


def built(name: str) -> str:
    """The URL of `name` ("main.css", "main.ts", "sprite.svg" or a longer end of the source's path)."""
    for source, file in manifest().items():
        if source == name or source.endswith(f"/{name}"):
            return static(f"dist/{file}")
    raise ImproperlyConfigured(f"The build has no {name}: is it an input in frontend/vite.config.ts?")
