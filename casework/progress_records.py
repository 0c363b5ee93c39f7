"""The progress record (compte rendu d'exécution, CRE): one for each participant and month of 3.10 to 3.12.

It is sent to the Département once the SLAI of the person's territory has validated it (l.2552-2556, 2868-2873,
3166-3171). Its hours and presence are those of the participant's month, which no longer moves once it is sent.
"""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.activities import LOCKING_STATES
from casework.db import Base, Instant, Json, Key, one_of
from casework.french import of_month
from casework.participants import Journey
from casework.people import Territory, User

STATES = {
    "to_write": "À rédiger",
    "submitted": "Remis au SLAI",
    "returned": "Renvoyé par le SLAI",
    "validated": "Validé par le SLAI",
    "transmitted": "Transmis au Département",
}
THEMES = {
    "project": "Le projet professionnel",
    "mobility": "La mobilité",
    "soft_skills": "Les savoir-être",
    "digital": "Le numérique",
}
"""The four themes of the quality framework (l.2395-2403, 2736-2744, 3054-3060)."""
VALIDATED_STATES = ("validated", "transmitted")


class ProgressRecord(Base):
    """The record of one month. `themes`: those of the quality framework that were worked on; `comment` names nobody.

    `application_id` and `territory_id` repeat those of the journey, which never change: what waits for an SLAI is read
    along one index.
    """

    __tablename__ = "progress_record"
    __table_args__ = (
        sa.UniqueConstraint("journey_id", "month"),
        sa.CheckConstraint(one_of("state", tuple(STATES)), name="state"),
        sa.CheckConstraint(f"({one_of('state', LOCKING_STATES)}) = (submitted_at IS NOT NULL)", name="submitted"),
        sa.CheckConstraint(f"({one_of('state', VALIDATED_STATES)}) = (validated_at IS NOT NULL)", name="validated"),
        sa.CheckConstraint("(validated_at IS NULL) = (validated_by_id IS NULL)", name="validated_by"),
        sa.Index("ix_progress_record_month", "application_id", "month", "state"),
        sa.Index("ix_progress_record_waiting", "territory_id", "state", "id"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    journey_id: Mapped[int] = mapped_column(sa.ForeignKey("journey.id"))
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    territory_id: Mapped[int] = mapped_column(sa.ForeignKey("territory.id"))
    month: Mapped[date] = mapped_column(sa.Date)
    state: Mapped[str] = mapped_column(sa.String(20), default="to_write")
    version: Mapped[int] = mapped_column(sa.Integer, default=1)
    themes: Mapped[list[str]] = mapped_column(Json, default=list)
    comment: Mapped[str] = mapped_column(sa.Text, default="")
    return_reason: Mapped[str] = mapped_column(sa.Text, default="")
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    validated_at: Mapped[datetime | None] = mapped_column(Instant)
    validated_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    updated_at: Mapped[datetime] = mapped_column(Instant)
    state_since: Mapped[datetime] = mapped_column(Instant)

    journey: Mapped[Journey] = relationship()
    territory: Mapped[Territory] = relationship()
    validated_by: Mapped[User | None] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @property
    def state_label(self) -> str:
        return STATES[self.state]

    @property
    def is_final(self) -> bool:
        return self.state == "transmitted"

    @property
    def is_written(self) -> bool:
        """Somebody chose a theme or wrote what was done."""
        return bool(self.themes or self.comment)

    @property
    def label(self) -> str:
        """How a record is named wherever the person must not be."""
        return f"CRE {of_month(self.month)}, parcours n° {self.journey_id}"
