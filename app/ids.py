"""Object ids in the hosted services' form: a prefix and 24 letters and digits."""

from __future__ import annotations

import secrets
import string
from typing import Literal, Protocol

Prefix = Literal["asst_", "thread_", "msg_", "run_", "step_", "call_", "vs_", "vsfb_", "assistant-", "file-"]

_ALPHABET = string.ascii_letters + string.digits
_LENGTH = 24
_FAIR_BYTES = 256 - 256 % len(_ALPHABET)
"""Bytes below this are spread evenly over the alphabet."""


class IdMaker(Protocol):
    """Makes ids that were never used before."""

    def new(self, prefix: Prefix) -> str:
        """Return a fresh id that begins with `prefix`."""
        ...


class RandomIds:
    """Ids that nobody can guess: 24 characters carry 142 bits."""

    def new(self, prefix: Prefix) -> str:
        """Return `prefix` and 24 random letters and digits."""
        letters = ""
        while len(letters) < _LENGTH:
            fair = (byte for byte in secrets.token_bytes(_LENGTH * 2) if byte < _FAIR_BYTES)
            letters += "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in fair)
        return prefix + letters[:_LENGTH]


class CountingIds:
    """Ids that count up, for tests that compare whole bodies."""

    def __init__(self) -> None:
        self._last = 0

    def new(self, prefix: Prefix) -> str:
        """Return `prefix` and the next number, padded to 24 digits."""
        self._last += 1
        return f"{prefix}{self._last:024d}"
