"""Mastodon on any server, by OAuth or a token of one's own making. See README.md for the person's guide.

An idempotency key guards a status for an hour, the search the time after.
"""

from pathlib import Path

from niva.networks.base.connector import OAuthConnector
from niva.networks.base.limits import Limits
from niva.networks.base.network import Call, OAuthNetwork
from niva.networks.base.types import JSON, App, Credential
from niva.networks.mastodon import inbox, payloads, profile, publish, readings, setup


class Mastodon(OAuthConnector):
    """Every server has limits of its own, and gives an application to whoever asks."""

    def limits_for(self, credential: Credential) -> Limits:
        """What the account's server told at the test button (`facts["limits"]`), over the usual values."""
        return payloads.own_limits(self.limits, credential.facts)

    async def register(self, call: Call, *, redirect_uri: str, facts: JSON) -> App:
        """Our application on the person's server, made by ourselves before he is sent there."""
        return await setup.register(call, redirect_uri=redirect_uri, facts=facts)


NETWORK: OAuthNetwork = Mastodon(
    Path(__file__).parent,
    payloads=payloads,
    publish=publish,
    readings=readings,
    setup=setup,
    inbox=inbox,
    profile=profile,
)
