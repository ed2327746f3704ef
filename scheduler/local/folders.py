"""Where a local run keeps its state: DATA_DIR, and the few things that cannot lie inside it.

Standard library only, so that `make reset` works without a virtual environment.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

RUN_CLAIM = "greenroom.lock"
POSTGRES_CLAIM = "postgres.lock"
OUTSIDE = "outside"
"""The file in DATA_DIR that lists, one a line, the folders it has elsewhere."""
CONTENTS = (
    "emulator",
    "logs",
    "postgres",
    "postgres.password",
    "local.env",
    "seeding",
    POSTGRES_CLAIM,
)
"""What a local run makes in DATA_DIR, and so all that a reset takes away."""


class FolderRefused(Exception):
    """A folder cannot be used. The message says which, why and what to do."""


def make_data_dir(data_dir: Path) -> Path:
    """Return `data_dir` as an absolute path, made private to us if it was not there.

    Raises FolderRefused.
    """
    if not data_dir.exists():
        try:
            data_dir.mkdir(parents=True)
        except OSError as refusal:
            raise FolderRefused(
                f"Cannot make the folder {data_dir} ({refusal.strerror}): choose another DATA_DIR."
            ) from None
        # As root, PostgreSQL runs as somebody else, who may walk through but not look around.
        data_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)
    if not data_dir.is_dir() or not os.access(data_dir, os.W_OK | os.X_OK):
        raise FolderRefused(f"Cannot write to {data_dir}: choose another DATA_DIR.")
    return data_dir.resolve()


def make_passage(folder: Path) -> None:
    """Make `folder` one that everybody may walk through, whatever the umask says."""
    if not folder.exists():
        folder.mkdir()
        folder.chmod(0o711)


@dataclass(frozen=True, slots=True)
class Claim:
    """A name in DATA_DIR that we hold until `release`; the kernel lets go of it when we die."""

    descriptor: int
    is_successor: bool
    """The last holder was cut off, so that something of it may still be stopping."""

    def release(self) -> None:
        os.truncate(self.descriptor, 0)
        os.close(self.descriptor)


def claim(data_dir: Path, name: str) -> Claim:
    """Return a claim on `name` in `data_dir`. Raises FolderRefused while another process has it."""
    descriptor = os.open(data_dir / name, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 20).decode().strip()
        os.close(descriptor)
        raise FolderRefused(
            f"{data_dir} is in use by another Greenroom (process {holder or 'unknown'}): "
            "stop that one, or choose another DATA_DIR."
        ) from None
    is_successor = os.fstat(descriptor).st_size > 0
    os.truncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return Claim(descriptor, is_successor)


def folder_outside(data_dir: Path, parents: Sequence[Path], purpose: str) -> Path:
    """Return the folder that `data_dir` has for `purpose` under the first usable one of `parents`.

    It is noted in DATA_DIR. One that is there but not noted belonged to a data folder at the same
    place that has been removed by hand, and is emptied. Raises FolderRefused.
    """
    parent = next((place for place in parents if os.access(place, os.W_OK | os.X_OK)), None)
    if parent is None:
        raise FolderRefused(f"Cannot write to any of {', '.join(map(str, parents))}.")
    folder = parent / _name_outside(data_dir, purpose)
    _check_is_ours(folder)
    if folder not in folders_outside(data_dir):
        shutil.rmtree(folder, ignore_errors=True)
        with (data_dir / OUTSIDE).open("a") as note:
            note.write(f"{folder}\n")
    make_passage(folder)
    _check_is_ours(folder)
    return folder


def has_folder_outside(data_dir: Path, purpose: str) -> bool:
    return any(path.name == _name_outside(data_dir, purpose) for path in folders_outside(data_dir))


def folders_outside(data_dir: Path) -> list[Path]:
    """Return the folders that belong to `data_dir` and lie elsewhere."""
    note = data_dir / OUTSIDE
    return [Path(line) for line in note.read_text().splitlines()] if note.exists() else []


def erase(data_dir: Path) -> None:
    """Remove what local runs left in `data_dir`, and what they left for it elsewhere.

    Raises FolderRefused if it is in use, or if no run was ever kept there (so that a slip in
    DATA_DIR removes nothing).
    """
    if not data_dir.exists():
        return
    if not (data_dir / RUN_CLAIM).exists():
        raise FolderRefused(f"{data_dir} is no data folder of Greenroom; nothing was removed.")
    held = claim(data_dir, RUN_CLAIM)
    for folder in folders_outside(data_dir):
        shutil.rmtree(folder, ignore_errors=True)
    for name in CONTENTS:
        _remove(data_dir / name)
    _remove(data_dir / OUTSIDE)
    held.release()
    _remove(data_dir / RUN_CLAIM)
    with suppress(OSError):  # something of somebody else is in it
        data_dir.rmdir()


def _name_outside(data_dir: Path, purpose: str) -> str:
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    return f"greenroom-{purpose}-{digest}"


def _check_is_ours(folder: Path) -> None:
    """Anybody may write to /tmp, and may have put a folder or a link there before us."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise FolderRefused(
            f"{folder} belongs to somebody else; remove it, or choose another DATA_DIR."
        )


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
