from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from openai import InternalServerError

from app.errors import NotFound

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from app.connections.clients import Connections


async def test_both_dialects_reach_the_engine(connections: Connections) -> None:
    assert connections.names == ["Built-in engine", "Plain"]
    for name in connections.names:
        thread = await connections.client(name).beta.threads.create(metadata={"a": "b"})
        assert thread.id == "thread_1"


async def test_a_streamed_run_arrives_as_events(connections: Connections) -> None:
    client = connections.client("Built-in engine")
    stream = await client.beta.threads.runs.create("t", assistant_id="asst_1", stream=True)
    assert [event.event async for event in stream] == ["thread.message.delta"] * 3


async def test_a_failed_post_is_not_sent_again(connections: Connections, app: Starlette) -> None:
    with pytest.raises(InternalServerError, match="no luck"):
        await connections.client("Plain").beta.threads.update("fail")
    assert app.state.failures == 1


async def test_an_unknown_connection_is_not_found(connections: Connections) -> None:
    with pytest.raises(NotFound, match="Built-in engine"):
        connections.client("Elsewhere")
