"""The engine's parts, as the settings name them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.connections.connection import Connection, with_defaults
from app.engine.models.builtin.minilm import MiniLm
from app.engine.models.builtin.provider import BuiltinProvider, builtin_provider
from app.engine.models.embeddings import Embedder
from app.engine.models.provider_embeddings import ProviderEmbedder
from app.engine.models.providers import ConfiguredProvider, Ollama, azure_provider, openai_provider
from app.engine.store.bucket import Bucket
from app.engine.tools.code_interpreter.interpreter import SandboxedInterpreter
from app.engine.tools.code_interpreter.limits import Limits
from app.ids import RandomIds
from app.loopback import is_loopback
from app.settings import Settings


def blob_bucket(settings: Settings) -> Bucket | None:
    """Address the bucket that settings name, if they name one; raises `InvalidRequest`."""
    if settings.blob_store_url is None:
        return None
    secrets = {
        "access_key_id": settings.aws_access_key_id,
        "secret_access_key": settings.aws_secret_access_key and settings.aws_secret_access_key.get_secret_value(),
        "session_token": settings.aws_session_token and settings.aws_session_token.get_secret_value(),
    }
    given = {name: secret for name, secret in secrets.items() if secret}
    return Bucket(settings.blob_store_url, endpoint=settings.aws_endpoint_url, region=settings.aws_region, **given)


def embedder_of(settings: Settings, configured: Sequence[ConfiguredProvider]) -> Embedder | None:
    """Return the first provider's model where settings name one, else the built-in model."""
    if settings.embeddings == "off":
        return None
    if settings.embedding_model is not None and configured:
        return ProviderEmbedder(settings.embedding_model, configured[0].name, configured[0].client)
    is_off = settings.embeddings == "auto" and settings.builtin_model == "off"
    return None if is_off else MiniLm(settings.data_dir / "models")


def configured_providers(settings: Settings) -> list[ConfiguredProvider]:
    """Make the providers that settings name, in the order in which the first available model is looked for."""
    providers: list[ConfiguredProvider] = []
    window = settings.model_context_tokens
    if settings.openai_api_key is not None or settings.openai_base_url is not None:
        key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
        providers.append(openai_provider(key, settings.openai_base_url, window))
    if settings.azure_openai_endpoint is not None:
        secret = settings.azure_openai_api_key
        providers.append(
            azure_provider(
                settings.azure_openai_endpoint,
                secret.get_secret_value() if secret else None,
                settings.azure_openai_deployment_name,
                settings.openai_api_version,
                window,
            )
        )
    if settings.ollama_base_url.lower() != "off":
        providers.append(Ollama(settings.ollama_base_url, window) if window else Ollama(settings.ollama_base_url))
    return providers


def provider_of(connection: Connection, window: int | None) -> ConfiguredProvider:
    """Make a provider of a connection's models, under the connection's name."""
    if connection.kind == "azure":
        base_url, version = with_defaults(connection)
        azure = azure_provider(base_url, connection.api_key, connection.deployments, version or "", window)
        return replace(azure, name=connection.name)
    return replace(openai_provider(connection.api_key, connection.base_url, window), name=connection.name)


def builtin_model(settings: Settings) -> BuiltinProvider:
    """Make the built-in model's provider; nothing is fetched before it runs."""
    return builtin_provider(
        settings.builtin_model,
        folder=settings.data_dir / "models",
        idle_minutes=settings.builtin_model_idle_minutes,
        threads=settings.builtin_model_threads,
        tools=settings.builtin_model_tools,
        ids=RandomIds(),
    )


def code_interpreter(settings: Settings, work_folder: Path) -> SandboxedInterpreter:
    """Make the code interpreter; no sandbox is tried before it starts."""
    return SandboxedInterpreter(
        choice=settings.sandbox,
        python=settings.sandbox_python,
        wasm_python=settings.sandbox_wasm_python,
        work_folder=work_folder,
        limits=Limits(memory_mb=settings.sandbox_memory_mb, cell_seconds=settings.sandbox_cell_seconds),
        is_unsafe_confirmed=bool(settings.sandbox_unsafe) and is_loopback(settings.host),
    )
