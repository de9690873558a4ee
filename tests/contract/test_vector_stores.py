"""The SDK's helpers for vector stores against the live server."""

from __future__ import annotations

import openai
import pytest
from openai import OpenAI

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
