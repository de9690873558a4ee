from __future__ import annotations

import httpx2
import pytest


async def test_without_keys_any_key_is_taken_but_one_is_needed(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/v1/assistants")).status_code == 200
    assert (await client.get("/v1/assistants", headers={"authorization": ""})).status_code == 401


@pytest.mark.parametrize("headers", [{"api-key": "right-key-2"}, {"authorization": "Bearer right-key-1"}])
async def test_a_known_key_is_let_in_by_either_header(
    locked_client: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    assert (await locked_client.get("/openai/assistants", headers=headers)).status_code == 200


async def test_a_wrong_key_is_refused_in_openais_words_and_not_shown(locked_client: httpx2.AsyncClient) -> None:
    response = await locked_client.get("/v1/assistants", headers={"authorization": "Bearer sk-wrong-key"})
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "invalid_api_key"
    assert "wrong-key" not in response.text


async def test_a_wrong_key_is_refused_in_azures_words(locked_client: httpx2.AsyncClient) -> None:
    response = await locked_client.get("/openai/assistants", headers={"api-key": "wrong"})
    assert response.json()["error"]["code"] == "401"
    assert response.json()["error"]["message"].startswith("Access denied due to invalid subscription key")
