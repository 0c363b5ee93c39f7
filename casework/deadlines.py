"""Dated obligations: planned when their source date is known, recomputed, met or cancelled by the transitions.

A deadline that a person extended keeps its extension when its source date moves. `next_reminder_on` says when the
reminders' job must look at it again (`casework.reminders`): the day it becomes known, then each day of the ladder.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from casework.applications import Application
from casework.clock import paris_day
from casework.db import Base, Instant, Key, one_of
from casework.people import ROLES

KINDS = {
    "deposit": "Dépôt et validation du dossier",
    "correction": "Réponse à la demande de correction",
    "opinion": "Avis attendu",
    "signature": "Signature de la convention",
    "advance": "Paiement de l’avance",
    "committee": "Comité de suivi",
    "dashboard": "Tableau de bord",
    "dashboard_request": "Tableau de bord demandé",
    "cre": "Comptes rendus d’exécution",
    "cre_validation": "Validation des CRE par le SLAI",
    "milestone": "Étape d’un parcours",
    "college_limit": "Deux mois après l’entrée au collège",
    "grids": "Grilles et freins des participants",
    "childcare": "Trois ans d’un enfant",
    "final_report": "Bilan final",
    "control": "Contrôle du bilan final",
    "control_answer": "Réponse au résultat de contrôle envisagé",
    "balance": "Solde ou reversement",
    "annual_accounts": "Comptes et documents annuels",
}
STATUSES = {"open": "À venir", "met": "Fait", "cancelled": "Annulée"}
FOLLOW_UP = (
    "committee",
    "dashboard",
    "dashboard_request",
    "cre",
    "cre_validation",
    "annual_accounts",
    "milestone",
    "college_limit",
    "grids",
    "childcare",
)
"""What runs beside the steps of the case: it is the case's next deadline only while the operation runs."""
OPERATION_KINDS = ("committee", "dashboard", "annual_accounts", "final_report")
"""What the dates of the operation alone decide."""
RECORD_KINDS = ("cre", "cre_validation")
"""What is owed of each month in which somebody is accompanied."""

_FOLLOWED_STATES = ("execution",)
_OWING = tuple(role for role in ROLES if role != "data_officer")


