"""Dzen has no call that publishes: it imports an RSS feed, which the desk serves for each community.

To publish is to stand in the feed: nothing here talks to anybody.
"""

from collections.abc import Sequence
from pathlib import Path

from niva.networks.base.connector import Connector
from niva.networks.base.feed import Channel, Item
from niva.networks.base.network import Network
from niva.networks.base.types import Outgoing
from niva.networks.dzen import payloads, publish, readings, rss, setup


class Dzen(Connector):
    """The usual make, and the feed."""

    def feed(self, channel: Channel, items: Sequence[Item]) -> bytes:
        return rss.feed(channel, items)

    def article(self, out: Outgoing) -> str:
        return rss.article(out)


NETWORK: Network = Dzen(
    Path(__file__).parent, payloads=payloads, publish=publish, readings=readings, setup=setup
)
