"""Find the interface strings of Niva: in Python through `ast`, in templates through Django's own parser.

Owns what counts as a string for people and what counts as one that escaped translation.
Knows nothing of .po files; `messages.py` compares.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.base import Lexer, Parser, Token, TokenType
from django.template.engine import Engine
from django.template.exceptions import TemplateSyntaxError
from django.templatetags import i18n

ROOT = Path(__file__).resolve().parent.parent
CODE = ROOT / "src" / "niva"
ISLANDS = ROOT / "frontend"

CYRILLIC = re.compile(r"[А-Яа-яЁё]")
# Folders whose Cyrillic is data, not interface: demo posts, the grammar of Russian, texts of tests.
DATA = (
    "/tests/",
    "/demo/",
    "/locale/",
    "/migrations/",
    "/kit/text/",
    "/factories.py",
    "/testing.py",
    "/practice/server/",
)
# A language is called by its own name in every language.
OWN_NAMES = {"Русский"}
# A line that ends so holds Cyrillic on purpose; the reason stands after the colon.
PRAGMA = re.compile(r"(#|//|\{#|/\*)\s*cyrillic:\s*\S")

# name -> how its first arguments are laid out
CALLS = {
    "gettext": ("msgid",),
    "gettext_lazy": ("msgid",),
    "gettext_noop": ("msgid",),
    "ugettext": ("msgid",),
    "_": ("msgid",),
    "N_": ("msgid",),
    "ngettext": ("msgid", "plural"),
    "ngettext_lazy": ("msgid", "plural"),
    "pgettext": ("context", "msgid"),
    "pgettext_lazy": ("context", "msgid"),
    "npgettext": ("context", "msgid", "plural"),
    "npgettext_lazy": ("context", "msgid", "plural"),
}


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """One string for people: what gettext looks up."""

    msgid: str
    plural: str | None = None
    context: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same entry in a catalogue: context and msgid."""
        return (self.context or "", self.msgid)


@dataclass(slots=True)
class Found:
    """All strings of the tree, each with the places it stands in, and what escaped translation."""

    messages: dict[Message, list[str]] = field(default_factory=dict)
    escaped: list[str] = field(default_factory=list)

    def add(self, message: Message, place: str) -> None:
        self.messages.setdefault(message, []).append(place)


def collect() -> Found:
    """Read the whole tree. A file that cannot be read is one of the things that escaped."""
    if not settings.configured:
        settings.configure(USE_I18N=True)
    found = Found()
    templates = (path for path in CODE.rglob("templates/**/*") if path.suffix in {".html", ".txt", ".xml"})
    for reader, paths in (
        (_python, CODE.rglob("*.py")),
        (_template, templates),
        (_cyrillic_lines, _frontend()),
    ):
        for path in sorted(paths):
            try:
                reader(path, found)
            except (SyntaxError, TemplateSyntaxError) as error:
                found.escaped.append(f"{_name(path)}: cannot be read: {error}")
    return found


def _frontend() -> Iterator[Path]:
    for folder in ("islands", "styles", "build"):
        for path in sorted((ISLANDS / folder).rglob("*")):
            if path.suffix in {".ts", ".css"}:
                yield path


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _is_data(path: Path) -> bool:
    return any(part in f"/{_name(path)}" for part in DATA)


# Python


def _python(path: Path, found: Found) -> None:
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source, str(path))
    names = _call_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            message = _call(node, names)
            if message is not None:
                found.add(message, f"{_name(path)}:{node.lineno}")
    if not _is_data(path):
        _python_cyrillic(path, source, tree, found)


def _call_names(tree: ast.Module) -> dict[str, tuple[str, ...]]:
    """The names this module calls gettext by, aliases of its imports among them."""
    names = dict(CALLS)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name in CALLS and alias.asname:
                    names[alias.asname] = CALLS[alias.name]
    return names


def _call(node: ast.Call, names: dict[str, tuple[str, ...]]) -> Message | None:
    func = node.func
    name = func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""
    layout = names.get(name)
    if layout is None or len(node.args) < len(layout):
        return None
    values: dict[str, str] = {}
    for key, argument in zip(layout, node.args, strict=False):
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
            return None
        values[key] = argument.value
    return Message(**values) if values["msgid"] else None


