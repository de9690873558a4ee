"""The bytes of stored files, one file each in a folder, written and read in pieces."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

import anyio
from anyio import to_thread

_PIECE_BYTES = 256 * 1024


class BlobWriter:
    """A blob that is being written; small pieces are gathered before they go to the disk."""

    def __init__(self, key: str, file: BinaryIO) -> None:
        self.key = key
        self.size_bytes = 0
        self._file = file
        self._gathered = bytearray()

    async def write(self, piece: bytes) -> None:
        """Append a piece."""
        self._gathered += piece
        self.size_bytes += len(piece)
        if len(self._gathered) >= _PIECE_BYTES:
            await self.flush()

    async def flush(self) -> None:
        """Hand what is gathered to the disk."""
        piece, self._gathered = bytes(self._gathered), bytearray()
        await to_thread.run_sync(self._file.write, piece)


class Blobs:
    """A folder of blobs; a key is 32 hexadecimal digits."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @asynccontextmanager
    async def writer(self) -> AsyncIterator[BlobWriter]:
        """Open a new blob; it is kept when the block ends well and removed when it raises."""
        key = secrets.token_hex(16)
        path = await to_thread.run_sync(self._new_path, key)
        file = await to_thread.run_sync(lambda: path.open("xb"))
        try:
            writer = BlobWriter(key, file)
            yield writer
            await writer.flush()
            await to_thread.run_sync(file.close)
        except BaseException:
            file.close()
            path.unlink(missing_ok=True)
            raise

    async def put(self, content: bytes) -> str:
        """Store bytes that are in memory; return the key."""
        async with self.writer() as writer:
            await writer.write(content)
        return writer.key

    async def adopt(self, path: Path) -> str:
        """Move a file into the folder; return the key."""
        key = secrets.token_hex(16)
        target = await to_thread.run_sync(self._new_path, key)
        await to_thread.run_sync(shutil.move, path, target)
        return key

    def path(self, key: str) -> Path:
        """Return where the blob lies."""
        return self._folder / key[:2] / key

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """Read the blob piece by piece; raises `FileNotFoundError` at the first one when it is gone."""
        async with await anyio.open_file(self.path(key), "rb") as file:
            while piece := await file.read(_PIECE_BYTES):
                yield piece

    async def delete(self, key: str) -> None:
        """Remove the blob, if it is there."""
        await anyio.Path(self.path(key)).unlink(missing_ok=True)

    def _new_path(self, key: str) -> Path:
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path
