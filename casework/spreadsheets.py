"""Spreadsheets that people fill and send back (XLSX): written so that no text becomes a formula, read with a report.

Nothing here is trusted: what is not a workbook, what unpacks to more than `LARGEST_BYTES`, what has another header or
too many rows is refused in a sentence. A formula (its value may be out of date) or a merged cell is a problem of its
row, which the caller says with the others.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook
from xlsxwriter.utility import xl_col_to_name

from casework.errors import InvalidInput
from casework.french import listed
from casework.search import folded

LARGEST_BYTES = 50_000_000
HIGHEST = 20_000
LISTS = "Listes"
LONGEST_CHOICES = 255
"""Excel keeps no longer list of choices with a column: a longer one stands in a sheet of its own, the last."""
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FIELD = "file"
_FORMULA = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="[A-Z]{1,3}(\d+)"[^>]*>\s*<(?:\w+:)?f\b')
_FIRST_TAB = re.compile(rb'<(?:\w+:)?sheet\b[^>]*?\b\w+:id="([^"]+)"')
_PART = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")


@dataclass(frozen=True)
class Column:
    """One column. `kind`: text | money (cents) | number | date | any (a number or words, cell by cell).

    `choices` become a list to choose from.
    """

    label: str
    kind: str = "text"
    width: int = 20
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One row as it was read: its number in the sheet, its cells as text by column label, what makes it unusable."""

    number: int
    cells: Mapping[str, str]
    problems: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Sheet:
    """One sheet to write. `blank`: how many empty rows after the last still offer the choices."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    blank: int = 0


def write(title: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, blank: int = 0) -> bytes:
    """A workbook of one sheet."""
    return write_book([Sheet(title, columns, rows, blank)])


def write_book(sheets: Iterable[Sheet]) -> bytes:
    """A workbook of these sheets, in their order; their titles differ by their first 31 characters."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        head = book.add_format({"bold": True, "bg_color": "#E8EFEE", "bottom": 1})
        formats = {
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "money": book.add_format({"num_format": "#,##0.00 €", "valign": "top"}),
            "number": book.add_format({"num_format": "0.##", "valign": "top"}),
            "date": book.add_format({"num_format": "dd/mm/yyyy", "valign": "top"}),
            "any": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        lists: list[tuple[str, ...]] = []
        for one in sheets:
            _write_sheet(book.add_worksheet(one.title[:31]), one, head, formats, lists)
        if lists:
            apart = book.add_worksheet(LISTS)
            for place, choices in enumerate(lists):
                apart.write_column(0, place, choices)
    return buffer.getvalue()


def _write_sheet(sheet: Any, given: Sheet, head: Any, formats: Mapping[str, Any], lists: list[tuple[str, ...]]) -> None:
    """`lists` receives the choices that are too long for a cell: they stand in a sheet of their own."""
    for place, column in enumerate(given.columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.label, head)
    last = 0
    for last, row in enumerate(given.rows, start=1):
        for place, (column, value) in enumerate(zip(given.columns, row, strict=True)):
            _write_cell(sheet, last, place, column.kind, value, formats[column.kind])
    for place, column in enumerate(given.columns):
        if column.choices:
            offered = {"validate": "list", "source": _source(column.choices, lists), "error_type": "warning"}
            sheet.data_validation(1, place, max(last + given.blank, 1), place, offered)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(last, 1), len(given.columns) - 1)


def _source(choices: tuple[str, ...], lists: list[tuple[str, ...]]) -> list[str] | str:
    if len(",".join(choices)) <= LONGEST_CHOICES:
        return list(choices)
    lists.append(choices)
    name = xl_col_to_name(len(lists) - 1, col_abs=True)
    return f"={LISTS}!{name}$1:{name}${len(choices)}"


