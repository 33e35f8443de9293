"""What the desk said (forecasts, best times, alarms, levers) and what came of it."""
