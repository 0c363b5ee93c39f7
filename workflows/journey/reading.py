"""What a journey's operation looks like now: its figures, its gauges, and what the rules say of one more entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application
from casework.clock import paris_day
from casework.french import long_date
from casework.households import children_of, household_of
from casework.identities import Person, age_on
from casework.information import uninformed
from casework.participants import FAMILIES, LIVE_STATES, STATES, Journey, Suspension, awaiting_validation
from casework.people import Actor
from casework.permissions import follows_all, visible_journeys
from workflows.rules.college import not_counted
from workflows.rules.entry import Entrant, entry_findings
from workflows.rules.explanation import RuleWarning
from workflows.rules.results import months_accompanied
from workflows.rules.youth import YouthShare, youth_share
from workflows.versions import scheme_of

OPEN_STATES = ("advance", "execution", "bilan")
"""When journeys may move: from the signed convention to the final report, late entries of past days included."""
FOLLOWED_STATES = ("convention", *OPEN_STATES, "balance", "closed", "terminated")
TO_ACCEPT = ("child",)
"""What departs from the public of the sheet so far that an officer is asked to accept it."""
WITHOUT_PARTICIPANTS = ("3.13",)
"""3.13 supports structures: nobody is oriented there (l.3280)."""


@dataclass(frozen=True)
class Figures:
    """Counts of the journeys of one operation. `uninformed`: no information on their data is recorded for them."""

    states: dict[str, int]
    families: dict[str, int]
    uninformed: int


def has_participants(application: Application) -> bool:
    """True when the pages of this case have a roster: a funded operation whose sheet has participants."""
    return application.state in FOLLOWED_STATES and application.scheme_code not in WITHOUT_PARTICIPANTS


def why_closed(application: Application) -> str | None:
    """None while journeys may move in this operation, else the sentence that says why not."""
    if application.scheme_code in WITHOUT_PARTICIPANTS:
        return "Cette fiche n’a pas de participants."
    if application.state in OPEN_STATES:
        return None
    if application.state in ("balance", "closed", "terminated"):
        return "L’opération est terminée et son bilan contrôlé : les parcours ne changent plus."
    return "Les parcours commencent une fois la convention signée."


def why_not_assessed(application: Application) -> str | None:
    """None while grids may be filled in or corrected, else the sentence that says why not: the report holds them."""
    closed = why_closed(application)
    if closed is not None:
        return closed
    if application.report is not None and not any(one.waiting for one in application.corrections):
        return "Le bilan est remis : les évaluations ne changent plus, sauf si une correction est demandée."
    return None


def why_no_orientation(application: Application) -> str | None:
    """None while somebody new may be oriented in this operation, else the sentence that says why not."""
    convention = application.convention
    if convention is not None and convention.terminated_on is not None and application.state in OPEN_STATES:
        return f"La convention est résiliée au {long_date(convention.terminated_on)} : plus personne n’est orienté."
    return why_closed(application)


def has_tracking_table(application: Application) -> bool:
    """Whether the sheet wants a table that tracks each participant (3.7, l.1665-1669)."""
    return scheme_of(application).followup.participant_tracking_table


def standing(session: Session, application: Application, actor: Actor) -> tuple[Figures, Gauges]:
    """The counts of what this actor may see of an operation, and where the whole of it stands: mostly one query."""
    query = visible_journeys(_standing(scheme_of(application).youth_age), actor, application)
    row = session.execute(query, {"case_id": application.id}).mappings().one()
    counts = Figures(
        states={code: row[f"state_{code}"] for code in STATES},
        families={code: row[f"family_{code}"] for code in FAMILIES},
        uninformed=row["uninformed"],
    )
    whole = follows_all(actor, application)
    return counts, _gauges(application, row["people"], row["young"]) if whole else gauges(session, application)


@cache
def _standing(youth_age: int) -> sa.Select[Any]:
    """Built once: putting it together takes as long as running it."""
    every: dict[str, Any] = {f"state_{code}": Journey.state == code for code in STATES}
    every |= {f"family_{code}": Journey.exit_family == code for code in FAMILIES} | {"uninformed": uninformed()}
    columns: list[Any] = [sa.func.count(sa.case((condition, 1))).label(name) for name, condition in every.items()]
    case_id = sa.bindparam("case_id", type_=Journey.application_id.type)
    return sa.select(*columns, *_accompanied(youth_age)).where(Journey.application_id == case_id)


def _accompanied(youth_age: int) -> tuple[sa.Label[int], sa.Label[int]]:
    """The people accompanied since the start, each once, and the young ones among them, by their age at entry."""
    came = Journey.entered_on.is_not(None)
    young = sa.and_(came, Journey.age_at_entry < youth_age)
    return (
        sa.func.count(sa.case((came, Journey.person_id)).distinct()).label("people"),
        sa.func.count(sa.case((young, Journey.person_id)).distinct()).label("young"),
    )


def measured(session: Session, application: Application) -> dict[str, int]:
    """The results that the journeys of an operation show, as its final report declares them: months and exits.

    Somebody who came back and left twice is one dynamic exit. Nothing when nobody entered it.
    """
    convention = application.convention
    if convention is None:
        return {}
    end = convention.last_on
    columns: tuple[Any, ...] = (Journey.id, Journey.person_id, Journey.entered_on, Journey.exited_on)
    columns += (Journey.exit_family, Journey.college_entered_on, Journey.college_left_on)
    journeys = session.execute(
        sa.select(*columns).where(Journey.application_id == application.id, Journey.entered_on.is_not(None))
    ).all()
    if not journeys:
        return {}
    away: dict[int, list[tuple[date, date]]] = {}
    query = sa.select(Suspension).join(Journey, Journey.id == Suspension.journey_id)
    for out in session.scalars(query.where(Journey.application_id == application.id)):
        away.setdefault(out.journey_id, []).append((out.started_on, out.ended_on or end))
    for row in journeys:
        stay = not_counted(row.college_entered_on, row.college_left_on)
        if stay is not None:
            away.setdefault(row.id, []).append((stay[0], stay[1] or end))
    return {
        "months_done": sum(
            months_accompanied(row.entered_on, min(row.exited_on or end, end), away.get(row.id, ())) for row in journeys
        ),
        "dynamic_exits": len({row.person_id for row in journeys if row.exit_family not in (None, "none")}),
    }


@dataclass(frozen=True)
class Gauges:
    """`people` accompanied since the start, each once, against the sheet's ceilings (None where it has none)."""

    people: int
    youth: YouthShare
    youth_cap_pct: int
    capacity: int | None


