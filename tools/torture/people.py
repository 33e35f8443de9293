"""The people of a run: they write posts through the API, move and take back some, and sign in again.

They behave as people do when something does not answer: they try again. What the desk confirmed to them
(201, 200) must hold afterwards, whatever is killed.
"""

from __future__ import annotations

import http.client
import io
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tools.torture.desk import say
from tools.torture.plan import FLAVOURS, Piece, Plan

PATIENCE: Final = 90.0  # seconds a person tries again


@dataclass(slots=True)
class Promises:
    """What the desk confirmed, deliveries by id; `cancelled`: what it was asked to, confirmed or not."""

    scheduled: set[int] = field(default_factory=set)
    cancelled: set[int] = field(default_factory=set)
    media: int = 0
    answers: Counter[int] = field(default_factory=Counter)  # of the API, by status
    given_up: int = 0


def mark(number: int, again: int = 0) -> str:
    """What a post is known by on both sides; a text that is written anew gets a new one."""
    return f"№{number:05}.{again:02}#"


class World:
    """The agency in the desk's database and its communities on the network. Everything by Django's ORM."""

    def __init__(self, practice_path: Any, url: str) -> None:
        self.practice_path, self.url = practice_path, url
        self.communities: list[int] = []
        self.handles: list[str] = []
        self.clients: list[int] = []

    @contextmanager
    def network(self) -> Iterator[Any]:
        """The network's own books, from its inside; the server may run or not."""
        from niva.networks.practice.server.store import Store

        store = Store(self.practice_path)
        try:
            yield store
        finally:
            store.close()

    def build(self, clients: int) -> str:
        """An agency with its clients and communities. Returns a token of the API."""
        from niva.domains.clients.factories import make_actor, make_client, make_workspace
        from niva.domains.communities.factories import make_community
        from niva.domains.people.services import create_token

        workspace = make_workspace("Torture")
        actor = make_actor(workspace)
        for number in range(clients):
            client = make_client(workspace, name=f"Client {number}")
            self.clients.append(client.pk)
            for flavour in FLAVOURS:
                handle = f"c{number}-{flavour}"
                with self.network() as network:
                    network.add_community(handle=handle, name=handle, flavour=flavour)
                community = make_community(client, name=handle)
                self.handles.append(handle)
                self.communities.append(community.pk)
                self.connect(len(self.handles) - 1)
        return create_token(actor, name="torture")[1]

    def connect(self, number: int) -> None:
        """A person signs in at the network and the desk gets new keys, as `flows.connect` does it."""
        from niva.domains.communities import keys
        from niva.domains.communities.models import Community
        from niva.domains.publishing.services.schedule import resume_after_login
        from niva.networks.base.types import Credential

        handle = self.handles[number]
        with self.network() as network:
            known = network.community(handle)
            access, refresh = network.issue(known, expires_in=3600)
        facts = {"api_base": self.url, "handle": handle, "flavour": known.flavour}
        secrets = {"access_token": access, "refresh_token": refresh}
        ends = datetime.now(UTC) + timedelta(seconds=3600)
        community = Community.objects.get(pk=self.communities[number])
        keys.store(community, Credential(secrets=secrets, facts=facts, expires_at=ends), ())
        resume_after_login(community.pk)

    def plan_ahead(self, piece: Piece, begin: datetime) -> set[int]:
        """A post that was scheduled before the run began. Returns its deliveries."""
        from niva.domains.communities.models import Community
        from niva.domains.people.actor import machine
        from niva.domains.publishing.factories import make_post
        from niva.domains.publishing.services import schedule

        mine = Community.objects.select_related("client", "workspace").filter(
            client_id=self.clients[piece.client]
        )
        communities = list(mine)
        extra = {"first_comment": "Комментарий"} if piece.comment else {}
        post = make_post(*communities, text=f"Запланировано {mark(piece.number)}", **extra)
        made = schedule.schedule(
            machine(communities[0].workspace), post_id=post.pk, at=begin + timedelta(seconds=piece.due)
        )
        return {one.pk for one in made.deliveries}

    @staticmethod
    def bring_forward(by: timedelta) -> None:
        """All hours of the plan at once: how long planning takes on this machine is not known before."""
        from django.db.models import F

        from niva.domains.publishing.models import Delivery

        Delivery.objects.update(due_at=F("due_at") - by, wake_at=F("wake_at") - by)


