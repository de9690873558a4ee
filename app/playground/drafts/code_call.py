"""A call of the code interpreter, finished or on its way."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from app.connections.types import (
    CodeInterpreterOutputImage,
    CodeInterpreterToolCall,
    CodeInterpreterToolCallDelta,
    ToolCallDelta,
)
from app.playground.text import markdown
from app.playground.views.chat import CodeCallView, ImageView, OutputView

if TYPE_CHECKING:
    from markupsafe import Markup

    from app.playground.drafts.surroundings import Surroundings


@dataclass(slots=True)
class CodeCall:
    """The code, and what it put out; outputs are kept by their place."""

    code: str = ""
    logs: dict[int, str] = field(default_factory=dict)
    images: dict[int, str] = field(default_factory=dict)
    doing: ClassVar[str] = "Running code"

    def extend(self, delta: ToolCallDelta) -> None:
        """Take the next piece of code or output."""
        if not isinstance(delta, CodeInterpreterToolCallDelta) or delta.code_interpreter is None:
            return
        self.code += delta.code_interpreter.input or ""
        for output in delta.code_interpreter.outputs or []:
            if isinstance(output, CodeInterpreterOutputImage):
                self.images[output.index] = (output.image and output.image.file_id) or ""
            else:
                self.logs[output.index] = self.logs.get(output.index, "") + (output.logs or "")

    def view(self, _around: Surroundings) -> CodeCallView:
        """Return what the page shows of it."""
        texts = {index: OutputView(text=text) for index, text in self.logs.items() if text}
        images = {
            index: OutputView(image=ImageView(file_id, "Figure drawn by the code"))
            for index, file_id in self.images.items()
        }
        outputs = sorted({**texts, **images}.items())
        return CodeCallView(highlighted(self.code), tuple(output for _, output in outputs))


def code_call(call: CodeInterpreterToolCall) -> CodeCall:
    """Make a draft of a call as the API shows it."""
    draft = CodeCall(code=call.code_interpreter.input)
    for index, output in enumerate(call.code_interpreter.outputs):
        if output.type == "image":
            draft.images[index] = output.image.file_id
        else:
            draft.logs[index] = output.logs
    return draft


def highlighted(code: str) -> Markup:
    """Return Python code in colours."""
    fence = "`" * max([3, *(len(ticks) + 1 for ticks in re.findall("`+", code))])
    return markdown.render(f"{fence}python\n{code}\n{fence}")
