"""The household of a participant (3.6): her children, by their month of birth, and the other parent's journey."""

from __future__ import annotations

import re
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import db, journal
from casework.applications import Application
from casework.errors import CaseworkError, Forbidden, InvalidInput, NotFound, Refused
from casework.french import month_of
from casework.households import HouseholdChild, HouseholdLink, children_of, household_of
from casework.participants import Journey
from casework.permissions import may_journey
from workflows.engine import Act
from workflows.inputs import Input, read
from workflows.journey import owed
from workflows.journey.reading import why_closed
from workflows.rules.calendar import add_months
from workflows.rules.entry import child_is_young
from workflows.versions import scheme_of

TOLD = journal.register("journey.child_told", "Enfant du foyer déclaré")
WITHDRAWN = journal.register("journey.child_withdrawn", "Enfant déclaré par erreur, retiré")
PREPARED = journal.register("journey.child_prepared", "Suite préparée pour un enfant du foyer")
JOINED = journal.register("journey.household_joined", "Parcours rattaché à un foyer")
LEFT = journal.register("journey.household_left", "Parcours détaché d’un foyer")
OLDEST_CHILD = 18
MOST_CHILDREN = 15
SOON_MONTHS = 3
CHILD = Input(
    "born", "Mois de naissance de l’enfant", help="Par exemple 05/2023. Ni prénom ni jour : le mois suffit.", limit=10
)


def child_month(text: str, today: date) -> date:
    """The first day of « 05/2023 » or « 2023-05 ». Raises InvalidInput."""
    found = re.fullmatch(r"(?:(\d{1,2})/(\d{4})|(\d{4})-(\d{1,2}))", text.strip())
    month, year = (int(found[1] or found[4]), int(found[2] or found[3])) if found else (0, 0)
    if not found or not 1 <= month <= 12:
        raise InvalidInput({"born": ["Écrivez le mois et l’année, par exemple 05/2023."]})
    if not 0 <= (today.year - year) * 12 + today.month - month < OLDEST_CHILD * 12:
        raise InvalidInput({"born": ["Vérifiez ce mois : l’enfant a entre 0 et 18 ans."]})
    return date(year, month, 1)


def has_household(journey: Journey) -> bool:
    """True where the sheet is for parents of young children."""
    return scheme_of(journey.application).child_age_limit is not None


def tell_child(session: Session, journey: Journey, act: Act) -> HouseholdChild:
    """Keep the month of birth of a child of this household. Raises Forbidden, Refused or InvalidInput."""
    locked = _opened(session, journey, act)
    month = child_month(read((CHILD,), act.data)["born"], act.day)
    if len(children_of(session, household_of(session, locked.id))) >= MOST_CHILDREN:
        raise Refused([f"Ce foyer a déjà {MOST_CHILDREN} enfants déclarés : vérifiez la liste."])
    return add_child(session, locked, month, act)


def add_child(session: Session, journey: Journey, month: date, act: Act) -> HouseholdChild:
    child = HouseholdChild(
        journey_id=journey.id, born=f"{month:%Y-%m}", entered_at=act.at, entered_by_id=act.actor.user_id
    )
    session.add(child)
    session.flush()
    journal.record(session, "journey", journey.id, TOLD, actor=act.actor, at=act.at)
    owed.bring(session, journey.application, act.settings, at=act.at)
    return child


def withdraw_child(session: Session, journey: Journey, child_id: int, act: Act) -> None:
    """Take back a child told by mistake. Raises NotFound, Forbidden or Refused."""
    locked = _opened(session, journey, act)
    told = children_of(session, household_of(session, locked.id))
    child = next((one for one in told if one.id == child_id), None)
    if child is None:
        raise NotFound("Cet enfant n’est pas dans ce foyer, ou a déjà été retiré.")
    session.delete(child)
    journal.record(session, "journey", locked.id, WITHDRAWN, actor=act.actor, at=act.at)
    owed.bring(session, locked.application, act.settings, at=act.at)


def prepare_next(session: Session, journey: Journey, child_id: int, act: Act) -> None:
    """What follows the age limit of the sheet is prepared for this child (l.1315-1319), since today.

    Raises NotFound, Forbidden or Refused.
    """
    locked = _opened(session, journey, act)
    told = children_of(session, household_of(session, locked.id))
    child = next((one for one in told if one.id == child_id), None)
    if child is None:
        raise NotFound("Cet enfant n’est pas dans ce foyer, ou a été retiré.")
    if child.prepared_on is not None:
        raise Refused(["La suite est déjà préparée pour cet enfant."])
    child.prepared_on = act.day
    journal.record(session, "journey", locked.id, PREPARED, actor=act.actor, at=act.at)
    owed.bring(session, locked.application, act.settings, at=act.at, met_on=act.day)


