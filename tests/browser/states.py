"""States of the page that must look right, read right and hold together: for tests and for `make screenshots`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from playwright.async_api import expect

from tests.browser import librarian, sheet_states
from tests.browser.playground import Playground
from tests.browser.programs import begin_elsewhere, offer_functions

Reach = Callable[[Playground], Awaitable[None]]
"""Brings a page of a first visit into the state."""

_LONG_CODE = "\n".join(f"    total_{number} = combine(total_{number - 1}, {number})" for number in range(1, 300))
_WIDE_TABLE = "\n".join(
    ["|" + "|".join(f"column {number}" for number in range(24)) + "|", "|" + "---|" * 24]
    + ["|" + "|".join(f"{row * column:,}" for column in range(24)) + "|" for row in range(1, 9)]
)
_WRITINGS = f"""Long words: {"Donaudampfschifffahrtsgesellschaftskapitän" * 6}

Right to left: مرحبا بالعالم، هذا نص طويل من اليمين إلى اليسار مع رقم 42 وكلمة English في الوسط.

CJK: 吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。泣いていた事だけは記憶している。

{_WIDE_TABLE}

```python
def run():
{_LONG_CODE}
```"""
_SIXTY_IMAGES = """!code import matplotlib.pyplot as plt
for number in range(60):
    plt.figure(figsize=(2, 1.4))
    plt.plot([0, number])
    plt.show()
!say Sixty figures."""


async def first_visit(page: Playground) -> None:
    """See that nothing is there yet."""
    await expect(page.conversation).to_be_visible()


async def computed(page: Playground) -> None:
    """Get an answer that rests on code that ran."""
    await page.start_with("Math Assist")
    await page.button("Add and run").click()
    await expect(page.answers.last).to_contain_text("it holds")
    await page.finished()


async def drawn(page: Playground) -> None:
    """Get a figure in the answer."""
    await page.start_with("Data Visualization")
    await page.button("Add and run").click()
    await expect(page.answers.last.get_by_role("img").first).to_have_js_property("complete", value=True)
    await page.finished()


async def streaming(page: Playground) -> None:
    """Catch a run in the middle of its answer."""
    await page.start_with("Math Assist")
    await page.run("!slow 0.2\n!say " + "This answer comes word by word. " * 40)
    await expect(page.answers.last).to_contain_text("word by word")


async def failed(page: Playground) -> None:
    """See a run fail."""
    await page.start_with("Math Assist")
    await page.run("!fail 500")
    await expect(page.conversation.get_by_role("group", name="The run failed")).to_be_visible()


async def refused(page: Playground) -> None:
    """Send what cannot be run."""
    await page.message.fill("Hello?")
    await page.button("Add and run").click()
    await expect(page.tab.locator("#composer-error")).not_to_be_empty()


async def waiting(page: Playground) -> None:
    """Wait for the outputs of two functions, one with a long name and a long argument."""
    name = "look_up_the_weather_of_the_next_days_in_a_place_"[:60]
    await offer_functions(page, "get_stock", name)
    await page.run(f'!call get_stock {{"symbol": "X"}}\n{name} {{"place": "{"Llanfairpwll" * 40}"}}')
    await page.conversation.get_by_role("textbox").first.fill("This is no JSON")
    await expect(page.conversation.get_by_text("It is submitted as it stands.")).to_be_visible()


async def mocking(page: Playground) -> None:
    """Look at the mocks of a function."""
    await waiting(page)
    await page.conversation.get_by_role("button", name="Keep as mock").first.click()
    await page.button("Save mock").click()
    await expect(page.tab.get_by_text("Fits this call")).to_be_visible()


async def locked(page: Playground) -> None:
    """Find the thread locked by another program's run."""
    assistant = await offer_functions(page, "look_up")
    await begin_elsewhere(page, assistant, "!call look_up {}")
    await expect(page.tab.locator("#lock-alarm")).to_contain_text("Its program is to submit an output")


async def unruly(page: Playground) -> None:
    """Show long words, other writings, a wide table and 300 lines of code, from an assistant with a long name."""
    await page.tab.get_by_label("Name", exact=True).fill("The assistant with the very long name " * 5)
    await page.button("Create assistant").click()
    await expect(page.button("Save")).to_be_visible()
    await page.run(f"!say {_WRITINGS}")
    await expect(page.answers.last).to_contain_text("total_299")
    await page.finished()


async def many_images(page: Playground) -> None:
    """Show sixty images in one thread."""
    await page.start_with("Math Assist")
    await page.run(_SIXTY_IMAGES)
    await expect(page.answers.last).to_contain_text("Sixty figures.")
    await page.finished()


async def coding(page: Playground) -> None:
    """Look at the session as a program."""
    await page.start_with("Math Assist")
    await page.run("!say Hello")
    await page.finished()
    await page.button("View code").click()
    await page.tab.get_by_text("The whole session").click()
    await expect(page.tab.locator("#program")).to_contain_text("A session of the playground")


