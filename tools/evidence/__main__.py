"""Run every chapter, write docs/explanation/evidence.md, print one line of JSON.

    python -m evidence [--only forecast] [--quick]

The data sets are found through NIVA_DATA; chapters that want them are skipped loudly without.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import pkgutil
import sys
import time
from pathlib import Path

import evidence
from evidence.chapter import Chapter

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "explanation" / "evidence.md"
INTRODUCTION = """# What the numbers' engines are worth

This page is written by `make evidence`; its tables are what the engines did on real data, never what they
were made to do: every figure is of data that came after what the engine had seen, or of series whose
thresholds were chosen on the others.
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="one chapter; the page is not written")
    parser.add_argument(
        "--quick", action="store_true", help="fewer simulated worlds; the page is not written"
    )
    options = parser.parse_args()
    data = Path(os.environ["NIVA_DATA"]) if os.environ.get("NIVA_DATA") else None
    chapters = []
    for name in _names():
        if options.only in (None, name):
            chapters.append(_one(name, data, options.quick))
    if not options.only and not options.quick and data is not None:
        PAGE.write_text(_page(chapters))
    print(json.dumps(_line(chapters), ensure_ascii=False, allow_nan=False))
    return 0 if all(chapter.ok for chapter in chapters) else 1


def _names() -> list[str]:
    here = sorted(found.name for found in pkgutil.iter_modules(evidence.__path__))
    return [name for name in here if name not in ("__main__", "chapter") and not name.startswith("_")]


def _one(name: str, data: Path | None, quick: bool) -> Chapter:
    began = time.monotonic()
    chapter: Chapter = importlib.import_module(f"evidence.{name}").study(data, quick=quick)
    took = time.monotonic() - began
    print(
        f"{name}: {took:.0f} s{'' if chapter.ok else ', NOT OK: ' + '; '.join(chapter.because)}",
        file=sys.stderr,
    )
    return chapter


def _page(chapters: list[Chapter]) -> str:
    return "\n".join([INTRODUCTION, *(f"## {one.title}\n\n{one.text}\n" for one in chapters)])


def _line(chapters: list[Chapter]) -> dict[str, object]:
    ok = all(chapter.ok for chapter in chapters)
    return {"ok": ok, **{one.name: one.figures | {"ok": one.ok, "because": one.because} for one in chapters}}


if __name__ == "__main__":
    raise SystemExit(main())
