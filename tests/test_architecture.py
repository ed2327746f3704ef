"""Who may import whom, and the habits that hold everywhere.

The contracts themselves are in pyproject.toml. Each is broken once here, in a copy of the tree: a
contract that nothing can break protects nothing.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "scheduler"


@dataclass(frozen=True)
class Violation:
    """One line too many: the contract it breaks, where it is written, what the report must say."""

    contract: str
    module: str
    line: str
    reported: str


VIOLATIONS = [
    Violation(
        "layers",
        "scheduler.models.violation",
        "import scheduler.commands.audit",
        "scheduler.models.violation -> scheduler.commands.audit",
    ),
    Violation(
        "layers",
        "scheduler.mail.violation",
        "import scheduler.google.errors",
        "scheduler.mail.violation -> scheduler.google.errors",
    ),
    Violation(
        "layers",
        "scheduler.web.violation",
        "import scheduler.reconcile.violation",
        "scheduler.web.violation -> scheduler.reconcile.violation",
    ),
    Violation(
        "layers",
        "scheduler.domain.violation",
        "import scheduler.clock",
        "scheduler.domain.violation -> scheduler.clock",
    ),
    Violation(
        "layers",
        "scheduler.emulator.violation",
        "import scheduler.domain.timespan",
        "scheduler.emulator.violation -> scheduler.domain.timespan",
    ),
    Violation("layers", "scheduler.utils", "", "utils"),
    Violation(
        "googleapiclient",
        "scheduler.web.violation",
        "import googleapiclient.discovery",
        "scheduler.web.violation -> googleapiclient",
    ),
    Violation(
        "procrastinate",
        "scheduler.commands.violation",
        "import procrastinate",
        "scheduler.commands.violation -> procrastinate",
    ),
    Violation(
        "emulator",
        "scheduler.reconcile.violation",
        "import scheduler.emulator.store",
        "scheduler.reconcile.violation -> scheduler.emulator.store",
    ),
    Violation(
        "composition-root",
        "scheduler.reconcile.violation",
        "from scheduler import create_app",
        "scheduler.reconcile.violation -> scheduler (",
    ),
    Violation(
        "disclosure",
        "scheduler.domain.disclosure",
        "import scheduler.domain.people",
        "scheduler.domain.disclosure -> scheduler.domain.people",
    ),
    Violation(
        "candidate-pages",
        "scheduler.web.candidate",
        "import scheduler.models.people",
        "scheduler.web.candidate -> scheduler.models.people",
    ),
]


def test_the_tree_keeps_every_contract(tmp_path: Path) -> None:
    report = lint_imports(copy_of_the_tree(tmp_path))

    assert "BROKEN" not in report, report
    assert report.count(" KEPT") == len(contract_names()), report


@pytest.mark.parametrize("violation", VIOLATIONS, ids=lambda violation: violation.line)
def test_a_contract_notices(violation: Violation, broken_report: str) -> None:
    section = section_about(contract_names()[violation.contract], broken_report)

    assert violation.reported in section, broken_report


def test_every_contract_is_broken_once() -> None:
    assert {violation.contract for violation in VIOLATIONS} == set(contract_names())


def test_the_domain_imports_the_standard_library_and_itself_only() -> None:
    foreign = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sources(PACKAGE / "domain")
        for name in imported(path)
        if not name.startswith("scheduler.domain.")
        and name.partition(".")[0] not in sys.stdlib_module_names
    ]

    assert foreign == []


def test_only_the_clock_says_what_time_it_is() -> None:
    own_clocks = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources(PACKAGE)
        if path != PACKAGE / "clock.py" and not path.is_relative_to(PACKAGE / "emulator")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "utcnow", "today")
        and ast.unparse(node.value).rpartition(".")[2] in ("datetime", "date")
    ]

    assert own_clocks == []


def test_the_environment_is_read_where_a_process_begins_and_nowhere_else() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for path in sources(PACKAGE)
        if not path.is_relative_to(PACKAGE / "emulator")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv")
    }

    assert readers <= {
        "scheduler/__init__.py",
        "scheduler/local/__main__.py",
        "scheduler/local/reset.py",
    }


def test_no_module_is_named_after_its_author_having_run_out_of_nouns() -> None:
    names = {path.stem for path in sources(ROOT / "scheduler") + sources(ROOT / "tests")}

    assert names.isdisjoint({"utils", "util", "helpers", "common", "misc", "manager", "handler"})


# -- reading the tree --------------------------------------------------------------------------


def sources(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.py")) if "node_modules" not in path.parts]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides where it leads"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


# -- linting a copy ----------------------------------------------------------------------------


def contract_names() -> dict[str, str]:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = config["tool"]["importlinter"]["contracts"]
    return {contract["id"]: contract["name"] for contract in contracts}


def copy_of_the_tree(folder: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", folder)
    ignored = shutil.ignore_patterns("node_modules", "static", "__pycache__")
    shutil.copytree(PACKAGE, folder / "scheduler", ignore=ignored)
    return folder


def lint_imports(folder: Path) -> str:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    finished = subprocess.run(
        [*command, "--no-logo", "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "COLUMNS": "300", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return finished.stdout + finished.stderr


def section_about(contract: str, report: str) -> str:
    """Return what the report says below the heading of one broken contract."""
    headings = "|".join(re.escape(name) for name in contract_names().values())
    _, _, broken = report.partition("Broken contracts")
    sections = re.split(rf"^({headings})\n-+$", broken, flags=re.MULTILINE)
    return dict(zip(sections[1::2], sections[2::2], strict=True)).get(contract, "")


@pytest.fixture(scope="module")
def broken_report(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = copy_of_the_tree(tmp_path_factory.mktemp("broken"))
    for violation in VIOLATIONS:
        path = folder.joinpath(*violation.module.split("."))
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        with path.open("a") as source:
            source.write(f"{violation.line}\n")
    return lint_imports(folder)
