"""Recordings, articles and interviews, and what is made of them."""
