"""The bytes of stored files: one file each in a folder, which is a cache where a bucket keeps them."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO

import anyio
from anyio import to_thread

from app.engine.store.bucket import Bucket

_PIECE_BYTES = 256 * 1024
_CACHE_BYTES = 4 * 1024**3
_LEAST_CACHE_SECONDS = 3600.0
"""Whoever asked for a copy may still be opening it."""


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
    """A folder of blobs, and the bucket that it is a cache of, if there is one; a key is 32 hexadecimal digits."""

    def __init__(self, folder: Path, bucket: Bucket | None = None, cache_bytes: int = _CACHE_BYTES) -> None:
        self._folder = folder
        self._bucket = bucket
        self._cache_bytes = cache_bytes

    @asynccontextmanager
    async def writer(self, key: str | None = None) -> AsyncIterator[BlobWriter]:
        """Open a new blob, of that key if given; it is kept when the block ends well and removed when it raises."""
        key = key or secrets.token_hex(16)
        path = await to_thread.run_sync(self._new_path, key)
        file = await to_thread.run_sync(lambda: path.open("xb"))
        try:
            writer = BlobWriter(key, file)
            yield writer
            await writer.flush()
            await to_thread.run_sync(file.close)
            await self._send(key, path)
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
        try:
            await self._send(key, target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return key

    async def local(self, key: str) -> Path:
        """Return where the blob lies on this machine, fetched first if need be; raises `FileNotFoundError`."""
        path = self._path(key)
        if self._bucket is None:
            if not await to_thread.run_sync(path.is_file):
                raise FileNotFoundError(path)
            return path
        if not await to_thread.run_sync(_touch, path):
            await self._fetch(self._bucket, key)
        return path

    async def delete(self, key: str) -> None:
        """Remove the blob, if it is there."""
        await anyio.Path(self._path(key)).unlink(missing_ok=True)
        if self._bucket is not None:
            await self._bucket.delete(key)

    async def trim(self) -> None:
        """Remove the copies that were not used for longest, down to the cache's size."""
        if self._bucket is not None:
            before = time.time() - _LEAST_CACHE_SECONDS
            await to_thread.run_sync(_trim, self._folder, self._cache_bytes, before)

    async def _send(self, key: str, path: Path) -> None:
        if self._bucket is not None:
            await self._bucket.send(key, path)

    async def _fetch(self, bucket: Bucket, key: str) -> None:
        path = await to_thread.run_sync(self._new_path, key)
        partial = path.with_suffix(f".{secrets.token_hex(4)}")
        try:
            await bucket.fetch(key, partial)
            await to_thread.run_sync(partial.rename, path)
        finally:
            partial.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key

    def _new_path(self, key: str) -> Path:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def _touch(path: Path) -> bool:
    """Note that a copy is used; say whether there is one."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _trim(folder: Path, size_bytes: int, before: float) -> None:
    found = [(path, path.stat()) for path in folder.glob("*/*")]
    excess = sum(status.st_size for _path, status in found) - size_bytes
    for path, status in sorted(found, key=lambda pair: pair[1].st_mtime):
        if excess <= 0 or status.st_mtime > before:
            return
        path.unlink(missing_ok=True)
        excess -= status.st_size
