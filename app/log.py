"""The server's log: one line an event, with what it belongs to (request, person, run), never a secret."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

from app.redaction import without_secrets

LogFormat = Literal["text", "json"]

_fields: ContextVar[Mapping[str, str]] = ContextVar("log_fields", default={})  # noqa: B039  never changed in place


def configure_logging(level: str, form: LogFormat = "text") -> None:
    """Write the program's log to standard error at `level` (`debug` … `error`), that of libraries from warnings on."""
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLines() if form == "json" else _TextLines("%H:%M:%S"))
    for name, own_level in (("", "WARNING"), ("app", level.upper())):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(own_level)
    logging.getLogger("app").propagate = False


@contextmanager
def log_fields(**fields: str) -> Iterator[None]:
    """Name what the lines belong to that are written inside the block, and by tasks begun there."""
    token = _fields.set({**_fields.get(), **fields})
    try:
        yield
    finally:
        _fields.reset(token)


def add_log_fields(**fields: str) -> None:
    """Name what this task's lines belong to from now on, until the block of `log_fields` around it ends."""
    _fields.set({**_fields.get(), **fields})


def current_log_fields() -> Mapping[str, str]:
    """Return what this task's lines belong to."""
    return _fields.get()


class _TextLines(logging.Formatter):
    """Lines for people."""

    def __init__(self, time_format: str) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s  %(message)s", time_format)

    def format(self, record: logging.LogRecord) -> str:
        """Write one record, without secrets."""
        return without_secrets(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's own name
        """Append the fields as key=value."""
        fields = "".join(f"  {name}={value}" for name, value in _fields.get().items())
        return super().formatMessage(record) + fields


class _JsonLines(logging.Formatter):
    """Lines for programs: one JSON object each."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record, without secrets."""
        line: dict[str, str] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
            **_fields.get(),
        }
        if record.exc_info:
            line["exception"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
