"""Files that a page sends: each request's body is one file, and goes on to the API as it arrives."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, Any, Final

from fastapi import Depends, Query, Request, Response
from fastapi.responses import PlainTextResponse
from fastapi.routing import APIRoute

from app.connections.uploads import upload_file
from app.errors import InvalidRequest, PayloadTooLarge
from app.playground.failures import PASSED_ON, error_of
from app.playground.files.file_facts import FileFacts, facts_of, plain_name

if TYPE_CHECKING:
    from app.playground.session import Session

LARGEST_BYTES: Final = 512 * 1024 * 1024


class UploadRoute(APIRoute):
    """A route whose failures are answered with a sentence, which the page puts beside the file's name."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the route's handler."""
        handle = super().get_route_handler()

        async def handle_upload(request: Request) -> Response:
            try:
                return await handle(request)
            except PASSED_ON:
                raise
            except Exception as failure:
                error = error_of(request, failure)
                return PlainTextResponse(error.message, error.status)

        return handle_upload


class Arrival:
    """A file on its way in."""

    def __init__(self, request: Request, name: Annotated[str, Query()] = "") -> None:
        self.name = plain_name(name)
        self._request = request

    async def store(self, session: Session, purpose: str) -> FileFacts:
        """Pass the bytes on to the API as they come."""
        size_bytes = self.require_fitting()
        with session.calls():
            file = await upload_file(session.client, self.name, purpose, self._request.stream(), size_bytes)
        facts = session.conversation.files[file.id] = facts_of(file)
        return facts

    def require_fitting(self) -> int:
        """Return the file's size; raises `InvalidRequest` and `PayloadTooLarge`."""
        size_bytes = int(self._request.headers.get("content-length") or 0)
        if not size_bytes:
            raise InvalidRequest("The file is empty.")
        if size_bytes > LARGEST_BYTES:
            raise PayloadTooLarge(f"The file is larger than {LARGEST_BYTES // 1024 // 1024} MB. Split it.")
        return size_bytes


ArrivalDep = Annotated[Arrival, Depends()]
