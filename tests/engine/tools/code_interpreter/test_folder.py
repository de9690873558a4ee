"""The server's reading of a folder that hostile code wrote, and its writing into it."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from app.engine.tools.code_interpreter import safe_files
from app.engine.tools.code_interpreter.folder import Folder
from app.engine.tools.code_interpreter.limits import Limits
from app.engine.tools.code_interpreter.port import InputFile


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path / "work", "thread_x", Limits(disk_mb=1, files=50, files_per_cell=3))
    folder.prepare(own_user=False)
    return folder


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("canary")
    return path


def test_only_plain_files_are_taken(folder: Folder, secret: Path) -> None:
    (folder.path / "link").symlink_to(secret)
    (folder.path / "folder-link").symlink_to(secret.parent)
    (folder.path / "hard").hardlink_to(secret)
    os.mkfifo(folder.path / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder.path / "sock"))
    (folder.path / "plain").write_text("fine")
    taken = folder.take({})
    assert {made.name: made.path.read_text() for made in taken.files} == {"plain": "fine"}
    assert taken.remarks == ("hard could not be taken: it is no plain file",)


def test_a_file_that_turns_into_a_link_is_not_followed(folder: Folder, secret: Path) -> None:
    (folder.path / "sub").mkdir()
    (folder.path / "sub" / "secret").write_text("own")
    with safe_files.open_folder(folder.path) as descriptor:
        os.close(safe_files.open_regular(descriptor, "sub/secret"))
        (folder.path / "sub" / "secret").unlink()
        (folder.path / "sub").rmdir()
        (folder.path / "sub").symlink_to(secret.parent)
        with pytest.raises(OSError, match="openat2"):
            safe_files.open_regular(descriptor, "sub/secret")
        with pytest.raises(OSError, match="openat2"):
            safe_files.open_regular(descriptor, "../inputs.json")
        with pytest.raises(OSError, match="openat2"):
            safe_files.open_regular(descriptor, str(secret))


def test_too_many_and_too_large_files_are_left(folder: Folder) -> None:
    for name in "abcd":
        (folder.path / name).write_text(name)
    (folder.path / "a").write_bytes(bytes(2_000_000))
    taken = folder.take({})
    assert [made.name for made in taken.files] == ["b", "c"]
    assert taken.remarks[0] == "a could not be taken: it is too large"
    assert "1 more files were made" in taken.remarks[-1]


def test_names_are_made_harmless(folder: Folder) -> None:
    (folder.path / "line\nbreak\x1b.txt").write_text("x")
    (folder.path / ("n" * 250 + ".csv")).write_text("x")
    (folder.path / os.fsdecode(b"bad\xff")).write_text("x")
    names = [made.name for made in folder.take({}).files]
    assert "line_break_.txt" in names
    assert all(len(name.encode()) <= 200 and name.isprintable() for name in names)


@pytest.mark.parametrize(
    ("given", "clean"),
    [("../../etc/passwd", "passwd"), ("C:\\data\\x.csv", "x.csv"), ("..", "file"), ("", "file"), ("a\0b", "a_b")],
)
def test_input_names_stay_in_the_folder(folder: Folder, tmp_path: Path, given: str, clean: str) -> None:
    (tmp_path / "blob").write_text("x")
    folder.lay_in([InputFile("file-1", given, tmp_path / "blob")])
    assert [path.name for path in folder.path.iterdir()] == [clean]


def test_inputs_never_go_through_what_is_there(folder: Folder, secret: Path, tmp_path: Path) -> None:
    (folder.path / "data.csv").symlink_to(secret)
    (tmp_path / "blob").write_text("new")
    folder.lay_in([InputFile("file-1", "data.csv", tmp_path / "blob")])
    assert secret.read_text() == "canary"
    assert (folder.path / "data_1.csv").read_text() == "new"


def test_inputs_are_copied_once_and_again_when_deleted(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "blob").write_text("x")
    inputs = [InputFile("file-1", "data.csv", tmp_path / "blob")]
    folder.lay_in(inputs)
    (folder.path / "data.csv").write_text("changed by a cell")
    folder.lay_in(inputs)
    assert (folder.path / "data.csv").read_text() == "changed by a cell"
    (folder.path / "data.csv").unlink()
    folder.lay_in(inputs)
    assert (folder.path / "data.csv").read_text() == "x"


def test_folders_nested_too_deep_count_as_too_much(folder: Folder) -> None:
    deep = folder.path
    for _ in range(25):
        deep /= "d"
    deep.mkdir(parents=True)
    assert folder.is_over(os.getpid(), 10**9)


def test_files_of_a_broken_limit_are_removed(folder: Folder) -> None:
    (folder.path / "old").write_text("kept")
    before = folder.list_files()
    (folder.path / "new").write_bytes(bytes(2_000_000))
    assert folder.is_over(os.getpid(), folder.allowed_bytes(before))
    folder.remove_changed(before)
    assert [path.name for path in folder.path.iterdir()] == ["old"]


def test_a_flood_of_files_in_folders_is_removed_whole(folder: Folder) -> None:
    for number in range(700):
        (folder.path / f"{number % 7}").mkdir(exist_ok=True)
        (folder.path / f"{number % 7}" / f"{number}").touch()
    folder.remove_changed({})
    assert list(folder.path.iterdir()) == []


def test_a_closed_folder_is_opened_again_and_deleted(folder: Folder) -> None:
    (folder.path / "sub").mkdir()
    (folder.path / "sub" / "x").write_text("x")
    (folder.path / "sub").chmod(0)
    folder.path.chmod(0)
    folder.list_files()
    folder.delete()
    assert not folder.path.exists()


def test_thread_ids_never_leave_the_work_folder(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "../../etc", Limits())
    assert folder.path.is_relative_to(tmp_path / "sessions")
    assert ".." not in folder.path.parts