def _python_cyrillic(path: Path, source: str, tree: ast.Module, found: Found) -> None:
    lines = source.splitlines()
    prose = {id(node) for node in _docstrings(tree)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            continue
        if id(node) in prose or node.value in OWN_NAMES or not CYRILLIC.search(node.value):
            continue
        last = node.end_lineno or node.lineno
        if not any(PRAGMA.search(line) for line in lines[node.lineno - 1 : last]):
            found.escaped.append(f"{_name(path)}:{node.lineno}: Cyrillic in code: {node.value[:60]!r}")


def _docstrings(tree: ast.Module) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            for child in node.body:
                if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                    yield child.value


def _cyrillic_lines(path: Path, found: Found) -> None:
    comment = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        comment = comment or "/*" in line
        code = "" if comment else line.split("//")[0] if not re.search(r"https?://", line) else line
        if "*/" in line:
            comment = False
        if CYRILLIC.search(code) and not PRAGMA.search(line):
            found.escaped.append(f"{_name(path)}:{number}: Cyrillic in code: {line.strip()[:60]!r}")


# Templates

INLINE = re.compile(r"""_\((?:"([^"\\]*(?:\\.[^"\\]*)*)"|'([^'\\]*(?:\\.[^'\\]*)*)')\)""")
TRANSLATE = {"translate": i18n.do_translate, "trans": i18n.do_translate}
BLOCK = {"blocktranslate": i18n.do_block_translate, "blocktrans": i18n.do_block_translate}


def _any_filter(value: Any, arg: Any = None) -> Any:
    return value


class _Lenient(Parser):
    """Django's parser for one tag at a time; filters of other libraries are let through."""

    def find_filter(self, filter_name: str) -> Any:
        return self.filters.get(filter_name, _any_filter)


def _template(path: Path, found: Found) -> None:
    engine = Engine(debug=True)
    tokens: list[Token] = Lexer(path.read_text(encoding="utf-8")).tokenize()
    page: list[str] = []
    place = _name(path)
    while tokens:
        token = tokens.pop(0)
        if token.token_type == TokenType.TEXT:
            page.append(token.contents)
            continue
        page.append("\x00" + "\n" * token.contents.count("\n"))
        if token.token_type == TokenType.COMMENT:
            continue
        for double, single in INLINE.findall(token.contents):
            found.add(Message(double or single), f"{place}:{token.lineno}")
        if token.token_type != TokenType.BLOCK:
            continue
        command = token.split_contents()[0]
        if command == "comment":
            while tokens and tokens.pop(0).contents.strip() != "endcomment":
                pass
        elif command == "block" and token.split_contents()[1].endswith("_class"):
            # names of classes that a page gives to its frame, no words
            while tokens and tokens[0].token_type == TokenType.TEXT:
                page.append("\n" * tokens.pop(0).contents.count("\n"))
        elif command in TRANSLATE or command in BLOCK:
            tokens = _translation(token, tokens, engine, found, place)
        elif CYRILLIC.search(token.contents):
            found.escaped.append(f"{place}:{token.lineno}: Cyrillic in a tag: {token.contents[:60]!r}")
    _bare_text(place, "".join(page), found)


def _translation(token: Token, rest: list[Token], engine: Engine, found: Found, place: str) -> list[Token]:
    """Let Django build the node, read the msgid out of it, give back the tokens that are left."""
    parser = _Lenient(rest, engine.template_libraries, engine.template_builtins)
    command = token.split_contents()[0]
    where = f"{place}:{token.lineno}"
    if command in TRANSLATE:
        node: Any = TRANSLATE[command](parser, token)
        text = getattr(node.filter_expression.var, "literal", None)
        if isinstance(text, str):
            found.add(Message(str(text), None, _context(node)), where)
    else:
        node = BLOCK[command](parser, token)
        singular, _vars = node.render_token_list(node.singular)
        plural = node.render_token_list(node.plural)[0] if node.plural else None
        found.add(Message(singular, plural, _context(node)), where)
    # The parser consumes from the end of a reversed copy of its list.
    return list(reversed(parser.tokens))


def _context(node: Any) -> str | None:
    expression = node.message_context
    if expression is None:
        return None
    value = expression.resolve({})
    return str(value) if value else None


SPOKEN = {"aria-label", "title", "placeholder", "alt", "aria-description", "label"}
SILENT = {"script", "style", "svg", "code", "kbd", "pre", "template"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
WORD = re.compile(r"[^\W\d_]{2,}")
# Names are the same in every language.
NAMES = {"Niva", "VK", "Telegram", "Mastodon", "Bluesky"}
NAMES |= {"API", "URL", "JSON", "https", "px", "nbsp", "times"}


class _Bare(HTMLParser):
    """Words a template says without gettext. `translate="no"` on an element silences what is inside."""

    def __init__(self, place: str, found: Found) -> None:
        super().__init__(convert_charrefs=False)
        self.place, self.found = place, found
        self.quiet: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID and (self.quiet or tag in SILENT or given.get("translate") == "no"):
            self.quiet.append(tag)
        spoken = [given.get(name) for name in SPOKEN]
        if tag == "input" and given.get("type") in {"submit", "button"}:
            spoken.append(given.get("value"))
        if given.get("translate") != "no":
            self._tell(value for value in spoken if value)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.quiet:
            while self.quiet and self.quiet.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self.quiet:
            self._tell([data])

    def _tell(self, texts: Iterable[str]) -> None:
        for text in texts:
            words = [word for word in WORD.findall(text) if word not in NAMES]
            if words:
                line = self.getpos()[0]
                self.found.escaped.append(f"{self.place}:{line}: not translated: {text.strip()[:60]!r}")


def _bare_text(place: str, page: str, found: Found) -> None:
    if not place.endswith((".html", ".svg")):
        return
    parser = _Bare(place, found)
    # `<details{% if … %} open{% endif %}>`: a parser of HTML wants a blank after the name.
    parser.feed(re.sub(r"(<[a-zA-Z][\w-]*)(?=\x00)", r"\1 ", page))
    parser.close()
