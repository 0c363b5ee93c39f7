"""Dated obligations: planned when their source date is known, met or cancelled by the transitions themselves."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from casework.applications import Application
from casework.db import Base, Instant, Key, one_of

KINDS = {
    "deposit": "Dépôt et validation du dossier",
    "correction": "Réponse à la demande de correction",
    "opinion": "Avis attendu",
    "signature": "Signature de la convention",
    "advance": "Paiement de l’avance",
    "committee": "Comité de suivi",
    "dashboard": "Tableau de bord",
    "cre": "Comptes rendus d’exécution",
    "cre_validation": "Validation des CRE par le SLAI",
    "final_report": "Bilan final",
    "control": "Contrôle du bilan final",
    "balance": "Paiement du solde",
    "annual_accounts": "Comptes et documents annuels",
}


class Deadline(Base):
    """What is owed, by whom, until when, and why. `closed_at` stands when it was met or cancelled."""

    __tablename__ = "deadline"
    __table_args__ = (
        sa.CheckConstraint(one_of("status", ("open", "met", "cancelled")), name="status"),
        sa.CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed"),
        sa.Index("ix_deadline_application", "application_id", "status", "due_on"),
        sa.Index("ix_deadline_due", "status", "due_on", "id"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    kind: Mapped[str] = mapped_column(sa.String(30))
    owed_by: Mapped[str] = mapped_column(sa.String(20))
    due_on: Mapped[date] = mapped_column(sa.Date)
    source: Mapped[str] = mapped_column(sa.String(300))
    status: Mapped[str] = mapped_column(sa.String(10), default="open")
    planned_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def label(self) -> str:
        return KINDS[self.kind]


def deadlines_of(session: Session, application_id: int) -> list[Deadline]:
    """Every deadline of a case, the earliest first."""
    query = sa.select(Deadline).where(Deadline.application_id == application_id)
    return list(session.scalars(query.order_by(Deadline.due_on, Deadline.id)))


def plan(
    session: Session, application: Application, kind: str, *, due_on: date, owed_by: str, source: str, at: datetime
) -> Deadline:
    """Plan one deadline of a case and show it as the case's next one when it is."""
    deadline = Deadline(
        application_id=application.id,
        kind=kind,
        owed_by=owed_by,
        due_on=due_on,
        source=source,
        planned_at=at,
        status="open",
    )
    session.add(deadline)
    _refresh(session, application)
    return deadline


def settle(session: Session, application: Application, kind: str | None, *, status: str, at: datetime) -> None:
    """Mark the open deadlines of this kind (every kind when None) as met or cancelled."""
    change = sa.update(Deadline).where(Deadline.application_id == application.id, Deadline.status == "open")
    if kind is not None:
        change = change.where(Deadline.kind == kind)
    session.execute(change.values(status=status, closed_at=at), execution_options={"synchronize_session": "fetch"})
    _refresh(session, application)


def _refresh(session: Session, application: Application) -> None:
    session.flush()
    open_ones = sa.select(sa.func.min(Deadline.due_on)).where(
        Deadline.application_id == application.id, Deadline.status == "open"
    )
    application.due_on = session.scalar(open_ones)
