"""The log of what programs call on the API; the page's own calls, which come in process, are logged by its client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from app.journal.recording import Recording

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from app.api.program_runs import ProgramRuns

_BODY_BYTES: Final = 64 * 1024
_OK: Final = 200


class ProgramLog:
    """Records every exchange of a program, in passing: nothing is written before the response has gone.

    With `has_strangers` what was refused for its key is not recorded: it is nobody's to see, and strangers could push
    everybody's entries out.
    """

    def __init__(self, app: ASGIApp, runs: ProgramRuns, *, has_strangers: bool = False) -> None:
        self._app = app
        self._runs = runs
        self._has_strangers = has_strangers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or "principal" in scope.get("extensions", {}):
            await self._app(scope, receive, send)
            return
        tap = _Tap(scope, receive, send, self._runs)
        error: str | None = "The connection was closed before the end."
        try:
            await self._app(scope, tap.receive, tap.send)
            error = None
        except Exception as exc:
            error = f"{type(exc).__name__}: {exc}"
            raise
        finally:
            if tap.principal or not self._has_strangers:
                tap.finish(error)


class _Tap:
    """One exchange on its way past."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, runs: ProgramRuns) -> None:
        self._method: str = scope["method"]
        self._path: str = scope["path"]
        query = scope["query_string"].decode("latin-1")
        path = quote(self._path) + (f"?{query}" if query else "")
        self._recording = Recording(self._method, path, scope["headers"], limit_bytes=_BODY_BYTES)
        self._runs = runs
        self._receive = receive
        self._send = send
        self._journal = runs.journal
        self._scope = scope
        self._status = 0

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._recording.request.add(message.get("body", b""))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._recording.begin(self._status, message["headers"])
        elif message["type"] == "http.response.body":
            is_first = not self._recording.response.size_bytes
            self._recording.add(message.get("body", b""))
            if is_first:
                self._note_beginning()
        await self._send(message)

    @property
    def principal(self) -> str:
        """On whose behalf the program asks, once its key was looked at; nobody's, if that was refused."""
        principal: str = self._scope.get("extensions", {}).get("principal", "")
        return principal

    def finish(self, error: str | None) -> None:
        self._journal.take_exchange(self._recording.finish(error), self.principal)

    def _note_beginning(self) -> None:
        if self._recording.response.is_event_stream:
            self._journal.take_beginning(self._recording.id, self._recording.begun, self.principal)
        if self._method == "POST" and self._status == _OK:
            thread_id, run_id = self._recording.subjects()
            if run_id is not None:
                self._runs.take(self._path, thread_id, run_id, self.principal)
