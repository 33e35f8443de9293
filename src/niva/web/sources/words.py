"""What the codes of transcripts and clips say."""

from __future__ import annotations

from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from niva.words.services import service_says

NOTES: Final[dict[str, str | Promise]] = {
    "bad_time": _("The time cannot be read: left out."),
    "negative": _("Begins before zero: begins at zero now."),
    "backwards": _("Ends before it begins: its length was reckoned from its words."),
    "overlap": _("Runs into the next line: shortened."),
    "unordered": _("Out of order: put in its place."),
    "no_time": _("Words without a time: left out."),
    "empty": _("A time without words: left out."),
    "too_long": _("More than 2,000 characters in one line: cut."),
    "too_many": _("More than 50,000 lines: the rest is left out."),
    "too_large": _("The file is larger than 20 MB: the rest was not read."),
    "undecoded": _("Some letters could not be read and stand as �."),
    "guessed": _("The text has no times: they were reckoned from its length and are not exact."),
    "beyond": _("The transcript is longer than the recording: what comes after its end is left out."),
}
CLIPS: Final[dict[str, str | Promise]] = {
    "broken": _("The recording is damaged at this place. Export it again, or choose another place."),
    "no_picture": _("The recording has no picture, so there is nothing to cut."),
    "outside": _("The recording ends before this place."),
    "too_long": _("A clip lasts ten minutes at most."),
    "too_slow": _("It took longer than 25 minutes and was given up. Take a shorter part."),
    "no_font": _("The words could not be drawn: the desk's typeface is not there. Build the front end."),
    "no_room": _("There is no room left on the desk's disk. Tell its keeper, then cut once more."),
    "forbidden": _("It may not be used any more: so say the rights of the source, or who speaks."),
    "no_letters": _(
        "The desk's typeface has no letters for these words. Cut it without words in the picture."
    ),
    "no_file": _("The recording's file is not there any more. Upload it again."),
}


def note(one: dict[str, Any]) -> dict[str, Any]:
    """A note of a transcript as the page shows it."""
    return {**one, "says": NOTES.get(one.get("code", ""), one.get("code", ""))}


HEARD: Final[dict[str, str | Promise]] = {
    "no_sound": _("The recording has no sound, so there is nothing to hear."),
    "broken": _("The recording is damaged at this place, or the service is out of order. Try once more."),
    "switched_off": _("The speech service is switched off, or its key cannot be opened. See the settings."),
    "not_here": _("faster-whisper is not installed on this machine any more."),
}


def heard(code: str, detail: str) -> str:
    """Why a recording was not heard to its end."""
    return str(HEARD[code]) if code in HEARD else service_says(code, detail)
