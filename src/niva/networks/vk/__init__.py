"""VK communities by API 5.199. See README.md for the person's guide.

The manifest's `calls` says which key may ask what.
"""

from pathlib import Path

from niva.networks.base.connector import OAuthConnector
from niva.networks.base.network import OAuthNetwork
from niva.networks.vk import inbox, payloads, profile, publish, readings, setup

NETWORK: OAuthNetwork = OAuthConnector(
    Path(__file__).parent,
    payloads=payloads,
    publish=publish,
    readings=readings,
    setup=setup,
    inbox=inbox,
    profile=profile,
)
