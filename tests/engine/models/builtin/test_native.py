from __future__ import annotations

from app.engine.models.builtin.native import NativeChatModel
from app.engine.models.builtin.process import ModelProcess
from app.engine.models.port import (
    ChatRequest,
    Finished,
    ModelInfo,
    TextDelta,
    TextPart,
    ToolCallDelta,
    ToolSpec,
    UserMessage,
)
from tests.engine.models.builtin.conftest import StandIn

INFO = ModelInfo("local", "Built-in model", 8_000)
PYTHON = ToolSpec("code_interpreter", "python", "Runs code.", {"type": "object"})


def request(*tools: ToolSpec) -> ChatRequest:
    return ChatRequest("local", (UserMessage((TextPart("Hello"),)),), tools=tools)


async def test_answers_come_from_the_process(process: ModelProcess, stand_in: StandIn) -> None:
    stand_in.will("Good morning")
    events = [event async for event in NativeChatModel(INFO, process).stream(request())]
    assert events == [TextDelta("Good morning"), Finished("stop")]
    assert stand_in.requests[0]["messages"] == [{"role": "user", "content": "Hello"}]


async def test_tool_calls_written_as_text_are_read(process: ModelProcess, stand_in: StandIn) -> None:
    stand_in.will('{"name": "python", "arguments": {"code": "1"}}')
    events = [event async for event in NativeChatModel(INFO, process).stream(request(PYTHON))]
    assert events == [ToolCallDelta(0, '{"code": "1"}', None, "python"), Finished("tool_calls")]
