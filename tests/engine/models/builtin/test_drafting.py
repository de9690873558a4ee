"""Tests of a program's first lines."""

from __future__ import annotations

import ast

from app.engine.models.builtin.drafting import head_of
from app.engine.models.port import FileInput


def test_computing_without_files_begins_with_nothing() -> None:
    assert head_of("compute", ()) == ""


def test_algebra_begins_with_sympy() -> None:
    assert head_of("algebra", ()) == "import sympy as sp\n\n"


def test_one_table_is_called_df() -> None:
    head = head_of("compute", [FileInput("sales.csv", 10)])

    assert head == "import pandas as pd\ndf = pd.read_csv('/mnt/data/sales.csv')\n\n"


def test_several_tables_are_called_by_their_names() -> None:
    head = head_of("plot", [FileInput("Q1 sales.csv", 10), FileInput("staff.xlsx", 10), FileInput("notes.txt", 9)])

    assert "df_q1_sales = pd.read_csv('/mnt/data/Q1 sales.csv')" in head
    assert "df_staff = pd.read_excel('/mnt/data/staff.xlsx')" in head
    assert "notes" not in head


def test_json_is_loaded_as_data() -> None:
    head = head_of("compute", [FileInput("it's.json", 10)])

    assert "data = json.load(file)" in head
    assert '"/mnt/data/it\'s.json"' in head
    ast.parse(head)
