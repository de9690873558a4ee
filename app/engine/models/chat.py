"""Any Chat Completions endpoint as a chat model, through the `openai` SDK.

The SDK sends the request and knows keys, retries and Azure's paths; the stream's lines are read here, because building
its typed chunks costs ten times as much as reading the JSON.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import openai

from app.engine.models.bounds import CALL_CHARACTERS, LONGEST_ANSWER_CHARACTERS, LONGEST_LINE_BYTES, TooMuchError
from app.engine.models.chat_body import request_body
from app.engine.models.fields import count_of, list_of, object_of, readable, text_of
from app.engine.models.lenient import parse_tool_calls
from app.engine.models.port import (
    ChatRequest,
    Finished,
    FinishReason,
    ModelEvent,
    ModelInfo,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    ToolSpec,
    Usage,
)
from app.engine.models.upstream import translated
from app.errors import UpstreamFailed

_FINISH_REASONS: dict[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}
_LONGEST_REASON = 500
_LONGEST_ID = 256
_MOST_MODELS = 2_000


@dataclass(frozen=True, slots=True)
class CompletionsModel:
    """A model behind a Chat Completions endpoint; `reads_text_calls` is for models that write calls as text."""

    info: ModelInfo
    client: openai.AsyncOpenAI
    reads_text_calls: bool = False

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ModelEvent]:
        """Answer `request`; raises `UpstreamFailed`."""
        with translated(self.info.provider, self.info.id):
            events = self._events(request)
            async for event in _calls_from_text(events, request.tools) if self._may_write_calls(request) else events:
                yield event

    def _may_write_calls(self, request: ChatRequest) -> bool:
        return self.reads_text_calls and bool(request.tools)

    async def _events(self, request: ChatRequest) -> AsyncGenerator[ModelEvent]:
        reading = _Reading()
        create = self.client.chat.completions.with_streaming_response.create
        headers = {"traceparent": request.traceparent} if request.traceparent else None
        # The body goes as `extra_body`, since the SDK would walk through every message to rename nothing.
        body = request_body(request)
        async with create(
            model=request.model, messages=[], stream=True, extra_headers=headers, extra_body=body
        ) as response:
            rest = b""
            async for chunk in response.http_response.aiter_bytes():
                *lines, rest = (rest + chunk).split(b"\n")
                if len(rest) > LONGEST_LINE_BYTES:
                    raise TooMuchError(f"a line of more than {LONGEST_LINE_BYTES // 1024 // 1024} MB")
                for line in lines:
                    if line.startswith(b"data:"):
                        for event in reading.take(line[5:].strip()):
                            yield event
        yield reading.end(self.info)


class _Reading:
    """What has been read of one stream, which may be of any shape and length."""

    def __init__(self) -> None:
        self._reason: FinishReason | None = None
        self._usage = Usage()
        self._calls: set[int] = set()
        self._characters = 0

    def take(self, data: bytes) -> Iterator[ModelEvent]:
        if data == b"[DONE]":
            return
        chunk = object_of(json.loads(data))
        if error := chunk.get("error"):
            said = error.get("message", error) if isinstance(error, dict) else error
            raise UpstreamFailed(readable(str(said))[:_LONGEST_REASON], code="server_error")
        if usage := object_of(chunk.get("usage")):
            self._usage = Usage(count_of(usage.get("prompt_tokens")), count_of(usage.get("completion_tokens")))
        for choice in map(object_of, list_of(chunk.get("choices"))):
            yield from self._take_delta(object_of(choice.get("delta")))
            if reason := text_of(choice.get("finish_reason")):
                self._reason = _FINISH_REASONS.get(reason, "stop")

    def _take_delta(self, delta: dict[str, Any]) -> Iterator[ModelEvent]:
        if text := text_of(delta.get("content")):
            yield TextDelta(self._counted(text))
        if refusal := text_of(delta.get("refusal")):
            yield RefusalDelta(self._counted(refusal))
        for call in map(object_of, list_of(delta.get("tool_calls"))):
            function = object_of(call.get("function"))
            index, arguments = count_of(call.get("index")), self._counted(text_of(function.get("arguments")))
            if index not in self._calls:
                self._calls.add(index)
                self._characters += CALL_CHARACTERS
            yield ToolCallDelta(
                index, arguments, text_of(call.get("id")) or None, text_of(function.get("name")) or None
            )

    def _counted(self, text: str) -> str:
        self._characters += len(text)
        if self._characters > LONGEST_ANSWER_CHARACTERS:
            limit = LONGEST_ANSWER_CHARACTERS // 1024 // 1024
            message = f"The model's answer is longer than {limit} million characters, so it was ended there."
            raise UpstreamFailed(message, code="server_error")
        return text

    def end(self, info: ModelInfo) -> Finished:
        if self._reason is None:
            message = f"The answer of {info.id} at {info.provider} was cut off. Run the thread again."
            raise UpstreamFailed(message, code="server_error")
        is_call = bool(self._calls) and self._reason == "stop"
        return Finished("tool_calls" if is_call else self._reason, self._usage)


async def _calls_from_text(
    events: AsyncIterator[ModelEvent], tools: tuple[ToolSpec, ...]
) -> AsyncGenerator[ModelEvent]:
    """Hold an answer that looks like a written tool call until it is whole, and turn it into real calls."""
    held = ""
    holds = True
    async for event in events:
        if isinstance(event, TextDelta) and holds:
            held += event.text
            if _may_be_call(held):
                continue
            holds = False
            yield TextDelta(held)
            held = ""
        elif isinstance(event, Finished) and held:
            calls = parse_tool_calls(held, tools)
            for index, (name, arguments) in enumerate(calls):
                yield ToolCallDelta(index, arguments, None, name)
            if calls:
                yield Finished("tool_calls", event.usage)
                return
            yield TextDelta(held)
            yield event
        else:
            yield event


_CALL_OPENINGS = ("<tool_call>", "```json", "```tool_call", "```\n{", "{", "[{")


def _may_be_call(text: str) -> bool:
    start = text.lstrip()
    return any(start.startswith(opening) or opening.startswith(start) for opening in _CALL_OPENINGS)


async def list_model_ids(client: openai.AsyncOpenAI, provider: str) -> list[tuple[str, int, str]]:
    """Ask an endpoint for its models: id, creation time, owner; raises `UpstreamFailed`."""
    with translated(provider, "the list of models"):
        response = await client.models.with_raw_response.list()
        body = object_of(json.loads(response.http_response.text))
        models = [object_of(each) for each in list_of(body.get("data"))[:_MOST_MODELS]]
        ids = [text_of(model.get("id")) for model in models]
        return [
            (model_id, count_of(model.get("created")), text_of(model.get("owned_by")) or provider)
            for model_id, model in zip(ids, models, strict=True)
            if 0 < len(model_id) <= _LONGEST_ID
        ]
