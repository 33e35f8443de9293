"""What the coming days and their sum will be, with the range that past errors of the same method ask for.

`grid.regular` puts rows on a regular grid (a missing day stays missing), `foresee` tells the future of it and
how well the method did on this very series; `Refused` says why nothing can be told.
"""

from niva.numbers.forecast.grid import DAY, HOUR, WEEK, Series, Step, regular
from niva.numbers.forecast.telling import Expected, Forecast, PastError, Refused, Total, foresee, past_error

__all__ = [
    "DAY", "HOUR", "WEEK", "Expected", "Forecast", "PastError", "Refused", "Series", "Step", "Total",
    "foresee", "past_error", "regular",
]  # fmt: skip
