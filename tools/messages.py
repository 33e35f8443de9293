"""The words of the interface: extract, merge, compile and check translations, without system gettext.

    python tools/messages.py extract          write locale/messages.pot (and say how many strings there are)
    python tools/messages.py merge FILE.po    put translations into the Russian catalogue (locked, sorted)
    python tools/messages.py compile          django.po -> django.mo
    python tools/messages.py check            fail on anything missing, empty, stale, mismatched or hard-coded
    python tools/messages.py missing          print a .po with what is still to be translated

English is the msgid language, so only Russian has a catalogue.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polib
from message_sources import CODE, ROOT, Found, Message, collect

sys.path.insert(0, str(ROOT / "src"))
from niva.kit.text import typo

CATALOGUE = CODE / "locale" / "ru" / "LC_MESSAGES" / "django.po"
# CLDR's one, few, many; a decimal fraction takes `many` here, which no page of ours needs.
PLURALS = (
    "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);"
)
FORMS = 3
HEADER = {
    "Project-Id-Version": "niva",
    "Language": "ru",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": PLURALS,
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|(%[sd])|\{(\w*)\}")


def main(argv: list[str] | None = None) -> int:
    """Run one command; the result is the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("extract", "compile", "check", "missing"):
        commands.add_parser(name)
    commands.add_parser("merge").add_argument("files", nargs="+", type=Path)
    commands.add_parser("prune")
    options = parser.parse_args(argv)
    if options.command == "merge":
        return max(merge(path) for path in options.files)
    return {"extract": extract, "compile": compile_, "check": check, "missing": missing, "prune": prune}[
        options.command
    ]()


