"""What every network speaks: our types, errors, limits and the one transport.

Nothing here knows a particular network, a database or Django.
"""
