"""The server's own keys, which its settings name."""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from pydantic import SecretStr


def is_server_key(given: str, keys: Iterable[SecretStr]) -> bool:
    """Tell whether `given` is one of the keys, each compared in a time that says nothing about it."""
    return any(hmac.compare_digest(given.encode(), key.get_secret_value().encode()) for key in keys)
