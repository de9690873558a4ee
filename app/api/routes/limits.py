"""`/limits`."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.deps import CurrentEngine
from app.api.responses import WireResponse
from app.api.route import ApiRoute
from app.api.uploads import LARGEST_FILE_BYTES
from app.engine.limits import get_limits
from app.wire.limits import Limits

router = APIRouter(prefix="/limits", tags=["Limits"], route_class=ApiRoute)


@router.get("", response_model=Limits, openapi_extra={"x-extension": True})
async def read_limits(engine: CurrentEngine) -> WireResponse:
    """Retrieve the caller's limits and use; this is an extension."""
    return WireResponse(await get_limits(engine, LARGEST_FILE_BYTES))
