"""A farm with four months of posts and days, so that its pages of numbers have something to say."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from niva.domains.clients.factories import make_actor, make_client, make_goal, make_workspace
from niva.domains.communities.factories import make_community
from niva.domains.communities.models import Community
from niva.domains.metrics.models import Absence, Daily, PostAtAge, PostNumbers, Subject
from niva.domains.publishing.factories import make_publication
from niva.domains.publishing.models import Post
from niva.domains.strategy.models import Rubric


class Farm:
    """`today` by the farm's clock; posts and days are written back from yesterday."""

    def __init__(self) -> None:
        self.workspace = make_workspace()
        self.actor = make_actor(self.workspace)
        self.client = make_client(self.workspace, name="Ферма")
        self.place = make_community(self.client, name="Ферма ВК", network="vk")
        self.today: date = timezone.localdate()

    def rubric(self, name: str) -> Rubric:
        return Rubric.objects.create(workspace=self.workspace, client=self.client, name=name)

    def post(self, ago: int, place: Community | None = None, rubric: Rubric | None = None, title: str = "",
             **counters: float | None) -> PostNumbers:  # fmt: skip
        """A post of so many days ago; at three days it had the same numbers."""
        community = place or self.place
        day = self.today - timedelta(days=ago)
        at = datetime.combine(day, time(9), UTC)
        publication = make_publication(community, published_at=at)
        PostNumbers.objects.filter(pk=publication.pk).delete()
        PostAtAge.objects.filter(publication=publication).delete()
        if title:
            Post.objects.filter(pk=publication.post_id).update(title=title)
        row = PostNumbers.objects.create(
            publication=publication, workspace=self.workspace, client=community.client, community=community,
            rubric=rubric, format="photo" if ago % 2 else "text", published_at=at, day=day,
            weekday=day.isoweekday(), hour=12, read_at=timezone.now(), **counters,
        )  # fmt: skip
        if ago > 3:
            PostAtAge.objects.create(publication=publication, age=72, **counters)
        return row

    def day(self, ago: int, place: Community | None = None, **gained: float) -> None:
        """What came on a day of so many days ago."""
        for metric, value in gained.items():
            own = metric in ("followers", "messages", "visitors")
            Daily.objects.create(
                community=place or self.place, subject=Subject.COMMUNITY if own else Subject.PUBLICATION,
                metric=metric, day=self.today - timedelta(days=ago), gained=value,
                level=1000 + value if own else None,
            )  # fmt: skip

    def season(self, days: int = 120) -> None:
        """A post every third day and a number for every day, wavering a little."""
        for ago in range(1, days):
            wave = (ago * 7) % 5
            self.day(ago, reach=100 + 10 * wave, likes=4 + wave, clicks=3 + wave, followers=wave)
            if ago % 3 == 0:
                self.post(ago, reach=300 + 20 * wave, likes=12 + wave, comments=2, title=f"Пост {ago}")

    def absent(self, metric: str, reason: str = "not_given", place: Community | None = None) -> None:
        Absence.objects.create(
            community=place or self.place, subject=Subject.PUBLICATION, metric=metric, reason=reason,
            seen_at=timezone.now(),
        )  # fmt: skip

    def goal(self) -> Any:
        return make_goal(self.client)


@pytest.fixture
def farm() -> Farm:
    return Farm()


@pytest.fixture
def browser(farm: Farm, client: Any) -> Any:
    """Django's client, signed in as the farm's owner, in Russian."""
    client.force_login(farm.actor.user)
    client.cookies["django_language"] = "ru"
    return client
