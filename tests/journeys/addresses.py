"""All addresses of the desk, from Django's own list, and what the numbers in them name."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.journeys.world import World

# What a parameter names, by the beginning of the address; the first that fits is taken.
NAMES: Final = {
    ("clients/", "pk"): "client",
    ("clients/", "member"): "member",
    ("clients/", "goal"): "goal",
    ("clients/", "fact"): "fact",
    ("clients/", "cost"): "cost",
    ("clients/", "promise"): "promise",
    ("clients/", "fundraiser"): "fundraiser",
    ("clients/", "volunteer"): "volunteer",
    ("money/", "shared"): "shared_cost",
    ("clients/", "artwork"): "artwork",
    ("clients/", "experiment"): "experiment",
    ("clients/", "lead"): "lead",
    ("clients/", "alarm"): "alarm",
    ("clients/", "door"): "lead_door",
    ("communities/apps/", "pk"): "app",
    ("communities/new/", "client"): "client",
    ("communities/", "pk"): "community",
    ("clients/", "rubric"): "rubric",
    ("assistant/posts/", "post_id"): "post",
    ("assistant/proposals/", "proposal_id"): "proposal",
    ("clients/", "row"): "segment",
    ("clients/", "vision"): "vision",
    ("approvals/", "approval_id"): "approval",
    ("approvals/", "post_id"): "post",
    ("decide/", "asset_id"): "asset",
    ("decide/", "variant_id"): "variant",
    ("queue/", "pk"): "community",
    ("queue/", "delivery_id"): "delivery",
    ("repeats/", "series_id"): "series",
    ("communities/", "slot"): "slot",
    ("people/invitations/", "pk"): "invitation",
    ("people/", "pk"): "member",
    ("profile/tokens/", "pk"): "token_row",
    ("account/2fa/webauthn/keys/", "pk"): "key",
    ("today/", "delivery_id"): "delivery",
    ("today/", "pk"): "piece",
    ("board/", "piece_id"): "piece",
    ("board/", "client_id"): "client",
    ("board/", "stage_id"): "stage",
    ("notices/", "pk"): "notice",
    ("numbers/", "pk"): "community",
    ("numbers/", "publication_id"): "publication",
    ("numbers/", "file_id"): "history_file",
    ("by-hand/", "delivery_id"): "delivery",
    ("by-hand/", "publication_id"): "publication",
    ("sources/", "source_id"): "source",
    ("sources/", "cue"): "cue",
    ("sources/", "fragment_id"): "fragment",
    ("sources/", "clip_id"): "clip",
    ("tasks/", "task_id"): "task",
    ("tasks/", "block_id"): "block",
    ("tasks/", "version_id"): "file_version",
    ("pieces/", "piece_id"): "piece",
    ("pieces/", "remark_id"): "remark",
    ("pieces/", "client_id"): "client",
    ("pieces/", "edit_id"): "bulk_edit",
    ("pieces/", "filter_id"): "saved_filter",
    ("pay/", "person"): "payee",
    ("pay/", "sheet"): "pay_sheet",
    ("pay/", "agreement"): "agreement",
    ("kaizen/", "change"): "change",
    ("plan/", "import_id"): "plan_import",
    ("plan/", "link_id"): "plan_link",
    ("plan/", "event_id"): "own_event",
    ("posts/", "post_id"): "post",
    ("posts/", "asset_id"): "asset",
    ("posts/", "variant_id"): "variant",
    ("posts/", "delivery_id"): "delivery",
    ("api/v1/", "client_id"): "client",
    ("api/v1/", "goal_id"): "goal",
    ("api/v1/", "community_id"): "community",
    ("api/v1/", "post_id"): "post",
    ("api/v1/", "delivery_id"): "delivery",
    ("api/v1/", "publication_id"): "publication",
    ("api/v1/", "piece_id"): "piece",
}
# Parameters that name no row of anybody, with the values to try.
WORDS: Final = {
    "network": ("vk",),
    "step": ("audience", "nonsense"),
    "decision": ("accept", "reject", "put", "nonsense"),
    "table": ("segments", "nonsense"),
    "verb": (
        "move",
        "now",
        "cancel",
        "out",
        "not-out",
        "edit",
        "delete",
        "comment",
        "comment-there",
        "comment-not-there",
        "nonsense",
    ),
    "kind": ("piece", "nonsense"),
    "column": ("at", "nonsense"),
    "form": ("pdf", "html", "nonsense"),
    "month": ("2025-10", "nonsense"),
    "token": ("no-such-token",),
    "name": ("field.jpg",),
    "guid": ("no-such-item",),
    "number": ("0", "7"),
    "uidb36": ("1",),
    "key": ("no-such-key",),
    "to": ("front", "later", "nonsense"),
    "day": ("2030-01-01", "nonsense"),
    "doing": ("skip", "back", "make", "cancel", "again", "nonsense", "yes", "undo", "drop"),
    "job": ("1",),
    "item": ("messages_on", "nonsense"),
}


@dataclass(frozen=True)
class Address:
    """One pattern. `names`: parameter → which thing it names; the others are plain words."""

    route: str
    name: str
    names: dict[str, str]
    words: tuple[str, ...]

    def paths(self, *worlds: World) -> Iterator[tuple[str, tuple[World, ...]]]:
        """Every address that numbers of these worlds make, with the worlds in the order of the parameters."""
        for chosen in itertools.product(worlds, repeat=len(self.names)):
            if any(thing not in one.things for one, thing in zip(chosen, self.names.values(), strict=True)):
                continue  # this world has none
            numbers = {
                name: _value(name, world, thing)
                for (name, thing), world in zip(self.names.items(), chosen, strict=True)
            }
            for values in itertools.product(*(WORDS[word] for word in self.words)):
                said = dict(zip(self.words, values, strict=True))
                yield self._path({**numbers, **said}), chosen

    def _path(self, values: dict[str, object]) -> str:
        if not self.route.startswith("api/"):
            return reverse(self.name, kwargs=values)
        path = self.route
        for name, value in values.items():
            path = path.replace(f"<int:{name}>", str(value))
        return f"/{path}"


def _value(parameter: str, world: World, thing: str) -> object:
    number = world.things[thing].pk
    return f"d{number}" if parameter == "ref" else number


def every_address() -> list[Address]:
    """All of them. Raises KeyError for a parameter that nobody told what it names."""
    return [_address(route, pattern.name or "") for route, pattern in _patterns(get_resolver(), "")]


def _patterns(resolver: URLResolver, before: str) -> Iterator[tuple[str, URLPattern]]:
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _patterns(one, route)
        else:
            yield route, one


def _address(route: str, address_name: str) -> Address:
    parameters = re.findall(r"<(?:\w+:)?(\w+)>", route)
    names: dict[str, str] = {}
    words: list[str] = []
    for parameter in parameters:
        if parameter == "ref":
            names[parameter] = "delivery"
            continue
        found = next(
            (t for (begin, p), t in NAMES.items() if p == parameter and route.startswith(begin)), None
        )
        if found:
            names[parameter] = found
        elif parameter in WORDS:
            words.append(parameter)
        else:
            raise KeyError(f"tell in NAMES what <{parameter}> of {route} names")
    return Address(route, address_name, names, tuple(words))
