"""Posts of the demo: those that are out already, and those to come."""

from __future__ import annotations

import datetime as dt
import secrets
import shutil
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from niva.domains.people.models import AuditEvent, User
from niva.domains.publishing.delivery.content import fingerprint, to_outgoing
from niva.domains.publishing.models import (
    Asset,
    Attempt,
    Delivery,
    Post,
    PostMedia,
    Publication,
    Revision,
    Variant,
)
from niva.domains.publishing.rules import Rule
from niva.domains.publishing.services import media, series
from niva.domains.publishing.services.freeze import content_of
from niva.domains.publishing.services.schedule import schedule
from niva.domains.publishing.states import BY_HAND, Outcome, State
from niva.domains.strategy.factories import make_rubric
from niva.domains.strategy.models import Rubric
from niva.flows.demo import pictures
from niva.flows.demo.cast import Made, Place
from niva.flows.demo.hours import coming_slots, daytime, even
from niva.flows.demo.told import ToldFire, ToldPost
from niva.networks.base.types import Credential, MediaFile, Outgoing
from niva.networks.practice.payloads import fingerprint as file_print
from niva.networks.practice.payloads import post_body
from niva.networks.practice.server.store import Draft, Media, Store
from niva.networks.practice.server.store import Post as Remote
from niva.networks.registry import get_network

AT_REST = 1.0  # pace of posts of earlier days: they have lived as long as the clock says
LIVELY = 20.0  # pace of what came out today: it grows before one's eyes, but has begun long ago
WRITTEN_BEFORE = dt.timedelta(days=2)
WEEKLY_AT, WEEKS = dt.time(15, 30), 12  # of the post that repeats


@dataclass(slots=True)
class Out:
    """A publication on both sides. `remote`: the post as the practice network has it."""

    publication: Publication
    remote: Remote
    place: Place


