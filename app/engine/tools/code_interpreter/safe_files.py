"""Opening files in a folder that hostile code writes to: beneath it, no links, no other file system."""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .jail import system

_OPENAT2 = 437
_NO_XDEV, _NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 0x01, 0x02, 0x04, 0x08
_RESOLVE = _NO_XDEV | _NO_MAGICLINKS | _NO_SYMLINKS | _BENEATH
_MAX_DEPTH = 8
_MAX_NAME_BYTES = 200
_MAX_EXTENSION = 20


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one version of a file from another."""

    inode: int
    size: int
    changed_ns: int
    blocks: int


@contextmanager
def open_folder(path: Path) -> Iterator[int]:
    """Hold the folder open; the last part of its path must not be a link."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def open_beneath(folder: int, name: str, flags: int = os.O_RDONLY) -> int:
    """Open `name` beneath the folder, or raise `OSError` when the way leads over a link or out."""
    how = struct.pack("=3Q", flags | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0, _RESOLVE)
    size = ctypes.c_size_t(len(how))
    return system.syscall(_OPENAT2, "openat2", folder, os.fsencode(name), how, size)


def open_regular(folder: int, name: str) -> int:
    """Open a regular file that has one name only, or raise `OSError`."""
    descriptor = open_beneath(folder, name)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_nlink != 1:
        os.close(descriptor)
        raise OSError(f"not a plain file: {name!r}")
    return descriptor


def list_files(folder: int, limit: int) -> dict[str, Stamp]:
    """Return every regular file beneath the folder, at most `limit` of them, by its path."""
    found: dict[str, Stamp] = {}
    pending = [("", 0)]
    while pending and len(found) < limit:
        prefix, depth = pending.pop()
        for name, status in _entries(folder, prefix, limit):
            if stat.S_ISDIR(status.st_mode) and depth < _MAX_DEPTH and name != "__pycache__":
                pending.append((f"{prefix}{name}/", depth + 1))
            elif stat.S_ISREG(status.st_mode) and len(found) < limit:
                stamp = Stamp(status.st_ino, status.st_size, status.st_ctime_ns, status.st_blocks)
                found[prefix + name] = stamp
    return found


def _entries(folder: int, prefix: str, limit: int) -> list[tuple[str, os.stat_result]]:
    try:
        descriptor = open_beneath(folder, prefix or ".", os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return []
    entries: list[tuple[str, os.stat_result]] = []
    try:
        with os.scandir(descriptor) as listing:
            for entry in listing:
                if len(entries) >= limit:
                    break
                entries.append((entry.name, entry.stat(follow_symlinks=False)))
    except FileNotFoundError:
        pass  # It vanished while we looked; the session is running.
    finally:
        os.close(descriptor)
    return sorted(entries, key=lambda item: item[0])


def clean_name(name: str) -> str:
    """Return one harmless path part: no control characters, no separators, of bounded length."""
    text = name.encode("utf-8", "replace").decode("utf-8").replace("\\", "/").rsplit("/", 1)[-1]
    text = "".join(letter if letter.isprintable() else "_" for letter in text).strip()
    stem, dot, extension = text.rpartition(".")
    if not dot or len(extension) > _MAX_EXTENSION:
        stem, dot, extension = text, "", ""
    room = _MAX_NAME_BYTES - len((dot + extension).encode())
    text = stem.encode()[:room].decode("utf-8", "ignore") + dot + extension
    return "file" if text in {"", ".", ".."} else text


def clean_path(path: str) -> str:
    """Clean each part of a relative path."""
    return "/".join(clean_name(part) for part in path.split("/"))
