"""Every attack, in every tier and under every user that this machine offers; each line of the suite is reported."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from app.engine.tools.code_interpreter.jail.request import LINK
from app.settings import ROOT

from .attacks import container

_NOBODY = 65534
_CANNOT, _KILLED = 3, -9
_SUITE = ["-m", "tests.engine.tools.code_interpreter.attacks.suite"]
_SECONDS = 100

Report = Callable[[str, object], None]


def python_for_all() -> str:
    """Return a Python that other users can run too; it borrows this environment's packages."""
    for python in (sys.executable, "/usr/bin/python3"):
        if os.geteuid() != 0 and python == sys.executable:
            return python
        if runs_for_others(python):
            return python
    pytest.skip("no Python of this version can be run by other users: install it outside of a private folder")


def runs_for_others(python: str) -> bool:
    check = f"import sys, ssl, anyio; assert sys.version_info[:2] == {sys.version_info[:2]}"
    command = [python, "-c", check]
    with_user = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
    try:
        done = subprocess.run(command, cwd="/", env=environment(), capture_output=True, timeout=30, **with_user)  # type: ignore[call-overload]  # noqa: S603, PLW1510  # The options are right.
    except OSError:
        return False
    return bool(done.returncode == 0)


def environment() -> dict[str, str]:
    packages = Path(anyio.__file__).parent.parent
    return {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(packages), "PYTHONDONTWRITEBYTECODE": "1"}


def run_suite(*arguments: str) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory(dir="/var/tmp", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o777)
        command = [python_for_all(), *_SUITE, *arguments, "--folder", folder]
        return subprocess.run(  # noqa: S603 - our own command.
            command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=_SECONDS, check=False
        )


def judge(done: subprocess.CompletedProcess[str], tier: str, record_property: Report) -> list[str]:
    """Report the lines and return them; fail on a breach, skip where the machine does not offer the tier."""
    lines = done.stdout.splitlines()
    if done.returncode == _CANNOT:
        pytest.skip(lines[-1])
    record_property("attacks", lines)
    breaches = [line for line in lines if "BREACH" in line]
    assert not breaches, "\n".join(breaches)
    assert sum(line.startswith(tier) and " held: " in line for line in lines) > 80, done.stdout + done.stderr
    return lines


def is_running(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def assert_all_end(family: list[str]) -> None:
    """Fail unless the processes of a killed server are gone within a second."""
    deadline = time.monotonic() + 1
    while any(is_running(pid) for pid in family):
        assert time.monotonic() < deadline, "processes outlived the server that was killed"
        time.sleep(0.02)


_ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.mark.parametrize(
    ("tier", "options"),
    [
        pytest.param("namespaces", [], id="namespaces"),
        pytest.param("landlock", [], id="landlock"),
        pytest.param("uid", ["--quick"], id="uid", marks=_ROOT_ONLY),
        pytest.param("namespaces", ["--user", str(_NOBODY), "--quick"], id="namespaces-of-a-user", marks=_ROOT_ONLY),
        pytest.param("landlock", ["--user", str(_NOBODY)], id="landlock-of-a-user", marks=_ROOT_ONLY),
    ],
)
def test_every_attack_is_held(tier: str, options: list[str], record_property: Report) -> None:
    if tier == "landlock" and not options:
        options = ["--quick"] if os.geteuid() == 0 else []
    done = run_suite(tier, *options, "--die")
    lines = judge(done, tier, record_property)
    assert done.returncode == _KILLED, done.stderr
    name, *family = lines[-1].split()
    assert name == "family"
    assert len(family) >= 3
    assert_all_end(family)


@pytest.mark.parametrize("tier", ["landlock", pytest.param("uid", marks=_ROOT_ONLY)])
def test_a_canary_that_can_be_read_makes_the_tier_unusable(tier: str) -> None:
    done = run_suite(tier, "--canary", "/usr/bin/env")
    assert done.returncode == _CANNOT
    if "has a hole" not in done.stdout:
        pytest.skip(done.stdout)
    assert "a file of the server was readable" in done.stdout
    assert "held" not in done.stdout


@pytest.mark.parametrize(("tier", "user"), [("uid", 0), ("landlock", _NOBODY)])
@_ROOT_ONLY
def test_every_attack_is_held_under_dockers_default_profile(
    tier: str, user: int, tmp_path: Path, record_property: Report
) -> None:
    if container.find_runtime() is None or not container.PROFILE.exists():
        pytest.skip("needs Debian's packages crun and golang-github-containers-common")
    command = [python_for_all(), *_SUITE, "auto", *(["--quick"] if user else [])]
    done = container.run(command, user=user, folder=tmp_path, environment=environment())
    judge(done, tier, record_property)
    assert done.returncode == 0, done.stderr


def test_the_link_behind_mnt_data_is_the_images() -> None:
    assert f"ln -s {LINK} /mnt/data" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
