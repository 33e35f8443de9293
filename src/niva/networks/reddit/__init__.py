"""Reddit: one subreddit, or the account's own profile. See README.md for the person's guide."""

from pathlib import Path

from niva.networks.base.connector import OAuthConnector
from niva.networks.base.limits import Limits
from niva.networks.base.network import OAuthNetwork
from niva.networks.base.types import Credential
from niva.networks.reddit import inbox, payloads, profile, publish, readings, setup


class Reddit(OAuthConnector):
    """Every subreddit asks something else of its posts."""

    def limits_for(self, credential: Credential) -> Limits:
        """What the subreddit told at the test button (`facts["limits"]`), over the usual values."""
        return payloads.own_limits(self.limits, credential.facts)


NETWORK: OAuthNetwork = Reddit(
    Path(__file__).parent,
    payloads=payloads,
    publish=publish,
    readings=readings,
    setup=setup,
    inbox=inbox,
    profile=profile,
)
