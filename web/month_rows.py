"""The rows of a month as people give them: the form of the grid, lines pasted from a spreadsheet, a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from casework import spreadsheets
from casework.errors import CaseworkError, InvalidInput
from casework.identities import match_key
from casework.progress_records import STATES
from casework.search import folded
from casework.spreadsheets import Column
from workflows.journey.months import Grid, Row, boxes

MOST = 1000
_NUMBER, _WHO, _RECORD, _PRESENT, _HOURS = "N°", "Participant", "CRE", "Présent", "Heures"
_READ = (_NUMBER, _WHO, _PRESENT, _HOURS)
SHEET = (
    Column(_NUMBER, width=10),
    Column(_WHO, width=36),
    Column(_RECORD, width=24),
    Column(_PRESENT, width=12, choices=("oui", "non")),
    Column(_HOURS, width=12),
)
_FIELDS = {"line": "", "present": "présent : ", "hours": "heures : "}


@dataclass(frozen=True)
class Given:
    """What was given: rows to save, and by line what could not be read at all. `names`: who each line speaks of."""

    rows: list[Row]
    problems: list[str] = field(default_factory=list)
    names: Mapping[str, str] = field(default_factory=dict)

    def refused(self, error: CaseworkError) -> list[str]:
        """Every line at fault, by its number in what was given."""
        if not isinstance(error, InvalidInput):
            return []
        said = []
        for name, sentences in error.errors.items():
            part, _, key = name.partition("-")
            who = f" ({self.names[key]})" if self.names.get(key) else ""
            said += [f"Ligne {key}{who} : {_FIELDS.get(part, '')}{text}" for text in sentences]
        return said


def typed_rows(form: Any) -> list[Row]:
    """The rows of the grid, each named by the number of its journey."""
    keys = {name.partition("-")[2] for name in form if name.startswith(("present-", "hours-"))}
    return [
        Row(key, int(key), form.get(f"present-{key}", ""), form.get(f"hours-{key}", ""), _before(form, key))
        for key in sorted(keys, key=lambda key: (len(key), key))
        if key.isascii() and key.isdigit() and len(key) < 16
    ]


def _before(form: Any, key: str) -> tuple[str, str] | None:
    shown = form.get(f"before-{key}")
    present, _, hours = (shown or "").partition("|")
    return None if shown is None else (present, hours)


def pasted(text: str, names: Mapping[int, str]) -> Given:
    """Lines of a spreadsheet, cells apart by a tab: who first, hours last, presence before them when there are three.

    Who is the number of a journey or a name; a line of titles is passed over.
    """
    rows: list[Row] = []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > MOST:
        raise InvalidInput({"pasted": [f"Collez au plus {MOST} lignes à la fois."]})
    problems, told = [], {}
    for number, line in enumerate(lines, start=1):
        cells = [cell.strip() for cell in line.split("\t")]
        if not any(cells) or folded(cells[0]) in (folded(_NUMBER), folded(_WHO), "nom"):
            continue
        if len(cells) < 2:
            problems.append(f"Ligne {number} : il manque la présence ou les heures, séparées par une tabulation.")
            continue
        present, hours = (cells[-2] if len(cells) > 2 else "", cells[-1])
        if len(cells) == 2 and folded(hours) in ("oui", "non"):
            present, hours = hours, ""
        rows.append(Row(str(number), journey_named(cells[0], names), present, hours))
        told[str(number)] = cells[0][:60]
    if not rows and not problems:
        raise InvalidInput({"pasted": ["Collez d’abord des lignes de votre tableur."]})
    return Given(rows, problems, told)


def imported(content: bytes, names: Mapping[int, str]) -> Given:
    """The rows of a workbook that has the columns of the export. Raises InvalidInput("file")."""
    rows, problems, told = [], [], {}
    for line in spreadsheets.read(content, _READ, most=MOST):
        who = line.cells[_NUMBER] or line.cells[_WHO]
        rows.append(Row(str(line.number), journey_named(who, names), line.cells[_PRESENT], line.cells[_HOURS]))
        told[str(line.number)] = (line.cells[_WHO] or line.cells[_NUMBER])[:60]
        problems += [f"Ligne {line.number} : {text}" for text in line.problems]
    return Given(rows, problems, told)


def workbook(grid: Grid, names: Mapping[int, str]) -> bytes:
    """The grid to fill elsewhere and bring back."""
    rows = [
        (
            line.journey.id,
            names.get(line.journey.id, line.journey.label),
            STATES[line.record.state] if line.record else "",
            *boxes(line.stored),
        )
        for line in grid.lines
    ]
    return spreadsheets.write("Mois", SHEET, rows)


def by_journey(rows: Iterable[Row]) -> dict[int, Row]:
    """What was said of each journey, to be shown again in the grid: what nobody touched shows what is stored now."""
    return {row.journey_id: row for row in rows if row.journey_id is not None and not row.untouched}


def journey_named(who: str, names: Mapping[int, str]) -> int | None:
    """The journey of this number, or of the only participant of this name; None when it is neither."""
    digits = who.removeprefix("n°").removeprefix("N°").strip()
    if digits.isascii() and digits.isdigit() and len(digits) < 16:
        return int(digits)
    found: Sequence[int] = [key for key, name in names.items() if match_key(name, "") == match_key(who, "")]
    return found[0] if len(found) == 1 else None
