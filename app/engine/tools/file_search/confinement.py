"""What the process that reads a document gives up before it looks at it: files, network, other processes."""

from __future__ import annotations

import os
import platform
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.engine.tools.code_interpreter.jail import landlock, limits, seccomp, system

_ROOT: Final = Path(__file__).resolve().parents[4]
MEMORY_BYTES: Final = 2 * 1024**3
CPU_SECONDS: Final = 600
_OPEN_FILES: Final = 64
_MACHINES: Final = frozenset({"x86_64", "aarch64"})
_LANDLOCK_VERSION: Final = 3
"""The first that also guards the truncation of files."""
_SYSTEM_LIBRARIES: Final = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")


def confine() -> list[str]:
    """Keep what is open already and the right to read libraries; return a sentence for each missing layer."""
    _set_limits()
    if sys.platform != "linux" or platform.machine() not in _MACHINES:
        return [f"{platform.system()} on {platform.machine()} offers neither Landlock nor seccomp"]
    layers: tuple[Callable[[], object], ...] = (
        lambda: system.prctl(system.PR_SET_PDEATHSIG, signal.SIGKILL),
        limits.drop_capabilities,
        limits.forbid_new_privileges,
        _allow_libraries,
        lambda: seccomp.install(alone=os.getpid()),
    )
    return [reason for layer in layers if (reason := _fault(layer))]


def _set_limits() -> None:
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        resource.setrlimit(limit, (value, value))


def _fault(layer: Callable[[], object]) -> str:
    try:
        layer()
    except OSError as exc:
        return exc.strerror or str(exc)
    return ""


def _allow_libraries() -> None:
    modules = [path for path in sys.path if path and os.path.realpath(path) != os.path.realpath(_ROOT)]
    version = landlock.confine(
        listing=[], read=[str(_ROOT / "app"), *modules, *_SYSTEM_LIBRARIES, "/dev/urandom"], use=[], keep=[], touch=[]
    )
    if version < _LANDLOCK_VERSION:
        raise OSError(f"Landlock version {_LANDLOCK_VERSION} is needed, this kernel has {version or 'none'}")
