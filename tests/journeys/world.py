"""A workspace with one of everything, so that every address of the desk leads somewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.forms.models import model_to_dict
from django.test import Client as Browser
from django.utils import timezone

from niva.domains.advice.factories import make_alarm
from niva.domains.clients.factories import (
    give_role,
    make_actor,
    make_client,
    make_cost,
    make_facts,
    make_fundraiser,
    make_goal,
    make_person,
    make_promise,
    make_volunteer,
    make_workspace,
)
from niva.domains.clients.services.shared import share
from niva.domains.communities.factories import connect, make_community, make_slots
from niva.domains.communities.models import DeveloperApp
from niva.domains.editorial.factories import make_proposal, make_task
from niva.domains.editorial.planning import PlanImport
from niva.domains.editorial.services import blocks, bulk, changing, files, keeping
from niva.domains.experiments.services import plan as plan_experiment
from niva.domains.leads.factories import make_door, make_lead
from niva.domains.notices.models import Notice
from niva.domains.pay.factories import make_accepted, make_agreement
from niva.domains.pay.services import sheets
from niva.domains.people import services as people
from niva.domains.people.actor import Actor
from niva.domains.people.models import Membership, WorkspaceRole
from niva.domains.publishing.artwork import Artwork
from niva.domains.publishing.factories import make_post, planned
from niva.domains.publishing.models import Delivery, Post, PostMedia, Publication
from niva.domains.publishing.rules import Rule
from niva.domains.publishing.services import approving, media, remarks, schedule, series
from niva.domains.publishing.states import State
from niva.domains.sources.factories import make_fragment, make_source
from niva.domains.sources.models import Clip, Cue
from niva.domains.strategy import calendar
from niva.domains.strategy.factories import make_rubric, make_segment, make_vision
from niva.flows import history_in, invite, plan_in, plan_link
from niva.kit import seal
from tests.journeys.pictures import picture


@dataclass
class World:
    """`things`: what an address may name, by the word that tests call it."""

    actor: Actor
    token: str = ""
    things: dict[str, Model] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.things[name]
        except KeyError as error:
            raise AttributeError(name) from error

    def browser(self) -> Browser:
        """The owner, signed in; a failure of the desk is an answer, not an exception."""
        browser = Browser(raise_request_exception=False, headers={"accept-language": "en"})
        browser.force_login(self.actor.user)
        return browser

    def state(self) -> dict[str, Any]:
        """All rows as they stand now, for comparing."""
        found = {}
        for name, thing in self.things.items():
            row = type(thing)._default_manager.filter(pk=thing.pk).first()
            found[name] = model_to_dict(row) if row else None
        return found


def make_world(name: str, word: str, *, passkey: bool = False) -> World:
    """Everything a workspace may have; `word` stands in every text, so that it can be found on pages.

    `passkey`: the owner has one as well; it is a row only, nobody can sign in with it.
    """
    actor = make_actor(make_workspace(name), name=f"Owner {word}", language="en")
    it = World(actor)
    client = make_client(
        actor.workspace, name=f"Client {word}", not_measured=[{"what": f"Silence {word}", "why": word}]
    )
    goal = make_goal(client, figure=f"Figure {word}")
    community = connect(make_community(client, name=f"Community {word}"))
    member = Membership.objects.get(
        user=make_person(actor.workspace, WorkspaceRole.MEMBER, name=f"Member {word}")
    )
    give_role(client, member.user)
    it.things |= {
        "client": client,
        "goal": goal,
        "fact": make_facts(goal, {goal.starts_on: 1}, note=f"Fact {word}")[0],
        "cost": make_cost(client, 100, note=f"Cost {word}"),
        "promise": make_promise(client, f"Promise {word}"),
        "fundraiser": make_fundraiser(client, f"Fundraiser {word}"),
        "volunteer": make_volunteer(client, f"V {word}"),
        "shared_cost": share(
            actor,
            what=f"Shared {word}",
            month=date(2026, 1, 1),
            amount=Decimal(100),
            kind="tools",
            currency=client.currency,
            rule="equally",
            weights={client.pk: Decimal(1)},
        ),
        "community": community,
        "lead": make_lead(client, name=f"Buyer {word}", contact=f"{word.lower()}@example.org"),
        "alarm": make_alarm(client, community, name=f"Alarm {word}"),
        "lead_door": make_door(client, f"Door {word}")[0],
        "rubric": make_rubric(client, f"Rubric {word}"),
        "segment": make_segment(client, f"Segment {word}"),
        "vision": make_vision(client, f"Vision {word}"),
        "slot": make_slots(community, (0,), timezone.now().time().replace(second=0, microsecond=0))[0],
        "member": member,
        "app": DeveloperApp.objects.create(
            workspace=actor.workspace, network="vk", name=f"App {word}", app_id="1", sealed=seal_of("secret")
        ),
    }
    _posts(it, word)
    _tasks(it, word)
    _repeats(it, word)
    _plan(it, word)
    _sources(it, word)
    _people(it, word)
    _pay(it, word)
    it.things["experiment"] = plan_experiment(
        it.actor, community_id=community.pk, question=f"Question {word}", first=f"First {word}",
        second=f"Second {word}", measure="views", age=72, effect=0.5, posts_each=4,
    )  # fmt: skip
    if passkey:
        data = {"name": f"Key {word}", "credential": {}}
        it.things["key"] = Authenticator.objects.create(
            user=actor.user, type=Authenticator.Type.WEBAUTHN, data=data
        )
    return it


def seal_of(secret: str) -> bytes:
    """A sealed secret, as the desk keeps it."""
    from django.conf import settings

    return seal.seal({"client_secret": secret}, settings.TOKEN_KEYS)


def _posts(it: World, word: str) -> None:
    upload = SimpleUploadedFile(f"{word}.jpg", picture(64, 48), "image/jpeg")
    asset = media.upload(it.actor, client_id=it.client.pk, file=upload, alt=f"Alt {word}")
    later = timezone.now() + timedelta(days=1)
    draft = planned(make_post(it.community, text=f"Draft {word}", created_by=it.actor.user), later)
    PostMedia.objects.create(post=draft, asset=asset)
    waiting = schedule.schedule(
        it.actor, post_id=make_post(it.community, text=f"Queued {word}").pk, at=later
    ).deliveries[0]
    out = schedule.schedule(
        it.actor, post_id=make_post(it.community, text=f"Out {word}").pk, at=later
    ).deliveries[0]
    Delivery.objects.filter(pk=out.pk).update(state=State.PUBLISHED, wake_at=None)
    publication = Publication.objects.create(
        workspace=it.actor.workspace, client=it.client, delivery=out, community=it.community, post=out.post,
        revision=out.revision, remote_id=f"remote-{word}", url="https://example.org/1",
        published_at=timezone.now(),
    )  # fmt: skip
    it.things |= {
        "piece": draft.piece,
        "stage": draft.piece.stage,
        "proposal": make_proposal(draft, f"Proposed {word}"),
        "asset": asset,
        "artwork": Artwork.objects.create(
            workspace=it.actor.workspace, client=it.client, asset=asset, kind="avatar"
        ),
        "post": draft,
        "variant": draft.variants.get(),
        "approval": approving.ask(it.actor, post_id=draft.pk, approver_name=f"Approver {word}")[0],
        "delivery": waiting,
        "out": out,
        "publication": publication,
        "history_file": history_in.begin(
            it.actor, community_id=it.community.pk, name=f"{word}.csv",
            data=f"Publish time,Permalink,Caption\n2025-05-21,https://example.org/old,Past {word}\n".encode(),
        ),
    }  # fmt: skip


def _tasks(it: World, word: str) -> None:
    task = make_task(it.client, f"Task {word}", set_by=it.actor.user, assignee=it.actor.user, piece=it.piece)
    upload = SimpleUploadedFile(f"{word}.txt", f"Words {word}".encode(), "text/plain")
    it.things |= {
        "task": task,
        "file_version": files.attach(it.actor, file=upload, task_id=task.pk),
        "block": blocks.begin(it.actor, task_id=task.pk, reason="no_brief"),
        "remark": remarks.add(it.actor, post=it.post, text=f"Remark {word}"),
        "bulk_edit": bulk.prepare(it.actor, ids=[it.piece.pk], action="unit", value={"unit": "video"}),
        "saved_filter": keeping.save_filter(it.actor, name=f"Filter {word}", query="mine=1"),
    }


def _plan(it: World, word: str) -> None:
    """A table that came in, a link by which the plan is read, a day of one's own."""
    found = plan_in.upload(
        it.actor, client_id=it.client.pk, name=f"Table {word}.csv", data=f"Topic;Text\nRow {word};x".encode()
    )
    plan_in.run(found.pk)
    link, _secret = plan_link.make(
        it.actor, client_id=it.client.pk, name=f"Reader {word}", days=30, since="idea"
    )
    day = timezone.localdate() + timedelta(days=9)
    it.things |= {
        "plan_import": PlanImport.objects.get(pk=found.pk),
        "plan_link": link,
        "own_event": calendar.add_event(it.actor, client_id=it.client.pk, name=f"Day {word}", day=day),
    }


