"""Strategy: what a client talks about. So far the rubrics, with their share of the plan."""
