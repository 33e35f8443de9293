"""RuTube: its upload has no public API, so videos are put there by hand."""

from pathlib import Path

from niva.networks.base.hand import hand_connector
from niva.networks.base.network import Network

NETWORK: Network = hand_connector(Path(__file__).parent)
