"""Files on the wire."""

from __future__ import annotations

from typing import Literal, get_args

from app.wire.pages import Listed

UploadPurpose = Literal["assistants", "vision", "batch", "fine-tune", "user_data", "evals"]
UPLOAD_PURPOSES: tuple[str, ...] = get_args(UploadPurpose)
EXPIRY_SECONDS = range(3_600, 2_592_001)
"""What `expires_after.seconds` may be."""


class File(Listed):
    """A stored file."""

    object: Literal["file"] = "file"
    bytes: int
    created_at: int
    expires_at: int | None = None
    filename: str
    purpose: str
    status: Literal["uploaded", "processed", "error"] = "processed"
    status_details: str | None = None
