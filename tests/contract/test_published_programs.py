"""The hosted service's own example programs, run as they were published, against this server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

PROGRAMS = Path(__file__).parent / "programs"


def run_program(name: str, server_url: str, folder: Path) -> str:
    environment = {**os.environ, "AZURE_OPENAI_ENDPOINT": server_url, "AZURE_OPENAI_API_KEY": "any"}
    program = [sys.executable, "-W", "ignore", str(PROGRAMS / name)]
    done = subprocess.run(  # noqa: S603  our own file
        program, env=environment, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_quickstart_prints_completed_and_the_messages(server_url: str, tmp_path: Path) -> None:
    said, _, messages = run_program("quickstart.py", server_url, tmp_path).partition("\n")
    assert said == "Run completed with status: completed"
    answer, question = json.loads(messages)["data"]
    assert question["content"][0]["text"]["value"].startswith("I need to solve the equation")
    assert "x = 1" in answer["content"][0]["text"]["value"]


def test_the_how_to_draws_a_sine_wave_and_downloads_it(server_url: str, tmp_path: Path) -> None:
    output = run_program("visualization.py", server_url, tmp_path)
    assert "Status: completed" in output
    assert (tmp_path / "sinewave.png").read_bytes().startswith(b"\x89PNG\r\n")
