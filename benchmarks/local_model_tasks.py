"""The conversations that `local_model.py` holds, with the check of each turn.

`tuning` tasks were looked at while the guided adapter was made; `held-out` tasks were not.
"""

from __future__ import annotations

import difflib
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from PIL import Image, ImageStat

Half = Literal["seeds", "tuning", "held-out"]
_DARK = 0.4
_ALIKE = 0.8


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one turn did, as a client sees it."""

    text: str
    programs: tuple[str, ...] = ()
    images: tuple[bytes, ...] = ()
    calls: tuple[tuple[str, str], ...] = ()
    earlier_programs: tuple[str, ...] = ()
    last_program_failed: bool = False


Check = Callable[[Outcome], bool]


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the user, and what its answer must be like."""

    says: str
    check: Check


@dataclass(frozen=True, slots=True)
class Function:
    """A function on offer, and what it returns."""

    name: str
    description: str
    parameters: Mapping[str, object]
    returns: str


@dataclass(frozen=True, slots=True)
class Task:
    """A conversation."""

    name: str
    half: Half
    turns: tuple[Turn, ...]
    instructions: str = "You are a helpful assistant that can write and run Python code."
    code_interpreter: bool = True
    functions: tuple[Function, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


def number(value: float, *, within: float = 0.01) -> Check:
    """Ask for a program that ran and a number in the answer."""

    def check(outcome: Outcome) -> bool:
        return bool(outcome.programs) and _has_number(outcome.text, value, within)

    return check


def words(*wanted: str, ran: bool = True) -> Check:
    """Ask for each of `wanted` (alternatives divided by |) in the answer, spaces aside."""

    def check(outcome: Outcome) -> bool:
        text = re.sub(r"[\s*\\(){}`]", "", outcome.text).replace("^", "").lower()
        found = all(any(_plain(option) in text for option in want.split("|")) for want in wanted)
        return found and bool(outcome.programs) == ran

    return check


def picture(*parts: str) -> Check:
    """Ask for a figure, drawn by a program that has one of each of `parts` (alternatives divided by |)."""

    def check(outcome: Outcome) -> bool:
        program = "\n".join(outcome.programs[-1:]).lower()
        if outcome.last_program_failed:
            return False
        return bool(outcome.images) and all(any(option in program for option in part.split("|")) for part in parts)

    return check


def called(name: str, arguments: Mapping[str, str], says: str, *, times: int = 1) -> Check:
    """Ask for calls of `name` only, one with these arguments, and for `says` in the answer."""

    def check(outcome: Outcome) -> bool:
        if len(outcome.calls) != times or any(call != name for call, _ in outcome.calls):
            return False
        fits = any(_fits(json.loads(given), arguments) for _, given in outcome.calls)
        return fits and says.lower() in outcome.text.lower()

    return check


def called_each(wanted: Mapping[str, str], *says: str) -> Check:
    """Ask for one call of each function with a word in its arguments, and for all of `says` in the answer."""

    def check(outcome: Outcome) -> bool:
        fits = all(wanted.get(name, "?") in arguments.lower() for name, arguments in outcome.calls)
        return fits and len(outcome.calls) == len(wanted) and all(part in outcome.text for part in says)

    return check


def both(one: Check, other: Check) -> Check:
    """Ask for what both checks ask for."""
    return lambda outcome: one(outcome) and other(outcome)


def talk(outcome: Outcome) -> bool:
    """Ask for words, without a tool."""
    return bool(outcome.text.strip()) and not outcome.programs and not outcome.calls


def dark_picture(outcome: Outcome) -> bool:
    """Ask for a figure that is dark on the whole."""
    return bool(outcome.images) and not outcome.last_program_failed and _luminance(outcome.images[-1]) < _DARK


def shows_code(outcome: Outcome) -> bool:
    """Ask for the program that ran earlier, in a code block, without a new one being run."""
    blocks = re.findall(r"```(?:python)?\n(.*?)```", outcome.text, re.DOTALL)
    alike = (
        difflib.SequenceMatcher(None, block.strip(), program.strip()).ratio()
        for block in blocks
        for program in outcome.earlier_programs
    )
    return max(alike, default=0.0) >= _ALIKE


def _plain(text: str) -> str:
    return re.sub(r"[\s*\\(){}`^]", "", text).lower()


def _has_number(text: str, value: float, within: float) -> bool:
    found = re.findall(r"-?\d[\d,]*\.?\d*", text)
    return any(abs(float(item.replace(",", "").rstrip(".")) - value) <= within for item in found)


def _fits(given: Mapping[str, object], wanted: Mapping[str, str]) -> bool:
    return all(re.search(pattern, str(given.get(key, "")), re.IGNORECASE) for key, pattern in wanted.items())


def _luminance(png: bytes) -> float:
    return float(ImageStat.Stat(Image.open(io.BytesIO(png)).convert("L")).mean[0]) / 255


def _parameters(**properties: str) -> dict[str, object]:
    described = {name: {"type": "string", "description": text} for name, text in properties.items()}
    return {"type": "object", "properties": described, "required": list(properties)}


_SALES = """day,shop,units,revenue
2026-01-05,North,12,240.50
2026-01-06,North,9,180.00
2026-01-07,South,20,410.25
2026-01-08,South,7,139.75
2026-01-09,West,15,301.00
"""
_WEATHER = """city,month,temperature
Oslo,January,-4
Oslo,July,17
Cairo,January,14
Cairo,July,29
Lima,January,23
Lima,July,17
"""
_PEOPLE = json.dumps(
    [
        {"name": "Ann", "age": 34, "town": "York"},
        {"name": "Bob", "age": 28, "town": "Bath"},
        {"name": "Cid", "age": 45, "town": "York"},
        {"name": "Dee", "age": 19, "town": "Hull"},
        {"name": "Eve", "age": 52, "town": "Bath"},
    ],
    indent=1,
)
_STAFF = """name,department,age,salary
Ines,Research,41,5200
Jon,Sales,29,3900
Kim,Research,36,4800
Lea,Support,24,3100
Max,Sales,50,4400
"""
_PRODUCTS = """product,quarter,units
Lamp,Q1,130
Lamp,Q2,95
Chair,Q1,80
Chair,Q2,160
Desk,Q1,60
Desk,Q2,70
"""
_ORDERS = json.dumps(
    {
        "orders": [
            {"id": 1, "price": 19.5, "quantity": 2},
            {"id": 2, "price": 5.25, "quantity": 4},
            {"id": 3, "price": 40.0, "quantity": 1},
        ]
    }
)
_RIVER = """day,level_cm
1,210
2,214
3,221
4,219
5,230
6,236
"""

_PRICE = Function(
    "get_share_price",
    "Get the current price of a company's share",
    _parameters(symbol="Stock ticker symbol, such as IBM"),
    '{"price": 412.3, "currency": "USD"}',
)
_TIME = Function("get_local_time", "Get the local time in a city", _parameters(city="City"), '{"time": "07:45"}')
_EVENT = Function(
    "create_event",
    "Put an event into the calendar",
    _parameters(title="What the event is", date="Date as YYYY-MM-DD", start="Start as HH:MM"),
    '{"status": "created", "event_id": "ev-88"}',
)
_TRANSLATE = Function(
    "translate",
    "Translate a text",
    _parameters(text="Text to translate", language="Target language"),
    '{"translation": "Guten Morgen"}',
)

_MATH = "You are an AI assistant that can write code to help answer math questions."
_CHARTS = (
    "You are a helpful AI assistant who makes interesting visualizations based on data."
    "You have access to a sandboxed environment for writing and testing code."
    "When you are asked to create a visualization you should follow these steps:"
    "1. Write the code."
    "2. Anytime you write new code display a preview of the code to show your work."
    "3. Run the code to confirm that it runs."
    "4. If the code is successful display the visualization."
    "5. If the code is unsuccessful display the error message and try to revise the code and rerun going through the "
    "steps from above again."
)

SEEDS = (
    Task(
        "Math Assist",
        "seeds",
        (
            Turn("I need to solve the equation `3x + 11 = 14`. Can you help me?", words("x=1|xis1|xis:1|xis1.")),
            Turn("Show me the code you ran to get this solution.", shows_code),
        ),
        instructions=_MATH,
    ),
    Task(
        "Data Visualization",
        "seeds",
        (
            Turn("Create a visualization of a sinewave", picture("sin")),
            Turn("Show me the code you used to generate the sinewave", shows_code),
            Turn(
                "I prefer visualizations in darkmode can you change the colors to make a darkmode version of this "
                "visualization.",
                dark_picture,
            ),
        ),
        instructions=_CHARTS,
    ),
)

TUNING = (
    Task("percentage", "tuning", (Turn("What is 17.5 % of 2,340?", number(409.5)),)),
    Task("seconds", "tuning", (Turn("How many seconds are there in 3 weeks?", number(1_814_400)),)),
    Task("quadratic", "tuning", (Turn("Solve x^2 - 5x + 6 = 0.", words("2", "3")),), instructions=_MATH),
    Task("derivative", "tuning", (Turn("What is the derivative of x^3 * sin(x)?", words("cosx", "sinx", "3x2|3x")),)),
    Task(
        "csv total",
        "tuning",
        (Turn("What is the total revenue in the file?", number(1271.5)),),
        files={"sales.csv": _SALES},
    ),
    Task(
        "csv groups",
        "tuning",
        (Turn("Which city has the highest average temperature?", words("cairo")),),
        files={"weather.csv": _WEATHER},
    ),
    Task(
        "json count",
        "tuning",
        (Turn("How many of these people are older than 30?", words("3|three")),),
        files={"people.json": _PEOPLE},
    ),
    Task("bar chart", "tuning", (Turn("Draw a bar chart of apples 5, pears 8, plums 3", picture("bar")),)),
    Task(
        "change chart",
        "tuning",
        (
            Turn("Plot y = x squared from -3 to 3", picture("plot")),
            Turn("Make the line red and give it the title 'Parabola'", picture("red|'r'|'r-'|\"r\"", "parabola")),
        ),
        instructions=_CHARTS,
    ),
    Task(
        "share price",
        "tuning",
        (Turn("What does a Microsoft share cost?", called("get_share_price", {"symbol": "MSFT"}, "412.3")),),
        code_interpreter=False,
        functions=(_PRICE,),
    ),
    Task("greeting", "tuning", (Turn("Hello! Who are you?", talk),)),
    Task(
        "thanks",
        "tuning",
        (
            Turn("What time is it in Sydney?", called("get_local_time", {"city": "Sydney"}, "7:45")),
            Turn("Thanks, that helped a lot.", talk),
        ),
        code_interpreter=False,
        functions=(_TIME, _PRICE),
    ),
    Task(
        "two functions",
        "tuning",
        (
            Turn(
                "What time is it in Lima, and what does an IBM share cost?",
                called_each({"get_local_time": "lima", "get_share_price": "ibm"}, "7:45", "412.3"),
            ),
        ),
        code_interpreter=False,
        functions=(_TIME, _PRICE),
    ),
    Task(
        "chart and total",
        "tuning",
        (
            Turn(
                "Draw a bar chart of the units per shop and tell me how many units there are in all.",
                both(picture("bar"), number(63)),
            ),
        ),
        files={"sales.csv": _SALES},
    ),
    Task(
        "saved file",
        "tuning",
        (Turn("Save the squares of 1 to 10 in the file squares.csv.", words("(sandbox:/mnt/data/squares.csv)")),),
    ),
    Task(
        "follow-up",
        "tuning",
        (Turn("How much is 15 % of 80?", number(12)), Turn("And twice that, plus one?", number(25))),
    ),
)

HELD_OUT = (
    Task(
        "compound interest",
        "held-out",
        (
            Turn(
                "I put 1500 into an account at 4 % a year, compounded yearly. How much is there after 6 years?",
                number(1897.98, within=0.02),
            ),
        ),
    ),
    Task("primes", "held-out", (Turn("What is the sum of all prime numbers below 100?", number(1060)),)),
    Task(
        "two unknowns",
        "held-out",
        (Turn("Find x and y when 2x + y = 7 and x - y = 2.", words("3", "1")),),
        instructions=_MATH,
    ),
    Task("factor", "held-out", (Turn("Factor the polynomial x^2 - 9.", words("x-3", "x+3")),), instructions=_MATH),
    Task(
        "csv average",
        "held-out",
        (Turn("What is the average age of the staff in Research?", number(38.5)),),
        files={"staff.csv": _STAFF},
    ),
    Task(
        "csv best",
        "held-out",
        (Turn("Which product sold the most units overall?", words("chair")),),
        files={"products.csv": _PRODUCTS},
    ),
    Task(
        "json sum",
        "held-out",
        (Turn("What do all orders cost together, price times quantity?", number(100.0)),),
        files={"orders.json": _ORDERS},
    ),
    Task(
        "histogram",
        "held-out",
        (Turn("Show me a histogram of 500 random numbers from a normal distribution", picture("hist")),),
    ),
    Task(
        "csv chart",
        "held-out",
        (
            Turn("Plot the river's level for each day.", picture("plot|bar|scatter")),
            Turn("Turn it into a bar chart, please.", picture("bar")),
        ),
        files={"river.csv": _RIVER},
        instructions=_CHARTS,
    ),
    Task(
        "event",
        "held-out",
        (
            Turn(
                "Add a meeting called Budget Review on 2026-12-03 at 14:30.",
                called("create_event", {"title": "budget", "date": "2026-12-03", "start": "14:30"}, ""),
            ),
        ),
        code_interpreter=False,
        functions=(_EVENT, _TRANSLATE),
    ),
    Task(
        "translation",
        "held-out",
        (
            Turn(
                "How do you say 'Good morning' in German?",
                called("translate", {"text": "good morning", "language": "German|de"}, "guten morgen"),
            ),
        ),
        code_interpreter=False,
        functions=(_TIME, _TRANSLATE),
    ),
    Task("joke", "held-out", (Turn("Tell me a short joke.", talk),)),
)

TASKS = (*SEEDS, *TUNING, *HELD_OUT)
