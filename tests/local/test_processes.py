from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scheduler.local import processes
from scheduler.local.processes import Child


def test_its_output_goes_to_its_log(start: Callable[[str], Child]) -> None:
    child = start("echo one; echo two >&2")

    wait_until(lambda: child.has_ended)
    assert child.last_words == "one\ntwo"


def test_it_sees_only_the_environment_it_is_given(start: Callable[[str], Child]) -> None:
    child = start("echo ${HOME-none} $GIVEN")

    wait_until(lambda: child.has_ended)
    assert child.last_words == "none this"


def test_it_is_started_again_when_it_was_killed(start: Callable[[str], Child]) -> None:
    child = start("echo began; exec sleep 60")
    wait_until(lambda: child.last_words == "began")

    child.kill()

    assert child.restart_if_ended() == (
        f"The sleeper was ended by SIGKILL; starting it again. Its log is {child.log}."
    )
    wait_until(lambda: child.restart_if_ended() or not child.has_ended)
    wait_until(lambda: child.last_words == "began\nbegan")


def test_what_it_said_last_is_told_when_it_failed(start: Callable[[str], Child]) -> None:
    child = start("echo no such setting; exit 3")
    wait_until(lambda: child.has_ended)

    news = child.restart_if_ended()

    assert news is not None
    assert "ended with status 3" in news
    assert news.endswith("It ends with:\nno such setting")


def test_one_that_keeps_failing_is_left_alone_for_longer_and_longer(
    start: Callable[[str], Child],
) -> None:
    child = start("exit 1")
    pauses = []
    for _ in range(3):
        wait_until(lambda: child.has_ended)
        child.restart_if_ended()
        ended_at = time.monotonic()
        wait_until(lambda: not is_pausing(child))
        pauses.append(time.monotonic() - ended_at)

    first = processes.FIRST_PAUSE.total_seconds()
    assert [pause >= first * 2**n for n, pause in enumerate(pauses, start=1)] == [True] * 3


def test_what_it_started_does_not_outlive_it(start: Callable[[str], Child]) -> None:
    child = start("sleep 60 & echo $!; wait")
    wait_until(lambda: child.last_words.isdecimal())
    grandchild = int(child.last_words)
    os.kill(group_leader(grandchild), signal.SIGKILL)
    wait_until(lambda: child.has_ended)

    child.restart_if_ended()

    wait_until(lambda: not is_running(grandchild))


def test_a_deaf_one_is_killed(start: Callable[[str], Child]) -> None:
    child = start("trap '' TERM; echo deaf; while true; do sleep 1; done")
    wait_until(lambda: child.last_words == "deaf")

    child.ask_to_stop()
    child.wait(time.monotonic() + 0.2)
    assert not child.has_ended

    child.kill()
    assert child.has_ended


def is_pausing(child: Child) -> bool:
    """Let it start when its pause is over; say whether it is not over."""
    before = child.log.stat().st_mtime_ns, child._started_at
    child.restart_if_ended()
    return child._started_at == before[1]


def group_leader(pid: int) -> int:
    return os.getpgid(pid)


def is_running(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def wait_until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Child]]:
    children: list[Child] = []

    def started(script: str) -> Child:
        child = Child(
            name="sleeper",
            command=["/bin/sh", "-c", script],
            environment={"PATH": os.defpath, "GIVEN": "this"},
            log=tmp_path / "sleeper.log",
        )
        children.append(child)
        child.start()
        return child

    yield started
    for child in children:
        child.kill()
