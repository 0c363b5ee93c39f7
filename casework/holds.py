"""What keeps the identities of a case from being erased: a manager's decision, with its reason, until it is lifted."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from casework import db, journal
from casework.applications import Application
from casework.db import Base, Instant, Key
from casework.errors import Forbidden, NotFound, Refused
from casework.people import Actor, User
from casework.permissions import may

PLACED = journal.register("application.hold_placed", "Conservation des identités demandée", internal=True)
LIFTED = journal.register("application.hold_lifted", "Conservation des identités levée", internal=True)


class LegalHold(Base):
    """One hold on one case (a dispute, an inspection): at most one is open at a time."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        sa.CheckConstraint("length(reason) > 0", name="reason"),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by_id IS NULL)", name="lifted"),
        sa.Index(
            "ix_legal_hold_open",
            "application_id",
            unique=True,
            sqlite_where=sa.text("lifted_at IS NULL"),
            postgresql_where=sa.text("lifted_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    reason: Mapped[str] = mapped_column(sa.Text)
    placed_at: Mapped[datetime] = mapped_column(Instant)
    placed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(Instant)
    lifted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    placed_by: Mapped[User] = relationship(foreign_keys=[placed_by_id])
    lifted_by: Mapped[User | None] = relationship(foreign_keys=[lifted_by_id])


def place(session: Session, application: Application, reason: str, *, actor: Actor, at: datetime) -> LegalHold:
    """Keep the identities of a case until it is lifted. The case is locked: nobody is being forgotten meanwhile.

    Raises Forbidden, or Refused when it is held already.
    """
    user_id = _locked(session, application, actor)
    if _open_hold(session, application.id) is not None:
        raise Refused(["La conservation de ce dossier est déjà demandée."])
    hold = LegalHold(application_id=application.id, reason=reason, placed_at=at, placed_by_id=user_id)
    session.add(hold)
    session.flush()
    journal.record(session, "application", application.id, PLACED, actor=actor, at=at, reason=reason)
    return hold


def lift(session: Session, application: Application, *, actor: Actor, at: datetime) -> LegalHold:
    """End the hold of a case. Raises Forbidden, or Refused when there is none."""
    user_id = _locked(session, application, actor)
    hold = _open_hold(session, application.id)
    if hold is None:
        raise Refused(["Aucune conservation n’est demandée pour ce dossier."])
    hold.lifted_at, hold.lifted_by_id = at, user_id
    journal.record(session, "application", application.id, LIFTED, actor=actor, at=at)
    return hold


def _locked(session: Session, application: Application, actor: Actor) -> int:
    if db.lock(session, Application, application.id) is None:
        raise NotFound()
    if not may(actor, "retention.hold", application) or actor.user_id is None:
        raise Forbidden()
    return actor.user_id


def _open_hold(session: Session, application_id: int) -> LegalHold | None:
    query = sa.select(LegalHold).where(LegalHold.application_id == application_id, LegalHold.lifted_at.is_(None))
    return session.scalars(query).one_or_none()


def open_holds(session: Session, *, most: int) -> list[tuple[LegalHold, str]]:
    """The holds that stand, the oldest first, with the reference of their case."""
    query = (
        sa.select(LegalHold, Application.reference)
        .join(Application, Application.id == LegalHold.application_id)
        .where(LegalHold.lifted_at.is_(None))
        .options(joinedload(LegalHold.placed_by))
    )
    return [(hold, reference) for hold, reference in session.execute(query.order_by(LegalHold.id).limit(most))]


def holds_of(session: Session, application_id: int) -> list[LegalHold]:
    """Every hold of a case, the newest first."""
    query = sa.select(LegalHold).where(LegalHold.application_id == application_id)
    people = (joinedload(LegalHold.placed_by), joinedload(LegalHold.lifted_by))
    return list(session.scalars(query.options(*people).order_by(LegalHold.id.desc())))
