"""The networks: one folder a social network, pure Python, no database.

`niva.networks.registry` finds the folders by itself: adding a network edits nothing outside its own
folder, deleting the folder takes the network away.
"""
