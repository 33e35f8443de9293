"""What the sections tell the rail: the clients one worked with last, and how much burns today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse

from niva.domains.clients import queries as clients
from niva.domains.notices import services as notices
from niva.domains.people.actor import Actor
from niva.domains.publishing import awaiting
from niva.domains.publishing import queries as publishing
from niva.web.context import Count, RecentClient, use_counts, use_recent_clients


def recent(actor: Actor) -> Sequence[RecentClient]:
    return [
        RecentClient(client.name, reverse("client", args=[client.pk]))
        for client in clients.recent_clients(actor)
    ]


def counts(actor: Actor) -> Mapping[str, Count]:
    """Only what asks for something: any other figure would be noise."""
    burning = publishing.burning(actor)
    news = notices.mine(actor).filter(read_at__isnull=True).count()
    found = {"today": Count(burning, hot=True), "notices": Count(news),
             "approvals": Count(awaiting.count_ours(actor))}  # fmt: skip
    return {name: count for name, count in found.items() if count.figure}


def offer() -> None:
    """Called once, when the application is loaded."""
    use_recent_clients(recent)
    use_counts(counts)
