"""`make run` as people meet it: real processes on other ports, killed in every way."""

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
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from scheduler.local import folders

ROOT = Path(__file__).resolve().parents[2]
CHILDREN = {
    "web process": "-m granian",
    "worker": "-m flask --app app worker",
    "emulator": "-m scheduler.emulator",
    "PostgreSQL": "bin/postgres -D",
}


@dataclass(frozen=True)
class Place:
    """Where a run listens and keeps its state."""

    data_dir: Path
    port: int
    emulator_port: int
    smtp_port: int

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PORT": str(self.port),
            "EMULATOR_PORT": str(self.emulator_port),
            "SMTP_PORT": str(self.smtp_port),
            "DATA_DIR": str(self.data_dir),
            "PYTHONUNBUFFERED": "1",
        }


def test_it_says_one_line_when_everything_answers(run: Run, place: Place) -> None:
    assert run.first_line == (
        f"Greenroom is ready: http://localhost:{place.port}"
        f" (emulator http://localhost:{place.emulator_port})"
    )
    assert answers(place.port, "/healthz")
    assert answers(place.emulator_port, "/")
    with socket.create_connection(("localhost", place.smtp_port), timeout=5) as inbox:
        assert inbox.recv(4).startswith(b"220")
    assert set(processes_of(place)) == set(CHILDREN)


