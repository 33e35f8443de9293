"""What must hold before a piece leaves a stage: codes that the desk checks, and sentences a person ticks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from niva.domains.clients.models import Terms
from niva.domains.editorial.models import Piece, Stage
from niva.domains.publishing.approving import YES
from niva.domains.publishing.services.approving import reads_as_asked
from niva.domains.publishing.services.freeze import check
from niva.domains.publishing.states import OUT, State
from niva.networks.registry import all_networks


@dataclass(frozen=True, slots=True)
class Missing:
    """One exit that does not hold. `by_hand`: a person settles it by a tick, the desk cannot see it."""

    item: str
    sentence: str
    by_hand: bool = False


def _goal(piece: Piece) -> str:
    return "" if piece.post.goal_id else _("No goal is chosen: say what the piece is for.")


def _audience(piece: Piece) -> str:
    return "" if piece.audience.strip() else _("It is not said for whom it is.")


def _origin(piece: Piece) -> str:
    return "" if piece.origin.strip() else _("It is not said where the facts come from.")


def _rubric(piece: Piece) -> str:
    return "" if piece.post.rubric_id else _("No rubric is chosen.")


def _communities(piece: Piece) -> str:
    return "" if piece.post.variants.exists() else _("No community is chosen.")


def _slot(piece: Piece) -> str:
    if piece.post.planned_at or piece.post.variants.filter(planned_at__isnull=False).exists():
        return ""
    return _("It has no day and hour yet.")


def _brief(piece: Piece) -> str:
    asked = (
        (piece.post.goal_id, _("the goal")),
        (piece.audience.strip(), _("for whom")),
        (piece.key_message.strip(), _("the key message")),
        (piece.call.strip(), _("the call to action")),
        (piece.author_id, _("the author")),
    )
    lacking = [word for value, word in asked if not value]
    return _("The brief lacks: %(what)s.") % {"what": ", ".join(lacking)} if lacking else ""


def _text(piece: Piece) -> str:
    said = piece.post.text.strip() or piece.post.variants.exclude(own_text__isnull=True).exclude(own_text="")
    return "" if said else _("There is no text yet.")


def _remarks(piece: Piece) -> str:
    count = piece.post.remarks.filter(parent__isnull=True, resolved_at__isnull=True).count()
    if not count:
        return ""
    return ngettext("%(n)d remark is open.", "%(n)d remarks are open.", count) % {"n": count}


def _fits(piece: Piece) -> str:
    rows = piece.post.variants.filter(community__archived_at__isnull=True).select_related("community", "post")
    bad = {one.community.network for one in rows if check(one).errors}
    if not bad:
        return ""
    return _("It does not fit yet: %(networks)s.") % {"networks": ", ".join(map(_title, sorted(bad)))}


def _title(network: str) -> str:
    known = all_networks().get(network)
    if known is None:
        return network
    return known.manifest.title_ru if get_language() == "ru" else known.manifest.title


def _approved(piece: Piece) -> str:
    terms = Terms.objects.filter(client_id=piece.client_id).first()
    if terms is None or not terms.needed:
        return ""
    given = piece.post.approvals.filter(decision__in=YES, voided_at__isnull=True).order_by("-pk").first()
    if given is not None and reads_as_asked(given):
        return ""
    return _("The client has not approved it as it stands.")


def _scheduled(piece: Piece) -> str:
    rows = piece.post.deliveries.exclude(state=State.CANCELLED)
    return "" if rows.exists() else _("It is not scheduled in any community.")


def _published(piece: Piece) -> str:
    states = set(piece.post.deliveries.exclude(state=State.CANCELLED).values_list("state", flat=True))
    return "" if states and states <= OUT else _("It is not out everywhere yet.")


# Code -> (what it says at the column's head, how it is checked). None: a person ticks it.
CODES: Final[dict[str, tuple[str | Promise, Callable[[Piece], str] | None]]] = {
    "has_goal": (gettext_lazy("it has a goal"), _goal),
    "has_audience": (gettext_lazy("it is said for whom"), _audience),
    "has_origin": (gettext_lazy("it is known where it comes from"), _origin),
    "has_rubric": (gettext_lazy("it has a rubric"), _rubric),
    "has_communities": (gettext_lazy("communities are chosen"), _communities),
    "has_slot": (gettext_lazy("it has its hour"), _slot),
    "brief_full": (gettext_lazy("the brief is full"), _brief),
    "has_text": (gettext_lazy("the text is there"), _text),
    "no_open_remarks": (gettext_lazy("no remark is open"), _remarks),
    "fits_networks": (gettext_lazy("it fits every network"), _fits),
    "approved": (gettext_lazy("the client has approved exactly this"), _approved),
    "scheduled": (gettext_lazy("it is scheduled"), _scheduled),
    "published": (gettext_lazy("it is out everywhere"), _published),
    "facts_checked": (gettext_lazy("facts are checked against their sources"), None),
    "tone_ours": (gettext_lazy("the tone is the client's own"), None),
    "read_aloud": (gettext_lazy("it was read once more, letter by letter"), None),
    "law_thought": (
        gettext_lazy("the law was thought of: advertising mark, people's consent, banned words"),
        None,
    ),
    "distribution_done": (gettext_lazy("it was spread as the list says"), None),
    "reviewed": (gettext_lazy("what came of it is written down"), None),
}


def key_of(item: str | dict[str, str]) -> str:
    """What an exit is ticked by: its code, or its own sentence."""
    return item if isinstance(item, str) else item.get("text", "")


def words_of(items: Sequence[Any]) -> list[str]:
    """What the exits of a stage say, each in a few words."""
    return [str(CODES[key][0]) if (key := key_of(item)) in CODES else key for item in items]


def missing(piece: Piece, stage: Stage | None = None) -> list[Missing]:
    """The exits of its stage (or the given one) that do not hold, in their order. A few queries at most."""
    found = []
    for item in (stage or piece.stage).exits:
        key = key_of(item)
        _words, holds = CODES.get(key, (key, None))
        if holds is not None:
            if sentence := holds(piece):
                found.append(Missing(key, sentence))
        elif key not in piece.ticks:
            said = str(CODES[key][0]) if key in CODES else key
            found.append(Missing(key, _("Not ticked: %(what)s.") % {"what": said.rstrip(".")}, by_hand=True))
    return found


def by_hand(stage: Stage) -> list[tuple[str, str]]:
    """(key, words) of the exits that a person ticks."""
    pairs = zip((key_of(item) for item in stage.exits), words_of(stage.exits), strict=True)
    return [(key, words) for key, words in pairs if CODES.get(key, ("", None))[1] is None]
