"""What a program is made of: the assistant, its files and functions, and what happened on the thread, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.playground.code.literals import Name

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class File:
    """A file that the program uploads, or finds on the server under its id."""

    variable: str
    name: str
    purpose: Literal["assistants", "vision"]
    id: str


@dataclass(frozen=True, slots=True)
class Store:
    """A vector store that the program makes."""

    variable: str
    name: str
    files: list[Name]

    @property
    def body(self) -> Json:
        """The request that makes it."""
        return {"name": self.name, "file_ids": self.files}


@dataclass(frozen=True, slots=True)
class Function:
    """A function that the caller runs, with the outputs it had."""

    name: str
    handler: str
    outputs: list[str]


@dataclass(frozen=True, slots=True)
class Step:
    """A message that was added, or a run with what it changed of the assistant."""

    kind: Literal["message", "run"]
    body: Json = field(default_factory=dict)

    @property
    def with_assistant(self) -> Json:
        """A run's body for programs that write requests themselves."""
        return {"assistant_id": Name("assistant"), **self.body}


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that programs in every language are written from; bodies are those of the Assistants API."""

    assistant: Json
    thread: Json = field(default_factory=dict)
    files: list[File] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    is_session: bool = False

    @property
    def asks(self) -> bool:
        """Whether the program takes its question from the command line."""
        return not self.is_session

    @property
    def outputs(self) -> Mapping[str, list[str]]:
        """The functions' outputs by name."""
        return {function.name: function.outputs for function in self.functions}
