"""What an import believes of a file: messages and files, checked before anything is made of them."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.errors import InvalidRequest
from app.playground.threads.thread_archive import FORMAT, VERSION

MOST_MESSAGES: Final = 10_000
_MOST_FILES: Final = 500

Id = Annotated[str, Field(max_length=128)]


class _Part(BaseModel):
    """A part of the document: what is not named is not needed."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ImportedFile(_Part):
    """A file; without content it cannot be made again."""

    id: Id
    filename: Annotated[str, Field(min_length=1, max_length=1024)]
    purpose: Annotated[str, Field(max_length=64)] = "assistants"
    content: str | None = None

    def read(self) -> bytes | None:
        """Return the content; raises `InvalidRequest`."""
        try:
            return None if self.content is None else base64.b64decode(self.content, validate=True)
        except (binascii.Error, ValueError) as error:
            raise InvalidRequest(f"The content of the file {self.filename[:80]} is not base64.") from error


class ImportedBlock(_Part):
    """A block of a message's content."""

    type: Annotated[str, Field(max_length=64)]
    text: dict[str, Any] | None = None
    image_file: dict[str, Any] | None = None
    image_url: dict[str, Any] | None = None


class ImportedAttachment(_Part):
    """A file that came with a message."""

    file_id: Id | None = None
    tools: list[dict[str, Any]] | None = None


class ImportedMessage(_Part):
    """A message."""

    role: Literal["user", "assistant"]
    content: Annotated[list[ImportedBlock], Field(max_length=1_000)]
    attachments: list[ImportedAttachment] | None = None
    metadata: dict[str, str] | None = None


class ImportedThread(_Part):
    """The whole document."""

    format: Literal["assistants-playground/thread"]
    version: Literal[1]
    messages: Annotated[list[ImportedMessage], Field(max_length=MOST_MESSAGES)]
    files: Annotated[list[ImportedFile], Field(max_length=_MOST_FILES)] = []
    thread: dict[str, Any] = {}


def read_imported(content: bytes) -> ImportedThread:
    """Read the document; raises `InvalidRequest` with the place and the reason."""
    try:
        document = json.loads(content)
    except RecursionError as error:
        raise InvalidRequest("The file is nested too deeply to be a thread.") from error
    except ValueError as error:
        raise InvalidRequest(f"The file is not JSON: {error}.") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InvalidRequest("The file is no thread that Export as JSON wrote.")
    if document.get("version") != VERSION:
        raise InvalidRequest("The file was written by another version of the playground, which this one can't read.")
    try:
        return ImportedThread.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidRequest(f"The file is damaged at {place}: {first['msg']}.") from error
