"""The OpenAPI document: what FastAPI knows of the routes, and what only the API's own rules know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.api import document_citations
from app.api.dialect import DEFAULT_API_VERSION, Dialect, dialect_of
from app.api.document_texts import DESCRIPTION, EXAMPLES, PARAMETERS, STREAM, TAGS
from app.wire.v1 import ADDED_IN_V2

Json = dict[str, Any]

_EXTENSIONS: Final = {"ModifyMessage": ("content",), "Run": ("answered_by",), "Model": ("note", "sees_images")}
_SHAPED_IN_V1: Final = ("Assistant", "Thread", "Message", "Run")
_STREAMING: Final = frozenset({"create_run", "create_thread_and_run", "submit_tool_outputs"})
_SECURITY_SCHEMES: Final = {
    "Bearer": {"type": "http", "scheme": "bearer", "description": "OpenAI's way; in Azure an Entra ID token."},
    "ApiKey": {"type": "apiKey", "in": "header", "name": "api-key", "description": "Azure's way."},
}
_ERROR: Final = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"], "description": "The path of the field that is wrong."},
                "code": {"type": ["string", "null"]},
            },
        }
    },
}
_GATEWAY_ERROR: Final = {
    "type": "object",
    "description": "What Azure says of keys, versions and routes.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        }
    },
}
_EVENT: Final = {
    "type": "object",
    "description": "One server-sent event; the last one is `done`.",
    "required": ["event", "data"],
    "properties": {
        "event": {"type": "string", "examples": ["thread.message.delta"]},
        "data": {"type": "string", "description": "The object as JSON; `[DONE]` in the last event."},
    },
}
_FAILURES: Final = {
    "400": "The request is wrong, or comes at the wrong time.",
    "401": "There is no key, or it is unknown.",
    "404": "There is no object with this id.",
}
_API_VERSION: Final = {
    "name": "api-version",
    "in": "query",
    "description": "The version that is spoken; any of Azure's is understood.",
    "schema": {"type": "string", "default": DEFAULT_API_VERSION},
    "example": DEFAULT_API_VERSION,
}
_BETA: Final = {
    "name": "OpenAI-Beta",
    "in": "header",
    "description": "`assistants=v1` chooses the API's first shape.",
    "schema": {"type": "string", "enum": ["assistants=v1", "assistants=v2"], "default": "assistants=v2"},
}


def install_document(app: FastAPI) -> None:
    """Make the application serve the whole document instead of FastAPI's."""

    def document() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = _written(
                get_openapi(title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes)
            )
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way to extend the document


def _written(document: Json) -> Json:
    used = {tag for _path, operation in _operations(document) for tag in operation["tags"]}
    document["tags"] = [{"name": name, "description": text} for name, text in TAGS.items() if name in used]
    document["security"] = [{name: []} for name in _SECURITY_SCHEMES]
    components = document["components"]
    components["securitySchemes"] = _SECURITY_SCHEMES
    _write_schemas(components["schemas"])
    _write_v1(document)
    for path, operation in _operations(document):
        _write_operation(path, operation)
    return document


def _write_schemas(schemas: Json) -> None:
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas |= {"Error": _ERROR, "GatewayError": _GATEWAY_ERROR, **document_citations.SCHEMAS}
    schemas["Message"]["properties"]["content"]["description"] = document_citations.CONTENT
    schemas["RunStep"]["properties"]["step_details"]["description"] = document_citations.STEP_DETAILS
    for name, example in EXAMPLES.items():
        schemas[name]["examples"] = [example]
    for name, fields in _EXTENSIONS.items():
        for field in fields:
            schemas[name]["properties"][field]["x-extension"] = True


def _write_v1(document: Json) -> None:
    """Describe each object's first shape beside the present one, wherever it is answered."""
    schemas = document["components"]["schemas"]
    shapes = {str(schemas[name]["properties"]["object"]["const"]): name for name in _SHAPED_IN_V1}
    pages = {name: schema for name, schema in schemas.items() if name.startswith("Page_")}
    for kind, added in ADDED_IN_V2.items():
        name = shapes[kind]
        schemas[f"{name}V1"] = _schema_of_v1(schemas[name], added, has_files=kind != "thread")
        ref = {"$ref": f"#/components/schemas/{name}"}
        either = {"anyOf": [ref, {"$ref": f"#/components/schemas/{name}V1"}]}
        for page in pages.values():
            if page["properties"]["data"]["items"] == ref:
                page["properties"]["data"]["items"] = either
        for _path, operation in _operations(document):
            content = operation["responses"]["200"].get("content", {}).get("application/json", {})
            if content.get("schema") == ref:
                content["schema"] = either


def _schema_of_v1(schema: Json, added: tuple[str, ...], *, has_files: bool) -> Json:
    kept = {name: field for name, field in schema["properties"].items() if name not in added}
    files = {"file_ids": {"type": "array", "items": {"type": "string"}}} if has_files else {}
    return {
        **schema,
        "title": f"{schema['title']}V1",
        "description": "The same in the API's first shape.",
        "required": [name for name in schema["required"] if name not in added],
        "properties": kept | files,
    }


def _operations(document: Json) -> Iterator[tuple[str, Json]]:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


def _write_operation(path: str, operation: Json) -> None:
    dialect = dialect_of(path)
    name = operation["operationId"].split(_route_suffix(path))[0]
    operation["operationId"] = f"{_prefix_name(path)}_{name}"
    operation["summary"] = operation["description"].rstrip(".").partition(";")[0]
    parameters = operation.setdefault("parameters", [])
    for parameter in parameters:
        parameter.setdefault("description", _described(parameter["name"]))
    parameters.append(_API_VERSION if dialect is Dialect.AZURE else _BETA)
    _write_responses(operation, dialect)
    if name in _STREAMING:
        operation["responses"]["200"]["content"]["text/event-stream"] = {"schema": _EVENT, "example": STREAM}
    if name == "get_file_content":
        bytes_of_file = {"schema": {"type": "string", "format": "binary"}}
        operation["responses"]["200"]["content"] = {"application/octet-stream": bytes_of_file}


def _described(parameter: str) -> str:
    words = parameter.removesuffix("_id").replace("_", " ")
    return PARAMETERS.get(parameter, f"The {words}'s id." if parameter.endswith("_id") else words.capitalize() + ".")


def _write_responses(operation: Json, dialect: Dialect) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    responses["200"]["description"] = "Done."
    for status, description in _FAILURES.items():
        schema = _failure(status, dialect)
        responses[status] = {"description": description, "content": {"application/json": {"schema": schema}}}


def _failure(status: str, dialect: Dialect) -> Json:
    own = {"$ref": "#/components/schemas/Error"}
    if dialect is Dialect.OPENAI or status == "400":
        return own
    gateway = {"$ref": "#/components/schemas/GatewayError"}
    return gateway if status == "401" else {"anyOf": [own, gateway]}


def _prefix_name(path: str) -> str:
    return next(name for prefix, name in _PREFIX_NAMES.items() if path.startswith(prefix))


_PREFIX_NAMES: Final = {"/openai/v1/": "openai_v1", "/openai/": "azure", "/v1/": "openai"}


def _route_suffix(path: str) -> str:
    """Return what FastAPI appends to a function's name: the path, with everything but letters and digits as `_`."""
    return "".join(letter if letter.isalnum() else "_" for letter in path)
