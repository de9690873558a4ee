"""Threads go out as Markdown and JSON, and come in again."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from html import unescape
from typing import Any

import pytest

from app.playground.threads.import_thread import MOST_BYTES
from app.playground.threads.thread_markdown import fenced
from tests.doubles.models import calls, says
from tests.playground.conftest import House
from tests.playground.visitor import Visitor

HOSTILE_NAME = "../..\\evil <b>.csv"


@pytest.fixture
def thread_id(visitor: Visitor, house: House) -> str:
    """Have a thread with two messages, a function call, a file and an answer."""
    visitor.start()
    found = str(visitor.one("thread-start").xpath(".//@data-copy")[0])
    content = visitor.client.post(
        "/v1/files", files={"file": (HOSTILE_NAME, b"n\n41\n")}, data={"purpose": "assistants"}
    ).json()
    attachment = {"file_id": content["id"], "tools": [{"type": "code_interpreter"}]}
    body = {"role": "user", "content": "Question\n```\nfence", "attachments": [attachment], "metadata": {"a": "b"}}
    assert visitor.client.post(f"/v1/threads/{found}/messages", json=body).is_success
    house.model.turns = [calls(("python", json.dumps({"code": "print('```')"}))), says("The answer is 42")]
    house.interpreter.cells = [[]]
    visitor.open()
    assert visitor.send("messages", content="And now?", action="run").is_success
    visitor.wait_until_idle()
    return found


def test_json_holds_everything_and_makes_the_messages_again(visitor: Visitor, thread_id: str) -> None:
    response = visitor.client.get(f"{visitor.chat}/export.json")
    document = response.json()
    assert (document["format"], document["version"]) == ("assistants-playground/thread", 1)
    assert [len(document[part]) for part in ("messages", "runs", "assistants", "files")] == [3, 1, 1, 1]
    assert [step["type"] for step in document["steps"][document["runs"][0]["id"]]] == ["tool_calls", "message_creation"]
    assert base64.b64decode(document["files"][0]["content"]) == b"n\n41\n"
    imported = import_file(visitor, response.content)
    assert imported.status_code == 200, imported.text
    visitor.open(imported.headers["hx-redirect"])
    new_id = str(visitor.one("thread-start").xpath(".//@data-copy")[0])
    assert new_id != thread_id
    messages = visitor.client.get(f"/v1/threads/{new_id}/messages", params={"order": "asc"}).json()["data"]
    texts = [message["content"][0]["text"]["value"] for message in messages]
    assert texts == ["Question\n```\nfence", "And now?", "The answer is 42"]
    assert messages[0]["metadata"] == {"a": "b"}
    new_file = messages[0]["attachments"][0]["file_id"]
    assert new_file != document["files"][0]["id"]
    assert visitor.client.get(f"/v1/files/{new_file}/content").content == b"n\n41\n"


def test_markdown_comes_with_its_files_below_one_folder(visitor: Visitor, thread_id: str) -> None:
    content = visitor.client.get(f"{visitor.chat}/export.zip").content
    with zipfile.ZipFile(io.BytesIO(content)) as folder:
        assert folder.namelist() == ["thread.md", "files/evil _b_.csv"]
        text = folder.read("thread.md").decode()
    assert text.startswith(f"# Thread {thread_id}\n")
    assert "````python\nprint('```')\n````" in text
    assert "[evil _b_.csv](files/evil%20_b_.csv)" in text
    assert "The answer is 42" in text


def test_a_fence_is_longer_than_any_in_its_text() -> None:
    assert fenced("a\n`````\n", "text") == "``````text\na\n`````\n``````"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Choose a file first"),
        (b"{", "The file is not JSON"),
        (b"\xff\xfe", "The file is not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[]", "no exported thread: its 'format' must be 'assistants-playground/thread'"),
        (
            b'{"format": "assistants-playground/thread", "version": 2}',
            "another version of the playground: its 'version'",
        ),
        (
            b'\xef\xbb\xbf{"format": "assistants-playground/thread",\n "version": 1, "massages": []}',
            "Line 1, column 1: 'messages' is missing: a list of at most 10,000 messages.",
        ),
    ],
)
def test_what_is_no_export_is_refused_with_the_reason(visitor: Visitor, content: bytes, reason: str) -> None:
    response = import_file(visitor, content)
    assert response.status_code == 400
    assert reason in unescape(response.text)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ({"role": "system", "content": []}, "'messages[0].role' must be 'user' or 'assistant'."),
        ({"rolle": "user", "content": []}, "'messages[0].role' is missing: 'user' or 'assistant'."),
        (
            {"role": "user", "content": "text"},
            "'messages[0].content' must be a list of at most 1,000 blocks, such as {",
        ),
        ({"role": "user", "content": [{"type": "text", "text": "Hi"}]}, "[0].text' must be an object with a 'value'."),
        ({"role": "user", "content": [{"type": "text", "text": {"val": ""}}]}, "[0].text.value' is missing: a text."),
        ({"role": "user", "content": [{"type": "image_url"}]}, "'messages[0].content[0]' must be an object with a"),
        ({"role": "user", "content": [], "metadata": {"k": 1}}, "'messages[0].metadata.k' must be a text."),
        ({"role": "user", "content": [], "metadata": {"k": "v" * 600}}, "Message 1 was refused"),
        ({"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x" * 9}}]}, ""),
    ],
)
def test_hostile_messages_leave_nothing_behind(visitor: Visitor, message: dict[str, Any], reason: str) -> None:
    file = {"id": "file-1", "filename": "a.txt", "content": base64.b64encode(b"x").decode()}
    response = import_file(visitor, written({"messages": [message], "files": [file]}))
    assert reason in unescape(response.text)
    if reason:
        assert response.status_code == 400
        assert visitor.client.get("/v1/files").json()["data"] == []


def test_a_file_whose_content_is_not_base64_is_named(visitor: Visitor) -> None:
    file = {"id": "file-1", "filename": "a.txt", "content": "*"}
    assert "a.txt is not base64" in import_file(visitor, written({"messages": [], "files": [file]})).text


def test_a_file_that_is_too_large_is_not_read(visitor: Visitor) -> None:
    response = import_file(visitor, b" " * (MOST_BYTES + 1))
    assert (response.status_code, "larger than 80 MB" in response.text) == (413, True)


def written(parts: dict[str, Any]) -> bytes:
    return json.dumps({"format": "assistants-playground/thread", "version": 1, **parts}).encode()


def import_file(visitor: Visitor, content: bytes) -> Any:
    return visitor.client.post(
        f"{visitor.chat}/import-thread", files={"file": ("t.json", content)}, headers={"HX-Request": "true"}
    )
