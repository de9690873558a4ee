"""Keys are sealed by a file that only the server's user may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.connections.vault import Vault
from app.errors import InvalidRequest

if TYPE_CHECKING:
    from pathlib import Path


def test_a_sealed_key_is_read_again_and_tells_nothing(tmp_path: Path) -> None:
    sealed = Vault(tmp_path).seal("sk-secret")
    assert "sk-secret" not in sealed
    assert Vault(tmp_path).unseal(sealed) == "sk-secret"
    assert [path.name for path in tmp_path.iterdir()] == ["connections.key"]
    assert (tmp_path / "connections.key").stat().st_mode & 0o777 == 0o600


def test_another_servers_seal_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    sealed = Vault(tmp_path / "other").seal("sk-secret")
    with pytest.raises(InvalidRequest, match="Enter it again"):
        Vault(tmp_path).unseal(sealed)
