"""CSV files exchanged with offices that open them in a spreadsheet: semicolons, UTF-8 with its mark, decimal commas.

No text that is written becomes a formula. What is read is text, line by line, or is refused in a sentence.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from casework.errors import InvalidInput
from casework.french import listed
from casework.search import folded

MEDIA_TYPE = "text/csv; charset=utf-8"
LARGEST_BYTES = 1_000_000
_FIELD = "file"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NOT_TEXT = {
    b"PK\x03\x04": "C’est un classeur (.xlsx ou .ods), pas un fichier CSV",
    b"\xd0\xcf\x11\xe0": "C’est un ancien classeur Excel (.xls), pas un fichier CSV",
    b"%PDF": "C’est un PDF, pas un fichier CSV",
}
_SAVE_AS = "dans votre tableur, choisissez « Enregistrer sous », puis « CSV UTF-8 (séparateur : point-virgule) »."


@dataclass(frozen=True)
class Line:
    """One filled line: its number in the file and the text of each column asked for, by label."""

    number: int
    cells: dict[str, str]


def write(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The file as text, its header first; « = », « + », « - » or « @ » at the head of a cell is defused."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_defused(cell) for cell in row] for row in rows)
    return written.getvalue()


def rewritten(columns: Sequence[str], lines: Sequence[Line]) -> str:
    """These lines as they were read, to be read again: nothing is defused, and no one opens it."""
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([line.cells[label] for label in columns] for line in lines)
    return written.getvalue()


def encoded(text: str) -> bytes:
    """The bytes to send: UTF-8 with the mark by which spreadsheets know it."""
    return text.encode("utf-8-sig")


def decimal_comma(cents: int) -> str:
    """« 1234,50 »: an amount that a spreadsheet set in French reads as a number."""
    return f"{cents // 100},{cents % 100:02d}"


def decoded(content: bytes) -> str:
    """The text of a file that was sent: UTF-8, else the Windows code page. Raises InvalidInput("file")."""
    if not content.strip():
        raise _refused("Ce fichier est vide : choisissez-en un autre.")
    wrong = next((sentence for head, sentence in _NOT_TEXT.items() if content.startswith(head)), None)
    if wrong:
        raise _refused(f"{wrong} : {_SAVE_AS}")
    if b"\x00" in content[:1000]:
        raise _refused(f"Ce fichier n’est pas un CSV en UTF-8 : {_SAVE_AS}")
    if len(content) > LARGEST_BYTES:
        raise _refused("Ce fichier est trop gros : un Mo au plus. Découpez-le.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def read(text: str, columns: Sequence[str], *, most: int) -> list[Line]:
    """The filled lines under the header. Raises InvalidInput("file") for another header or more than `most` lines.

    The columns are found by their labels, in any order, whatever their accents or case; others are passed over.
    """
    separator = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.reader(io.StringIO(text.replace("\x00", ""), newline=""), delimiter=separator)
    try:
        header = [folded(cell).strip() for cell in next(reader, [])]
        missing = [f"« {label} »" for label in columns if folded(label) not in header]
        if missing:
            raise _refused(f"La première ligne doit nommer les colonnes ; il manque {listed(missing)}.")
        places = {label: header.index(folded(label)) for label in columns}
        found = []
        for row in reader:
            cells = {label: row[at].strip() if at < len(row) else "" for label, at in places.items()}
            if any(cells.values()):
                found.append(Line(reader.line_num, cells))
            if len(found) > most:
                raise _refused(f"Ce fichier a plus de {most} lignes : découpez-le.")
    except csv.Error:
        raise _refused(f"Ce fichier n’est pas un CSV lisible : {_SAVE_AS}") from None
    if not found:
        raise _refused("Ce fichier n’a aucune ligne remplie sous ses titres.")
    return found


def _defused(cell: str) -> str:
    line = " ".join(cell.split())
    return f"'{line}" if cell.startswith(_FORMULA) or line.startswith(_FORMULA) else line


def _refused(sentence: str) -> InvalidInput:
    return InvalidInput({_FIELD: [sentence]})
