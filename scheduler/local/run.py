"""One parent for PostgreSQL, the emulator, the web process and the worker.

It starts them in that order, says one line when all of them answer, starts again what dies, and
stops every one of them when it is stopped; the kernel does so when it is killed.
"""

from __future__ import annotations

import errno
import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import NoReturn
from urllib.parse import urlsplit

import psycopg

from scheduler.config import Settings, SettingsError
from scheduler.local import postgres
from scheduler.local.folders import RUN_CLAIM, FolderRefused, claim, make_data_dir
from scheduler.local.postgres import LocalPostgres, PostgresFailed
from scheduler.local.processes import Child
from scheduler.local.settings import LocalRun, app_environment, invented_secrets, uses_emulator

READY_WITHIN = timedelta(seconds=60)
PREDECESSOR_LETS_GO_WITHIN = timedelta(seconds=5)
STOP_WITHIN = timedelta(seconds=3)
ANSWER_WITHIN = timedelta(seconds=5)
PAUSE = timedelta(milliseconds=100)
WEB_THREADS = 16
WEB_STOP_SECONDS = 2

NOT_STARTED = 2
"""Exit status when something has to be changed first: a setting, a port, a folder."""
FAILED = 1
CALLBACKS = ("/login/callback", "/admin/google/callback")
PASSED_ON = ("PATH", "PYTHONPATH", "PYTHONUNBUFFERED", "TZ")
"""All that the emulator gets of the application's environment: it is another company's server."""
SEEDING = "seeding"
"""The file in DATA_DIR that is there from the beginning of a seed to its end."""
PLACEHOLDER_DATABASE = "postgresql://localhost/not-started-yet"


class StartFailed(Exception):
    """A process does not get ready. The message ends with its last words."""


class PortTaken(Exception):
    """Something listens where this run wants to. The message says where and what to do."""


class _Stopped(BaseException):
    """Somebody has asked us to stop."""


def main(environment: Mapping[str, str]) -> int:
    """Run until told to stop; return the exit status."""
    _on_signals(_raise_stopped)
    try:
        run = LocalRun.from_environment(environment)
        Launcher(run, environment).run()
    except (SettingsError, PortTaken, FolderRefused) as refusal:
        _tell(str(refusal))
        return NOT_STARTED
    except (StartFailed, PostgresFailed) as failure:
        _tell(str(failure))
        return FAILED
    except _Stopped:
        _tell("Greenroom has stopped.")
    return 0


