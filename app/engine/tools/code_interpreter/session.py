"""The server's end of one kernel: cells go in, checked events come out, and nothing of it is believed."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import signal
import socket
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import assert_never

import anyio

from .fork_server import Started
from .jail.frames import FrameError, FrameReader, encode
from .limits import Limits
from .port import CellDone, Figure, Logs
from .replies import Drawn, Finished, Ready, Refused, parse_reply

_READY_SECONDS = 20.0
_SEND_SECONDS = 10.0
_READ_BYTES = 65536
_PAUSE_SECONDS = 0.02
RESET = "the session was reset: variables are gone, files are kept"


@dataclass(frozen=True, slots=True)
class Gone:
    """The kernel has ended; the note says why, in words for the model."""

    note: str


_Item = Logs | Ready | Refused | Drawn | Finished | Gone


class Session:
    """A live kernel with its frames, its output and the handle on its processes."""

    def __init__(
        self,
        started: Started,
        frames: socket.socket,
        output: int,
        limits: Limits,
        *,
        ends_at_once: bool = True,
        can_be_interrupted: bool = True,
    ) -> None:
        self.pid = started.pid
        self._end_signal = signal.SIGKILL if ends_at_once else signal.SIGTERM
        self._can_be_interrupted = can_be_interrupted
        self._pidfd = started.pidfd
        self._frames = frames
        self._output = output
        self._limits = limits
        self._reader = FrameReader()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._items: asyncio.Queue[_Item] = asyncio.Queue()
        self._output_left = limits.output_bytes
        self._figures_left = 0
        self._cell = 0
        self._is_running = False
        self._figure_number = 0
        self._end_note: str | None = None
        self._is_open = True
        self._closed = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(frames.fileno(), self._on_frames)
        loop.add_reader(output, self._on_output)
        loop.add_reader(started.pidfd, self._on_exit)

    @property
    def is_alive(self) -> bool:
        """Say whether the kernel can take a cell."""
        return self._is_open

    async def wait_ready(self) -> Ready | Refused:
        """Wait for the outcome of the self-test."""
        try:
            async with asyncio.timeout(_READY_SECONDS):
                item = await self._items.get()
        except TimeoutError:
            return Refused(("the session did not start in time",), has_hole=False)
        if isinstance(item, Ready | Refused):
            return item
        return Refused((item.note if isinstance(item, Gone) else "the session spoke out of turn",), has_hole=False)

    async def run(self, code: str) -> AsyncGenerator[Logs | Figure | CellDone]:
        """Run a cell; closing the iterator interrupts it."""
        self._cell += 1
        self._is_running = True
        self._output_left, self._figures_left = self._limits.output_bytes, self._limits.figures
        done: CellDone | None = None
        try:
            await self._send({"id": self._cell, "op": "run", "code": code})
            async for event in self._follow():
                if isinstance(event, CellDone):
                    done = event
                yield event
        finally:
            if done is None:
                with anyio.CancelScope(shield=True):
                    await self._stop_cell()

    async def _send(self, message: dict[str, object]) -> None:
        try:
            async with asyncio.timeout(_SEND_SECONDS):
                await asyncio.get_running_loop().sock_sendall(self._frames, encode(message))
        except (OSError, TimeoutError):
            self.kill()

    async def _follow(self) -> AsyncGenerator[Logs | Figure | CellDone]:
        seconds, is_interrupted = self._limits.cell_seconds, False
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    item = await self._items.get()
            except TimeoutError:
                if is_interrupted or not self._can_be_interrupted:
                    self.kill(f"the cell did not stop after {seconds:g} seconds and {RESET}")
                    deadline += _SEND_SECONDS
                    continue
                is_interrupted = True
                self.interrupt()
                deadline = asyncio.get_running_loop().time() + self._limits.grace_seconds
                continue
            match item:
                case Logs():
                    yield self._merge(item)
                case Drawn(_, png):
                    self._figure_number += 1
                    yield Figure(f"figure-{self._figure_number}.png", png)
                case Finished(_, outcome):
                    if is_interrupted:
                        note = f"the cell was stopped after {seconds:g} seconds; variables and files are kept"
                        yield CellDone("timeout", note)
                    else:
                        yield CellDone(outcome)
                    return
                case Gone(note):
                    yield CellDone("reset", note)
                    return
                case Ready() | Refused():
                    self.kill()
                case _:
                    assert_never(item)

    def _merge(self, first: Logs) -> Logs:
        """Join output that has piled up, so that a busy cell makes few events."""
        texts = [first.text]
        kept: list[_Item] = []
        while not self._items.empty():
            item = self._items.get_nowait()
            if kept or not isinstance(item, Logs):
                kept.append(item)
            else:
                texts.append(item.text)
        for item in kept:
            self._items.put_nowait(item)
        return Logs("".join(texts))

    async def _stop_cell(self) -> None:
        """Interrupt a cell that nobody follows any more; kill the session if it goes on."""
        self.interrupt()
        try:
            async with asyncio.timeout(self._limits.grace_seconds):
                while not isinstance(await self._items.get(), Finished | Gone):
                    pass
        except TimeoutError:
            self.kill()

    def interrupt(self) -> None:
        """Ask the session's keeper to send SIGINT to the kernel and what it started."""
        self._signal(signal.SIGUSR1)

    def kill(self, note: str = RESET) -> None:
        """End the session and every process in it; without a process namespace its keeper does that, on request."""
        self._end_note = self._end_note or note
        self._signal(self._end_signal)

    def _signal(self, number: signal.Signals) -> None:
        if self._is_open:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._pidfd, number)

    async def aclose(self) -> None:
        """Kill the session and wait until it has gone."""
        self.kill()
        with anyio.move_on_after(self._limits.grace_seconds, shield=True):
            await self._closed.wait()
        self._signal(signal.SIGKILL)
        self._close()

    def _on_exit(self) -> None:
        if self._is_open:
            self._read_frames()
            self._drain_output()
            self._close()

    def _close(self) -> None:
        if not self._is_open:
            return
        self._is_open = False
        self._closed.set()
        loop = asyncio.get_running_loop()
        for descriptor in (self._frames.fileno(), self._output, self._pidfd):
            loop.remove_reader(descriptor)
        self._frames.close()
        os.close(self._output)
        os.close(self._pidfd)
        self._items.put_nowait(Gone(self._end_note or RESET))

    def _on_frames(self) -> None:
        if self._is_open and not self._read_frames():
            asyncio.get_running_loop().remove_reader(self._frames.fileno())
            self.kill()

    def _read_frames(self) -> bool:
        """Take what has come; False when the kernel closed its end or broke the protocol."""
        try:
            data = self._frames.recv(4 * _READ_BYTES)
            for message in self._reader.feed(data):
                self._accept(parse_reply(message))
        except BlockingIOError:
            return True
        except (OSError, FrameError):
            return False
        return bool(data)

    def _accept(self, reply: Ready | Refused | Drawn | Finished) -> None:
        if isinstance(reply, Drawn | Finished) and not (self._is_running and reply.id == self._cell):
            raise FrameError("a frame belongs to no running cell")
        if isinstance(reply, Drawn):
            self._figures_left -= 1
            if self._figures_left < 0:
                raise FrameError("too many figures")
        if isinstance(reply, Finished):
            self._is_running = False
        self._drain_output()
        self._items.put_nowait(reply)

    def _on_output(self) -> None:
        """Read what was printed, then pause, so that a thousand prints make a few events."""
        if not self._is_open:
            return
        count = self._read_output()
        if count == 0 or self._output_left > 0:
            asyncio.get_running_loop().remove_reader(self._output)
        if count != 0 and self._output_left > 0:
            asyncio.get_running_loop().call_later(_PAUSE_SECONDS, self._resume_output)

    def _resume_output(self) -> None:
        if self._is_open:
            asyncio.get_running_loop().add_reader(self._output, self._on_output)

    def _drain_output(self) -> None:
        """Read what was printed before the frame that has just come; a pipe holds no more than this."""
        for _ in range(17):
            if not self._read_output():
                return

    def _read_output(self) -> int | None:
        """Take a piece of output and return its size: None when there is none now, 0 when there will be no more."""
        try:
            data = os.read(self._output, _READ_BYTES)
        except BlockingIOError:
            return None
        if data:
            self._keep_output(data)
        return len(data)

    def _keep_output(self, data: bytes) -> None:
        if self._output_left <= 0:
            return
        text = self._decoder.decode(data[: self._output_left])
        self._output_left -= len(data)
        if self._output_left <= 0:
            text += f"\n[output cut after {self._limits.output_bytes:,} bytes]\n"
        if text:
            self._items.put_nowait(Logs(text))
