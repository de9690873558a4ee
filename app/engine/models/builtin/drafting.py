"""The head of a draft: the first lines of Python that are given to the model, so that it begins right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from app.engine.models.builtin.routing import ALGEBRA, PLOT
from app.engine.models.port import FileInput

FENCE = "```python\n"

# A chart's style has no effect after the figure is made, so the model chooses one first, whatever it may be.
_STYLE = "plt.style.use('"

_READERS = {".csv": "pd.read_csv", ".tsv": "pd.read_table", ".xlsx": "pd.read_excel", ".parquet": "pd.read_parquet"}


def head_of(step: str, files: Sequence[FileInput]) -> str:
    """Return the imports for `step` and a line for each file that Python can load."""
    loads = [line for file, name in zip(files, _names(files), strict=True) for line in _load(file, name)]
    imports = ["import json"] if any("json.load(" in line for line in loads) else []
    imports += ["import pandas as pd"] if any("pd." in line for line in loads) else []
    if step == ALGEBRA:
        imports.append("import sympy as sp")
    if step == PLOT:
        imports += ["import numpy as np", "import matplotlib.pyplot as plt"]
    lines = [*imports, *loads]
    # The empty line tells the model that the imports are over.
    head = "".join(f"{line}\n" for line in [*lines, ""]) if lines else ""
    return head + _STYLE if step == PLOT else head


def _names(files: Sequence[FileInput]) -> list[str]:
    return ["df"] if len(files) == 1 else [_variable(file.name) for file in files]


def _variable(file_name: str) -> str:
    stem = re.sub(r"\W+", "_", PurePosixPath(file_name).stem).strip("_").lower()
    return f"df_{stem}" if stem else "df"


def _load(file: FileInput, name: str) -> list[str]:
    path = f"/mnt/data/{file.name}"
    suffix = PurePosixPath(file.name).suffix.lower()
    if suffix == ".json":
        return [f"with open({path!r}) as file:", "    data = json.load(file)"]
    reader = _READERS.get(suffix)
    return [f"{name} = {reader}({path!r})"] if reader else []
