"""The local model with its own tool calls: for larger GGUF files, which master them without being guided."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import openai

from app.engine.models.builtin.completion import ServerCompleter
from app.engine.models.builtin.process import ModelProcess
from app.engine.models.chat import CompletionsModel
from app.engine.models.port import ChatRequest, ModelEvent, ModelInfo

_READ_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class NativeChatModel:
    """Speaks Chat Completions with the model's process, as with any other endpoint."""

    info: ModelInfo
    process: ModelProcess

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ModelEvent]:
        """Answer `request`; raises `UpstreamFailed`."""
        async with self.process.use() as completer:
            assert isinstance(completer, ServerCompleter)
            client = openai.AsyncOpenAI(
                base_url=f"{completer.url}/v1", api_key=completer.key, timeout=_READ_SECONDS, max_retries=0
            )
            async with client:
                async for event in CompletionsModel(self.info, client, reads_text_calls=True).stream(request):
                    yield event
