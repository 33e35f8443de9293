"""The practice network (учебная соцсеть): a real little social network inside the product."""

from niva.networks.base.network import Network
from niva.networks.practice.network import PracticeNetwork

NETWORK: Network = PracticeNetwork()

__all__ = ["NETWORK"]
