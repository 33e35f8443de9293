"""The checks of the networks in words and figures: one line a community, problems at their fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from niva.domains.publishing.delivery.content import fingerprint
from niva.domains.publishing.models import Delivery, Post, Variant
from niva.domains.publishing.services.fitting import limits_of
from niva.domains.publishing.services.freeze import Check, check
from niva.domains.publishing.states import OUT, STILL_OURS, State
from niva.networks.base.limits import Limit
from niva.networks.base.types import Problem
from niva.networks.registry import all_networks
from niva.web.looks import network_name
from niva.web.posts.options import named
from niva.words import describe
from niva.words.amounts import size


@dataclass(frozen=True, slots=True)
class Said:
    """A problem in words. `where`: the field, as `Problem.where` has it, without its number."""

    where: str
    what: str
    todo: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class FileWord:
    """What a network makes of the files: `look` is a state's name for colour and icon."""

    look: str
    word: str


@dataclass(frozen=True, slots=True)
class PartLine:
    """One further post of a chain: its number (2, 3, ...), its text as typed, its count as it goes out."""

    number: int
    text: str
    length: int
    most: int | None

    @property
    def surplus(self) -> int:
        return max(0, self.length - self.most) if self.most is not None else 0


@dataclass(slots=True)
class Line:
    """One community as it stands. `share`: percent of the limit, 100 at most.

    `twin`: the post goes to another community of the same network too, so it is called by its own name.
    """

    variant: Variant
    check: Check
    length: int
    most: int | None
    surplus: int
    share: int
    unproven: str
    over_at: int | None
    said: list[Said] = field(default_factory=list)
    files: FileWord | None = None
    delivery: Delivery | None = None
    frozen_differs: bool = False
    twin: bool = False
    parts: list[PartLine] = field(default_factory=list)

    @property
    def network(self) -> str:
        return self.variant.community.network

    @property
    def name(self) -> str:
        return self.variant.community.name if self.twin else network_name(self.network)

    @property
    def ready(self) -> bool:
        """It would go out: nothing to mend, and the community lets the desk in."""
        return not self.check.errors and self.is_connected

    @property
    def is_blank(self) -> bool:
        """Nothing is written yet: not ready, but nothing to scold for either."""
        return bool(self.check.errors) and all(one.code == "post_empty" for one in self.check.errors)

    @property
    def is_broken(self) -> bool:
        return bool(self.check.errors) and not self.is_blank and not self.is_out

    @property
    def is_out(self) -> bool:
        """Nothing typed here reaches it any more: it is out, or on its way."""
        return self.delivery is not None and self.delivery.state not in STILL_OURS | {State.REMOVED}

    @property
    def is_scheduled(self) -> bool:
        return self.delivery is not None and self.delivery.state in (State.QUEUED, State.WAITING, State.HELD)

    @property
    def errors(self) -> list[Said]:
        return [one for one in self.said if one.is_error]

    @property
    def text_said(self) -> list[Said]:
        return [one for one in self.said if one.where == "text"]

    @property
    def other_said(self) -> list[Said]:
        return [one for one in self.said if one.where != "text"]

    @property
    def is_connected(self) -> bool:
        return self.variant.community.takes_posts

    @property
    def look(self) -> str:
        """The state shown in its preview."""
        if self.is_broken:
            return "rejected"
        return self.delivery.state if self.delivery else "draft"

    @property
    def is_too_long(self) -> bool:
        """Its text is, for sure or by what people say, and nothing has been done about it."""
        long = any(one.code == "text_too_long" and one.where == "text" for one in self.check.problems)
        return long and not self.parts and not self.is_out

    @property
    def can_split(self) -> bool:
        """Too long for one post, and the network has chains."""
        return self.is_too_long and "thread" in self.check.abilities

    @property
    def in_utf16(self) -> int | None:
        """Where the surplus begins, in the units that a browser's textarea counts."""
        if self.over_at is None:
            return None
        return utf16(self.check.out.text[: self.over_at])


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def lines_of(post: Post) -> list[Line]:
    """Every community of the post that is at work, in the order of its variants. Calls nobody."""
    lines = [_line(variant) for variant in post.variants.all() if variant.community.archived_at is None]
    counts = Counter(line.network for line in lines)
    for line in lines:
        line.twin = counts[line.network] > 1
    return lines


def _line(variant: Variant) -> Line:
    checked = check(variant)
    network = all_networks().get(variant.community.network)
    has_caption = network is not None and network.limits.get("caption_max") is not None
    long = next((one for one in checked.problems if one.code == "text_too_long"), None)
    # The networks count what is added to the text (an address without a card) as well.
    length = int(long.params.get("actual", checked.length)) if long else checked.length
    most = int(long.params.get("limit", checked.most or 0)) if long else checked.most
    line = Line(
        variant=variant,
        check=checked,
        length=length,
        most=most,
        surplus=max(0, length - most) if most is not None else 0,
        share=min(100, round(100 * length / most)) if most else 0,
        unproven=_unproven(checked),
        over_at=min(long.over_at, len(checked.out.text)) if long and long.over_at is not None else None,
        said=[
            _said(one, variant, caption=has_caption) for one in checked.problems if one.code != "post_empty"
        ],
        files=file_word(checked),
        parts=_parts(checked),
    )
    deliveries = list(variant.deliveries.all())
    line.delivery = deliveries[-1] if deliveries else None
    if line.is_scheduled and line.delivery is not None:
        line.frozen_differs = line.delivery.revision.sha256 != fingerprint(checked.content)
    if not line.is_connected:
        line.said.append(_said(Problem("not_connected", "community", "warning"), variant))
    return line


