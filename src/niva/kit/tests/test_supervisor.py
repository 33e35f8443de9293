"""The supervisor with real processes: each runs in a program of its own and is talked to by signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from niva.kit.postgres.processes import wait_until_gone
from niva.kit.supervisor import Timing, apart

HEAD = """
import os, signal, sys, time
from pathlib import Path
from niva.kit.supervisor import Child, Supervisor, Timing
def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())
def told(event, name, facts):
    say(event, name, facts.get("status", ""), facts.get("pause", ""))
quick = Timing(pauses=(0.01, 0.02, 0.04), settled=60, grace=5, look=0.05)
"""


@pytest.fixture
def program() -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    running: list[subprocess.Popen[str]] = []

    def start(body: str) -> subprocess.Popen[str]:
        source = HEAD + textwrap.dedent(body)
        running.append(
            subprocess.Popen(
                [sys.executable, "-c", source], stdout=subprocess.PIPE, text=True, start_new_session=True
            )
        )
        return running[-1]

    yield start
    for one in running:
        if one.poll() is None:
            one.kill()
        one.communicate(timeout=20)


def lines(one: subprocess.Popen[str], count: int) -> list[str]:
    assert one.stdout
    return [one.stdout.readline().split("\n")[0].strip() for _ in range(count)]


def test_pause_grows_and_stays_at_its_longest() -> None:
    timing = Timing(pauses=(1, 2, 4))
    assert [timing.pause(n) for n in (1, 2, 3, 4, 50)] == [1, 2, 4, 4, 4]


def test_a_dead_child_returns_after_growing_pauses(program: Callable[[str], subprocess.Popen[str]]) -> None:
    one = program(
        """
        def dies():
            say("alive")
            return 3
        Supervisor([Child("jobs", dies)], told, timing=quick).run()
        """
    )
    assert lines(one, 6) == [
        "alive",
        "died jobs 3 0.01",
        "alive",
        "died jobs 3 0.02",
        "alive",
        "died jobs 3 0.04",
    ]


def test_a_killed_child_returns_alone(program: Callable[[str], subprocess.Popen[str]]) -> None:
    one = program(
        """
        def lives(name):
            def run():
                say(name, os.getpid())
                signal.pause()
            return run
        Supervisor([Child("web", lives("web")), Child("jobs", lives("jobs"))], told, timing=quick).run()
        """
    )
    pids = dict(line.split() for line in lines(one, 2))
    os.kill(int(pids["jobs"]), signal.SIGKILL)
    died, again = lines(one, 2)
    assert died == "died jobs -9 0.01"
    assert again.split()[0] == "jobs"
    os.kill(int(pids["web"]), 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_all_stop_together(program: Callable[[str], subprocess.Popen[str]], number: signal.Signals) -> None:
    one = program(
        """
        def polite():
            signal.signal(signal.SIGTERM, lambda *_: (say("bye"), os._exit(0)))
            say(os.getpid())
            while True: signal.pause()
        sys.exit(Supervisor([Child("a", polite), Child("b", polite)], told, timing=quick).run())
        """
    )
    pids = lines(one, 2)
    one.send_signal(number)
    assert one.wait(10) == 0
    assert sorted(lines(one, 3)) == ["bye", "bye", "stopping"]
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_a_deaf_child_is_killed_in_the_end(program: Callable[[str], subprocess.Popen[str]]) -> None:
    one = program(
        """
        def deaf():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            say(os.getpid())
            while True: signal.pause()
        Supervisor([Child("deaf", deaf)], told, timing=Timing(grace=0.1)).run()
        """
    )
    (pid,) = lines(one, 1)
    one.terminate()
    assert one.wait(10) == 0
    assert wait_until_gone(int(pid), 1)


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux tells a child of its parent's death"
)
def test_children_end_with_a_killed_parent(program: Callable[[str], subprocess.Popen[str]]) -> None:
    one = program(
        """
        def lives():
            say(os.getpid())
            signal.pause()
        Supervisor([Child("web", lives)], told, timing=quick).run()
        """
    )
    (pid,) = lines(one, 1)
    one.kill()
    assert wait_until_gone(int(pid), 10)


def test_ready_is_told_once_and_guards_go_round(program: Callable[[str], subprocess.Popen[str]]) -> None:
    one = program(
        """
        rounds = []
        def guard():
            rounds.append(1)
            if len(rounds) == 3:
                say("guarded")
        Supervisor(
            [Child("web", signal.pause)], told, guards=[guard], timing=quick,
            ready=lambda: True, on_ready=lambda: say("open"),
        ).run()
        """
    )
    assert lines(one, 2) == ["open", "guarded"]


def test_a_death_before_all_was_ready_ends_everything(
    program: Callable[[str], subprocess.Popen[str]],
) -> None:
    one = program(
        """
        def broken():
            raise ValueError("a mistake in the settings")
        sys.exit(Supervisor([Child("web", broken)], told, timing=quick, ready=lambda: False).run())
        """
    )
    assert one.wait(10) == 1
    assert lines(one, 2) == ["died web 1 0.01", "stopping"]


def test_work_apart_gives_its_answer_and_its_failure() -> None:
    assert apart(lambda: "http://адрес") == "http://адрес"
    with pytest.raises(RuntimeError, match="status 1"):
        apart(lambda: str(1 // 0))
