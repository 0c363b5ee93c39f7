"""Hours of social clauses (3.1): a contract that a participant had with a company for a market, and its hours.

The columns are those that a clauses follow-up tool holds, one line for each participant and contract: who orders the
market, the market, the kind of clause, the company, the kind of contract, its dates, the hours done (l.160-166).
"""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from casework.db import Base, Instant, Key, one_of
from casework.participants import Journey

CLAUSES = {
    "execution": "Condition d’exécution",
    "criterion": "Condition d’exécution et critère d’attribution",
    "reserved": "Marché réservé",
    "insertion": "Marché de services d’insertion",
}
"""The four main ways that public procurement law gives (l.75)."""
CONTRACTS = {
    "secondment": "Mise à disposition (AI, ETTI, GEIQ)",
    "insertion": "Contrat à durée déterminée d’insertion (CDDI)",
    "fixed": "Contrat à durée déterminée (CDD)",
    "permanent": "Contrat à durée indéterminée (CDI)",
    "temporary": "Mission d’intérim",
    "apprenticeship": "Contrat d’apprentissage",
    "professional": "Contrat de professionnalisation",
    "other": "Autre contrat",
}
LONGEST_MINUTES = 3_000 * 60


class ClauseHours(Base):
    """One contract of one participant. `ends_on` is empty while it runs; `minutes`: what was done until now."""

    __tablename__ = "clause_hours"
    __table_args__ = (
        sa.CheckConstraint(one_of("clause", tuple(CLAUSES)), name="clause"),
        sa.CheckConstraint(one_of("contract", tuple(CONTRACTS)), name="contract"),
        sa.CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name="dates"),
        sa.CheckConstraint(f"minutes > 0 AND minutes <= {LONGEST_MINUTES}", name="minutes"),
        sa.Index("ix_clause_hours_journey", "journey_id", "starts_on"),
    )
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    journey_id: Mapped[int] = mapped_column(sa.ForeignKey("journey.id"))
    orderer: Mapped[str] = mapped_column(sa.String(120))
    market: Mapped[str] = mapped_column(sa.String(160))
    clause: Mapped[str] = mapped_column(sa.String(20))
    company: Mapped[str] = mapped_column(sa.String(120))
    contract: Mapped[str] = mapped_column(sa.String(20))
    starts_on: Mapped[date] = mapped_column(sa.Date)
    ends_on: Mapped[date | None] = mapped_column(sa.Date)
    minutes: Mapped[int] = mapped_column(sa.Integer)
    version: Mapped[int] = mapped_column(sa.Integer, default=1)
    entered_at: Mapped[datetime] = mapped_column(Instant)
    entered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    journey: Mapped[Journey] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
