"""Sentences about tables: what is wrong with a cell, why a file could not be read, what a field is called."""

from __future__ import annotations

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from niva.domains.editorial.planning import ImportState
from niva.flows.plan_columns import fields

FAILED: Final[dict[str, str | Promise]] = {
    "empty": _("There is nothing in the file. Put a topic and a day into a row, and send it again."),
    "broken": _("This is no table that can be read. In your program choose “Save as” and XLSX or CSV."),
    "password": _("The file is closed with a password. Save it without one and send it again."),
    "too_large": _("The table reaches too far: something stands very far to the right or below. Delete the "
                   "empty columns and rows behind the plan, or save it as CSV."),
    "bomb": _("The file unpacks to more than 400 MB. Copy the plan alone into a new file."),
    "slow": _("Reading took more than a minute and was stopped. Save the plan alone as CSV."),
    "no_rights": _("Who said yes may no longer do it here, so nothing more was written."),
}  # fmt: skip
WRONG: Final[dict[str, str | Promise]] = {
    "nonsense": _("“%(cell)s” is no day. Write 17.11.2026 or 17 November."),
    "no_such_day": _("There is no such day in the calendar: %(cell)s."),
    "far": _("The year of “%(cell)s” is too far away. Check it."),
    "no_such_time": _("“%(cell)s” is no hour. Write 19:00."),
    "time_alone": _("There is an hour, %(cell)s, but no day."),
    "no_community": _("This client has no community “%(cell)s”."),
    "several": _("“%(cell)s” may be several communities. Write the name of one."),
    "no_rubric": _("There is no rubric “%(cell)s”."),
    "no_goal": _("There is no goal “%(cell)s”."),
    "no_author": _("“%(cell)s” does not work for this client."),
    "no_designer": _("“%(cell)s” does not work for this client."),
    "no_unit": _("“%(cell)s” is no kind of piece: post, article, video, story, reel, cards."),
    "no_detail": _("There is no business detail “%(cell)s”."),
    "no_stage": _("There is no stage “%(cell)s”."),
    "no_urgent": _("“%(cell)s” is neither yes nor no."),
    "no_link": _("“%(cell)s” is no link: it begins with https://"),
    "stage_by_itself": _("“%(cell)s” is reached by publishing, not by a table."),
    "too_long": _("The text is too long for this field: %(cell)s…"),
    "no_title": _("There is neither a topic nor a text."),
    "twice": _("The same row stands above already."),
    "number_twice": _("The number %(cell)s stands above already. For a new piece empty the number."),
    "many_rubrics": _("There is no room for the rubric “%(cell)s”: a client has at most 40."),
    "no_such_post": _("This client has no post with the number %(cell)s."),
    "put_away": _("It came in before and was put away since. Give it another topic to make it again."),
    "fixed": _("It is scheduled or out already: change it on the post's own page."),
    "no_rights": FAILED["no_rights"],
    "meanwhile": _("Somebody has changed it since the check. Import the file once more."),
}
DOING: Final[dict[str, str | Promise]] = {
    ImportState.READING: _("Reading the file"),
    ImportState.CHECKING: _("Checking the rows"),
    ImportState.WRITING: _("Writing the pieces"),
    ImportState.UNDOING: _("Taking the pieces back"),
}


def russian() -> bool:
    return (get_language() or "ru").startswith("ru")


def name_of(code: str) -> str:
    """A field of the plan as its column is headed."""
    field = fields()[code]
    return field.head_ru if russian() else field.head


def wrong(bad: dict[str, Any]) -> str:
    """What is wrong with one cell, in a sentence with the cell in it."""
    cell = str(bad["cell"])
    said = str(WRONG[bad["code"]]) % {"cell": cell[:60] if bad["code"] == "too_long" else cell}
    return f"{name_of(bad['field'])}: {said}" if bad["field"] != "id" else said
