"""The tool of translations: what it finds, what it refuses to let through, what it writes."""

from __future__ import annotations

import gettext
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import message_sources
import messages
from message_sources import Message

TEMPLATE = """{% load i18n strange %}{# A comment #}
<h1 title="Bare title">{% translate "Hello" %}</h1>{% trans "May" context "month"|strange:1 as x %}
{% blocktranslate trimmed count n=list|length with a=b|strange %}
  one {{ a }} row
{% plural %}
  {{ n }} {{ a }} rows 100%
{% endblocktranslate %}{% comment %}Old words{% endcomment %}
<b>Bare words</b><kbd>Esc</kbd><i translate="no">Quiet</i>{{ _("In line") }}{% if a %}{{ b }}{% endif %}
"""
PYTHON = '''"""Слова в описании не в счёт."""
from django.utils.translation import gettext as _, gettext_lazy as later, ngettext, pgettext
A = _("Save"), later("Wait " "here"), ngettext("one", "many", 2), pgettext("place", "Home")
B = "Привет"
C = "Русский"
D = "Да"  # cyrillic: a reason
'''


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A little product of its own, so that nothing of the real one is touched."""
    code = tmp_path / "src" / "niva"
    (code / "web" / "templates").mkdir(parents=True)
    (code / "web" / "templates" / "page.html").write_text(TEMPLATE, encoding="utf-8")
    (code / "web" / "view.py").write_text(PYTHON, encoding="utf-8")
    islands = tmp_path / "frontend" / "islands"
    islands.mkdir(parents=True)
    (islands / "index.ts").write_text('// слова\nconst a = "Готово";\n', encoding="utf-8")
    for module in (message_sources, messages):
        monkeypatch.setattr(module, "CODE", code)
    monkeypatch.setattr(message_sources, "ROOT", tmp_path)
    monkeypatch.setattr(message_sources, "ISLANDS", tmp_path / "frontend")
    monkeypatch.setattr(messages, "CATALOGUE", code / "locale" / "ru" / "LC_MESSAGES" / "django.po")
    return tmp_path


def po(tree: Path, body: str, name: str = "part.po") -> Path:
    path = tree / name
    path.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n' + body, encoding="utf-8"
    )
    return path


def problems(capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    messages.check()
    return capsys.readouterr().out.splitlines()[:-1]


def test_strings_of_templates_and_python_are_found(tree: Path) -> None:
    assert set(message_sources.collect().messages) == {
        Message("Hello"),
        Message("May", None, "month"),
        Message("one %(a)s row", "%(n)s %(a)s rows 100%%"),
        Message("In line"),
        Message("Save"),
        Message("Wait here"),
        Message("one", "many"),
        Message("Home", None, "place"),
    }


def test_what_escaped_translation_is_told(tree: Path) -> None:
    escaped = "\n".join(message_sources.collect().escaped)
    for told in ("'Bare title'", "'Bare words'", "'Привет'", "Готово"):
        assert told in escaped
    for quiet in ("Esc", "Quiet", "Old words", "Русский", "'Да'", "описании", "слова"):
        assert quiet not in escaped
    assert len(message_sources.collect().escaped) == 4


def test_a_condition_right_after_the_name_of_an_element_is_no_word(tree: Path) -> None:
    page = '<details{% if a != "b" %} open{% endif %} title="Bare"></details><input placeholder="https://…">'
    (tree / "src" / "niva" / "web" / "templates" / "page.html").write_text(page, encoding="utf-8")
    told = [line for line in message_sources.collect().escaped if "page.html" in line]
    assert len(told) == 1
    assert "'Bare'" in told[0]


def test_a_broken_template_is_a_problem_not_a_crash(tree: Path) -> None:
    (tree / "src/niva/web/templates/bad.html").write_text("{% load i18n %}{% translate %}", encoding="utf-8")
    assert any("bad.html: cannot be read" in line for line in message_sources.collect().escaped)


def test_check_tells_missing_empty_stale_and_mismatched(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plural = 'msgid "one %(a)s row"\nmsgid_plural "%(n)s %(a)s rows 100%%"\n'
    messages.merge(
        po(
            tree,
            'msgid "Hello"\nmsgstr "Привет"\n\nmsgid "Gone"\nmsgstr "Ушло"\n\n'
            + plural
            + 'msgstr[0] "%(n)s %(a)s строка 100%%"\nmsgstr[1] "%(n)s строки 100%%"\n'
            + 'msgstr[2] "%(n)s %(a)s 100%%"\n',
        )
    )
    told = "\n".join(problems(capsys))
    assert "no Russian for 'Save'" in told
    assert "no code says it any more: 'Gone'" in told
    assert "placeholders differ" in told and "строки" in told
    assert "'Hello'" not in told


def test_merges_of_several_processes_at_once_lose_nothing(tree: Path) -> None:
    program = (
        "import sys, pathlib; sys.path.insert(0, sys.argv[1]); import messages;"
        "messages.CODE = pathlib.Path(sys.argv[2]);"
        "messages.CATALOGUE = messages.CODE / 'locale/ru/LC_MESSAGES/django.po';"
        "messages.merge(pathlib.Path(sys.argv[3]))"
    )
    tools, code = Path(messages.__file__).parent, tree / "src" / "niva"
    parts = [po(tree, f'msgid "Word {n}"\nmsgstr "Слово {n}"\n', f"{n}.po") for n in range(6)]
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tools), str(code), str(part)], stdout=subprocess.PIPE
        )
        for part in parts
    ]
    assert [run.wait(60) for run in runs] == [0] * 6
    merged = messages.load()
    assert [entry.msgid for entry in merged] == [f"Word {n}" for n in range(6)]


def test_compiled_russian_is_typeset_and_has_its_plurals(tree: Path) -> None:
    messages.merge(
        po(
            tree,
            'msgid "In a garden"\nmsgstr "В саду"\n\nmsgid "%(n)s row"\nmsgid_plural "%(n)s rows"\n'
            'msgstr[0] "%(n)s строка"\nmsgstr[1] "%(n)s строки"\nmsgstr[2] "%(n)s строк"\n',
        )
    )
    with (tree / "src/niva/locale/ru/LC_MESSAGES/django.mo").open("rb") as file:
        russian = gettext.GNUTranslations(file)
    assert russian.gettext("In a garden") == "В\u00a0саду"
    forms = [russian.ngettext("%(n)s row", "%(n)s rows", n) % {"n": n} for n in (1, 2, 5, 11, 21, 104)]
    assert [form.replace("\u00a0", " ") for form in forms] == [
        "1 строка",
        "2 строки",
        "5 строк",
        "11 строк",
        "21 строка",
        "104 строки",
    ]
