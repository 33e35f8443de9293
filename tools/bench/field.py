"""The field of the bench: a hundred communities in a throwaway PostgreSQL, and as many deliveries as wanted.

Made in bulk by SQL: a variant goes out again as another `occurrence`, so a million finished deliveries need
no million posts. What counts for the engine (deliveries, attempts, publications) is really there.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

COMMUNITIES: Final = 100
POSTS: Final = 50
BURST: Final = COMMUNITIES * POSTS

_DELIVERY = """
insert into publishing_delivery (workspace_id, client_id, community_id, post_id, variant_id, revision_id,
    occurrence, due_at, wake_at, state, tries, deaths, code, detail, created_at, state_at)
select p.workspace_id, p.client_id, v.community_id, p.id, v.id, r.id, {occurrence}, {due}, {wake}, {state},
    0, 0, '', '', now(), now()
from publishing_variant v join publishing_post p on p.id = v.post_id
join publishing_revision r on r.variant_id = v.id
"""

_ATTEMPT = """
insert into publishing_attempt (delivery_id, step, number, key, revision_id, outcome, code, detail, result,
    started_at, finished_at, looks)
select id, 'create', 1, gen_random_uuid(), revision_id, 'done', '', '', '{"id": "1"}', due_at, due_at, 0
from publishing_delivery where occurrence = %s
"""
_PUBLICATION = """
insert into publishing_publication (workspace_id, client_id, delivery_id, community_id, post_id, revision_id,
    remote_id, url, extra, sight, published_at, seen_at, removed_by_us, followed_at)
select workspace_id, client_id, id, community_id, post_id, revision_id, 'done-' || id, '', '{}', 'alive',
    due_at, due_at, false, due_at from publishing_delivery where occurrence = %s
"""


class Field:
    """Django must be set up on an empty database."""

    def __init__(self, port: int) -> None:
        self.rounds = 0
        self._plant(port)

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def _plant(self, port: int) -> None:
        from django.utils import timezone

        from niva.domains.clients.factories import make_client, make_workspace
        from niva.domains.communities.factories import connect, make_community
        from niva.domains.metrics.models import Subject
        from niva.domains.metrics.services import watch_many
        from niva.domains.publishing.delivery.content import fingerprint
        from niva.domains.publishing.models import Post, Revision, Variant

        client = make_client(make_workspace())
        facts = {"api_base": f"http://127.0.0.1:{port}", "flavour": "keyed"}
        communities = [make_community(client, name=f"Community {n}") for n in range(COMMUNITIES)]
        for community in communities:
            connect(community, facts=facts)
        posts = Post.objects.bulk_create(
            Post(workspace_id=client.workspace_id, client=client, text=f"Post {n}") for n in range(POSTS)
        )
        variants = Variant.objects.bulk_create(
            Variant(post=post, community=community) for post in posts for community in communities
        )
        # A bench of deliveries: readings of the communities themselves are put off.
        watch_many(
            subject=Subject.COMMUNITY,
            subjects=[(one.pk, one.pk) for one in communities],
            at=timezone.now() + timedelta(days=1),
        )
        contents = [{"text": f"Variant {one.pk} goes out"} for one in variants]
        Revision.objects.bulk_create(
            Revision(variant=one, number=1, content=content, sha256=fingerprint(content))
            for one, content in zip(variants, contents, strict=True)
        )

    def burst(self, after: float) -> float:
        """5,000 deliveries due at one moment, `after` seconds from now. Returns that moment (Unix time)."""
        self.rounds += 1
        due = f"now() + interval '{after} s'"
        rows = self.sql(
            _DELIVERY.format(occurrence=1_000_000 + self.rounds, due=due, wake=due, state="'queued'")
            + " returning extract(epoch from due_at)"
        )
        return float(rows[0][0])

    def stream(self, count: int, rate: float, after: float) -> dict[str, float]:
        """`count` deliveries, `rate` a second. Returns the moment of each by its text."""
        self.rounds += 1
        due = f"now() + interval '{after} s' + row_number() over (order by v.id) * interval '{1 / rate} s'"
        made = _DELIVERY.format(occurrence=1_000_000 + self.rounds, due=due, wake=due, state="'queued'")
        rows = self.sql(
            f"with made as ({made} order by v.id limit {count} returning revision_id, due_at) "
            "select r.content->>'text', extract(epoch from due_at) from made "
            "join publishing_revision r on r.id = made.revision_id"
        )
        return {text: float(moment) for text, moment in rows}

    def left(self) -> int:
        """Of the newest round: what is not out yet."""
        occurrence = 1_000_000 + self.rounds
        (row,) = self.sql(
            "select count(*) from publishing_delivery where wake_at is not null and occurrence = %s",
            occurrence,
        )
        return int(row[0])

    def plan(self, count: int) -> None:
        """So many more for the coming weeks."""
        for n in range(count // BURST):
            due = f"now() + interval '1 day' + interval '{n} hours' + random() * interval '1 hour'"
            self.sql(_DELIVERY.format(occurrence=n + 1, due=due, wake=due, state="'queued'"))
        self.sql("analyze publishing_delivery")

    def finish(self, count: int) -> None:
        """So many that are out already, with their attempts and publications."""
        for n in range(count // BURST):
            due = f"now() - interval '1 day' - interval '{n} hours'"
            occurrence = 10_000 + n
            self.sql(_DELIVERY.format(occurrence=occurrence, due=due, wake="null", state="'published'"))
            self.sql(_ATTEMPT, occurrence)
            self.sql(_PUBLICATION, occurrence)
        self.sql("analyze")

    def forget_burst(self) -> None:
        """Take the newest round out again, with all that hangs on it: every scene begins alike."""
        of_it = "(select id from publishing_delivery where occurrence > 1000000)"
        self.sql("truncate jobs_queue")
        self.sql("delete from metrics_schedule where subject = 'publication'")
        self.sql(f"delete from publishing_publication where delivery_id in {of_it}")
        self.sql(f"delete from publishing_attempt where delivery_id in {of_it}")
        self.sql("delete from publishing_delivery where occurrence > 1000000")
        self.sql("vacuum analyze publishing_delivery, publishing_attempt, publishing_publication, jobs_queue")
