"""One raw completion: a prompt goes to llama.cpp's server, pieces of text come back."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import httpx2

from app.engine.models.builtin.catalogue import Template
from app.engine.models.builtin.chatml import Turn, defuse, render
from app.errors import UpstreamFailed

StopCause = Literal["eos", "limit", "word"]

_NAME = "the built-in model"
# A long prompt is read at 30-60 tokens a second on a small machine; nothing is sent meanwhile.
_TIMEOUT = httpx2.Timeout(10.0, read=600.0)


@dataclass(frozen=True, slots=True)
class Completion:
    """A conversation to go on with after `opening`; `grammar` (GBNF) or `json_schema` confines the text to a form."""

    turns: tuple[Turn, ...]
    max_tokens: int
    opening: str = ""
    temperature: float = 0.0
    top_p: float = 0.95
    stop: tuple[str, ...] = ()
    grammar: str | None = None
    json_schema: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """The next piece of text; the last one has a `cause` and the counts."""

    text: str
    cause: StopCause | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Completer(Protocol):
    """Completes prompts, one at a time."""

    def stream(self, completion: Completion) -> AsyncGenerator[Piece, None]:
        """Yield the text piece by piece; closing the iterator stops the model."""
        ...


class ServerCompleter:
    """Completes through a llama.cpp server."""

    def __init__(self, url: str, key: str, template: Template = "chatml") -> None:
        self.url = url
        self.key = key
        self._template = template
        self._headers = {"authorization": f"Bearer {key}"}

    async def stream(self, completion: Completion) -> AsyncGenerator[Piece, None]:
        """Yield the server's pieces; raises `UpstreamFailed` when it refuses or dies."""
        try:
            async with httpx2.AsyncClient(
                base_url=self.url, headers=self._headers, timeout=_TIMEOUT, trust_env=False
            ) as client:
                body = _body(completion, await self._prompt(client, completion))
                async with client.stream("POST", "/completion", json=body) as reply:
                    if reply.status_code != httpx2.codes.OK:
                        raise _refused(reply.status_code, await reply.aread())
                    async for line in reply.aiter_lines():
                        piece = _piece(line)
                        if piece is not None:
                            yield piece
                        if piece is not None and piece.cause is not None:
                            return
                    raise _died("the stream was cut")
        except httpx2.HTTPError as exc:
            raise _died(type(exc).__name__) from exc

    async def _prompt(self, client: httpx2.AsyncClient, completion: Completion) -> str:
        """Return the conversation as the model's own template writes it."""
        if self._template == "chatml":
            return render(completion.turns, opening=completion.opening)
        messages = [{"role": turn.role, "content": defuse(turn.text)} for turn in completion.turns]
        reply = await client.post("/apply-template", json={"messages": messages})
        if reply.status_code != httpx2.codes.OK:
            raise _refused(reply.status_code, reply.content)
        return str(reply.json()["prompt"]) + completion.opening


def _body(completion: Completion, prompt: str) -> dict[str, object]:
    body: dict[str, object] = {
        "prompt": prompt,
        "n_predict": completion.max_tokens,
        "temperature": completion.temperature,
        "top_p": completion.top_p,
        "stop": list(completion.stop),
        "stream": True,
        "cache_prompt": True,
    }
    if completion.grammar is not None:
        body["grammar"] = completion.grammar
    if completion.json_schema is not None:
        body["json_schema"] = completion.json_schema
    return body


def _piece(line: str) -> Piece | None:
    if line.startswith("error: "):
        raise UpstreamFailed(f"{_NAME.capitalize()} failed: {_reason(line[7:])}.", code="server_error")
    if not line.startswith("data: "):
        return None
    event = json.loads(line[6:])
    if "error" in event:
        raise UpstreamFailed(f"{_NAME.capitalize()} failed: {_reason(line[6:])}.", code="server_error")
    if not event.get("stop"):
        return Piece(event["content"])
    return Piece(
        event["content"],
        event.get("stop_type", "eos"),
        event.get("tokens_evaluated", 0),
        event.get("tokens_predicted", 0),
    )


def _died(how: str) -> UpstreamFailed:
    return UpstreamFailed(
        f"{_NAME.capitalize()}'s process stopped answering ({how}). Try again: it is restarted.", code="server_error"
    )


def _refused(status: int, body: bytes) -> UpstreamFailed:
    reason = _reason(body.decode(errors="replace"))
    code = "invalid_prompt" if status == httpx2.codes.BAD_REQUEST else "server_error"
    return UpstreamFailed(f"{_NAME.capitalize()} refused the request: {reason}.", code=code)


def _reason(text: str) -> str:
    try:
        error = json.loads(text)
    except ValueError:
        return text.strip()[:200]
    error = error.get("error", error)
    return str(error.get("message", error) if isinstance(error, dict) else error).rstrip(".")[:300]
