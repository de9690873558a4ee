"""A real S3-compatible service for tests: SeaweedFS on free ports, from the development dependencies."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

_START_SECONDS = 60.0
PROGRAM = Path(sys.executable).with_name("weed")
ACCESS_KEY, SECRET_KEY = "playground", "not-so-secret"
_PORTS = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc")


@contextmanager
def object_store(folder: Path) -> Iterator[str]:
    """Run the service until the block ends; yield its address."""
    credentials = {"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}
    identity = {"name": "tester", "credentials": [credentials], "actions": ["Admin", "Read", "Write", "List"]}
    config = folder / "identities.json"
    config.write_text(json.dumps({"identities": [identity]}))
    *inner, port, grpc_port = _free_ports(len(_PORTS) + 2)
    options = [f"-{name}={number}" for name, number in zip(_PORTS, inner, strict=True)]
    options += [f"-s3.port={port}", f"-s3.port.grpc={grpc_port}", f"-s3.config={config}", f"-dir={folder}"]
    options += [
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-filer",
        "-s3",
        "-volume.max=20",
        "-master.volumeSizeLimitMB=64",
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([PROGRAM, "server", *options], stdout=log, stderr=log)  # noqa: S603
    try:
        _wait_until_open(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]


def _wait_until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    message = f"the object store did not start within {_START_SECONDS} s"
    raise TimeoutError(message)
