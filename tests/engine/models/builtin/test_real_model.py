"""Tests with the real weights, where they are on this machine."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.engine.models.builtin.catalogue import QWEN_CODER
from app.engine.models.builtin.provider import BuiltinProvider, builtin_provider
from app.engine.models.port import ChatRequest, Finished, TextDelta, TextPart, ToolCallDelta, ToolSpec, UserMessage
from app.ids import RandomIds
from app.settings import ROOT

_PLACES = (os.environ.get("BUILTIN_MODEL", ""), str(ROOT / "data" / "models" / QWEN_CODER.file_name))
WEIGHTS = next((Path(place) for place in _PLACES if place and Path(place).is_file()), None)

pytestmark = [
    pytest.mark.model,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        WEIGHTS is None, reason="the built-in model's weights are not here: start the server once, or set BUILTIN_MODEL"
    ),
]

PYTHON = ToolSpec("code_interpreter", "python", "Runs Python", {"type": "object"})


@pytest.fixture
async def provider(tmp_path: Path) -> AsyncIterator[BuiltinProvider]:
    made = builtin_provider(str(WEIGHTS), folder=tmp_path, idle_minutes=5, threads=2, tools="guided", ids=RandomIds())
    yield made
    await made.close()


async def test_calculation_becomes_a_program(provider: BuiltinProvider) -> None:
    (info,) = await provider.models()
    request = ChatRequest(info.id, (UserMessage((TextPart("What is 12345 times 6789?"),)),), (PYTHON,))

    events = [event async for event in provider.chat(info).stream(request)]

    assert "print(" in "".join(event.arguments for event in events if isinstance(event, ToolCallDelta))
    assert isinstance(events[-1], Finished)


async def test_greeting_is_answered_in_words(provider: BuiltinProvider) -> None:
    (info,) = await provider.models()
    request = ChatRequest(info.id, (UserMessage((TextPart("Hello there!"),)),), (PYTHON,))

    events = [event async for event in provider.chat(info).stream(request)]

    assert any(isinstance(event, TextDelta) for event in events)
    assert not any(isinstance(event, ToolCallDelta) for event in events)
