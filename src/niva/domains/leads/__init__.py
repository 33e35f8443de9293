"""People who came, each with the trace to what brought him."""
