"""A client's strategy, step by step, and its one page for the owner."""
