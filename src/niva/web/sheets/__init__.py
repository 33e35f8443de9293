"""The plan in and out: tables, a link for the client, the year's events, ideas by the matrix."""
