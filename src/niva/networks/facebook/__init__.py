"""Facebook pages, by Facebook Login or a page's own key. See README.md for the person's guide.

No idempotency key: after an unclear answer the post is looked for on the page.
"""

from pathlib import Path

from niva.networks.base.connector import OAuthConnector
from niva.networks.base.network import OAuthNetwork
from niva.networks.facebook import inbox, payloads, profile, publish, readings, setup

NETWORK: OAuthNetwork = OAuthConnector(
    Path(__file__).parent,
    payloads=payloads,
    publish=publish,
    readings=readings,
    setup=setup,
    inbox=inbox,
    profile=profile,
)
