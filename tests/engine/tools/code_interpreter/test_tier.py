"""Where the tier does not hold, no code runs, and the reason comes with a remedy."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from app.engine.tools.code_interpreter import owners
from app.engine.tools.code_interpreter.interpreter import SandboxedInterpreter
from app.engine_parts import code_interpreter
from app.errors import SandboxUnavailable
from app.settings import Settings

from .conftest import collect_cell


async def refused(interpreter: SandboxedInterpreter, proof: Path) -> SandboxUnavailable:
    """Run a cell that must not run, and return the refusal."""
    try:
        with pytest.raises(SandboxUnavailable) as caught:
            await collect_cell(interpreter, f"open({str(proof)!r}, 'w').write('ran')", "thread_x")
    finally:
        await interpreter.aclose()
    assert not await asyncio.to_thread(proof.exists)
    assert interpreter.tier == "unavailable"
    assert caught.value.code == "sandbox_unavailable"
    assert interpreter.reason == caught.value.message
    return caught.value


@pytest.mark.parametrize("choice", ["off", "wasm", "unsafe", "wishful"])
async def test_choices_without_a_sandbox_are_refused(tmp_path: Path, choice: str) -> None:
    interpreter = SandboxedInterpreter(choice=choice, python=Path(sys.executable), work_folder=tmp_path)
    refusal = await refused(interpreter, tmp_path / "proof")
    assert "Remedy: " in refusal.message
    assert [attempt.tier for attempt in interpreter.attempts] == (["wasm"] if choice == "wasm" else [])


@pytest.mark.parametrize("choice", ["uid", "landlock"])
async def test_a_named_tier_that_does_not_hold_is_refused_and_not_replaced(tmp_path: Path, choice: str) -> None:
    if await asyncio.to_thread(Path("/mnt/data").exists):
        pytest.skip("this machine has a /mnt/data, which is what the tier lacks in this test")
    interpreter = SandboxedInterpreter(choice=choice, python=Path(sys.executable), work_folder=tmp_path)
    refusal = await refused(interpreter, tmp_path / "proof")
    assert "/mnt/data" in refusal.message
    assert [attempt.tier for attempt in interpreter.attempts] == [choice]


async def test_missing_python_is_refused(tmp_path: Path) -> None:
    interpreter = SandboxedInterpreter(choice="auto", python=tmp_path / "python", work_folder=tmp_path)
    assert "make install" in (await refused(interpreter, tmp_path / "proof")).message


async def test_python_that_does_not_start_is_refused(tmp_path: Path) -> None:
    interpreter = SandboxedInterpreter(choice="auto", python=Path("/bin/false"), work_folder=tmp_path)
    assert "No sandbox holds here" in (await refused(interpreter, tmp_path / "proof")).message


async def test_readable_canary_is_a_hole(tmp_path: Path) -> None:
    interpreter = SandboxedInterpreter(
        choice="namespaces", python=Path(sys.executable), work_folder=tmp_path, canary=Path("/usr/bin/env")
    )
    assert "a file of the server was readable" in (await refused(interpreter, tmp_path / "proof")).message


async def test_start_returns_at_once_and_names_the_tier(tmp_path: Path) -> None:
    interpreter = SandboxedInterpreter(choice="namespaces", python=Path(sys.executable), work_folder=tmp_path)
    try:
        await interpreter.start()
        assert interpreter.tier == "unavailable"
        assert (await collect_cell(interpreter, "6 * 7", "thread_x")).text == "42\n"
        assert (interpreter.tier, interpreter.reason) == ("namespaces", "")
    finally:
        await interpreter.aclose()


async def test_unsafe_runs_code_when_it_is_confirmed(tmp_path: Path) -> None:
    interpreter = SandboxedInterpreter(
        choice="unsafe", python=Path(sys.executable), work_folder=tmp_path, is_unsafe_confirmed=True
    )
    try:
        cell = await collect_cell(interpreter, "open('made.txt', 'w').write('x');", "thread_x")
        assert (interpreter.tier, set(cell.files)) == ("unsafe", {"made.txt"})
    finally:
        await interpreter.aclose()


@pytest.mark.parametrize(
    ("host", "confirmation", "is_allowed"),
    [
        ("127.0.0.1", "i-know-what-this-means", True),
        ("127.0.0.1", "", False),
        ("192.0.2.1", "i-know-what-this-means", False),
    ],
)
async def test_unsafe_needs_a_second_variable_and_a_loopback_address(
    tmp_path: Path, host: str, confirmation: str, *, is_allowed: bool
) -> None:
    values = {"host": host, "sign_in": "link", "sandbox": "unsafe", "sandbox_unsafe": confirmation}
    values["sandbox_python"] = sys.executable
    interpreter = code_interpreter(Settings.model_validate(values), tmp_path)
    try:
        reason = await interpreter.probe()
    finally:
        await interpreter.aclose()
    assert (reason == "") == is_allowed
    assert is_allowed or "SANDBOX_UNSAFE" in reason


def test_a_sessions_user_is_nobody_elses() -> None:
    user = owners.pick()
    assert owners.is_a_sessions(user)
    assert not owners.is_a_sessions(owners.striker_of(user))
    assert not any(owners.is_a_sessions(other) for other in (0, os.getuid(), 1000, 65534))
