from niva.web.clients.tests.conftest import anya, house
from niva.web.communities.tests.conftest import practice

__all__ = ["anya", "house", "practice"]
