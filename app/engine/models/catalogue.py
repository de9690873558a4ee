"""All models on offer, from every provider that is configured."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import anyio

from app.engine.models.port import ChatModel, ModelInfo, Provider
from app.errors import InvalidRequest, UpstreamFailed

_FRESH_SECONDS = 20.0
_ASK_SECONDS = 10.0


@dataclass(slots=True)
class ProviderState:
    """What a provider said last: its models, or why it could not be asked."""

    provider: Provider
    models: list[ModelInfo] = field(default_factory=list)
    error: UpstreamFailed | None = None
    asked_at: float | None = None


class Catalogue:
    """Finds the model that serves a name.

    A name that is on offer is served by its provider. Another name is served by `default_model`, or by the first
    model available; with `strict` it is refused. While a provider that might offer the name can't be asked, its error
    is raised instead, so that nobody is answered by another model because a service is down. Every model is given
    through `followed`, which may watch its calls.
    """

    def __init__(
        self,
        providers: Sequence[Provider],
        *,
        default_model: str | None = None,
        strict: bool = False,
        followed: Callable[[ChatModel], ChatModel] = lambda model: model,
    ) -> None:
        self._states = [ProviderState(provider) for provider in providers]
        self._default_model = default_model
        self._strict = strict
        self._followed = followed
        self._lock = anyio.Lock()

    def add(self, provider: Provider) -> None:
        """Offer the models of one more provider, in place of one that has its name."""
        others = [state for state in self._states if state.provider.name != provider.name]
        self._states = [ProviderState(provider), *others]

    async def states(self) -> list[ProviderState]:
        """Return what each provider says, asked again when the last answer is older than 20 s."""
        if any(_is_stale(state) for state in self._states):
            async with self._lock, anyio.create_task_group() as group:
                for state in filter(_is_stale, self._states):
                    group.start_soon(_ask, state)
        return list(self._states)

    def last_states(self) -> list[ProviderState]:
        """Return what each provider said last, without asking."""
        return list(self._states)

    def expire(self) -> None:
        """Ask every provider again at the next call, because something changed."""
        for state in self._states:
            state.asked_at = None

    async def models(self) -> list[ModelInfo]:
        """List all models on offer; of two with one name, the first provider's."""
        seen: dict[str, ModelInfo] = {}
        for state in await self.states():
            for info in state.models:
                seen.setdefault(info.id, info)
        return list(seen.values())

    async def check(self, name: str) -> None:
        """Refuse a name that nobody offers, when names are strict; raises `InvalidRequest`."""
        if self._strict and await self._find(name) is None:
            raise _unknown_model(name)

    async def resolve(self, name: str) -> ChatModel:
        """Return the model that serves `name`; raises `UpstreamFailed` or `InvalidRequest`."""
        found = await self._find(name)
        if found is None and self._strict:
            raise _unknown_model(name)
        if found is None:
            found = await self._stand_in(name)
        state, info = found
        return self._followed(state.provider.chat(info))

    async def stand_in(self) -> ChatModel:
        """Return the model that serves unknown names, for the server's own needs; raises `UpstreamFailed`."""
        await self.states()
        state, info = await self._stand_in("any model")
        return self._followed(state.provider.chat(info))

    async def _find(self, name: str) -> tuple[ProviderState, ModelInfo] | None:
        for state in await self.states():
            for info in state.models:
                if info.id == name:
                    return state, info
        return None

    async def _stand_in(self, name: str) -> tuple[ProviderState, ModelInfo]:
        for state in self._states:
            if state.error is not None:
                raise state.error
        if self._default_model is not None and (found := await self._find(self._default_model)) is not None:
            return found
        for state in self._states:
            if state.models:
                return state, state.models[0]
        raise UpstreamFailed(
            f"No model is available to answer as '{name}'. Set OPENAI_API_KEY, AZURE_OPENAI_ENDPOINT or start Ollama, "
            "or wait until the built-in model is downloaded.",
            code="server_error",
        )


def _is_stale(state: ProviderState) -> bool:
    return state.asked_at is None or time.monotonic() - state.asked_at > _FRESH_SECONDS


async def _ask(state: ProviderState) -> None:
    try:
        with anyio.fail_after(_ASK_SECONDS):
            state.models = await state.provider.models()
        state.error = None
    except UpstreamFailed as error:
        state.models, state.error = [], error
    except TimeoutError:
        message = f"{state.provider.name} did not list its models within {_ASK_SECONDS:.0f} s. Is it reachable?"
        state.models, state.error = [], UpstreamFailed(message, code="server_error")
    state.asked_at = time.monotonic()


def _unknown_model(name: str) -> InvalidRequest:
    return InvalidRequest(f"The requested model '{name}' does not exist.", code="model_not_found", param="model")
