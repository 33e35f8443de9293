"""Bluesky (AT Protocol): any personal data server, by handle and app password. See README.md.

Records have keys of our own: nothing that is repeated is doubled.
"""

from pathlib import Path

from niva.networks.base.connector import Connector
from niva.networks.base.network import Network
from niva.networks.bluesky import inbox, payloads, profile, publish, readings, setup

NETWORK: Network = Connector(
    Path(__file__).parent,
    payloads=payloads,
    publish=publish,
    readings=readings,
    setup=setup,
    inbox=inbox,
    profile=profile,
)
