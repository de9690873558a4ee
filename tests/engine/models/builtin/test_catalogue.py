"""Tests of the built-in model's table."""

from __future__ import annotations

from app.engine.models.builtin.catalogue import QWEN_CODER


def test_parts_cover_the_file() -> None:
    count = len(QWEN_CODER.parts)

    assert (count - 1) * QWEN_CODER.part_bytes < QWEN_CODER.size_bytes <= count * QWEN_CODER.part_bytes


def test_each_part_is_pinned_by_its_hash() -> None:
    requirements = [part.requirement for part in QWEN_CODER.parts]

    assert len(set(requirements)) == len(requirements)
    assert all("==0.2.0 --hash=sha256:" in line for line in requirements)
    assert all(len(part.wheel_sha256) == 64 for part in QWEN_CODER.parts)


def test_model_is_called_what_it_is() -> None:
    assert QWEN_CODER.note == "small demo model"
    assert QWEN_CODER.licence == "Apache-2.0"
