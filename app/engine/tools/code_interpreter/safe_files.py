"""Opening files in a folder that hostile code writes to: beneath it, no links, no other file system."""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .jail import system

_OPENAT2 = 437
_NO_XDEV, _NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 0x01, 0x02, 0x04, 0x08
_RESOLVE = _NO_XDEV | _NO_MAGICLINKS | _NO_SYMLINKS | _BENEATH
_MAX_DEPTH = 20
_MAX_NAME_BYTES = 200
_MAX_EXTENSION = 20


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one version of a file from another."""

    inode: int
    size: int
    changed_ns: int
    blocks: int


@dataclass(slots=True)
class Listing:
    """The regular files beneath a folder; `is_cut` when there were too many entries, or folders too deep."""

    files: dict[str, Stamp] = field(default_factory=dict)
    entries: int = 0
    is_cut: bool = False

    @property
    def disk_bytes(self) -> int:
        """The disk space of the files."""
        return sum(stamp.blocks for stamp in self.files.values()) * 512


@contextlib.contextmanager
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


def list_files(folder: int, limit: int) -> Listing:
    """Return every regular file beneath the folder by its path, up to `limit` entries of any kind."""
    listing = Listing()
    pending = [("", 0)]
    while pending and not listing.is_cut:
        prefix, depth = pending.pop()
        for name, status in _entries(folder, prefix, limit):
            listing.entries += 1
            if stat.S_ISDIR(status.st_mode):
                pending.append((f"{prefix}{name}/", depth + 1))
                listing.is_cut |= depth >= _MAX_DEPTH
            elif stat.S_ISREG(status.st_mode):
                stamp = Stamp(status.st_ino, status.st_size, status.st_ctime_ns, status.st_blocks)
                listing.files[prefix + name] = stamp
        listing.is_cut |= listing.entries >= limit
    return listing


def _entries(folder: int, prefix: str, limit: int) -> list[tuple[str, os.stat_result]]:
    entries: list[tuple[str, os.stat_result]] = []
    try:
        descriptor = open_beneath(folder, prefix or ".", os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return entries
    try:
        with os.scandir(descriptor) as listing:
            for entry in itertools.islice(listing, limit):
                with contextlib.suppress(FileNotFoundError):  # The session is running.
                    entries.append((entry.name, entry.stat(follow_symlinks=False)))
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
