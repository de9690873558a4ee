"""A team of thirty at work: 27 programs and three browsers, then a restart, a lost database, a thousand idle pages.

The server is `python -m app` with a password and a scripted model; with TEST_DATABASE_URL it uses a database of its own
on that PostgreSQL server, through a proxy that is cut for a while. Everybody checks that only their own words arrive.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import secrets
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import httpx2
import psutil
from cut_proxy import CutProxy
from openai import AsyncOpenAI
from playwright.async_api import Page, async_playwright
from run_overhead import free_port, memory_mb, running, wait_for
from scripted_model import NAME
from sqlalchemy import create_engine, make_url, text
from team_person import Person, Seen, ask_model, pause, pause_at_first

PASSWORD = "benchmark of a team"  # noqa: S105  of a server that lives for minutes
PROGRAMS = 27
BROWSERS = 3
IDLE_PAGES = 1000
MINUTES = 5.0
CUT_SECONDS = 20.0
PAUSE_SECONDS = 3.0


@dataclass(slots=True)
class Team:
    """The server and everybody who uses it."""

    url: str
    settings: dict[str, str]
    arguments: list[str]
    people: list[Person] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    process: psutil.Process | None = None

    async def start(self) -> None:
        """Start the server, and wait until it answers."""
        self.process = self.stack.enter_context(running(self.arguments, self.settings))
        await asyncio.to_thread(wait_for, f"{self.url}/health/ready")

    async def stop(self) -> float:
        """Stop the server as Docker does; return the seconds that it took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.terminate()
        await asyncio.to_thread(self.process.wait, 30)
        return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=MINUTES, help="how long the team works")
    parser.add_argument("--quick", action="store_true", help="one minute, and the database is lost for 5 s")
    options = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    asyncio.run(measure(1.0 if options.quick else options.minutes, 5.0 if options.quick else CUT_SECONDS))


async def measure(minutes: float, cut_seconds: float) -> None:
    model_port = free_port()
    with (
        running(["benchmarks/scripted_model.py", "--port", str(model_port)], {}),
        tempfile.TemporaryDirectory() as folder,
    ):
        wait_for(f"http://127.0.0.1:{model_port}/v1/models")
        async with database() as (address, proxy), team_at(model_port, folder, address) as team:
            await at_work(team, model_port, minutes * 60)
            await restart(team, proxy)
            if proxy is not None:
                await lose_database(team, proxy, cut_seconds)
            await everybody_checks(team)
            await idle_pages(team)


@asynccontextmanager
async def database() -> AsyncIterator[tuple[str, CutProxy | None]]:
    """Yield the address of an empty database, and a way to it that can be cut; nothing where SQLite is used."""
    given = os.environ.get("TEST_DATABASE_URL")
    if not given:
        yield "", None
        return
    url, name = make_url(given), f"team_{secrets.token_hex(6)}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    proxy = CutProxy(url.host or "127.0.0.1", url.port or 5432)
    await proxy.listening()
    try:
        yield url.set(drivername="postgresql", database=name).render_as_string(hide_password=False), proxy
    finally:
        proxy.end()
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


@asynccontextmanager
async def team_at(model_port: int, folder: str, address: str) -> AsyncIterator[Team]:
    port = free_port()
    settings = {
        "OPENAI_BASE_URL": f"http://127.0.0.1:{model_port}/v1",
        "OPENAI_API_KEY": "benchmark",
        "BUILTIN_MODEL": "off",
        "OLLAMA_BASE_URL": "off",
        "SANDBOX": "off",
        "LOG_LEVEL": "error",
        "SIGN_IN": "password",
        "PLAYGROUND_PASSWORD": PASSWORD,
        "TRUSTED_PROXIES": "127.0.0.1",
        **({"DATABASE_URL": address} if address else {}),
    }
    team = Team(f"http://127.0.0.1:{port}", settings, ["-m", "app", "--port", str(port), "--data-dir", folder])
    async with team.stack:
        await team.start()
        seen = Seen()
        for number in range(PROGRAMS):
            team.people.append(await program(team, number, seen))
        await asyncio.gather(*(person.begin() for person in team.people))
        playwright = await team.stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        team.stack.push_async_callback(browser.close)
        for number in range(BROWSERS):
            context = await browser.new_context(extra_http_headers={"x-forwarded-for": f"10.0.1.{number}"})
            team.pages.append(await open_page(await context.new_page(), team.url, f"Browser{number}"))
        yield team