class Deadline(Base):
    """What is owed, by whom (a role and, where it matters, its territory or body), since when, until when, and why.

    `computed_on` is the day that the rule gives, `due_on` the day that counts: they differ once it was extended.
    `since_on`: the day from which `due_on` was known. `done_on`: the day it was met. `awaits_id`: nobody is late before
    that other deadline is met (the SLAI validates a CRE once it is there). `journey_id`: the journey of which it is a
    dated step. `accepted_at`: a manager accepted that it
    was met late. `closed_at` stands when it was met or cancelled.
    """

    __tablename__ = "deadline"
    __table_args__ = (
        sa.CheckConstraint(one_of("status", tuple(STATUSES)), name="status"),
        sa.CheckConstraint(one_of("owed_by", _OWING), name="owed_by"),
        sa.CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed"),
        sa.CheckConstraint("status = 'open' OR next_reminder_on IS NULL", name="reminded_while_open"),
        sa.Index("ix_deadline_application", "application_id", "status", "due_on"),
        sa.Index("ix_deadline_due", "status", "due_on", "id"),
        sa.Index("ix_deadline_kind_due", "kind", "status", "due_on", "id"),
        sa.Index("ix_deadline_reminder", "status", "next_reminder_on", "application_id"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    kind: Mapped[str] = mapped_column(sa.String(30))
    rank: Mapped[int] = mapped_column(sa.Integer, default=1)
    title: Mapped[str] = mapped_column(sa.String(160), default="")
    owed_by: Mapped[str] = mapped_column(sa.String(20))
    territory_id: Mapped[int | None] = mapped_column(sa.ForeignKey("territory.id"))
    partner: Mapped[str | None] = mapped_column(sa.String(20))
    due_on: Mapped[date] = mapped_column(sa.Date)
    computed_on: Mapped[date] = mapped_column(sa.Date)
    since_on: Mapped[date] = mapped_column(sa.Date)
    source: Mapped[str] = mapped_column(sa.String(300))
    computed: Mapped[str] = mapped_column(sa.String(300), default="")
    status: Mapped[str] = mapped_column(sa.String(10), default="open")
    planned_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    done_on: Mapped[date | None] = mapped_column(sa.Date)
    outcome: Mapped[str] = mapped_column(sa.String(1000), default="")
    document_id: Mapped[int | None] = mapped_column(sa.ForeignKey("document.id"))
    awaits_id: Mapped[int | None] = mapped_column(sa.ForeignKey("deadline.id"))
    journey_id: Mapped[int | None] = mapped_column(sa.ForeignKey("journey.id"), index=True)
    accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    extended: Mapped[bool] = mapped_column(default=False)
    next_reminder_on: Mapped[date | None] = mapped_column(sa.Date)

    @property
    def label(self) -> str:
        return self.title or KINDS[self.kind]

    @property
    def status_label(self) -> str:
        return STATUSES[self.status]

    def late(self, today: date) -> bool:
        """True when it is still owed and its day has passed."""
        return self.status == "open" and self.awaits_id is None and self.due_on < today

    @property
    def met_late(self) -> bool:
        """It was met after its day, and nobody accepted it nor extended it since."""
        return self.done_on is not None and self.done_on > self.due_on and self.accepted_at is None


class DeadlineExtension(Base):
    """One extension of one deadline by a manager: it is never forgotten, whatever happens to the deadline."""

    __tablename__ = "deadline_extension"
    __table_args__ = (sa.CheckConstraint("new_on > old_on", name="later"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    deadline_id: Mapped[int] = mapped_column(sa.ForeignKey("deadline.id"), index=True)
    old_on: Mapped[date] = mapped_column(sa.Date)
    new_on: Mapped[date] = mapped_column(sa.Date)
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    author_name: Mapped[str] = mapped_column(sa.String(120))
    reason: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(Instant)


class Reminder(Base):
    """One step of the ladder of one deadline for one person, once. `step`: days from `due_on`.

    `user_id` None: the step was superseded, or nobody could be told; `skipped` says which. `message_id`: the digest
    that told it. `note`: said to the person when somebody else should have been told.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        sa.CheckConstraint("user_id IS NOT NULL OR skipped IS NOT NULL", name="somebody_or_skipped"),
        sa.Index("ix_reminder_once", "deadline_id", "due_on", "step", "user_id", unique=True),
        sa.Index(
            "ix_reminder_waiting",
            "user_id",
            "deadline_id",
            sqlite_where=sa.text("message_id IS NULL AND skipped IS NULL"),
            postgresql_where=sa.text("message_id IS NULL AND skipped IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    deadline_id: Mapped[int] = mapped_column(sa.ForeignKey("deadline.id"))
    due_on: Mapped[date] = mapped_column(sa.Date)
    step: Mapped[int] = mapped_column(sa.Integer)
    planned_on: Mapped[date] = mapped_column(sa.Date)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    role: Mapped[str] = mapped_column(sa.String(20))
    note: Mapped[str] = mapped_column(sa.String(300), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    message_id: Mapped[int | None] = mapped_column(sa.ForeignKey("message.id"), index=True)
    skipped: Mapped[str | None] = mapped_column(sa.String(300))


def deadlines_of(session: Session, application_id: int) -> list[Deadline]:
    """Every deadline of a case, the earliest first."""
    query = sa.select(Deadline).where(Deadline.application_id == application_id)
    return list(session.scalars(query.order_by(Deadline.due_on, Deadline.id)))


def extensions_of(session: Session, application_id: int) -> list[DeadlineExtension]:
    """Every extension granted on a case, the oldest first."""
    query = sa.select(DeadlineExtension).join(Deadline, Deadline.id == DeadlineExtension.deadline_id)
    return list(session.scalars(query.where(Deadline.application_id == application_id).order_by(DeadlineExtension.id)))


def plan(
    session: Session,
    application: Application,
    kind: str,
    *,
    due_on: date,
    owed_by: str,
    source: str,
    at: datetime,
    computed: str = "",
    title: str = "",
    rank: int = 1,
    territory_id: int | None = None,
    partner: str | None = None,
) -> Deadline:
    """Plan one deadline of a case and show it as the case's next one when it is."""
    deadline = new(
        application,
        kind,
        due_on=due_on,
        owed_by=owed_by,
        source=source,
        at=at,
        computed=computed,
        title=title,
        rank=rank,
    )
    deadline.territory_id, deadline.partner = territory_id, partner
    session.add(deadline)
    refresh(session, application)
    return deadline


def new(
    application: Application,
    kind: str,
    *,
    due_on: date,
    owed_by: str,
    source: str,
    at: datetime,
    computed: str = "",
    title: str = "",
    rank: int = 1,
) -> Deadline:
    """An open deadline known from the day of `at`, not yet in the session."""
    return Deadline(
        application_id=application.id,
        kind=kind,
        rank=rank,
        title=title[:160],
        owed_by=owed_by,
        due_on=due_on,
        computed_on=due_on,
        since_on=paris_day(at),
        source=source[:300],
        computed=computed[:300],
        planned_at=at,
        status="open",
        extended=False,
        next_reminder_on=paris_day(at),
    )


def settle(
    session: Session,
    application: Application,
    kind: str | None,
    *,
    status: str,
    at: datetime,
    done_on: date | None = None,
    outcome: str = "",
    sparing: Collection[str] = (),
) -> None:
    """Mark the open deadlines of this kind (every kind but those of `sparing` when None) as met or cancelled.

    `done_on`: the day it was met, by default the day of `at`.
    """
    found = sa.select(Deadline).where(Deadline.application_id == application.id, Deadline.status == "open")
    if kind is not None:
        found = found.where(Deadline.kind == kind)
    if sparing:
        found = found.where(Deadline.kind.not_in(sparing))
    close(session, application, list(session.scalars(found)), status=status, at=at, done_on=done_on, outcome=outcome)


def close(
    session: Session,
    application: Application,
    closed: Sequence[Deadline],
    *,
    status: str,
    at: datetime,
    done_on: date | None = None,
    outcome: str = "",
) -> None:
    """The same as `settle`, for chosen deadlines of one case. Reminders that are not sent yet are not sent any more."""
    for deadline in closed:
        deadline.status, deadline.closed_at, deadline.next_reminder_on = status, at, None
        deadline.outcome = outcome[:1000]
        if status == "met":
            deadline.done_on = done_on or paris_day(at)
    _forget_reminders(session, closed, "L’échéance a été honorée." if status == "met" else "L’échéance a été annulée.")
    refresh(session, application)


def reschedule(
    session: Session, application: Application, deadline: Deadline, due_on: date, *, at: datetime, why: str
) -> None:
    """Give another day to a deadline, met or not. The reminders of the old day that are not sent yet are skipped.

    `why` is kept on them, in French.
    """
    if due_on == deadline.due_on:
        return
    _forget_reminders(session, [deadline], why)
    deadline.due_on, deadline.since_on = due_on, paris_day(at)
    if deadline.status == "open" and deadline.awaits_id is None:
        deadline.next_reminder_on = paris_day(at)
    refresh(session, application)


def hand_over(session: Session, application: Application, kind: str, *, owed_by: str) -> None:
    """The open deadlines of this kind are now owed by somebody else."""
    for deadline in deadlines_of(session, application.id):
        if deadline.kind == kind and deadline.status == "open":
            deadline.owed_by = owed_by
    session.flush()


def refresh(session: Session, application: Application) -> None:
    """Repeat on the case the day of its earliest open deadline, for the lists.

    What runs beside the steps counts only while the operation runs: a missing CRE makes no payment late. The version
    of the case does not move: nobody's page becomes stale for it.
    """
    session.flush()
    query = sa.select(sa.func.min(Deadline.due_on)).where(
        Deadline.application_id == application.id, Deadline.status == "open", Deadline.awaits_id.is_(None)
    )
    if application.state not in _FOLLOWED_STATES:
        query = query.where(Deadline.kind.not_in(FOLLOW_UP))
    earliest = session.scalar(query)
    if earliest != application.due_on:
        repeated = sa.update(Application).where(Application.id == application.id).values(due_on=earliest)
        session.execute(repeated, execution_options={"synchronize_session": False})
        set_committed_value(application, "due_on", earliest)


def _forget_reminders(session: Session, deadlines: Sequence[Deadline], why: str) -> None:
    if not deadlines:
        return
    session.flush()
    waiting = sa.update(Reminder).where(
        Reminder.deadline_id.in_([deadline.id for deadline in deadlines]),
        Reminder.message_id.is_(None),
        Reminder.skipped.is_(None),
    )
    session.execute(waiting.values(skipped=why), execution_options={"synchronize_session": "fetch"})
