"""`python -m scheduler.local.reset`: forget every local run in DATA_DIR. Standard library only."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from scheduler.local.folders import FolderRefused, erase


def main(data_dir: Path) -> int:
    try:
        erase(data_dir)
    except FolderRefused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(os.environ.get("DATA_DIR") or ".data").resolve()))
