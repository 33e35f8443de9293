"""Ports: had, busy, and who has them."""

from __future__ import annotations

import os

import pytest

from niva.kit import ports


def test_a_busy_port_names_its_holder() -> None:
    with ports.listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(ports.PortBusy) as caught:
            ports.listen("127.0.0.1", port)
        assert caught.value.port == port
        assert f"({os.getpid()})" in caught.value.holder


def test_a_free_port_has_no_holder() -> None:
    with ports.listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
    assert ports.holder(port) == ""


def test_free_keeps_the_wanted_port_or_finds_another() -> None:
    with ports.listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        assert ports.free(port) not in (port, 0)
    assert ports.free(port) == port
    assert 0 < ports.free(99_999) < 65_536


def test_a_stranger_s_address_is_an_error() -> None:
    with pytest.raises(OSError):
        ports.listen("192.0.2.1", 0)
