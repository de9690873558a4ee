from __future__ import annotations

from app.engine.execution.annotations import file_path_annotations


def test_links_to_made_files_are_annotated_with_right_indices() -> None:
    text = "Ä [table](sandbox:/mnt/data/out.csv), and sandbox:/mnt/data/a%20b.txt."
    found = file_path_annotations(text, {"out.csv": "assistant-1", "a b.txt": "assistant-2"})
    assert [annotation["file_path"]["file_id"] for annotation in found] == ["assistant-1", "assistant-2"]
    for annotation in found:
        assert text[annotation["start_index"] : annotation["end_index"]] == annotation["text"]


def test_links_to_files_that_nobody_made_are_left_alone() -> None:
    assert file_path_annotations("sandbox:/mnt/data/ghost.csv", {}) == []
