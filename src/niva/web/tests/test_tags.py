"""The tags and parts of every template, rendered as pages render them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.core.paginator import Paginator
from django.template import Context, RequestContext, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from niva.domains.publishing.states import State
from niva.kit.text import plain
from niva.web import assets
from niva.web.looks import STATES

NOW = datetime(2026, 11, 17, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def built(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tags need addresses of built files, not the build itself; nor does the rail need a person."""
    monkeypatch.setattr(
        assets,
        "manifest",
        lambda: {"generated/sprite.svg": "assets/sprite-1.svg", "styles/main.css": "assets/main-2.css"},
    )


def render(source: str, language: str = "ru", **context: object) -> str:
    with translation.override(language):
        return plain(Template("{% load niva %}" + source).render(Context(context)))


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    ("shift", "russian", "english"),
    [
        (timedelta(minutes=-22), "22 мин назад", "22 min ago"),
        (timedelta(seconds=-5), "только что", "just now"),
        (timedelta(minutes=40), "через 40 мин", "in 40 min"),
        (timedelta(hours=4), "сегодня, 13:00", "today, 13:00"),
        (timedelta(days=1), "завтра, 9:00", "tomorrow, 09:00"),
        (timedelta(days=9), "26 ноября, 9:00", "26 November, 09:00"),
        (timedelta(days=60), "16 января 2027, 9:00", "16 January 2027, 09:00"),
    ],
)
def test_a_moment_is_said_for_people(shift: timedelta, russian: str, english: str) -> None:
    with time_machine.travel(NOW, tick=False):
        assert words(render("{{ at|when:'Europe/Moscow' }}", at=NOW + shift)) == russian
        assert words(render("{{ at|when:'Europe/Moscow' }}", "en", at=NOW + shift)) == english


def test_a_moment_keeps_its_exact_form_and_its_zone() -> None:
    with time_machine.travel(NOW, tick=False):
        html = render("{{ at|when:zone }}", at=NOW + timedelta(hours=20), zone="Asia/Kolkata")
    assert 'datetime="2026-11-18T07:30:00+05:30"' in html
    assert 'title="18 ноября 2026, 7:30, UTC+5:30"' in html
    assert render("{{ at|when }}", at=None) == "—"


def test_the_own_zone_is_used_without_another() -> None:
    with timezone.override("Asia/Vladivostok"):
        assert render("{{ at|clock }}", at=NOW) == "16:00"


def test_every_state_of_a_delivery_has_a_look_of_its_own() -> None:
    assert set(State) <= set(STATES)
    assert len({(look.icon, str(look.word)) for look in STATES.values()}) == len(STATES)
    html = render("{% status state '14:20' %}", state=State.WAITING)
    assert 'class="st is-waiting"' in html and "hourglass" in html and words(html) == "ждёт 14:20"


def test_a_state_nobody_has_drawn_is_unknown_not_an_error() -> None:
    assert words(render("{% status 'tomorrow-new' %}")) == "неизвестно"


@pytest.mark.parametrize(
    ("fact", "plan", "plots", "grown", "ripe"),
    [(0, 40, 40, 0, False), (18, 40, 40, 18, False), (41, 40, 40, 40, True), (1500, 3000, 40, 20, False)],
)
def test_the_furrow_grows_by_goal_units(fact: int, plan: int, plots: int, grown: int, ripe: bool) -> None:
    html = render("{% furrow fact plan label='слова' %}", fact=fact, plan=plan)
    assert html.count('class="plot"') == plots
    assert html.count('class="grown"') == grown
    assert ('class="furrow ripe"' in html) == ripe
    assert 'role="img" aria-label="слова"' in html
    assert "style=" not in html


@pytest.mark.parametrize(("plan", "low", "high"), [(0, None, None), (None, 0, 0), (7.5, 90, 120)])
def test_the_furrow_bears_any_numbers(plan: float | None, low: float | None, high: float | None) -> None:
    html = render("{% furrow 3 plan low high %}", plan=plan, low=low, high=high)
    assert ('class="range"' in html) == (high is not None)


class Words(forms.Form):
    title = forms.CharField(label="Заголовок", help_text="коротко")
    silent = forms.BooleanField(label="Тихо", required=False)
    where = forms.MultipleChoiceField(
        choices=[("vk", "VK")], label="Куда", widget=forms.CheckboxSelectMultiple
    )


def test_a_field_names_its_error_beside_itself() -> None:
    form = Words(data={"title": ""})
    html = render("{% for one in form %}{% field one %}{% endfor %}", form=form)
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_title-error id_title-hint"' in html
    assert 'id="id_title-error"' in html and 'id="id_title-hint"' in html
    assert '<label for="id_title">Заголовок</label>' in html
    assert "<legend>Куда</legend>" in html


def test_what_people_typed_is_escaped_everywhere() -> None:
    bad = "<script>alert(1)</script>"
    form = Words(data={"title": bad})
    sources = (
        "{% avatar bad %}{% netmark bad %}{% status bad bad %}{{ bad|typo }}{% furrow 1 2 label=bad %}"
        "{% for one in form %}{% field one bad %}{% endfor %}",
        '{% include "parts/note.html" with text=bad title=bad state=bad url=bad action=bad only %}',
        '{% include "parts/fig.html" with name=bad value=bad unit=bad says=bad known=bad only %}',
        '{% include "parts/empty.html" with title=bad text=bad url=bad action=bad only %}',
    )
    for source in sources:
        assert "<script>" not in render(source, bad=bad, form=form)


def test_pages_keep_the_filter_of_the_address() -> None:
    page = Paginator(list(range(30)), 10).get_page(2)
    request = RequestFactory().get("/posts/?client=3&page=2")
    with translation.override("ru"):
        template = Template('{% include "parts/pages.html" with page=page only %}')
        html = plain(template.render(RequestContext(request, {"page": page})))
    assert "client=3&amp;page=1" in html and "client=3&amp;page=3" in html
    assert "страница 2 из 3" in words(html)


def test_assets_come_from_the_manifest() -> None:
    assert render('{% asset "main.css" %}') == "/static/dist/assets/main-2.css"
    with pytest.raises(ImproperlyConfigured):
        render('{% asset "other.css" %}')
