"""What the desk has to tell a person, and how he wants to be told."""
