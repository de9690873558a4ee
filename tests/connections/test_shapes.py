"""JSON held against the SDK's types."""

from __future__ import annotations

from typing import Any

import pytest

from app.connections.answers import kind_of
from app.connections.shapes import strangeness
from app.connections.types import Assistant, Message, Model, Run, VectorStoreFile

TEXT = {"type": "text", "text": {"value": "Hi", "annotations": []}}
MESSAGE: dict[str, Any] = {"id": "msg_1", "created_at": 1, "role": "user", "content": [TEXT], "thread_id": "thread_1"}
ASSISTANT: dict[str, Any] = {"id": "asst_1", "created_at": 1, "model": "m", "tools": [{"type": "file_search"}]}


@pytest.mark.parametrize(
    ("changes", "strange"),
    [
        ({}, ""),
        ({"status": "of tomorrow", "role": None, "metadata": None, "new": [5]}, ""),
        ({"content": [{"type": "hologram", "hologram": {}}]}, ""),
        ({"created_at": 1.5}, ""),
        ({"content": "Hi"}, "`content` is text, not a list"),
        ({"content": None}, "`content` is null, not a list"),
        ({"content": [{"text": "Hi"}]}, "`content[0]` has no `type`"),
        ({"content": [{**TEXT, "text": "Hi"}]}, "`content[0].text` is text, not an object"),
        ({"content": [{"type": "text"}]}, "`content[0].text` is missing"),
        ({"created_at": "now"}, "`created_at` is text, not a number"),
        ({"created_at": True}, "`created_at` is true or false, not a number"),
        ({"created_at": -1e300}, "`created_at` is no time"),
        ({"id": None}, "`id` is null, not text"),
        ({"metadata": {"a": 5}}, "`metadata.a` is a number, not text"),
        ({"attachments": [{"tools": 5}]}, "`attachments[0].tools` is a number, not a list"),
    ],
)
def test_what_the_page_needs_is_checked_and_nothing_else(changes: dict[str, Any], strange: str) -> None:
    assert strangeness({**MESSAGE, **changes}, Message) == strange


def test_the_whole_may_be_strange() -> None:
    assert strangeness([], Message) == "the whole is a list, not an object"
    assert strangeness({**ASSISTANT, "tools": None}, Assistant) == "`tools` is null, not a list"
    assert strangeness({**ASSISTANT, "response_format": 5}, Assistant).startswith("`response_format` is a number")
    assert strangeness({**ASSISTANT, "response_format": "auto"}, Assistant) == ""
    assert strangeness({"id": "gateways say no more", "created": None}, Model) == ""


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/v1/threads/t/messages/m", Message),
        ("POST", "/openai/threads/t/messages", Message),
        ("POST", "/api/threads/t/runs/r/cancel", Run),
        ("POST", "/v1/threads/runs", Run),
        ("GET", "/v1/vector_stores/v/files/f", VectorStoreFile),
        ("DELETE", "/v1/assistants/a", None),
        ("GET", "/v1/files/f/content", None),
        ("GET", "/v1/something", None),
    ],
)
def test_an_address_tells_what_is_due(method: str, path: str, kind: object) -> None:
    assert kind_of(method, path) is kind


def test_a_list_is_due_where_no_id_follows() -> None:
    due = kind_of("GET", "/v1/threads/t/messages")
    assert strangeness({"data": [MESSAGE]}, due) == ""
    assert strangeness({"data": 5}, due) == "`data` is a number, not a list"
    assert strangeness({"data": [MESSAGE, 5]}, due) == "`data[1]` is a number, not an object"
