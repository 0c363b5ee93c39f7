"""The contracts of social clauses of a demonstration, told by the real functions. Everything is invented."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from casework.applications import Application
from casework.people import Actor
from casework.settings import Settings
from workflows.clauses.hours import has_clauses, record_contract
from workflows.engine import Act
from workflows.journey.activities import entered_journeys
from workflows.journey.reading import why_closed

TOLD = (
    ("Bailleur du Bassin minier", "Rénovation, lot 3", "execution", "Façades de la Lisse", "secondment", "84"),
    ("Commune de Roëllecourt", "Voirie et réseaux", "criterion", "Pavés et Compagnie", "fixed", "140"),
    ("Département", "Entretien des espaces verts", "reserved", "Les Jardins de l’Aa", "insertion", "104"),
)  # fmt: skip


def tell_clauses(session: Session, settings: Settings, application: Application, actor: Actor, at: datetime) -> None:
    """One contract for each participant of an operation whose sheet follows clauses, while it runs."""
    if not has_clauses(application) or why_closed(application):
        return
    for rank, journey in enumerate(session.scalars(entered_journeys(application)).all()):
        orderer, market, clause, company, contract, hours = TOLD[rank % len(TOLD)]
        starts_on = journey.entered_on + timedelta(days=3) if journey.entered_on else at.date()
        if starts_on + timedelta(days=30) > min(journey.exited_on or at.date(), at.date()):
            continue
        said = {"orderer": orderer, "market": market, "clause": clause, "company": company, "contract": contract}
        dated = {"journey": str(journey.id), "starts_on": starts_on.isoformat(), "hours": hours}
        record_contract(session, application, Act(actor, at, settings, said | dated))
