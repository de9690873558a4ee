from __future__ import annotations

import httpx2


async def test_a_run_that_was_not_carried_out_has_no_calls_and_others_threads_have_no_such_run(
    client: httpx2.AsyncClient,
) -> None:
    assistant = (await client.post("/v1/assistants", json={"model": "scripted"})).json()
    run = (await client.post("/v1/threads/runs", json={"assistant_id": assistant["id"]})).json()
    address = f"/threads/{run['thread_id']}/runs/{run['id']}/prompt"
    told = (await client.get(f"/v1{address}")).json()
    assert told == {"object": "thread.run.prompt", "run_id": run["id"], "thread_id": run["thread_id"], "calls": []}
    assert (await client.get(f"/openai{address}?api-version=2024-05-01-preview")).json() == told
    assert (await client.get(f"/v1/threads/thread_nobody/runs/{run['id']}/prompt")).status_code == 404
    assert (await client.get(f"/v1/threads/{run['thread_id']}/runs/run_nobody/prompt")).status_code == 404
    document = (await client.get("/v1/openapi.json")).json()
    assert document["paths"]["/v1/threads/{thread_id}/runs/{run_id}/prompt"]["get"]["x-extension"] is True
