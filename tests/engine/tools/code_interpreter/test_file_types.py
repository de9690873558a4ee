"""The file types of the hosted tool can be written and read with what is installed in the sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.engine.tools.code_interpreter.port import InputFile

from .conftest import RunCell

ROUND_TRIPS = {
    "csv": """
import pandas
pandas.DataFrame({"word": ["hello"]}).to_csv("x.csv", index=False)
print(pandas.read_csv("x.csv").word[0])
""",
    "docx": """
import docx
document = docx.Document(); document.add_paragraph("hello"); document.save("x.docx")
print(docx.Document("/mnt/data/x.docx").paragraphs[0].text)
""",
    "xlsx": """
import pandas
pandas.DataFrame({"word": ["hello"]}).to_excel("x.xlsx", index=False)
print(pandas.read_excel("x.xlsx").word[0])
""",
    "pptx": """
import pptx
show = pptx.Presentation(); slide = show.slides.add_slide(show.slide_layouts[5]); slide.shapes.title.text = "hello"
show.save("x.pptx")
print(pptx.Presentation("x.pptx").slides[0].shapes.title.text)
""",
    "pdf": """
import matplotlib.pyplot as plt, pypdf
figure = plt.figure(); figure.text(0.5, 0.5, "hello"); figure.savefig("x.pdf"); plt.close(figure)
print(pypdf.PdfReader("x.pdf").pages[0].extract_text().strip())
""",
    "json": """
import json, pandas
json.dump([{"word": "hello"}], open("x.json", "w"))
print(pandas.read_json("x.json").word[0])
""",
    "xml": """
import lxml.etree, pandas
open("x.xml", "w").write("<rows><row><word>hello</word></row></rows>")
print(pandas.read_xml("x.xml").word[0])
""",
    "html": """
import bs4
open("x.html", "w").write("<h1>hello</h1>")
print(bs4.BeautifulSoup(open("x.html"), "lxml").h1.text)
""",
    "tar": """
import tarfile
open("x.txt", "w").write("hello")
with tarfile.open("x.tar", "w") as archive: archive.add("x.txt")
with tarfile.open("x.tar") as archive: print(archive.extractfile("x.txt").read().decode())
""",
    "zip": """
import zipfile
with zipfile.ZipFile("x.zip", "w") as archive: archive.writestr("x.txt", "hello")
with zipfile.ZipFile("x.zip") as archive: archive.extractall("out")
print(open("out/x.txt").read())
""",
    "images": """
from PIL import Image
for name in ("png", "jpg", "gif", "bmp", "tiff", "webp"):
    Image.new("RGB", (4, 3), "red").save(f"x.{name}")
    assert Image.open(f"x.{name}").size == (4, 3)
print("hello")
""",
    "python": """
open("helper.py", "w").write("def greet(): return 'hello'")
import helper
print(helper.greet())
""",
}
SOURCES = ["c", "cpp", "css", "cs", "go", "html", "java", "js", "md", "php", "py", "rb", "sh", "tex", "ts", "txt"]


@pytest.mark.parametrize("kind", ROUND_TRIPS)
async def test_a_file_is_written_and_read(run_cell: RunCell, kind: str) -> None:
    cell = await run_cell(ROUND_TRIPS[kind])
    assert cell.text == "hello\n"
    assert cell.files


async def test_source_files_keep_their_names(run_cell: RunCell, tmp_path: Path) -> None:
    (tmp_path / "blob").write_text("héllo")
    files = [InputFile(f"file-{kind}", f"main.{kind}", tmp_path / "blob") for kind in SOURCES]
    cell = await run_cell(
        "import os\nprint(len({open(n, encoding='utf-8').read() for n in os.listdir()}), len(os.listdir()))",
        files=files,
    )
    assert cell.text.split() == ["1", str(len(SOURCES))]


async def test_files_with_odd_names_come_out_under_harmless_ones(run_cell: RunCell) -> None:
    code = """
import os
for name in (b"line\\nbreak.txt", b"n" * 250 + b".csv", b"bad\\xff", b"-rf", "größe 表.csv".encode()):
    open(b"/mnt/data/" + name, "w").write("x")
try: open("/mnt/data/" + "n" * 300, "w")
except OSError as error: print(error.strerror)
"""
    cell = await run_cell(code.replace("\\\\", "\\"))
    assert cell.text == "File name too long\n"
    assert len(cell.files) == 5
    assert all(name.isprintable() and len(name.encode()) <= 200 for name in cell.files)
    assert "größe 表.csv" in cell.files
