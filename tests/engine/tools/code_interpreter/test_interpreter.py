"""What a cell does for the user."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from app.engine.tools.code_interpreter.interpreter import SandboxedInterpreter
from app.engine.tools.code_interpreter.port import InputFile, Logs

from .conftest import RunCell

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


async def test_last_expression_is_shown(run_cell: RunCell) -> None:
    cell = await run_cell("x = 20\nx + 1")
    assert cell.text == "21\n"
    assert cell.done.outcome == "ok"


async def test_variables_live_across_cells(run_cell: RunCell) -> None:
    await run_cell("import math\nradius = 2\ndef area(r):\n    return math.pi * r ** 2")
    assert (await run_cell("round(area(radius), 3)")).text == "12.566\n"


async def test_a_table_is_shown_as_text(run_cell: RunCell) -> None:
    cell = await run_cell("import pandas as pd\npd.DataFrame({'city': ['Oslo', 'Rome'], 'degrees': [3, 14]})")
    assert cell.text.splitlines() == ["   city  degrees", "0  Oslo        3", "1  Rome       14"]


async def test_equation_is_solved(run_cell: RunCell) -> None:
    cell = await run_cell("from sympy import symbols, solve\nx = symbols('x')\nsolve(3*x + 11 - 14, x)")
    assert cell.text == "[1]\n"


async def test_traceback_names_the_cells_lines_only(run_cell: RunCell) -> None:
    await run_cell("def divide(a, b):\n    return a / b")
    cell = await run_cell("import json\ndivide(1, 0)")
    assert cell.done.outcome == "error"
    assert 'File "<cell 2>", line 2' in cell.text
    assert 'File "<cell 1>", line 2' in cell.text
    assert "ZeroDivisionError: division by zero" in cell.text
    assert "/jail/" not in cell.text


async def test_syntax_error_is_told(run_cell: RunCell) -> None:
    cell = await run_cell("for x in range(3) print(x)")
    assert cell.done.outcome == "error"
    assert "SyntaxError" in cell.text


async def test_logs_stream_while_the_cell_prints(
    interpreter: SandboxedInterpreter, run_cell: RunCell, thread: str
) -> None:
    await run_cell("import time")
    code = "print('first')\ntime.sleep(0.4)\nprint('second')"
    times = {}
    async for event in interpreter.run_cell(thread, code, []):
        if isinstance(event, Logs):
            times[event.text.strip()] = asyncio.get_running_loop().time()
    assert times["second"] - times["first"] > 0.3


async def test_output_keeps_the_order_of_stdout_and_stderr(run_cell: RunCell) -> None:
    cell = await run_cell("import sys\nfor i in range(3):\n    print('out', i)\n    print('err', i, file=sys.stderr)")
    assert cell.text.split() == ["out", "0", "err", "0", "out", "1", "err", "1", "out", "2", "err", "2"]


async def test_output_is_cut_at_its_limit(run_cell: RunCell) -> None:
    cell = await run_cell("for _ in range(300): print('x' * 9999)")
    assert cell.done.outcome == "ok"
    assert len(cell.text) < 1_100_000
    assert "[output cut after" in cell.text


async def test_many_prints_make_few_events(run_cell: RunCell) -> None:
    cell = await run_cell("for i in range(100_000): print(i)")
    assert cell.text.endswith("\n99999\n")
    assert len(cell.events) < 300


async def test_open_figures_come_in_order_and_show_is_silent(run_cell: RunCell) -> None:
    code = "import matplotlib.pyplot as plt\nfor n in (1, 2):\n    plt.figure()\n    plt.plot([1, n])\n    plt.show()"
    cell = await run_cell(code)
    assert [figure.name for figure in cell.figures] == ["figure-1.png", "figure-2.png"]
    assert all(figure.png.startswith(PNG_MAGIC) for figure in cell.figures)
    assert cell.text == ""
    assert (await run_cell("plt.get_fignums()")).text == "[]\n"


async def test_style_lives_on_and_a_figure_may_be_saved_too(run_cell: RunCell) -> None:
    await run_cell("import matplotlib.pyplot as plt\nplt.style.use('dark_background')")
    cell = await run_cell("fig, ax = plt.subplots()\nax.plot([1, 2])\nplt.savefig('/mnt/data/dark.png')\nplt.show()")
    assert len(cell.figures) == 1
    assert cell.files["dark.png"].path.read_bytes().startswith(PNG_MAGIC)
    assert (await run_cell("plt.rcParams['figure.facecolor']")).text == "'black'\n"


async def test_only_twenty_figures_are_shown(run_cell: RunCell) -> None:
    cell = await run_cell("import matplotlib.pyplot as plt\nfor n in range(22): plt.figure(figsize=(0.5, 0.5))")
    assert len(cell.figures) == 20
    assert "only the first 20 are shown" in cell.text


async def test_a_giant_figure_is_an_error_of_the_cell(run_cell: RunCell) -> None:
    cell = await run_cell("import matplotlib.pyplot as plt\nkept = 1\nplt.figure(figsize=(500, 500));")
    assert "too large to show" in cell.text
    assert (await run_cell("kept")).text == "1\n"


async def test_files_that_changed_come_out(run_cell: RunCell) -> None:
    cell = await run_cell(
        "import os\nopen('a.txt', 'w').write('one')\nos.mkdir('sub')\nopen('sub/b.txt', 'w').write('two');"
    )
    assert {name: made.path.read_text() for name, made in cell.files.items()} == {"a.txt": "one", "sub/b.txt": "two"}
    again = await run_cell("open('a.txt', 'a').write('!');")
    assert {name: made.size_bytes for name, made in again.files.items()} == {"a.txt": 4}


async def test_inputs_are_there_under_their_names(run_cell: RunCell, tmp_path: Path) -> None:
    (tmp_path / "one").write_text("1\n")
    (tmp_path / "two").write_text("2\n")
    files = [InputFile("file-1", "data.csv", tmp_path / "one"), InputFile("file-2", "data.csv", tmp_path / "two")]
    cell = await run_cell("print(open('/mnt/data/data.csv').read() + open('data_1.csv').read())", files=files)
    assert cell.text.split() == ["1", "2"]
    assert cell.files == {}
    again = await run_cell("import os; sorted(os.listdir('/mnt/data'))", files=files)
    assert again.text == "['data.csv', 'data_1.csv']\n"


async def test_cell_past_its_time_is_stopped_and_state_kept(run_cell: RunCell) -> None:
    await run_cell("kept = 7")
    cell = await run_cell("while True: pass")
    assert cell.done.outcome == "timeout"
    assert "variables and files are kept" in cell.done.note
    assert "KeyboardInterrupt" in cell.text
    assert (await run_cell("kept")).text == "7\n"


async def test_cell_that_ignores_the_interrupt_is_reset(run_cell: RunCell) -> None:
    await run_cell("kept = 7\nopen('file.txt', 'w').write('here');")
    cell = await run_cell("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass")
    assert cell.done.outcome == "reset"
    assert cell.done.note.endswith("the session was reset: variables are gone, files are kept")
    after = await run_cell("print(open('file.txt').read(), 'kept' in globals())")
    assert after.text == "here False\n"


async def test_shell_command_is_interrupted_with_its_cell(run_cell: RunCell) -> None:
    cell = await run_cell("import os\nos.system('sleep 60')")
    assert cell.done.outcome == "timeout"


async def test_closing_the_iterator_interrupts_the_cell(
    interpreter: SandboxedInterpreter, run_cell: RunCell, thread: str
) -> None:
    code = "kept = 1\nprint('go', flush=True)\nwhile True: pass"
    async with aclosing(interpreter.run_cell(thread, code, [])) as events:
        await anext(events)
    assert (await run_cell("kept")).text == "1\n"


async def test_common_tools_work(interpreter: SandboxedInterpreter, run_cell: RunCell) -> None:
    await run_cell("1")
    if interpreter.tier != "namespaces":
        pytest.skip("this machine does not offer the namespaces tier")
    code = """
