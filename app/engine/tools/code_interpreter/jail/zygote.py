"""The fork server: imports the libraries once, then forks a confined kernel for each session.

It speaks with the server in packets of JSON over its standard input, a SOCK_SEQPACKET pair; descriptors ride along.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys

from . import launch, preload, system

_MAX_PACKET = 65536


def main() -> None:
    """Serve until the server closes its end, or dies."""
    control = socket.socket(fileno=os.dup(0))
    system.prctl(system.PR_SET_PDEATHSIG, signal.SIGKILL)
    system.prctl(system.PR_SET_DUMPABLE, 0)
    system.prctl(system.PR_SET_CHILD_SUBREAPER, 1)
    preload.warm_up()
    gc.collect()
    gc.freeze()
    threads = len(os.listdir("/proc/self/task"))
    _send(control, {"event": "booted", "python": sys.version.split()[0], "threads": threads})
    _serve(control)


def _serve(control: socket.socket) -> None:
    wake_read, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    while True:
        ready, _, _ = select.select([control.fileno(), wake_read], [], [])
        if wake_read in ready:
            os.read(wake_read, 4096)
            _reap()
        if control.fileno() in ready and not _answer(control):
            return


def _reap() -> None:
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return


def _answer(control: socket.socket) -> bool:
    """Handle one packet; False when the server has gone."""
    packet, descriptors, _, _ = socket.recv_fds(control, _MAX_PACKET, 4)
    if not packet:
        return False
    request = json.loads(packet)
    pidfd = -1
    try:
        pid, pidfd = launch.start(request, descriptors)
        reply = {"event": "started", "id": request["id"], "pid": pid}
    except OSError as exc:
        reply = {"event": "failed", "id": request["id"], "reason": str(exc)}
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    _send(control, reply, pidfd)
    return True


def _send(control: socket.socket, reply: dict[str, object], descriptor: int = -1) -> None:
    packet = json.dumps(reply).encode()
    if descriptor < 0:
        control.send(packet)
        return
    socket.send_fds(control, [packet], [descriptor])
    os.close(descriptor)
