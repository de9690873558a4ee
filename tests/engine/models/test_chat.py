"""The Chat Completions adapter, against a real endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.engine.models.chat import CompletionsModel
from app.engine.models.port import (
    ChatRequest,
    Finished,
    ModelEvent,
    TextDelta,
    TextPart,
    ToolCallDelta,
    ToolSpec,
    Usage,
    UserMessage,
)
from app.engine.models.providers import OpenAICompatible, azure_provider, openai_provider
from app.errors import UpstreamFailed
from tests.doubles.scripted_model import MODEL, create_scripted_model
from tests.live import serve

PYTHON = ToolSpec("code_interpreter", "python", "Runs code.", {"type": "object"})


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serve(create_scripted_model()) as url:
        yield url


async def answer(provider: OpenAICompatible, text: str, **options: Any) -> list[ModelEvent]:
    (info,) = await provider.models()
    model = provider.chat(info)
    assert isinstance(model, CompletionsModel)
    request = ChatRequest(MODEL, (UserMessage((TextPart(text),)),), **options)
    try:
        return [event async for event in model.stream(request)]
    finally:
        await provider.aclose()


async def test_text_arrives_in_pieces_and_ends_with_usage(url: str) -> None:
    events = await answer(openai_provider("key", f"{url}/v1", None), "!say Hello there")
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "Hello there"
    assert events[-1] == Finished("stop", Usage(120, 40))


async def test_a_tool_call_names_itself_once(url: str) -> None:
    events = await answer(openai_provider("key", f"{url}/v1", None), "!code print(1)", tools=(PYTHON,))
    deltas = [event for event in events if isinstance(event, ToolCallDelta)]
    assert [delta.name for delta in deltas if delta.name] == ["python"]
    assert "".join(delta.arguments for delta in deltas) == '{"code": "print(1)"}'


async def test_a_call_written_as_text_becomes_a_real_one(url: str) -> None:
    written = '!say {"name": "python", "arguments": {"code": "print(1)"}}'
    events = await answer(openai_provider("key", f"{url}/v1", None), written, tools=(PYTHON,))
    (delta,) = [event for event in events if isinstance(event, ToolCallDelta)]
    assert delta.name == "python"
    assert events[-1] == Finished("tool_calls", Usage(120, 40))


async def test_json_that_is_no_call_stays_text(url: str) -> None:
    events = await answer(openai_provider("key", f"{url}/v1", None), '!say {"answer": 42}', tools=(PYTHON,))
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == '{"answer": 42}'


@pytest.mark.parametrize(
    ("script", "code", "words"),
    [
        ("!fail 401", "server_error", "refused the key"),
        ("!fail 429", "rate_limit_exceeded", "limiting requests"),
        ("!fail 400", "invalid_prompt", "refused the request"),
        ("!fail 404", "server_error", "does not know"),
        ("!cut", "server_error", "cut off"),
    ],
)
async def test_failures_name_the_provider_the_cause_and_the_code(url: str, script: str, code: str, words: str) -> None:
    with pytest.raises(UpstreamFailed, match=words) as caught:
        await answer(openai_provider("secret-key", f"{url}/v1", None), script)
    assert caught.value.code == code
    assert "secret-key" not in caught.value.message


async def test_a_provider_that_is_down_says_so() -> None:
    provider = openai_provider("key", "http://127.0.0.1:9/v1", None)
    with pytest.raises(UpstreamFailed, match="can't be reached"):
        await provider.models()
    await provider.aclose()


async def test_azure_lists_the_deployments_that_settings_name() -> None:
    provider = azure_provider("http://127.0.0.1:9", "key", ("gpt-4o", "gpt-4-1106-preview"), "2024-10-21", None)
    assert [info.id for info in await provider.models()] == ["gpt-4o", "gpt-4-1106-preview"]
    await provider.aclose()
