from niva.web.clients.tests.conftest import anya, house

__all__ = ["anya", "house"]