def _parts(checked: Check) -> list[PartLine]:
    """The posts after the first, each with the count that its network makes of it."""
    variant = checked.variant
    network = all_networks().get(variant.community.network)
    typed = (variant.own_thread or {}).get("parts", ())
    if network is None:
        return []
    most = limits_of(variant.community, network).value("text_max")
    told = {one.where: one.params for one in checked.problems if one.code == "text_too_long"}
    found = []
    for number, (text, part) in enumerate(zip(typed, checked.out.thread, strict=True), 2):
        said = told.get(f"thread:{number}", {})
        length = int(said.get("actual", network.length(part.text)))
        found.append(PartLine(number, text, length, said.get("limit", most)))
    return found


def line_network(variant: Variant) -> str:
    return network_name(variant.community.network)


def _said(problem: Problem, variant: Variant, *, caption: bool = True) -> Said:
    """`caption`: whether texts under pictures have a limit of their own here."""
    where, _colon, index = problem.where.partition(":")
    params = {"network": line_network(variant), **named(problem, variant.community.network)}
    if not caption:
        params.pop("with_media", None)
    words = describe(problem.code, params)
    what = words.what
    if index.isdecimal():
        labels = {"media": _("File %(n)s: %(what)s"), "thread": _("Post %(n)s of the chain: %(what)s")}
        label = labels.get(where, _("Answer %(n)s: %(what)s"))
        what = label % {"n": int(index) + (where != "thread"), "what": what}
    return Said(where, what, words.todo, problem.severity == "error")


def _unproven(checked: Check) -> str:
    """Why the limit of the text is not certain; empty where the network itself states it."""
    network = all_networks().get(checked.variant.community.network)
    if network is None:
        return ""
    limits = limits_of(checked.variant.community, network)
    name = "caption_max" if checked.out.media and limits.get("caption_max") else "text_max"
    limit: Limit | None = limits.get(name)
    if limit is None or limit.confirmed:
        return ""
    return _("%(network)s states no figure. This one is what people found, so it only warns.") % {
        "network": network_name(network.manifest.name)
    }


def file_word(checked: Check) -> FileWord | None:
    """The worst of what happens to the files: not taken, squeezed, or fine. None without files."""
    if not checked.out.media:
        return None
    refused = [one for one in checked.problems if one.where.startswith("media")]
    if any(one.severity == "error" for one in refused):
        return FileWord("rejected", _("not taken"))
    if refused:
        return FileWord("waiting", _("with a remark"))
    assets = {item.asset.sha256: item.asset for item in checked.variant.post.media.all()}
    heaviest = 0
    for file in checked.out.media:
        asset = assets.get(file.path.name.split(".")[0].split("-")[0])
        if asset is not None and (file.size, file.mime) != (asset.size, asset.mime):
            heaviest = max(heaviest, file.size)
    if heaviest:
        shown = size(heaviest, get_language() or "ru")
        return FileWord("waiting", _("shrunk to %(size)s") % {"size": shown})
    return FileWord("published", _("fine"))


@dataclass(frozen=True, slots=True)
class Standing:
    """How the post stands as a whole."""

    ready: int
    of: int
    sentence: str
    scheduled: tuple[Line, ...]
    held: tuple[Line, ...]
    stale: tuple[Line, ...]
    out: tuple[Line, ...]
    ready_lines: tuple[Line, ...]


def standing_of(lines: Sequence[Line]) -> Standing:
    ours = [line for line in lines if not line.is_out]
    ready = [line for line in ours if line.ready]
    broken = [line for line in ours if line.is_broken]
    return Standing(
        ready=len(ready),
        of=len(ours),
        sentence=_sentence(ready, broken),
        scheduled=tuple(line for line in lines if line.is_scheduled),
        held=tuple(one for one in lines if one.delivery is not None and one.delivery.state == State.HELD),
        stale=tuple(line for line in lines if line.frozen_differs),
        out=tuple(line for line in lines if line.delivery is not None and line.delivery.state in OUT),
        ready_lines=tuple(ready),
    )


def _sentence(ready: Sequence[Line], broken: Sequence[Line]) -> str:
    if not broken:
        return ""
    waiting = names(broken)
    if not ready:
        return _("Waits to be mended: %(waiting)s.") % {"waiting": waiting}
    return _("Goes out on time: %(ready)s. Waits to be mended: %(waiting)s.") % {
        "ready": names(ready),
        "waiting": waiting,
    }


def names(lines: Iterable[Line]) -> str:
    """The communities by their networks; two of one network by their own names."""
    return ", ".join(line.name for line in lines)


def common_over(lines: Sequence[Line]) -> int | None:
    """Where the tightest network stops reading the common text, in UTF-16 units."""
    marks = [line.in_utf16 for line in lines if line.variant.own_text is None and line.in_utf16 is not None]
    return min(marks, default=None)


def at_field(lines: Sequence[Line], where: str) -> list[tuple[list[str], Said]]:
    """Problems of one common field with the networks that have them; what is said alike is said once."""
    found: dict[Said, list[str]] = {}
    for line in lines:
        own = {"text": line.variant.own_text, "first_comment": line.variant.own_first_comment}
        for said in line.said:
            if said.where == where and own.get(where) is None and line.network not in found.get(said, []):
                found.setdefault(said, []).append(line.network)
    return [(networks, said) for said, networks in found.items()]


def hour_words(planned_at: datetime | None, deliveries: Iterable[Delivery]) -> datetime | None:
    """The hour that is shown: the planned one, else the one that is scheduled."""
    return planned_at or min((one.due_at for one in deliveries), default=None)
