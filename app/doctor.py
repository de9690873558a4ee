"""The command `python -m app doctor`: what works on this machine, why the rest does not, and what to do about it."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from anyio import IncompleteRead

from app.database import Database
from app.engine.models.catalogue import Catalogue
from app.engine.store.blobs import Blobs
from app.engine.tools.code_interpreter.interpreter import SandboxedInterpreter
from app.engine.tools.file_search.reader import try_confinement
from app.engine_parts import blob_bucket, builtin_model, code_interpreter, configured_providers
from app.errors import AppError
from app.loopback import is_loopback
from app.settings import Settings

_LEAST_FREE_BYTES = 2_000_000_000
_GIGABYTE = 1_000_000_000

State = Literal["ok", "note", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; a failure or a note carries its remedy."""

    subject: str
    state: State
    text: str
    remedy: str = ""

    def __str__(self) -> str:
        """Return one line, and a second one with the remedy."""
        line = f"{self.state:4}  {self.subject:14} {self.text}"
        return f"{line}\n{'':21}Remedy: {self.remedy}" if self.remedy else line


def run(settings: Settings) -> int:
    """Print every finding as it comes; return 1 when something is broken."""
    return asyncio.run(_print_findings(settings))


async def _print_findings(settings: Settings) -> int:
    failures = 0
    async for finding in examine(settings):
        sys.stdout.write(f"{finding}\n")
        sys.stdout.flush()
        failures += finding.state == "fail"
    return int(failures > 0)


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Yield what is found about folder, database, sandbox, models and the page's address."""
    folder = await asyncio.to_thread(_look_at_folder, settings.data_dir)
    yield folder
    if folder.state == "fail":
        return
    yield await _look_at_database(settings)
    if settings.blob_store_url is not None:
        yield await _look_at_bucket(settings)
    async for finding in _look_at_sandbox(settings):
        yield finding
    yield await _look_at_reader(settings.data_dir)
    async for finding in _look_at_models(settings):
        yield finding
    for finding in _look_at_address(settings):
        yield finding


def _look_at_folder(folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError as exc:
        remedy = "set DATA_DIR to a folder that this user may write to."
        return Finding("data folder", "fail", f"{folder}: {exc.strerror or exc}.", remedy)
    text = f"{folder}, {free / _GIGABYTE:.0f} GB free."
    if free < _LEAST_FREE_BYTES:
        return Finding(
            "data folder", "note", text, "make room: sessions, uploads and the built-in model need about 2 GB."
        )
    return Finding("data folder", "ok", text)


async def _look_at_database(settings: Settings) -> Finding:
    kind = "SQLite" if settings.database.startswith("sqlite") else "the server that DATABASE_URL names"
    try:
        database = Database(settings.database)
        try:
            await database.read(lambda connection: connection.exec_driver_sql("select 1"))
        finally:
            await database.aclose()
    except Exception as exc:
        remedy = "check DATABASE_URL and whether its server runs, or unset it to use SQLite in the data folder."
        return Finding("database", "fail", f"{kind} does not answer: {str(exc).splitlines()[0]}", remedy)
    return Finding("database", "ok", f"{kind} answers.")


async def _look_at_bucket(settings: Settings) -> Finding:
    remedy = "check BLOB_STORE_URL, AWS_ENDPOINT_URL and the AWS_ credentials; the bucket must exist."
    try:
        with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix="doctor-") as folder:
            bucket = blob_bucket(settings)
            there, elsewhere = Blobs(Path(folder, "there"), bucket), Blobs(Path(folder, "elsewhere"), bucket)
            key = await there.put(b"hello")
            await elsewhere.local(key)
            await elsewhere.delete(key)
    except (AppError, OSError) as exc:
        return Finding("file store", "fail", str(exc), remedy)
    return Finding("file store", "ok", f"{settings.blob_store_url} stores, returns and deletes files.")


