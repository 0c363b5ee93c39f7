"""What is done with a participant (`Activity`) and the month that comes out of it (`JourneyMonth`).

A month is a stored fact: present or not, so many hours. Once its progress record is sent to the SLAI it no longer
moves: a trigger refuses it too.
"""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.db import Base, Instant, Key, one_of
from casework.participants import Journey
from casework.people import User

KINDS = {
    "interview": "Entretien",
    "employer": "Entretien avec l’entreprise",
    "review": "Point d’étape",
    "workshop": "Atelier",
    "immersion": "Immersion en entreprise",
    "visit": "Visite sur le lieu de travail",
    "partner": "Contact avec un partenaire",
}
MODES = {"present": "En présence", "telephone": "Par téléphone", "video": "En visioconférence"}
MINUTES_A_DAY = 24 * 60
LOCKING_STATES = ("submitted", "validated", "transmitted")
"""States of a progress record in which its month no longer changes."""


class Activity(Base):
    """Something done with or for one participant, on one day, for so many minutes."""

    __tablename__ = "activity"
    __table_args__ = (
        sa.CheckConstraint(one_of("kind", tuple(KINDS)), name="kind"),
        sa.CheckConstraint(one_of("mode", tuple(MODES)), name="mode"),
        sa.CheckConstraint(f"minutes > 0 AND minutes <= {MINUTES_A_DAY}", name="minutes"),
        sa.Index("ix_activity_journey", "journey_id", "done_on"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    journey_id: Mapped[int] = mapped_column(sa.ForeignKey("journey.id"))
    kind: Mapped[str] = mapped_column(sa.String(20))
    mode: Mapped[str] = mapped_column(sa.String(20))
    done_on: Mapped[date] = mapped_column(sa.Date)
    minutes: Mapped[int] = mapped_column(sa.Integer)
    entered_at: Mapped[datetime] = mapped_column(Instant)
    entered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    journey: Mapped[Journey] = relationship()


class JourneyMonth(Base):
    """One month of one participant. `month` is its first day; no minute is worked by somebody who was not there.

    `version` only grows and a month is never deleted: how many there are and the sum of their versions tell whether
    any of them has changed.
    """

    __tablename__ = "journey_month"
    __table_args__ = (
        sa.UniqueConstraint("journey_id", "month"),
        sa.CheckConstraint(f"minutes >= 0 AND minutes <= {31 * MINUTES_A_DAY}", name="minutes"),
        sa.CheckConstraint("present OR minutes = 0", name="present"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    journey_id: Mapped[int] = mapped_column(sa.ForeignKey("journey.id"))
    month: Mapped[date] = mapped_column(sa.Date)
    present: Mapped[bool] = mapped_column()
    minutes: Mapped[int] = mapped_column(sa.Integer)
    version: Mapped[int] = mapped_column(sa.Integer, default=1)
    entered_at: Mapped[datetime] = mapped_column(Instant)
    entered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    entered_by: Mapped[User | None] = relationship()
