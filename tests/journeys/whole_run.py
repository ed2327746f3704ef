"""A whole Greenroom as `make run` starts it: real processes, ports of its own, a fresh company."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from scheduler.local import folders
from scheduler.local.parentage import dying_with_us

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = timedelta(seconds=90)
STOPS_WITHIN = timedelta(seconds=15)
PAUSE = timedelta(milliseconds=50)
PROCESSES = {
    "web process": "-m granian",
    "worker": "-m flask --app app worker",
    "emulator": "-m scheduler.emulator",
    "PostgreSQL": "bin/postgres -D",
}


class NotReady(Exception):
    """The run has not come up. The message is what it said."""


@dataclass(frozen=True, slots=True)
class WholeRun:
    """A started run: where it listens, and its processes by name."""

    data_dir: Path
    port: int
    emulator_port: int

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def emulator_url(self) -> str:
        return f"http://localhost:{self.emulator_port}"

    def pids(self, name: str) -> list[int]:
        """Return the live processes of this name; the parent comes first."""
        return sorted(
            pid
            for pid, words in _commands()
            if PROCESSES[name] in words and self._is_ours(pid, words)
        )

    def kill(self, name: str) -> None:
        """kill -9, to the parent of that name; the launcher starts it again."""
        with suppress(ProcessLookupError, IndexError):
            os.kill(self.pids(name)[0], signal.SIGKILL)

    def settings(self) -> dict[str, str]:
        """Return the settings that the run has given to the application."""
        raw = Path(f"/proc/{self.pids('worker')[0]}/environ").read_bytes().decode()
        pairs = (pair.partition("=") for pair in raw.split("\0") if pair)
        return {name: value for name, _, value in pairs}

    def dsn(self) -> str:
        return self.settings()["DATABASE_URL"].replace("+psycopg", "", 1)

    def is_up(self) -> bool:
        """Say whether every process is there and answers."""
        return (
            all(self.pids(name) for name in PROCESSES)
            and _answers(self.port, "/readyz")
            and _answers(self.emulator_port, "/")
        )

    def _is_ours(self, pid: int, words: str) -> bool:
        if f"{self.data_dir}/" in words:
            return True
        try:
            return f"\0PORT={self.port}\0" in Path(f"/proc/{pid}/environ").read_bytes().decode(
                errors="replace"
            )
        except OSError:
            return False


@contextmanager
def whole_run() -> Iterator[WholeRun]:
    """Start a run with an invented company; stop it, and forget it, at the end."""
    # Not pytest's own folder: as root, PostgreSQL could not walk into that.
    with tempfile.TemporaryDirectory(prefix="greenroom-run-", ignore_cleanup_errors=True) as name:
        place = Path(name)
        place.chmod(0o711)
        data_dir = place / "data"
        try:
            with _started(data_dir, said=place / "said") as run:
                yield run
        finally:
            folders.erase(data_dir)


def wait_until(is_so: Callable[[], object], within: timedelta = timedelta(seconds=30)) -> None:
    """Wait until something holds. AssertionError when it does not in time."""
    deadline = time.monotonic() + within.total_seconds()
    while not is_so():
        assert time.monotonic() < deadline, f"not so within {within}"
        time.sleep(PAUSE.total_seconds())


@contextmanager
def _started(data_dir: Path, *, said: Path) -> Iterator[WholeRun]:
    port, emulator_port, smtp_port = _free_ports(3)
    environment = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(data_dir),
        "PORT": str(port),
        "EMULATOR_PORT": str(emulator_port),
        "SMTP_PORT": str(smtp_port),
    }
    with said.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "scheduler.local"],
            cwd=ROOT,
            env=environment | {"PYTHONUNBUFFERED": "1"},
            stdout=out,
            stderr=subprocess.STDOUT,
            preexec_fn=dying_with_us(signal.SIGTERM),  # also when the tests are killed
        )
    try:
        _wait_until_ready(process, said)
        yield WholeRun(data_dir, port, emulator_port)
    finally:
        process.terminate()
        process.wait(STOPS_WITHIN.total_seconds())


def _wait_until_ready(process: subprocess.Popen[bytes], said: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN.total_seconds()
    while "Greenroom is ready" not in said.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise NotReady(said.read_text())
        time.sleep(PAUSE.total_seconds())
    assert "incomplete" not in said.read_text(), said.read_text()


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _commands() -> Iterator[tuple[int, str]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                yield int(folder.name), words.decode(errors="replace")


def _answers(port: int, path: str) -> bool:
    with closing(http.client.HTTPConnection("localhost", port, timeout=5)) as connection:
        try:
            connection.request("GET", path)
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
