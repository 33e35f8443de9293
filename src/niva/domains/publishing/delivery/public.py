"""Public addresses of fitted files, for networks that fetch media themselves.

An address carries the file's path and type under the desk's signature, and the moment of its making: it
opens this one file to whoever has it, for `LIVES`, and nothing else. Nothing is kept, so nothing is left
behind; a new key of the desk (NIVA_SECRET_KEY) ends them all.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core import signing
from django.urls import reverse

from niva.kit.net.public import is_outer_https

# Longer than a delivery is tried by itself (24 hours, see `decide.GIVE_UP_AFTER`) and than any network takes
# to fetch and to process a file.
LIVES: Final = timedelta(hours=48)
_SALT: Final = "niva.public-file"


def base_address() -> str:
    """Where the desk can be reached from outside, without the last slash; "" where it cannot."""
    return settings.BASE_URL if is_outer_https(settings.BASE_URL) else ""


def address_of(path: str, mime: str) -> str:
    """The signed address of a file (`path` relative to the media folder); "" without a public address."""
    base = base_address()
    if not base:
        return ""
    token = signing.dumps([path, mime], salt=_SALT)
    return base + reverse("public_file", args=[token, Path(path).name])


def file_of(token: str, name: str) -> tuple[Path, str] | None:
    """The file behind an address and its type; None: a wrong or old signature, another name, no file."""
    try:
        path, mime = signing.loads(token, salt=_SALT, max_age=LIVES)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    root = Path(settings.MEDIA_ROOT).resolve()
    found = (root / path).resolve()
    if found.name != name or not found.is_relative_to(root) or not found.is_file():
        return None
    return found, mime
