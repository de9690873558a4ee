"""Clients of other ages and languages, as `scripts/install_clients.sh` installs them; absent ones skip their tests."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

PROGRAMS = Path(__file__).parent / "programs"
_CLIENTS = Path(__file__).parents[2] / ".cache" / "clients"
_RUN_SECONDS = 60


def python_of(client: str, tool: str = "python") -> str:
    """Return a program of a Python client's own environment."""
    return str(_present(_CLIENTS / client / "bin" / tool))


def client_folder(client: str) -> Path:
    """Return the folder of a client of another age or language."""
    return _present(_CLIENTS / client)


def node_modules() -> Path:
    """Return the folder of the packages that npm brings."""
    return _present(_CLIENTS / "npm" / "node_modules")


def node_command() -> str:
    """Return the Node that the JavaScript clients run in."""
    return str(_present(_CLIENTS / "node" / "bin" / "node"))


def node_folder(folder: Path, *programs: str) -> Path:
    """Make a folder with copies of `programs` that finds the JavaScript clients."""
    (folder / "node_modules").symlink_to(node_modules())
    (folder / "package.json").write_text('{"type": "module"}')
    for name in programs:
        (folder / name).write_text((PROGRAMS / name).read_text())
    return folder


def run(command: list[str], server_url: str, folder: Path) -> str:
    """Run a program that reads from its environment which server to speak to; return what it prints."""
    servers = {"SERVER_URL": server_url, "AZURE_OPENAI_ENDPOINT": server_url}
    environment = {
        **os.environ,
        **servers,
        "AZURE_OPENAI_KEY": "any",
        "AZURE_OPENAI_API_KEY": "any",
        "AZURE_OPENAI_DEPLOYMENT_NAME": "gpt-4-1106-preview",
        "OPENAI_API_VERSION": "2024-05-01-preview",
    }
    done = subprocess.run(  # noqa: S603  our own files
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=_RUN_SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_for_json(command: list[str], server_url: str, folder: Path) -> Any:
    """Run a program that prints JSON; return what it says."""
    return json.loads(run(command, server_url, folder))


def _present(path: Path) -> Path:
    if not path.exists():
        pytest.skip("This client is not installed. Type:  scripts/install_clients.sh")
    return path
