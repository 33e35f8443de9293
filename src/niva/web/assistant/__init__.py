"""The writing assistant: off by default, nothing sent without a click."""
