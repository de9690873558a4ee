"""What a slow stream costs the requests beside it, and a long thread its own requests."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

from raw_client import RawClient

ROUNDS = 50
LONG = 10_000
SHORT = 10

Work = Callable[[], Awaitable[object]]


async def measure_slow_stream(port: int, assistant: str) -> None:
    """Print how long other requests take while a run streams a word every 80 ms."""
    slow = asyncio.create_task(_run(port, assistant, "Say fifty words slowly."))
    client = await RawClient.connect(port)
    thread = await _thread(client, 1)
    works: list[Work] = [
        lambda: client.get(f"/v1/assistants/{assistant}"),
        lambda: client.post("/v1/threads", {}),
        lambda: _add(client, thread),
        lambda: _list(client, thread),
    ]
    taken: list[float] = []
    while not slow.done():
        taken += [await _milliseconds(work) for work in works]
        await asyncio.sleep(0.01)
    client.close()
    print(f"\nbeside a stream of 80 ms a token, {len(taken)} other requests")
    print(
        f"median {statistics.median(taken):.1f} ms, 99 % {_percentile(taken, 0.99):.1f} ms, worst {max(taken):.1f} ms"
    )
    print(f"the stream itself took {await slow:.2f} s")


async def measure_long_thread(port: int, assistant: str) -> None:
    """Print what listing, adding and running cost in a short and in a long thread."""
    print(f"\nmessages in the thread {'list':>12} {'add':>12} {'run':>12}   (medians)")
    for length in (SHORT, LONG):
        client = await RawClient.connect(port)
        threads = [await _thread(client, length)] if length == LONG else []
        medians = [await _median(client, assistant, threads, work) for work in (_list, _add, _run_on)]
        print(f"{length:22} " + " ".join(f"{median:9.2f} ms" for median in medians))
        client.close()


async def _median(
    client: RawClient,
    assistant: str,
    threads: list[str],
    work: Callable[[RawClient, str, str], Awaitable[object]],
) -> float:
    """Time `work` on the thread given, or each time on a fresh short one, so that it stays short."""
    taken = []
    for _ in range(ROUNDS):
        thread = threads[0] if threads else await _thread(client, SHORT)
        taken.append(await _milliseconds(lambda: work(client, thread, assistant)))  # noqa: B023  awaited at once
    return statistics.median(taken)


async def _list(client: RawClient, thread: str, _assistant: str = "") -> object:
    return await client.get(f"/v1/threads/{thread}/messages")


async def _add(client: RawClient, thread: str, _assistant: str = "") -> object:
    return await client.post(f"/v1/threads/{thread}/messages", {"role": "user", "content": "Say fifty words."})


async def _run_on(client: RawClient, thread: str, assistant: str) -> object:
    run = {"assistant_id": assistant, "stream": True}
    return await client.stream(f"/v1/threads/{thread}/runs", run, b"event: thread.message.delta")


async def _run(port: int, assistant: str, text: str) -> float:
    client = await RawClient.connect(port)
    thread = (await client.post("/v1/threads", {"messages": [{"role": "user", "content": text}]}))["id"]
    started = time.perf_counter()
    await _run_on(client, str(thread), assistant)
    client.close()
    return time.perf_counter() - started


async def _thread(client: RawClient, length: int) -> str:
    """Create a thread of so many messages."""
    message = {"role": "user", "content": "A message of a few words, as people write them."}
    return str((await client.post("/v1/threads", {"messages": [message] * length}))["id"])


async def _milliseconds(work: Work) -> float:
    started = time.perf_counter()
    await work()
    return (time.perf_counter() - started) * 1000


def _percentile(taken: list[float], share: float) -> float:
    return sorted(taken)[min(int(len(taken) * share), len(taken) - 1)]
