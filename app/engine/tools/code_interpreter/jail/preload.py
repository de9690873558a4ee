"""What the fork server does once so that no session has to: imports, the font cache, a first figure."""

from __future__ import annotations

import importlib
import io
import warnings

_MODULES = (
    "asyncio", "csv", "datetime", "decimal", "fractions", "json", "random", "re", "sqlite3", "statistics", "subprocess",
    "tempfile", "zipfile", "numpy", "pandas", "matplotlib.pyplot", "matplotlib.dates", "PIL.Image",
    "scipy.integrate", "scipy.linalg", "scipy.optimize", "scipy.stats", "sympy", "openpyxl", "seaborn",
)  # fmt: skip


def warm_up() -> None:
    """Import what model-written code usually imports, and use the slow parts once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loaded = {name for name in _MODULES if _is_imported(name)}
        if "pandas" in loaded:
            _show_a_table()
        if "matplotlib.pyplot" in loaded:
            _draw_a_figure()
        if "sympy" in loaded:
            _solve_an_equation()


def _is_imported(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True


def _show_a_table() -> None:
    pandas = importlib.import_module("pandas")
    pandas.set_option("display.width", 160)
    pandas.set_option("display.max_columns", 30)
    str(pandas.DataFrame({"number": [1.5, 2.5], "word": ["a", "b"]}).describe(include="all"))


def _draw_a_figure() -> None:
    pyplot = importlib.import_module("matplotlib.pyplot")
    setattr(pyplot, "show", _show_later)  # noqa: B010 - the module is not typed here.
    figure, axes = pyplot.subplots()
    axes.plot([0, 1], [0, 1], label="line")
    axes.set_title(r"$x^2$ and text")
    axes.legend()
    figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
    pyplot.close(figure)


def _show_later(*_arguments: object, **_options: object) -> None:
    """Stand in for `pyplot.show`: the figure stays open and is collected when the cell ends."""


def _solve_an_equation() -> None:
    sympy = importlib.import_module("sympy")
    x = sympy.Symbol("x")
    str(sympy.solve(3 * x - 3, x))
