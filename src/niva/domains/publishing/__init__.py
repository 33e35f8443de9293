"""Publishing: what is written, how it goes out, and what is really out there.

Owns posts, variants, revisions, media, deliveries, attempts and publications. Knows nothing of numbers.
"""