async def program(team: Team, number: int, seen: Seen) -> Person:
    """Sign somebody in, and make the key of their program."""
    address = {"x-forwarded-for": f"10.0.0.{number}"}
    async with httpx2.AsyncClient(base_url=team.url, headers=address, trust_env=False, timeout=60) as client:
        await client.post("/sign-in", data={"name": f"Person{number}", "password": PASSWORD})
        team.cookies.append(f"sign-in={client.cookies['sign-in']}")
        made = await client.post("/account/keys", data={"name": "team"})
    key = made.text.partition('data-copy="')[2].partition('"')[0]
    sdk = AsyncOpenAI(base_url=f"{team.url}/v1", api_key=key, max_retries=0, timeout=60)
    return Person(sdk, f"Person{number}", seen)


async def open_page(page: Page, url: str, name: str) -> Page:
    """Sign in with a browser and make an assistant by hand."""
    page.set_default_timeout(60_000)
    await page.goto(url)
    await page.fill("#name", name)
    await page.fill("#password", PASSWORD)
    await page.click("text=Sign in >> nth=-1")
    await page.fill("#setup-form #name", name)
    await page.fill("#deployment", NAME)
    await page.click("#save-assistant")
    await page.wait_for_selector("#save-assistant:text-is('Save')")
    return page


async def say(page: Page, name: str) -> float:
    """Write a message, run, and return the seconds until the whole answer stands there."""
    answers = page.locator("article.message.assistant[data-state=done]")
    before, began = await answers.count(), time.perf_counter()
    await page.fill("#message", f"{name} {secrets.token_hex(4)}")
    await page.press("#message", "Enter")
    await answers.nth(before).wait_for()
    return time.perf_counter() - began


async def use_pages(team: Team, until: float) -> list[float]:
    async def use(number: int, page: Page) -> list[float]:
        seconds = []
        await pause_at_first(PAUSE_SECONDS)
        while time.monotonic() < until:
            seconds.append(await say(page, f"Browser{number}"))
            await pause(PAUSE_SECONDS)
        return seconds

    return [one for found in await asyncio.gather(*(use(*each) for each in enumerate(team.pages))) for one in found]


async def at_work(team: Team, model_port: int, seconds: float) -> None:
    """Let everybody work, and print what they saw."""
    seen, until = team.people[0].seen, time.monotonic() + seconds
    raw = AsyncOpenAI(base_url=f"http://127.0.0.1:{model_port}/v1", api_key="x", max_retries=0)
    memory = asyncio.create_task(watch_memory(team, until))
    tasks = [person.work(until, PAUSE_SECONDS) for person in team.people]
    work = asyncio.gather(ask_model(raw, seen, until), *tasks)
    pages = await use_pages(team, until)
    await work
    own, raws = percentile(seen.first_token_ms), percentile(seen.raw_ms)
    print(f"{PROGRAMS} programs and {BROWSERS} browsers for {seconds:.0f} s, load {os.getloadavg()[0]:.1f}")
    print(f"  runs {seen.runs}, errors {dict(seen.errors)}, failed runs {dict(seen.failed_runs)}")
    print(f"  first token: median {statistics.median(seen.first_token_ms):.0f} ms, 95 % {own:.0f} ms")
    print(f"  the model's own meanwhile: median {statistics.median(seen.raw_ms):.0f} ms, 95 % {raws:.0f} ms")
    print(
        f"  answers on the pages {len(pages)}, whole after {statistics.median(pages):.1f} s, at most {max(pages):.1f} s"
    )
    print(f"  memory by quarters: {', '.join(f'{each:.0f}' for each in await memory)} MB")
    await everybody_checks(team)


async def watch_memory(team: Team, until: float) -> list[float]:
    """Return the server's memory at five moments."""
    assert team.process is not None
    step = (until - time.monotonic()) / 4
    found = [memory_mb(team.process)]
    for _ in range(4):
        await asyncio.sleep(step)
        found.append(memory_mb(team.process))
    return found


