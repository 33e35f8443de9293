"""Randomised plans of slots and formats, and their verdicts."""
