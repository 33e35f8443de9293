"""Requests for a client's decision, as those see them who work here."""
