"""The periodic job of repeats: whatever is missing of the coming weeks is made."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Final

from django.utils import timezone

from niva.domains.publishing.services.unroll import due_series, unroll

EVERY: Final = timedelta(minutes=15)
_log = logging.getLogger(__name__)


def unroll_all() -> int:
    """Make the missing occurrences of every series. Returns how many posts were made.

    One transaction a series: one that fails is told in the log and stands in nobody's way.
    """
    made = 0
    for series_id in due_series(timezone.now()):
        try:
            made += unroll(series_id)
        except Exception:
            _log.exception("series %s could not be continued", series_id)
    return made
