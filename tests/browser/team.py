"""A whole program with a scripted model where people sign in, with some people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.async_api import BrowserContext

from app.clock import SystemClock
from app.database import Database
from app.limits import Limits
from app.people.limits import FOR_ALL, KeptLimits
from app.people.people import People
from tests.browser.servers import running_server

_SETTINGS: Final = {"SIGN_IN": "password", "PLAYGROUND_PASSWORD": "correct horse", "SANDBOX": "off"}


@dataclass(frozen=True, slots=True)
class Team:
    """The running server, and the secret by which it knows the browser of Jane, an owner."""

    url: str
    secret: str

    async def sign_in(self, context: BrowserContext) -> None:
        """Let a browser be Jane's."""
        await context.add_cookies([{"name": "sign-in", "value": self.secret, "url": self.url}])


@asynccontextmanager
async def running_team(data_dir: Path) -> AsyncIterator[Team]:
    """Start the program, and let some people in."""
    with running_server(data_dir, _SETTINGS) as server:
        database = Database(f"sqlite:///{data_dir / 'playground.db'}")
        people, limits = People(database, SystemClock()), KeptLimits(database, Limits())
        jane = await people.add("Jane Doe", "owner")
        await people.add("مريم الأندلسي")
        other = await people.add("Somebody with quite a long name, as directories of large companies have them " * 2)
        await limits.set(FOR_ALL, Limits(runs_at_once=4, runs_per_minute=30, storage_mb=2000, upload_mb=200))
        await limits.set(other.id, Limits(runs_at_once=1))
        secret = await people.sign_in(jane)
        await database.aclose()
        yield Team(server.url, secret)
