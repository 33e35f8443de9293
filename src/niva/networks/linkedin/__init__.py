"""LinkedIn: pages of organisations and people's own feeds. README.md is the person's guide."""

from pathlib import Path

from niva.networks.base.connector import OAuthConnector
from niva.networks.base.network import OAuthNetwork
from niva.networks.linkedin import inbox, payloads, profile, publish, readings, setup

NETWORK: OAuthNetwork = OAuthConnector(
    Path(__file__).parent,
    payloads=payloads,
    publish=publish,
    readings=readings,
    setup=setup,
    inbox=inbox,
    profile=profile,
)
