"""The practice network (учебная соцсеть): a real little social network inside the product."""

from pathlib import Path

from niva.networks.base.connector import Connector
from niva.networks.base.network import Network
from niva.networks.practice import inbox, payloads, profile, publish, readings, setup

NETWORK: Network = Connector(
    Path(__file__).parent,
    payloads=payloads,
    publish=publish,
    readings=readings,
    setup=setup,
    inbox=inbox,
    profile=profile,
)
