"""Where pieces stand still, and small changes with their evidence."""
