"""A model that says fifty words, at once or slowly, over a bare socket, so that it costs next to nothing."""

from __future__ import annotations

import argparse
import asyncio
import json

NAME = "scripted"
WORDS = 50
SLOW_SECONDS = 0.08
_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: {}\r\n{}\r\n\r\n"


def _chunk(delta: dict[str, str], reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": NAME, "choices": [choice]}
    return _framed(f"data: {json.dumps(body)}\n\n".encode())


def _framed(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


_USAGE = {
    "id": "c",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": NAME,
    "choices": [],
    "usage": {"prompt_tokens": 20, "completion_tokens": WORDS, "total_tokens": 20 + WORDS},
}
_STREAM = [
    _HEAD.format("text/event-stream", "Transfer-Encoding: chunked").encode() + _chunk({"role": "assistant"}),
    *(_chunk({"content": f"word{number} "}) for number in range(WORDS)),
    _chunk({}, "stop"),
    _framed(f"data: {json.dumps(_USAGE)}\n\ndata: [DONE]\n\n".encode()) + b"0\r\n\r\n",
]
_MODELS = json.dumps(
    {"object": "list", "data": [{"id": NAME, "object": "model", "created": 1, "owned_by": "benchmark"}]}
).encode()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one connection's requests until it is closed."""
    while head := await reader.readuntil(b"\r\n\r\n"):
        body = await reader.readexactly(_content_length(head))
        if head.startswith(b"GET"):
            length = f"Content-Length: {len(_MODELS)}"
            writer.write(_HEAD.format("application/json", length).encode() + _MODELS)
        else:
            pause = SLOW_SECONDS if b"slowly" in body else 0  # With 0 each word is still a segment of its own.
            for piece in _STREAM:
                writer.write(piece)
                await asyncio.sleep(pause)
        await writer.drain()


def _content_length(head: bytes) -> int:
    _, found, rest = head.lower().partition(b"content-length:")
    return int(rest.split(b"\r\n", 1)[0]) if found else 0


async def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await _serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main())