def _write_cell(sheet: Any, row: int, place: int, kind: str, value: Any, shape: Any) -> None:
    if value is None or value == "":
        sheet.write_blank(row, place, None, shape)
    elif kind == "money":
        sheet.write_number(row, place, float(Decimal(value) / 100), shape)
    elif kind == "number" or (kind == "any" and isinstance(value, int | float)):
        sheet.write_number(row, place, float(value), shape)
    elif kind == "date":
        sheet.write_datetime(row, place, value, shape)
    else:
        sheet.write_string(row, place, str(value), shape)


def read(content: bytes, columns: Sequence[str], *, most: int) -> list[Line]:
    """The filled rows of the first sheet, under its header. Raises InvalidInput("file") with every reason.

    The columns are found by their labels, in any order, whatever their accents or case; others are passed over.
    """
    rows, problems = _rows(content)
    header = [folded(_text(cell)) for cell in (rows[0] if rows else [])]
    missing = [f"« {label} »" for label in columns if folded(label) not in header]
    if missing:
        raise _refused(f"La première ligne doit nommer les colonnes ; il manque {listed(missing)}. Repartez du modèle.")
    places = {label: header.index(folded(label)) for label in columns}
    found = []
    for number, row in enumerate(rows[1:], start=2):
        cells = {label: _text(row[place]) if place < len(row) else "" for label, place in places.items()}
        if any(cells.values()) or number in problems:
            found.append(Line(number, cells, tuple(problems.get(number, ()))))
        if len(found) > most:
            raise _refused(f"Ce classeur a plus de {most} lignes remplies : c’est le plus qu’il puisse en avoir.")
    if not found:
        raise _refused("Ce classeur n’a aucune ligne remplie sous ses titres.")
    return found


def _rows(content: bytes) -> tuple[list[list[Any]], dict[int, list[str]]]:
    """The cells of the first sheet, and by row number what makes a row unusable."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > LARGEST_BYTES:
            raise _refused("Ce classeur est trop gros : il se déplie en plus de 50 Mo.")
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
        if sheet.total_height > HIGHEST:
            raise _refused(f"Ce classeur a {sheet.total_height} lignes : gardez seulement celles qui servent.")
        rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
        merged = sheet.merged_cell_ranges or []
        computed = _FORMULA.findall(_first_sheet(content))
    except (zipfile.BadZipFile, CalamineError, LookupError, ValueError, OSError):
        raise _refused("Ce fichier n’est pas un classeur Excel (.xlsx) : enregistrez-le dans ce format.") from None
    problems: dict[int, list[str]] = {}
    for number in sorted({row + 1 for (first, _), (last, _) in merged for row in range(first, last + 1)}):
        problems.setdefault(number, []).append("des cellules sont fusionnées.")
    for number in sorted({int(found) for found in computed}):
        problems.setdefault(number, []).append("elle contient une formule : collez les valeurs.")
    problems.pop(1, None)
    return rows, problems


def _first_sheet(content: bytes) -> bytes:
    """The part of the first tab, which the workbook names: the numbers of the files say nothing of their order.

    Raises KeyError or ValueError when the workbook does not say it.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        tab = _FIRST_TAB.search(archive.read("xl/workbook.xml"))
        parts = _PART.findall(archive.read("xl/_rels/workbook.xml.rels"))
        if tab is None:
            raise ValueError("a workbook without a tab")
        part = next((one for one in parts if _attribute(one, b"Id") == tab[1].decode()), b"")
        target = _attribute(part, b"Target")
        return archive.read(target.lstrip("/") if target.startswith("/") else f"xl/{target}")


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"\b" + name + rb'="([^"]*)"', tag)
    return found[1].decode() if found else ""


def _text(cell: Any) -> str:
    """A cell as a form would send it: « 1234,5 », « 2024-03-31 », a text without its spaces around."""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, float):
        exact = Decimal(repr(cell))
        whole = exact.to_integral_value()
        return str(int(whole)) if exact == whole else str(exact.normalize()).replace(".", ",")
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).replace("\x00", "").strip()


def _refused(sentence: str) -> InvalidInput:
    return InvalidInput({_FIELD: [sentence]})
