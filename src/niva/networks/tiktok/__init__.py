"""TikTok: videos and photos of one account by the Content Posting API. See README.md for the person's guide.

TikTok gives a number for the publishing before there is a post: with it the outcome can be asked for.
"""

from pathlib import Path

from niva.networks.base.connector import OAuthConnector
from niva.networks.base.limits import Limits
from niva.networks.base.network import OAuthNetwork
from niva.networks.base.types import Credential
from niva.networks.tiktok import payloads, profile, publish, readings, setup


class TikTok(OAuthConnector):
    """How long a video may be is told for each account."""

    def limits_for(self, credential: Credential) -> Limits:
        """What TikTok told of the creator at the test button goes before the usual values."""
        return payloads.own_limits(self.limits, credential.facts)


NETWORK: OAuthNetwork = TikTok(
    Path(__file__).parent,
    payloads=payloads,
    publish=publish,
    readings=readings,
    setup=setup,
    profile=profile,
)
