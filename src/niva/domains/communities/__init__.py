"""Communities: a client's pages, groups and channels, their keys and their slots."""
