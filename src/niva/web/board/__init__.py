"""The board of the editorial office, its table, and the stages of a client."""
