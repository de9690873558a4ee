"""The chat pane: messages are added, runs begin, stop and fail, threads are cleared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.engine.tools.code_interpreter.port import Logs
from app.errors import UpstreamFailed
from tests.doubles.models import calls, says
from tests.playground.function_visits import thread_id
from tests.playground.visitor import parsed

if TYPE_CHECKING:
    from tests.playground.conftest import House
    from tests.playground.visitor import Visitor


def test_a_run_answers_and_its_tokens_are_counted(visitor: Visitor, house: House) -> None:
    house.model.turns = [says("It is **1**.")]
    visitor.start()
    visitor.run("Solve it.")
    assert visitor.all("message-body") == ["Solve it.", "It is 1."]
    assert visitor.all("message-author")[1].startswith("Math Assist")
    assert visitor.text("tokens") == "15 tokens"


def test_code_that_ran_stands_before_the_answer_with_its_output(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(("python", '{"code": "print(6 * 7)"}')), says("42")]
    house.interpreter.cells = [[Logs("42\n")]]
    visitor.start()
    visitor.run("Six times seven?")
    assert "print(6 * 7)" in visitor.all("step")[0]
    assert visitor.all("output") == ["Output42"]
    assert visitor.all("message-body")[-1] == "42"
    assert any("code_interpreter" in row for row in visitor.wire())


def test_a_message_is_added_without_a_run_and_run_later(visitor: Visitor, house: House) -> None:
    visitor.start()
    visitor.send("messages", content="Just this.", action="add")
    visitor.open()
    assert visitor.all("message-body") == ["Just this."]
    house.model.turns = [says("Answered.")]
    visitor.run("")
    assert visitor.all("message-body") == ["Just this.", "Answered."]


def test_the_role_stays_for_the_next_message(visitor: Visitor) -> None:
    visitor.start()
    chosen = "string(//select[@name='role']/option[@selected]/@value)"
    visitor.open()
    assert visitor.page.xpath(chosen) == "user"
    answer = visitor.send("messages", content="I said this.", action="add", role="assistant")
    assert parsed(answer.text).xpath(chosen) == "assistant"
    answer = visitor.send("messages", content="And I this.", action="add", role="user")
    assert parsed(answer.text).xpath(chosen) == "user"


def test_what_is_missing_is_said_at_the_composer(visitor: Visitor) -> None:
    response = visitor.send("messages", content="Hello", action="run")
    assert response.status_code == 422
    assert "Create an assistant in the setup first" in response.text
    visitor.start()
    assert "Write a message first." in visitor.send("messages", content="  ", action="run").text
    assert "Write a message first." in visitor.send("messages", content="", action="add").text


def test_a_run_that_can_not_start_keeps_the_message(visitor: Visitor, house: House) -> None:
    visitor.start()
    house.flaky.refusals["/runs"] = 429
    response = visitor.send("messages", content="Hello", action="run")
    assert response.is_success
    assert "The message is added, but the run did not start: Refused with 429" in response.text
    house.flaky.refusals.clear()
    visitor.open()
    assert visitor.all("message-body") == ["Hello"]


def test_a_failed_run_says_why_in_the_chat(visitor: Visitor, house: House) -> None:
    house.model.turns = [[UpstreamFailed("The provider refuses the key.", code="server_error")]]
    visitor.start()
    visitor.run("Hello")
    assert "The provider refuses the key." in visitor.text("conversation")
    assert "choose another deployment" in visitor.text("conversation")


def test_stop_ends_the_run(visitor: Visitor, house: House) -> None:
    house.model.turns = [[*says("One two")[:1], 30.0]]
    visitor.start()
    visitor.send("messages", content="Count.", action="run")
    assert visitor.send("stop").status_code == 204
    visitor.wait_until_idle()
    assert "Stopped" in visitor.text("conversation")


def test_stop_without_a_run_says_so(visitor: Visitor) -> None:
    response = visitor.send("stop")
    assert response.status_code == 404
    assert "No run is active." in response.text


def test_clear_chat_deletes_the_thread_and_begins_another(visitor: Visitor, house: House) -> None:
    house.model.turns = [[*says("One two")[:1], 30.0]]
    visitor.start()
    visitor.send("messages", content="Count.", action="run")
    before = visitor.open().text.split('data-copy="thread_')[1][:24]
    assert visitor.send("clear").is_success
    visitor.open()
    assert visitor.all("message-body") == []
    assert before not in visitor.text("thread-start")
    assert visitor.client.get(f"/v1/threads/thread_{before}").status_code == 404


def test_a_run_that_waits_for_a_function_says_so(visitor: Visitor, house: House) -> None:
    house.model.turns = [calls(("look_up", "{}"))]
    visitor.start()
    assistant_id = visitor.open().text.split('data-copy="asst_')[1][:24]
    tool = {"type": "function", "function": {"name": "look_up", "parameters": {}}}
    visitor.client.post(f"/v1/assistants/asst_{assistant_id}", json={"tools": [tool]})
    visitor.send("messages", content="Look it up.", action="run")
    visitor.open()
    assert "The assistant waits for the output of look_up." in visitor.text("conversation")
    assert visitor.send("stop").status_code == 204


def test_what_was_deleted_meanwhile_is_said_with_what_to_do(visitor: Visitor) -> None:
    visitor.start()
    visitor.open()
    (assistant_id,) = set(visitor.attributes("//input[@name='assistant_id']/@value"))
    assert visitor.client.delete(f"/v1/assistants/{assistant_id}").is_success
    response = visitor.send("messages", content="Hello", action="run")
    assert f"&#39;{assistant_id}&#39;. It was deleted meanwhile. Choose another assistant" in response.text
    assert visitor.client.delete(f"/v1/threads/{thread_id(visitor)}").is_success
    response = visitor.send("messages", content="Hello", action="add")
    assert response.status_code == 422
    assert "Clear the chat to begin a new one; what you typed stays." in response.text
