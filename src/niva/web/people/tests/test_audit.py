"""The trail: what is written stays, is told in words, and is only for those who run the workspace."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

import niva
from niva.domains.clients.access import actor_for
from niva.domains.clients.factories import make_client, make_person
from niva.domains.clients.models import Client
from niva.domains.people.actor import machine
from niva.domains.people.audit import record
from niva.domains.people.models import AuditEvent, User, Workspace
from niva.web.people.sentences import sentence, verb_word
from niva.web.people.tests.conftest import SignIn
from niva.web.people.verbs import SENTENCES


@pytest.mark.parametrize(
    "change", ["update people_auditevent set by = %s", "delete from people_auditevent where by <> %s"]
)
def test_lines_can_be_neither_changed_nor_deleted(owner: User, workspace: Workspace, change: str) -> None:
    record(machine(workspace), "workspace.founded", workspace)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change, ["someone else"])
    assert AuditEvent.objects.get().by == "niva"


def test_a_person_may_go_and_his_lines_stay(owner: User, workspace: Workspace) -> None:
    record(actor_for(owner, workspace.pk), "workspace.founded", workspace)
    make_person(workspace, "owner")
    owner.delete()
    event = AuditEvent.objects.select_related("user").get()
    assert (event.by, event.user) == ("Аня Ветрова", None)


def test_a_long_address_for_a_name_fits(workspace: Workspace) -> None:
    user = make_person(workspace, name="", email=f"{'a' * 60}@{'b' * 60}.{'c' * 60}.example")
    assert len(str(user)) > 120
    assert record(actor_for(user, workspace.pk), "workspace.founded", workspace).by == str(user)[:120]


def test_filters_and_pages(
    owner: User, workspace: Workspace, client_farm: Client, foreign: Workspace, browser_of: SignIn
) -> None:
    other = make_person(workspace, "manager", name="Соня Коллега")
    record(actor_for(other, workspace.pk), "token.created", client_farm)
    for _number in range(60):
        record(actor_for(owner, workspace.pk), "workspace.founded", workspace)
    record(machine(foreign), "workspace.founded", foreign)
    browser = browser_of(owner)
    first = browser.get("/people/audit/").content.decode()
    assert "page 1 of 2" in first
    assert "Чужая команда" not in first
    assert "A token of the API was made: Сытый хутор" not in first.split("<table")[1]
    by_person = browser.get("/people/audit/", {"who": other.pk}).content.decode().split("<table")[1]
    assert "A token of the API was made: Сытый хутор" in by_person
    assert "was founded" not in by_person
    by_client = browser.get("/people/audit/", {"client": client_farm.pk}).content.decode()
    assert by_client.split("<tbody>")[1].count("<tr>") == 1
    by_verb = browser.get("/people/audit/", {"verb": "token.created"}).content.decode()
    assert by_verb.split("<tbody>")[1].count("<tr>") == 1
    for wrong in ({"who": "x"}, {"client": make_client(foreign).pk}, {"verb": "' or 1=1"}, {"page": "x"}):
        assert browser.get("/people/audit/", wrong).status_code == 200


def test_every_verb_in_the_code_has_a_sentence_in_both_languages() -> None:
    missing = sorted(verbs_in_the_code() - set(SENTENCES))
    assert missing == []
    for verb in SENTENCES:
        event = AuditEvent(verb=verb, subject_name="Название", details={}, by="Аня")
        for language in ("en", "ru"):
            with translation.override(language):
                assert sentence(event)
                assert "%(" not in sentence(event)
                assert "%(" not in verb_word(verb)


def verbs_in_the_code() -> set[str]:
    """The second argument of every call of `record` that is written out."""
    found: set[str] = set()
    root = Path(niva.__file__).parent
    for path in root.rglob("*.py"):
        if "tests" in path.parts:
            continue
        text = path.read_text()
        if "record(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "record":
                verb = node.args[1] if len(node.args) > 1 else None
                if isinstance(verb, ast.Constant) and isinstance(verb.value, str):
                    found.add(verb.value)
    assert "invitation.sent" in found
    return found


def test_the_history_of_one_thing(owner: User, workspace: Workspace, client_farm: Client) -> None:
    actor = actor_for(owner, workspace.pk)
    record(actor, "token.created", client_farm)
    record(actor, "token.created", make_client(workspace, name="Другой"))
    request = RequestFactory().get("/")
    request.actor = actor
    with translation.override("en"):
        page = Template("{% load people %}{% history thing %}").render(
            Context({"request": request, "thing": client_farm})
        )
    assert "A token of the API was made: Сытый хутор" in page
    assert "Другой" not in page
    assert "Аня Ветрова" in page


def test_moments_are_told_in_the_time_of_the_one_who_reads() -> None:
    event = AuditEvent(
        verb="post.scheduled", subject_name="Рёбрышки", details={"due": "2026-11-24T16:00:00+00:00"}
    )
    with translation.override("ru"), timezone.override("Asia/Omsk"):
        assert "24.11.2026 22:00" in sentence(event)


def test_an_unknown_verb_and_an_old_line_are_shown_plainly() -> None:
    assert sentence(AuditEvent(verb="thing.done", subject_name="X", details={})) == "thing.done: X"
    with translation.override("en"):
        assert sentence(AuditEvent(verb="member.removed", subject_name="", details={})) == "— left the team"
