"""The command `python -m app`: reads options and settings, refuses an unsafe bind, runs the server or a command."""

from __future__ import annotations

import gc

gc.disable()  # Imports make objects that stay: looking through them again and again is a fifth of the start.

import argparse
import sys
from pathlib import Path
from types import FrameType

import uvicorn
from pydantic import ValidationError

from app import doctor, migrations
from app.backup.command import run_backup, run_restore
from app.errors import AppError
from app.http_protocol import PatientProtocol
from app.log import configure_logging
from app.main import create_app
from app.settings import Settings
from app.stopping import Stopping

_GRACE_SECONDS = 5
_SETTINGS = ("host", "port", "data_dir")
_COMMANDS = {
    "doctor": "Say what works on this machine, and what to do about the rest",
    "migrate": "Bring the database to the newest schema, without starting the server",
    "backup": "Write everything that the server keeps to one file, also while it runs",
    "restore": "Fill a new, empty server from a backup; SQLite and PostgreSQL take each other's",
}


def main(arguments: list[str] | None = None) -> int:
    """Carry out the command, which is to run the server until it is interrupted; return the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    options = _parser().parse_args(given)
    chosen = {name: value for name, value in vars(options).items() if name in _SETTINGS and value is not None}
    try:
        settings = Settings(**chosen)
    except ValidationError as error:
        for problem in error.errors():
            place = "".join(f"{name}: " for name in problem["loc"][:1])
            print(f"{place}{problem['msg'].removeprefix('Value error, ')}.", file=sys.stderr)  # noqa: T201
        return 2
    match options.command:
        case "doctor":
            return doctor.run(settings)
        case "migrate":
            return _migrate(settings)
        case "backup":
            return run_backup(settings, options.file)
        case "restore":
            return run_restore(settings, options.file)
        case _:
            return _serve(settings)


def _serve(settings: Settings) -> int:
    configure_logging(settings.log_level, settings.log_format)
    stopping = Stopping()
    try:
        app = create_app(settings, stopping)
    except (AppError, OSError) as error:
        print(f"The server can't start: {error}", file=sys.stderr)  # noqa: T201
        return 2
    gc.freeze()
    gc.enable()
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        ws="none",
        http=PatientProtocol,
    )
    _Server(config, stopping).run()
    return 0


class _Server(uvicorn.Server):
    """Uvicorn, with word to those who work in the background before it closes connections."""

    def __init__(self, config: uvicorn.Config, stopping: Stopping) -> None:
        super().__init__(config)
        self._stopping = stopping

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop."""
        super().handle_exit(sig, frame)
        self._stopping.tell()


def _migrate(settings: Settings) -> int:
    """Bring the database to the newest schema; the server does the same when it starts."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        before, after = migrations.migrate(settings.database)
    except AppError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    print(f"Schema {before or 'none'} → {after}.")  # noqa: T201
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m app", description="Assistants Playground.")
    _add_settings(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, text in _COMMANDS.items():
        command = commands.add_parser(name, help=text, description=f"{text}.")
        _add_settings(command)
        if name in {"backup", "restore"}:
            command.add_argument("file", type=Path, metavar="FILE", help="the backup's file, NAME.tar.gz")
    return parser


def _add_settings(parser: argparse.ArgumentParser) -> None:
    suppressed = argparse.SUPPRESS  # A command's options must not undo those that stand before it.
    parser.add_argument("--host", default=suppressed, help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=suppressed, help="port to listen on (default 8000)")
    folder = "folder for the database, files and weights (default ./data)"
    parser.add_argument("--data-dir", type=Path, default=suppressed, help=folder)


if __name__ == "__main__":
    sys.exit(main())
