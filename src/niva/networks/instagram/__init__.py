"""Instagram's professional accounts, by way of the Facebook page they hang on. See README.md for the guide.

Of Meta's two ways in, this one (Facebook Login, graph.facebook.com) is taken: its keys do not end after 60
days, and it alone deletes posts and tells who tagged the account.
"""

from pathlib import Path

from niva.networks.base.connector import OAuthConnector
from niva.networks.base.limits import Limits
from niva.networks.base.network import OAuthNetwork
from niva.networks.base.types import Credential
from niva.networks.instagram import inbox, payloads, profile, publish, readings, setup


class Instagram(OAuthConnector):
    """Every account is told its own number of posts a day."""

    def limits_for(self, credential: Credential) -> Limits:
        """What the account told at the test button (`facts["limits"]`), over the usual values."""
        return payloads.own_limits(self.limits, credential.facts)


NETWORK: OAuthNetwork = Instagram(
    Path(__file__).parent,
    payloads=payloads,
    publish=publish,
    readings=readings,
    setup=setup,
    inbox=inbox,
    profile=profile,
)
