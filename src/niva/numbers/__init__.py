"""The engines of numbers: noise, best time, forecasts, anomalies, why. No Django, no database, no clock.

Arrays in, dataclasses out. Who calls them brings the rows; see domains/metrics and `niva numbers`.
"""
