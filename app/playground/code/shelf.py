"""The files and vector stores that a program needs, each under the name of its variable."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, Literal

from app.errors import AppError
from app.playground.code.literals import Name
from app.playground.code.material import File, Store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.playground.session import Session

_MOST_FILES: Final = 200
_PAGE: Final = 100
_NO_NAMES: Final = frozenset({"", ".", "..", "-"})


class Shelf:
    """Asks for each file once; one that is gone, or one too many, has no name."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._variables: dict[str, Name | None] = {}
        self.files: list[File] = []
        self.stores: list[Store] = []

    async def names(self, file_ids: Iterable[str]) -> list[Name]:
        """Return the variables of those files that are there."""
        return [name for file_id in file_ids if (name := await self.name(file_id)) is not None]

    async def name(self, file_id: str, purpose: Literal["assistants", "vision"] = "assistants") -> Name | None:
        """Return the variable of a file."""
        if file_id not in self._variables:
            self._variables[file_id] = await self._take(file_id, purpose)
        return self._variables[file_id]

    async def store(self, store_id: str) -> Name | None:
        """Return the variable of a vector store."""
        try:
            with self._session.calls():
                store = await self._session.client.vector_stores.retrieve(store_id)
                pages = self._session.client.vector_stores.files.list(store_id, order="asc", limit=_PAGE)
                file_ids = [file.id async for file in pages]
        except AppError:
            return None
        variable = f"store_{len(self.stores) + 1}"
        self.stores.append(Store(variable, store.name or "Files", await self.names(file_ids)))
        return Name(variable)

    async def _take(self, file_id: str, purpose: Literal["assistants", "vision"]) -> Name | None:
        if len(self.files) >= _MOST_FILES:
            return None
        try:
            with self._session.calls():
                file = await self._session.client.files.retrieve(file_id)
        except AppError:
            return None
        variable = f"file_{len(self.files) + 1}"
        self.files.append(File(variable, self._unused(plain_name(file.filename, file_id)), purpose, file_id))
        return Name(variable)

    def _unused(self, name: str) -> str:
        used = {file.name for file in self.files}
        numbered = (f"{number}-{name}" for number in range(2, _MOST_FILES + 2))
        return name if name not in used else next(each for each in numbered if each not in used)


def plain_name(filename: str, file_id: str) -> str:
    """Return a name without folders, which a program may look for in its own."""
    name = PurePosixPath(filename.replace("\\", "/").replace("\0", "_")).name
    return file_id if name in _NO_NAMES else name