class OtherParent(CaseworkError):
    """Whom this journey would be joined to, by the number of the journey: it is to be confirmed."""

    def __init__(self, journey_id: int) -> None:
        super().__init__("Confirmez que c’est l’autre parent.")
        self.journey_id = journey_id


def join_household(session: Session, journey: Journey, act: Act) -> None:
    """Join this journey to the household of another one of the operation.

    Raises InvalidInput("with"), or OtherParent until "confirmed" in `act.data` says the same number again.
    """
    locked = _opened(session, journey, act)
    answers = read((Input("with", "Numéro du parcours de l’autre parent", "integer"),), act.data)
    other = session.scalars(
        sa.select(Journey).where(Journey.id == answers["with"], Journey.application_id == locked.application_id)
    ).one_or_none()
    if other is None:
        raise InvalidInput({"with": ["Ce parcours n’est pas dans cette opération."]})
    if other.person_id == locked.person_id:
        raise InvalidInput({"with": ["C’est le parcours de la même personne : un foyer joint deux parents."]})
    own, theirs = household_of(session, locked.id), household_of(session, other.id)
    if own[0] == theirs[0]:
        raise InvalidInput({"with": ["Ces deux parcours sont déjà du même foyer."]})
    if len(own) > 1:
        raise InvalidInput({"with": ["Ce parcours est déjà joint à un autre foyer."]})
    if str(act.data.get("confirmed")) != str(other.id):
        raise OtherParent(other.id)
    session.add(HouseholdLink(journey_id=locked.id, with_id=theirs[0]))
    session.flush()
    journal.record(session, "journey", locked.id, JOINED, actor=act.actor, at=act.at, household=f"n° {theirs[0]}")
    owed.bring(session, locked.application, act.settings, at=act.at)


def leave_household(session: Session, journey: Journey, act: Act) -> None:
    """Take this journey out of its household, while nothing rests on it. Raises Forbidden or Refused."""
    locked = _opened(session, journey, act)
    household = household_of(session, locked.id)
    others = [key for key in household if key != locked.id]
    if not others:
        raise Refused(["Ce parcours n’est pas joint à un autre."])
    reason = _why_together(session, locked, others)
    if reason is not None:
        raise Refused([reason])
    session.execute(sa.delete(HouseholdLink).where(HouseholdLink.journey_id.in_(household)))
    session.add_all(HouseholdLink(journey_id=key, with_id=others[0]) for key in others[1:])
    session.flush()
    journal.record(session, "journey", locked.id, LEFT, actor=act.actor, at=act.at)
    owed.bring(session, locked.application, act.settings, at=act.at)


def _why_together(session: Session, journey: Journey, others: list[int]) -> str | None:
    """What rests on a household: a report that counted its family, an entry by the child that the other parent told."""
    if journey.application.report is not None:
        return "Le bilan remis compte cette famille une fois : le foyer ne change plus."
    for side in ([journey.id], others):
        for member in session.scalars(sa.select(Journey).where(Journey.id.in_(side))):
            if _entered_by_others(session, member, side):
                return (
                    f"L’entrée du parcours n° {member.id} repose sur un enfant déclaré par l’autre parent : "
                    "déclarez d’abord cet enfant sur ce parcours."
                )
    return None


def _entered_by_others(session: Session, member: Journey, side: list[int]) -> bool:
    """Whether this entry had a young child in the household, and would have none on this side of it."""
    limit = scheme_of(member.application).child_age_limit
    if limit is None or member.entered_on is None or any(one.code == "child" for one in member.warnings):
        return False
    told = [child.month for child in children_of(session, side) if child.month is not None]
    return not any(child_is_young(limit, born, member.entered_on) for born in told)


def age_notice(limit: int, born: date, today: date) -> tuple[str, bool]:
    """« aura 3 ans en mai 2026 », and whether it is time to prepare what follows (l.1315-1319)."""
    reached = add_months(born, limit * 12)
    if reached.replace(day=1) <= today.replace(day=1):
        return f"{limit} ans depuis {month_of(reached)}", True
    soon = reached <= add_months(today.replace(day=1), SOON_MONTHS)
    return f"aura {limit} ans en {month_of(reached)}", soon


def _opened(session: Session, journey: Journey, act: Act) -> Journey:
    locked: Journey | None = db.lock(session, Journey, journey.id)
    if locked is None or db.lock(session, Application, locked.application_id) is None:
        raise NotFound()
    if not may_journey(act.actor, "journey.follow", locked):
        raise Forbidden()
    if not has_household(locked):
        raise NotFound("Cette fiche ne demande pas la composition du foyer.")
    reason = why_closed(locked.application)
    if reason is not None:
        raise Refused([reason])
    return locked
