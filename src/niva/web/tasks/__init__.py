"""Tasks and briefs."""
