"""How fast readings come in and numbers are shown when two years of an agency lie in the database."""
