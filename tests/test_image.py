"""The image and the compose file, as far as they can be tried without Docker's engine.

The image's command runs with the image's variables and user, under crun with a read-only root, no network, and Docker's
default seccomp profile and capabilities.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from app.settings import ROOT, Settings
from tests.engine.tools.code_interpreter.attacks import container

DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")


def variables() -> dict[str, str]:
    [line] = re.findall(r"^ENV (DATA_DIR.*)$", DOCKERFILE, re.MULTILINE)
    return dict(part.split("=", 1) for part in line.split())


def test_what_the_image_copies_is_there() -> None:
    for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source


def test_the_image_sets_what_the_program_reads() -> None:
    known = {field.alias for field in Settings.model_fields.values()}
    assert {"DATA_DIR", "HOST", "PORT", "SIGN_IN"} <= known & set(variables())
    assert re.search(r"^USER playground$", DOCKERFILE, re.MULTILINE)
    assert "HEALTHCHECK" in DOCKERFILE


@pytest.mark.skipif(
    container.find_runtime() is None or not container.PROFILE.exists() or os.geteuid() != 0,
    reason="needs crun, Docker's default profile and root",
)
def test_the_image_s_command_serves_and_stops_in_a_container(tmp_path: Path) -> None:
    environment = {
        **variables(),
        "DATA_DIR": "/tmp/data",  # noqa: S108 - the container's.
        "BUILTIN_MODEL": "off",
        "OLLAMA_BASE_URL": "off",
        "PYTHONPATH": str(ROOT),
        "SANDBOX_PYTHON": str(ROOT / ".venv-sandbox" / "bin" / "python"),
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.image_visit"]
    done = container.run(command, user=10001, folder=tmp_path, environment=environment)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found.pop("stopped_seconds") < 10
    assert found == {"ready": 200, "page": True, "stranger": 303, "sandbox": "landlock", "user": 10001}


def test_the_compose_file_names_what_the_image_and_the_program_know() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    known = {field.alias for field in Settings.model_fields.values()}
    assert set(services["playground"]["environment"]) <= known
    assert services["playground"]["read_only"] is True
    host = services["playground"]["environment"]["DATABASE_URL"].partition("@")[2].partition("/")[0]
    assert set(services["playground"]["depends_on"]) == {host}
    assert services[host]["healthcheck"]


def test_docker_takes_the_compose_file() -> None:
    docker = shutil.which("docker") or ""
    if not docker or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:  # noqa: S603
        pytest.skip("Docker's client with compose is not installed.")
    done = subprocess.run([docker, "compose", "config", "--quiet"], cwd=ROOT, capture_output=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
