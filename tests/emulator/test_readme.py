"""The emulator's page of the docs says what there is, and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import get_args

from scheduler.emulator import faults
from scheduler.emulator.__main__ import arguments
from scheduler.emulator.dials import DIALS
from scheduler.emulator.server import create_emulator
from scheduler.emulator.settings import Switches
from tests.emulator.conftest import settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "scheduler" / "emulator" / "README.md").read_text()


def section(title: str) -> str:
    found = re.search(rf"^#+ {title}$(.*?)(?=^#|\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def rows(text: str) -> list[list[str]]:
    """Return the cells of the tables in a text, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_it_lists_every_switch_with_its_default() -> None:
    listed = {name.strip("`"): json.loads(value.strip("`")) for name, value, _ in rows(section("Switches"))}  # fmt: skip
    assert listed == Switches().as_dict()


def test_the_home_page_explains_every_switch() -> None:
    assert {name for group in DIALS.values() for name in group} == set(Switches().as_dict())
    assert all(text for group in DIALS.values() for text in group.values())


def test_it_lists_every_hook() -> None:
    listed = {
        (method, path)
        for hook, _ in rows(section("Hooks"))
        for methods, path in [hook.strip("`").partition("?")[0].rsplit(" ", 1)]
        for method in methods.split(", ")
    }
    there = {
        (method, rule.rule)
        for rule in create_emulator(settings()).url_map.iter_rules()
        if rule.rule.startswith("/_emulator/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert listed == there


def test_it_lists_every_way_in_which_an_answer_suffers() -> None:
    keys = {name for row in rows(section("Faults")) for name in re.findall(r"`(\w+)`", row[0])}
    assert {field.name for field in fields(faults.Fault)} <= keys
    hows = set(re.findall(r"^\| `\"(\w+)\"`", section("Faults"), re.MULTILINE))
    assert hows == set(get_args(faults.How))


def test_it_lists_every_option() -> None:
    listed = set(re.findall(r"`(--[\w-]+)`", section("Run it alone")))
    there = {option for each in arguments()._actions for option in each.option_strings}
    assert listed == there - {"-h", "--help"}


def test_it_counts_the_checks_of_every_client() -> None:
    cells = [line.strip("|").split("|") for line in section("Which clients are tried").splitlines() if line.startswith("| ")]  # fmt: skip
    listed = {name.strip(): number.strip() for name, *_, number in cells[2:]}
    counted = subprocess.run(
        [sys.executable, "-m", "tests.fidelity", "--count"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    counts = json.loads(counted.stdout.splitlines()[-1])
    assert listed == {name: str(number) for name, number in counts.items()}
    assert len(counts.keys() - {"by hand: refusals"}) >= 5


def test_the_projects_page_links_to_it() -> None:
    assert "(scheduler/emulator/README.md)" in (ROOT / "README.md").read_text()
