"""JSON with indentations and line breaks, which is how Google answers by default (`prettyPrint`).

The standard library indents in Python alone, which costs long lists more than all rules together.
Lists of plain objects, such as busy times, are most of what is long, and come out of its C encoder.
"""

from __future__ import annotations

import json
from typing import Any

_STEP = "  "
_ROWS = json.JSONEncoder(separators=(",\n", ": "), sort_keys=True)


def indented(value: Any, break_: str = "\n") -> str:
    """Return what `json.dumps(value, indent=2, sort_keys=True)` does; `break_` is where a line ends."""
    if not value or not isinstance(value, (dict, list)):
        return json.dumps(value)
    inner = break_ + _STEP
    if isinstance(value, dict):
        rows = [f"{json.dumps(name)}: {indented(value[name], inner)}" for name in sorted(value)]
        return f"{{{inner}{f',{inner}'.join(rows)}{break_}}}"
    if all(_is_plain(item) for item in value):
        return f"[{inner}{_plain_objects(value, inner)}{break_}]"
    rows = [indented(item, inner) for item in value]
    return f"[{inner}{f',{inner}'.join(rows)}{break_}]"


def _is_plain(item: Any) -> bool:
    if not isinstance(item, dict) or not item:
        return False
    return not any(isinstance(value, (dict, list)) for value in item.values())


def _plain_objects(items: list[Any], break_: str) -> str:
    """Inside of strings JSON has no bare line break and no zero byte, so that both may be marks."""
    inner = break_ + _STEP
    rows = _ROWS.encode(items)[2:-2].replace("},\n{", "\0").replace("\n", inner)
    between = f"{break_}}},{break_}{{{inner}"
    return f"{{{inner}{rows.replace(chr(0), between)}{break_}}}"
