"""The bucket of an S3-compatible service, as the place where blobs are kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio
import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from app.errors import InvalidRequest, UpstreamFailed

if TYPE_CHECKING:
    from obstore.store import S3Config

_PIECE_BYTES = 1024 * 1024
_PARTS_AT_ONCE = 4
_RETRY_SECONDS = 20
_REQUEST_SECONDS = 120


class Bucket:
    """Sends blobs to the service and fetches them; memory stays flat, whatever their size."""

    def __init__(self, url: str, *, endpoint: str | None = None, region: str | None = None, **secrets: str) -> None:
        """Address the bucket and prefix of `s3://bucket/prefix`; nothing is sent yet.

        `secrets` are `access_key_id`, `secret_access_key` and `session_token`. Without them the library finds the
        credentials of the machine it runs on. Raises `InvalidRequest` for another address.
        """
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc:
            raise InvalidRequest("BLOB_STORE_URL must look like s3://bucket/prefix.")
        config: S3Config = {"region": region or "us-east-1", **secrets}  # type: ignore[typeddict-item]  # keys above
        if endpoint is not None:
            config["endpoint"] = endpoint
        self._store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            config=config,
            client_options={
                "allow_http": endpoint is not None and endpoint.startswith("http://"),
                "timeout": timedelta(seconds=_REQUEST_SECONDS),
            },
            retry_config={"max_retries": 4, "retry_timeout": timedelta(seconds=_RETRY_SECONDS)},
        )

    async def send(self, key: str, path: Path) -> None:
        """Store the file's bytes under `key`; raises `UpstreamFailed`."""
        with _translated("store a file"):
            await obstore.put_async(self._store, key, path, max_concurrency=_PARTS_AT_ONCE)

    async def fetch(self, key: str, path: Path) -> None:
        """Write the blob's bytes to `path`; raises `FileNotFoundError` when it is gone, and `UpstreamFailed`."""
        with _translated("fetch a file"):
            found = await obstore.get_async(self._store, key)
            async with await anyio.open_file(path, "wb") as file:
                async for piece in found.stream(min_chunk_size=_PIECE_BYTES):
                    await file.write(piece)

    async def delete(self, key: str) -> None:
        """Remove the blob, if it is there; raises `UpstreamFailed`."""
        with _translated("delete a file"), suppress(FileNotFoundError):
            await obstore.delete_async(self._store, key)


@contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, OSError) as exc:
        # The library's text quotes requests and answers; its class says what went wrong without them.
        message = f"The file store could not {what} ({type(exc).__name__}). Check BLOB_STORE_URL and its credentials."
        raise UpstreamFailed(message, code="server_error") from exc
