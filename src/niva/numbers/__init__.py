"""The engines of numbers: noise, best time, forecasts, anomalies, why. No Django, no database, no clock.

Arrays in, dataclasses out. Who calls them brings the rows; see domains/metrics and `niva numbers`.
"""

import os

# Read by numpy when it is first imported. The matrices here are small: threads of linear algebra bring
# nothing, and beside other work on the machine they wait for one another.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
