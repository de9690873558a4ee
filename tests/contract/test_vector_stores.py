"""The SDK's helpers for vector stores against the live server."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types.beta.threads.runs import RunStepInclude

FRUIT = {
    "apple.txt": b"The apple grows on trees.",
    "banana.md": b"Bananas are yellow.",
    "data.json": b'{"cherry": "red"}',
}


def test_the_upload_helper_waits_until_the_file_is_read(client: OpenAI) -> None:
    store = client.vector_stores.create(name="Fruit")
    file = client.vector_stores.files.upload_and_poll(vector_store_id=store.id, file=("apple.txt", FRUIT["apple.txt"]))
    assert (file.status, file.usage_bytes) == ("completed", len(FRUIT["apple.txt"]))
    content = client.vector_stores.files.content(file.id, vector_store_id=store.id)
    assert [part.text for part in content] == ["The apple grows on trees."]
    assert client.vector_stores.delete(store.id).deleted


def test_the_batch_helper_and_search(client: OpenAI) -> None:
    store = client.vector_stores.create(name="Fruit")
    batch = client.vector_stores.file_batches.upload_and_poll(vector_store_id=store.id, files=list(FRUIT.items()))
    assert (batch.status, batch.file_counts.completed) == ("completed", 3)
    listed = client.vector_stores.file_batches.list_files(batch.id, vector_store_id=store.id)
    assert len(listed.data) == 3
    found = client.vector_stores.search(store.id, query="yellow banana", max_num_results=1)
    assert [(result.filename, result.content[0].text) for result in found] == [("banana.md", "Bananas are yellow.")]
    assert 0 < found.data[0].score <= 1


def test_a_table_is_refused_in_the_hosted_words(client: OpenAI) -> None:
    store = client.vector_stores.create()
    file = client.files.create(file=("t.csv", b"a,b"), purpose="assistants")
    with pytest.raises(openai.BadRequestError, match=r"extensions \[\.csv\] are not supported for retrieval"):
        client.vector_stores.files.create(store.id, file_id=file.id)


SALES = {
    "description": "This document contains the sale history data for Contoso products.",
    "sales": [
        {"month": "January", "by_product": {"113043": 15, "113045": 12, "113049": 2}},
        {"month": "February", "by_product": {"113045": 22}},
        {"month": "March", "by_product": {"113045": 16, "113055": 5}},
    ],
}
CHART = "import matplotlib.pyplot as plt\nplt.plot([12, 22, 16])\nplt.show()"
QUESTION = f"""How well did product 113045 sell in February? Graph its trend over time.
!call file_search {{"queries": ["product 113045 February"]}}
!code {CHART}
!say It sold 22 units in February【4:0†monthly_sales.json】."""


def test_search_and_code_work_together_in_one_run(client: OpenAI) -> None:
    """The conversation of the .NET example: an answer with the number, its source, and a chart."""
    content = json.dumps(SALES).encode()
    file = client.files.create(file=("monthly_sales.json", content), purpose="assistants")
    assistant = client.beta.assistants.create(
        model="gpt-4o",
        tools=[{"type": "file_search"}, {"type": "code_interpreter"}],
        tool_resources={"file_search": {"vector_stores": [{"file_ids": [file.id]}]}},
    )
    assert assistant.tool_resources is not None
    assert assistant.tool_resources.file_search is not None
    [store_id] = assistant.tool_resources.file_search.vector_store_ids or []
    client.vector_stores.files.poll(file.id, vector_store_id=store_id)
    thread = client.beta.threads.create(messages=[{"role": "user", "content": QUESTION}])
    run = client.beta.threads.runs.create_and_poll(thread_id=thread.id, assistant_id=assistant.id)
    assert run.status == "completed"
    image, text = client.beta.threads.messages.list(thread.id).data[0].content
    assert image.type == "image_file"
    assert text.type == "text"
    assert "22" in text.text.value
    [cited] = text.text.annotations
    assert cited.type == "file_citation"
    assert cited.file_citation.file_id == file.id
    included = client.beta.threads.runs.steps.list(
        run.id, thread_id=thread.id, include=["step_details.tool_calls[*].file_search.results[*].content"]
    )
    assert "113045" in included.data[-1].model_dump_json()


@pytest.mark.parametrize("asked", [[], ["step_details.tool_calls[*].file_search.results[*].content"]])
def test_a_streamed_run_shows_passages_on_request(client: OpenAI, asked: list[RunStepInclude]) -> None:
    file = client.files.create(file=("banana.txt", b"Bananas are yellow."), purpose="assistants")
    assistant = client.beta.assistants.create(model="gpt-4o", tools=[{"type": "file_search"}])
    question = 'What is yellow?\n!call file_search {"queries": ["yellow"]}\n!say Bananas.'
    attached: Any = [{"file_id": file.id, "tools": [{"type": "file_search"}]}]
    thread = client.beta.threads.create(messages=[{"role": "user", "content": question, "attachments": attached}])
    with client.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id, include=asked) as stream:
        completed = [event.data for event in stream if event.event == "thread.run.step.completed"]
    assert ("Bananas are yellow." in str(completed[0])) is bool(asked)
