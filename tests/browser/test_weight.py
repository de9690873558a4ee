"""A first load is light: few requests, few bytes over the wire."""

from __future__ import annotations

from playwright.async_api import BrowserContext

from tests.browser.playground import Playground
from tests.browser.servers import Server

_MOST_BYTES = 120 * 1024
_MOST_REQUESTS = 8


async def test_a_first_load_is_light(context: BrowserContext, server: Server) -> None:
    tab = await context.new_page()
    devtools = await context.new_cdp_session(tab)
    await devtools.send("Network.enable")
    sizes: list[int] = []
    addresses: list[str] = []
    devtools.on("Network.responseReceived", lambda event: addresses.append(event["response"]["url"]))
    devtools.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    await Playground(tab, server.url).open()
    await tab.wait_for_load_state("load")
    assert len(addresses) <= _MOST_REQUESTS, addresses
    assert sum(sizes) <= _MOST_BYTES
