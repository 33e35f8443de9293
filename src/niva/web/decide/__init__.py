"""The client's page: a decision by a secret link, without an account."""