class Editor(threading.Thread):
    """Writes every post of the plan that is not there yet, when its time comes."""

    def __init__(self, world: World, plan: Plan, port: int, token: str, begin: datetime, share: int) -> None:
        super().__init__(daemon=True)
        self.world, self.port, self.token, self.begin = world, port, token, begin
        pieces = [one for one in plan.pieces if one.written is not None]
        self.pieces = sorted(pieces, key=lambda one: one.written or 0.0)[share::2]
        self.promises = Promises()
        self.over = threading.Event()

    def run(self) -> None:
        for piece in self.pieces:
            wait = (self.begin - datetime.now(UTC)).total_seconds() + (piece.written or 0.0)
            if self.over.wait(max(0.0, wait)):
                return
            self._write(piece)

    def _write(self, piece: Piece) -> None:
        """Until it is scheduled, from the beginning each time: one cannot know how far it got."""
        limit = time.monotonic() + PATIENCE
        again = 0
        while time.monotonic() < limit and not self.over.is_set():
            again += 1
            body: dict[str, Any] = {
                "client_id": self.world.clients[piece.client],
                "community_ids": self.world.communities[piece.client * 3 : piece.client * 3 + 3],
                "text": f"Написано {mark(piece.number, again)}",
            }
            if piece.comment:
                body["first_comment"] = "Комментарий"
            if piece.media and (asset := self._picture(piece)) is not None:
                body["media"] = [{"asset": asset}]
            status, post = self._ask("POST", "/posts", body)
            if status != 201 or not self._schedule(post["id"], piece, limit):
                self.over.wait(0.5)
                continue
            return
        self.promises.given_up += 1

    def _schedule(self, post: int, piece: Piece, limit: float) -> bool:
        """Asked again with the same post until it is confirmed: that must never make two deliveries of it."""
        while time.monotonic() < limit and not self.over.is_set():
            due = max(self.begin + timedelta(seconds=piece.due), datetime.now(UTC))
            status, made = self._ask("POST", f"/posts/{post}/schedule", {"at": due.isoformat()})
            if status == 200:
                self.promises.scheduled |= {one["id"] for one in made["deliveries"]}
                self._meddle(piece, [one["id"] for one in made["deliveries"]])
                return True
            if status == 422 and "every community" in str(made):
                return True  # the answer that never came was yes, and all of it is on its way already
            self.over.wait(0.3)
        return False

    def _meddle(self, piece: Piece, deliveries: list[int]) -> None:
        for one in deliveries:
            if piece.meddle == "cancel":
                self.promises.cancelled.add(one)
                self._ask("POST", f"/deliveries/{one}/cancel", {})
            elif piece.meddle == "move":
                later = datetime.now(UTC) + timedelta(seconds=3)
                self._ask("POST", f"/deliveries/{one}/move", {"at": later.isoformat()})

    def _picture(self, piece: Piece) -> int | None:
        from PIL import Image

        data = io.BytesIO()
        Image.new("RGB", (64, 48), (piece.number % 256, 80, 160)).save(data, "PNG")
        edge = "torture-edge"
        client = self.world.clients[piece.client]
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="client_id"\r\n\r\n{client}\r\n'
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="p.png"\r\n'
            "Content-Type: image/png\r\n\r\n"
        )
        whole = head.encode() + data.getvalue() + f"\r\n--{edge}--\r\n".encode()
        status, made = self._ask("POST", "/posts/media", whole, f"multipart/form-data; boundary={edge}")
        if status != 201:
            return None
        self.promises.media += 1
        return int(made["id"])

    def _ask(self, method: str, path: str, body: Any, kind: str = "application/json") -> tuple[int, Any]:
        """(status, what it says); (0, None) when no whole answer came."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind, "Accept-Language": "en"}
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            line.request(method, f"/api/v1{path}", data, headers)
            answer = line.getresponse()
            whole = answer.read()
        except (OSError, http.client.HTTPException):
            return 0, None
        finally:
            line.close()
        self.promises.answers[answer.status] += 1
        try:
            return answer.status, json.loads(whole)
        except ValueError:
            return answer.status, None


class Manager(threading.Thread):
    """Looks at the desk every few seconds and connects again what asks for it."""

    def __init__(self, world: World) -> None:
        super().__init__(daemon=True)
        self.world = world
        self.over = threading.Event()
        self.signed_in = 0

    def run(self) -> None:
        while not self.over.wait(2):
            try:
                self.signed_in += self._look()
            except Exception as error:  # the database is gone for the moment: a person looks again later
                say(f"  (the manager's page did not load: {type(error).__name__})")

    def _look(self) -> int:
        from django.db import close_old_connections, connection

        from niva.domains.communities.models import Community, CommunityState

        close_old_connections()
        try:
            asking = Community.objects.filter(state=CommunityState.NEEDS_LOGIN).values_list("pk", flat=True)
            numbers = [self.world.communities.index(pk) for pk in asking]
            for number in numbers:
                self.world.connect(number)
            return len(numbers)
        finally:
            connection.close()
