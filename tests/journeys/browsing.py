"""A page under watch: what it complains about, whether it fits, whose words it speaks, who can use it."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

import polib
from playwright.sync_api import Browser, BrowserContext, Page

from niva.networks.registry import all_networks

# Pictures of every page that is looked at, for people, where NIVA_SHOTS=1 asks for them; else only of those
# with something wrong, because drawing a picture takes as long as opening its page.
SHOTS: Final = Path(__file__).parent / "shots"
ALL_SHOTS: Final = os.environ.get("NIVA_SHOTS", "0") not in ("", "0")
CATALOGUE: Final = Path(__file__).parents[2] / "src/niva/locale/ru/LC_MESSAGES/django.po"
WIDTHS: Final = {"desk": (1280, 860), "phone": (390, 844)}
PATIENCE: Final = 15_000  # milliseconds that a page may take on a busy machine

# Everything that a person can read on the page: texts and the attributes that are shown or spoken. Left out
# is what is hidden, what says that it is in another language, what people typed (class own-words), and what
# is inside a picture: there only the name of the picture itself is read out.
_WORDS: Final = """() => {
    const own = document.documentElement.lang, said = [];
    const foreign = e => { const l = e.closest('[lang]'); return l && l.lang !== own; };
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const node = walk.currentNode, box = node.parentElement;
        if (!node.data.trim() || box.closest('script,style,template,.own-words') || foreign(box)) continue;
        if (box.checkVisibility() || box.tagName === 'OPTION') said.push(node.data);
    }
    for (const box of document.querySelectorAll('[aria-label],[title],[placeholder],[alt]'))
        if (!foreign(box) && !box.closest('.own-words') && !box.parentElement.closest('[role=img]'))
            for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
                if (box.getAttribute(name)) said.push(box.getAttribute(name));
    said.push(document.title);
    return said;
}"""
_TOO_WIDE: Final = """() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room + 1) return [];
    return [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > room + 1)
        .map(e => e.tagName + '.' + e.className).slice(0, 6);
}"""
_FOCUS: Final = """() => {
    const e = document.activeElement, s = getComputedStyle(e);
    if (e === document.body) return null;
    const outlined = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0;
    return {what: e.outerHTML.slice(0, 120), seen: outlined || s.boxShadow !== 'none'};
}"""
_NETWORKS: Final = "|".join(
    re.escape(one.title)
    for one in (network.manifest for network in all_networks().values())
    if one.title == one.title_ru or one.name == "vk"
)
# Names of other people's things, addresses and units are the same in every language.
_SAME_EVERYWHERE: Final = re.compile(
    r"\b(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc)/[\w/ +-]+|"
    r"https?://\S*|[\w.+-]+@[\w.-]+|\b(?:[\w-]+\.)+(?:com|org|test|example|social|jpg|png|mp4)\b|"
    rf"\b(?:{_NETWORKS})\b|"
    r"\b(?:API|OAuth|TOTP|URL|JSON|PDF|HTML|XLSX|CSV|DOCX|TXT|SHA|SRT|VTT|MP4|MOV|WebM|PNG|JPEG|JPG|GIF|WebP|HEIC|UTC|"
    r"English|Русский|Ctrl|Cmd|Enter|Esc|Shift|Alt|Tab|Client ID|Client secret|pn|px)\b"
)


@dataclass
class Watched:
    """A browser page with what went wrong on it. `own`: words that people typed, in any language."""

    page: Page
    language: str
    width: str
    theme: str
    own: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _bearable: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.page.on("pageerror", lambda error: self._complain(f"error: {error}"))
        self.page.on("console", lambda m: self._complain(m.text) if m.type in ("error", "warning") else None)
        self.page.on("response", lambda r: self._complain(f"{r.status} {r.url}") if r.status >= 500 else None)

    def _complain(self, text: str) -> None:
        if not any(word in text for word in self._bearable):
            self.complaints.append(f"{self.page.url}: {text}")

    @contextlib.contextmanager
    def bearing(self, *words: str) -> Iterator[None]:
        """Inside, complaints with one of these words are what the journey provokes."""
        self._bearable.extend(words)
        yield
        del self._bearable[-len(words) :]

    def says(self, message: str) -> str:
        """A message of the desk as this person reads it."""
        return message if self.language == "en" else _catalogue()[message]

    def press(self, message: str, *, role: Literal["button", "link"] = "button") -> None:
        """Presses what carries this message."""
        self.page.get_by_role(role, name=self.says(message), exact=True).first.click()

    def check(self, name: str, *, shot: bool = True) -> None:
        """Everything that holds for every page; with a picture for people to look at."""
        self.page.wait_for_load_state("load")
        if shot and ALL_SHOTS:
            self.shoot(name)
        problems = [
            *(f"complaint: {one}" for one in self.complaints),
            *(f"wider than the screen: {one}" for one in self.page.evaluate(_TOO_WIDE)),
            *(f"untranslated: {one}" for one in self.untranslated()),
            *(f"for everybody: {one}" for one in self.unusable()),
        ]
        self.complaints.clear()
        if problems:
            self.shoot(f"wrong-{name}")
        assert not problems, f"{name} ({self.page.url}, {self.width}):\n" + "\n".join(problems)

    def shoot(self, name: str) -> None:
        """A picture of the whole page: name-language-width-theme.png."""
        SHOTS.mkdir(exist_ok=True)
        width = WIDTHS[self.width][0]
        path = SHOTS / f"{name}-{self.language}-{width}-{self.theme}.png"
        self.page.screenshot(path=path, full_page=True, animations="disabled", timeout=PATIENCE)

    def untranslated(self) -> list[str]:
        """Words of the other language, what people typed left out."""
        said = [" ".join(one.split()) for one in self.page.evaluate(_WORDS)]
        return foreign_words(said, self.language, self.own)

    def unusable(self) -> list[str]:
        """Controls without a name, a broken order of headings, pictures without a description."""
        return spoken_problems(self.page.locator("body").aria_snapshot()) + [
            f"picture without alt: {box.get_attribute('src')}"
            for box in self.page.locator("img:not([alt])").all()
        ]

    def check_focus(self, stops: int = 8) -> None:
        """Whoever walks with Tab sees where he is."""
        for _ in range(stops):
            self.page.keyboard.press("Tab")
            found = self.page.evaluate(_FOCUS)
            assert found is None or found["seen"], f"focus cannot be seen on {found['what']}"


@cache
def _catalogue() -> dict[str, str]:
    return {entry.msgid: entry.msgstr for entry in polib.pofile(str(CATALOGUE))}


def foreign_words(said: Sequence[str], language: str, own: Sequence[str]) -> list[str]:
    """What is left in the other alphabet: in Russian Latin words, in English Cyrillic ones.

    A text that is word for word a message of the catalogue is named as such.
    """
    wrong = re.compile(r"[A-Za-z]{2,}" if language == "ru" else r"[А-Яа-яЁё]{2,}")
    ours = {one for one, in_russian in _catalogue().items() if one != in_russian and wrong.search(one)}
    found: dict[str, None] = {}
    for text in said:
        if language == "ru" and text in ours and text not in (*own, "English"):
            found[f"{text!r} is a message of the catalogue"] = None
            continue
        left = text
        for mine in sorted(own, key=len, reverse=True):
            left = left.replace(mine, " ")
        left = _SAME_EVERYWHERE.sub(" ", left)
        if wrong.search(left):
            found[f"{wrong.search(left)[0]!r} in {text[:120]!r}"] = None  # type: ignore[index]
    return list(found)


_CONTROL: Final = re.compile(
    r"- '?(button|link|textbox|combobox|listbox|checkbox|radio|switch|tab|menuitem|searchbox|spinbutton|"
    r"slider|heading|img|group|dialog)\b(?: (\"|/))?"
)
_MAY_BE_NAMELESS: Final = ("group",)


def spoken_problems(snapshot: str) -> list[str]:
    """What a screen reader would stumble over, from Playwright's tree of roles and names."""
    problems: list[str] = []
    levels: list[int] = []
    for line in snapshot.splitlines():
        control = _CONTROL.match(line.strip())
        if control and not control[2] and control[1] not in _MAY_BE_NAMELESS:
            problems.append(f"no name: {line.strip()}")
        if level := re.match(r"- '?heading .*\[level=(\d)\]", line.strip()):
            levels.append(int(level[1]))
    if levels.count(1) != 1:
        problems.append(f"{levels.count(1)} headings of the first level")
    problems += [
        f"heading of level {after} right after level {before}"
        for before, after in pairwise(levels)
        if after > before + 1
    ]
    return problems


@contextlib.contextmanager
def watched(
    browser: Browser,
    url: str,
    *,
    language: str,
    width: str = "desk",
    theme: str = "light",
    own: Sequence[str] = (),
    state: object = None,
) -> Iterator[Watched]:
    """A fresh person before the desk: his language, his screen, his theme."""  # fmt: skip
    size = WIDTHS[width]
    context: BrowserContext = browser.new_context(
        base_url=url, locale="ru-RU" if language == "ru" else "en-GB", color_scheme=theme,  # type: ignore[arg-type]
        viewport={"width": size[0], "height": size[1]}, has_touch=width == "phone",
        reduced_motion="reduce", timezone_id="Europe/Moscow", storage_state=state,  # type: ignore[arg-type]
    )  # fmt: skip
    context.set_default_timeout(PATIENCE)
    it = Watched(context.new_page(), language, width, theme, list(own))
    it.listen()
    try:
        yield it
        assert not it.complaints, "\n".join(it.complaints)
    finally:
        context.close()
