from __future__ import annotations

from typing import Any

import httpx2
import pytest

MODEL = {"model": "scripted"}


async def problem(client: httpx2.AsyncClient, path: str, body: Any) -> tuple[int, dict[str, Any]]:
    response = await client.post(path, json=body)
    return response.status_code, response.json()["error"]


@pytest.mark.parametrize(
    ("body", "param", "code", "message"),
    [
        ({}, "model", "missing_required_parameter", "Missing required parameter: 'model'."),
        ({**MODEL, "surprise": 1}, "surprise", "unknown_parameter", "Unknown parameter: 'surprise'."),
        (
            {**MODEL, "name": "x" * 257},
            "name",
            "string_above_max_length",
            (
                "Invalid 'name': string too long. Expected a string with maximum length 256, but got a string "
                "with length 257 instead."
            ),
        ),
        (
            {**MODEL, "tools": [{"type": "code_interpreter"}] * 129},
            "tools",
            "array_above_max_length",
            (
                "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array "
                "with length 129 instead."
            ),
        ),
        (
            {**MODEL, "metadata": {f"key{n}": "x" for n in range(17)}},
            "metadata",
            "object_above_max_properties",
            (
                "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but "
                "got an object with 17 properties instead."
            ),
        ),
        (
            {**MODEL, "temperature": 2.1},
            "temperature",
            "decimal_above_max_value",
            ("Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 2.1 instead."),
        ),
        (
            {"model": 5},
            "model",
            "invalid_type",
            "Invalid type for 'model': expected a string, but got an integer instead.",
        ),
        (
            {**MODEL, "tools": [{"type": "teleport"}]},
            "tools[0]",
            "invalid_value",
            "Invalid value: 'teleport'. Supported values are: 'code_interpreter', 'file_search', 'function'.",
        ),
    ],
)
async def test_wrong_input_is_400_in_the_hosted_words(
    client: httpx2.AsyncClient, body: Any, param: str, code: str, message: str
) -> None:
    status, error = await problem(client, "/v1/assistants", body)
    assert status == 400
    assert error == {"message": message, "type": "invalid_request_error", "param": param, "code": code}


async def test_broken_json_is_400_and_says_what_to_look_for(client: httpx2.AsyncClient) -> None:
    response = await client.post("/v1/assistants", content=b'{"model": "x",}')
    assert response.status_code == 400
    assert "valid JSON" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"[" * 100_000, 400, "nested too deeply"),
        (b'{"model": "\\ud800"}', 400, "no text can hold"),
        (b'{"model": "a\\u0000b"}', 400, "no text can hold"),
        (b'{"model": "' + b"x" * 17_000_000 + b'"}', 413, "larger than 16 MB"),
        (b"\xff\xff", 400, "not UTF-8"),
        (b"[]", 400, "must be a JSON object"),
        (b"null", 400, "must be a JSON object"),
    ],
)
async def test_hostile_bodies_are_refused(client: httpx2.AsyncClient, content: bytes, status: int, words: str) -> None:
    response = await client.post("/v1/assistants", content=content, headers={"content-type": "application/json"})
    assert response.status_code == status
    assert words in response.json()["error"]["message"]


async def test_a_text_about_escapes_is_no_escape(client: httpx2.AsyncClient) -> None:
    content = rb'{"model": "scripted", "instructions": "Write \\u0000 for NUL, \\ud800 for nothing"}'
    assert (await client.post("/v1/assistants", content=content)).status_code == 200


async def test_a_form_is_told_to_be_json(client: httpx2.AsyncClient) -> None:
    response = await client.post("/v1/assistants", data={"model": "x"})
    assert response.status_code == 400
    assert "Content-Type: application/json" in response.json()["error"]["message"]


@pytest.mark.parametrize("content", [b"", b"{}"])
async def test_a_thread_may_be_created_without_a_body(client: httpx2.AsyncClient, content: bytes) -> None:
    response = await client.post("/v1/threads", content=content, headers={"content-type": "application/json"})
    assert response.status_code == 200
    assert response.json()["metadata"] == {}


async def test_an_empty_message_is_refused(client: httpx2.AsyncClient) -> None:
    thread = (await client.post("/v1/threads")).json()
    status, error = await problem(client, f"/v1/threads/{thread['id']}/messages", {"role": "user", "content": ""})
    assert (status, error["param"]) == (400, "content")


@pytest.mark.parametrize(
    "option",
    [
        {"max_prompt_tokens": 2**63},
        {"max_completion_tokens": 2**31},
        {"truncation_strategy": {"type": "last_messages", "last_messages": 2**63}},
    ],
)
async def test_a_number_that_no_store_holds_is_refused(client: httpx2.AsyncClient, option: dict[str, Any]) -> None:
    status, error = await problem(client, "/v1/threads/runs", {"assistant_id": "asst_x", **option})
    assert (status, error["code"]) == (400, "integer_above_max_value")


async def test_an_unknown_route_is_404_in_its_dialect(client: httpx2.AsyncClient) -> None:
    openai, azure = await client.get("/v1/nothing"), await client.get("/openai/nothing")
    assert openai.json()["error"]["message"] == "Invalid URL (GET /v1/nothing)"
    assert azure.json() == {"error": {"code": "404", "message": "Resource not found"}}


async def test_a_malformed_api_version_is_404(client: httpx2.AsyncClient) -> None:
    response = await client.get("/openai/assistants?api-version=yesterday")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "404")


async def test_a_wrong_method_is_405(client: httpx2.AsyncClient) -> None:
    assert (await client.put("/v1/assistants")).status_code == 405


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "order=up"])
async def test_a_wrong_cursor_is_400(client: httpx2.AsyncClient, query: str) -> None:
    response = await client.get(f"/v1/assistants?{query}")
    assert response.status_code == 400
    assert response.json()["error"]["param"] == query.partition("=")[0]


async def test_every_answer_carries_a_request_id(client: httpx2.AsyncClient) -> None:
    response = await client.get("/v1/assistants")
    assert response.headers["x-request-id"].startswith("req_")
    assert response.headers["openai-processing-ms"].isdigit()


async def test_deployments_are_azures_alone(client: httpx2.AsyncClient) -> None:
    listed = (await client.get("/openai/deployments?api-version=2024-05-01-preview")).json()
    assert [deployment["id"] for deployment in listed["data"]] == ["scripted"]
    assert (await client.get("/v1/deployments")).status_code == 404
