"""Who may use an assistant or a vector store beside its owner."""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection, Table

from app.database import CALLER
from app.engine.engine import Engine
from app.engine.store import rows, tables
from app.errors import NotFound
from app.wire.sharing import ModifySharing, Sharing

_KINDS = {tables.assistants.name: "assistant", tables.vector_stores.name: "vector store"}


async def get_sharing(engine: Engine, table: Table, object_id: str) -> Sharing:
    """Return whose an object is, and whether it is shared; raises `NotFound`."""
    return await engine.database.read(partial(_find, table=table, object_id=object_id))


async def modify_sharing(engine: Engine, table: Table, object_id: str, body: ModifySharing) -> Sharing:
    """Share an object or keep it; raises `NotFound`, and `Forbidden` for what is another person's."""

    def change(connection: Connection) -> Sharing:
        rows.update_row(connection, table, object_id, {"is_shared": body.is_shared})
        return _find(connection, table, object_id)

    return await engine.database.write(change)


def _find(connection: Connection, table: Table, object_id: str) -> Sharing:
    row = rows.get_row(connection, table, object_id)
    if row is None:
        raise NotFound(f"No {_KINDS[table.name]} found with id '{object_id}'.")
    caller = connection.info.get(CALLER)
    return Sharing.model_validate({**row, "object": "sharing", "is_own": caller in {None, row["owner_id"]}})
