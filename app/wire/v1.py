"""The API's first shape (Azure api-versions before 2024-05): one store, projected both ways.

What v1 calls `retrieval` is `file_search`; `file_ids` of an assistant are its code interpreter's files, `file_ids` of a
message its attachments. Fields that v1 did not have are left out of answers and understood in requests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from app.errors import InvalidRequest
from app.wire.base import WireModel
from app.wire.pages import Listed

Body = Mapping[str, Any]

MOST_ASSISTANT_FILES = 20
MOST_MESSAGE_FILES = 10
ADDED_IN_V2 = {
    "assistant": ("tool_resources", "temperature", "top_p", "response_format", "reasoning_effort"),
    "thread": ("tool_resources",),
    "thread.message": ("attachments",),
    "thread.run": (
        "incomplete_details",
        "top_p",
        "max_prompt_tokens",
        "max_completion_tokens",
        "truncation_strategy",
        "tool_choice",
        "parallel_tool_calls",
        "response_format",
        "reasoning_effort",
    ),
}
"""Fields, by kind of object, that v1 did not have."""


class AssistantFile(Listed):
    """A file that is attached to an assistant."""

    object: Literal["assistant.file"] = "assistant.file"
    created_at: int
    assistant_id: str


class MessageFile(Listed):
    """A file that is attached to a message."""

    object: Literal["thread.message.file"] = "thread.message.file"
    created_at: int
    message_id: str


class AssistantFileDeleted(WireModel):
    """The answer to detaching a file; the file itself stays."""

    id: str
    object: Literal["assistant.file.deleted"] = "assistant.file.deleted"
    deleted: bool = True


def to_v1(body: Body) -> dict[str, Any]:
    """Project an object, a list of objects or a stream event's data into the v1 shape."""
    project = _PROJECTIONS.get(str(body.get("object")))
    return project(body) if project is not None else dict(body)


def from_v1(body: Any) -> Any:
    """Translate a request body from v1; raises `InvalidRequest` for too many files."""
    if not isinstance(body, dict):
        return body
    request = dict(body)
    if isinstance(request.get("tools"), list):
        request["tools"] = [_renamed(tool, "retrieval", "file_search") for tool in request["tools"]]
    for name in ("messages", "additional_messages"):
        if isinstance(request.get(name), list):
            request[name] = [from_v1(message) for message in request[name]]
    if "thread" in request:
        request["thread"] = from_v1(request["thread"])
    if "file_ids" in request:
        request |= _files_of(request.pop("file_ids"), is_message="role" in request)
    return request


def _files_of(file_ids: Any, *, is_message: bool) -> dict[str, Any]:
    most = MOST_MESSAGE_FILES if is_message else MOST_ASSISTANT_FILES
    if not isinstance(file_ids, list):
        return {} if file_ids is None else {"file_ids": file_ids}
    if len(file_ids) > most:
        raise InvalidRequest(
            f"Invalid 'file_ids': array too long. Expected an array with maximum length {most}, but got an array with "
            f"length {len(file_ids)} instead.",
            param="file_ids",
            code="array_above_max_length",
        )
    if is_message:
        tools = [{"type": "code_interpreter"}, {"type": "file_search"}]
        return {"attachments": [{"file_id": file_id, "tools": tools} for file_id in file_ids]}
    return {"tool_resources": {"code_interpreter": {"file_ids": file_ids}}}


def _renamed(tool: Any, before: str, after: str) -> Any:
    if isinstance(tool, dict) and tool.get("type") == before:
        return {"type": after}
    return tool


def _without(body: Body, *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


def _as_in_v1(body: Body) -> dict[str, Any]:
    return _without(body, *ADDED_IN_V2[body["object"]])


def _assistant(body: Body) -> dict[str, Any]:
    files = (body["tool_resources"].get("code_interpreter") or {}).get("file_ids", [])
    return {**_as_in_v1(body), "tools": _tools(body), "file_ids": files}


def _message(body: Body) -> dict[str, Any]:
    file_ids = [attachment["file_id"] for attachment in body["attachments"]]
    return {
        **_as_in_v1(body),
        "content": [_quoted(part) for part in body["content"]],
        "file_ids": file_ids,
    }


def _run(body: Body) -> dict[str, Any]:
    return {**_as_in_v1(body), "tools": _tools(body), "file_ids": []}


def _step(body: Body) -> dict[str, Any]:
    details = dict(body["step_details"])
    if "tool_calls" in details:
        details["tool_calls"] = [_call(call) for call in details["tool_calls"]]
    return {**body, "step_details": details}


def _step_delta(body: Body) -> dict[str, Any]:
    return {**body, "delta": _step(body["delta"])}


def _page(body: Body) -> dict[str, Any]:
    return {**body, "data": [to_v1(item) for item in body["data"]]}


def _tools(body: Body) -> list[Any]:
    return [_renamed(tool, "file_search", "retrieval") for tool in body["tools"]]


def _call(call: Body) -> dict[str, Any]:
    if call.get("type") != "file_search":
        return dict(call)
    return {**_without(call, "file_search"), "type": "retrieval", "retrieval": {}}


def _quoted(part: Body) -> dict[str, Any]:
    """Give each citation of a text part the `quote` that v1 requires."""
    if part.get("type") != "text":
        return dict(part)
    annotations = [
        {**annotation, "file_citation": {"quote": "", **annotation["file_citation"]}}
        if annotation["type"] == "file_citation"
        else annotation
        for annotation in part["text"]["annotations"]
    ]
    return {**part, "text": {**part["text"], "annotations": annotations}}


_PROJECTIONS: dict[str, Callable[[Body], dict[str, Any]]] = {
    "assistant": _assistant,
    "thread": _as_in_v1,
    "thread.message": _message,
    "thread.run": _run,
    "thread.run.step": _step,
    "thread.run.step.delta": _step_delta,
    "list": _page,
}
