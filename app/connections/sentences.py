"""What a failed call means for a person: what happened, to which connection, and what to do next."""

from __future__ import annotations

import re
import socket
import ssl
from typing import TYPE_CHECKING, Final

import httpx2
import openai

from app.connections.answers import StrangeAnswerError
from app.connections.connection import KIND_LABELS
from app.connections.entra import NoTokenError
from app.connections.remote import NotAServiceError, TooLongError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.connections.connection import Connection

SHUT_DOWN: Final = "OpenAI switched its Assistants API off on 2026-08-26; run the same models on the built-in engine."
_VERSION: Final = re.compile(r"\d{4}-\d{2}-\d{2}(-preview)?|v1|preview|latest")
_NAMES_NOTHING: Final = re.compile(
    r"\bno\b.*\bfound\b|does not exist|couldn't find|(?<!resource )not found", re.IGNORECASE
)
_LONGEST: Final = 300


def of_status(connection: Connection, error: openai.APIStatusError) -> str:
    """Return the sentence for an answer that refuses."""
    said = said_by(error)
    match error.status_code:
        case 401:
            return f"{_refused(connection)}{_quoted(said)}"
        case 403:
            return f"{_forbidden(connection)}{_quoted(said)}"
        case 404:
            return of_missing(connection, error, said)
        case 429:
            return f"{connection.host} asks to wait{_wait(error)}: too many requests or tokens.{_quoted(said)}"
        case status if said:
            return f"{said}" if status < 500 else f"{connection.host} failed with status {status}.{_quoted(said)}"  # noqa: PLR2004
        case status:
            return f"{connection.host} answered with status {status}{_page(error)}. Try again in a moment."


def of_missing(connection: Connection, error: openai.APIStatusError, said: str) -> str:
    """Return the sentence for a 404: an unknown id, an unknown deployment, or an API that is not there."""
    if error.code in {"DeploymentNotFound", "model_not_found"} or "deployment" in said.lower():
        return f"The deployment does not exist on {connection.host}. Choose another one in the setup.{_quoted(said)}"
    if _NAMES_NOTHING.search(said):
        return said
    if is_wrong_version(connection, said):
        return (
            f"{connection.host} does not know the api-version '{connection.api_version}'. "
            f"An owner can change it under Connections.{_quoted(said)}"
        )
    if is_switched_off(connection):
        return SHUT_DOWN
    return f"There is no Assistants API at {connection.base_url}. Check the address and the api-version.{_quoted(said)}"


def is_wrong_version(connection: Connection, said: str) -> bool:
    """Tell whether the api-version is what the service does not know."""
    version = connection.api_version
    return version is not None and (not _VERSION.fullmatch(version) or "api-version" in said or "API version" in said)


def is_switched_off(connection: Connection) -> bool:
    """Tell whether the service is one of those that OpenAI and Microsoft switched off."""
    return connection.kind in {"openai", "azure"}


def of_silence(connection: Connection, error: BaseException) -> str:
    """Return the sentence for a call that got no answer."""
    told = (_of_cause(connection, cause) for cause in _causes(error))
    return next((sentence for sentence in told if sentence), "") or _unreachable(connection, error)


def _of_cause(connection: Connection, cause: BaseException) -> str:
    host = connection.host
    match cause:
        case NoTokenError():
            return _no_token(connection, str(cause))
        case ssl.SSLError():
            return _untrusted(connection, cause)
        case StrangeAnswerError():
            sentence = of_strange(connection, str(cause))
        case NotAServiceError():
            sentence = f"{host} answers with a web page, not with the Assistants API. Check the address."
        case socket.gaierror():
            sentence = f"The name {host} can't be found. Check the address and the network's DNS."
        case httpx2.ConnectTimeout():
            sentence = f"{host} can't be reached: no answer within 10 seconds. Check address and firewall."
        case TooLongError():
            sentence = f"{host} answers with more than any answer has. Check the address."
        case httpx2.ReadTimeout():
            sentence = f"{host} took the request and then was silent for too long. Try again."
        case _:
            sentence = ""
    return sentence


def of_strange(connection: Connection, strange: str) -> str:
    """Return the sentence for an answer in a shape that the page can't read."""
    return (
        f"'{connection.name}' ({connection.host}) sent an answer in a shape that the Assistants API does not have: "
        f"{strange}. Check its address and version under Connections, or go on with another connection."
    )


def said_by(error: openai.APIStatusError) -> str:
    """Return what the service itself says, where it says it in JSON."""
    match error.body:
        case {"message": str(message)} | {"error": {"message": str(message)}} | {"error": str(message)}:
            return " ".join(message.split())[:_LONGEST]
        case _:
            return ""


def _refused(connection: Connection) -> str:
    if connection.uses_entra:
        return (
            f"{connection.host} refuses the Entra ID token of this server. Sign in again (`az login`), or give the "
            f"identity a role there, and check the cloud ({connection.cloud})."
        )
    if not connection.api_key:
        return f"{connection.host} asks for a key. An owner can enter one under Connections."
    return (
        f"{connection.host} refuses the key of '{connection.name}'. An owner can enter another one under Connections."
    )


def _forbidden(connection: Connection) -> str:
    role = "Azure AI User" if connection.kind == "foundry" else "Cognitive Services OpenAI Contributor"
    if connection.uses_entra:
        return f"{connection.host} knows who this server is, but forbids it. Give it the role {role} there."
    return f"{connection.host} forbids this. Check what the key may do and which networks the service lets in."


def _no_token(connection: Connection, said: str) -> str:
    return (
        f"No Entra ID sign-in works on this server for {KIND_LABELS[connection.kind]}. Run `az login`, or set "
        f"AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET, or use a managed identity.{_quoted(said)}"
    )


def _untrusted(connection: Connection, error: ssl.SSLError) -> str:
    if not isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS fails at {connection.host}. Check that the address begins with https:// only where it shall."
    reason = getattr(error, "verify_message", "") or "it is not trusted"
    return (
        f"The certificate of {connection.host} is refused: {reason}. "
        "Check the address; for a private authority set SSL_CERT_FILE."
    )


def _unreachable(connection: Connection, error: BaseException) -> str:
    texts = [str(cause) for cause in _causes(error)]
    if any("refused" in text or "All connection attempts failed" in text for text in texts):
        return f"Nothing listens at {connection.host}. Check the address, and that the service runs."
    return f"The connection to {connection.host} broke. Try again in a moment."


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting += [each for each in (current.__cause__, current.__context__) if each is not None]
        waiting += list(current.exceptions) if isinstance(current, BaseExceptionGroup) else []


def _quoted(said: str) -> str:
    return f" It says: {said}" if said else ""


def _wait(error: openai.APIStatusError) -> str:
    seconds = error.response.headers.get("retry-after", "")
    return f" {seconds} seconds" if seconds.isdigit() else ""


def _page(error: openai.APIStatusError) -> str:
    return " and a web page" if "html" in error.response.headers.get("content-type", "") else ""
