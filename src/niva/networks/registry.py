"""Finds the networks: every folder beside this file that exports NETWORK."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import cast

import niva.networks
from niva.networks.base.network import Network
from niva.networks.base.words import CodeWords, load_words


@cache
def all_networks() -> dict[str, Network]:
    """Networks by name, in the alphabetical order of their folders."""
    found: dict[str, Network] = {}
    for module in pkgutil.iter_modules(niva.networks.__path__):
        if module.ispkg and module.name != "base":
            loaded = importlib.import_module(f"niva.networks.{module.name}")
            found[module.name] = cast(Network, loaded.NETWORK)
    return found


def all_words() -> dict[str, Mapping[str, CodeWords]]:
    """The words for their own codes, by network; "base": for those that several share. Loads no network."""
    return {
        module.name: load_words(Path(folder) / module.name)
        for folder in niva.networks.__path__
        for module in pkgutil.iter_modules([folder])
        if module.ispkg
    }


def get_network(name: str) -> Network:
    """One network. Raises KeyError for a folder that is not there (any more)."""
    return all_networks()[name]
