from __future__ import annotations

import re
from pathlib import Path

from mypy import api

ATTEMPTS = Path(__file__).with_name("refused_by_mypy.py")
MARK = re.compile(r"  # type: ignore\[([a-z-]+)\]$")


def test_mypy_refuses_every_way_past_the_sealed_payload(tmp_path: Path) -> None:
    lines = ATTEMPTS.read_text().splitlines()
    marks = {number: MARK.search(line) for number, line in enumerate(lines, start=1)}
    expected = {(number, mark[1]) for number, mark in marks.items() if mark}
    unmarked = tmp_path / "unmarked.py"
    unmarked.write_text("\n".join(MARK.sub("", line) for line in lines) + "\n")

    # In one piece with the project's settings and cache: a cold run takes half a minute.
    said, complaints, _ = api.run(["--shadow-file", str(ATTEMPTS), str(unmarked), str(ATTEMPTS)])

    assert complaints == ""
    found = re.findall(rf"{ATTEMPTS.name}:(\d+): error: .*\[([a-z-]+)\]$", said, re.MULTILINE)
    assert {(int(number), code) for number, code in found} == expected
    assert len(expected) > 10
