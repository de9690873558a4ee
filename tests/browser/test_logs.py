"""The logs pane: activity and wire, filters, what is new, copies, and the way between messages and runs."""

from __future__ import annotations

import asyncio
import json

import httpx2
import pytest
from playwright.async_api import BrowserContext, Route, expect

from tests.browser.playground import Playground
from tests.browser.servers import Server


async def test_a_run_is_told_step_by_step_and_leads_to_its_message_and_calls(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.run("!say Hello")
    run = page.logs.get_by_role("article")
    await expect(run).to_contain_text("Completed")
    step = run.locator("summary", has_text="Message")
    await step.focus()
    await page.tab.keyboard.press("Enter")
    await expect(run.locator(".log-message")).to_have_text("Hello")
    await run.get_by_role("button", name="Show in chat").click()
    await expect(page.answers.last).to_have_attribute("data-flash", "")
    await run.get_by_role("button", name="Calls and events").click()
    await expect(page.logs.locator(".log-row", has_text="thread.run.completed")).to_be_visible()
    await expect(page.logs.locator(".log-row", has_text="/models")).to_have_count(0)
    await page.button("All runs").click()
    await expect(page.logs.locator(".log-row", has_text="/models").first).to_be_visible()
    await page.answers.last.locator("[data-show-run]").dispatch_event("click")
    await expect(page.logs.locator(".log-row", has_text="/models")).to_have_count(0)
    await expect(page.logs.locator(".log-row", has_text="thread.run.completed")).to_be_visible()
    await page.button("All runs").click()
    await expect(page.logs.locator(".log-row", has_text="/models").first).to_be_visible()


async def test_the_wire_is_filtered_unfolded_and_copied(page: Playground, context: BrowserContext) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.start_with("Math Assist")
    await page.show_wire()
    await page.run("!say Hello")
    await page.finished()
    rows = page.logs.locator(".log-row")
    await page.tab.get_by_label("Filter the logs by text").fill("thread.run.completed")
    await expect(rows.filter(has_text="/models")).to_have_count(0)
    await expect(rows.filter(has_text="thread.run.completed")).to_have_count(1)
    await page.tab.get_by_label("Filter the logs by text").fill("")
    await expect(rows.filter(has_text="GET").first).to_be_attached()
    await page.tab.get_by_label("Kind of entry").select_option("change")
    await expect(rows.filter(has_text="GET")).to_have_count(0)
    call = rows.filter(has_text="/runs").last
    await call.locator("summary").first.focus()
    await page.tab.keyboard.press("Enter")
    await expect(call.locator(".log-events li", has_text="thread.run.completed")).to_be_visible()
    await expect(call.locator(".log-events .log-at").last).to_contain_text("ms")
    await call.get_by_role("button", name="Copy as curl").click()
    await expect(call.get_by_role("button", name="Copy as curl")).to_have_attribute("data-copied", "")
    copied = await page.tab.evaluate("() => navigator.clipboard.readText()")
    assert "curl -sSN" in copied
    await page.tab.get_by_label("Status").select_option("failed")
    await expect(page.tab.get_by_text("No entry matches this filter.")).to_be_visible()


async def test_the_events_of_a_stream_come_while_it_goes_on(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.show_wire()
    await page.tab.get_by_label("Kind of entry").select_option("change")
    await page.run("!slow 0.2\n!say " + "word " * 300)
    call = page.logs.locator(".log-row").filter(has_text="/runs").filter(has_text="streaming")
    await call.locator("summary").first.click()
    deltas = page.logs.locator(".log-events li", has_text="thread.message.delta")
    await expect(deltas.first).to_be_visible()
    await deltas.first.locator("summary").click()
    await expect(deltas.nth(await deltas.count() + 2)).to_be_attached()
    await expect(deltas.first.locator("details")).to_have_attribute("open", "")
    assert await call.count() == 1, "The run goes on."
    await page.button("Stop").click()
    await expect(page.logs.locator(".log-events li", has_text="thread.run.cancelled")).to_be_attached()
    await expect(deltas.first.locator("details")).to_have_attribute("open", "")
    await expect(page.logs.get_by_text("Streaming…")).to_have_count(0)


async def test_the_logs_pause_resume_clear_and_remember(page: Playground) -> None:
    await page.show_wire()
    rows = page.logs.locator(".log-row")
    before = await rows.count()
    await page.tab.get_by_label("Pause").check(force=True)
    await page.start_with("Math Assist")
    await expect(page.tab.locator("#log-news")).to_contain_text("new")
    assert await rows.count() == before
    await page.tab.get_by_label("Pause").uncheck(force=True)
    await expect(rows.nth(before)).to_be_attached()
    await expect(page.tab.locator("#log-news")).to_have_text("")
    await page.tab.get_by_label("More for the logs").click()
    await page.button("Clear the view").click()
    await expect(rows).to_have_count(0)
    await page.reload()
    await expect(page.tab.get_by_role("radio", name="Wire")).to_be_checked()
    await page.button("Show them").click()
    await expect(rows.nth(before)).to_be_attached()


async def test_programs_appear_live_and_the_filter_holds_them_back(page: Playground, server: Server) -> None:
    await page.show_wire()
    await page.tab.get_by_label("Whose entries").select_option("all")
    async with httpx2.AsyncClient(base_url=server.url, headers={"api-key": "secret-of-a-program"}) as program:
        await program.post("/openai/threads", json={"metadata": {"from": "a program"}})
        row = page.logs.locator(".log-row", has_text="program").last
        await expect(row).to_contain_text("/threads")
        await row.locator("summary").first.click()
        await expect(row.locator(".log-detail")).to_contain_text("a program")
        await expect(row.locator(".log-detail")).not_to_contain_text("secret-of")
        await page.tab.get_by_label("Kind of entry").select_option("read")
        await expect(page.logs.locator(".log-row", has_text="POST")).to_have_count(0)
        await program.post("/openai/threads", json={})
        await program.get("/openai/assistants")
        await expect(page.logs.locator(".log-row", has_text="program").last).to_contain_text("/assistants")
        await expect(page.logs.locator(".log-row", has_text="POST")).to_have_count(0)


async def test_the_scope_is_this_thread_this_session_or_everything(page: Playground, server: Server) -> None:
    await page.start_with("Math Assist")
    await page.run("!say One")
    await page.finished()
    await page.choose("Clear chat…")
    await page.tab.get_by_role("dialog").get_by_role("button", name="Clear chat").click()
    await expect(page.answers).to_have_count(0)
    await page.run("!say Two")
    await page.finished()
    async with httpx2.AsyncClient(base_url=server.url, headers={"api-key": "any"}) as program:
        thread = await page.tab.locator("#thread-start [data-copy]").get_attribute("data-copy")
        await program.get(f"/openai/threads/{thread}")
        await program.get("/openai/threads/thread_of_nobody")
    runs, rows, scope = page.logs.get_by_role("article"), page.logs.locator(".log-row"), page.tab.get_by_label
    await expect(runs).to_have_count(2)
    await scope("Whose entries").select_option("thread")
    await expect(runs).to_have_count(1)
    await page.show_wire()
    await expect(rows.filter(has_text="program")).to_have_count(1)
    await expect(rows.filter(has_text="/models")).to_have_count(0)
    await scope("Whose entries").select_option("session")
    await expect(rows.filter(has_text="/models").first).to_be_attached()
    await expect(rows.filter(has_text="program")).to_have_count(0)
    await scope("Whose entries").select_option("all")
    await expect(rows.filter(has_text="thread_of_nobody")).to_have_count(1)
    await expect(rows.filter(has_text="/models").first).to_be_attached()


async def test_older_entries_load_on_the_way_up_and_downloads_hold_all(page: Playground, server: Server) -> None:
    await page.tab.get_by_label("Whose entries").select_option("all")
    async with httpx2.AsyncClient(base_url=server.url, headers={"api-key": "any"}) as program:
        for number in range(260):
            await program.get(f"/openai/threads/thread_none{number}")
    await page.show_wire()
    async with page.tab.expect_response(lambda response: "text=thread_none" in response.url):
        await page.tab.get_by_label("Filter the logs by text").fill("thread_none")
    rows = page.logs.locator(".log-row")
    await expect(rows.last).to_contain_text("404")
    await expect(rows).to_have_count(200)
    body = page.tab.locator("#log-body")
    await body.evaluate("box => { box.scrollTop = 0; }")
    await expect(rows).to_have_count(260)
    assert await body.evaluate("box => box.scrollTop") > 0
    await page.tab.get_by_label("More for the logs").click()
    async with page.tab.expect_download() as download:
        await page.button("Download as JSONL").click()
    lines = (await (await download.value).path()).read_text().splitlines()
    assert len(lines) == 260
    assert json.loads(lines[0])["state"] == "failed"
    await page.tab.get_by_label("More for the logs").click()
    async with page.tab.expect_download() as download:
        await page.button("Download calls as HAR").click()
    archive = json.loads((await (await download.value).path()).read_text())
    assert archive["log"]["version"] == "1.2"
    assert {entry["response"]["status"] for entry in archive["log"]["entries"]} == {404}


@pytest.mark.usefixtures("sandbox")
async def test_code_and_its_output_stand_in_the_activity(page: Playground) -> None:
    await page.start_with("Math Assist")
    await page.button("Add and run").click()
    step = page.logs.locator(".waterfall > li", has_text="Code interpreter")
    await step.locator("summary").click()
    await expect(step).to_contain_text("solve(Eq(3 * x + 11, 14), x)")
    await expect(step.locator("pre").last).to_have_text("x = 1")
    await expect(step.locator("rect.ran")).to_have_count(1)


async def test_a_slow_server_does_not_make_a_run_appear_twice(page: Playground) -> None:
    async def delay(route: Route) -> None:
        await asyncio.sleep(0.7)
        await route.continue_()

    await page.start_with("Math Assist")
    await page.tab.route("**/logs/new?**", delay)
    await page.run("!slow 0.1\n!say " + "word " * 20)
    await page.finished()
    await expect(page.logs.get_by_role("article")).to_contain_text("Completed")
    await expect(page.logs.get_by_role("article")).to_have_count(1)
