"""What programs are made of, read from a session."""

from __future__ import annotations

import re

from tests.doubles.models import says
from tests.playground.conftest import House
from tests.playground.visitor import Visitor


def program(visitor: Visitor, **choice: str) -> str:
    response = visitor.client.get(f"{visitor.chat}/code/download", params=choice)
    assert response.is_success, response.text
    assert "attachment" in response.headers["content-disposition"]
    return str(response.text)


def test_what_a_run_changed_is_in_the_session_and_defaults_are_not(visitor: Visitor, house: House) -> None:
    visitor.start()
    thread_id = str(visitor.one("thread-start").xpath(".//@data-copy")[0])
    house.model.turns = [says("One"), says("Two")]
    visitor.run("First")
    assistant_id = visitor.client.get("/v1/assistants").json()["data"][0]["id"]
    visitor.client.post(f"/v1/assistants/{assistant_id}", json={"temperature": 0.2})
    options = {"assistant_id": assistant_id, "temperature": 1, "instructions": "", "tools": [], "tool_choice": "none"}
    limits = {"max_prompt_tokens": 300, "truncation_strategy": {"type": "last_messages", "last_messages": 2}}
    visitor.client.post(f"/v1/threads/{thread_id}/messages", json={"role": "assistant", "content": "Put in"})
    assert visitor.client.post(f"/v1/threads/{thread_id}/runs", json=options | limits).is_success
    visitor.wait_until_idle()
    text = program(visitor, scope="session")
    assert "temperature=0.2" in text
    assert "top_p" not in text
    last = text[text.rindex("run(") :]
    assert all(part in last for part in ('instructions=""', "tools=[]", "temperature=1.0", 'tool_choice="none"'))
    assert re.search(r'role="assistant", content="Put in"', text)
    assert "One" not in text
    for api in ("responses", "chat"):
        assert "truncation_strategy" in program(visitor, scope="session", api=api).partition("import")[0]


def test_the_sheet_shows_the_program_with_copy_and_download(visitor: Visitor) -> None:
    visitor.start()
    sheet = visitor.client.get(f"{visitor.chat}/code").text
    assert 'data-copy="# An assistant of the playground' in sheet
    part = visitor.client.get(f"{visitor.chat}/code/program", params={"api": "chat", "language": "csharp"}).text
    assert "no code interpreter here" in part
    assert "language=csharp" in part
    assert visitor.client.get(f"{visitor.chat}/code/program", params={"api": "x"}).status_code == 422


def test_without_an_assistant_the_sheet_says_what_to_do(visitor: Visitor) -> None:
    assert "Save an assistant first" in visitor.client.get(f"{visitor.chat}/code").text
    assert visitor.client.get(f"{visitor.chat}/code/download").status_code == 400


def test_keys_are_never_written(visitor: Visitor) -> None:
    visitor.start()
    for language in ("python", "javascript", "typescript", "csharp", "curl"):
        for dialect in ("openai", "azure"):
            text = program(visitor, language=language, dialect=dialect)
            assert "OPENAI_API_KEY" in text
            assert "in-process" not in text
            assert "Bearer any" not in text
