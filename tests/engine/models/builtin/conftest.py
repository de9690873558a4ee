"""The stand-in model process, with the script that it follows."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.engine.models.builtin.process import ModelProcess


@dataclass(frozen=True, slots=True)
class StandIn:
    """Files of the stand-in process."""

    folder: Path

    @property
    def command(self) -> list[str]:
        """The command that starts it."""
        program = Path(__file__).with_name("stand_in.py")
        return [sys.executable, str(program), str(self.folder / "script.json"), str(self.folder / "log.jsonl")]

    def will(self, *replies: str | dict[str, object]) -> None:
        """Set what it answers, in order; a string is a reply's text."""
        script = [{"text": reply} if isinstance(reply, str) else reply for reply in replies]
        (self.folder / "script.json").write_text(json.dumps(script))

    @property
    def requests(self) -> list[dict[str, object]]:
        """The bodies that it received."""
        return [json.loads(line) for line in (self.folder / "log.jsonl").read_text().splitlines()]


@pytest.fixture
def stand_in(tmp_path: Path) -> StandIn:
    double = StandIn(tmp_path)
    double.will()
    return double


@pytest.fixture
async def process(stand_in: StandIn) -> AsyncIterator[ModelProcess]:
    model_process = ModelProcess(lambda: stand_in.command, idle_seconds=60, start_seconds=20)
    yield model_process
    await model_process.close()
