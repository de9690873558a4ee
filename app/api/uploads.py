"""Receiving a multipart upload piece by piece, straight into a blob."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import Message
from typing import TYPE_CHECKING

from python_multipart import MultipartParser
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect, Request

from app.engine.store.blobs import BlobWriter
from app.errors import InvalidRequest, PayloadTooLarge
from app.wire.files import EXPIRY_SECONDS, UPLOAD_PURPOSES

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

LARGEST_FILE_BYTES = 512 * 1024 * 1024
_LONGEST_FIELD_BYTES = 64 * 1024
_MOST_FIELD_BYTES = 256 * 1024
"""All fields beside the file, with their names."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What came beside the bytes."""

    filename: str
    purpose: str
    lifetime_seconds: int | None


async def receive_upload(request: Request, blob: BlobWriter, largest_bytes: int = LARGEST_FILE_BYTES) -> Upload:
    """Write the form's file into `blob`; fields may come in any order, with any quoting.

    Raises `InvalidRequest` for a form that is not one, `PayloadTooLarge` past `largest_bytes`.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or b"boundary" not in options:
        message = "Send the file as multipart/form-data with the fields 'file' and 'purpose'."
        raise InvalidRequest(message, param="file")
    form = _Form()
    parser = MultipartParser(options[b"boundary"], form.callbacks())
    try:
        async for chunk in request.stream():
            parser.write(chunk)
            await _pour(form, blob, largest_bytes)
    except MultipartParseError as exc:
        raise InvalidRequest(f"The multipart form is broken: {exc}.", param="file") from exc
    except ClientDisconnect as exc:
        raise InvalidRequest("The upload broke off before its end. Send it again.", param="file") from exc
    return form.result()


async def _pour(form: _Form, blob: BlobWriter, largest_bytes: int) -> None:
    if form.pieces:
        pieces, form.pieces = form.pieces, []
        await blob.write(b"".join(pieces))
    if blob.size_bytes > largest_bytes:
        limit = largest_bytes // 1024 // 1024
        raise PayloadTooLarge(f"The file is larger than {limit} MB, which is the most here. Split it.", param="file")


@dataclass(slots=True)
class _Form:
    """What the parser has found so far."""

    pieces: list[bytes] = field(default_factory=list)
    filename: str | None = None
    fields: dict[str, bytes] = field(default_factory=dict)
    _headers: list[tuple[str, str]] = field(default_factory=list)
    _header_name: bytes = b""
    _header_value: bytes = b""
    _name: str = ""
    _is_file: bool = False
    _is_complete: bool = False
    _field_bytes: int = 0

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin_part,
            "on_header_field": self._add_header_name,
            "on_header_value": self._add_header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._add_data,
            "on_end": self._end,
        }

    def result(self) -> Upload:
        if not self._is_complete:
            raise InvalidRequest("The upload ended before the form was complete. Send it again.", param="file")
        if self.filename is None:
            raise InvalidRequest("Missing required parameter: 'file'.", param="file", code="missing_required_parameter")
        return Upload(self.filename, self._purpose(), self._lifetime())

    def _purpose(self) -> str:
        purpose = self._field("purpose")
        if purpose not in UPLOAD_PURPOSES:
            supported = ", ".join(f"'{known}'" for known in UPLOAD_PURPOSES)
            message = f"Invalid value: '{purpose[:64]}'. Supported values are: {supported}."
            raise InvalidRequest(message, param="purpose", code="invalid_value")
        return purpose

    def _lifetime(self) -> int | None:
        if not any(name.startswith("expires_after") for name in self.fields):
            return None
        anchor, seconds = self._field("expires_after[anchor]"), self._field("expires_after[seconds]")
        if anchor != "created_at":
            message = f"Invalid value: '{anchor[:64]}'. Supported values are: 'created_at'."
            raise InvalidRequest(message, param="expires_after.anchor", code="invalid_value")
        if not (seconds.isdecimal() and len(seconds) < 10 and int(seconds) in EXPIRY_SECONDS):  # noqa: PLR2004
            allowed = f"from {EXPIRY_SECONDS.start} to {EXPIRY_SECONDS.stop - 1}"
            message = f"Invalid 'expires_after.seconds': '{seconds[:64]}'. Expected an integer {allowed}."
            raise InvalidRequest(message, param="expires_after.seconds", code="invalid_value")
        return int(seconds)

    def _field(self, name: str) -> str:
        value = self.fields.get(name, b"").decode(errors="replace")
        if not value:
            raise InvalidRequest(
                f"Missing required parameter: '{name}'.", param=name, code="missing_required_parameter"
            )
        return value

    def _begin_part(self) -> None:
        self._headers, self._name, self._is_file = [], "", False

    def _add_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _add_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        self._headers.append((self._header_name.decode("latin-1").lower(), self._header_value.decode(errors="replace")))
        self._header_name = self._header_value = b""

    def _end_headers(self) -> None:
        described = Message()
        described["content-disposition"] = dict(self._headers).get("content-disposition", "")
        self._name = str(described.get_param("name", "", header="content-disposition"))
        self._is_file = self._name == "file"
        if self._is_file:
            self.filename = _filename(described) or "upload"

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self.pieces.append(data[start:end])
            return
        held = self.fields.get(self._name, b"")
        self._field_bytes += end - start + (0 if held else len(self._name))
        if len(held) + end - start > _LONGEST_FIELD_BYTES or self._field_bytes > _MOST_FIELD_BYTES:
            raise InvalidRequest(f"The form's field '{self._name[:64]}' is too long.", param=self._name[:64])
        self.fields[self._name] = held + data[start:end]

    def _end(self) -> None:
        self._is_complete = True


def _filename(described: Message) -> str | None:
    """Return the file's name; its character set is the sender's choice, so it may be none, or decode to no text."""
    try:
        name = described.get_filename()
    except ValueError as exc:
        raise InvalidRequest("The file's name can't be read. Write it in UTF-8.", param="file") from exc
    return name.encode(errors="replace").decode() if name else None
