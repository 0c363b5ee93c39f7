"""What a sheet asks of a participant besides her identity: levels of education and of training, obstacles to work.

Obstacles may tell a health condition: they are sealed, at entry and at exit. The levels are not: figures are split by
them (l.2198-2202, 3669-3673, 4010-4014, 4354-4358), and without the keys they lead to nobody.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.db import Base, Instant, one_of
from casework.participants import Journey
from casework.sealed import Sealed

EDUCATION = {
    "none": "Peu ou pas scolarisé",
    "lower": "Primaire ou collège",
    "upper": "Lycée",
    "higher": "Études supérieures",
}
TRAINING = {
    "none": "Sans diplôme, infra 3",
    "3": "Niveau 3 (CAP, BEP)",
    "4": "Niveau 4 (baccalauréat)",
    "5": "Niveau 5 (bac + 2)",
    "6": "Niveau 6 et plus (bac + 3 et au-delà)",
}
OBSTACLES = {
    "mobility": "Mobilité",
    "housing": "Logement",
    "health": "Santé",
    "childcare": "Garde d’enfants",
    "digital": "Numérique",
    "language": "Maîtrise du français",
    "money": "Budget, dettes",
    "justice": "Justice, droits",
    "confidence": "Confiance en soi",
}
"""The obstacles that the call names (mobility, housing, health, l.743, 924, 2248), and those met beside them."""


class JourneyDetails(Base):
    """What was said of one participant. `obstacles`, `obstacles_left`: codes of `OBSTACLES`, at entry and at exit.

    None: not asked yet; an empty list: no obstacle.
    """

    __tablename__ = "journey_details"
    __table_args__ = (
        sa.CheckConstraint("education IS NULL OR " + one_of("education", tuple(EDUCATION)), name="education"),
        sa.CheckConstraint("training IS NULL OR " + one_of("training", tuple(TRAINING)), name="training"),
    )
    journey_id: Mapped[int] = mapped_column(sa.ForeignKey("journey.id"), primary_key=True, autoincrement=False)
    education: Mapped[str | None] = mapped_column(sa.String(10))
    training: Mapped[str | None] = mapped_column(sa.String(10))
    obstacles: Mapped[list[str] | None] = mapped_column(Sealed("journey_details.obstacles"))
    obstacles_left: Mapped[list[str] | None] = mapped_column(Sealed("journey_details.obstacles_left"))
    said_at: Mapped[datetime] = mapped_column(Instant)
    said_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    journey: Mapped[Journey] = relationship(back_populates="details")

    @property
    def lifted(self) -> list[str]:
        """The obstacles that are no longer there at the exit."""
        if self.obstacles is None or self.obstacles_left is None:
            return []
        return [code for code in self.obstacles if code not in self.obstacles_left]
