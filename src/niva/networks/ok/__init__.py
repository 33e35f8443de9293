"""Groups of OK (Одноклассники) by its REST API and, for private messages, its Bot API.

README.md is the person's guide. The manifest's `calls` says which key each call wants.
"""

from pathlib import Path

from niva.networks.base.connector import OAuthConnector
from niva.networks.base.network import OAuthNetwork
from niva.networks.ok import inbox, payloads, profile, publish, readings, setup

NETWORK: OAuthNetwork = OAuthConnector(
    Path(__file__).parent,
    payloads=payloads,
    publish=publish,
    readings=readings,
    setup=setup,
    inbox=inbox,
    profile=profile,
)
