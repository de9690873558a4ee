"""Citations of a message: which passages its marks stand for, numbered as they come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.connections.types import FileCitationAnnotation
from app.playground.chat.citation_marks import CitationMark, is_mark
from app.playground.files.file_facts import plain_name
from app.playground.views.chat import SourceView

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from app.playground.files.file_facts import FileFacts


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage that an answer rests on; services other than ours tell its file alone."""

    text: str
    """The mark as the answer holds it."""
    file_id: str
    name: str = ""
    """Empty where the service does not tell it."""
    page: int | None = None
    run_id: str = ""
    step_id: str = ""
    mark: str = ""

    @property
    def key(self) -> str:
        """What tells passages apart."""
        return self.mark or self.text


def citations_of(annotations: Iterable[object]) -> tuple[Citation, ...]:
    """Return the citations among a text's annotations."""
    return tuple(_citation(one) for one in annotations if isinstance(one, FileCitationAnnotation))


def _citation(annotation: FileCitationAnnotation) -> Citation:
    told = annotation.file_citation.model_extra or {}
    page = told.get("page")
    return Citation(
        text=annotation.text,
        file_id=annotation.file_citation.file_id,
        name=plain_name(str(told["file_name"])) if told.get("file_name") else "",
        page=page if isinstance(page, int) else None,
        run_id=str(told.get("run_id") or ""),
        step_id=str(told.get("step_id") or ""),
        mark=str(told.get("mark") or ""),
    )


class Sources:
    """The sources of one message, each with its number."""

    def __init__(self, message_id: str, citations: Sequence[Citation], files: Mapping[str, FileFacts]) -> None:
        self._message_id = message_id
        self._files = files
        self._by_key = {one.key: one for one in reversed(citations)}
        order = dict.fromkeys(one.key for one in citations)
        self._numbers = {key: number for number, key in enumerate(order, 1)}
        self._keys = {one.text: one.key for one in citations if is_mark(one.text)}

    def marks(self) -> dict[str, CitationMark]:
        """Return what stands in the place of each mark."""
        return {text: self._mark(self._by_key[key]) for text, key in self._keys.items()}

    def views(self) -> tuple[SourceView, ...]:
        """Return the list below the message."""
        return tuple(self._view(self._by_key[key]) for key in self._numbers)

    def _mark(self, one: Citation) -> CitationMark:
        return CitationMark(self._numbers[one.key], self._label(one), self._element_id(one) if one.step_id else "")

    def _view(self, one: Citation) -> SourceView:
        return SourceView(
            id=self._element_id(one),
            number=self._numbers[one.key],
            label=self._label(one),
            file_id=one.file_id,
            run_id=one.run_id,
            step_id=one.step_id,
            mark=one.mark,
        )

    def _element_id(self, one: Citation) -> str:
        return f"source-{self._message_id}-{self._numbers[one.key]}"

    def _label(self, one: Citation) -> str:
        known = self._files.get(one.file_id)
        name = one.name or (known.name if known and known.is_there else "File")
        return f"{name}, page {one.page}" if one.page is not None else name
