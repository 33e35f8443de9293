"""How many readings a second come in through the real door, with everything kept up."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

from bench_numbers.world import COUNTED


def measure(now: datetime, sample: int = 600) -> dict[str, Any]:
    """One by one, then in batches of a hundred: posts of the last days get their next readings."""
    from niva.domains.metrics import services
    from niva.domains.metrics.models import PostNumbers, Subject
    from niva.networks.base.types import Measure

    posts = list(
        PostNumbers.objects.filter(published_at__lt=now - timedelta(hours=1))
        .order_by("-published_at")
        .select_related("community")[:sample]
    )

    def told(row: Any, at: datetime) -> Any:
        measures = tuple(
            Measure(name, float(int((row.views or 0) * share) + 1))
            for name, share in COUNTED[row.community.network].items()
        )
        return services.Told(row.community_id, Subject.PUBLICATION, row.publication_id, measures, at)

    single = [told(row, now) for row in posts]
    began = time.perf_counter()
    for one in single:
        services.ingest_many([one])
    alone = time.perf_counter() - began
    batches = [told(row, now + timedelta(minutes=step)) for step in (10, 20, 30, 40) for row in posts]
    began = time.perf_counter()
    for start in range(0, len(batches), 100):
        services.ingest_many(batches[start : start + 100])
    together = time.perf_counter() - began
    return {
        "one_by_one_per_s": round(sum(len(one.readings) for one in single) / alone),
        "ms_per_subject": round(alone / len(single) * 1000, 2),
        "batches_per_s": round(sum(len(one.readings) for one in batches) / together),
    }
