"""Discord through a bot of one's own: one channel of a server. See README.md for the person's guide.

A nonce guards a message for some minutes, the reading of the channel the time after.
"""

from pathlib import Path

from niva.networks.base.connector import Connector
from niva.networks.base.network import Network
from niva.networks.discord import inbox, payloads, profile, publish, readings, setup

NETWORK: Network = Connector(
    Path(__file__).parent,
    payloads=payloads,
    publish=publish,
    readings=readings,
    setup=setup,
    inbox=inbox,
    profile=profile,
)
