"""One simulated person of a team: a program with a key of its own, who checks that nobody else's words arrive."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field

import openai
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionMessageParam
from scripted_model import NAME, WORDS

_ANSWER = "".join(f"word{number} " for number in range(WORDS)).strip()


@dataclass(slots=True)
class Seen:
    """What everybody saw."""

    first_token_ms: list[float] = field(default_factory=list)
    raw_ms: list[float] = field(default_factory=list)
    runs: int = 0
    failed_runs: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    strays: list[str] = field(default_factory=list)
    last_success: float = 0.0


@dataclass(slots=True)
class Person:
    """Somebody with a key; `said` is what they wrote and the server took."""

    client: AsyncOpenAI
    name: str
    seen: Seen
    said: list[str] = field(default_factory=list)
    assistant_id: str = ""
    thread_id: str = ""

    async def begin(self) -> None:
        """Make an assistant and a thread."""
        self.assistant_id = (await self.client.beta.assistants.create(model=NAME, name=self.name)).id
        self.thread_id = (await self.client.beta.threads.create()).id

    async def work(self, until: float, pause_seconds: float) -> None:
        """Write and run until the time is over; what fails is counted, and done again as a person would."""
        await pause_at_first(pause_seconds)
        while time.monotonic() < until:
            try:
                await self.ask()
            except openai.APIStatusError as error:
                self.seen.errors[f"{error.status_code}: {error.message[:110]}"] += 1
            except openai.APIError as error:
                self.seen.errors[type(error).__name__] += 1
            await pause(pause_seconds)

    async def ask(self) -> None:
        """Say something that nobody else says, and read the answer."""
        words = f"{self.name} {secrets.token_hex(8)}"
        await self.client.beta.threads.messages.create(self.thread_id, role="user", content=words)
        self.said.append(words)
        began, has_begun = time.perf_counter(), False
        runs = self.client.beta.threads.runs
        async for event in await runs.create(self.thread_id, assistant_id=self.assistant_id, stream=True):
            if event.event == "thread.message.delta" and not has_begun:
                has_begun = True
                self.seen.first_token_ms.append((time.perf_counter() - began) * 1000)
            elif event.event == "thread.run.failed":
                reason = event.data.last_error.message if event.data.last_error else "no reason"
                self.seen.failed_runs[reason[:110]] += 1
            elif event.event == "thread.run.completed":
                self.seen.runs += 1
                self.seen.last_success = time.monotonic()

    async def check(self) -> None:
        """Read everything that is there: only one's own words and whole answers, and nothing is missing."""
        texts = []
        async for message in self.client.beta.threads.messages.list(self.thread_id, order="asc", limit=100):
            text = "".join(part.text.value for part in message.content if part.type == "text")
            if message.role == "user":
                texts.append(text)
            elif not _ANSWER.startswith(text.strip()):
                self.seen.strays.append(f"{self.name} reads {text[:60]!r}")
        missing = [words for words in self.said if words not in texts]
        strange = [words for words in texts if not words.startswith(self.name)]
        if missing or strange:
            self.seen.strays.append(f"{self.name} misses {len(missing)} and reads {strange[:2]}")
        listed = [each.id async for each in self.client.beta.assistants.list()]
        if listed != [self.assistant_id]:
            self.seen.strays.append(f"{self.name} sees {len(listed)} assistants")


async def pause(seconds: float) -> None:
    """Think for about so long, as people do: in lockstep they would all ask at once, again and again."""
    await asyncio.sleep(seconds * (0.5 + secrets.randbelow(1000) / 1000))


async def pause_at_first(seconds: float) -> None:
    """Do not begin all at once."""
    await asyncio.sleep(seconds * secrets.randbelow(1000) / 1000)


async def ask_model(client: AsyncOpenAI, seen: Seen, until: float) -> None:
    """Ask the model itself meanwhile, for comparison under the same load."""
    while time.monotonic() < until:
        began = time.perf_counter()
        completions = client.chat.completions
        messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "words"}]
        async for chunk in await completions.create(model=NAME, messages=messages, stream=True):
            if chunk.choices and chunk.choices[0].delta.content:
                seen.raw_ms.append((time.perf_counter() - began) * 1000)
                break
        await asyncio.sleep(0.3)
