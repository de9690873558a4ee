"""One cell: compiled, run in the session's namespace, its last expression shown, its errors told by its own lines."""

from __future__ import annotations

import ast
import asyncio
import inspect
import linecache
import sys
import traceback
from types import CodeType, ModuleType


class Cells:
    """The cells of one session and the variables that live between them."""

    def __init__(self) -> None:
        self._main = ModuleType("__main__")
        self._main.__dict__["__builtins__"] = __builtins__
        sys.modules["__main__"] = self._main
        self._count = 0

    def run(self, code: str) -> str:
        """Run a cell; the answer is empty, or the traceback to show."""
        self._count += 1
        name = f"<cell {self._count}>"
        linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
        try:
            for part in _compile(code, name):
                self._execute(part)
        except SystemExit as exc:
            return "" if exc.code in (None, 0) else f"SystemExit: {exc.code}\n"
        except BaseException as exc:  # whatever a cell raises is its own business.
            return describe(exc)
        return ""

    def _execute(self, part: tuple[CodeType, bool]) -> None:
        code, is_expression = part
        value = eval(code, self._main.__dict__)  # noqa: S307 - running code is what a kernel is for.
        if code.co_flags & inspect.CO_COROUTINE:
            value = asyncio.run(value)
        if is_expression and value is not None:
            self._main.__dict__["_"] = value
            print(repr(value))  # noqa: T201 - shown as a notebook shows it.


def _compile(code: str, name: str) -> list[tuple[CodeType, bool]]:
    """Cut the last expression off, unless it ends in a semicolon, and compile both parts."""
    tree = _parse(code, name)
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    parts: list[tuple[CodeType, bool]] = []
    last = tree.body[-1] if tree.body else None
    shown = isinstance(last, ast.Expr) and not code.rstrip().endswith(";")
    body = tree.body[:-1] if shown else tree.body
    if body:
        parts.append((compile(ast.Module(body, tree.type_ignores), name, "exec", flags), False))
    if shown and isinstance(last, ast.Expr):
        parts.append((compile(ast.Expression(last.value), name, "eval", flags), True))
    return parts


def _parse(code: str, name: str) -> ast.Module:
    """Parse a cell; what only a notebook understands, such as `%matplotlib inline`, counts as an empty line."""
    try:
        return ast.parse(code, name)
    except SyntaxError:
        lines = ["" if line.startswith("%") else line for line in code.split("\n")]
        return ast.parse("\n".join(lines), name)


def describe(error: BaseException) -> str:
    """Return the traceback with the cells' own lines only; libraries' insides say nothing to the reader."""
    report = traceback.TracebackException.from_exception(error, limit=-60)
    seen: set[int] = set()
    pending: list[traceback.TracebackException | None] = [report]
    while pending:
        part = pending.pop()
        if part is None or id(part) in seen:
            continue
        seen.add(id(part))
        part.stack = traceback.StackSummary.from_list([frame for frame in part.stack if _is_own(frame.filename)])
        pending += [part.__cause__, part.__context__]
    return "".join(report.format())


def _is_own(filename: str) -> bool:
    return filename.startswith(("<cell ", "/mnt/data/"))
