"""What the network of a demonstration did, told by the real functions. Everything is invented."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from casework.applications import Application
from casework.people import Actor
from casework.settings import Settings
from workflows.engine import Act
from workflows.network.actions import record_action, terms_of, why_closed

TOLD = (
    ("training", "professionalisation", "Former les encadrants à la transmission", "", "9", "14", "7"),
    ("webinar", "procurement", "Répondre à un marché réservé", "", "21", "38", "1,5"),
    ("exchange", "diversification", "Visite d’une plateforme de réemploi", "Réemploi du Littoral", "4", "6", "3"),
    ("meeting", "intermediation", "Réunion technique des chantiers-écoles", "Département", "12", "15", "2"),
)


def tell_network(session: Session, settings: Settings, application: Application, actor: Actor, at: datetime) -> None:
    """A few actions of an operation whose sheet has them, while it runs; those that had taken place by `at`."""
    convention = application.convention
    if terms_of(application) is None or why_closed(application) or convention is None:
        return
    for rank, (kind, theme, title, met, structures, reached, hours) in enumerate(TOLD):
        day = convention.starts_on + timedelta(days=12 + 9 * rank)
        if day > min(convention.last_on, at.date()):
            return
        data = {"kind": kind, "theme": theme, "title": title, "met": met, "structures": structures}
        said = {**data, "reached": reached, "hours": hours, "done_on": day.isoformat()}
        record_action(session, application, Act(actor, at, settings, said))
