"""No-break spaces, dashes and minuses of Russian text. Letters and digits are never changed."""

from __future__ import annotations

import re

NBSP = "\u00a0"
THIN = "\u202f"  # narrow no-break space: between thousands and before a currency sign
MINUS = "\u2212"

_SPACE = f"[ {NBSP}{THIN}]"
# A number, or the place in a translation where one will stand.
_NUMBER = r"(?:\d|%\(\w+\)[sd])"
_UNITS = (
    "ч|мин|с|сек|мс|дн|дня|дней|день|нед|мес|г|год|года|лет|руб|коп|тыс|млн|млрд|шт|раз|раза|"
    "Б|КБ|МБ|ГБ|ТБ|px|кг|г|км|м|см|мм|знак|знака|знаков|пост|поста|постов|строка|строки|строк|"
    "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря"
)

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # 38 600: only groups of exactly three digits after a group of one to three
    (
        re.compile(rf"(?<![\d.,{THIN}{NBSP}])(?<!\d )(\d{{1,3}}(?:{_SPACE}\d{{3}})+)(?!{_SPACE}?\d)"),
        "thousands",
    ),
    (re.compile(rf"({_NUMBER}){_SPACE}(?=[₽€$£])"), rf"\g<1>{THIN}"),
    (re.compile(rf"({_NUMBER}) (?=(?:{_UNITS})(?!\w)|%(?!\(|s|d))"), rf"\g<1>{NBSP}"),
    (re.compile(r"([№§]) ?(?=\d|%\()"), rf"\g<1>{NBSP}"),
    # one-letter words stay with what follows; twice, because "и в саду" shares a space
    (re.compile(r"(?<![\w-])([А-Яа-яЁё]) (?=[\w«„(%])"), rf"\g<1>{NBSP}"),
    (re.compile(r"(?<![\w-])([А-Яа-яЁё]) (?=[\w«„(%])"), rf"\g<1>{NBSP}"),
    (re.compile(rf"(?<=\S)[ {NBSP}][-–—] (?=\S)"), f"{NBSP}— "),
    (re.compile(r"(?<![\w\-–.])(\d{1,4})-(\d{1,4})(?![\w\-–]|\.\d)"), r"\g<1>–\g<2>"),
    (re.compile(r"(?<![\w\-–.)])-(?=\d)"), MINUS),
)
_TAG = re.compile(r"(<[^>]*>)")


def _apply(text: str) -> str:
    for pattern, replacement in _RULES:
        if replacement == "thousands":
            text = pattern.sub(lambda found: re.sub(_SPACE, THIN, found[1]), text)
        else:
            text = pattern.sub(replacement, text)
    return text


def typo(text: str, language: str = "ru") -> str:
    """Set `text` by the rules of Russian; other languages are returned as they came.

    Tags of HTML are left alone, so a translated sentence with a link in it may be given.
    """
    if not language.startswith("ru"):
        return text
    return "".join(part if part.startswith("<") else _apply(part) for part in _TAG.split(text))


def plain(text: str) -> str:
    """The same text with ordinary spaces and hyphens: for comparing and searching."""
    return re.sub(f"[{NBSP}{THIN}]", " ", text).replace(MINUS, "-")
