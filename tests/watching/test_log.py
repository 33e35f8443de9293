"""The log of a real worker at its most talkative: a JSON object a line, an attempt a line, and no secret."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from django.utils import timezone

import niva
from niva.domains.clients.factories import make_client, make_workspace
from niva.domains.communities.factories import connect, make_community
from niva.domains.people.actor import machine
from niva.domains.publishing.factories import make_post
from niva.domains.publishing.models import Attempt
from niva.domains.publishing.services import schedule
from niva.kit.jobs.django import dsn
from niva.kit.pulse.models import Beat
from niva.networks.practice.tests.harness import open_flavoured

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.thorough]
ROOT = Path(niva.__file__).parent.parent.parent
FAULTS = ("reset", "error_after_commit", "refused", "limited", "nonsense")


@sync_to_async
def plan(credential) -> dict[int, str]:
    """As many posts as faults, and one more, due now; number of the delivery → network."""
    community = make_community(make_client(make_workspace()))
    tomorrow = timezone.now() + timedelta(days=1)
    connect(community, dict(credential.secrets), facts=dict(credential.facts), expires_at=tomorrow)
    posts = [make_post(community, text=f"Пост {n}") for n in range(len(FAULTS) + 1)]
    actor = machine(community.workspace)
    made = [schedule.schedule(actor, post_id=post.pk).deliveries[0] for post in posts]
    return {one.pk: community.network for one in made}


@sync_to_async
def tried() -> int:
    return Attempt.objects.filter(step="create").exclude(outcome="open").values("delivery").distinct().count()


async def test_what_a_worker_says_while_a_network_misbehaves():
    async with open_flavoured("searchable") as harness:
        planned = await plan(harness.credential)
        for fault in FAULTS:
            harness.fault(fault)
        url = harness.credential.facts["api_base"]
        environment = {
            **os.environ, "DATABASE_URL": dsn(), "NIVA_LOG_LEVEL": "DEBUG", "NIVA_PRACTICE_URL": url,
            "PYTHONPATH": str(ROOT / "src"),
        }  # fmt: skip
        worker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "niva", "worker", env=environment, stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        saying = asyncio.create_task(worker.communicate())
        try:
            for _ in range(600):
                if saying.done() or await tried() == len(planned):
                    break
                await asyncio.sleep(0.1)
            assert await Beat.objects.filter(pid=worker.pid, ended_at=None).aexists()
        finally:
            if not saying.done():
                worker.send_signal(signal.SIGTERM)
        said, errors = await asyncio.wait_for(saying, 60)
        ended = await Beat.objects.aget(pid=worker.pid)
        await sync_to_async(connections.close_all)()
    text = (said + errors).decode()
    assert worker.returncode == 0, text[-2000:]
    assert ended.ended_at is not None
    _no_secret(text, harness.credential)
    lines = [json.loads(line) for line in text.splitlines()]
    assert all({"at", "level", "logger", "message"} <= set(line) for line in lines)
    attempts = [line for line in lines if line["message"] == "attempt"]
    assert {line["delivery"] for line in attempts} == set(planned)
    for line in attempts:
        assert line["network"] == planned[line["delivery"]]
        assert line["step"] == "create"
        assert 0 <= line["seconds"] < 60
    assert {"done", "unknown", "rejected", "limited"} <= {line["outcome"] for line in attempts}


def _no_secret(text: str, credential) -> None:
    hidden = [*credential.secrets.values(), settings.SECRET_KEY, *settings.TOKEN_KEYS]
    hidden.append(urlsplit(dsn()).password or "")
    for secret in filter(None, hidden):
        assert secret not in text
