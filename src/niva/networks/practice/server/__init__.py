"""The practice network's server: a real HTTP server that behaves like a social network.

`python -m niva.networks.practice.server --port 8131 --data practice.sqlite3` or `async with serve(path):`.
"""

from niva.networks.practice.server.app import DEFAULT_PORT, Serving, serve
from niva.networks.practice.server.store import Store

__all__ = ["DEFAULT_PORT", "Serving", "Store", "serve"]
