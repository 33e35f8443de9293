"""The home and its secrets."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from niva.kit import filelock
from niva.kit.home import Home, default_root, home, load_or_make_secrets


def test_the_environment_moves_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NIVA_HOME", str(tmp_path / "дом"))
    assert home().root == tmp_path / "дом"
    monkeypatch.setenv("NIVA_HOME", "~/desk")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert home().root == tmp_path / "desk"


def test_without_it_the_platform_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NIVA_HOME", " ")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert home().root == default_root() == tmp_path / ".local" / "share" / "niva"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert default_root() == tmp_path / "data" / "niva"
    monkeypatch.setattr("sys.platform", "darwin")
    assert default_root() == tmp_path / "Library" / "Application Support" / "niva"


def test_secrets_are_made_once_and_are_private(tmp_path: Path) -> None:
    place = Home(tmp_path / "home")
    first = load_or_make_secrets(place)
    assert load_or_make_secrets(place) == first
    assert place.secrets_file.stat().st_mode & 0o777 == 0o600
    assert place.root.stat().st_mode & 0o777 == 0o700
    assert len(base64.urlsafe_b64decode(first.token_keys[0])) == 32
    assert load_or_make_secrets(Home(tmp_path / "other")) != first


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"secret_key": "short", "token_keys": ["k"]}', "nonsense"])
def test_damaged_secrets_are_never_replaced(tmp_path: Path, text: str) -> None:
    (tmp_path / "secrets.json").write_text(text)
    with pytest.raises(ValueError, match="backup"):
        load_or_make_secrets(Home(tmp_path))
    assert (tmp_path / "secrets.json").read_text() == text


def test_more_keys_are_read_in_their_order(tmp_path: Path) -> None:
    place = Home(tmp_path)
    kept = load_or_make_secrets(place)
    keys = ["new", *kept.token_keys]
    place.secrets_file.write_text(json.dumps({"secret_key": kept.secret_key, "token_keys": keys}))
    assert load_or_make_secrets(place).token_keys == keys


def test_a_lock_tells_who_holds_it(tmp_path: Path) -> None:
    with filelock.hold(tmp_path / "lock", note="http://127.0.0.1:8130"):
        with pytest.raises(filelock.LockHeld) as caught, filelock.hold(tmp_path / "lock"):
            pass
        assert caught.value.note == "http://127.0.0.1:8130"
    with filelock.hold(tmp_path / "lock"):
        assert (tmp_path / "lock").read_text() == ""