class Writer:
    """Writes the posts of one client. `library`: pictures by name, uploaded once."""

    def __init__(self, made: Made, store: Store, now: dt.datetime) -> None:
        self.made, self.store, self.now = made, store, now
        self.library: dict[str, Asset] = {}
        self.rubrics: dict[str, Rubric] = {}
        self._turn = 0

    def post(self, one: ToldPost, planned_at: dt.datetime | None) -> tuple[Post, list[Variant]]:
        """The post with its variants, written a while before its hour."""
        author = self._author()
        written = min(planned_at or self.now, self.now) - WRITTEN_BEFORE
        post = Post.objects.create(
            workspace_id=self.made.client.workspace_id,
            client=self.made.client,
            goal=self.made.goal,
            title=one.title,
            rubric=self._rubric(one.rubric),
            text=one.text,
            first_comment=one.comment,
            poll=dict(one.poll, multiple=False, anonymous=True) if one.poll else None,
            planned_at=planned_at,
            created_by=author,
            updated_by=author,
            created_at=written,
            updated_at=written,
            **self._link(one),
        )
        if one.picture:
            asset = self.asset(one.picture)
            PostMedia.objects.create(post=post, asset=asset, alt=asset.alt)
        variants = [Variant.objects.create(post=post, community=self.made.community(key)) for key in one.to]
        return post, variants

    def _rubric(self, name: str) -> Rubric | None:
        if name and name not in self.rubrics:
            self.rubrics[name] = make_rubric(self.made.client, name)
        return self.rubrics.get(name)

    def _author(self) -> User:
        self._turn += 1
        return self.made.authors[self._turn % len(self.made.authors)]

    def _link(self, one: ToldPost) -> dict[str, Any]:
        if one.link is None:
            return {}
        card = {"title": one.link["title"], "description": one.link["about"]}
        return {"link_url": self.made.told.site + one.link["path"], "link_card": card}

    def asset(self, name: str) -> Asset:
        """The picture in the client's library; drawn and uploaded when it is first wanted."""
        if name not in self.library:
            file = SimpleUploadedFile(f"{name}.jpg", _drawn(name), "image/jpeg")
            self.library[name] = media.upload(
                self.made.owner, client_id=self.made.client.pk, file=file, alt=pictures.alt(name)
            )
        return self.library[name]

    # What is to come

    def coming(self) -> None:
        """The next two weeks: posts at their slots with holes between, drafts, and some within minutes."""
        for one in self.made.told.soon:
            self._schedule(one, even(self.now + dt.timedelta(minutes=one.number), 1))
        slots: dict[str, Any] = {}
        for one in self.made.told.ahead:
            place = self._anchor(one)
            cursor = slots.setdefault(
                place.told.key, coming_slots(place.told.slots, place.community.time_zone, self.now)
            )
            for _ in range(one.number):
                next(cursor)
            self._schedule(one, next(cursor))
        for one in self.made.told.drafts:
            self.post(one, daytime(self.now + dt.timedelta(hours=one.number), self.made.client.time_zone))

    def repeat(self) -> None:
        """Slots take the rubrics that their notes speak of; one post goes out again every week."""
        for place in self.made.places.values():
            for slot in place.community.slots.all():
                rubric = self.rubrics.get(slot.note[:1].upper() + slot.note[1:])
                if rubric is not None:
                    slot.rubric, slot.note = rubric, ""
                    slot.save(update_fields=["rubric", "note"])
        weekly = self.made.told.weekly
        if weekly is None:
            return
        post, _variants = self.post(weekly, None)
        first = self.now.astimezone(ZoneInfo(self.made.client.time_zone)).date() + dt.timedelta(days=1)
        first += dt.timedelta(days=(weekly.number - first.weekday()) % 7)
        rule = Rule(starts_on=first, at=WEEKLY_AT, weekdays=(weekly.number,), count=WEEKS)
        series.start(self.made.owner, post_id=post.pk, rule=rule)

    def _anchor(self, one: ToldPost) -> Place:
        """Whose slots the post takes: the main community's when it goes there."""
        main = self.made.main
        return main if main.told.key in one.to else self.made.places[one.to[0]]

    def _schedule(self, one: ToldPost, at: dt.datetime) -> None:
        post, _ = self.post(one, at)
        if not one.draft:
            schedule(self.made.owner, post_id=post.pk, at=at)

    def task(self) -> None:
        """A post whose hour has come at a place without an API: people are to publish it."""
        if self.made.told.hand is None:
            return
        one = self.made.told.hand.post
        due = even(self.now - dt.timedelta(minutes=one.number), 1)
        post, variants = self.post(one, due)
        self._scheduled(post, len(variants), due)
        for variant in variants:
            delivery, _ = self._delivery(variant, due, State.HELD)
            delivery.code = BY_HAND
            delivery.save(update_fields=["code"])

    # What is out

    def publish(self, one: ToldPost, due: dt.datetime, *, pace: float = AT_REST) -> list[Out]:
        """As if the engine had sent it at its hour: the same rows, and the post really on the network."""
        post, variants = self.post(one, due)
        self._scheduled(post, len(variants), due)
        found = []
        for number, variant in enumerate(variants):
            place = self._place(variant)
            delivery, out = self._delivery(variant, due, State.PUBLISHED)
            sent = due + dt.timedelta(seconds=1 + number)
            remote, uploads = self._put(place, out, sent, pace)
            url = f"{place.community.url}/{remote.id}"
            steps = [(f"upload:{n}", upload) for n, upload in enumerate(uploads)]
            steps.append(("create", {"id": str(remote.id), "url": url}))
            if one.comment:
                steps.append(("comment", {"id": str(self.store.add_comment(remote, one.comment, None))}))
            _done(delivery, steps, sent)
            publication = Publication.objects.create(
                workspace_id=delivery.workspace_id,
                client_id=delivery.client_id,
                delivery=delivery,
                community=place.community,
                post=post,
                revision=delivery.revision,
                remote_id=str(remote.id),
                url=url,
                extra={"media": uploads},
                sight=Publication.Sight.ALIVE,
                published_at=sent,
                seen_at=min(sent + dt.timedelta(days=1), self.now),
            )
            found.append(Out(publication, remote, place))
        return found

    def burn(self, fire: ToldFire) -> None:
        """A post that did not go out as planned, with the rows that the engine writes in such a case."""
        due = even(self.now - dt.timedelta(minutes=fire.post.number))
        post, variants = self.post(fire.post, due)
        self._scheduled(post, len(variants), due)
        for variant in variants:
            place = self._place(variant)
            delivery, out = self._delivery(variant, due, State(fire.kind))
            delivery.code, delivery.detail = fire.code, fire.detail
            delivery.tries = 1 if fire.kind == State.UNKNOWN else 0
            delivery.save(update_fields=["code", "detail", "tries"])
            first = get_network("practice").steps(out, Credential(facts={"flavour": place.told.flavour}))[0]
            sent = due + dt.timedelta(seconds=1)
            Attempt.objects.create(
                delivery=delivery,
                step=first.name,
                number=1,
                key=uuid.uuid4(),
                revision=delivery.revision,
                outcome=Outcome(fire.kind),
                code=fire.code,
                detail=fire.detail,
                started_at=sent,
                finished_at=sent + dt.timedelta(seconds=1),
            )
            if fire.kind == State.UNKNOWN:  # the network took it, its answer was lost on the way
                self._put(place, out, sent, LIVELY)
            if fire.kind == State.NEEDS_LOGIN:
                self.store.revoke(place.page)
                place.community.state = "needs_login"
                place.community.state_reason = fire.code
                place.community.save(update_fields=["state", "state_reason"])

    def _place(self, variant: Variant) -> Place:
        return next(p for p in self.made.places.values() if p.community.pk == variant.community_id)

    def _delivery(self, variant: Variant, due: dt.datetime, state: State) -> tuple[Delivery, Outgoing]:
        """Revision and delivery in their final state, and what the revision says."""
        content = content_of(variant, get_network(variant.community.network))
        author = variant.post.created_by
        revision = Revision.objects.create(
            variant=variant, number=1, content=content, sha256=fingerprint(content), created_by=author,
            created_at=variant.post.created_at,
        )  # fmt: skip
        delivery = Delivery.objects.create(
            workspace_id=variant.post.workspace_id,
            client_id=variant.post.client_id,
            community=variant.community,
            post=variant.post,
            variant=variant,
            revision=revision,
            due_at=due,
            state=state,
            created_by=author,
            created_at=variant.post.created_at,
            state_at=due + dt.timedelta(seconds=3),
        )
        return delivery, to_outgoing(content, Path(settings.MEDIA_ROOT))

    def _put(
        self, place: Place, out: Outgoing, sent: dt.datetime, pace: float
    ) -> tuple[Remote, list[dict[str, str]]]:
        """The post on the practice network as of `sent`, with its files."""
        uploads = [{"id": self._upload(place, file), "print": file_print(file)} for file in out.media]
        body = post_body(out, [upload["id"] for upload in uploads])
        draft = Draft(text=body["text"], media=tuple(body["media"]), link=body["link"], poll=body.get("poll"))
        remote, _ = self.store.add_post(place.page, draft, created_at=sent.timestamp(), pace=pace)
        return remote, uploads

    def _upload(self, place: Place, file: MediaFile) -> str:
        media_id = secrets.token_urlsafe(12)
        shutil.copyfile(file.path, self.store.media_folder / media_id)
        kept = Media(media_id, file.mime, file.size, file.width, file.height, file.alt)
        self.store.add_media(place.page, kept)
        return media_id

    def _scheduled(self, post: Post, deliveries: int, due: dt.datetime) -> None:
        """The line in the trail that scheduling writes, at the hour when the post was ready."""
        who = post.created_by
        AuditEvent.objects.create(
            workspace_id=post.workspace_id,
            client_id=post.client_id,
            user=who,
            by=str(who),
            verb="post.scheduled",
            subject_type="post",
            subject_id=post.pk,
            subject_name=str(post)[:200],
            details={"due": due.isoformat(), "deliveries": deliveries},
            at=post.created_at,
        )


def _done(delivery: Delivery, steps: Sequence[tuple[str, dict[str, str]]], sent: dt.datetime) -> None:
    """The attempts of a delivery that went out at once: every step done, with its result."""
    Attempt.objects.bulk_create(
        Attempt(
            delivery=delivery,
            step=step,
            number=1,
            key=uuid.uuid4(),
            revision=delivery.revision,
            outcome=Outcome.DONE,
            result=result,
            started_at=sent,
            finished_at=sent + dt.timedelta(milliseconds=240),
        )
        for step, result in steps
    )


@cache
def _drawn(name: str) -> bytes:
    return pictures.draw(name)
