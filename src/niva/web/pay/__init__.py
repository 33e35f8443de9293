"""KPI, agreements and the month's pay sheet."""
