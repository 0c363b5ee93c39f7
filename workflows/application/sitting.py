"""The list of cases that an assembly reads before it decides, and what it decided: the same columns on paper and in a
spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from casework import pdf, spreadsheets
from casework.amounts import euros
from casework.applications import STATES, VERDICTS, Opinion
from casework.decision_lists import DecisionRow, by_scheme
from casework.french import counted, long_date
from casework.spreadsheets import Column

Opinions = Mapping[int, Sequence[Opinion]]
REFUSED = "Refusé"

_SHEET = (
    Column("Dossier", width=16),
    Column("Dispositif", width=10),
    Column("Clôture de la session", "date", width=16),
    Column("Porteur", width=30),
    Column("Projet", width=40),
    Column("Avis", width=36),
    Column("Demandé", "money", width=14),
    Column("Proposé", "money", width=14),
    Column("Décision", width=14),
    Column("Accordé", "money", width=14),
    Column("Référence de la décision", width=22),
    Column("Date de la décision", "date", width=16),
)
_HEAD = (
    ("Dossier", False),
    ("Porteur et projet", False),
    ("Avis", False),
    ("Demandé", True),
    ("Proposé", True),
    ("Décision", True),
)


def opinion_summary(opinions: Sequence[Opinion]) -> str:
    """« SLAI Artois : favorable ; Convergence : passé outre », or « aucun avis demandé »."""
    return " ; ".join(f"{opinion.title} : {_verdict(opinion)}" for opinion in opinions) or "aucun avis demandé"


def decision_of(row: DecisionRow) -> str:
    """« 12 000,00 € », « Refusé », or "" while it is to be taken. What came after (a reopening) speaks for itself."""
    if row.decided_on is None:
        return ""
    if row.granted_cents is not None:
        return euros(row.granted_cents)
    return REFUSED if row.state == "rejected" else STATES[row.state]


def as_xlsx(rows: Sequence[DecisionRow], opinions: Opinions) -> bytes:
    """One line a case, in the order given."""
    return spreadsheets.write("Décisions", _SHEET, [_cells(row, opinions.get(row.id, ())) for row in rows])


def as_pdf(
    rows: Sequence[DecisionRow],
    opinions: Opinions,
    *,
    title: str,
    named: str,
    schemes: Mapping[str, str],
    funder: str,
    at: datetime,
) -> bytes:
    """A tagged PDF, one table a scheme with its totals. `named`: the window or the decision it is about."""
    data = {
        "title": title,
        "funder": funder,
        "reference": named,
        "footer": f"{title} – {named}",
        "summary": f"{counted(len(rows), 'dossier')}. {_totals(rows)}",
        "sections": [_section(code, found, opinions, schemes) for code, found in by_scheme(rows).items()],
    }
    return pdf.render("statement", data, at=at)


def _section(code: str, rows: Sequence[DecisionRow], opinions: Opinions, schemes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "title": f"{code} – {schemes[code]}" if code in schemes else code,
        "head": [{"label": label, "num": figures} for label, figures in _HEAD],
        "rows": [_printed(row, opinions.get(row.id, ())) for row in rows] + [_total_row(rows)],
        "text": "",
    }


def _printed(row: DecisionRow, opinions: Sequence[Opinion]) -> list[str]:
    return [
        row.reference,
        f"{row.organisation}, {row.title}",
        opinion_summary(opinions),
        euros(row.requested_cents),
        _proposed(row),
        decision_of(row),
    ]


def _total_row(rows: Sequence[DecisionRow]) -> list[str]:
    granted = sum(row.granted_cents or 0 for row in rows)
    decided = any(row.decided_on for row in rows)
    return ["Total", "", "", _sum(rows, "requested_cents"), _sum(rows, "proposed_cents"), euros(granted) * decided]


def _totals(rows: Sequence[DecisionRow]) -> str:
    said = f"Demandé : {_sum(rows, 'requested_cents')}. Proposé : {_sum(rows, 'proposed_cents')}."
    if any(row.decided_on for row in rows):
        said += f" Accordé : {_sum(rows, 'granted_cents')}."
    return said


def _sum(rows: Sequence[DecisionRow], name: str) -> str:
    return euros(sum(getattr(row, name) or 0 for row in rows))


def _proposed(row: DecisionRow) -> str:
    return "" if row.proposed_cents is None else euros(row.proposed_cents)


def _cells(row: DecisionRow, opinions: Sequence[Opinion]) -> list[Any]:
    return [
        row.reference,
        row.scheme_code,
        row.closes_on,
        row.organisation,
        row.title,
        opinion_summary(opinions),
        row.requested_cents or None,
        row.proposed_cents,
        _word(row),
        row.granted_cents,
        row.decision_reference,
        row.decided_on,
    ]


def _word(row: DecisionRow) -> str:
    if row.decided_on is None:
        return ""
    return "Accordé" if row.granted_cents is not None else REFUSED if row.state == "rejected" else STATES[row.state]


def _verdict(opinion: Opinion) -> str:
    if opinion.skipped_at is not None:
        return "passé outre"
    return VERDICTS[opinion.verdict].lower() if opinion.verdict else "attendu"


def window_name(scheme_code: str | None, closes_on: date | None, campaign: str) -> str:
    """« Campagne 2024, 3.10, session close le 31 janvier 2024 »."""
    parts = [f"Campagne {campaign}", scheme_code or "", f"session close le {long_date(closes_on)}" if closes_on else ""]
    return ", ".join(part for part in parts if part)
