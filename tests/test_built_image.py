"""The image that `make image` built with Buildah: its size, and a visit to it. Skipped where there is none."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import ROOT
from tests.built_image import NAME
from tests.engine.tools.code_interpreter.attacks import container

_MOST_BYTES = 900_000_000
# A network with nothing but this machine's own address.
_ALONE = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def has_image() -> bool:
    buildah = shutil.which("buildah")
    if buildah is None or shutil.which("crun") is None or not container.PROFILE.exists() or os.geteuid() != 0:
        return False
    done = subprocess.run([buildah, "inspect", "--type", "image", NAME], capture_output=True, check=False)  # noqa: S603
    return done.returncode == 0


pytestmark = pytest.mark.skipif(not has_image(), reason="no image: `make image` builds it; with Buildah, crun and root")


def test_the_image_is_small() -> None:
    done = subprocess.run(["buildah", "inspect", "--type", "image", NAME], capture_output=True, check=True)  # noqa: S603, S607
    manifest = json.loads(json.loads(done.stdout)["Manifest"])
    assert sum(layer["size"] for layer in manifest["layers"]) < _MOST_BYTES


@pytest.mark.timeout(300)
def test_the_image_works_and_keeps_its_data(tmp_path: Path) -> None:
    command = [*_ALONE, sys.executable, "-m", "tests.built_image_visit", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=280)  # noqa: S603
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found.pop("stopped_seconds") < 10
    assert found == {
        "health_check": 0, "imports": 0, "page": True, "sandbox": "landlock", "file": "completed", "run": "completed",
        "outputs": ["logs", "image"], "printed": "42", "citations": 1, "after_restart": 2,
    }  # fmt: skip
