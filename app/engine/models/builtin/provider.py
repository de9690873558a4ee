"""The built-in model as a provider: on offer when its weights are here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import anyio

from app.engine.models.builtin.guided import GuidedChatModel
from app.engine.models.builtin.native import NativeChatModel
from app.engine.models.builtin.process import ModelProcess, serve_command
from app.engine.models.builtin.state import WeightsState
from app.engine.models.builtin.weights import WeightsFile, find_weights
from app.engine.models.port import ChatModel, ModelInfo
from app.ids import IdMaker

_MOST_THREADS = 8

ToolProtocol = Literal["guided", "native"]
"""How a local model calls tools: guided by grammars, or by its own template."""


class BuiltinProvider:
    """Offers one local model; `run` fetches and unloads it in the background, `close` ends its process."""

    name = "Built-in model"

    def __init__(
        self, weights: WeightsFile | None, process: ModelProcess, ids: IdMaker, tools: ToolProtocol = "guided"
    ) -> None:
        self._weights = weights
        self._process = process
        self._ids = ids
        self._tools = tools

    @property
    def state(self) -> WeightsState:
        """How far the weights are, for the page and the terminal."""
        return self._weights.state if self._weights is not None else WeightsState("off")

    @property
    def model_id(self) -> str | None:
        """The id that the model goes by, also while its weights are on their way."""
        return self._weights.model.id if self._weights is not None else None

    @property
    def is_loaded(self) -> bool:
        """Tell whether the model is in memory."""
        return self._process.is_loaded

    async def models(self) -> list[ModelInfo]:
        """List the model when its weights are here."""
        if self._weights is None or self.state.status != "ready":
            return []
        model = self._weights.model
        return [ModelInfo(model.id, self.name, model.context, owned_by="builtin", note=model.note)]

    def chat(self, info: ModelInfo) -> ChatModel:
        """Return the model, guided or with its own tool calls as the setting says."""
        if self._tools == "native":
            return NativeChatModel(info, self._process)
        return GuidedChatModel(info, self._process, self._ids)

    async def run(self) -> None:
        """Fetch the weights, and unload the model when it is idle; runs until it is cancelled."""
        if self._weights is None:
            return
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._weights.fetch)
            tasks.start_soon(self._process.unload_when_idle)

    async def close(self) -> None:
        """End the model's process."""
        await self._process.close()


def builtin_provider(
    choice: str, *, folder: Path, idle_minutes: float, threads: int, tools: ToolProtocol, ids: IdMaker
) -> BuiltinProvider:
    """Return the provider for BUILTIN_MODEL=`choice`; weights are kept in `folder`, 0 threads means all cores."""
    weights = find_weights(choice, folder)
    count = threads or min(os.cpu_count() or 1, _MOST_THREADS)

    def command() -> list[str]:
        if weights is None:
            return []
        return serve_command(weights.path, context=weights.model.context, threads=count)

    template = weights.model.template if weights is not None else "own"
    process = ModelProcess(command, idle_seconds=idle_minutes * 60, template=template)
    return BuiltinProvider(weights, process, ids, tools)
