"""The owner's page as PDF, set by Typst. Words go in as data, never as markup."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import typst
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from niva.web.templatetags.niva import day

SHEET: Final = Path(__file__).parent / "sheet.typ"


def as_pdf(client: str, said: dict[str, Any]) -> bytes:
    """The bytes of the file. `said`: as the page has it."""
    figures = said["figures"]
    goal = figures["goal"]
    data = {
        "lang": said["language"][:2],
        "title": client,
        "sub": _("Strategy, as it stands on %(day)s") % {"day": date_format(said["day"])},
        "plain": said["plain"] or _("The page in plain words is not written yet."),
        "goal": _("%(figure)s: %(plan)s by %(day)s")
        % {"figure": goal.figure, "plan": figures["plan"], "day": day(goal.deadline, said["day"])}
        if goal
        else _("The main figure is not agreed yet."),
        "unfinished": _("Not written yet: %(what)s.") % {"what": ", ".join(said["unfinished"])}
        if said["unfinished"]
        else "",
        "more": _("and %(n)s more"),
        "parts": [
            {
                "title": part.title,
                "text": part.text,
                "lines": [list(line) for line in part.lines],
                "more": part.more,
            }
            for part in said["parts"]
            if not part.unfinished
        ],
    }
    made = typst.compile(str(SHEET), sys_inputs={"data": json.dumps(data, ensure_ascii=False)})
    return bytes(made)
