"""The judgement: what was seen and what people said, item by item. Pure.

A rule has the code of its item. An item that names fields and has no rule of its own is in order when one of
them is filled. Where nothing was told, the word of a person decides, for as long as it is believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from niva.domains.condition.rules import pictures, settings, words
from niva.domains.condition.rules.base import OK, Ground, Rule, Verdict, broken
from niva.domains.condition.seen import Seen
from niva.domains.condition.states import IN_ORDER, State
from niva.networks.base.checklist import Item

__all__ = ["RULES", "Ground", "Judged", "Said", "Score", "Verdict", "judge", "judge_all", "score"]

RULES: Final[dict[str, Rule]] = {
    rule.__name__: rule
    for rule in (
        pictures.avatar_set, pictures.avatar_size, pictures.avatar_square, pictures.avatar_legible,
        pictures.avatar_contrast, pictures.avatar_corners, pictures.cover_set, pictures.cover_size,
        pictures.cover_ratio, pictures.cover_safe,
        words.handle_set, words.about_contact, words.site_set, words.site_utm, words.links_alive,
        settings.messages_on, settings.comments_on, settings.verified, settings.open_to_all,
        settings.greeting_set, settings.admins_two, settings.pinned_set, settings.pinned_fresh,
        settings.post_recent, settings.registered,
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """A person's word on an item: done, broken or not applicable; believed until `recheck_at`."""

    state: State
    answered_at: datetime
    recheck_at: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """One item with its verdict. `asked`: a person may say how it is."""

    item: Item
    verdict: Verdict
    asked: bool

    @property
    def required(self) -> bool:
        return self.item.required and self.verdict.sure


def judge_all(
    items: Iterable[Item], seen: Seen | None, said: Mapping[str, Said], ground: Ground
) -> tuple[Judged, ...]:
    """Every item that is of use here, in the order of the list. `seen` None: nobody has looked yet."""
    found = (judge(item, seen, said.get(item.code), ground) for item in items)
    return tuple(one for one in found if one is not None)


def judge(item: Item, seen: Seen | None, said: Said | None, ground: Ground) -> Judged | None:
    """One item; None where the network cannot tell it and nobody is to be asked.

    What the desk saw goes before what somebody said, but for one word: "does not apply here".
    """
    readable = bool(item.fields) and (seen is None or any(field in seen.reads for field in item.fields))
    verdict = None
    if readable:
        verdict = Verdict(State.UNKNOWN, "not_looked") if seen is None else _by_rule(item, seen, ground)
    if verdict is None and not item.ask:
        return None
    if verdict is None:
        return Judged(item, _by_word(said, ground), asked=True)
    believed = said is not None and said.recheck_at > ground.now
    waived = believed and said is not None and said.state == State.NOT_APPLICABLE
    if (waived and verdict.state != State.OK) or (believed and verdict.state == State.UNKNOWN):
        return Judged(item, _by_word(said, ground), asked=True)
    return Judged(item, verdict, asked=item.ask and verdict.state == State.UNKNOWN)


def _by_rule(item: Item, seen: Seen, ground: Ground) -> Verdict | None:
    rule = RULES.get(item.code)
    return rule(seen, ground) if rule else _filled(item, seen)


def _filled(item: Item, seen: Seen) -> Verdict | None:
    told = [getattr(seen.profile, field) for field in item.fields]
    if any(one.strip() if isinstance(one, str) else one for one in told if one is not None):
        return OK
    return None if all(one is None for one in told) else broken("field_empty")


_WORDS: Final = {
    State.DONE: "said_done",
    State.BROKEN: "said_broken",
    State.NOT_APPLICABLE: "said_not_applicable",
}


def _by_word(said: Said | None, ground: Ground) -> Verdict:
    if said is None:
        return Verdict(State.TODO, "unanswered")
    if said.recheck_at <= ground.now:
        return Verdict(State.TODO, "answer_old", {"n": (ground.now - said.answered_at).days})
    return Verdict(said.state, _WORDS[said.state])


@dataclass(frozen=True, slots=True)
class Score:
    """`done` of `required` are in order; of the rest `unknown` could not be seen. What does not apply is
    not counted on either side."""

    done: int = 0
    required: int = 0
    unknown: int = 0


def score(found: Iterable[Judged]) -> Score:
    counted = [
        one.verdict.state for one in found if one.required and one.verdict.state != State.NOT_APPLICABLE
    ]
    return Score(
        done=sum(state in IN_ORDER for state in counted),
        required=len(counted),
        unknown=sum(state == State.UNKNOWN for state in counted),
    )
