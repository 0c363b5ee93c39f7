"""Who is told of a deadline: those who owe it, in their scope; when it is late the officer, then the managers too.

When nobody owes it any more (everybody of the organisation has left), the services are told instead, and it is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import application_territory, co_bearer
from casework.people import PARTNERS, ROLES, Grant, User

OFFICER_FROM = 7
MANAGER_FROM = 15
"""Days late from which the officer, then the managers are told too."""


@dataclass(frozen=True)
class Owed:
    """What decides who is told of a deadline; the first four are those of its case."""

    case_id: int
    organisation_id: int
    officer_id: int | None
    scheme_code: str
    owed_by: str
    territory_id: int | None = None
    partner: str | None = None


@dataclass(frozen=True)
class Told:
    """One person to tell, in which role, with a sentence when it is instead of somebody else."""

    user_id: int
    role: str
    note: str = ""


def told_roles(owed_by: str, step: int) -> tuple[str, ...]:
    """The roles told at a step of the ladder (days from the deadline)."""
    more = [role for role, least in (("officer", OFFICER_FROM), ("manager", MANAGER_FROM)) if step >= least]
    return tuple(dict.fromkeys((owed_by, *more)))


class Directory:
    """The grants of everybody who is active, read once for a whole run."""

    def __init__(self, session: Session) -> None:
        query = sa.select(
            Grant.user_id, Grant.role, Grant.organisation_id, Grant.territory_id, Grant.partner, Grant.scheme_code
        ).join(User, User.id == Grant.user_id)
        self._grants: dict[str, list[Any]] = {}
        for grant in session.execute(query.where(User.active).order_by(Grant.user_id)):
            self._grants.setdefault(grant.role, []).append(grant)
        self._by_organisation: dict[int, list[Any]] = {}
        for grant in self._grants.get("applicant", []):
            self._by_organisation.setdefault(grant.organisation_id, []).append(grant)
        self._bearers: dict[int, set[int]] = {}
        self._territories: dict[int, set[int]] = {}

    def read_cases(self, session: Session, case_ids: Iterable[int]) -> None:
        """Read the co-bearers and the territories of these cases."""
        ids = list(case_ids)
        for table, column, kept in (
            (co_bearer, co_bearer.c.organisation_id, self._bearers),
            (application_territory, application_territory.c.territory_id, self._territories),
        ):
            kept.clear()
            for case_id, key in session.execute(
                sa.select(table.c.application_id, column).where(table.c.application_id.in_(ids))
            ):
                kept.setdefault(case_id, set()).add(key)

    def told(self, owed: Owed, step: int) -> list[Told]:
        """The people to tell at this step, each once; empty when there is really nobody."""
        found = [Told(user_id, owed.owed_by) for user_id in self._owing(owed)]
        if not found:
            note = f"Personne ne peut être prévenu du côté de : {whom(owed)}. Vous l’êtes à sa place."
            found = [Told(user_id, "officer", note) for user_id in self._officers(owed)]
            found += [Told(user_id, "manager", note) for user_id in self._holding("manager")]
        if step >= OFFICER_FROM:
            found += [Told(user_id, "officer") for user_id in self._officers(owed)]
        if step >= MANAGER_FROM:
            found += [Told(user_id, "manager") for user_id in self._holding("manager")]
        kept: dict[int, Told] = {}
        for one in found:
            kept.setdefault(one.user_id, one)
        return list(kept.values())

    def _owing(self, owed: Owed) -> list[int]:
        match owed.owed_by:
            case "applicant":
                bearers = {owed.organisation_id, *self._bearers.get(owed.case_id, ())}
                return [grant.user_id for bearer in sorted(bearers) for grant in self._by_organisation.get(bearer, ())]
            case "slai":
                places = {owed.territory_id} if owed.territory_id else self._territories.get(owed.case_id, set())
                return [grant.user_id for grant in self._grants.get("slai", ()) if grant.territory_id in places]
            case "partner":
                return [grant.user_id for grant in self._grants.get("partner", ()) if grant.partner == owed.partner]
            case "officer":
                return self._officers(owed)
        return self._holding(owed.owed_by)

    def _officers(self, owed: Owed) -> list[int]:
        """The officer in charge while active, else every officer of the scheme."""
        able = [g.user_id for g in self._grants.get("officer", ()) if g.scheme_code in (None, owed.scheme_code)]
        return [user_id for user_id in able if user_id == owed.officer_id] or able

    def _holding(self, role: str) -> list[int]:
        return [grant.user_id for grant in self._grants.get(role, ())]


def whom(owed: Owed) -> str:
    """Who owes it, in words."""
    return PARTNERS[owed.partner] if owed.partner in PARTNERS else ROLES[owed.owed_by]


def roles_in_words(roles: Sequence[str]) -> str:
    """« Porteur de projet, Chargé de mission »"""
    return ", ".join(ROLES[role] for role in roles)
