from niva.words import describe, is_known  # noqa: F401
