"""What the doctor says, on machines in several states of health."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from app.__main__ import main
from app.doctor import Finding, examine
from app.settings import Settings

_QUIET = {"builtin_model": "off", "ollama_base_url": "off", "sandbox": "off", "port": 0}


async def findings(data_dir: Path, **settings: object) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    async for finding in examine(Settings.model_validate({**_QUIET, "data_dir": data_dir, **settings})):
        found.setdefault(finding.subject, []).append(finding)
    return found


async def test_a_healthy_part_says_so(tmp_path: Path) -> None:
    found = await findings(tmp_path)
    assert [found[name][0].state for name in ("database", "page")] == ["ok", "ok"]
    assert [finding.state for finding in found["documents"]] in (["ok"], ["note"])
    assert found["sandbox"][0].remedy.startswith("set SANDBOX=auto")


async def test_no_model_at_all_is_a_failure_with_a_remedy(tmp_path: Path) -> None:
    last = (await findings(tmp_path))["model"][-1]
    assert last.state == "fail"
    assert "OPENAI_API_KEY" in last.remedy


async def test_an_unreachable_provider_is_named(tmp_path: Path) -> None:
    found = await findings(tmp_path, openai_api_key="sk-secret", openai_base_url="http://127.0.0.1:9/v1")
    assert found["model"][0].state == "note"
    assert "sk-secret" not in str(found["model"][0])
    assert found["model"][0].remedy


async def test_a_folder_that_can_not_be_made_ends_the_examination(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    found = await findings(tmp_path / "file" / "data")
    assert list(found) == ["data folder"]
    assert "DATA_DIR" in found["data folder"][0].remedy


async def test_a_database_that_does_not_answer_is_a_failure(tmp_path: Path) -> None:
    found = await findings(tmp_path, database_url="sqlite:////nowhere/at/all.db")
    assert found["database"][0].state == "fail"
    assert "DATABASE_URL" in found["database"][0].remedy


async def test_a_file_store_that_can_not_be_reached_is_a_failure(tmp_path: Path) -> None:
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "hidden"}
    store = {"blob_store_url": "s3://files", "aws_endpoint_url": "http://127.0.0.1:9"}
    [finding] = (await findings(tmp_path, **store, **keys))["file store"]
    assert finding.state == "fail"
    assert "BLOB_STORE_URL" in finding.remedy
    assert "hidden" not in str(finding)
    [finding] = (await findings(tmp_path, blob_store_url="files"))["file store"]
    assert "s3://bucket/prefix" in finding.text


async def test_an_open_address_without_host_names_is_noticed(tmp_path: Path) -> None:
    found = await findings(tmp_path, host="0.0.0.0", sign_in="link")  # noqa: S104 - the finding is what is tested.
    assert "ALLOWED_HOSTS" in found["page"][0].remedy


async def test_a_port_in_use_is_noticed(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = await findings(tmp_path, port=server.getsockname()[1])
    assert "in use" in found["page"][-1].text


async def test_every_tier_that_was_tried_is_told_with_its_remedy(tmp_path: Path) -> None:
    found = await findings(tmp_path, sandbox="wasm", sandbox_wasm_python=tmp_path / "python")
    (only,) = found["sandbox"]
    assert only.state == "fail"
    assert "make install-wasm" in only.remedy
    assert "wasm does not hold" in only.text


async def test_the_tier_in_force_is_named(tmp_path: Path) -> None:
    found = await findings(tmp_path, sandbox="auto", sandbox_python=sys.executable)
    if found["sandbox"][0].state == "fail":
        pytest.skip("no tier holds on this machine")
    assert any(finding.state == "ok" and "tier" in finding.text for finding in found["sandbox"])


def test_the_command_prints_its_findings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["doctor", "--data-dir", str(tmp_path / "file" / "data"), "--port", "0"]
    (tmp_path / "file").touch()
    assert main(given) == 1
    assert capsys.readouterr().out.startswith("fail  data folder")
