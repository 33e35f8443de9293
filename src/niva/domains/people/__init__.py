"""People and borders: who works together, who may do what, who did what."""
