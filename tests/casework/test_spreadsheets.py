"""Workbooks that people fill: nothing becomes a formula, and each thing that cannot be read is said."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date

import pytest
import xlsxwriter

from casework import spreadsheets
from casework.errors import InvalidInput
from casework.spreadsheets import Column

COLUMNS = (Column("Intitulé"), Column("Montant", "money"), Column("Jour", "date"))
LABELS = [column.label for column in COLUMNS]


def sentence(content: bytes, labels: list[str] = LABELS, most: int = 10) -> str:
    with pytest.raises(InvalidInput) as refused:
        spreadsheets.read(content, labels, most=most)
    return " ".join(refused.value.errors["file"])


def workbook(*rows: tuple[object, ...]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return buffer.getvalue()


def test_what_is_written_is_read_back() -> None:
    rows = [("Salaires", 1234_50, date(2024, 3, 31)), ("Été à l’œuvre", 7_00, None)]
    found = spreadsheets.read(spreadsheets.write("Budget", COLUMNS, rows), LABELS, most=10)
    assert [line.number for line in found] == [2, 3]
    assert found[0].cells == {"Intitulé": "Salaires", "Montant": "1234,5", "Jour": "2024-03-31"}
    assert found[1].cells == {"Intitulé": "Été à l’œuvre", "Montant": "7", "Jour": ""}


@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("http://x")', "+33", "-2", "@SUM(A1)"])
def test_no_text_becomes_a_formula(text: str) -> None:
    content = spreadsheets.write("Budget", COLUMNS, [(text, 1, None)])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "<f>" not in archive.read("xl/worksheets/sheet1.xml").decode()
    assert spreadsheets.read(content, LABELS, most=10)[0].cells["Intitulé"] == text


def test_columns_are_found_in_any_order_and_case() -> None:
    content = workbook(("MONTANT", "autre", "intitule"), (12, "x", "Salaires"))
    assert spreadsheets.read(content, LABELS[:2], most=10)[0].cells == {"Intitulé": "Salaires", "Montant": "12"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.4", "n’est pas un classeur"),
        (b"", "n’est pas un classeur"),
        (workbook(("a", "b")), "il manque « Intitulé », « Montant » et « Jour »"),
        (workbook(tuple(LABELS)), "aucune ligne remplie"),
        (workbook(tuple(LABELS), *[("x", 1, "") for _ in range(11)]), "plus de 10 lignes"),
        (workbook(tuple(LABELS), *[("x", 1, "") for _ in range(100_000)]), "gardez seulement celles"),
    ],
    ids=["pdf", "empty", "header", "no row", "too many", "far too many"],
)
def test_what_cannot_be_read_says_why(content: bytes, said: str) -> None:
    assert said in sentence(content)


def test_formulas_and_merged_cells_are_said_line_by_line() -> None:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, LABELS)
        sheet.write_row(1, 0, ("a", 1))
        sheet.write_row(2, 0, ("b",))
        sheet.write_formula(2, 1, "=SUM(1,2)", None, 3)
        sheet.merge_range(3, 0, 4, 0, "c")
        sheet.write(4, 1, 5)
    found = {line.number: " ".join(line.problems) for line in spreadsheets.read(kept.getvalue(), LABELS, most=10)}
    assert found[2] == ""
    assert "formule" in found[3]
    assert "fusionnées" in found[4]
    assert "fusionnées" in found[5]


def two_tabs(formula_in: int) -> bytes:
    """Two tabs, the second file standing first; a formula in the tab of this rank, as people see them."""
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        shown_second, shown_first = book.add_worksheet(), book.add_worksheet()
        for rank, sheet in enumerate((shown_first, shown_second)):
            sheet.write_row(0, 0, LABELS)
            sheet.write_row(1, 0, ("Salaires", 1))
            if rank == formula_in:
                sheet.write_formula(1, 1, "=1+1", None, 2)
    swapped = io.BytesIO()
    with zipfile.ZipFile(kept) as source, zipfile.ZipFile(swapped, "w") as target:
        for member in source.infolist():
            part = source.read(member)
            if member.filename == "xl/workbook.xml":
                first, second = re.findall(rb"<sheet [^>]*/>", part)
                part = part.replace(first + second, second + first)
            target.writestr(member, part)
    return swapped.getvalue()


@pytest.mark.parametrize(("formula_in", "said"), [(0, True), (1, False)])
def test_formulas_are_looked_for_in_the_tab_that_is_read(formula_in: int, said: bool) -> None:
    (line,) = spreadsheets.read(two_tabs(formula_in), LABELS, most=10)
    assert bool(line.problems) == said


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (spreadsheets.LARGEST_BYTES + 1))
    assert "trop gros" in sentence(buffer.getvalue())
