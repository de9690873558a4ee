"""What an import believes of a file: messages and files, checked before anything is made of them."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.errors import InvalidRequest
from app.playground.text.typed_json import JsonProblem, position_of
from app.playground.threads.thread_archive import FORMAT, VERSION

MOST_MESSAGES: Final = 10_000
_MOST_FILES: Final = 500

_BLOCK: Final = 'such as {"type": "text", "text": {"value": "Hello"}}'
_EXPECTED: Final = {
    "messages": "a list of at most 10,000 messages",
    "messages[]": "an object with 'role' and 'content'",
    "messages[].role": "'user' or 'assistant'",
    "messages[].content": f"a list of at most 1,000 blocks, {_BLOCK}",
    "messages[].content[]": f"an object with a 'type' and what the type names, {_BLOCK}",
    "messages[].content[].type": "a text, such as 'text' or 'image_file'",
    "messages[].content[].text": "an object with a 'value'",
    "messages[].content[].text.annotations": "a list",
    "messages[].content[].image_file": "an object with a 'file_id'",
    "messages[].content[].image_url": "an object with a 'url'",
    "messages[].attachments": "a list",
    "messages[].attachments[]": "an object with a 'file_id' and 'tools'",
    "messages[].attachments[].tools": "a list",
    "messages[].attachments[].tools[]": "an object with a 'type'",
    "messages[].metadata": "an object whose values are texts",
    "files": "a list of at most 500 files",
    "files[]": "an object with 'id' and 'filename'",
    "files[].filename": "a text of 1 to 1,024 characters",
    "files[].content": "a text in base64, or null",
    "thread": "an object",
}
"""What belongs at each place; a text, where nothing is said."""

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


class ImportedText(_Part):
    """The text of a block."""

    value: str
    annotations: list[Any] = []


class ImportedImageFile(_Part):
    """The image of a block, which is a file."""

    file_id: Id


class ImportedImageUrl(_Part):
    """The image of a block, which lies elsewhere."""

    url: str


class ImportedBlock(_Part):
    """A block of a message's content."""

    type: Annotated[str, Field(max_length=64)]
    text: ImportedText | None = None
    image_file: ImportedImageFile | None = None
    image_url: ImportedImageUrl | None = None

    @model_validator(mode="after")
    def _has_what_it_names(self) -> Self:
        if self.type in {"text", "image_file", "image_url"} and getattr(self, self.type) is None:
            raise ValueError
        return self


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
    """Read the document; raises `InvalidRequest` with the place, the field and what belongs there."""
    try:
        text = content.decode("utf-8-sig")
        document = json.loads(text)
    except RecursionError as error:
        raise InvalidRequest("The file is nested too deeply to be a thread.") from error
    except ValueError as error:
        raise InvalidRequest(f"The file is not JSON: {error}.") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InvalidRequest(f"The file is no exported thread: its 'format' must be '{FORMAT}'.")
    if document.get("version") != VERSION:
        raise InvalidRequest(
            f"The file was written by another version of the playground: its 'version' must be {VERSION}."
        )
    try:
        return ImportedThread.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_context=False, include_input=False)[0]
        raise InvalidRequest(_problem(text, first["loc"], is_missing=first["type"] == "missing")) from error


def _problem(text: str, path: Sequence[str | int], *, is_missing: bool) -> str:
    """Return the place, the field's path and what belongs there."""
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
    place = "".join("[]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
    wanted = _EXPECTED.get(place, "a text")
    message = f"'{field[:200]}' is missing: {wanted}." if is_missing else f"'{field[:200]}' must be {wanted}."
    return str(JsonProblem(message, text, position_of(text, path)))
