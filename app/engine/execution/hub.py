"""Live event streams of runs: published once, followed by any number of readers, each from any position."""

from __future__ import annotations

from collections.abc import AsyncIterator

import anyio

from app.wire.events import StreamEvent


class RunStream:
    """The events of one run so far, in order."""

    def __init__(self) -> None:
        self._events: list[StreamEvent] = []
        self._changed: anyio.Event | None = None
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._events)

    def publish(self, *events: StreamEvent) -> None:
        """Append events and wake all readers."""
        self._events.extend(events)
        if events:
            self._wake()

    def close(self) -> None:
        """Let readers go once they have read everything: this process publishes nothing more."""
        self._is_closed = True
        self._wake()

    async def follow(self, position: int = 0) -> AsyncIterator[list[StreamEvent]]:
        """Yield the events from `position` on, as many at a time as are there; end after an ending event."""
        while True:
            batch = self._events[position:]
            if not batch and self._is_closed:
                return
            if not batch:
                await self._change()
                continue
            position += len(batch)
            for count, event in enumerate(batch, start=1):
                if event.is_ending:
                    yield batch[:count]
                    return
            yield batch

    def _wake(self) -> None:
        if self._changed is not None:
            self._changed.set()
            self._changed = None

    async def _change(self) -> None:
        """Wait until something is published."""
        if self._changed is None:
            self._changed = anyio.Event()
        await self._changed.wait()


class Hub:
    """The streams of the runs that are active in this process."""

    def __init__(self) -> None:
        self._streams: dict[str, RunStream] = {}

    def stream(self, run_id: str) -> RunStream:
        """Return the run's stream; a new one where there is none."""
        stream = self._streams.get(run_id)
        if stream is None:
            stream = self._streams[run_id] = RunStream()
        return stream

    def find(self, run_id: str) -> RunStream | None:
        """Return the run's stream, if the run is active here."""
        return self._streams.get(run_id)

    def publish(self, run_id: str, *events: StreamEvent) -> None:
        """Publish to the run's stream if there is one; a run that ended meanwhile gets none anew."""
        if run_id in self._streams:
            self._streams[run_id].publish(*events)

    def __len__(self) -> int:
        """Return how many runs have a stream."""
        return len(self._streams)

    def close(self) -> None:
        """End all streams, those of runs that still wait too: they are carried out after the restart."""
        for stream in self._streams.values():
            stream.close()

    def forget(self, run_id: str) -> None:
        """Let go of a run that ended; readers that still follow it keep what they hold."""
        self._streams.pop(run_id, None)
