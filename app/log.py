"""The server's log: one line an event, values as key=value, never a secret."""

from __future__ import annotations

import logging


def configure_logging(level: str) -> None:
    """Write the program's log to standard error at `level` (`debug` … `error`)."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s  %(message)s", "%H:%M:%S"))
    root = logging.getLogger("app")
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    root.propagate = False
