"""The errors that the application raises on purpose.

    AppError                     status 500
    ├── InvalidRequest           400  the caller's input is wrong
    ├── Unauthorized             401  no key, or a key that is not known
    ├── Forbidden                403  known, but not allowed (a foreign origin, an unknown host)
    ├── NotFound                 404  an id that names nothing
    ├── Conflict                 400  right input at the wrong time (the hosted service says 400, not 409)
    ├── PayloadTooLarge          413  more bytes than the limit
    ├── RateLimited              429  too much at once
    ├── DatabaseUnavailable      503  the database can't be reached now
    ├── UpstreamFailed           502  a model provider or a connected service failed
    └── ToolFailed               500  a tool could not run
        └── SandboxUnavailable   503  no tier of the code interpreter's sandbox holds here

Each is raised near its cause and translated once at the edge: `api` writes the dialect's error body, `playground`
writes an HTML part, the run loop writes the run's `last_error`.
"""

from __future__ import annotations

from typing import ClassVar


class AppError(Exception):
    """A failure with a message for people: what happened, to what, and what to do next; never a secret."""

    status: ClassVar[int] = 500
    kind: ClassVar[str] = "server_error"

    def __init__(self, message: str, *, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param


class InvalidRequest(AppError):
    """The caller's input is wrong; `param` is the path of the field."""

    status = 400
    kind = "invalid_request_error"


class Unauthorized(AppError):
    """The key is missing or unknown."""

    status = 401
    kind = "invalid_request_error"


class Forbidden(AppError):
    """The request came from a place that may not make it."""

    status = 403
    kind = "invalid_request_error"


class NotFound(AppError):
    """An id names nothing, or nothing that the caller may see."""

    status = 404
    kind = "invalid_request_error"


class Conflict(AppError):
    """The request is right but the object's state does not allow it now."""

    status = 400
    kind = "invalid_request_error"


class PayloadTooLarge(AppError):
    """The body has more bytes than the limit."""

    status = 413
    kind = "invalid_request_error"


class RateLimited(AppError):
    """Too many requests at once; `code` is `rate_limit_exceeded`."""

    status = 429
    kind = "requests"

    def __init__(
        self, message: str, *, code: str | None = None, param: str | None = None, retry_after_seconds: int = 1
    ) -> None:
        super().__init__(message, code=code, param=param)
        self.retry_after_seconds = retry_after_seconds


class DatabaseUnavailable(AppError):
    """The database can't be reached now; nothing was changed."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            "The server's database does not answer. Nothing was changed. Try again in a moment.",
            code="database_unavailable",
        )


class UpstreamFailed(AppError):
    """A model provider or connected service failed; `code` is a run's `last_error.code`."""

    status = 502


class ToolFailed(AppError):
    """A tool could not run; `code` says which way."""


class SandboxUnavailable(ToolFailed):
    """No sandbox tier holds on this machine, so model-written code is not run."""

    status = 503
