"""A reading process whose HTML library was taken over by a document: it tells, as the page's text, what it could do."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from app.engine.tools.file_search import documents, read_document
from app.engine.tools.file_search.chunking import Page


def attacks(canary: str, port: int) -> dict[str, Callable[[], object]]:
    parent = os.getppid()
    return {
        "read the server's file": lambda: Path(canary).read_bytes(),
        "reopen its input for writing": lambda: Path("/proc/self/fd/0").open("ab"),
        "read /etc/passwd": lambda: Path("/etc/passwd").read_bytes(),
        "list a folder": lambda: os.listdir(Path(canary).parent),  # noqa: PTH208
        "read the server's environment": lambda: Path(f"/proc/{parent}/environ").read_bytes(),
        "write a file": lambda: Path("/tmp/written").write_text("x"),  # noqa: S108
        "truncate a file": lambda: os.truncate(canary, 0),
        "remove a file": lambda: Path(canary).unlink(),
        "link a file": lambda: os.link(canary, canary + ".link"),
        "connect to the server": lambda: socket.create_connection(("127.0.0.1", port), 1),
        "open a datagram socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "open a local socket": lambda: socket.socket(socket.AF_UNIX),
        "start a program": lambda: subprocess.run(["/bin/true"], check=True),
        "fork": os.fork,
        "signal the server": lambda: os.kill(parent, 0),
        "trace the server": lambda: _call("ptrace", 16, parent, None, None),
        "read the server's memory": lambda: _call("process_vm_readv", parent, None, 0, None, 0, 0),
        "make a namespace": lambda: _call("unshare", 0x10000000),
        "see a secret": lambda: os.environ["SECRET"],
    }


def _call(name: str, *arguments: object) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)


def _succeeds(attack: Callable[[], object]) -> bool:
    try:
        attack()
    except (OSError, KeyError):
        return False
    return True


def hostile(document: BinaryIO) -> Iterator[Page]:
    """Read nothing; attack."""
    canary, port = document.read().decode().split()
    done = [name for name, attack in attacks(canary, int(port)).items() if _succeeds(attack)]
    yield Page(", ".join(done) or "nothing")


if __name__ == "__main__":
    signal.alarm(20)
    documents._READERS[".html"] = hostile
    read_document.main(*sys.argv[1:])
