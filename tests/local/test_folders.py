from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scheduler.local import folders
from scheduler.local.folders import FolderRefused


def test_a_name_is_held_by_one_process_at_a_time(tmp_path: Path) -> None:
    held = folders.claim(tmp_path, "lock")

    with pytest.raises(FolderRefused, match=f"in use by another Greenroom .process {os.getpid()}"):
        folders.claim(tmp_path, "lock")

    held.release()
    folders.claim(tmp_path, "lock").release()


def test_a_successor_knows_whether_its_predecessor_was_cut_off(tmp_path: Path) -> None:
    first = folders.claim(tmp_path, "lock")
    assert not first.is_successor
    first.release()
    code = (
        "import os, pathlib; from scheduler.local.folders import claim;"
        f"claim(pathlib.Path({str(tmp_path)!r}), 'lock'); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)

    assert folders.claim(tmp_path, "lock").is_successor


def test_a_folder_outside_is_noted_and_found_again(tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    data.mkdir()
    elsewhere.mkdir()

    folder = folders.folder_outside(data, [tmp_path / "missing", elsewhere], "postgres")
    (folder / "kept").touch()

    assert folders.folder_outside(data, [elsewhere], "postgres") == folder
    assert (folder / "kept").exists()
    assert folders.folders_outside(data) == [folder]


def test_a_folder_outside_of_data_that_was_removed_is_emptied(tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    data.mkdir()
    elsewhere.mkdir()
    folder = folders.folder_outside(data, [elsewhere], "postgres")
    (folder / "old").touch()
    (data / folders.OUTSIDE).unlink()

    assert folders.folder_outside(data, [elsewhere], "postgres") == folder
    assert list(folder.iterdir()) == []


def test_a_link_that_somebody_put_outside_is_refused(tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    data.mkdir()
    elsewhere.mkdir()
    folder = folders.folder_outside(data, [elsewhere], "socket")
    folder.rmdir()
    folder.symlink_to(tmp_path)

    with pytest.raises(FolderRefused, match="belongs to somebody else"):
        folders.folder_outside(data, [elsewhere], "socket")


def test_a_reset_removes_what_runs_left_and_nothing_else(tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    (data / "postgres").mkdir(parents=True)
    (data / "local.env").touch()
    (data / "somebody's notes").touch()
    elsewhere.mkdir()
    folder = folders.folder_outside(data, [elsewhere], "socket")
    folders.claim(data, folders.RUN_CLAIM).release()

    folders.erase(data)

    assert [path.name for path in data.iterdir()] == ["somebody's notes"]
    assert not folder.exists()


def test_a_reset_leaves_nothing_where_only_runs_were_kept(tmp_path: Path) -> None:
    data = folders.make_data_dir(tmp_path / "data")
    folders.claim(data, folders.RUN_CLAIM).release()

    folders.erase(data)
    folders.erase(data)

    assert not data.exists()


def test_a_slip_in_data_dir_removes_nothing(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()

    with pytest.raises(FolderRefused, match="nothing was removed"):
        folders.erase(tmp_path)

    assert (tmp_path / "postgres").exists()


def test_a_reset_waits_for_nobody(tmp_path: Path) -> None:
    held = folders.claim(tmp_path, folders.RUN_CLAIM)

    with pytest.raises(FolderRefused, match="in use"):
        folders.erase(tmp_path)

    held.release()


def test_a_data_folder_that_cannot_be_made_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(FolderRefused, match="choose another DATA_DIR"):
        folders.make_data_dir(tmp_path / "file" / "data")
    with pytest.raises(FolderRefused, match="choose another DATA_DIR"):
        folders.make_data_dir(tmp_path / "file")