class Launcher:
    """The processes of one local run."""

    def __init__(self, run: LocalRun, given: Mapping[str, str]) -> None:
        self._run = run
        self._given = given
        self._data_dir = make_data_dir(run.data_dir)
        self._logs = self._data_dir / "logs"
        self._postgres: LocalPostgres | None = None
        self._children: list[Child] = []
        self._seed: Child | None = None

    def run(self) -> NoReturn:
        """Start everything and keep it running."""
        held = claim(self._data_dir, RUN_CLAIM)
        try:
            self._check_ports(patiently=held.is_successor)
            environment = self._environment(self._given.get("DATABASE_URL") or PLACEHOLDER_DATABASE)
            Settings.from_environment(environment)  # refuse before anything runs
            _begin_new_logs(self._logs)
            with self._stopping_everything():
                self._start()
                self._watch()
        finally:
            held.release()

    def _check_ports(self, *, patiently: bool) -> None:
        """Raise PortTaken if a port is taken; what a killed predecessor leaves goes in a moment."""
        deadline = time.monotonic() + (
            PREDECESSOR_LETS_GO_WITHIN.total_seconds() if patiently else 0.0
        )
        listeners = self._run.listeners if uses_emulator(self._given) else self._run.listeners[:1]
        for setting, port, purpose in listeners:
            while (problem := _why_not_listen(port)) and time.monotonic() < deadline:
                time.sleep(PAUSE.total_seconds())
            if problem:
                raise PortTaken(
                    f"Port {port} {problem}, and Greenroom wants it for {purpose}: "
                    f"free it, or choose another, for example `{setting}={port + 100} make run`."
                )

    def _environment(self, database_url: str) -> dict[str, str]:
        environment = app_environment(
            self._run, self._given, invented_secrets(self._data_dir), database_url=database_url
        )
        return environment | {"PYTHONUNBUFFERED": "1"}

    def _start(self) -> None:
        if not self._given.get("DATABASE_URL"):
            self._postgres = postgres.start(self._data_dir)
        database_url = self._postgres.url if self._postgres else self._given["DATABASE_URL"]
        environment = self._environment(database_url)
        settings = Settings.from_environment(environment)

        if uses_emulator(self._given):
            self._add(self._emulator(settings, environment))
        _migrate(settings.database_url)
        if uses_emulator(self._given):
            self._wait_for(
                "emulator",
                _Page(
                    listens_at=self._run.emulator_url,
                    path="/.well-known/openid-configuration",
                    known_as=self._run.emulator_url,
                ),
            )
        self._add(self._web(environment))
        self._add(self._worker(environment))
        self._wait_for(
            "web process",
            _Page(listens_at=self._run.web_url, path="/readyz", known_as=settings.public_url),
        )
        if uses_emulator(self._given):
            self._seed_if_new(environment)
        ready = f"Greenroom is ready: {settings.public_url}"
        if settings.emulator_url:
            ready += f" (emulator {settings.emulator_url})"
        print(ready, flush=True)

    def _seed_if_new(self, environment: Mapping[str, str]) -> None:
        """Fill a new installation with an invented company; take up a seed that was cut off.

        A seed that fails costs the company, not the run: somebody may have given other domains.
        """
        unfinished = self._data_dir / SEEDING
        if not unfinished.exists() and _has_audit_entries(environment["DATABASE_URL"]):
            return
        unfinished.touch()
        _tell("Inventing a company to try Greenroom with …")
        seed = self._seed = self._seed_process(environment)
        seed.start()
        while not seed.has_ended:
            time.sleep(PAUSE.total_seconds())
            self._restart_what_ended()
        self._seed = None
        if seed.has_succeeded:
            unfinished.unlink()
        else:
            _tell(f"The invented company is incomplete; {seed.log} ends with:\n{seed.last_words}")

    def _watch(self) -> NoReturn:
        while True:
            time.sleep(PAUSE.total_seconds())
            self._restart_what_ended()

    def _restart_what_ended(self) -> None:
        if self._postgres and self._postgres.process.poll() is not None:
            _tell("PostgreSQL has ended; starting it again.")
            self._postgres.stop()
            self._postgres = postgres.start(self._data_dir)
        for child in self._children:
            news = child.restart_if_ended()
            if news:
                _tell(news)

    @contextmanager
    def _stopping_everything(self) -> Iterator[None]:
        try:
            yield
        finally:
            _on_signals(self._kill_everything)  # asked twice: no more patience
            for child in self._started:
                child.ask_to_stop()
            deadline = time.monotonic() + STOP_WITHIN.total_seconds()
            for child in self._started:
                child.wait(deadline)
                child.kill()
            if self._postgres:
                self._postgres.stop()

    def _kill_everything(self, _signal: int, _frame: FrameType | None) -> NoReturn:
        for child in self._started:
            child.kill()
        if self._postgres:
            self._postgres.process.kill()
        os._exit(FAILED)

    @property
    def _started(self) -> list[Child]:
        return [*self._children, *([self._seed] if self._seed else [])]

    # -- the processes -------------------------------------------------------------------------

    def _add(self, child: Child) -> None:
        self._children.append(child)
        child.start()

    def _emulator(self, settings: Settings, environment: Mapping[str, str]) -> Child:
        command = [sys.executable, "-m", "scheduler.emulator"]
        command += ["--port", str(self._run.emulator_port)]
        command += ["--smtp-port", str(self._run.smtp_port)]
        folder = self._data_dir / "emulator"
        folder.mkdir(mode=0o700, exist_ok=True)
        command += ["--data", str(folder / "google.sqlite"), "--hooks"]
        for base in dict.fromkeys((self._run.web_url, settings.public_url)):
            for callback in CALLBACKS:
                command += ["--redirect-uri", f"{base}{callback}"]
        passed_on = {name: environment[name] for name in PASSED_ON if name in environment}
        client = {
            "EMULATOR_CLIENT_ID": settings.google_client_id,
            "EMULATOR_CLIENT_SECRET": settings.google_client_secret,
        }
        return Child(
            name="emulator",
            command=command,
            environment=passed_on | client,
            log=self._logs / "emulator.log",
        )

    def _web(self, environment: Mapping[str, str]) -> Child:
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"]
        command += ["--host", "127.0.0.1", "--port", str(self._run.port)]
        command += ["--workers", "1", "--blocking-threads", str(WEB_THREADS)]
        command += ["--workers-kill-timeout", str(WEB_STOP_SECONDS), "app:app"]
        return Child(
            name="web process",
            command=command,
            environment=environment,
            log=self._logs / "web.log",
            signal_when_orphaned=signal.SIGTERM,  # granian then stops its own child, too
        )

    def _worker(self, environment: Mapping[str, str]) -> Child:
        return Child(
            name="worker",
            command=[sys.executable, "-m", "flask", "--app", "app", "worker"],
            environment=environment,
            log=self._logs / "worker.log",
        )

    def _seed_process(self, environment: Mapping[str, str]) -> Child:
        return Child(
            name="seed",
            command=[sys.executable, "-m", "scheduler.local.seed"],
            environment=environment,
            log=self._logs / "seed.log",
        )

    def _wait_for(self, name: str, page: _Page) -> None:
        deadline = time.monotonic() + READY_WITHIN.total_seconds()
        while not page.answers():
            for child in self._children:
                if child.has_ended:
                    raise StartFailed(f"The {child.name} {child.ending}:\n{child.last_words}")
            if time.monotonic() > deadline:
                raise StartFailed(f"The {name} does not answer; the logs are in {self._logs}.")
            time.sleep(PAUSE.total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """A page that answers 200 when its process is ready."""

    listens_at: str
    path: str
    known_as: str
    """The address the process believes to have; it refuses others."""

    def answers(self) -> bool:
        connection = http.client.HTTPConnection(
            urlsplit(self.listens_at).netloc, timeout=ANSWER_WITHIN.total_seconds()
        )
        with closing(connection), suppress(OSError, http.client.HTTPException):
            connection.request("GET", self.path, headers={"Host": urlsplit(self.known_as).netloc})
            return connection.getresponse().status == http.HTTPStatus.OK
        return False


def _migrate(database_url: str) -> None:
    # Heavy, and not needed to refuse a start.
    from sqlalchemy.exc import OperationalError

    from scheduler.models.migrate import upgrade

    try:
        upgrade(database_url)
    except OperationalError as refusal:
        reason = str(refusal.orig).strip()
        raise StartFailed(f"The database does not answer; check DATABASE_URL. {reason}") from None


def _has_audit_entries(database_url: str) -> bool:
    """Say whether anybody has done anything: every change leaves an entry."""
    with psycopg.connect(database_url.replace("+psycopg", "", 1)) as connection:
        return connection.execute("SELECT FROM audit_entry LIMIT 1").fetchone() is not None


def _begin_new_logs(folder: Path) -> None:
    """Keep the logs of this run and of the one before."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for log in folder.glob("*.log"):
        log.replace(log.with_suffix(".log.1"))


def _why_not_listen(port: int) -> str | None:
    """Say what keeps us from listening on `port` of localhost, in either family of addresses."""
    reasons = {errno.EADDRINUSE: "is in use", errno.EACCES: "is not open to this user"}
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as listener:
                # A connection that ended a moment ago is no reason; a listener still is.
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((address, port))
        except OSError as refusal:
            if refusal.errno in reasons:
                return reasons[refusal.errno]
    return None


def _on_signals(handler: Callable[[int, FrameType | None], object]) -> None:
    for kind in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(kind, handler)


def _raise_stopped(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise _Stopped


def _tell(news: str) -> None:
    print(news, file=sys.stderr, flush=True)
