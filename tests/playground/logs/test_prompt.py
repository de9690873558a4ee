"""The prompt view in the sheet."""

from __future__ import annotations

from app.playground.logs.prompt import call_view, message_view
from tests.doubles.models import says
from tests.playground.conftest import House
from tests.playground.visitor import Visitor, parsed


def test_the_sheet_shows_what_the_model_was_sent_and_what_was_left_out(visitor: Visitor, house: House) -> None:
    visitor.start()
    house.model.turns = [says("A" * 20_000), says("Short")]
    visitor.run("<b>First</b> " + "x" * 9_000)
    visitor.run("Second " + "y" * 9_000)
    run_id = run_ids(visitor)[0]
    response = visitor.client.get(f"{visitor.chat}/runs/{run_id}/prompt")
    sheet = parsed(response.text)
    text = " ".join(sheet.text_content().split())
    assert "Call 1" in text
    assert "Left out: 2 older messages" in text
    assert "10 tokens in, 5 out" in text
    assert "<b>First</b>" in text
    assert not sheet.xpath("//*[@id='prompt-call-1']//b[text()='First']")
    assert "Second" in text


def test_a_message_s_details_lead_to_the_prompt_of_its_run(visitor: Visitor, house: House) -> None:
    visitor.start()
    house.model.turns = [says("Hello")]
    visitor.run("Hi")
    answer = visitor.attributes("//article[contains(@class, 'assistant')]/@id")[0]
    details = visitor.client.get(f"{visitor.chat}/messages/{answer}/details").text
    assert f"{visitor.chat}/runs/{run_ids(visitor)[0]}/prompt" in details


def run_ids(visitor: Visitor) -> list[str]:
    thread_id = visitor.one("thread-start").xpath(".//@data-copy")[0]
    runs = visitor.client.get(f"/v1/threads/{thread_id}/runs", params={"order": "desc"})
    return [str(run["id"]) for run in runs.json()["data"]]


def test_a_run_that_is_not_there_is_explained(visitor: Visitor) -> None:
    response = visitor.client.get(f"{visitor.chat}/runs/run_nobody/prompt")
    assert "does not tell" in response.text
    assert visitor.client.get(f"{visitor.chat}/runs/..%2F..%2Fassistants/prompt").status_code in {200, 404}


def test_calls_parts_and_pictures_are_shown_as_text() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,… (12 characters, not kept)"}}
    content = [{"type": "text", "text": "Look"}, picture]
    view = message_view({"role": "user", "content": content, "estimated_tokens": 3, "was_shortened": True})
    assert view.text == "Look\n[image data:image/png;base64,… (12 characters, not kept)]"
    call = {"function": {"name": "get_weather", "arguments": "{}"}}
    said = {"role": "assistant", "content": None, "tool_calls": [call], "estimated_tokens": 1, "was_shortened": False}
    assert message_view(said).text == "get_weather({})"


def test_a_call_tells_its_settings_tools_and_share_of_the_window() -> None:
    view = call_view(
        {
            "number": 1,
            "created_at": 0,
            "provider": "Script",
            "context_window": 100,
            "settings": {"model": "m", "temperature": 0.5, "tools": [{"type": "function", "function": {"name": "f"}}]},
            "estimated_tool_tokens": 10,
            "messages": [{"role": "tool", "content": "x", "estimated_tokens": 15, "was_shortened": False}],
            "left_out": [],
            "earlier_messages": 0,
            "prompt_tokens": None,
            "completion_tokens": None,
            "is_cut": False,
        }
    )
    assert (view.model, view.settings, view.share) == ("m", "temperature: 0.5", 25)
    assert view.tools[0][0] == "f"