def _repeats(it: World, word: str) -> None:
    first = timezone.localdate() + timedelta(days=2)
    rule = Rule(starts_on=first, at=time(12), unit="day", every=30, count=3)
    pattern = make_post(it.community, text=f"Again {word}")
    it.things["series"] = series.start(it.actor, post_id=pattern.pk, rule=rule)


def _sources(it: World, word: str) -> None:
    source = make_source(it.client, f"Source {word}", duration=60_000)
    cue = Cue.objects.create(source=source, start=0, end=1000, text=f"Line {word}")
    fragment = make_fragment(source, f"Fragment {word}", start=0, end=9000)
    clip = Clip.objects.create(
        workspace=it.actor.workspace, client=it.client, source=source, fragment=fragment, start=0, end=9000
    )
    it.things |= {"source": source, "cue": cue, "fragment": fragment, "clip": clip}


def _people(it: World, word: str) -> None:
    token, it.token = people.create_token(it.actor, name=f"Token {word}")
    invitation, _secret = invite.invite(
        it.actor, email=f"{word.lower()}@example.org", role=WorkspaceRole.MANAGER, client_roles={}
    )
    it.things |= {
        "notice": Notice.objects.create(
            workspace=it.actor.workspace,
            user=it.actor.user,
            kind="nudged",
            facts={"title": word, "stage": "1"},
        ),
        "token_row": token,
        "invitation": invitation,
    }


def _pay(it: World, word: str) -> None:
    """An agreement with the author, a sheet of his that is closed, and a change on trial."""
    author = it.member.user
    agreement = make_agreement(it.client, author, note=f"Agreement {word}")
    make_accepted(it.client, author, date(2025, 10, 3), f"Counted {word}")
    sheet = sheets.close(
        it.actor, person_id=author.pk, month=date(2025, 10, 1), currency=it.client.currency, whys={}
    )
    change = changing.begin(
        it.actor, client_id=it.client.pk, problem=f"Problem {word}", measure="cycle",
        change=f"Change {word}", look_on=timezone.localdate() + timedelta(days=14),
    )  # fmt: skip
    it.things |= {"payee": author, "agreement": agreement, "pay_sheet": sheet, "change": change}


def posts_of(it: World) -> int:
    """How many posts the workspace has."""
    return Post.objects.filter(workspace=it.actor.workspace).count()
