"""Sentences about tasks: how much slack is left, what the networks want of files, what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from niva.domains.editorial import briefs
from niva.domains.editorial.mentions import Person, mentions
from niva.domains.editorial.sizes import Sizes
from niva.domains.editorial.states import Reason
from niva.domains.editorial.task_states import TaskState
from niva.domains.editorial.tasking import Task, TaskStep
from niva.kit.text import number
from niva.words.amounts import duration, size


@dataclass(frozen=True, slots=True)
class Look:
    """How a state of a task looks: class, icon, word."""

    css: str
    icon: str
    word: str | Promise


LOOKS: Final = {
    TaskState.OPEN: Look("draft", "clock", TaskState.OPEN.label),
    TaskState.IN_WORK: Look("sending", "pencil", TaskState.IN_WORK.label),
    TaskState.HANDED: Look("scheduled", "eye-check", TaskState.HANDED.label),
    TaskState.RETURNED: Look("rejected", "alert-triangle", TaskState.RETURNED.label),
    TaskState.ACCEPTED: Look("out", "circle-check", TaskState.ACCEPTED.label),
    TaskState.CANCELLED: Look("cancelled", "ban", TaskState.CANCELLED.label),
}
_STEPS: Final[dict[str, str | Promise]] = {
    "set": _l("%(by)s set the task for %(to)s"),
    "changed": _l("%(by)s changed the task"),
    "given": _l("%(by)s gave it to %(to)s"),
    "take": _l("%(by)s: taken into work"),
    "hand": _l("%(by)s: handed over"),
    "accept": _l("%(by)s: accepted"),
    "give_back": _l("%(by)s: returned, %(reason)s"),
    "cancel": _l("%(by)s: cancelled"),
}
_LIMITS: Final[dict[str, str | Promise]] = {
    "text_max": _l("text up to %(value)s characters"),
    "caption_max": _l("under a picture up to %(value)s characters"),
    "images_max": _l("pictures: up to %(value)s"),
    "media_max": _l("files: up to %(value)s"),
    "image_side_min": _l("a picture's side from %(value)s px"),
    "image_side_max": _l("a picture's side up to %(value)s px"),
    "image_ratio_from": _l("a picture's shape from %(value)s"),
    "image_ratio_to": _l("a picture's shape up to %(value)s"),
    "image_ratio_max": _l("a picture's sides at most %(value)s"),
    "image_bytes_max": _l("a picture up to %(value)s"),
    "video_seconds_min": _l("a video from %(value)s"),
    "video_seconds_max": _l("a video up to %(value)s"),
    "video_side_min": _l("a video's side from %(value)s px"),
    "video_side_max": _l("a video's side up to %(value)s px"),
    "video_ratio_from": _l("a video's shape from %(value)s"),
    "video_ratio_to": _l("a video's shape up to %(value)s"),
    "video_bytes_max": _l("a video up to %(value)s"),
    "story_media_max": _l("files of a story: up to %(value)s"),
    "story_seconds_max": _l("a story up to %(value)s"),
    "story_side_max": _l("a story's side up to %(value)s px"),
    "story_ratio_from": _l("a story's shape from %(value)s"),
    "story_ratio_to": _l("a story's shape up to %(value)s"),
    "story_image_bytes_max": _l("a story's picture up to %(value)s"),
    "story_bytes_max": _l("a story's file up to %(value)s"),
    "reel_media_max": _l("files of a reel: up to %(value)s"),
    "reel_seconds_min": _l("a reel from %(value)s"),
    "reel_seconds_max": _l("a reel up to %(value)s"),
    "reel_ratio_from": _l("a reel's shape from %(value)s"),
    "reel_ratio_to": _l("a reel's shape up to %(value)s"),
    "reel_bytes_max": _l("a reel's file up to %(value)s"),
}


@dataclass(frozen=True, slots=True)
class SizeWords:
    """What one network wants. `form`: "post", "story" or "reel"."""

    network: str
    form: str
    says: list[str]


def size_words(sizes: list[Sizes]) -> list[SizeWords]:
    return [
        SizeWords(one.network, one.form, [_limit(name, value) for name, value in one.limits]) for one in sizes
    ]


def _limit(name: str, value: Any) -> str:
    language = get_language() or "ru"
    if name.endswith("bytes_max"):
        shown = size(value, language)
    elif "seconds" in name:
        shown = duration(value, language)
    elif "ratio" in name:
        near = Fraction(value).limit_denominator(20)
        shown = f"{near.numerator}:{near.denominator}"
    else:
        shown = number(value, language)
    return str(_LIMITS[name]) % {"value": shown}


def slack_words(task: Task) -> str:
    """That the deadline lies too near to the hour it is for; "" when there is enough between them."""
    kinds = briefs.briefs()
    if task.kind not in kinds:
        return ""
    planned = task.piece.post.planned_at if task.piece else None
    left = briefs.slack_left(task.due_at, briefs.wanted_by(task.kind, task.brief, planned))
    wanted = kinds[task.kind].slack
    if left is None or left >= timedelta(days=wanted):
        return ""
    days = max(0, left.days)
    have = (
        ngettext("%(n)d day is left", "%(n)d days are left", days) % {"n": days}
        if days
        else _("Less than a day is left")
    )
    need = ngettext("%(n)d day is wanted", "%(n)d days are wanted", wanted) % {"n": wanted}
    return _("%(have)s between the deadline and its hour, %(need)s: a return would leave no time.") % {
        "have": have, "need": need,
    }  # fmt: skip


def step_words(step: TaskStep) -> str:
    reason = str(Reason(step.reason).label) if step.reason else ""
    words = _STEPS.get(step.verb, "%(by)s")
    return str(words) % {"by": step.by_name, "to": step.to or _("nobody"), "reason": reason}


def called(text: str, people: list[Person]) -> SafeString:
    """The text with the names of people of here marked; everything else is as it was typed."""
    parts: list[SafeString] = []
    place = 0
    for one in mentions(text, people):
        parts.append(
            format_html('{}<b class="mention">{}</b>', text[place : one.start], text[one.start : one.end])
        )
        place = one.end
    parts.append(format_html("{}", text[place:]))
    return mark_safe("".join(parts))  # noqa: S308  every part was escaped by format_html
