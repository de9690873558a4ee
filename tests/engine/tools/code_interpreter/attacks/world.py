"""What the attacks must not reach: the server's files, ports, process; each looked at after every attack."""

from __future__ import annotations

import contextlib
import os
import resource
import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_GROWTH_BYTES = 100_000_000


@dataclass(frozen=True)
class State:
    """Everything about the server that an attack could have changed."""

    content: bytes
    mode: int
    owner: int
    modified_ns: int
    names: tuple[str, ...]
    attributes: tuple[str, ...]
    niceness: int
    open_files: tuple[int, int]
    processors: frozenset[int]


class World:
    """A server's surroundings with a secret in every place that hostile code looks at."""

    def __init__(self, folder: Path) -> None:
        self.secret = f"secret-{secrets.token_hex(8)}"
        self.folder = folder / "server"
        self.folder.mkdir(mode=0o755)
        self.database = self._write("playground.db")
        self.settings = self._write("settings.env")
        os.environ["OPENAI_API_KEY"] = self.secret
        self.abstract = f"\0playground-{secrets.token_hex(8)}"
        self._memory = own_memory()
        self._before = self._look()

    def _write(self, name: str) -> Path:
        path = self.folder / name
        path.write_text(self.secret)
        path.chmod(0o644)
        return path

    @contextlib.contextmanager
    def listening(self) -> Iterator[int]:
        """Hold a TCP and a UDP port of the same number and an abstract socket; nothing may arrive at them."""
        with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            port: int = tcp.getsockname()[1]
            udp.bind(("127.0.0.1", port))
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as abstract:
                abstract.bind(self.abstract)
                self._ears = (tcp, udp, abstract)
                for ear in self._ears:
                    ear.setblocking(False)
                yield port

    def find_damage(self) -> list[str]:
        """Return what an attack has changed, or sent to the server."""
        now = self._look()
        damage = [
            f"changed: {name}"
            for name in State.__dataclass_fields__
            if getattr(now, name) != getattr(self._before, name)
        ]
        for ear in self._ears:
            with contextlib.suppress(BlockingIOError):
                ear.accept() if ear.type == socket.SOCK_STREAM else ear.recv(1)
                damage.append("a message arrived at the server")
        if own_memory() - self._memory > _GROWTH_BYTES:
            damage.append("the server's memory grew")
        return damage

    def _look(self) -> State:
        status = self.database.stat()
        return State(
            content=self.database.read_bytes() + self.settings.read_bytes(),
            mode=status.st_mode,
            owner=status.st_uid,
            modified_ns=status.st_mtime_ns,
            names=tuple(sorted(path.name for path in self.folder.iterdir())),
            attributes=tuple(os.listxattr(self.database)),
            niceness=os.getpriority(os.PRIO_PROCESS, 0),
            open_files=resource.getrlimit(resource.RLIMIT_NOFILE),
            processors=frozenset(os.sched_getaffinity(0)),
        )


def own_memory() -> int:
    """Return this process's resident memory."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) * 1024