async def prompted(page: Playground) -> None:
    """Look at what the model was sent."""
    await page.start_with("Math Assist")
    await page.run("!say Hello")
    await page.finished()
    await page.tab.locator('[hx-get$="/prompt"]').first.click()
    await page.tab.locator("#prompt summary", has_text="System").click()
    await expect(page.tab.locator("#prompt pre:visible")).to_contain_text("You are an AI assistant")


async def arranging(page: Playground) -> None:
    """Arrange the panes: the logs on the left, no setup, the menu open."""
    await page.tab.locator("#panels > summary").click()
    await page.button("Move Logs left").click()
    await page.button("Move Logs left").click()
    await page.tab.get_by_role("checkbox", name="Setup", exact=True).uncheck()
    await expect(page.tab.locator(".pane.setup")).to_be_hidden()


async def storing(page: Playground) -> None:
    """Look at a vector store: files read, failed and refused, and passages found."""
    await librarian.fill_store(page)
    await librarian.try_search(page)


async def cited(page: Playground) -> None:
    """Get an answer with citations; files wait in the composer, one of them refused."""
    await librarian.fill_store(page)
    await librarian.save(page)
    await page.run(librarian.QUESTION)
    await page.finished()
    await librarian.open_found(page)
    files = [librarian.file("data.csv"), librarian.file("long" * 40 + ".md"), librarian.file("empty.txt", b"")]
    await page.tab.get_by_label("Attach files").set_input_files(files)
    await expect(page.tab.get_by_role("list", name="Attached files").get_by_role("listitem")).to_have_count(2)


async def editing(page: Playground) -> None:
    """Edit a message while the menu of another is open."""
    await page.start_with("Math Assist")
    await page.run("!say An answer to look into")
    await page.finished()
    await page.conversation.get_by_role("button", name="Edit", exact=True).click()
    await expect(page.conversation.get_by_role("article", name="Edit your message")).to_be_visible()
    await page.conversation.get_by_label("More about this message").click()
    await page.conversation.locator(".menu[open] summary", has_text="Delete").click()


async def choosing_a_thread(page: Playground) -> None:
    """Open the list of threads, with the menu of one."""
    for title in ("שלום עולם " * 20, "漢字" * 80, "x" * 300):
        await page.message.fill(title)
        await page.button("Add message").click()
        await expect(page.message).to_have_value("")
        await page.button("New chat").click()
        await page.live()
    await page.button("Threads").click()
    await page.tab.get_by_role("dialog", name="Threads").get_by_label("More about xxx").first.click()


async def overriding(page: Playground) -> None:
    """Have run options refused."""
    await page.start_with("Math Assist")
    await page.button("Run options").click()
    sheet = page.tab.get_by_role("dialog", name="Run options")
    await sheet.get_by_label("Temperature").fill("9")
    await sheet.get_by_role("button", name="Use in the next runs").click()
    await expect(sheet.locator("#option-temperature-error")).not_to_be_empty()


async def connecting(page: Playground) -> None:
    """Test a connection while another one is refused."""
    await page.tab.get_by_label("Connected resource: Built-in engine").click()
    await page.tab.get_by_role("button", name="Connections…").click()
    await page.tab.get_by_text("Add a connection").click()
    await page.tab.get_by_label("Address").fill("ftp://example.com")
    await page.tab.get_by_role("button", name="Add connection").click()
    await expect(page.tab.get_by_text("Give the connection a name")).to_be_visible()
    await page.tab.get_by_role("button", name="Test connection").click()
    await expect(page.tab.locator(".check-line.good")).to_have_count(6)


async def lost_server(page: Playground) -> None:
    """Lose the server."""
    await page.message.fill("What I typed is kept.")
    await page.tab.context.set_offline(offline=True)
    await page.button("Add message").click()
    await expect(page.tab.locator("#offline-notice")).to_be_visible()


STATES: Final[dict[str, Reach]] = {
    reach.__name__: reach
    for reach in (
        first_visit,
        computed,
        drawn,
        streaming,
        failed,
        refused,
        waiting,
        mocking,
        locked,
        unruly,
        many_images,
        coding,
        prompted,
        arranging,
        storing,
        cited,
        editing,
        choosing_a_thread,
        connecting,
        overriding,
        sheet_states.writing_a_function,
        sheet_states.setting_the_model,
        sheet_states.importing,
        sheet_states.importing_a_thread,
        sheet_states.choosing_an_assistant,
        sheet_states.reading_a_source,
        sheet_states.attaching,
        sheet_states.connecting,
        sheet_states.wiring,
        sheet_states.finding_nothing,
        lost_server,
    )
}
NEED_SANDBOX: Final = frozenset({"computed", "drawn", "many_images"})
