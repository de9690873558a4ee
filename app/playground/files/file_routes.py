"""All routes that have to do with files, uploads, vector stores and passages."""

from __future__ import annotations

from fastapi import APIRouter

from app.playground.chat import citations
from app.playground.files import attachments, code_files, files, store_files, stores, thread_files

router = APIRouter()
for part in (files.router, attachments.router, citations.router, thread_files.router):
    router.include_router(part)
for part in (stores.router, store_files.router):
    router.include_router(part)
for uploads in (attachments.uploads_router, code_files.uploads_router, store_files.uploads_router):
    router.include_router(uploads)
