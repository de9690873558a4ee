"""The file of `CONNECTIONS_FILE`: one table for each connection, with the names of variables where secrets stand."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.connections.connection import OPENAI_URL, Cloud, Connection, checked
from app.errors import InvalidRequest

_ADDRESSES: Final = {"azure": "endpoint", "foundry": "project_endpoint", "openai": "base_url", "compatible": "base_url"}


class ConnectionTable(BaseModel):
    """One table of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["azure", "openai", "foundry", "compatible"]
    endpoint: str | None = None
    project_endpoint: str | None = None
    base_url: str | None = None
    api_version: str | None = None
    key_variable: Annotated[str | None, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] = None
    organization: str | None = None
    project: str | None = None
    cloud: Cloud = "public"
    client_id: str | None = None
    token_scope: str | None = None
    deployments: tuple[str, ...] = ()


def read_connections(path: Path | None, environment: Mapping[str, str]) -> list[Connection]:
    """Read the file; raises `InvalidRequest` with the place and what to do."""
    if path is None:
        return []
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"CONNECTIONS_FILE: {path} can't be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise InvalidRequest(f"CONNECTIONS_FILE: {path} is not TOML: {error}.") from error
    return [_connection(name, values, environment) for name, values in tables.items()]


def _connection(name: str, values: object, environment: Mapping[str, str]) -> Connection:
    place = f"CONNECTIONS_FILE, [{name}]"
    try:
        table = ConnectionTable.model_validate(values)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise InvalidRequest(f"{place}{', ' if where else ''}{where}: {problem['msg']}.") from error
    try:
        return checked(
            Connection(
                name,
                table.kind,
                _address(table),
                api_version=table.api_version,
                api_key=_key(table, environment),
                organization=table.organization,
                project=table.project,
                cloud=table.cloud,
                client_id=table.client_id,
                token_scope=table.token_scope,
                deployments=table.deployments,
            )
        )
    except InvalidRequest as error:
        raise InvalidRequest(f"{place}: {error.message}") from error


def _address(table: ConnectionTable) -> str:
    wanted = _ADDRESSES[table.kind]
    given = {name for name in set(_ADDRESSES.values()) if getattr(table, name) is not None}
    if given - {wanted}:
        raise InvalidRequest(f"kind '{table.kind}' takes {wanted}, not {', '.join(sorted(given - {wanted}))}.")
    address = getattr(table, wanted) or (OPENAI_URL if table.kind == "openai" else "")
    if not address:
        raise InvalidRequest(f"{wanted} is missing.")
    return str(address)


def _key(table: ConnectionTable, environment: Mapping[str, str]) -> str | None:
    if table.key_variable is None:
        return None
    key = environment.get(table.key_variable, "").strip()
    if not key:
        raise InvalidRequest(f"the environment variable {table.key_variable} is not set.")
    return key
