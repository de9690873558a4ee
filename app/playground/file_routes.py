"""All routes that have to do with files, uploads, vector stores and passages."""

from __future__ import annotations

from fastapi import APIRouter

from app.playground import attachments, citations, files

router = APIRouter()
for part in (files.router, attachments.uploads_router, attachments.router, citations.router):
    router.include_router(part)