async def everybody_checks(team: Team) -> None:
    seen = team.people[0].seen
    await asyncio.gather(*(person.check() for person in team.people))
    for number, page in enumerate(team.pages):
        said = await page.locator("article.message.user .prose").all_inner_texts()
        seen.strays += [f"page {number} shows {each}" for each in said if not each.startswith(f"Browser{number} ")]
    print(f"  strays and losses: {seen.strays or 'none'}")


async def restart(team: Team, proxy: CutProxy | None) -> None:
    """Restart the server while everybody works, behind the proxy from now on; pages come back by themselves."""
    seen = team.people[0].seen
    seen.errors.clear()
    work = [asyncio.create_task(person.work(time.monotonic() + 25, 1.0)) for person in team.people]
    await asyncio.sleep(4)
    took, began = await team.stop(), time.monotonic()
    if proxy is not None:
        direct = make_url(team.settings["DATABASE_URL"])
        team.settings["DATABASE_URL"] = direct.set(host="127.0.0.1", port=proxy.port).render_as_string(
            hide_password=False
        )
    await team.start()
    print(f"restart under load: stopped in {took:.1f} s, ready again after {time.monotonic() - began:.1f} s")
    await asyncio.gather(*work)
    print(f"  errors {dict(seen.errors)}, failed runs {dict(seen.failed_runs)}")
    seconds = [await say(page, f"Browser{number}") for number, page in enumerate(team.pages)]
    print(f"  pages that were open answer again, without a reload, in {max(seconds):.1f} s")
    await everybody_checks(team)


async def lose_database(team: Team, proxy: CutProxy, seconds: float) -> None:
    """Cut the database off for a while, and print what people were told and when it went on."""
    seen = team.people[0].seen
    seen.errors.clear()
    seen.failed_runs.clear()
    work = [asyncio.create_task(person.work(time.monotonic() + seconds + 20, 1.0)) for person in team.people]
    await asyncio.sleep(3)
    proxy.cut()
    await asyncio.sleep(seconds)
    async with httpx2.AsyncClient(trust_env=False, timeout=30) as client:
        ready = await client.get(f"{team.url}/health/ready")
    await proxy.open()
    opened = time.monotonic()
    seen.last_success = 0.0
    while not seen.last_success and time.monotonic() < opened + 30:  # noqa: ASYNC110  a tenth of the figure's own error
        await asyncio.sleep(0.05)
    back = f"{seen.last_success - opened:.1f} s" if seen.last_success else "more than 30 s"
    await asyncio.gather(*work)
    print(
        f"database lost for {seconds:.0f} s: readiness {ready.status_code}, the first run is completed {back} after it"
    )
    print(f"  errors {dict(seen.errors)}\n  failed runs {dict(seen.failed_runs)}")
    for number, page in enumerate(team.pages):
        await say(page, f"Browser{number}")
    print("  pages answer again without a reload")


async def idle_pages(team: Team) -> None:
    """Open a thousand page streams, and print the memory of each."""
    assert team.process is not None
    paths = []
    for cookie in team.cookies:
        async with httpx2.AsyncClient(base_url=team.url, trust_env=False, timeout=60, follow_redirects=True) as client:
            paths.append((cookie, (await client.get("/", headers={"cookie": cookie})).url.path))
    host, port = team.url.removeprefix("http://").split(":")
    before, writers = memory_mb(team.process), []
    for number in range(IDLE_PAGES):
        cookie, path = paths[number % len(paths)]
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"GET {path}/events HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n".encode())
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
        writers.append((reader, writer))
    await asyncio.sleep(10)
    each_kb = (memory_mb(team.process) - before) * 1024 / IDLE_PAGES
    cpu = await asyncio.to_thread(team.process.cpu_percent, 5)
    print(f"{IDLE_PAGES} idle pages: {each_kb:.0f} KB each, {cpu:.0f} % of a core, load {os.getloadavg()[0]:.1f}")
    for _reader, writer in writers:
        writer.close()


def percentile(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


if __name__ == "__main__":
    main()
