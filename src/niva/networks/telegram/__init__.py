"""Telegram through a bot of one's own: channels and groups. See README.md for the person's guide."""

from pathlib import Path

from niva.networks.base.connector import Connector
from niva.networks.base.network import Network
from niva.networks.telegram import inbox, payloads, profile, publish, readings, setup

NETWORK: Network = Connector(
    Path(__file__).parent,
    payloads=payloads,
    publish=publish,
    readings=readings,
    setup=setup,
    inbox=inbox,
    profile=profile,
)
