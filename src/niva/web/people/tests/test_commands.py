"""`niva token` and `niva password`, as they are typed."""

from __future__ import annotations

import contextlib
import io

import pytest

from niva.cli import environment
from niva.cli.main import main
from niva.domains.clients.factories import make_person
from niva.domains.people.models import ApiToken, User, Workspace
from niva.flows.tokens import actor_by_token


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database of the tests stands in for the embedded one, English for the terminal."""
    monkeypatch.setattr(environment, "database", contextlib.nullcontext)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")


def test_a_token_is_made_listed_and_revoked(owner: User, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "create", "--name", "Отчёты", "--days", "30"]) == 0
    raw = capsys.readouterr().out.strip()
    actor = actor_by_token(raw)
    assert actor is not None
    assert actor.user == owner
    assert main(["token", "list"]) == 0
    listed = capsys.readouterr().out
    assert "Отчёты" in listed
    assert raw not in listed
    number = listed.split("\t")[0]
    assert main(["token", "revoke", number]) == 0
    assert actor_by_token(raw) is None
    assert main(["token", "revoke", number]) == 1
    assert main(["token", "list"]) == 0
    assert "Отчёты" not in capsys.readouterr().out.splitlines()


def test_whose_token_it_is(
    owner: User, workspace: Workspace, foreign: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    member = make_person(workspace, "member", email="sonya@mezha.example")
    assert main(["token", "create", "--name", "x"]) == 1
    told = capsys.readouterr().err
    assert "--workspace" in told
    assert "Чужая команда" in told
    assert main(["token", "create", "--name", "x", "--email", "Sonya@mezha.example"]) == 0
    assert ApiToken.objects.get().user == member
    assert main(["token", "create", "--name", "x", "--workspace", str(foreign.pk)]) == 0
    assert ApiToken.objects.latest("pk").workspace == foreign
    assert main(["token", "create", "--name", "x", "--email", "nobody@mezha.example"]) == 1
    assert main(["token", "create", "--name", "x", "--workspace", str(workspace.pk), "--days", "0"]) == 1
    assert "From 1 to" in capsys.readouterr().err


def test_a_new_password_from_the_terminal(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("новый пароль 2026\n"))
    assert main(["password", "Anya@mezha.example"]) == 0
    owner.refresh_from_db()
    assert owner.check_password("новый пароль 2026")
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert main(["password", "anya@mezha.example"]) == 1
    monkeypatch.setattr("sys.stdin", io.StringIO("новый пароль 2026\n"))
    assert main(["password", "nobody@mezha.example"]) == 1
    owner.refresh_from_db()
    assert owner.check_password("новый пароль 2026")
