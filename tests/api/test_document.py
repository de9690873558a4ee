from __future__ import annotations

from typing import Any

import httpx2
import pytest
from pydantic import BaseModel

from app.wire.assistants import CreateAssistant, ModifyAssistant
from app.wire.messages import CreateMessage, ModifyMessage
from app.wire.runs import CreateRun, CreateThreadAndRun, ModifyRun, SubmitToolOutputs
from app.wire.sharing import ModifySharing
from app.wire.threads import CreateThread, ForkThread, ModifyThread


@pytest.fixture
async def document(client: httpx2.AsyncClient) -> Any:
    return (await client.get("/v1/openapi.json")).json()


def operations(document: Any) -> dict[str, Any]:
    found = {
        operation["operationId"]: (path, operation)
        for path, methods in document["paths"].items()
        for operation in methods.values()
    }
    assert len(found) == sum(len(methods) for methods in document["paths"].values())
    return found


async def test_every_operation_has_a_summary_a_tag_and_described_parameters(document: Any) -> None:
    tags = {tag["name"] for tag in document["tags"]}
    for _path, operation in operations(document).values():
        assert operation["summary"][0].isupper()
        assert set(operation["tags"]) <= tags
        assert all(parameter["description"] for parameter in operation["parameters"])


async def test_both_dialects_are_described(document: Any) -> None:
    found = operations(document)
    openai_names = {name.removeprefix("openai_") for name in found if name.startswith("openai_create")}
    assert {"create_assistant", "create_thread", "create_message", "create_run"} <= openai_names
    for name, (path, operation) in found.items():
        names = {parameter["name"] for parameter in operation["parameters"]}
        assert ("api-version" in names) is name.startswith("azure_") is (not path.startswith(("/v1/", "/openai/v1/")))
    assert found["azure_create_run"][0] == "/openai/threads/{thread_id}/runs"


async def test_keys_and_errors_are_described(document: Any) -> None:
    assert document["security"] == [{"Bearer": []}, {"ApiKey": []}]
    assert document["components"]["securitySchemes"]["ApiKey"]["name"] == "api-key"
    for name, (_path, operation) in operations(document).items():
        assert set(operation["responses"]) == {"200", "400", "401", "404"}, name
    schemas = document["components"]["schemas"]
    assert set(schemas["Error"]["properties"]["error"]["required"]) == {"message", "type", "param", "code"}
    assert "HTTPValidationError" not in str(document)


@pytest.mark.parametrize("name", ["create_run", "create_thread_and_run", "submit_tool_outputs"])
async def test_runs_answer_with_an_object_or_a_stream(document: Any, name: str) -> None:
    _path, operation = operations(document)[f"azure_{name}"]
    content = operation["responses"]["200"]["content"]
    assert set(content) == {"application/json", "text/event-stream"}
    assert content["text/event-stream"]["example"].endswith("event: done\ndata: [DONE]\n\n")


async def test_files_are_forms_and_bytes(document: Any) -> None:
    found = operations(document)
    assert "multipart/form-data" in found["openai_upload_file"][1]["requestBody"]["content"]
    assert set(found["openai_get_file_content"][1]["responses"]["200"]["content"]) == {"application/octet-stream"}


async def test_extensions_are_marked(document: Any) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["Run"]["properties"]["answered_by"]["x-extension"]
    assert schemas["Model"]["properties"]["note"]["x-extension"]
    assert schemas["ModifyMessage"]["properties"]["content"]["x-extension"]
    marked = {name for name, (_path, operation) in operations(document).items() if "x-extension" in operation}
    assert {"openai_v1_list_threads", "azure_fork_thread"} <= marked
    assert "openai_v1_create_thread" not in marked
    assert schemas["FileCitation"]["properties"]["step_id"]["x-extension"]
    assert schemas["FileSearch"]["properties"]["queries"]["x-extension"]
    assert "FileCitation" in schemas["Message"]["properties"]["content"]["description"]


@pytest.mark.parametrize(
    "model",
    [
        CreateAssistant,
        CreateMessage,
        CreateRun,
        CreateThread,
        CreateThreadAndRun,
        ForkThread,
        ModifyAssistant,
        ModifyMessage,
        ModifyRun,
        ModifySharing,
        ModifyThread,
        SubmitToolOutputs,
    ],
)
async def test_the_examples_are_right(document: Any, model: type[BaseModel]) -> None:
    (example,) = document["components"]["schemas"][model.__name__]["examples"]
    model.model_validate(example)