import asyncio, sqlite3, subprocess, tempfile, threading, zipfile, shutil, multiprocessing
async def add(a, b):
    await asyncio.sleep(0)
    return a + b
print(asyncio.run(add(1, 2)))
worker = threading.Thread(target=lambda: print("thread")); worker.start(); worker.join()
with sqlite3.connect("/mnt/data/x.db") as db:
    print(db.execute("select 6 * 7").fetchone()[0])
db.close()
with tempfile.TemporaryDirectory() as folder:
    open(folder + "/x", "w").write("zip")
    with zipfile.ZipFile("/mnt/data/x.zip", "w") as archive:
        archive.write(folder + "/x", "x")
shutil.copy("/mnt/data/x.zip", "/mnt/data/y.zip")
print(subprocess.run(["echo", "child"], capture_output=True, text=True).stdout.strip())
def square(n):
    return n * n
with multiprocessing.Pool(2) as pool:
    print(pool.map(square, [3, 4]))
"""
    cell = await run_cell(code)
    assert cell.text.split("\n")[:-1] == ["3", "thread", "42", "child", "[9, 16]"]
    assert set(cell.files) == {"x.db", "x.zip", "y.zip"}


async def test_notebook_magic_is_passed_over(run_cell: RunCell) -> None:
    cell = await run_cell("%matplotlib inline\n1 / 0")
    assert 'File "<cell 1>", line 2' in cell.text
    assert "ZeroDivisionError" in cell.text


async def test_top_level_await_works(run_cell: RunCell) -> None:
    assert (await run_cell("import asyncio\nawait asyncio.sleep(0, 'slept')")).text == "'slept'\n"


async def test_random_numbers_differ_between_sessions(interpreter: SandboxedInterpreter, run_cell: RunCell) -> None:
    code = "import random, numpy\n(random.random(), numpy.random.rand())"
    one, two = await run_cell(code), await run_cell(code, thread="thread_other")
    await interpreter.close_session("thread_other", delete_files=True)
    assert one.text != two.text
    assert not set(one.text.strip("()\n").split(", ")) & set(two.text.strip("()\n").split(", "))


async def test_odd_code_is_an_error_of_the_cell(run_cell: RunCell) -> None:
    for code in ("x = '\0'", "x = '\ud800'; print(x.encode())", "raise SystemExit('bye')", "1" + "+1" * 600_000):
        cell = await run_cell(code)
        assert cell.done.outcome == "error"
        assert cell.text
    assert (await run_cell("1 + 1")).text == "2\n"
