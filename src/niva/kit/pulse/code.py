"""Which code a process runs, told by the code itself: one mark on two machines means one program."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path


@cache
def mark(folder: Path) -> str:
    """Eight letters for everything in `*.py` below the folder, as it stood when first asked (some 30 ms)."""
    hashed = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        hashed.update(f"{path.relative_to(folder)}\0".encode())
        hashed.update(path.read_bytes())
    return hashed.hexdigest()[:8]
