"""YouTube: videos and Shorts of one channel, through Google's sign-in. See README.md for the person's guide.

A video comes to be with the last piece of its file; the address of the upload remembers what became of it.
"""

from pathlib import Path

from niva.networks.base.connector import OAuthConnector
from niva.networks.base.limits import Limits
from niva.networks.base.network import OAuthNetwork
from niva.networks.base.types import Credential
from niva.networks.youtube import inbox, payloads, profile, publish, readings, setup


class YouTube(OAuthConnector):
    """How long a video may be hangs on whether the channel's owner has shown a telephone."""

    def limits_for(self, credential: Credential) -> Limits:
        """What the channel told at the test button goes before the usual values."""
        return payloads.own_limits(self.limits, credential.facts)


NETWORK: OAuthNetwork = YouTube(
    Path(__file__).parent,
    payloads=payloads,
    publish=publish,
    readings=readings,
    setup=setup,
    inbox=inbox,
    profile=profile,
)
