"""The guided adapter: a small model acts as one that masters tools, since forms confine what it writes."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Protocol, assert_never

from app.engine.models.builtin.completion import Completer, Completion, Piece, StopCause
from app.engine.models.builtin.conversation import code_tool
from app.engine.models.builtin.planning import Action, Call, Choose, Draft, Reply, action_of, plan
from app.engine.models.builtin.routing import routing_completion
from app.engine.models.builtin.writing import calls_completion, code_completion, reply_completion
from app.engine.models.port import (
    ChatRequest,
    Finished,
    FinishReason,
    ModelEvent,
    ModelInfo,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from app.ids import IdMaker


class Engine(Protocol):
    """Lends the model to one user at a time."""

    def use(self) -> AbstractAsyncContextManager[Completer]:
        """Wait for the model, load it where needed, and lend it."""
        ...


class GuidedChatModel:
    """A `ChatModel` over raw completions."""

    def __init__(self, info: ModelInfo, engine: Engine, ids: IdMaker) -> None:
        self._info = info
        self._engine = engine
        self._ids = ids

    @property
    def info(self) -> ModelInfo:
        """What is known about the model."""
        return self._info

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ModelEvent, None]:
        """Answer `request`: decide, then write a program, function calls or the answer."""
        async with self._engine.use() as completer:
            writer = _Writer(completer, self._ids, request)
            action = await writer.decide(plan(request))
            async with aclosing(writer.write(action)) as events:
                async for event in events:
                    yield event


class _Writer:
    """Writes one turn and counts its tokens."""

    def __init__(self, completer: Completer, ids: IdMaker, request: ChatRequest) -> None:
        self._completer = completer
        self._ids = ids
        self._request = request
        self._usage = Usage()
        self._cause: StopCause = "eos"

    async def decide(self, planned: Choose | Action) -> Action:
        if not isinstance(planned, Choose):
            return planned
        choice = await self._complete(routing_completion(self._request, planned.options))
        return action_of(self._request, choice.strip(), planned.done)

    async def write(self, action: Action) -> AsyncGenerator[ModelEvent, None]:
        match action:
            case Draft():
                events = self._write_code(action)
            case Call():
                events = self._write_calls(action)
            case Reply():
                events = self._write_reply(action)
            case _:
                assert_never(action)
        async with aclosing(events):
            async for event in events:
                yield event

    async def _write_code(self, draft: Draft) -> AsyncGenerator[ModelEvent, None]:
        tool = code_tool(self._request.tools)
        head, completion = code_completion(self._request, draft)
        name = tool.name if tool is not None else "code_interpreter"
        yield ToolCallDelta(0, '{"code": "' + _escape(head), id=self._ids.new("call_"), name=name)
        async with aclosing(self._pieces(completion)) as pieces:
            async for piece in pieces:
                if piece.text:
                    yield ToolCallDelta(0, _escape(piece.text))
        yield ToolCallDelta(0, '"}')
        yield self._finished("tool_calls")

    async def _write_calls(self, call: Call) -> AsyncGenerator[ModelEvent, None]:
        index = 0
        for tool in call.tools:
            text = await self._complete(calls_completion(self._request, tool))
            for arguments in _distinct(text):
                yield ToolCallDelta(index, arguments, id=self._ids.new("call_"), name=tool.name)
                index += 1
        yield self._finished("tool_calls")

    async def _write_reply(self, reply: Reply) -> AsyncGenerator[ModelEvent, None]:
        opening, completion = reply_completion(self._request, reply)
        if opening:
            yield TextDelta(opening)
        async with aclosing(self._pieces(completion)) as pieces:
            async for piece in pieces:
                if piece.text:
                    yield TextDelta(piece.text)
        yield self._finished("length" if self._cause == "limit" else "stop")

    async def _complete(self, completion: Completion) -> str:
        async with aclosing(self._pieces(completion)) as pieces:
            return "".join([piece.text async for piece in pieces])

    async def _pieces(self, completion: Completion) -> AsyncGenerator[Piece, None]:
        async with aclosing(self._completer.stream(completion)) as pieces:
            async for piece in pieces:
                self._count(piece)
                yield piece

    def _count(self, piece: Piece) -> None:
        if piece.cause is not None:
            self._cause = piece.cause
            self._usage = Usage(
                self._usage.prompt_tokens + piece.prompt_tokens,
                self._usage.completion_tokens + piece.completion_tokens,
            )

    def _finished(self, reason: FinishReason) -> Finished:
        return Finished(reason, self._usage)


def _escape(text: str) -> str:
    """Return `text` as the inside of a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _distinct(text: str) -> list[str]:
    """Return the argument objects of a JSON list, each once; an unfinished list is one call without arguments."""
    try:
        items = json.loads(text)
    except ValueError:
        return ["{}"]
    return list(dict.fromkeys(json.dumps(item, ensure_ascii=False) for item in items))
