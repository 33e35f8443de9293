"""The documents: reference pages written by the code, and checks of everything that a page promises.

python tools/docs.py write    write the pages of docs/reference anew
python tools/docs.py check    fail when a page is stale, a link is dead, a command or a variable is unknown
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import unquote

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tools"), str(ROOT)]

import docs_reference as reference  # noqa: E402
import docs_sources as sources  # noqa: E402

REFERENCE: Final = ROOT / "docs" / "reference"
NOTE: Final = (
    "<!-- Written by tools/docs.py from the code: change the code, then `python tools/docs.py write`. -->"
)
LINK: Final = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCE: Final = re.compile(r"^(```|~~~).*?^\1", re.M | re.S)
HEADING: Final = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$", re.M)
MAKE: Final = re.compile(r"(?:^|[`\s(])make ([a-z][a-z-]*)\b(?=[`\s.,;)]|$)", re.M)
SAID: Final = re.compile(r"(?:^|[`\s]|bin/)(?:niva|python -m niva) ([a-z]+)\b(?: ([a-z]+)\b)?", re.M)
VARIABLE: Final = re.compile(r"\b(?:NIVA_[A-Z]+(?:_[A-Z]+)*|DATABASE_URL|EMAIL_URL)\b(?!_)")
FILE: Final = re.compile(r"(?:src|tests|tools|frontend|docs)/[\w./-]+")
# Seconds of the processor (others may be at work beside us): a slower check is one that people leave out.
PATIENCE: Final = 10.0


@cache
def pages() -> tuple[Path, ...]:
    """Every page of ours."""
    found = [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "src" / "niva").rglob("*.md"),
        *(ROOT / "tests").rglob("*.md"),
    ]
    return tuple(sorted(path for path in found if "node_modules" not in path.parts))


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def set_up() -> None:
    """Django, and Russian compiled from the catalogue as it stands now."""
    import contextlib
    import io

    import messages

    with contextlib.redirect_stdout(io.StringIO()):
        messages.compile_()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "niva.config.settings")
    import django

    django.setup()


def made(name: str) -> str:
    return f"{NOTE}\n\n{reference.PAGES[name]()}\n"


def write() -> int:
    """Write every page of the reference."""
    set_up()
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name in reference.PAGES:
        (REFERENCE / name).write_text(made(name), encoding="utf-8")
    print(f"{len(reference.PAGES)} pages in docs/reference")
    return 0


def stale_pages() -> Iterator[str]:
    """Reference pages that differ from what the code says."""
    for name in reference.PAGES:
        path = REFERENCE / name
        if not path.exists() or text_of(path) != made(name):
            yield f"docs/reference/{name}: differs from the code: python tools/docs.py write"


def unknown_variables() -> Iterator[str]:
    """Variables read but not described, described but not read, and named on a page without being either."""
    read, described = sources.variables_in_code(), sources.variables_described()
    for name in sorted(set(read) - set(described)):
        yield f"{min(read[name])}: reads {name}, which tools/variables.toml does not describe"
    for name in sorted(set(described) - set(read)):
        yield f"tools/variables.toml: describes {name}, which no code reads"
    for path in pages():
        for name in sorted(set(VARIABLE.findall(text_of(path))) - set(described)):
            yield f"{name_of(path)}: names {name}, which does not exist"


def unknown_commands() -> Iterator[str]:
    """`make x` and `niva x` that a page promises and nobody made."""
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    known = sources.commands_of(sources.parser())
    for path in pages():
        for target in sorted(set(MAKE.findall(_said_as_code(path))) - targets):
            yield f"{name_of(path)}: make {target} is not in the Makefile"
        for command, verb in sorted(set(SAID.findall(_said_as_code(path)))):
            below = sources.commands_of(known[command][1]) if command in known else {}
            if command not in known:
                yield f"{name_of(path)}: niva {command} is no command"
            elif below and verb and verb not in below:
                yield f"{name_of(path)}: niva {command} {verb} is no command"


def _said_as_code(path: Path) -> str:
    """What a page sets as code: fenced blocks and `spans`, a line each."""
    text = text_of(path)
    blocks = [match.group(0) for match in FENCE.finditer(text)]
    spans = re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
    return "\n".join([*blocks, *spans])


def commands_left_out() -> Iterator[str]:
    """Commands that the reference or the READMEs do not tell of."""
    page = text_of(REFERENCE / "commands.md") if (REFERENCE / "commands.md").exists() else ""
    for command in sources.commands_of(sources.parser()):
        if f"## niva {command}\n" not in page:
            yield f"docs/reference/commands.md: niva {command} is missing"
    for name in ("README.md", "README.ru.md"):
        for command in ("make run", "make test"):
            if command not in text_of(ROOT / name):
                yield f"{name}: does not say {command}"


def dead_links() -> Iterator[str]:
    """Links inside the repository that lead nowhere, to files and to headings."""
    for path in pages():
        for link in LINK.findall(FENCE.sub("", text_of(path))):
            if "://" in link or link.startswith(("mailto:", "data:")):
                continue
            file, _, anchor = unquote(link).partition("#")
            target = (path.parent / file).resolve() if file else path
            if not target.exists() or not target.is_relative_to(ROOT):
                yield f"{name_of(path)}: {link} leads nowhere"
            elif anchor and target.suffix == ".md" and anchor not in anchors_of(target):
                yield f"{name_of(path)}: {link}: no such heading"


def missing_files() -> Iterator[str]:
    """Paths that a page names as code and that are not there (any more)."""
    for path in pages():
        for span in sorted(set(re.findall(r"`([^`\n]+)`", FENCE.sub("", text_of(path))))):
            if FILE.fullmatch(span) and not (ROOT / span).exists():
                yield f"{name_of(path)}: there is no {span}"


@cache
def anchors_of(path: Path) -> frozenset[str]:
    """Anchors as GitHub makes them: lower case, signs out, spaces to hyphens, repeats numbered."""
    found: dict[str, int] = {}
    anchors = set()
    for _, title in HEADING.findall(FENCE.sub("", text_of(path))):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "")
        anchor = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        count = found.get(anchor, 0)
        found[anchor] = count + 1
        anchors.add(f"{anchor}-{count}" if count else anchor)
    return frozenset(anchors)


def uneven_twins() -> Iterator[str]:
    """A page in two languages has the same headings, the same pictures and the same code in both."""
    for path in pages():
        russian = _russian_of(path)
        if russian is None:
            continue
        if not russian.exists():
            yield f"{name_of(path)}: there is no {russian.name}"
            continue
        for what, measure in _MEASURES.items():
            mine, other = measure(text_of(path)), measure(text_of(russian))
            if mine != other:
                yield f"{name_of(russian)}: {what} differ from {path.name}: {other} and {mine}"


def _russian_of(path: Path) -> Path | None:
    if path.name == "README.md" and (path.parent == ROOT or path.is_relative_to(ROOT / "src")):
        return path.with_name("README.ru.md")
    if path.name.endswith(".en.md"):
        return path.with_name(path.name.replace(".en.md", ".ru.md"))
    if path.parent == ROOT / "docs" / "how-to" and not path.name.endswith(".ru.md"):
        return path.with_name(path.name.replace(".md", ".ru.md"))
    return None


_MEASURES: Final[dict[str, Callable[[str], object]]] = {
    "headings": lambda text: [len(level) for level, _ in HEADING.findall(FENCE.sub("", text))],
    "pictures": lambda text: re.findall(r"!\[[^\]]*\]\(([^)\s]+)", text),
    "blocks of code": lambda text: len(FENCE.findall(text)),
}


def buttons_renamed() -> Iterator[str]:
    """Words that the tutorial and the instructions set in bold, as buttons and headings, but no page has."""
    english, russian = sources.words_on_pages()
    for path in pages():
        folder = path.relative_to(ROOT).parts[:2]
        if folder not in (("docs", "tutorial"), ("docs", "how-to")):
            continue
        known = russian if path.name.endswith(".ru.md") else english
        for bold in re.findall(r"\*\*(.+?)\*\*", FENCE.sub("", text_of(path))):
            for word in bold.removesuffix("…").rstrip().split(" → "):
                if not any(one == word or (bold.endswith("…") and one.startswith(word)) for one in known):
                    yield f"{name_of(path)}: no page says “{word}”"


def decisions_left_out() -> Iterator[str]:
    """Decisions that their index does not name, and numbers used twice."""
    folder = ROOT / "docs" / "decisions"
    index = text_of(folder / "README.md")
    numbers: dict[str, str] = {}
    for path in sorted(folder.glob("[0-9]*.md")):
        if f"({path.name})" not in index:
            yield f"docs/decisions/README.md: does not name {path.name}"
        if other := numbers.get(path.name[:4]):
            yield f"docs/decisions/{path.name}: {other} has this number too"
        numbers[path.name[:4]] = path.name


CHECKS: Final[tuple[Callable[[], Iterator[str]], ...]] = (
    stale_pages,
    unknown_variables,
    unknown_commands,
    commands_left_out,
    dead_links,
    missing_files,
    uneven_twins,
    buttons_renamed,
    decisions_left_out,
)


def check() -> int:
    """Everything that is wrong with the documents, a line each; 1 when there is anything."""
    began = time.process_time()
    set_up()
    problems = [problem for one in CHECKS for problem in one()]
    took = time.process_time() - began
    print("\n".join([*problems, f"{len(pages())} pages, {len(problems)} problems, {took:.1f} s"]))
    if took > PATIENCE:
        print(f"The check of documents may take {PATIENCE:g} s.")
    return 1 if problems or took > PATIENCE else 0


if __name__ == "__main__":
    sys.exit(write() if sys.argv[1:] == ["write"] else check())
