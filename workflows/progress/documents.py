"""A progress record as a document, and the records of a month as a workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import pdf, spreadsheets
from casework.activities import KINDS, Activity, JourneyMonth
from casework.clock import paris_day
from casework.durations import said_hours, typed_hours
from casework.french import long_date, month_of
from casework.participants import FAMILIES
from casework.progress_records import STATES, THEMES, ProgressRecord
from casework.settings import Settings
from casework.spreadsheets import Column
from casework.statement_pages import facts, statement, table, text
from workflows.rules.results import end_of_month

SHEET = (
    Column("N°", width=10),
    Column("Participant", width=36),
    Column("Territoire", width=20),
    Column("État", width=26),
    Column("Présent", width=10),
    Column("Heures", width=10),
    Column("Activités", width=12),
    Column("Durée des activités", width=18),
    Column("Thèmes", width=40),
    Column("Rédaction", width=60),
)


def month_stored(session: Session, record: ProgressRecord) -> JourneyMonth | None:
    query = sa.select(JourneyMonth).where(JourneyMonth.journey_id == record.journey_id)
    return session.scalars(query.where(JourneyMonth.month == record.month)).one_or_none()


def activities_of(session: Session, record: ProgressRecord) -> list[tuple[str, int, int]]:
    """(kind, how many, minutes) of what was done with this person in the month of the record."""
    query = sa.select(Activity.kind, sa.func.count(), sa.func.sum(Activity.minutes)).where(
        Activity.journey_id == record.journey_id,
        Activity.done_on.between(record.month, end_of_month(record.month)),
    )
    found = {kind: (number, int(minutes)) for kind, number, minutes in session.execute(query.group_by(Activity.kind))}
    return [(KINDS[kind], *found[kind]) for kind in KINDS if kind in found]


def themes_of(record: ProgressRecord) -> list[str]:
    return [label for code, label in THEMES.items() if code in record.themes]


def record_facts(record: ProgressRecord, stored: JourneyMonth | None) -> list[tuple[str, str]]:
    """What the month of a record says, for the screen and for the document."""
    journey = record.journey
    found = [
        ("Mois", month_of(record.month)),
        ("Présence", ("oui" if stored.present else "non") if stored else "à saisir"),
        ("Heures", said_hours(stored.minutes) if stored else "à saisir"),
    ]
    if journey.entered_on is not None:
        found.append(("Entrée dans l’opération", long_date(journey.entered_on)))
    if journey.exited_on is not None and record.month <= journey.exited_on <= end_of_month(record.month):
        found.append(("Sortie ce mois", f"{long_date(journey.exited_on)}, {journey.exit_kind}"))
        found.append(("Classement par la fiche", FAMILIES[journey.exit_family or "none"]))
    return found


def record_pdf(session: Session, record: ProgressRecord, *, name: str | None, funder: str = Settings.funder) -> bytes:
    """The record as a tagged PDF. `name`: the participant's, for who may read it; else the journey's number."""
    case, stored = record.journey.application, month_stored(session, record)
    who = name or record.journey.label
    done = [[label, str(number), said_hours(minutes)] for label, number, minutes in activities_of(session, record)]
    data = statement(
        "Compte rendu d’exécution",
        case.reference,
        funder,
        f"{who}, {month_of(record.month)} : {record.state_label.lower()}.",
        [
            facts(
                "L’opération",
                [
                    ("Porteur", case.organisation.name),
                    ("Dispositif", f"{case.scheme_code} {case.scheme_version.title}"),
                    ("Territoire", record.territory.name),
                    ("Participant", who),
                ],
            ),
            facts("Le mois", record_facts(record, stored)),
            table("Activités", [("Activité", False), ("Nombre", True), ("Durée", True)], done),
            text("Thèmes du référentiel qualité travaillés", ", ".join(themes_of(record))),
            text("Ce qui a été fait", record.comment),
            text("Validation", _validation(record)),
        ],
    )
    return pdf.render("statement", data, at=record.state_since)


def _validation(record: ProgressRecord) -> str:
    if record.validated_at is not None and record.validated_by is not None:
        day = long_date(paris_day(record.validated_at))
        return f"Validé pour le SLAI {record.territory.name} par {record.validated_by.name}, le {day}."
    if record.submitted_at is not None:
        return f"Remis au SLAI le {long_date(paris_day(record.submitted_at))}, pas encore validé."
    return "Pas encore remis au SLAI."


def records_workbook(session: Session, records: Sequence[ProgressRecord], names: Mapping[int, str]) -> bytes:
    """The records of one month, in three queries whatever their number."""
    months = _months(session, records)
    done = _activities(session, records)
    return spreadsheets.write("CRE", SHEET, [_row(record, names, months, done) for record in records])


def _row(
    record: ProgressRecord,
    names: Mapping[int, str],
    months: Mapping[int, JourneyMonth],
    done: Mapping[int, tuple[int, int]],
) -> list[Any]:
    stored, (number, minutes) = months.get(record.journey_id), done.get(record.journey_id, (0, 0))
    return [
        record.journey_id,
        names.get(record.journey_id, record.journey.label),
        record.territory.name,
        STATES[record.state],
        ("oui" if stored.present else "non") if stored else "",
        typed_hours(stored.minutes) if stored else "",
        number or "",
        typed_hours(minutes) if minutes else "",
        ", ".join(themes_of(record)),
        record.comment,
    ]


def _months(session: Session, records: Sequence[ProgressRecord]) -> dict[int, JourneyMonth]:
    if not records:
        return {}
    own = (JourneyMonth.journey_id.in_([one.journey_id for one in records]), JourneyMonth.month == records[0].month)
    return {month.journey_id: month for month in session.scalars(sa.select(JourneyMonth).where(*own))}


def _activities(session: Session, records: Sequence[ProgressRecord]) -> dict[int, tuple[int, int]]:
    if not records:
        return {}
    query = sa.select(Activity.journey_id, sa.func.count(), sa.func.sum(Activity.minutes)).where(
        Activity.journey_id.in_([one.journey_id for one in records]),
        Activity.done_on.between(records[0].month, end_of_month(records[0].month)),
    )
    return {
        key: (number, int(minutes)) for key, number, minutes in session.execute(query.group_by(Activity.journey_id))
    }