def test_it_listens_on_this_machine_only(run: Run, place: Place) -> None:
    (own_address, *_) = socket.gethostbyname_ex(socket.gethostname())[2]
    if own_address.startswith("127."):
        pytest.skip("this machine has no address but the loopback")
    for port in (place.port, place.emulator_port, place.smtp_port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((own_address, port), timeout=5)


@pytest.mark.parametrize(
    ("setting", "other"),
    [("PORT", "EMULATOR_PORT"), ("EMULATOR_PORT", "SMTP_PORT"), ("SMTP_PORT", "PORT")],
)
def test_a_busy_port_gives_one_clear_sentence(
    run: Run, place: Place, tmp_path: Path, setting: str, other: str
) -> None:
    elsewhere = place_for(tmp_path / "data").environment
    busy = place.environment[other]

    refused = run_to_its_end(elsewhere | {setting: busy})

    assert refused.returncode == 2
    (sentence,) = refused.stderr.splitlines()
    assert sentence.startswith(f"Port {busy} is in use")
    assert f"`{setting}={int(busy) + 100} make run`" in sentence


def test_a_port_busy_in_the_other_family_counts(tmp_path: Path) -> None:
    elsewhere = place_for(tmp_path / "data")
    with socket.socket(socket.AF_INET6) as other:
        other.bind(("::1", elsewhere.port))
        other.listen()

        assert run_to_its_end(elsewhere.environment).returncode == 2


def test_one_data_folder_has_one_run(run: Run, place: Place) -> None:
    other_ports = place_for(place.data_dir)

    refused = run_to_its_end(other_ports.environment)

    assert refused.returncode == 2
    assert "in use by another Greenroom" in refused.stderr


def test_a_setting_that_cannot_be_is_refused_before_anything_starts(tmp_path: Path) -> None:
    place = place_for(tmp_path / "data")

    refused = run_to_its_end(place.environment | {"PUBLIC_URL": "localhost"})

    assert refused.returncode == 2
    assert refused.stderr == "PUBLIC_URL must be an http or https address, not 'localhost'.\n"
    assert not (place.data_dir / "postgres").exists()


@pytest.mark.parametrize("name", CHILDREN)
def test_what_is_killed_comes_back(run: Run, place: Place, name: str) -> None:
    victims = processes_of(place)[name]

    os.kill(min(victims), signal.SIGKILL)

    wait_until(lambda: not set(victims) & set(processes_of(place).get(name, [])))
    wait_until(lambda: name in processes_of(place))
    wait_until(lambda: answers(place.port, "/readyz"))
    wait_until(lambda: answers(place.emulator_port, "/"))


def test_a_doctor_finds_what_a_run_stands_on(run: Run, place: Place) -> None:
    with psycopg.connect(dsn_of(place)) as connection:
        tables = connection.execute("SELECT count(*) FROM alembic_version").fetchone()
    environment = environment_of(place)
    doctor = [sys.executable, "-m", "flask", "--app", "app", "doctor"]

    found = subprocess.run(
        doctor, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert tables == (1,)
    for subject in ("database", "tables", "sign-in", "mail server"):
        assert f"ok       {subject}\n" in found.stdout, found.stdout + found.stderr


def test_when_it_is_killed_nothing_stays_and_the_next_start_finds_its_data(
    run: Run, place: Place
) -> None:
    with psycopg.connect(dsn_of(place)) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    secrets = (place.data_dir / "local.env").read_text()

    run.process.kill()
    run.process.wait()

    with running(place):  # at once: it waits for what is still ending
        assert (place.data_dir / "local.env").read_text() == secrets
        with psycopg.connect(dsn_of(place)) as connection:
            connection.execute("SELECT FROM kept")
    assert processes_of(place) == {}


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_asked_to_stop_it_leaves_nothing(quiet_place: Place, how: signal.Signals) -> None:
    with running(quiet_place) as run:
        asked_at = time.monotonic()
        run.process.send_signal(how)

        assert run.process.wait(timeout=15) == 0
        assert time.monotonic() - asked_at < 6
        assert processes_of(quiet_place) == {}


def test_asked_twice_it_waits_for_nobody(quiet_place: Place) -> None:
    with running(quiet_place) as run:
        (worker,) = processes_of(quiet_place)["worker"]
        os.kill(worker, signal.SIGSTOP)  # it will not hear anything
        run.process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        asked_again_at = time.monotonic()
        run.process.send_signal(signal.SIGINT)

        run.process.wait(timeout=15)
        assert time.monotonic() - asked_again_at < 2
        wait_until(lambda: processes_of(quiet_place) == {})


@dataclass(frozen=True)
class Run:
    """A started run and the line it said when it was ready."""

    process: subprocess.Popen[str]
    first_line: str


class Keeper:
    """Keeps one run for many tests, since starting takes longer than most of them."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._stack = ExitStack()
        self._run: Run | None = None

    def up(self) -> Run:
        if self._run is None or self._run.process.poll() is not None:
            self.down()
            self._run = self._stack.enter_context(running(self._place))
        return self._run

    def down(self) -> None:
        self._stack.close()
        self._run = None


@contextmanager
def running(place: Place) -> Iterator[Run]:
    """Start a run in `place`; stop it at the end, if the test has not."""
    said = place.data_dir.parent / "said"
    with said.open("a") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "scheduler.local"],
            cwd=ROOT,
            env=place.environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline().rstrip("\n")
            assert line, f"status {process.wait(timeout=15)}; it said:\n{said.read_text()}"
            yield Run(process, line)
        finally:
            process.terminate()
            process.wait(timeout=15)


def run_to_its_end(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scheduler.local"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def place_for(data_dir: Path) -> Place:
    """Three ports that were free a moment ago; they are looked for anew each time."""
    with socket.socket() as a, socket.socket() as b, socket.socket() as c:
        ports = []
        for each in (a, b, c):
            each.bind(("127.0.0.1", 0))
            ports.append(each.getsockname()[1])
    return Place(data_dir, *ports)


def processes_of(place: Place) -> dict[str, list[int]]:
    """Return the live processes of a run, by name; they carry its folder or its port."""
    found: dict[str, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            variables = (folder / "environ").read_bytes().decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        for name, pattern in CHILDREN.items():
            is_ours = f"{place.data_dir}/" in words or f"PORT={place.port}\0" in variables
            if pattern in words and is_ours:
                found.setdefault(name, []).append(int(folder.name))
    return found


def environment_of(place: Place) -> dict[str, str]:
    """Return the environment that a run gives the application's processes.

    It waits for one: a worker that has just lost its database ends, and comes back in a moment.
    """
    raw = b""

    def is_read() -> bool:
        nonlocal raw
        for worker in processes_of(place).get("worker", []):
            with suppress(FileNotFoundError, ProcessLookupError):
                raw = Path(f"/proc/{worker}/environ").read_bytes()
        return raw != b""

    wait_until(is_read)
    pairs = (pair.partition("=") for pair in raw.decode().split("\0") if pair)
    return {name: value for name, _, value in pairs}


def dsn_of(place: Place) -> str:
    return environment_of(place)["DATABASE_URL"].replace("+psycopg", "", 1)


def answers(port: int, path: str) -> bool:
    with closing(http.client.HTTPConnection("localhost", port, timeout=5)) as connection:
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


def wait_until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    # Not pytest's own folder: as root, PostgreSQL could not walk into that.
    with tempfile.TemporaryDirectory(prefix="greenroom-test-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        place = place_for(Path(name) / "data")
        yield place
        folders.erase(place.data_dir)


@pytest.fixture(scope="module")
def keeper(place: Place) -> Iterator[Keeper]:
    keeper = Keeper(place)
    yield keeper
    keeper.down()


@pytest.fixture
def run(keeper: Keeper) -> Run:
    """The shared run; a test may end it."""
    return keeper.up()


@pytest.fixture
def quiet_place(keeper: Keeper, place: Place) -> Place:
    """The shared run's place while nothing runs there."""
    keeper.down()
    return place
