"""The providers that settings can name: OpenAI-compatible, Azure OpenAI, Ollama."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx2
import openai
from anyio import to_thread

from app.engine.models.bounds import bounded_client
from app.engine.models.chat import CompletionsModel, list_model_ids
from app.engine.models.port import ChatModel, ModelInfo
from app.errors import UpstreamFailed

HOSTED_WINDOW = 128_000
OLLAMA_WINDOW = 8_192
"""Context windows where a provider does not tell; history is fitted to them."""

_ENTRA_SCOPE = "https://cognitiveservices.azure.com/.default"
_NOT_CHAT = ("embedding", "whisper", "tts", "dall-e", "moderation", "image", "realtime", "transcribe", "audio")
_TIMEOUT = httpx2.Timeout(120.0, connect=10.0)
_PROBE_TIMEOUT = httpx2.Timeout(1.0)


@dataclass(frozen=True, slots=True)
class OpenAICompatible:
    """An endpoint that lists its models and completes chats."""

    name: str
    client: openai.AsyncOpenAI
    context_window: int = HOSTED_WINDOW
    reads_text_calls: bool = False

    async def models(self) -> list[ModelInfo]:
        """List the endpoint's chat models; raises `UpstreamFailed`."""
        found = await list_model_ids(self.client, self.name)
        return [
            ModelInfo(model_id, self.name, self.context_window, created, owner, sees_images=True)
            for model_id, created, owner in found
            if not any(word in model_id.lower() for word in _NOT_CHAT)
        ]

    def chat(self, info: ModelInfo) -> ChatModel:
        """Return the model that `models` described."""
        return CompletionsModel(info, self.client, self.reads_text_calls)

    async def aclose(self) -> None:
        """Close the connections."""
        await self.client.close()


@dataclass(frozen=True, slots=True)
class AzureDeployments:
    """The deployments of an Azure OpenAI resource; Azure's data plane can't list them, so settings do."""

    client: openai.AsyncAzureOpenAI
    deployments: tuple[str, ...]
    context_window: int = HOSTED_WINDOW
    name: str = "Azure OpenAI"

    async def models(self) -> list[ModelInfo]:
        """List the deployments that settings name; raises `UpstreamFailed` when they name none."""
        if not self.deployments:
            message = "Azure OpenAI is configured without deployments. Set AZURE_OPENAI_DEPLOYMENT_NAME."
            raise UpstreamFailed(message, code="server_error")
        return [
            ModelInfo(name, self.name, self.context_window, owned_by="azure-openai", sees_images=True)
            for name in self.deployments
        ]

    def chat(self, info: ModelInfo) -> ChatModel:
        """Return the deployment that `models` described."""
        return CompletionsModel(info, self.client)

    async def aclose(self) -> None:
        """Close the connections."""
        await self.client.close()


@dataclass(slots=True)
class Ollama:
    """Ollama on this machine, offered while it answers."""

    base_url: str
    context_window: int = OLLAMA_WINDOW
    name: str = "Ollama"
    _inner: OpenAICompatible = field(init=False)

    def __post_init__(self) -> None:
        client = openai.AsyncOpenAI(
            base_url=self.base_url,
            api_key="ollama",
            timeout=_TIMEOUT,
            max_retries=0,
            http_client=bounded_client(),
        )
        self._inner = OpenAICompatible(self.name, client, self.context_window, reads_text_calls=True)

    async def models(self) -> list[ModelInfo]:
        """List Ollama's models; none when it does not run here."""
        try:
            async with (
                httpx2.AsyncClient(timeout=_PROBE_TIMEOUT, trust_env=False) as client,
                client.stream("GET", self.base_url.rstrip("/") + "/models"),
            ):
                pass  # That there is an answer is enough.
        except httpx2.HTTPError:
            return []
        return await self._inner.models()

    @property
    def client(self) -> openai.AsyncOpenAI:
        """The connection to Ollama."""
        return self._inner.client

    def chat(self, info: ModelInfo) -> ChatModel:
        """Return the model that `models` described."""
        return self._inner.chat(info)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


ConfiguredProvider = OpenAICompatible | AzureDeployments | Ollama
"""A provider that settings name; it is closed with the application."""


def openai_provider(api_key: str | None, base_url: str | None, context_window: int | None) -> OpenAICompatible:
    """Make the provider of `OPENAI_API_KEY` and `OPENAI_BASE_URL`; either may be missing."""
    client = openai.AsyncOpenAI(
        api_key=api_key or "none",
        base_url=base_url or "https://api.openai.com/v1",
        timeout=_TIMEOUT,
        max_retries=1,
        http_client=bounded_client(),
    )
    host = urlsplit(base_url).netloc if base_url else ""
    name = f"OpenAI-compatible ({host})" if host else "OpenAI"
    return OpenAICompatible(name, client, context_window or HOSTED_WINDOW, reads_text_calls=bool(host))


def azure_provider(
    endpoint: str, api_key: str | None, deployments: tuple[str, ...], api_version: str, context_window: int | None
) -> AzureDeployments:
    """Make the provider of an Azure OpenAI resource, with its key or with Entra ID."""
    client = openai.AsyncAzureOpenAI(
        azure_endpoint=endpoint,
        api_version=api_version,
        api_key=api_key,
        azure_ad_token_provider=None if api_key else _entra_tokens(),
        timeout=_TIMEOUT,
        max_retries=1,
        http_client=bounded_client(),
    )
    return AzureDeployments(client, deployments, context_window or HOSTED_WINDOW)


def _entra_tokens() -> Callable[[], Awaitable[str]]:
    """Return a source of Entra ID tokens; the credential caches and renews them itself."""
    # Only who needs it pays for it: a third of a second and 10 MB.
    from azure.core.exceptions import ClientAuthenticationError  # noqa: PLC0415
    from azure.identity import CredentialUnavailableError, DefaultAzureCredential  # noqa: PLC0415

    credential = DefaultAzureCredential()

    async def token() -> str:
        try:
            return (await to_thread.run_sync(credential.get_token, _ENTRA_SCOPE)).token
        except (ClientAuthenticationError, CredentialUnavailableError) as exc:
            message = "Azure OpenAI: no Entra ID credential works here. Sign in with `az login`, or set a key."
            raise UpstreamFailed(message, code="server_error") from exc

    return token
