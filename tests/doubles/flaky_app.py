"""An ASGI application in front of another one that fails on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class FlakyApp:
    """Passes requests on, refuses those whose path ends in a word of `refusals`, and cuts event streams."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.refusals: dict[str, int] = {}
        """Status by the end of the path."""
        self.chunks_until_cut: int | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        status = next((status for end, status in self.refusals.items() if scope["path"].endswith(end)), None)
        if status is not None:
            error = {
                "message": f"Refused with {status} on demand.",
                "type": "server_error",
                "param": None,
                "code": None,
            }
            await JSONResponse({"error": error}, status)(scope, receive, send)
            return
        is_stream = False
        left = self.chunks_until_cut

        async def send_or_cut(message: Message) -> None:
            nonlocal is_stream, left
            if message["type"] == "http.response.start":
                is_stream = (b"content-type", b"text/event-stream") in [
                    (name.lower(), value.split(b";")[0]) for name, value in message["headers"]
                ]
            elif is_stream and left is not None:
                left -= 1
                if left < 0:
                    raise ConnectionResetError("The stream is cut on demand.")
            await send(message)

        await self._app(scope, receive, send_or_cut)
