"""The image that `make image` built, run as compose.yaml runs it: read-only, without rights, with Docker's profile."""

from __future__ import annotations

import json
import secrets
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.engine.tools.code_interpreter.attacks.container import HIDE_CGROUPS, MOUNTS, confinement

NAME = "localhost/assistants-playground"
_USER = 10001
_STOP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Image:
    """The image's files and what it says about itself."""

    root: Path
    config: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Container:
    """A container of the image while it runs."""

    process: subprocess.Popen[str]
    runtime: tuple[str, ...]
    name: str
    token: str

    def visit(self, command: list[str]) -> int:
        """Run a command inside, as a health check does, and return its exit code."""
        return subprocess.run([*self.runtime, "exec", self.name, *command], check=False, timeout=30).returncode  # noqa: S603

    def stop(self) -> float:
        """Stop it as `docker stop` does and return how many seconds that took."""
        began = time.monotonic()
        subprocess.run([*self.runtime, "kill", self.name, "TERM"], check=True, timeout=30)  # noqa: S603
        self.process.wait(timeout=_STOP_SECONDS)
        return time.monotonic() - began


@contextmanager
def mounted_image() -> Iterator[Image]:
    """Lay out the image's files in Buildah's store while the block runs."""
    config = json.loads(_buildah("inspect", "--type", "image", NAME))["Docker"]["config"]
    working = _buildah("from", "--pull-never", NAME)
    try:
        yield Image(Path(_buildah("mount", working)), config)
    finally:
        _buildah("umount", working)
        _buildah("rm", working)


@contextmanager
def running(image: Image, folder: Path, environment: dict[str, str]) -> Iterator[Container]:
    """Run the image's own command on the volume `folder`/data, in the caller's network, until the block ends."""
    bundle = folder / f"bundle-{secrets.token_hex(4)}"
    bundle.mkdir()
    (bundle / "config.json").write_text(json.dumps(_settings(image, _volume(folder), environment)), encoding="utf-8")
    runtime = (*HIDE_CGROUPS, "crun", "--root", str(folder / "state"), "--cgroup-manager=disabled")
    start = [*runtime, "run", "--bundle", str(bundle), bundle.name]
    with subprocess.Popen(start, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            yield Container(process, runtime, bundle.name, _token(process))
        finally:
            if process.poll() is None:
                subprocess.run([*runtime, "kill", bundle.name, "KILL"], check=False, timeout=30)  # noqa: S603


def _buildah(*arguments: str) -> str:
    done = subprocess.run(["buildah", *arguments], capture_output=True, text=True, check=True, timeout=60)  # noqa: S603, S607
    return done.stdout.strip()


def _volume(folder: Path) -> Path:
    data = folder / "data"
    if not data.exists():
        data.mkdir()
        subprocess.run(["chown", str(_USER), str(data)], check=True, timeout=30)  # noqa: S603, S607
    return data


def _settings(image: Image, data: Path, environment: dict[str, str]) -> dict[str, Any]:
    given = [f"{name}={value}" for name, value in environment.items()]
    return {
        "ociVersion": "1.0.2",
        "root": {"path": str(image.root), "readonly": True},
        "hostname": "container",
        "process": {
            "args": image.config["Cmd"],
            "cwd": image.config["WorkingDir"],
            "env": [*image.config["Env"], *given],
            "user": {"uid": _USER, "gid": _USER},
            "capabilities": {},
            "noNewPrivileges": True,
        },
        "mounts": [
            *MOUNTS,
            {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["noexec", "nosuid", "nodev"]},  # noqa: S108
            {"destination": "/data", "source": str(data), "options": ["rbind", "rw"]},
        ],
        "linux": {"namespaces": [{"type": kind} for kind in ("pid", "mount", "ipc", "uts")], **confinement()},
    }


def _token(process: subprocess.Popen[str]) -> str:
    """Read the log up to the link that signs the owner in."""
    assert process.stderr is not None
    for line in process.stderr:
        _, found, token = line.partition("token=")
        if found:
            return token.split()[0]
    raise AssertionError("The server ended before it printed its link.")