async def _look_at_sandbox(settings: Settings) -> AsyncIterator[Finding]:
    async with _trial_interpreter(settings) as interpreter:
        reason = await interpreter.probe()
        for attempt in interpreter.attempts:
            if attempt.reason:
                state: State = "note" if not reason else "fail"
                yield Finding("sandbox", state, f"{attempt.tier} does not hold: {attempt.reason}.", attempt.remedy)
            else:
                yield Finding("sandbox", "ok", f"code runs in the tier {attempt.tier}.")
        if not interpreter.attempts:
            text, _, remedy = reason.partition(" Remedy: ")
            yield Finding("sandbox", "note" if settings.sandbox == "off" else "fail", text, remedy)
    if sys.platform == "linux" and os.geteuid() == 0 and not reason and interpreter.tier == "namespaces":
        yield Finding("sandbox", "note", "the server runs as root.", "an ordinary user is enough for namespaces.")


@asynccontextmanager
async def _trial_interpreter(settings: Settings) -> AsyncIterator[SandboxedInterpreter]:
    """Offer an interpreter that does not touch the sessions of a server that runs."""
    with tempfile.TemporaryDirectory(dir=settings.data_dir, prefix="doctor-") as name:
        folder, cache = Path(name), settings.data_dir.absolute() / "sessions" / "cache"
        if cache.is_dir():
            (folder / "cache").symlink_to(cache)
        interpreter = code_interpreter(settings, folder)
        try:
            yield interpreter
        finally:
            await interpreter.aclose()


async def _look_at_reader(folder: Path) -> Finding:
    with tempfile.NamedTemporaryFile(dir=folder) as canary:
        try:
            faults = await try_confinement(Path(canary.name))
        except (OSError, TimeoutError, IncompleteRead) as exc:
            return Finding("documents", "fail", f"their reader does not start: {exc}.", "install the server anew.")
    if faults:
        remedy = "use Linux 6.2 or later with Landlock enabled, or let only people you trust upload documents."
        return Finding("documents", "note", f"their reader is not fully confined: {'; '.join(faults)}.", remedy)
    return Finding("documents", "ok", "are read by a process that can reach no other file and no network.")


async def _look_at_models(settings: Settings) -> AsyncIterator[Finding]:
    configured = configured_providers(settings)
    try:
        builtin = builtin_model(settings)
    except AppError as exc:
        yield Finding("model", "fail", exc.message, "correct BUILTIN_MODEL, or unset it.")
        return
    count = 0
    for state in await Catalogue([*configured, builtin]).states():
        count += len(state.models)
        if state.provider is builtin:
            yield Finding("model", "ok" if state.models else "note", str(builtin.state))
        elif state.error is not None:
            remedy = "check its address and key, or unset its variables (Ollama: OLLAMA_BASE_URL=off)."
            yield Finding("model", "note", state.error.message, remedy)
        elif state.models:
            yield Finding("model", "ok", f"{state.provider.name} offers {len(state.models)} models.")
    for provider in configured:
        await provider.aclose()
    if count == 0 and builtin.state.status in {"off", "failed"}:
        remedy = "set OPENAI_API_KEY, AZURE_OPENAI_ENDPOINT or BUILTIN_MODEL=auto, or start Ollama."
        yield Finding("model", "fail", "no model is available.", remedy)


def _look_at_address(settings: Settings) -> Iterator[Finding]:
    address = f"http://{settings.host}:{settings.port}"
    if not is_loopback(settings.host) and not settings.allowed_hosts:
        remedy = "set ALLOWED_HOSTS to the names under which browsers reach it."
        yield Finding("page", "note", f"{address} answers only when addressed as {settings.host}.", remedy)
    else:
        yield Finding("page", "ok", f"{address} is where the page will be.")
    if not _is_free(settings.host, settings.port):
        yield Finding(
            "page", "note", f"port {settings.port} is in use.", "a server runs already, or choose another PORT."
        )


def _is_free(host: str, port: int) -> bool:
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            return True
    except OSError:
        return False
