"""Any other place: a forum, a chat, a site, a notice board. People publish there by hand."""

from pathlib import Path

from niva.networks.base.hand import hand_connector
from niva.networks.base.network import Network

NETWORK: Network = hand_connector(Path(__file__).parent)
