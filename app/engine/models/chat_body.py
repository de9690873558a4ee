"""The body of a Chat Completions request: what a model is really sent."""

from __future__ import annotations

from typing import Any

from app.engine.models.port import (
    AssistantMessage,
    ChatMessage,
    ChatRequest,
    ImagePart,
    SystemMessage,
    TextPart,
    ToolMessage,
    ToolSpec,
    UserMessage,
)


def request_body(request: ChatRequest) -> dict[str, Any]:
    """Return the body of the request, without what is not set."""
    messages = [message_body(message) for message in request.messages]
    return {"messages": messages, "stream_options": {"include_usage": True}, **request_settings(request)}


def request_settings(request: ChatRequest) -> dict[str, Any]:
    """Return what the body says besides the messages: model, tools, sampling."""
    settings: dict[str, Any] = {
        "model": request.model,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "max_completion_tokens": request.max_tokens,
        "response_format": dict(request.response_format) if request.response_format else None,
        "reasoning_effort": request.reasoning_effort,
    }
    if request.tools:
        settings["tools"] = [_tool(tool) for tool in request.tools]
        settings["tool_choice"] = _choice(request.tool_choice)
        settings["parallel_tool_calls"] = None if request.parallel_tool_calls else False
    return {name: value for name, value in settings.items() if value is not None}


def message_body(message: ChatMessage) -> dict[str, Any]:
    """Return one message of the body."""
    match message:
        case SystemMessage(text=text):
            return {"role": "system", "content": text}
        case UserMessage(parts=parts):
            if all(isinstance(part, TextPart) for part in parts):
                return {"role": "user", "content": message.text}
            return {"role": "user", "content": [_part(part) for part in parts]}
        case AssistantMessage(text=text, tool_calls=calls):
            said: dict[str, Any] = {"role": "assistant", "content": text or None}
            if calls:
                said["tool_calls"] = [
                    {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                    for call in calls
                ]
            return said
        case ToolMessage(tool_call_id=call_id, text=text):
            return {"role": "tool", "tool_call_id": call_id, "content": text}


def _part(part: TextPart | ImagePart) -> dict[str, Any]:
    if isinstance(part, TextPart):
        return {"type": "text", "text": part.text}
    return {"type": "image_url", "image_url": {"url": part.url, "detail": part.detail}}


def _tool(tool: ToolSpec) -> dict[str, Any]:
    function: dict[str, Any] = {
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
    }
    if tool.strict:
        function["strict"] = True
    return {"type": "function", "function": function}


def _choice(choice: str) -> str | dict[str, Any]:
    if choice.startswith("tool:"):
        return {"type": "function", "function": {"name": choice.removeprefix("tool:")}}
    return choice