@contextmanager
def locked() -> Iterator[None]:
    """One writer of the catalogue at a time, across processes."""
    name = hashlib.sha256(str(CATALOGUE).encode()).hexdigest()[:12]
    with (Path(tempfile.gettempdir()) / f"niva-messages-{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def load() -> polib.POFile:
    """The Russian catalogue, or a new empty one."""
    if CATALOGUE.exists():
        return polib.pofile(str(CATALOGUE), wrapwidth=110)
    return polib.POFile(wrapwidth=110)


def save(catalogue: polib.POFile, path: Path) -> None:
    """Write sorted by msgid, whole or not at all."""
    catalogue.metadata = dict(HEADER)
    catalogue.sort(key=lambda entry: (entry.msgid.lower(), entry.msgid, entry.msgctxt or ""))
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    catalogue.save(str(draft))
    draft.replace(path)


def key(entry: polib.POEntry) -> tuple[str, str]:
    """Context and msgid: what makes an entry the same."""
    return (entry.msgctxt or "", entry.msgid)


def merge(path: Path) -> int:
    """Add the translations of `path`; where they differ from what was there, they win and it is told."""
    with locked():
        catalogue = load()
        present = {key(entry): entry for entry in catalogue}
        added = changed = 0
        for entry in polib.pofile(str(path)):
            if entry.obsolete or not (entry.msgstr or any(entry.msgstr_plural.values())):
                continue
            forms = {n: text for n, text in entry.msgstr_plural.items() if n < FORMS}
            old = present.get(key(entry))
            if old is None:
                fresh = polib.POEntry(
                    msgid=entry.msgid,
                    msgctxt=entry.msgctxt,
                    msgid_plural=entry.msgid_plural,
                    msgstr=entry.msgstr,
                    msgstr_plural=forms,
                    tcomment=entry.tcomment,
                )
                catalogue.append(fresh)
                present[key(entry)] = fresh
                added += 1
            elif (old.msgstr, old.msgstr_plural) != (entry.msgstr, forms):
                print(f"changed: {entry.msgid[:60]!r}: {old.msgstr!r} -> {entry.msgstr!r}")
                old.msgid_plural = entry.msgid_plural or old.msgid_plural
                old.msgstr, old.msgstr_plural = entry.msgstr, forms
                changed += 1
        save(catalogue, CATALOGUE)
    print(f"{path.name}: {added} added, {changed} changed, {len(present)} in the catalogue")
    compile_()
    print("compiled Russian carries no-break spaces; in tests compare through niva.kit.text.plain()")
    return 0


def extract() -> int:
    """Write every string of the tree, untranslated, with its places."""
    found = collect()
    pot = polib.POFile(wrapwidth=110)
    for message, places in sorted(found.messages.items(), key=lambda item: item[0].key):
        pot.append(_entry(message, places))
    save(pot, CODE / "locale" / "messages.pot")
    print(f"{len(pot)} strings in messages.pot")
    return 0


def _entry(message: Message, places: list[str]) -> polib.POEntry:
    places = [place.rsplit(":", 1) for place in places[:3]]
    return polib.POEntry(
        msgid=message.msgid,
        msgid_plural=message.plural or "",
        msgctxt=message.context,
        msgstr_plural=dict.fromkeys(range(FORMS), "") if message.plural else {},
        occurrences=[(path, line) for path, line in places],
    )


def missing() -> int:
    """Print a .po with the strings that have no Russian yet."""
    translated = {key(entry) for entry in load() if _is_full(entry)}
    po = polib.POFile(wrapwidth=110)
    for message, places in sorted(collect().messages.items(), key=lambda item: item[0].key):
        if message.key not in translated:
            po.append(_entry(message, places))
    print(po)
    return 0


def prune() -> int:
    """Take out of the catalogue what no code says any more."""
    said = {message.key for message in collect().messages}
    with locked():
        catalogue = load()
        kept = [entry for entry in catalogue if key(entry) in said]
        gone = len(catalogue) - len(kept)
        catalogue[:] = kept
        save(catalogue, CATALOGUE)
    print(f"{gone} taken out, {len(kept)} kept")
    return 0


def compile_() -> int:
    """Write the .mo beside every .po, typeset: no-break spaces are put in here, so that no page has to."""
    for path in sorted(CODE.glob("locale/*/LC_MESSAGES/*.po")):
        catalogue = polib.pofile(str(path))
        for entry in catalogue:
            entry.msgstr = typo(entry.msgstr)
            entry.msgstr_plural = {form: typo(text) for form, text in entry.msgstr_plural.items()}
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        catalogue.save_as_mofile(str(draft))
        draft.replace(path.with_suffix(".mo"))
        print(f"{path.parent.parent.name}: {len(catalogue.translated_entries())} strings compiled")
    return 0


def check() -> int:
    """Tell everything that would show a person an untranslated or broken string; 1 when there is any."""
    found, catalogue = collect(), load()
    problems = [*_against_code(found, catalogue), *_inside(catalogue), *sorted(found.escaped)]
    for problem in problems:
        print(problem)
    print(f"{len(found.messages)} strings in code, {len(catalogue)} in Russian, {len(problems)} problems")
    return 1 if problems else 0


def _against_code(found: Found, catalogue: polib.POFile) -> Iterator[str]:
    present = {key(entry): entry for entry in catalogue if not entry.obsolete}
    said = set()
    for message, places in sorted(found.messages.items(), key=lambda item: item[0].key):
        said.add(message.key)
        entry = present.get(message.key)
        if entry is None:
            yield f"{places[0]}: no Russian for {message.msgid[:70]!r}"
        elif message.plural and entry.msgid_plural != message.plural:
            yield f"{places[0]}: the plural differs from the catalogue: {message.plural[:70]!r}"
    for entry in catalogue:
        if entry.obsolete or key(entry) not in said:
            yield f"django.po:{entry.linenum}: no code says it any more: {entry.msgid[:70]!r}"


def _is_full(entry: polib.POEntry) -> bool:
    if entry.msgid_plural:
        return len(entry.msgstr_plural) == FORMS and all(entry.msgstr_plural.values())
    return bool(entry.msgstr)


def _inside(catalogue: polib.POFile) -> Iterator[str]:
    for entry in catalogue:
        where = f"django.po:{entry.linenum}"
        if entry.fuzzy:
            yield f"{where}: fuzzy: {entry.msgid[:70]!r}"
        if not _is_full(entry):
            yield f"{where}: empty or without all {FORMS} forms: {entry.msgid[:70]!r}"
            continue
        wanted = _placeholders(entry.msgid_plural or entry.msgid)
        for text in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            if _placeholders(text) != wanted:
                yield f"{where}: placeholders differ: {entry.msgid[:50]!r} / {text[:50]!r}"


def _placeholders(text: str) -> list[str]:
    """Names in any order; nameless ones counted."""
    found = PLACEHOLDER.findall(text.replace("%%", ""))
    named = {name or braced for name, bare, braced in found if name or braced}
    return sorted(named) + [bare or "{}" for name, bare, braced in found if not name and not braced]


if __name__ == "__main__":
    sys.exit(main())
