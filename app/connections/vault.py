"""Seals the keys that owners enter on the page; what opens them is a file that no backup holds."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from app.errors import InvalidRequest

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.fernet import Fernet

_FILE: Final = "connections.key"


class Vault:
    """Encrypts with a key of its own in the data folder, which only the server's user may read."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / _FILE

    def seal(self, secret: str) -> str:
        """Return the secret in a form that tells nothing."""
        return self._fernet().encrypt(secret.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """Return the secret; raises `InvalidRequest` where the key is another one, as after a restored backup."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415  Only who needs it pays for it.

        try:
            return self._fernet().decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise InvalidRequest("The key was sealed by another server. Enter it again.", param="api_key") from error

    def _fernet(self) -> Fernet:
        from cryptography.fernet import Fernet  # noqa: PLC0415  See above.

        if not self._path.exists():
            _write_private(self._path, Fernet.generate_key())
        return Fernet(self._path.read_bytes())


def _write_private(path: Path, content: bytes) -> None:
    """Write a file that appears whole and private; whoever else wrote it first wins."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        with suppress(FileExistsError):
            path.hardlink_to(unfinished)
    finally:
        unfinished.unlink()
