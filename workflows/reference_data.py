"""What every installation starts from: the nine territories of the call."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.people import TERRITORIES, Territory


def create_territories(session: Session) -> dict[str, Territory]:
    """The nine territories, created when they are missing, by code."""
    known = {territory.code: territory for territory in session.scalars(sa.select(Territory))}
    for code, name in TERRITORIES.items():
        if code not in known:
            known[code] = Territory(code=code, name=name)
            session.add(known[code])
    session.flush()
    return known
