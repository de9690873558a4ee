"""A recorded call as a program that makes it again, at this server's own address, with a placeholder for the key."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qsl, unquote

from app.playground.views.log_detail import as_json, exchange_parts, header
from app.playground.views.log_texts import pretty, read_json

if TYPE_CHECKING:
    from app.journal.entry import Entry

Language = Literal["json", "curl", "python", "javascript"]

_BETA = "openai-beta"
_UNKNOWN_BODY = "The body was not recorded whole"


@dataclass(frozen=True, slots=True)
class _Call:
    """What a program needs to know of a call."""

    method: str
    base_url: str
    path: str
    query: str
    body: str
    body_problem: str
    beta: str
    is_stream: bool

    @property
    def is_azure(self) -> bool:
        return self.path.startswith("/openai/") and not self.path.startswith("/openai/v1/")

    @property
    def url(self) -> str:
        return f"{self.base_url}{self.path}{'?' + self.query if self.query else ''}"


def snippet(entry: Entry, language: Language, base_url: str) -> str:
    """Return the call in a language; `base_url` is this server's address."""
    match language:
        case "json":
            return pretty(as_json(entry))
        case "curl":
            return _curl(_call(entry, base_url))
        case "python":
            return _python(_call(entry, base_url))
        case "javascript":
            return _javascript(_call(entry, base_url))


def _call(entry: Entry, base_url: str) -> _Call:
    parts = exchange_parts(entry)
    headers = parts.get("request_headers")
    path, _, query = str(entry.data.get("path", "")).partition("?")
    body = parts.get("request_body")
    text = body if isinstance(body, str) else ""
    is_json = isinstance(read_json(text), dict | list)
    return _Call(
        method=str(entry.data.get("method", "GET")),
        base_url=base_url.rstrip("/"),
        path=path,
        query=query,
        body=text if is_json else "",
        body_problem="" if is_json or not text else f"{_UNKNOWN_BODY}: {_one_line(text[:80])}",
        beta=header(headers, _BETA),
        is_stream=header(parts.get("response_headers"), "content-type").startswith("text/event-stream"),
    )


def _one_line(text: str) -> str:
    """Keep what somebody sent from leaving its comment."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _curl(call: _Call) -> str:
    key = 'api-key: $PLAYGROUND_KEY"' if call.is_azure else 'Authorization: Bearer $PLAYGROUND_KEY"'
    lines = [f"curl -sS{'N' if call.is_stream else ''} -X {shlex.quote(call.method)} {shlex.quote(call.url)}"]
    lines.append(f'  -H "{key}')
    lines += [f"  -H {shlex.quote(f'OpenAI-Beta: {call.beta}')}"] if call.beta else []
    lines += ["  -H 'Content-Type: application/json'", f"  --data-raw {shlex.quote(call.body)}"] if call.body else []
    note = [f"# {call.body_problem}"] if call.body_problem else []
    return "\n".join(["PLAYGROUND_KEY=${PLAYGROUND_KEY:-YOUR_KEY}", *note, " \\\n".join(lines)]) + "\n"


def _python(call: _Call) -> str:
    made, path = _python_client(call)
    arguments = [repr(path), "cast_to=object"]
    if call.body and call.method != "GET":
        arguments.append(f"body={read_json(call.body)!r}")
    options: dict[str, object] = {}
    if pairs := [(name, value) for name, value in parse_qsl(call.query) if name != "api-version"]:
        options["params"] = dict(pairs)
    if call.beta:
        options["headers"] = {"OpenAI-Beta": call.beta}
    arguments += [f"options={options!r}"] if options else []
    arguments += ["stream=True", "stream_cls=Stream[object]"] if call.is_stream else []
    name = made.partition("(")[0]
    imports = f"{name}, Stream" if call.is_stream else name
    asked = f"client.{call.method.lower()}(\n    " + ",\n    ".join(arguments) + ",\n)"
    end = f"for event in {asked}:\n    print(event)" if call.is_stream else f"print({asked})"
    note = f"# {call.body_problem}\n" if call.body_problem else ""
    return f"import os\n\nfrom openai import {imports}\n\nclient = {made}\n{note}{end}\n"


def _python_client(call: _Call) -> tuple[str, str]:
    key = 'api_key=os.environ.get("PLAYGROUND_KEY", "YOUR_KEY")'
    if call.is_azure:
        version = dict(parse_qsl(call.query)).get("api-version", "2024-05-01-preview")
        made = f"AzureOpenAI(azure_endpoint={call.base_url!r}, {key}, api_version={version!r})"
        return made, unquote(call.path.removeprefix("/openai"))
    prefix = "/openai/v1" if call.path.startswith("/openai/v1") else "/v1"
    return f"OpenAI(base_url={call.base_url + prefix!r}, {key})", unquote(call.path.removeprefix(prefix))


def _javascript(call: _Call) -> str:
    headers = {"api-key": "KEY"} if call.is_azure else {"Authorization": "KEY"}
    headers |= {"OpenAI-Beta": call.beta} if call.beta else {}
    headers |= {"Content-Type": "application/json"} if call.body else {}
    written = json.dumps(headers, indent=4).replace("\n}", "\n  }")
    key = "key" if call.is_azure else "`Bearer ${key}`"
    lines = [
        'const key = globalThis.process?.env.PLAYGROUND_KEY ?? "YOUR_KEY";',
        *([f"// {call.body_problem}"] if call.body_problem else []),
        f"const response = await fetch({json.dumps(call.url)}, {{",
        f"  method: {json.dumps(call.method)},",
        "  headers: " + written.replace('"KEY"', key) + ",",
    ]
    lines += [f"  body: JSON.stringify({call.body}),"] if call.body else []
    lines.append("});")
    if call.is_stream:
        lines.append(
            "for await (const piece of response.body.pipeThrough(new TextDecoderStream())) console.log(piece);"
        )
    else:
        lines.append("console.log(await response.text());")
    return "\n".join(lines) + "\n"
