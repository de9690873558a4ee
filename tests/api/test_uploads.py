from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from app.api import uploads

BOUNDARY = "X"
FILE_PART = 'Content-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello'
PURPOSE_PART = 'Content-Disposition: form-data; name="purpose"\r\n\r\nassistants'
UNQUOTED = "Content-Disposition: form-data; name=file; filename=a.txt; filename*=utf-8''a.txt\r\n\r\nhello"


async def upload(client: httpx2.AsyncClient, *parts: str, path: str = "/v1/files") -> httpx2.Response:
    body = "".join(f"--{BOUNDARY}\r\n{part}\r\n" for part in parts) + f"--{BOUNDARY}--\r\n"
    headers = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
    return await client.post(path, content=body.encode(), headers=headers)


@pytest.mark.parametrize("parts", [(FILE_PART, PURPOSE_PART), (PURPOSE_PART, FILE_PART), (UNQUOTED, PURPOSE_PART)])
async def test_parts_come_in_any_order_and_quoting(client: httpx2.AsyncClient, parts: tuple[str, ...]) -> None:
    file = (await upload(client, *parts)).json()
    content = await client.get(f"/v1/files/{file['id']}/content")
    assert (file["filename"], file["bytes"], content.content) == ("a.txt", 5, b"hello")


async def test_ids_begin_as_each_service_had_it(client: httpx2.AsyncClient) -> None:
    openai = (await upload(client, FILE_PART, PURPOSE_PART)).json()
    azure = (await upload(client, FILE_PART, PURPOSE_PART, path="/openai/files")).json()
    assert openai["id"].startswith("file-")
    assert azure["id"].startswith("assistant-")


@pytest.mark.parametrize(
    ("parts", "param"),
    [
        ((FILE_PART,), "purpose"),
        ((PURPOSE_PART,), "file"),
        ((FILE_PART, PURPOSE_PART.replace("assistants", "magic")), "purpose"),
    ],
)
async def test_an_incomplete_form_is_refused_and_nothing_is_kept(
    client: httpx2.AsyncClient, tmp_path: Path, parts: tuple[str, ...], param: str
) -> None:
    response = await upload(client, *parts)
    assert (response.status_code, response.json()["error"]["param"]) == (400, param)
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


async def test_another_content_type_is_refused(client: httpx2.AsyncClient) -> None:
    response = await client.post("/v1/files", json={"file": "hello"})
    assert response.status_code == 400
    assert "multipart/form-data" in response.json()["error"]["message"]


async def test_a_name_with_a_path_keeps_its_last_part(client: httpx2.AsyncClient) -> None:
    part = FILE_PART.replace("a.txt", "../../etc/pass\\wd")
    assert (await upload(client, part, PURPOSE_PART)).json()["filename"] == "wd"


def test_the_limit_is_512_megabytes() -> None:
    assert uploads.LARGEST_FILE_BYTES == 512 * 1024 * 1024


async def test_an_unknown_file_is_404_in_the_hosted_words(client: httpx2.AsyncClient) -> None:
    response = await client.get("/v1/files/file-abc")
    assert response.status_code == 404
    assert response.json()["error"]["message"] == "No such File object: file-abc"
    assert response.json()["error"]["param"] == "id"