def gauges(session: Session, application: Application, *, plus: tuple[int, int] = (0, 0)) -> Gauges:
    """Where the operation stands, by age at entry. `plus`: people and young people to add before measuring."""
    query = sa.select(*_accompanied(scheme_of(application).youth_age)).where(Journey.application_id == application.id)
    people, young = session.execute(query).one()
    return _gauges(application, people + plus[0], young + plus[1])


def _gauges(application: Application, people: int, young: int) -> Gauges:
    scheme = scheme_of(application)
    share = youth_share(scheme, accompanied=people, young=young)
    return Gauges(people, share, scheme.youth_cap_pct or 0, scheme.funding.capacity_participants_per_year)


def waiting_orientations(actor: Actor) -> sa.Select[Any]:
    """The orientations that wait for this SLAI agent, the oldest first, where they may still be accepted."""
    running = sa.exists().where(Application.id == Journey.application_id, Application.state.in_(OPEN_STATES))
    return (
        sa.select(Journey)
        .where(
            Journey.territory_id.in_(actor.territories),
            awaiting_validation(),
            running,
        )
        .order_by(Journey.oriented_at, Journey.id)
    )


def other_operations(session: Session, journey: Journey) -> list[str]:
    """The schemes of the other operations in which this person is now followed; allowed, and shown to the SLAI."""
    query = (
        sa.select(Application.scheme_code)
        .join(Journey, Journey.application_id == Application.id)
        .where(
            Journey.person_id == journey.person_id,
            Journey.application_id != journey.application_id,
            Journey.state.in_(LIVE_STATES),
        )
    )
    return sorted(session.scalars(query))


def other_entries(session: Session, journey: Journey) -> list[Journey]:
    """The same person's other journeys that entered the same operation: re-entry is a new journey."""
    query = sa.select(Journey).where(
        Journey.person_id == journey.person_id,
        Journey.application_id == journey.application_id,
        Journey.id != journey.id,
        Journey.entered_on.is_not(None),
    )
    return list(session.scalars(query))


@dataclass(frozen=True)
class EntryWarning:
    """What the rules say of an entry. `to_accept`: an officer is asked to accept it."""

    warning: RuleWarning
    to_accept: bool = False


def entry_warnings(session: Session, journey: Journey, person: Person, entered_on: date) -> list[EntryWarning]:
    """What must be known of an entry on this day; none of it blocks."""
    scheme = scheme_of(journey.application)
    age = age_on(person.birth_date, entered_on)
    findings = entry_findings(scheme, _entrant(session, journey, person, age, entered_on))
    found = [EntryWarning(warning, to_accept=warning.code in TO_ACCEPT) for warning in findings]
    if not other_entries(session, journey) and journey.entered_on is None:
        found += _of_operation(session, journey.application, young=age < scheme.youth_age)
    return found


def _entrant(session: Session, journey: Journey, person: Person, age: int, entered_on: date) -> Entrant:
    born: tuple[date, ...] = ()
    if scheme_of(journey.application).child_age_limit is not None:
        told = children_of(session, household_of(session, journey.id))
        born = tuple(child.month for child in told if child.month is not None)
    validated_on = None if journey.validated_at is None else paris_day(journey.validated_at)
    oriented_on = paris_day(journey.oriented_at)
    return Entrant(journey.publics, age, person.postcode, entered_on, born, validated_on, oriented_on)


def _of_operation(session: Session, application: Application, *, young: bool) -> list[EntryWarning]:
    found = []
    after = gauges(session, application, plus=(1, int(young)))
    if young and after.youth.level in ("near", "over"):
        over = after.youth.level == "over"
        code = "youth_over" if over else "youth_near"
        found.append(EntryWarning(RuleWarning(code, after.youth.sentence), to_accept=over))
    if after.capacity is not None and after.people > after.capacity:
        sentence = f"{after.people} personnes accompagnées, pour {after.capacity} prévues par la fiche."
        found.append(EntryWarning(RuleWarning("capacity", sentence)))
    return found
