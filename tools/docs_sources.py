"""What the documents need to know of the code: variables it reads, commands it has, words it shows."""

from __future__ import annotations

import argparse
import ast
import io
import os
import re
import tokenize
import tomllib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
CODE: Final = ROOT / "src" / "niva"
VARIABLES: Final = ROOT / "tools" / "variables.toml"
NAMED: Final = re.compile(r"(?:NIVA|LC)_[A-Z_]+|LANG|DATABASE_URL|EMAIL_URL")
READERS: Final = ("os.environ.get", "os.getenv", "os.environ.setdefault", "flag")
OF_EVERY_PROGRAM: Final = frozenset({"PATH", "LD_LIBRARY_PATH"})


def variables_in_code() -> dict[str, set[str]]:
    """Every environment variable that a program of this repository reads, and the files that read it."""
    found: dict[str, set[str]] = {}
    files = [*CODE.rglob("*.py"), *(ROOT / "tools").glob("*.py"), *(ROOT / "tests").rglob("*.py")]
    own = {"docs.py", "docs_reference.py", "docs_sources.py", "test_docs.py"}
    for path in (one for one in files if one.name not in own):
        for name in _read_by(path.read_text(encoding="utf-8")) - OF_EVERY_PROGRAM:
            found.setdefault(name, set()).add(str(path.relative_to(ROOT)))
    script = ROOT / ".ci" / "run"
    for name in re.findall(r"\$\{?(NIVA_[A-Z_]+)", script.read_text(encoding="utf-8")):
        found.setdefault(name, set()).add(".ci/run")
    return found


def _read_by(source: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in READERS and node.args:
            names.add(_text(node.args[0]))
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            names.add(_text(node.slice))
        elif NAMED.fullmatch(_text(node)):
            names.add(_text(node))
    return names - {""}


def _text(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def variables_described() -> dict[str, dict[str, str]]:
    return tomllib.loads(VARIABLES.read_text(encoding="utf-8"))


def parser() -> argparse.ArgumentParser:
    """The parser of `niva` as it is built for an English terminal."""
    before = {name: os.environ.pop(name, None) for name in ("LC_ALL", "LC_MESSAGES", "LANG")}
    try:
        from niva.cli.main import _parser

        return _parser()
    finally:
        os.environ.update({name: value for name, value in before.items() if value is not None})


def commands_of(found: argparse.ArgumentParser) -> dict[str, tuple[str, argparse.ArgumentParser]]:
    """Sub-commands by name: (line of help, parser)."""
    for action in found._actions:
        if isinstance(action, argparse._SubParsersAction):
            lines = {one.dest: one.help or "" for one in action._choices_actions}
            return {name: (lines.get(name, ""), one) for name, one in action.choices.items()}
    return {}


def comments_of(path: Path) -> dict[str, str]:
    """String constant → the comment at the end of its line. How this repository explains its word lists."""
    text = path.read_text(encoding="utf-8")
    strings: dict[int, str] = {}
    found = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.STRING and "\n" not in token.string:
            strings[token.start[0]] = str(ast.literal_eval(token.string))
        elif token.type == tokenize.COMMENT and token.start[0] in strings:
            found[strings[token.start[0]]] = token.string.lstrip("# ")
    return found


def words_on_pages() -> tuple[frozenset[str], frozenset[str]]:
    """All strings of the interface, English and Russian: ours, of the forms of networks, and of practice."""
    import messages

    from niva.networks.practice.server.phrases import PHRASES
    from niva.networks.registry import all_networks

    pairs = [(entry.msgid, entry.msgstr) for entry in messages.load()]
    pairs += [(PHRASES["en"][key], words) for key, words in PHRASES["ru"].items()]
    for one in all_networks().values():
        pairs += [(box.label, box.label_ru) for box in one.manifest.fields]
    return frozenset(english for english, _ in pairs), frozenset(russian for _, russian in pairs)
