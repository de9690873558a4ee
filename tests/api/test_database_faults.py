"""What programs are told while the database can't be reached."""

from __future__ import annotations

import httpx2
from sqlalchemy import text

from app.engine.engine import Engine


async def test_a_lost_database_is_said_in_a_sentence(engine: Engine, client: httpx2.AsyncClient) -> None:
    await engine.database.write(lambda unit: unit.execute(text("DROP TABLE assistants")))
    response = await client.get("/v1/assistants")
    assert response.status_code == 503
    assert response.json()["error"]["code"] == "database_unavailable"
    assert "Try again in a moment" in response.json()["error"]["message"]
