"""Activities brought from a spreadsheet: lines pasted, or the workbook of the model once filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from casework import spreadsheets
from casework.activities import KINDS, MODES
from casework.errors import InvalidInput
from casework.participants import Journey
from casework.search import folded
from casework.spreadsheets import Column
from web.month_rows import journey_named
from workflows.journey.activity_rows import MOST, ActivityRow

_DATE, _NUMBER, _WHO, _KIND, _MINUTES, _MODE = "Date", "N°", "Participant", "Activité", "Minutes", "Mode"
SHEET = (
    Column(_DATE, "date", width=14),
    Column(_NUMBER, width=10),
    Column(_WHO, width=36),
    Column(_KIND, width=32, choices=tuple(KINDS.values())),
    Column(_MINUTES, width=12),
    Column(_MODE, width=22, choices=tuple(MODES.values())),
)
_READ = tuple(column.label for column in SHEET)


def model(journeys: Iterable[Journey], names: Mapping[int, str], today: date) -> bytes:
    """A workbook with one line for each participant still followed: lines are copied, filled in, or left out."""
    followed = [journey for journey in journeys if journey.exited_on is None or journey.exited_on >= today]
    rows = [(None, journey.id, names.get(journey.id, journey.label), "", "", "") for journey in followed]
    return spreadsheets.write("Activités", SHEET, rows, blank=200)


def imported(content: bytes, names: Mapping[int, str]) -> tuple[list[ActivityRow], list[str]]:
    """The filled lines of a workbook, and what makes some unusable. Raises InvalidInput("file")."""
    rows, problems = [], []
    for line in spreadsheets.read(content, _READ, most=MOST):
        cells = line.cells
        if not any(cells[name] for name in (_DATE, _KIND, _MINUTES, _MODE)) and not line.problems:
            continue
        who = cells[_NUMBER] or cells[_WHO]
        key = str(line.number)
        rows.append(
            ActivityRow(key, journey_named(who, names), cells[_KIND], cells[_DATE], cells[_MINUTES], cells[_MODE])
        )
        problems += [f"Ligne {line.number} : {text}" for text in line.problems]
    if not rows:
        raise InvalidInput({"file": ["Aucune ligne n’est remplie : il faut une date, une activité et des minutes."]})
    return rows, problems


def pasted(text: str, names: Mapping[int, str]) -> tuple[list[ActivityRow], list[str]]:
    """Lines of a spreadsheet, cells apart by a tab: date, who, activity, minutes, mode. May raise InvalidInput."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > MOST:
        raise InvalidInput({"pasted": [f"Collez au plus {MOST} lignes à la fois."]})
    rows, problems = [], []
    for number, line in enumerate(lines, start=1):
        cells = [cell.strip() for cell in line.split("\t")]
        if not any(cells) or folded(cells[0]) == folded(_DATE):
            continue
        if len(cells) < 4:
            problems.append(
                f"Ligne {number} : il faut une date, qui, l’activité et les minutes, chacune dans sa colonne."
            )
            continue
        day, who, kind, minutes, mode = (*cells, "")[:5]
        rows.append(ActivityRow(str(number), journey_named(who, names), kind, day, minutes, mode))
    if not rows and not problems:
        raise InvalidInput({"pasted": ["Collez d’abord des lignes de votre tableur."]})
    return rows, problems
