"""Tests of the built-in model as a provider."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from app.engine.models.builtin.process import ModelProcess
from app.engine.models.builtin.provider import BuiltinProvider, builtin_provider
from app.engine.models.builtin.state import WeightsState
from app.engine.models.builtin.weights import find_weights
from app.engine.models.port import ChatRequest, Finished, TextDelta, TextPart, UserMessage
from app.ids import CountingIds
from tests.engine.models.builtin.conftest import StandIn


def provider_for(choice: str, folder: Path) -> BuiltinProvider:
    return builtin_provider(choice, folder=folder, idle_minutes=1, threads=0, tools="guided", ids=CountingIds())


async def test_model_is_on_offer_when_its_weights_are_here(tmp_path: Path) -> None:
    weights = tmp_path / "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"
    weights.write_bytes(b"GGUF")

    (info,) = await provider_for(str(weights), tmp_path).models()

    assert (info.id, info.note, info.context_window) == ("qwen2.5-coder-1.5b-instruct", "small demo model", 32_768)


@pytest.mark.parametrize(("choice", "status"), [("off", "off"), ("auto", "absent"), ("/nowhere/x.gguf", "failed")])
async def test_nothing_is_on_offer_without_weights(tmp_path: Path, choice: str, status: str) -> None:
    provider = provider_for(choice, tmp_path)

    assert await provider.models() == []
    assert provider.state.status == status


async def test_background_work_ends_at_once_when_switched_off(tmp_path: Path) -> None:
    with anyio.fail_after(5):
        await provider_for("off", tmp_path).run()


async def test_model_answers_and_its_process_ends_with_close(tmp_path: Path, stand_in: StandIn) -> None:
    stand_in.will("Hello")
    path = tmp_path / "tiny.gguf"
    path.write_bytes(b"GGUF")
    process = ModelProcess(lambda: stand_in.command, idle_seconds=60)
    provider = BuiltinProvider(find_weights(str(path), tmp_path), process, CountingIds())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(provider.run)
        (info,) = await provider.models()
        request = ChatRequest(info.id, (UserMessage((TextPart("Hi"),)),))
        events = [event async for event in provider.chat(info).stream(request)]
        assert provider.is_loaded
        tasks.cancel_scope.cancel()
    await provider.close()

    assert [event for event in events if not isinstance(event, TextDelta)] == [events[-1]]
    assert isinstance(events[-1], Finished)
    assert not provider.is_loaded


def test_states_read_as_sentences() -> None:
    assert str(WeightsState("fetching", 50_000_000, 200_000_000)).endswith("is being fetched: 50 of 200 MB.")
    assert str(WeightsState("fetching", 50_000_000)).endswith("50 of ? MB.")
    assert WeightsState("fetching", 50, 200).percent == 25
    assert WeightsState("absent").percent == 0
    assert "switched off" in str(WeightsState("off"))
    assert "not here yet" in str(WeightsState("absent"))
    assert "is ready" in str(WeightsState("ready"))
