"""Metrics: readings as they came, the latest of each, daily sums. Pulls; publishing knows nothing of it."""
