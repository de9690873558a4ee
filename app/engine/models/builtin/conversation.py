"""The conversation as the model reads it: messages become turns, the oldest leave when it grows too long."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from app.engine.models.builtin.chatml import Turn
from app.engine.models.port import (
    AssistantMessage,
    ChatMessage,
    ChatRequest,
    FileInput,
    SystemMessage,
    ToolCall,
    ToolMessage,
    ToolSpec,
    UserMessage,
)

# Stands for a picture in an earlier answer; the model would write it instead of drawing one.
_FIGURE = "[figure]"

_OUTPUT_LIMIT = 1500
_PASSAGES_LIMIT = 6000
"""The best passages come first; a processor reads about 60 tokens, 200 characters, in a second."""
_PREVIEW_LIMIT = 1200
_MESSAGE_LIMIT = 12_000

_PYTHON = (
    "You can run Python with numpy, pandas, sympy and matplotlib. Print results. "
    "For a chart choose its look with plt.style.use(), which takes 'default', 'dark_background', 'ggplot', "
    "'seaborn-v0_8' or 'fivethirtyeight', compute the points with numpy, draw them with matplotlib.pyplot and call "
    "plt.show()."
)


def turns_of(request: ChatRequest, *, limit: int, without_tries: bool = False) -> list[Turn]:
    """Return the request's conversation in at most about `limit` characters, the system's turn first.

    `without_tries` leaves out what was tried since the user last spoke: a small model repeats a program that it sees.
    """
    system = Turn("system", system_text(request))
    messages = split_exchanges(request.messages)
    if without_tries and messages:
        messages[-1] = [message for message in messages[-1] if isinstance(message, UserMessage)]
    exchanges = [_turns_of_exchange(exchange, request.tools) for exchange in messages]
    return [system, *_fit(exchanges, limit - len(system.text))]


def system_text(request: ChatRequest) -> str:
    """Return the instructions, what Python can do, and the files; it changes only when they do."""
    instructions = [message.text for message in request.messages if isinstance(message, SystemMessage)]
    parts = [*instructions] or ["You are a helpful assistant."]
    if code_tool(request.tools) is not None:
        parts.append(_PYTHON)
    parts.extend(_describe_file(file) for file in request.files)
    return "\n\n".join(part for part in parts if part)


def code_tool(tools: Sequence[ToolSpec]) -> ToolSpec | None:
    """Return the code interpreter when it is on offer."""
    return next((tool for tool in tools if tool.kind == "code_interpreter"), None)


def split_exchanges(messages: Sequence[ChatMessage]) -> list[list[ChatMessage]]:
    """Split messages into exchanges; each begins with what the user said."""
    exchanges: list[list[ChatMessage]] = []
    for message in messages:
        if isinstance(message, SystemMessage):
            continue
        if isinstance(message, UserMessage) or not exchanges:
            exchanges.append([])
        exchanges[-1].append(message)
    return exchanges


def code_of(call: ToolCall, tools: Sequence[ToolSpec]) -> str | None:
    """Return the Python code of a call of the code interpreter on offer, or None for other calls."""
    tool = code_tool(tools)
    if tool is None or call.name != tool.name:
        return None
    try:
        arguments = json.loads(call.arguments)
    except ValueError:
        return None
    code = arguments.get("code") if isinstance(arguments, dict) else None
    return code if isinstance(code, str) else None


def _describe_file(file: FileInput) -> str:
    preview = _shorten(file.preview, _PREVIEW_LIMIT)
    return f"File '/mnt/data/{file.name}'" + (f":\n{preview}" if preview else "")


def found_passages(messages: Sequence[ChatMessage], tools: Sequence[ToolSpec]) -> dict[str, str]:
    """Return what searches in files have found, by the ids of their calls, in as many whole lines as are read."""
    names = {tool.name for tool in tools if tool.kind == "file_search"}
    calls = {
        call.id
        for message in messages
        if isinstance(message, AssistantMessage)
        for call in message.tool_calls
        if call.name in names
    }
    return {
        message.tool_call_id: _beginning(message.text, _PASSAGES_LIMIT)
        for message in messages
        if isinstance(message, ToolMessage) and message.tool_call_id in calls
    }


def _turns_of_exchange(exchange: Sequence[ChatMessage], tools: Sequence[ToolSpec]) -> list[Turn]:
    passages = found_passages(exchange, tools)
    return [turn for message in exchange for turn in _turns_of_message(message, tools, passages) if turn.text.strip()]


def _turns_of_message(message: ChatMessage, tools: Sequence[ToolSpec], passages: Mapping[str, str]) -> list[Turn]:
    match message:
        case UserMessage():
            return [Turn("user", _shorten(message.text, _MESSAGE_LIMIT))]
        case ToolMessage() if message.tool_call_id in passages:
            return [Turn("user", passages[message.tool_call_id])]
        case ToolMessage():
            return [
                Turn("user", f"Output:\n{_shorten(message.text, _OUTPUT_LIMIT).strip() or '(nothing was printed)'}")
            ]
        case AssistantMessage():
            calls = [Turn("assistant", _show_call(call, tools)) for call in message.tool_calls]
            return [Turn("assistant", message.text.replace(_FIGURE, "").strip()), *calls]
        case SystemMessage():
            return []


def _show_call(call: ToolCall, tools: Sequence[ToolSpec]) -> str:
    code = code_of(call, tools)
    return f"```python\n{code.strip()}\n```" if code is not None else f"{call.name}({call.arguments})"


def _shorten(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[...]\n{text[-half:]}"


def _beginning(text: str, limit: int) -> str:
    """Cut a text at the end of a line, or of a word where the line is long."""
    if len(text) <= limit:
        return text
    return text[:limit].rpartition("\n" if "\n" in text[limit // 2 : limit] else " ")[0]


def _fit(exchanges: list[list[Turn]], limit: int) -> list[Turn]:
    """Drop the oldest exchanges, half a window at a time so that the prompt's beginning stays the same for long."""
    sizes = [sum(len(turn.text) for turn in exchange) for exchange in exchanges]
    excess = sum(sizes) - limit
    step = max(limit // 2, 1)
    to_drop = -(-excess // step) * step if excess > 0 else 0
    while to_drop > 0 and len(exchanges) > 1:
        to_drop -= sizes.pop(0)
        exchanges = exchanges[1:]
    return [turn for exchange in exchanges for turn in exchange]
