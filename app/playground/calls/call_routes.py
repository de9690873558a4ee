"""All routes that have to do with function calls: their outputs, and mocks of them."""

from __future__ import annotations

from fastapi import APIRouter

from app.playground.calls import mocks, outputs

router = APIRouter()
for part in (outputs.router, mocks.router):
    router.include_router(part)
