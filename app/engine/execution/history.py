"""A thread's messages and tool steps, as the chat messages that a model reads."""

from __future__ import annotations

import base64
import json
import mimetypes
from collections.abc import Iterator
from typing import Any

from anyio import to_thread

from app.engine.engine import Engine
from app.engine.execution.context import cut
from app.engine.execution.situation import Situation
from app.engine.models.port import (
    AssistantMessage,
    ChatMessage,
    FileInput,
    ImagePart,
    ModelInfo,
    SystemMessage,
    TextPart,
    ToolCall,
    ToolMessage,
    ToolSpec,
    UserMessage,
)
from app.engine.store.rows import Row
from app.errors import UpstreamFailed
from app.wire.runs import Run

_LONGEST_OUTPUT = 8_000


async def chat_messages(
    engine: Engine,
    run: Run,
    situation: Situation,
    specs: dict[str, ToolSpec],
    model: ModelInfo,
    files: tuple[FileInput, ...],
) -> list[ChatMessage]:
    """Return instructions, history and this run's earlier steps, oldest first.

    Raises `UpstreamFailed` (`invalid_prompt`) when the user sent an image and the model sees none.
    """
    history: list[ChatMessage] = []
    if system := _system_text(run, files):
        history.append(SystemMessage(system))
    images = await _image_urls(engine, situation, model)
    told: set[str] = set()
    for message in situation.messages:
        run_id = message["run_id"]
        if run_id is not None and run_id not in told:
            told.add(run_id)
            history += _tool_exchanges(situation, run_id, specs)
        history += _spoken(message, images)
    if run.id not in told:
        history += _tool_exchanges(situation, run.id, specs)
    if not history:
        raise UpstreamFailed("There is nothing to answer: the thread holds no message.", code="invalid_prompt")
    return history


def call_output(call: dict[str, Any]) -> str:
    """Return a stored call's output as the text that a model reads; passages were cut to its window when found."""
    body = call[call["type"]]
    if call["type"] == "file_search":
        return _passages(body.get("results", []))
    if call["type"] == "function":
        return shorten(str(body.get("output") or ""))
    shown = [
        output["logs"] if output["type"] == "logs" else "[a figure was shown to the user]" for output in body["outputs"]
    ]
    return shorten("\n".join(shown) or "[no output]")


def _passages(results: list[dict[str, Any]]) -> str:
    if not results:
        return "No passage was found. Search once more with other words, or say that the documents don't tell."
    marks = [f"【{result['mark']}†{result['file_name']}】" for result in results]
    lines = [
        f"After each statement that rests on a passage, write the passage's mark as it stands, such as {marks[0]}."
    ]
    for mark, result in zip(marks, results, strict=True):
        page = f" (page {result['page']})" if result.get("page") else ""
        lines.append(f"{mark}{page}\n{''.join(part['text'] for part in result['content'])}")
    return "\n\n".join(lines)


def shorten(text: str) -> str:
    """Cut a tool's output to what a model may read of it."""
    return cut(text, _LONGEST_OUTPUT)


def _system_text(run: Run, files: tuple[FileInput, ...]) -> str:
    parts = [run.instructions] if run.instructions else []
    if files:
        listing = "\n".join(f"- /mnt/data/{file.name} ({file.size_bytes} bytes)" for file in files)
        parts.append(f"Files for the code interpreter:\n{listing}")
    return "\n\n".join(parts)


def _tool_exchanges(situation: Situation, run_id: str, specs: dict[str, ToolSpec]) -> Iterator[ChatMessage]:
    for step in situation.steps:
        if step["run_id"] != run_id:
            continue
        pairs = [_exchange(call, specs) for call in step["step_details"]["tool_calls"]]
        known = [pair for pair in pairs if pair is not None]
        if known:
            yield AssistantMessage("", tuple(call for call, _output in known))
            yield from (output for _call, output in known)


def _exchange(call: dict[str, Any], specs: dict[str, ToolSpec]) -> tuple[ToolCall, ToolMessage] | None:
    """Return call and output as the model knows them; None for a tool that is not offered any more."""
    body = call[call["type"]]
    if call["type"] == "function":
        name, arguments = body["name"], body["arguments"]
    else:
        name = next((spec.name for spec in specs.values() if spec.kind == call["type"]), "")
        written = {"queries": body.get("queries", [])} if "results" in body else {"code": body.get("input", "")}
        arguments = json.dumps(written)
    if name not in specs:
        return None
    return ToolCall(call["id"], name, arguments), ToolMessage(call["id"], call_output(call))


def _spoken(message: Row, images: dict[str, str]) -> Iterator[ChatMessage]:
    if message["role"] == "assistant":
        text = "\n".join(_plain(part) for part in message["content"] if part["type"] != "image_url")
        if text:
            yield AssistantMessage(text)
        return
    parts = tuple(_user_part(part, images) for part in message["content"])
    if parts:
        yield UserMessage(parts)


def _plain(part: dict[str, Any]) -> str:
    match part["type"]:
        case "text":
            return str(part["text"]["value"])
        case "refusal":
            return str(part["refusal"])
        case _:
            return "[figure]"


def _user_part(part: dict[str, Any], images: dict[str, str]) -> TextPart | ImagePart:
    match part["type"]:
        case "image_url":
            return ImagePart(part["image_url"]["url"], part["image_url"].get("detail", "auto"))
        case "image_file":
            file_id = part["image_file"]["file_id"]
            url = images.get(file_id)
            if url is None:
                return TextPart(f"[image {file_id} was deleted]")
            return ImagePart(url, part["image_file"].get("detail", "auto"))
        case _:
            return TextPart(part["text"]["value"])


async def _image_urls(engine: Engine, situation: Situation, model: ModelInfo) -> dict[str, str]:
    shows_images = any(
        part["type"] in ("image_file", "image_url")
        for message in situation.messages
        if message["role"] == "user"
        for part in message["content"]
    )
    if shows_images and not model.sees_images:
        raise UpstreamFailed(
            f"{model.id} cannot see images, and this thread holds some. "
            "Choose a model that can, or start a new thread.",
            code="invalid_prompt",
        )
    return {file_id: await _data_url(engine, row) for file_id, row in situation.images.items()}


async def _data_url(engine: Engine, row: Row) -> str:
    content = await to_thread.run_sync((await engine.blobs.local(row["blob"])).read_bytes)
    kind = mimetypes.guess_type(row["filename"])[0] or "image/png"
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
