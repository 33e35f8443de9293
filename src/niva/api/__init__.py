"""The REST API: the same operations as the pages, thin, with tokens and an OpenAPI document."""
