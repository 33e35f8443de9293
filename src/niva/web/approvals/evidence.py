"""The evidence as a file: HTML that carries the record inside, and a PDF to print and sign."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import typst
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from niva.domains.people.audit import record as write_down
from niva.domains.people.errors import NotFound
from niva.domains.publishing import awaiting
from niva.domains.publishing.approving import Decision, KnownBy
from niva.flows import evidence as facts
from niva.web.approvals.changes import text_of
from niva.web.clients.listing import actor_of
from niva.web.people.doors import signed_in
from niva.web.people.verbs import SENTENCES

SHEET: Final = Path(__file__).parent / "evidence.typ"
# All but line ends, Latin, Cyrillic and common signs: those are in the fonts that the typesetter brings.
_NO_GLYPH: Final = re.compile(r"[^\n -~\u00a0-\u017f\u0400-\u045f\u2010-\u2027\u2030\u2039\u203a€₽№™←→−]")


@require_safe
@signed_in
def evidence(request: HttpRequest, approval_id: int, form: str) -> HttpResponse:
    """Everything about the post's approvals. Raises NotFound for another form than html and pdf."""
    if form not in ("html", "pdf"):
        raise NotFound("evidence")
    actor = actor_of(request)
    row = awaiting.one(actor, approval_id)
    record = facts.told(actor, row.post)
    shown = sheet(record, row.client.time_zone)
    name = f"approval-{row.post_id}-{shown['sha256'][:12]}.{form}"
    if form == "html":
        answer = render(
            request, "approvals/evidence.html", {"sheet": shown, "record": facts.canonical(record)}
        )
    else:
        answer = HttpResponse(paper(shown, record), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-SHA256"] = shown["sha256"]
    write_down(actor, "approval.exported", row, kind=form)
    return answer


def sheet(record: dict[str, Any], zone: str) -> dict[str, Any]:
    """The record in words: what the page and the paper print alike."""
    return {
        "language": get_language() or "ru",
        "title": _("Approvals of “%(title)s”") % {"title": record["post"]["title"]},
        "parties": _("%(who)s for %(client)s") % {"who": record["workspace"], "client": record["client"]},
        "made": _moment(record["made_at"], zone),
        "zone": zone,
        "sha256": facts.sha256(record),
        "check": _(
            "How to check it: the record in this file is JSON with sorted keys, without spaces, in UTF-8. "
            "The SHA-256 of the whole record, and of each “content” in it written the same way, must be the "
            "ones that are printed here."
        ),
        "rounds": [_round(one, zone) for one in record["rounds"]],
        "trail": [
            (_moment(one["at"], zone), one["by"], _verb(one["what"], record["post"]["title"]))
            for one in record["trail"]
        ],
        "trail_title": _("Every step, as the desk wrote it down"),
    }


def _verb(verb: str, title: str) -> str:
    """The sentence of the trail, its details aside: they stand in the rounds."""
    words = {"subject": title, "by": "…", "decision": "…", "due": "…", "reason": "…"}
    return str(SENTENCES.get(verb, verb)) % words


def _round(one: dict[str, Any], zone: str) -> dict[str, Any]:
    lines = [
        (_("Asked"), f"{_moment(one['asked_at'], zone)}, {one['asked_by'] or 'niva'}"),
        (_("Asked for until"), _moment(one["due_at"], zone)),
        (_("First opened"), _moment(one["opened_at"], zone)),
        (_("Message"), one["message"]),
        (_("Decision"), str(Decision(one["decision"]).label)),
        (_("Decided"), ", ".join(filter(None, (_moment(one["decided_at"], zone), one["decided_as"])))),
        (_("How it is known"), _known(one)),
        (_("Words"), one["words"]),
        (
            _("Screenshot"),
            f"{one['proof']['name']}, SHA-256 {one['proof']['sha256']}" if one["proof"] else "",
        ),
        (_("From the address"), one["origin"].get("address", "")),
        (_("With the browser"), one["origin"].get("browser", "")),
        (_("The contract's words on silence"), one["silence_clause"]),
        (_("Void since"), ", ".join(filter(None, (_moment(one["voided_at"], zone), one["void_reason"])))),
    ]
    return {
        "title": _("Round %(n)d") % {"n": one["round"]} + (f", {_('urgent')}" if one["urgent"] else ""),
        "lines": [(name, words) for name, words in lines if words],
        "texts": [
            {
                "where": f"{row['community']} ({row['network']})",
                "text": text_of(row["content"]),
                "rest": _rest(row["content"]),
                "sha256": row["sha256"],
                "asked": text_of(row["asked"]) if row["asked"] else "",
                "asked_sha256": row["asked_sha256"],
            }
            for row in one["texts"]
        ],
        "remarks": [
            f"{_moment(row['at'], zone)}, {row['by']}: "
            + (f"«{row['place']['quote']}» — " if row["place"].get("quote") else "")
            + row["text"]
            for row in one["remarks"]
        ],
    }


def _known(one: dict[str, Any]) -> str:
    """Who really pressed: never the client where somebody of ours did."""
    if one["decision"] in (Decision.OPEN, Decision.WITHDRAWN):
        return ""
    if one["known_by"]:
        how = KnownBy(one["known_by"]).label
        return _("%(how)s, written down by %(who)s; the client pressed nothing himself") % {
            "how": how,
            "who": one["account"],
        }
    if one["decision"] == Decision.SILENCE:
        return _("the desk, when the client's working days were over")
    if one["decision"] == Decision.WAIVED:
        return _("%(who)s let it out without asking the client") % {"who": one["account"]}
    if one["account"]:
        return _("%(who)s, signed in to an account of his own") % {"who": one["account"]}
    return _("by the secret link that was given to him")


def _rest(content: dict[str, Any]) -> str:
    """What belongs to the text besides it, short."""
    files = ", ".join(str(one["path"]) for one in content.get("media", ()))
    parts = [
        _("files: %(what)s") % {"what": files} if files else "",
        _("link: %(what)s") % {"what": content["link"]["url"]} if content.get("link") else "",
        _("first comment: %(what)s") % {"what": content["first_comment"]}
        if content.get("first_comment")
        else "",
        _("poll: %(what)s") % {"what": content["poll"]["question"]} if content.get("poll") else "",
    ]
    return "; ".join(filter(None, parts))


def _moment(written: str, zone: str) -> str:
    """As the client's clock shows it, to the second, with the offset: evidence must not be guessed at."""
    moment = parse_datetime(written) if written else None
    return f"{moment.astimezone(ZoneInfo(zone)):%d.%m.%Y %H:%M:%S %z}" if moment else ""


def paper(shown: dict[str, Any], record: dict[str, Any]) -> bytes:
    """The PDF (A-3b, so that it may carry the record as an attachment and be read in twenty years).

    That standard takes no character without a glyph. Where the machine has no font for one (emoji on a bare
    server, a script that nobody foresaw), it is printed as its number; the attached record has it as it is.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "evidence.typ").write_text(SHEET.read_text(encoding="utf-8"), encoding="utf-8")
        (place / "record.json").write_text(facts.canonical(record), encoding="utf-8")
        try:
            return _set_in_type(place, shown)
        except typst.TypstError:
            return _set_in_type(place, spelled(shown))


def _set_in_type(place: Path, shown: Any) -> bytes:
    (place / "sheet.json").write_text(json.dumps(shown, ensure_ascii=False), encoding="utf-8")
    made = typst.compile(place / "evidence.typ", root=place, pdf_standards=["a-3b"])
    if not isinstance(made, bytes):
        raise TypeError("typst gave no single file")
    return made


def spelled(shown: Any) -> Any:
    """The same with every character that the built-in fonts may lack written as its number: [U+1F600]."""
    if isinstance(shown, str):
        return _NO_GLYPH.sub(lambda one: f"[U+{ord(one[0]):04X}]", shown)
    if isinstance(shown, dict):
        return {key: spelled(value) for key, value in shown.items()}
    return [spelled(one) for one in shown] if isinstance(shown, (list, tuple)) else shown
