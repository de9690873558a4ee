"""What only the namespaces tier offers; what every tier must hold is in the attack suite."""

from __future__ import annotations

import pytest

from app.engine.tools.code_interpreter.interpreter import SandboxedInterpreter

from .conftest import RunCell


@pytest.fixture(autouse=True)
async def _has_namespaces(interpreter: SandboxedInterpreter, run_cell: RunCell) -> None:
    await run_cell("1")
    if interpreter.tier != "namespaces":
        pytest.skip("this machine does not offer the namespaces tier")


async def test_only_the_jails_own_user_is_known(run_cell: RunCell) -> None:
    cell = await run_cell("print(open('/etc/passwd').read())")
    assert cell.text.strip() == "sandbox:x:1000:1000::/home/sandbox:/bin/sh"


async def test_no_descriptor_of_the_server_is_inherited(run_cell: RunCell) -> None:
    code = """
import os
for name in os.listdir('/proc/self/fd'):
    try:
        print(name, os.readlink('/proc/self/fd/' + name))
    except FileNotFoundError:
        pass
"""
    cell = await run_cell(code)
    ends = sorted(line.split(":")[0] for line in cell.text.splitlines())
    assert ends == ["0 /dev/null", "1 pipe", "2 pipe", "3 socket"]


async def test_capabilities_are_gone_and_the_filter_is_on(run_cell: RunCell) -> None:
    cell = await run_cell("print(open('/proc/self/status').read())")
    fields = dict(line.split(":\t") for line in cell.text.splitlines() if ":\t" in line)
    assert {int(fields[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {0}
    assert (fields["NoNewPrivs"], fields["Seccomp"]) == ("1", "2")
