"""A real Bluesky PDS with its directory, on loopback, for tests.

    with real_pds() as pds:
        someone = pds.create_account("harvest")

The first call on a machine installs the server from npm into a cache (NIVA_CACHE, else ~/.cache/niva-tests)
and builds its SQLite binding, which takes about two minutes and a C++ compiler; later calls start it in
about five seconds. Nothing here uses our own client: what it tells of the server is a second opinion.
"""

from __future__ import annotations

from tests.servers.pds.install import PdsUnavailable
from tests.servers.pds.server import Person, RealPds, real_pds, shared_pds, shared_person

__all__ = ["PdsUnavailable", "Person", "RealPds", "real_pds", "shared_pds", "shared_person"]
