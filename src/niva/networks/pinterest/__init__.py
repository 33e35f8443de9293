"""Pinterest: pins of one, several or moving pictures on the boards of an account. README.md is the guide."""

from pathlib import Path

from niva.networks.base.connector import OAuthConnector
from niva.networks.base.network import OAuthNetwork
from niva.networks.pinterest import payloads, profile, publish, readings, setup

NETWORK: OAuthNetwork = OAuthConnector(
    Path(__file__).parent,
    payloads=payloads,
    publish=publish,
    readings=readings,
    setup=setup,
    profile=profile,
)
