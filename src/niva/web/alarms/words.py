"""Alarms in words: what was out of the ordinary, what may have caused it, what people said of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from niva.domains.advice.models import Advice, AdviceKind, Verdict
from niva.domains.metrics.dictionary import measures
from niva.kit.text import money, number, typo
from niva.web.advice.sentences import figure_name, register
from niva.web.looks import Look
from niva.web.numbers.words import day_words

LOOKS: Final[dict[tuple[str, str], Look]] = {
    (Verdict.HIT, "mattered"): Look("out", "circle-check", gettext_lazy("it mattered")),
    (Verdict.HIT, "known"): Look("out", "circle-check", gettext_lazy("really so, the cause was known")),
    (Verdict.MISS, "false"): Look("rejected", "circle-x", gettext_lazy("a false alarm")),
    (Verdict.VOID, "nobody_said"): Look("draft", "help-circle", gettext_lazy("nobody said what it was")),
}
WAITS: Final = Look("waiting", "hourglass", gettext_lazy("waits for your word"))
ANSWERS: Final[tuple[tuple[str, str | Promise], ...]] = (
    ("mattered", gettext_lazy("It mattered")),
    ("known", gettext_lazy("We knew the cause")),
    ("false", gettext_lazy("A false alarm")),
)


@dataclass(frozen=True, slots=True)
class CauseView:
    """A candidate cause. `url`: where it can be looked at."""

    text: str
    url: str = ""
    link: str = ""


def look_of(row: Advice) -> Look:
    return LOOKS.get((row.verdict, row.why), WAITS)


def said(row: Advice) -> str:
    """«Подписчики: изменение, 23 ноября: −180, обычно около +3»."""
    name = figure_name(row)
    values = {
        "name": name,
        "day": day_words(date.fromisoformat(row.about["day"])),
        "value": value_of(row, row.about["value"]),
        "usual": value_of(row, row.expected or 0.0),
    }
    return _("%(name)s, %(day)s: %(value)s; usually about %(usual)s") % values


def came(row: Advice) -> str | None:
    """What people said of it; None: nobody yet."""
    if row.verdict == Verdict.OPEN:
        return _("Nobody has said yet what it was.")
    word = str(look_of(row).word)
    return f"{word[:1].upper()}{word[1:]}."


register(AdviceKind.ALARM, said, came)


def value_of(row: Advice, value: float) -> str:
    """The value as its measure is written; a change of followers with its sign."""
    language = get_language() or "ru"
    one = measures().get(row.figure)
    if one is not None and one.kind == "ratio":
        return f"{number(value, language, 1)} {one.unit}".strip()
    shown = number(abs(round(value)), language)
    if row.figure == "followers":
        return f"\u2212{shown}" if round(value) < 0 else f"+{shown}" if round(value) > 0 else shown
    return shown


def rarity(row: Advice) -> str:
    """How rare it is by this number's own past; never more than that past can tell."""
    known = int(row.about["days_known"])
    if row.about["never"]:
        words = ngettext(
            "In the %(n)s day before it that the desk has read there was none like it.",
            "In the %(n)s days before it that the desk has read there was none like it.", known,
        )  # fmt: skip
        return _set(words % {"n": known})
    days = min(int(row.about["once_in_days"]), known)
    words = ngettext(
        "By this number's own past such a day comes no more often than once in %(n)s day.",
        "By this number's own past such a day comes no more often than once in %(n)s days.", days,
    )  # fmt: skip
    return _set(words % {"n": days})


def warning(row: Advice) -> str:
    """What must be said even when it is unpleasant: people and reactions that came for no known reason."""
    if not row.about.get("unexplained"):
        return ""
    if row.figure == "followers":
        return _set(_(
            "So many followers do not come by themselves, and the desk knows of no reason. Look at who they "
            "are: bought or robot accounts bring no customers, and the number must not stand in a report as "
            "a success."
        ))  # fmt: skip
    if row.figure.startswith("er_"):
        return _set(_(
            "More reactions than so many viewers usually give, and the desk knows of no reason. Look at who "
            "reacted: marks that were bought look like this."
        ))  # fmt: skip
    return ""


def causes(row: Advice) -> list[CauseView]:
    """Candidates in words; when there is none, that is said."""
    found = [view for cause in row.about.get("causes", ()) if (view := _cause(row, cause)) is not None]
    return found or [CauseView(_set(_("The desk knows of no cause.")))]


def _cause(row: Advice, cause: dict[str, Any]) -> CauseView | None:
    code, language = cause["code"], get_language() or "ru"
    if code in ("far_post", "paid_post"):
        return _post(cause, language)
    if code == "dead_key" and row.community_id:
        url = reverse("community", args=[row.community_id])
        return CauseView(
            _set(_("The community asks to sign in again: nothing is read until then.")),
            url,
            _("The community"),
        )
    if code == "event":
        values = {"name": cause["name"], "day": day_words(date.fromisoformat(cause["day"]))}
        return CauseView(_set(_("In the calendar: %(name)s, %(day)s.") % values))
    words = _plain(cause, language)
    return CauseView(_set(words)) if words else None


def _plain(cause: dict[str, Any], language: str) -> str:
    code = cause["code"]
    if code == "purge":
        values = {"lost": number(cause["lost"], language), "before": number(cause["before"], language)}
        return (
            _(
                "%(lost)s of %(before)s left at one go. People leave a few a day; so many at once is how a "
                "network clears out dead accounts. It is probably that, and no loss of interest."
            )
            % values
        )
    if code == "new_definition":
        return _("The network counts this number otherwise since then: before and after cannot be compared.")
    if code in ("late_numbers", "not_read"):
        return ngettext(
            "%(n)s day before it was not read: what came then may stand on this one.",
            "%(n)s days before it were not read: what came then may stand on this one.", cause["days"],
        ) % {"n": cause["days"]}  # fmt: skip
    if code == "readings_fail":
        return _("The network does not answer when its numbers are asked for; the day may be incomplete.")
    if code == "paid":
        return _("Paid for advertising and placements in these days: %(sum)s.") % {
            "sum": money(cause["amount"], cause["currency"], language)
        }
    if code == "pause":
        return ngettext(
            "Nothing went out for %(n)s day, longer than is usual here.",
            "Nothing went out for %(n)s days, longer than is usual here.", cause["days"],
        ) % {"n": cause["days"]}  # fmt: skip
    return ""


def _post(cause: dict[str, Any], language: str) -> CauseView:
    url = reverse("post_show", args=[cause["post"]])
    if cause["code"] == "paid_post":
        return CauseView(_set(_("“%(name)s” was shown for money.") % cause), url, _("The post"))
    values = {
        "name": cause["name"], "seen": number(cause["seen"], language),
        "usual": number(cause["usual"], language),
    }  # fmt: skip
    words = _("“%(name)s” went far: %(seen)s saw it, the usual post is seen by %(usual)s.")
    return CauseView(_set(words % values), url, _("The post"))


def _set(text: str) -> str:
    return typo(text, get_language() or "ru")
