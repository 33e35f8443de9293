"""Threads, by its own sign-in. See README.md for the person's guide.

Posts go out by containers, which tell whether they were published. The key lives 60 days and renews itself.
"""

from pathlib import Path

from niva.networks.base.connector import OAuthConnector
from niva.networks.base.limits import Limits
from niva.networks.base.network import OAuthNetwork
from niva.networks.base.types import Credential
from niva.networks.threads import inbox, payloads, profile, publish, readings, setup


class Threads(OAuthConnector):
    """Every account is told its own number of posts a day."""

    def limits_for(self, credential: Credential) -> Limits:
        """What the account told at the test button (`facts["limits"]`), over the usual values."""
        return payloads.own_limits(self.limits, credential.facts)


NETWORK: OAuthNetwork = Threads(
    Path(__file__).parent,
    payloads=payloads,
    publish=publish,
    readings=readings,
    setup=setup,
    inbox=inbox,
    profile=profile,
)
