"""The common suite over all networks, told as one line of JSON: network → abilities and their state.

    python tools/contract.py [network …]

"yes": offered, and every test that touches it passed on a server that keeps to the network's contract;
"failed": offered, and one did not; "by us": the network is never called (by hand, by a feed), the desk does
it itself; else the manifest's reason for its absence. `contracts`: whether the machine-readable contracts
were at hand (NIVA_CONTRACTS); without them requests are sent, not validated.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
SUITE: Final = "tests/networks/test_suite.py"


class Listener:
    """Hears every test of the suite: its network and ability stand in brackets behind its name."""

    def __init__(self, networks: set[str]) -> None:
        self.networks = networks
        self.failed: dict[str, set[str]] = defaultdict(set)
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.passed:
            return
        words = set(report.nodeid.partition("[")[2].rstrip("]").split("-"))
        for network in words & self.networks:
            self.counts[network][report.outcome] += 1
            if report.failed:
                self.failed[network] |= (words - {network}) or {report.nodeid}


def main(only: list[str]) -> int:
    sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
    from niva.networks.base.manifest import ABILITIES
    from niva.networks.registry import all_networks

    networks = {name: one.manifest for name, one in all_networks().items() if not only or name in only}
    listener = Listener(set(networks))
    chosen = ["-k", " or ".join(f"{name}" for name in only)] if only else []
    code = pytest.main([str(ROOT / SUITE), "-q", *chosen], plugins=[listener])
    told = {}
    for name, manifest in networks.items():
        failed = listener.failed[name]
        called = bool({"keys", "oauth"} & set(manifest.connect))
        whole = bool(failed - set(ABILITIES))  # a test of no single ability: nothing of it is proved
        told[name] = {
            ability: ("by us" if not called else "failed" if whole or ability in failed else "yes")
            if ability in manifest.abilities
            else manifest.absent[ability].why
            for ability in ABILITIES
        } | {"tests": dict(listener.counts[name])}
    contracts = bool(os.environ.get("NIVA_CONTRACTS"))
    print(json.dumps({"networks": told, "contracts": contracts, "ok": code == 0}))
    return int(code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
