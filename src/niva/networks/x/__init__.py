"""X (Twitter): posts, chains, polls, private messages by OAuth 2. See README.md for the person's guide."""

from pathlib import Path

from niva.networks.base.connector import OAuthConnector
from niva.networks.base.limits import Limits
from niva.networks.base.network import OAuthNetwork
from niva.networks.base.types import Credential
from niva.networks.x import inbox, payloads, profile, publish, readings, setup


class X(OAuthConnector):
    """How long a post may be hangs on the account's subscription."""

    def limits_for(self, credential: Credential) -> Limits:
        """What the account told at the test button goes before the usual values."""
        return payloads.own_limits(self.limits, credential.facts)


NETWORK: OAuthNetwork = X(
    Path(__file__).parent,
    payloads=payloads,
    publish=publish,
    readings=readings,
    setup=setup,
    inbox=inbox,
    profile=profile,
)
