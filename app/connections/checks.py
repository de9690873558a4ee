"""Tries a connection line by line: reachable, authorised, deployments, assistants, streaming."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import anyio
import httpx2
import openai
from openai.types.beta.threads import Run

from app.connections import sentences
from app.connections.abilities import learn_abilities
from app.connections.entra import NoTokenError
from app.connections.failures import translated
from app.connections.models import list_models
from app.errors import AppError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from openai import AsyncOpenAI
    from openai.types.beta import AssistantStreamEvent

    from app.connections.connection import Connection

Verdict = Literal["good", "bad", "unknown"]

_CALL_SECONDS: Final = 10.0
_ANSWER_SECONDS: Final = 25.0
_MOST_NAMED: Final = 5
_REFUSALS: Final = frozenset({401, 403})
_LONGEST_NAME: Final = 80
_HEADERS: Final = {"OpenAI-Beta": "assistants=v2"}
_HELLO: Final = "Answer with the word OK."
_LATER: Final = "Not tried, since an earlier line failed."


@dataclass(frozen=True, slots=True)
class CheckLine:
    """What one try said."""

    title: str
    verdict: Verdict
    text: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """All lines, and whether the service is one that was switched off for ever."""

    lines: tuple[CheckLine, ...]
    is_switched_off: bool


async def check(client: AsyncOpenAI, connection: Connection, deployment: str = "") -> CheckResult:
    """Try the connection; a short message is sent to a model, and what that takes is deleted again."""
    quick = client.with_options(timeout=_CALL_SECONDS)
    lines = await _greet(quick, connection)
    if any(line.verdict == "bad" for line in lines):
        return CheckResult((*lines, *_left_out("Deployments", "Assistants", "Streaming")), is_switched_off=False)
    models, names = await _models(quick, connection)
    assistants = await _assistants(quick, connection)
    is_off = sentences.SHUT_DOWN in assistants.text
    chosen = deployment or next(iter(names), "")
    rest = _left_out("Streaming", "Extras") if assistants.verdict == "bad" else ()
    if not rest:
        rest = (await _streaming(quick, connection, chosen), await _extras(quick, connection))
    return CheckResult((*lines, models, assistants, *rest), is_off)


async def _greet(client: AsyncOpenAI, connection: Connection) -> list[CheckLine]:
    path = "/deployments" if connection.kind == "foundry" else "/models"
    try:
        await client.get(path, cast_to=httpx2.Response)
    except openai.APIConnectionError as error:
        said = sentences.of_silence(connection, error)
        if isinstance(error.__cause__, NoTokenError):
            return [
                CheckLine("Reachable", "unknown", "Not tried without a token."),
                CheckLine("Authorised", "bad", said),
            ]
        return [CheckLine("Reachable", "bad", said), *_left_out("Authorised")]
    except openai.APIStatusError as error:
        return [_reachable(connection), _authorised(connection, error)]
    return [_reachable(connection), CheckLine("Authorised", "good", _how(connection))]


def _reachable(connection: Connection) -> CheckLine:
    return CheckLine("Reachable", "good", f"{connection.host} answers.")


def _authorised(connection: Connection, error: openai.APIStatusError) -> CheckLine:
    if error.status_code in _REFUSALS or error.status_code >= 500:  # noqa: PLR2004
        return CheckLine("Authorised", "bad", sentences.of_status(connection, error))
    if connection.api_version and sentences.is_wrong_version(connection, sentences.said_by(error)):
        return CheckLine("Authorised", "bad", sentences.of_status(connection, error))
    return CheckLine("Authorised", "unknown", "The service does not list models, so the next lines tell.")


def _how(connection: Connection) -> str:
    if connection.uses_entra:
        return "The Entra ID token is accepted."
    return "The key is accepted." if connection.api_key else "No key is needed."


async def _models(client: AsyncOpenAI, connection: Connection) -> tuple[CheckLine, list[str]]:
    try:
        with translated(connection):
            names = [model.id for model in await list_models(client, connection)]
    except AppError as error:
        return CheckLine("Deployments", "unknown", f"Not listed; their names can be written. {error.message}"), []
    if not names:
        return CheckLine("Deployments", "unknown", "None is listed; their names can be written."), []
    shown = ", ".join(name for name in names[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    source = "Named in the connection" if connection.deployments else "Listed"
    return CheckLine("Deployments", "good", f"{source}: {shown}{more}."), names


async def _assistants(client: AsyncOpenAI, connection: Connection) -> CheckLine:
    try:
        with translated(connection):
            page = await client.beta.assistants.list(limit=1)
    except AppError as error:
        return CheckLine("Assistants", "bad", error.message)
    return CheckLine("Assistants", "good", "The list is read." if page.data else "The list is read; it is empty.")


async def _streaming(client: AsyncOpenAI, connection: Connection, deployment: str) -> CheckLine:
    if not deployment:
        return CheckLine("Streaming", "unknown", "Not tried without a deployment. Name one and test again.")
    try:
        with translated(connection):
            async with asyncio.timeout(_ANSWER_SECONDS), _visit(client, deployment) as (assistant_id, thread_id):
                return await _listen(client, assistant_id, thread_id, deployment)
    except AppError as error:
        return CheckLine("Streaming", "bad", f"{deployment[:_LONGEST_NAME]}: {error.message}")
    except TimeoutError:
        silence = f"{deployment[:_LONGEST_NAME]} did not answer within {_ANSWER_SECONDS:.0f} seconds."
        return CheckLine("Streaming", "bad", silence)


@asynccontextmanager
async def _visit(client: AsyncOpenAI, deployment: str) -> AsyncIterator[tuple[str, str]]:
    """Make an assistant and a thread with a message; both are gone afterwards."""
    assistant = await client.beta.assistants.create(model=deployment, name="Connection test")
    try:
        thread = await client.beta.threads.create(messages=[{"role": "user", "content": _HELLO}])
        try:
            yield assistant.id, thread.id
        finally:
            await _delete(client, f"/threads/{thread.id}")
    finally:
        await _delete(client, f"/assistants/{assistant.id}")


async def _delete(client: AsyncOpenAI, path: str) -> None:
    with anyio.CancelScope(shield=True), suppress(openai.APIError):  # The result of the test matters more.
        await client.delete(path, cast_to=httpx2.Response, options={"headers": _HEADERS})


async def _listen(client: AsyncOpenAI, assistant_id: str, thread_id: str, deployment: str) -> CheckLine:
    began = time.monotonic()
    stream = await client.beta.threads.runs.create(thread_id, assistant_id=assistant_id, stream=True)
    async with stream:
        async for event in stream:
            if event.event == "thread.message.delta":
                seconds = time.monotonic() - began
                return CheckLine("Streaming", "good", f"{deployment} answers; the first words came in {seconds:.1f} s.")
            if event.event in {"thread.run.failed", "thread.run.expired", "thread.run.incomplete"}:
                return CheckLine("Streaming", "bad", _ended(event, deployment))
    return CheckLine("Streaming", "bad", f"{deployment} ended without a word.")


def _ended(event: AssistantStreamEvent, deployment: str) -> str:
    run = event.data
    reason = run.last_error.message if isinstance(run, Run) and run.last_error else "no reason was given"
    return f"{deployment}: the run failed: {reason}"


async def _extras(client: AsyncOpenAI, connection: Connection) -> CheckLine:
    able = await learn_abilities(client, connection)
    if able is not None and able.has_extensions:
        return CheckLine("Extras", "good", "Threads are listed and forked, messages edited, prompts shown.")
    if able is not None and able.lists_threads:
        return CheckLine("Extras", "unknown", "Threads are listed. Messages can't be edited, prompts are not shown.")
    return CheckLine("Extras", "unknown", "Threads are not listed, messages can't be edited, prompts are not shown.")


def _left_out(*titles: str) -> tuple[CheckLine, ...]:
    return tuple(CheckLine(title, "unknown", _LATER) for title in titles)
