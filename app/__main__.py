"""The command `python -m app`: reads options and settings, refuses an unsafe bind, runs the server."""

from __future__ import annotations

import gc

gc.disable()  # Imports make objects that stay: looking through them again and again is a fifth of the start.

import argparse
import sys
from pathlib import Path

import uvicorn
from pydantic import ValidationError

from app import doctor
from app.errors import AppError
from app.log import configure_logging
from app.loopback import is_loopback
from app.main import create_app
from app.settings import Settings

_GRACE_SECONDS = 5


def main(arguments: list[str] | None = None) -> int:
    """Run the server until it is interrupted; return the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    is_doctor = given[:1] == ["doctor"]
    try:
        settings = _settings(given[1:] if is_doctor else given)
    except ValidationError as error:
        for problem in error.errors():
            print(f"{problem['loc'][0]}: {problem['msg']}.", file=sys.stderr)  # noqa: T201
        return 2
    if is_doctor:
        return doctor.run(settings)
    if not is_loopback(settings.host) and not settings.playground_api_keys:
        message = (
            f"{settings.host} can be reached by others. Set PLAYGROUND_API_KEYS to keys that programs must send and "
            "that the page asks for, or listen on 127.0.0.1."
        )
        print(message, file=sys.stderr)  # noqa: T201
        return 2
    configure_logging(settings.log_level)
    try:
        app = create_app(settings)
    except (AppError, OSError) as error:
        print(f"The server can't start: {error}", file=sys.stderr)  # noqa: T201
        return 2
    gc.freeze()
    gc.enable()
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        timeout_graceful_shutdown=_GRACE_SECONDS,
        server_header=False,
        ws="none",
    )
    return 0


def _settings(arguments: list[str]) -> Settings:
    description = "Assistants Playground. `python -m app doctor` says what works on this machine, and what to do."
    parser = argparse.ArgumentParser(prog="python -m app", description=description)
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default 8000)")
    parser.add_argument("--data-dir", type=Path, help="folder for the database, files and weights (default ./data)")
    given = {name: value for name, value in vars(parser.parse_args(arguments)).items() if value is not None}
    return Settings(**given)


if __name__ == "__main__":
    sys.exit(main())
