"""Where a participant stands on the grid of its scheme: at entry, midway, at exit; or once, to evaluate skills (3.4).

A grid's areas and levels are data of the scheme. A level says how far somebody is on an area, from 1, the least.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from casework.db import Base, Instant, Key, one_of
from casework.participants import Journey
from casework.people import User
from casework.sealed import Sealed

STAGES = {
    "entry": "À l’entrée",
    "midway": "Point intermédiaire",
    "exit": "À la sortie",
    "evaluation": "Évaluation des compétences",
}


class Assessment(Base):
    """One grid filled in. `levels`: the level of each area, by its code, sealed; none once erased.

    `result`: what an evaluation concludes (3.4). `handed_on`, `handed_to`: when the grid was given to the prescriber,
    and to which service or professional: never a participant.
    """

    __tablename__ = "assessment"
    __table_args__ = (
        sa.UniqueConstraint("journey_id", "stage"),
        sa.CheckConstraint(one_of("stage", tuple(STAGES)), name="stage"),
        sa.CheckConstraint("(handed_on IS NULL) = (handed_to = '')", name="handed"),
        sa.CheckConstraint("handed_on IS NULL OR done_on <= handed_on", name="handed_after"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    journey_id: Mapped[int] = mapped_column(sa.ForeignKey("journey.id"))
    stage: Mapped[str] = mapped_column(sa.String(20))
    done_on: Mapped[date] = mapped_column(sa.Date)
    levels: Mapped[dict[str, int] | None] = mapped_column(Sealed("assessment.levels"))
    result: Mapped[str | None] = mapped_column(sa.String(40))
    handed_on: Mapped[date | None] = mapped_column(sa.Date)
    handed_to: Mapped[str] = mapped_column(sa.String(120), default="")
    version: Mapped[int] = mapped_column(sa.Integer, default=1)
    entered_at: Mapped[datetime] = mapped_column(Instant)
    entered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    entered_by: Mapped[User | None] = relationship(lazy="joined")


def assessments_of(session: Session, journeys: Iterable[Journey]) -> dict[int, dict[str, Assessment]]:
    """What was assessed of these journeys, by journey and stage, in one query."""
    keys = [journey.id for journey in journeys]
    found: dict[int, dict[str, Assessment]] = {key: {} for key in keys}
    for one in session.scalars(sa.select(Assessment).where(Assessment.journey_id.in_(keys))):
        found[one.journey_id][one.stage] = one
    return found
