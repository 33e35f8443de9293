"""The checklist and the ground of a community, from its network's folder."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from niva.domains.condition.rules import Ground
from niva.networks.base.checklist import Item, load_checklist
from niva.networks.base.limits import Limits
from niva.networks.base.types import Credential
from niva.networks.registry import all_networks

# What the desk knows by itself, from what it published and counted, where the network does not tell it.
OWN: frozenset[str] = frozenset({"last_post_at", "followers"})


@cache
def items_of(network: str) -> tuple[Item, ...]:
    """The checklist of a network; none for a network that is not there any more."""
    found = all_networks().get(network)
    return load_checklist(found.manifest.folder) if found else ()


def item_of(network: str, code: str) -> Item | None:
    return next((item for item in items_of(network) if item.code == code), None)


def reads_of(network: str) -> frozenset[str]:
    """The fields of a profile that can be told at all: by the network, or by the desk itself."""
    found = all_networks().get(network)
    if found is None or "profile" not in found.manifest.abilities:
        return OWN
    return found.manifest.reads | OWN


def can_write(network: str) -> frozenset[str]:
    """The fields that the desk can change there."""
    found = all_networks().get(network)
    if found is None or "profile_write" not in found.manifest.abilities:
        return frozenset()
    return found.manifest.writes


def ground_of(network: str, facts: dict[str, object], now: datetime) -> Ground:
    """`facts`: of the community's keys, for networks whose servers differ."""
    found = all_networks().get(network)
    limits = found.limits_for(Credential(facts=facts)) if found else Limits({})
    return Ground(limits=limits, network=network, now=now)
