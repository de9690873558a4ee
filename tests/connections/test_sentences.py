"""Each way in which a remote service fails has its own sentence, with the next step."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

import httpx2
import openai
import pytest

from app.connections.clients import Connections
from app.connections.connection import Connection
from app.connections.failures import translated
from app.connections.sentences import SHUT_DOWN
from app.errors import AppError, NotFound, UpstreamFailed
from tests.live import serve

if TYPE_CHECKING:
    from starlette.applications import Starlette

REQUEST = httpx2.Request("GET", "https://service.example/v1/assistants")
AZURE = Connection("A", "azure", "https://service.example", api_key="k")
ENTRA = Connection("E", "azure", "https://service.example", cloud="government")
FOUNDRY = Connection("F", "foundry", "https://service.example/api/projects/p")
OTHER = Connection("O", "compatible", "https://service.example/v1")


def refusal(status: int, message: str = "", code: str | None = None) -> openai.APIStatusError:
    headers = {"retry-after": "7"} if status == 429 else {}
    response = httpx2.Response(status, request=REQUEST, headers=headers)
    return openai.APIStatusError("raw", response=response, body={"message": message, "code": code})


def silence(cause: Exception) -> openai.APIConnectionError:
    error = openai.APIConnectionError(request=REQUEST)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("connection", "error", "sentence"),
    [
        (AZURE, refusal(401), r"refuses the key of 'A'\. An owner can enter another one"),
        (OTHER, refusal(401), "asks for a key"),
        (ENTRA, refusal(401, "expired"), r"Entra ID token.*az login.*cloud \(government\).*expired"),
        (FOUNDRY, refusal(403), "role Azure AI User"),
        (AZURE, refusal(403), "which networks"),
        (AZURE, refusal(404, "The API deployment is gone", "DeploymentNotFound"), "deployment does not exist.*setup"),
        (
            Connection("V", "azure", "https://a.example", "2024-5"),
            refusal(404),
            "does not know the api-version '2024-5'",
        ),
        (AZURE, refusal(404, "Resource not found"), SHUT_DOWN),
        (OTHER, refusal(404, "Resource not found"), "no Assistants API at https://service.example/v1"),
        (OTHER, refusal(429), "asks to wait 7 seconds"),
        (OTHER, refusal(500, "Boom"), "failed with status 500.*Boom"),
        (OTHER, silence(socket.gaierror(-2, "Name or service not known")), "can't be found.*DNS"),
        (OTHER, silence(ssl.SSLCertVerificationError(1, "self-signed")), "certificate.*SSL_CERT_FILE"),
        (OTHER, silence(httpx2.ConnectTimeout("")), "firewall"),
        (OTHER, silence(httpx2.ReadTimeout("")), "silent for too long"),
        (OTHER, silence(httpx2.ConnectError("All connection attempts failed")), "Nothing listens"),
        (OTHER, silence(httpx2.ReadError("")), "broke"),
    ],
)
def test_a_failure_has_its_own_sentence(connection: Connection, error: openai.APIError, sentence: str) -> None:
    with pytest.raises(AppError, match=sentence), translated(connection):
        raise error


def test_an_unknown_id_stays_the_services_own_sentence() -> None:
    with pytest.raises(NotFound, match=r"^No thread found with id 'thread_1'\.$"), translated(AZURE):
        raise refusal(404, "No thread found with id 'thread_1'.")


def test_a_refused_key_of_the_server_is_not_the_persons_sign_in() -> None:
    with pytest.raises(UpstreamFailed), translated(AZURE):
        raise refusal(401)


@pytest.mark.parametrize(
    ("scheme", "host", "sentence"),
    [
        ("http", "nowhere.invalid", "can't be found"),
        ("https", "", "TLS fails"),
        ("http", "127.0.0.1:9", "Nothing listens"),
    ],
)
async def test_real_networks_fail_with_their_sentence(app: Starlette, scheme: str, host: str, sentence: str) -> None:
    with serve(app) as url:
        address = host or url.removeprefix("http://")
        connection = Connection("Real", "compatible", f"{scheme}://{address}/v1")
        connections = Connections([connection], engine_app=app)
        with pytest.raises(UpstreamFailed, match=sentence), translated(connection):
            await connections.client("Real").beta.assistants.list()
        await connections.aclose()
