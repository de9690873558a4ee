"""A thread's folder on the server's disk: what a session sees as `/mnt/data`, and what it leaves there."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import owners, safe_files, watchdog
from .limits import Limits
from .port import FileMade, InputFile
from .safe_files import Listing, Stamp

_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_CHUNK_BYTES = 1 << 28


@dataclass(frozen=True, slots=True)
class Taken:
    """The files that a cell made, and a sentence for each that was left behind."""

    files: tuple[FileMade, ...]
    remarks: tuple[str, ...]


class Folder:
    """One thread's files; every method blocks, call it in a thread."""

    def __init__(self, work_folder: Path, thread_id: str, limits: Limits) -> None:
        name = thread_id if _PLAIN_ID.fullmatch(thread_id) else hashlib.sha256(thread_id.encode()).hexdigest()
        self._home = work_folder / "sessions" / name
        self._inputs_file = self._home / "inputs.json"
        self._work_folder = work_folder
        self._outbox = work_folder / "outbox"
        self._limits = limits
        self.path = self._home / "data"
        self.scratch = self._home / "scratch"
        """Stands in for `/tmp` where a session has no mounts of its own."""

    def prepare(self, *, own_user: bool) -> int | None:
        """Make the folders and return the user who owns them; None when that is the server's own."""
        self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._outbox.mkdir(exist_ok=True, mode=0o700)
        _clear(self.scratch)
        for path in (self.path, self.scratch):
            path.mkdir(exist_ok=True, mode=0o700)
        if os.geteuid() != 0:
            return None
        owner = self.path.lstat().st_uid
        if own_user and not owners.is_a_sessions(owner):
            owner = owners.pick()
        self._give_to(owner if own_user else 0)
        return owner if own_user else None

    def _give_to(self, owner: int) -> None:
        """Make a user the owner; the folders above let through whoever knows the way, and show nothing."""
        if self.path.lstat().st_uid != owner:
            for parent, folders, files in os.walk(self.path):
                for name in (*folders, *files):
                    os.chown(Path(parent) / name, owner, owner, follow_symlinks=False)
        for path in (self.path, self.scratch):
            os.chown(path, owner, owner, follow_symlinks=False)
        for path in (self._work_folder, self._work_folder / "sessions", self._home):
            path.chmod(0o711 if owner else 0o700)

    def owner(self) -> int:
        """Return the user of the session's processes."""
        return self.path.stat().st_uid

    def lay_in(self, inputs: Sequence[InputFile]) -> None:
        """Copy the inputs that are not there yet; a name that is taken gets a suffix."""
        if not inputs:
            return
        known = self._read_known()
        with self._open() as folder:
            for item in inputs:
                name = known.get(item.file_id)
                if name is None or not _exists(folder, name):
                    known[item.file_id] = _copy_in(folder, item)
        self._inputs_file.write_text(json.dumps(known), encoding="utf-8")

    def _read_known(self) -> dict[str, str]:
        try:
            known = json.loads(self._inputs_file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return {str(key): str(value) for key, value in known.items()}

    def list_files(self) -> dict[str, Stamp]:
        """Return the files that are there now."""
        return self._list().files

    def _list(self) -> Listing:
        with self._open() as folder:
            return safe_files.list_files(folder, self._limits.files + 1)

    @contextlib.contextmanager
    def _open(self) -> Iterator[int]:
        """Hold the folder open, whatever mode the session gave it."""
        self.path.chmod(0o700)
        with safe_files.open_folder(self.path) as folder:
            yield folder

    def take(self, before: dict[str, Stamp]) -> Taken:
        """Copy out what was made or changed since `before`."""
        after = self.list_files()
        changed = [name for name, stamp in after.items() if before.get(name) != stamp and "__pycache__/" not in name]
        files: list[FileMade] = []
        remarks: list[str] = []
        room = self._limits.disk_bytes
        with self._open() as folder:
            for name in changed[: self._limits.files_per_cell]:
                try:
                    made = self._copy_out(folder, name, room)
                except OSError as exc:
                    remarks.append(f"{safe_files.clean_path(name)} could not be taken: {_reason(exc)}")
                    continue
                files.append(made)
                room -= made.size_bytes
        left = len(changed) - self._limits.files_per_cell
        if left > 0:
            remarks.append(f"{left} more files were made; at most {self._limits.files_per_cell} are taken from a cell")
        return Taken(tuple(files), tuple(remarks))

    def _copy_out(self, folder: int, name: str, room: int) -> FileMade:
        source = safe_files.open_regular(folder, name)
        target = self._outbox / secrets.token_hex(16)
        try:
            size = os.fstat(source).st_size
            if size > room:
                raise OSError(errno.EFBIG, "it is too large")
            _copy_to(source, target, size)
        finally:
            os.close(source)
        return FileMade(safe_files.clean_path(name), target, target.stat().st_size)

    def allowed_bytes(self, files: dict[str, Stamp]) -> int:
        """Return how much the folder may hold: the limit on top of the inputs, or what is there already."""
        inputs = set(self._read_known().values())
        given = Listing({name: stamp for name, stamp in files.items() if name in inputs})
        return max(self._limits.disk_bytes + given.disk_bytes, Listing(files).disk_bytes)

    def is_over(self, pid: int, allowed: int) -> bool:
        """Say whether the session of that init process holds more than it may, deleted files included."""
        listing = self._list()
        if listing.is_cut or listing.disk_bytes > allowed:
            return True
        scratch = self._list_scratch()
        status = self.path.stat()
        with watchdog.looking_as(status.st_uid):
            deleted = watchdog.unlinked_bytes(pid, status.st_dev)
        return scratch.is_cut or listing.disk_bytes + scratch.disk_bytes + deleted > allowed

    def _list_scratch(self) -> Listing:
        with safe_files.open_folder(self.scratch) as folder:
            return safe_files.list_files(folder, self._limits.files + 1)

    def clear_outbox(self) -> None:
        """Delete copies that nobody fetched before the server ended."""
        for leftover in self._outbox.glob("*"):
            leftover.unlink(missing_ok=True)

    def remove_changed(self, before: dict[str, Stamp]) -> None:
        """Delete what a cell wrote beyond its limit, and the folders that are empty then."""
        with self._open() as folder:
            while changed := [name for name, stamp in self._list_many(folder).items() if before.get(name) != stamp]:
                for name in changed:
                    _remove(folder, name)
            with contextlib.suppress(RecursionError):
                for _, folders, _, parent in os.fwalk(".", topdown=False, dir_fd=folder):
                    for name in folders:
                        with contextlib.suppress(OSError):  # It holds something that is kept.
                            os.rmdir(name, dir_fd=parent)

    def _list_many(self, folder: int) -> dict[str, Stamp]:
        return safe_files.list_files(folder, 10 * self._limits.files).files

    def delete(self) -> None:
        """Delete the folder with everything in it."""
        _clear(self._home)


def _reason(error: OSError) -> str:
    match error.errno:
        case errno.EFBIG:
            return "it is too large"
        case errno.ENOSPC | errno.EDQUOT:
            return "the server's disk is full"
        case _:
            return "it is no plain file"


def _clear(top: Path) -> None:
    """Delete a folder that a session wrote, whatever modes and depths it left behind."""
    if not top.exists():
        return
    try:
        _open_up(top)
        shutil.rmtree(top)
    except RecursionError:
        subprocess.run(["rm", "-rf", "--", str(top)], check=False, timeout=60)  # noqa: S603, S607 - folders nested too deep for Python.


def _remove(folder: int, name: str) -> None:
    parent, _, last = name.rpartition("/")
    descriptor = safe_files.open_beneath(folder, parent or ".", os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):
            os.unlink(last, dir_fd=descriptor)
    finally:
        os.close(descriptor)


def _open_up(top: Path) -> None:
    """Give back the modes that a session took from its folders, so that they can be deleted."""
    top.chmod(0o700)
    for parent, folders, _ in os.walk(top):
        for name in folders:
            path = Path(parent) / name
            if not path.is_symlink():
                path.chmod(0o700)


def _exists(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _copy_in(folder: int, item: InputFile) -> str:
    """Copy one input under the first free name; nothing that exists is opened or replaced."""
    stem, dot, extension = safe_files.clean_name(item.name).rpartition(".")
    if not dot:
        stem, extension = extension, ""
    number = 0
    while True:
        name = f"{stem}_{number}{dot}{extension}" if number else f"{stem}{dot}{extension}"
        try:
            target = os.open(name, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_WRONLY, 0o644, dir_fd=folder)
            break
        except FileExistsError:
            number += 1
    try:
        owner = os.fstat(folder)
        if os.geteuid() == 0:
            os.fchown(target, owner.st_uid, owner.st_gid)
        with item.path.open("rb") as source:
            _copy(source.fileno(), target, os.fstat(source.fileno()).st_size)
    finally:
        os.close(target)
    return name


def _copy_to(source: int, target: Path, size: int) -> None:
    """Copy into a new file, or leave none."""
    try:
        with target.open("xb") as copy:
            _copy(source, copy.fileno(), size)
    except OSError:
        target.unlink(missing_ok=True)
        raise


def _copy(source: int, target: int, size: int) -> None:
    """Let the kernel copy, at most `size` bytes, however the source grows meanwhile."""
    while size > 0:
        copied = os.sendfile(target, source, None, min(size, _CHUNK_BYTES))
        if copied == 0:
            return
        size -= copied
