"""Entra ID by a managed identity: the real azure-identity asks a token endpoint on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openai
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.connections.clients import Connections
from app.connections.connection import Connection
from app.connections.failures import translated
from app.errors import UpstreamFailed
from tests.doubles.token_endpoint import TokenEndpoint
from tests.live import serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send

THREAD = {"id": "thread_1", "object": "thread", "created_at": 1, "metadata": {}}


class Service:
    """Takes requests with a token that it does not refuse, and remembers paths and tokens."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.tokens: list[str] = []
        self.refused: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.answer(Request(scope, receive))(scope, receive, send)

    def answer(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        self.paths.append(f"{request.url.path}?{request.url.query}")
        self.tokens.append(token)
        if token in self.refused:
            return JSONResponse({"error": {"code": "401", "message": "The token has expired."}}, 401)
        if request.url.path.endswith("/deployments"):
            return JSONResponse({"value": [{"name": "gpt-4o", "type": "ModelDeployment"}]})
        return JSONResponse(THREAD)


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[TokenEndpoint]:
    made = TokenEndpoint()
    with serve(made) as url:
        for name, value in made.environment(url).items():
            monkeypatch.setenv(name, value)
        yield made


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def address(service: Service) -> Iterator[str]:
    with serve(service) as url:
        yield url


@pytest.fixture
async def connections(engine_app: ASGIApp, address: str) -> AsyncIterator[Connections]:
    offered = [
        Connection("Azure", "azure", address),
        Connection("Government", "azure", address, cloud="government", client_id="11111111-2222"),
        Connection("Foundry", "foundry", f"{address}/api/projects/p"),
    ]
    made = Connections(offered, engine_app=engine_app)
    yield made
    await made.aclose()


@pytest.fixture
def engine_app() -> ASGIApp:
    return Service()


async def test_one_token_serves_many_calls(connections: Connections, service: Service, endpoint: TokenEndpoint) -> None:
    for _ in range(3):
        await connections.client("Azure").beta.threads.create()
    assert service.tokens == ["token-1"] * 3
    assert service.paths[0] == "/openai/threads?api-version=2024-05-01-preview"
    assert "cognitiveservices.azure.com" in endpoint.resources[0]


async def test_another_cloud_and_identity_are_asked_for(
    connections: Connections, service: Service, endpoint: TokenEndpoint
) -> None:
    await connections.client("Government").beta.threads.create()
    assert service.tokens == ["token-1"]
    assert "cognitiveservices.azure.us" in endpoint.resources[0]
    assert "11111111-2222" in endpoint.resources[0]


async def test_a_foundry_project_is_spoken_to_at_its_own_paths(
    connections: Connections, service: Service, endpoint: TokenEndpoint
) -> None:
    await connections.client("Foundry").beta.threads.create()
    assert service.paths == ["/api/projects/p/threads?api-version=v1"]
    assert "ai.azure.com" in endpoint.resources[0]


async def test_a_token_is_renewed_before_it_expires(
    connections: Connections, service: Service, endpoint: TokenEndpoint
) -> None:
    endpoint.lifetime_seconds = 200
    for _ in range(2):
        await connections.client("Azure").beta.threads.create()
    assert service.tokens == ["token-1", "token-2"]


async def test_a_token_refused_in_mid_session_is_replaced_once(
    connections: Connections, service: Service, endpoint: TokenEndpoint
) -> None:
    client = connections.client("Azure")
    await client.beta.threads.create()
    service.refused.add("token-1")
    await client.beta.threads.create(messages=[{"role": "user", "content": "Hi"}])
    assert service.tokens == ["token-1", "token-1", "token-2"]
    service.refused |= {"token-2", "token-3"}
    with pytest.raises(openai.AuthenticationError):
        await client.beta.threads.create()
    assert len(endpoint.given) == 3


async def test_a_refused_token_and_a_missing_one_have_their_own_sentences(
    connections: Connections, service: Service, endpoint: TokenEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connections.get("Azure")
    service.refused |= {"token-1", "token-2"}
    with (
        pytest.raises(UpstreamFailed, match=r"refuses the Entra ID token.*has expired"),
        translated(connection),
    ):
        await connections.client("Azure").beta.threads.create()
    monkeypatch.setenv("IDENTITY_HEADER", "stranger")
    with pytest.raises(UpstreamFailed, match=r"No Entra ID sign-in works.*managed identity"), translated(connection):
        await connections.client("Foundry").beta.threads.create()
    assert len(endpoint.given) == 2
