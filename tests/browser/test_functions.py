"""Function calls: answered by hand, by mocks, and what a locked thread says."""

from __future__ import annotations

import re

from playwright.async_api import Locator, expect

from tests.browser.playground import Playground
from tests.browser.programs import begin_elsewhere, offer_functions
from tests.browser.servers import Server, runs_last

WEATHER = '!call get_weather {"location": "Paris"}'
BOTH = f'{WEATHER}\nget_stock {{"symbol": "X"}}\n!say All known.'


def output(page: Playground, function: str) -> Locator:
    return page.conversation.get_by_role("textbox", name=f"Output of {function}")


async def test_parallel_calls_are_answered_together_and_nothing_typed_is_lost(page: Playground) -> None:
    await offer_functions(page, "get_weather", "get_stock")
    await page.run(BOTH)
    weather, stock = output(page, "get_weather"), output(page, "get_stock")
    await expect(weather).to_be_focused()
    await expect(page.tab.locator("#announcer")).to_have_text(
        "The assistant waits for the output of get_weather and get_stock"
    )
    timer = page.conversation.get_by_role("timer")
    left = await timer.inner_text()
    await expect(timer).not_to_have_text(left)
    await page.button("Submit outputs").click()
    await expect(page.conversation.get_by_text("Write an output, or tick Submit it empty.")).to_have_count(2)
    await weather.fill('{"sky":"clear"}')
    await expect(page.conversation.get_by_text("Write an output, or tick Submit it empty.")).to_have_count(1)
    await page.conversation.get_by_role("button", name="Format").click()
    await expect(weather).to_have_value('{\n  "sky": "clear"\n}')
    await stock.fill("up, and this is no JSON")
    await expect(page.conversation.get_by_text("It is submitted as it stands.")).to_be_visible()
    await page.reload()
    await expect(weather).to_have_value('{\n  "sky": "clear"\n}')
    await expect(stock).to_have_value("up, and this is no JSON")
    await page.tab.context.set_offline(True)
    await stock.fill("typed while the connection is lost")
    await page.tab.context.set_offline(False)
    await expect(page.tab.locator('body[data-bus="lost"]')).to_have_count(0)
    await page.live()
    await expect(stock).to_have_value("typed while the connection is lost")
    await page.button("Submit outputs").click()
    await expect(page.answers.last).to_contain_text("All known.")
    await page.finished()
    await expect(page.conversation.get_by_role("group", name="Output of get_stock")).to_contain_text(
        "connection is lost"
    )
    await expect(page.conversation.locator(".run-end")).to_contain_text("240 prompt + 80 completion tokens")
    await expect(page.conversation.locator(".mocked")).to_have_count(0)


async def test_an_output_is_kept_as_mock_and_answers_by_itself(page: Playground) -> None:
    await offer_functions(page, "get_weather")
    await page.run(f"{WEATHER}\n!say Rain.")
    await output(page, "get_weather").fill('{"sky": "rain"}')
    await page.conversation.get_by_role("button", name="Keep as mock").click()
    sheet = page.tab.get_by_role("dialog", name="New mock of get_weather")
    await expect(sheet.get_by_label("Output")).to_have_value('{"sky": "rain"}')
    await expect(sheet.get_by_label("Only when")).to_have_value('location = "Paris"')
    await sheet.get_by_label("Only when").fill("Paris")
    await sheet.get_by_role("button", name="Save mock").click()
    sheet = page.tab.get_by_role("dialog", name="mock of get_weather")
    await expect(sheet.get_by_role("alert")).to_contain_text("Line 1 is no condition.")
    await sheet.get_by_label("Only when").fill("location = Paris")
    await sheet.get_by_role("button", name="Save mock").click()
    sheet = page.tab.get_by_role("dialog", name="Mocks of get_weather")
    await expect(sheet.get_by_text("Fits this call")).to_be_visible()
    await sheet.get_by_role("switch", name="Submit mocks automatically").check()
    await expect(sheet.get_by_role("switch")).to_be_checked()
    await sheet.get_by_role("button", name="Use").click()
    await expect(sheet).to_be_hidden()
    await expect(output(page, "get_weather")).to_have_value('{"sky": "rain"}')
    await page.button("Submit output").click()
    await expect(page.answers.last).to_contain_text("Rain.")
    await page.finished()
    await page.run(f"{WEATHER}\n!say Rain by itself.")
    await expect(page.answers.last).to_contain_text("Rain by itself.")
    await expect(page.answers.last.get_by_text("Mocked")).to_be_visible()
    await page.reload()
    await expect(page.answers.last.get_by_text("Mocked")).to_be_visible()
    await expect(page.answers.first.get_by_text("Mocked")).to_be_visible()
    await page.conversation.get_by_text("Called get_weather").first.click()
    await page.conversation.get_by_role("button", name="Keep as mock").first.click()
    await page.tab.get_by_role("dialog").get_by_role("button", name="Back to the list").click()
    await page.tab.get_by_role("dialog").get_by_role("button", name="Delete mock").click()
    await expect(page.tab.get_by_role("dialog").get_by_text("No mock is saved yet.")).to_be_visible()


async def test_a_run_whose_outputs_do_not_come_expires_and_says_what_to_do(page: Playground, server: Server) -> None:
    await offer_functions(page, "get_weather")
    with runs_last(server, seconds=6):
        await page.run(WEATHER)
        await output(page, "get_weather").fill("half an outp")
        await expect(page.conversation.get_by_text("It is submitted as it stands.")).to_be_visible()
        await expect(page.conversation.get_by_role("timer")).to_have_text(re.compile("0:0[0-6]"))
    expired = page.conversation.get_by_role("group", name="The run expired")
    await expect(expired).to_contain_text("A run has ten minutes")
    await expect(expired).to_contain_text("Run it again")
    call = page.conversation.get_by_role("region", name="Call of get_weather")
    await expect(call).to_contain_text("Not answered")
    await expect(call.get_by_role("group", name="Output that was not submitted")).to_have_text("half an outp")
    await expect(page.conversation.get_by_role("timer")).to_have_count(0)
    await expired.get_by_role("button", name="Run again").click()
    await expect(output(page, "get_weather")).to_be_visible()
    await page.button("Stop").click()
    await page.finished()


async def test_a_run_of_another_program_is_named_with_what_ends_it(page: Playground) -> None:
    assistant = await offer_functions(page, "look_up")
    await page.message.fill("!say My turn.")
    run = await begin_elsewhere(page, assistant, "!call look_up {}\n!say Done.")
    lock = page.tab.locator("#lock-alarm")
    await expect(lock).to_contain_text("A run of another program locks this thread")
    await expect(lock.get_by_role("button", name=f"Copy run id {run}")).to_be_visible()
    await expect(lock).to_contain_text("Its program is to submit an output")
    await expect(page.conversation.get_by_text("The assistant waits for the output of look_up.")).to_be_visible()
    await expect(page.tab.locator("#run-state")).to_be_empty()
    await expect(page.message).to_be_focused()
    await lock.get_by_role("button", name="Send when it ends").click()
    await expect(lock.get_by_role("button", name="Send when it ends")).to_have_attribute("aria-pressed", "true")
    await lock.get_by_role("button", name="Cancel the run").click()
    await expect(page.answers.last).to_contain_text("My turn.")
    await expect(lock).to_be_empty()
    await page.finished()
