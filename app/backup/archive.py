"""The archive: a gzipped tar of `about.json`, `tables/NAME.jsonl` and `files/KEY`, written and read in one go."""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Final

from app.errors import InvalidRequest

_ABOUT: Final = "about.json"
_FORMAT: Final = 1
_MOST_ABOUT_BYTES: Final = 64 * 1024
_SPOOL_BYTES: Final = 16 * 1024 * 1024
_ONLY_MINE: Final = 0o600
"""An archive holds what everybody said."""


@dataclass(frozen=True, slots=True)
class About:
    """What an archive says of itself."""

    revision: str
    """The database's schema when it was made."""
    made_at: float
    tables: tuple[str, ...]
    format: int = _FORMAT


class ArchiveWriter:
    """Writes members one after the other; the first one is what the archive says of itself."""

    def __init__(self, tar: tarfile.TarFile, about: About) -> None:
        self._tar = tar
        self._add_bytes(_ABOUT, json.dumps(asdict(about)).encode())

    @contextmanager
    def table(self, name: str) -> Iterator[IO[bytes]]:
        """Offer a file for the table's rows."""
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as rows:
            yield rows
            self._add(f"tables/{name}.jsonl", rows)

    def blob(self, key: str, path: Path) -> None:
        """Add a stored file's bytes."""
        self._tar.add(path, f"files/{key}", recursive=False)

    def _add(self, name: str, file: IO[bytes]) -> None:
        member = tarfile.TarInfo(name)
        member.size = file.seek(0, io.SEEK_END)
        file.seek(0)
        self._tar.addfile(member, file)

    def _add_bytes(self, name: str, content: bytes) -> None:
        self._add(name, io.BytesIO(content))


@dataclass(frozen=True, slots=True)
class Member:
    """A table's rows or a stored file's bytes, to be read before the next member is asked for."""

    kind: str
    name: str
    content: IO[bytes]


@contextmanager
def new_archive(path: Path, about: About) -> Iterator[ArchiveWriter]:
    """Write an archive; it gets its name when it is whole. Raises `InvalidRequest` where that is taken."""
    if path.exists():
        raise InvalidRequest(f"{path} exists. Name a file that does not, or remove it.")
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        unfinished.touch(_ONLY_MINE, exist_ok=False)
        with tarfile.open(unfinished, "w:gz", compresslevel=3) as tar:
            yield ArchiveWriter(tar, about)
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def open_archive(path: Path) -> Iterator[tuple[About, Iterable[Member]]]:
    """Read an archive; raises `InvalidRequest` for a file that is none."""
    try:
        with tarfile.open(path, "r:gz") as tar:
            yield _about(tar, path), _members(tar)
    except FileNotFoundError as exc:
        raise InvalidRequest(f"There is no file {path}.") from exc
    except (tarfile.TarError, EOFError, OSError) as exc:
        raise InvalidRequest(f"{path} is not a whole backup: {exc}") from exc


def _about(tar: tarfile.TarFile, path: Path) -> About:
    first = tar.next()
    content = tar.extractfile(first) if first and first.name == _ABOUT else None
    try:
        values = json.loads(content.read(_MOST_ABOUT_BYTES)) if content else {}
        about = About(**{**values, "tables": tuple(values["tables"])})
    except (ValueError, KeyError, TypeError) as exc:
        raise InvalidRequest(f"{path} is not a backup of this program.") from exc
    if about.format != _FORMAT:
        raise InvalidRequest(f"{path} was made by another version of this program (format {about.format}).")
    return about


def _members(tar: tarfile.TarFile) -> Iterator[Member]:
    """Yield the members by kind and bare name; nothing is unpacked by the path that an archive asks for."""
    for member in tar:
        kind, _, name = member.name.partition("/")
        content = tar.extractfile(member)
        if content is not None and "/" not in name and kind in {"tables", "files"}:
            yield Member(kind, name.removesuffix(".jsonl"), content)
