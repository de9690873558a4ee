"""The two conversations that an empty first visit offers."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import NotFound


@dataclass(frozen=True, slots=True)
class Starter:
    """An assistant and the first message to it."""

    key: str
    name: str
    text: str
    icon: str
    instructions: str
    first_message: str


_VISUALIZATION = """\
You are a helpful AI assistant who makes interesting visualizations based on data.
You have access to a sandboxed environment for writing and testing code.
When you are asked to create a visualization you should follow these steps:
1. Write the code.
2. Anytime you write new code display a preview of the code to show your work.
3. Run the code to confirm that it runs.
4. If the code is successful display the visualization.
5. If the code is unsuccessful display the error message and try to revise the code and rerun going through the steps \
from above again."""

STARTERS = (
    Starter(
        key="math",
        name="Math Assist",
        text="Solves an equation by writing and running code.",
        icon="calculator",
        instructions="You are an AI assistant that can write code to help answer math questions",
        first_message="I need to solve the equation `3x + 11 = 14`. Can you help me?",
    ),
    Starter(
        key="visualization",
        name="Data Visualization",
        text="Draws a chart and shows the code behind it.",
        icon="chart-line",
        instructions=_VISUALIZATION,
        first_message="Create a visualization of a sinewave",
    ),
)


def starter(key: str) -> Starter:
    """Return the starter of that key, or raise `NotFound`."""
    for candidate in STARTERS:
        if candidate.key == key:
            return candidate
    raise NotFound(f"There is no starter '{key}'.")
