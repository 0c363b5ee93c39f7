"""A dashboard as a workbook and as a tagged PDF. Both leave the service: no small count of people is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from casework import pdf, spreadsheets
from casework.applications import Application
from casework.clock import paris_day
from casework.dashboards import DashboardSnapshot
from casework.french import long_date, moment
from casework.settings import Settings
from casework.spreadsheets import Column as SheetColumn
from casework.spreadsheets import Sheet
from casework.statement_pages import facts, statement, table, text
from workflows.rules.dashboard import Column, Table, discreet

NUMBERS = ("people", "number", "hours", "months")


@dataclass(frozen=True)
class Printed:
    """A dashboard to print: its tables, of which territories, and what it was sent with once it is frozen."""

    application: Application
    tables: Sequence[Table]
    day: date
    place: str
    snapshot: DashboardSnapshot | None = None

    @property
    def title(self) -> str:
        return f"Tableau de bord n° {self.snapshot.number}" if self.snapshot else "Tableau de bord"

    @property
    def stem(self) -> str:
        """The name of the file, without its extension."""
        rank = f"-{self.snapshot.number}" if self.snapshot else f"-{self.day.isoformat()}"
        return f"tableau-de-bord{rank}-{self.application.reference}"


def said(unit: str, value: Any) -> str:
    """A cell as it is read: « 1 204 », « 12,5 h », « moins de 5 », « – » when there is nothing to say."""
    if value is None or value == "":
        return "–"
    if not isinstance(value, int | float):
        return str(value)
    written = f"{value:,.1f}" if round(value, 1) % 1 else f"{value:,.0f}"
    ends = {"hours": "\u00a0h", "months": "\u00a0mois"}
    return written.replace(",", "\u202f").replace(".", ",") + ends.get(unit, "")


def cells(table_: Table, row: Sequence[Any]) -> list[str]:
    """The cells of a row as they are read, the one that names it first."""
    return [str(row[0]), *(said(table_.unit(row, rank), row[rank + 1]) for rank, _ in enumerate(table_.shown))]


def is_number(column: Column) -> bool:
    return column.unit in (*NUMBERS, "row")


def workbook(printed: Printed) -> bytes:
    """One sheet for each table, after one that says what it is."""
    about = Sheet(
        "Présentation", (SheetColumn("Rubrique", width=28), SheetColumn("Contenu", width=70)), _about(printed)
    )
    return spreadsheets.write_book([about, *(_sheet(discreet(one)) for one in printed.tables)])


def _sheet(shown: Table) -> Sheet:
    columns = [SheetColumn(shown.first, width=44)]
    columns += [SheetColumn(one.label, kind="any", width=16 if is_number(one) else 34) for one in shown.shown]
    return Sheet(shown.title, columns, [row[: len(columns)] for row in shown.rows])


def document(printed: Printed, *, at: datetime, funder: str = Settings.funder) -> bytes:
    sections = [facts("Présentation", _about(printed))]
    for one in printed.tables:
        shown = discreet(one)
        head = [(shown.first, False), *((column.label, is_number(column)) for column in shown.shown)]
        sections.append(table(shown.title, head, [cells(shown, row) for row in shown.rows]))
    if printed.snapshot is not None:
        sections.append(text("Commentaire du porteur", printed.snapshot.comment))
        sections.append(text("Empreinte des chiffres figés (SHA-256)", printed.snapshot.digest))
    summary = f"{printed.application.called}, au {long_date(printed.day)}."
    data = statement(printed.title, printed.application.reference, funder, summary, sections)
    return pdf.render("statement", data, at=at)


def _about(printed: Printed) -> list[tuple[str, str]]:
    case, snapshot = printed.application, printed.snapshot
    rows = [
        ("Opération", f"{case.reference} – {case.called}"),
        ("Porteur", case.organisation.name),
        ("Dispositif", f"{case.scheme_code} {case.scheme_version.title}"),
        ("Territoires", printed.place),
        ("Chiffres au", long_date(printed.day)),
    ]
    if snapshot is not None:
        rows.append(("Transmis", f"{moment(snapshot.taken_at)}, par {snapshot.taken_by_name}"))
        rows.append(("Pour", snapshot.title))
    rows.append(("Petits nombres", "Un nombre de personnes inférieur à 5 n’est pas écrit."))
    return rows


def printed_snapshot(
    application: Application, snapshot: DashboardSnapshot, tables: Sequence[Table], place: str
) -> Printed:
    return Printed(application, tables, paris_day(snapshot.taken_at), place, snapshot)
