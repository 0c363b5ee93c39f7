"""The contracts of social clauses of an operation's participants: entered, corrected, brought back line by line.

3.1, l.75-78 and 160-179. What is wrong is said at its field or at its line, and nothing is kept by half.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import db, journal
from casework.applications import Application
from casework.clauses import CLAUSES, CONTRACTS, LONGEST_MINUTES, ClauseHours
from casework.durations import DurationError, parse_hours, said_hours, typed_hours
from casework.errors import Forbidden, InvalidInput, NotFound, Refused, Stale
from casework.french import long_date
from casework.participants import Journey
from casework.permissions import may
from workflows.engine import Act
from workflows.inputs import Input, read
from workflows.journey.activities import entered_journeys
from workflows.journey.reading import why_closed
from workflows.line_imports import lines_in
from workflows.versions import scheme_of

RECORDED = journal.register("application.clause_hours_recorded", "Heures de clauses saisies")
CORRECTED = journal.register("application.clause_hours_corrected", "Heures de clauses corrigées")
WITHDRAWN = journal.register("application.clause_hours_withdrawn", "Heures de clauses retirées")
MOST = 1000
_FIELDS = ("orderer", "market", "clause", "company", "contract", "starts_on", "ends_on")


def has_clauses(application: Application) -> bool:
    """True where the sheet asks for the hours of social clauses."""
    return scheme_of(application).followup.clauses_line is not None


def contract_inputs(known: ClauseHours | None = None) -> tuple[Input, ...]:
    """What is asked of one contract, with what is known of it."""
    asked = (
        Input("orderer", "Donneur d’ordre", limit=120, help="Qui passe le marché : bailleur, commune, Département…"),
        Input("market", "Marché", limit=160, help="Son intitulé ou son numéro, avec le lot."),
        Input("clause", "Type de clause", "choice", choices=tuple(CLAUSES.items())),
        Input("company", "Entreprise", limit=120, help="Celle qui porte le contrat de travail ou l’accueil."),
        Input("contract", "Type de contrat", "choice", choices=tuple(CONTRACTS.items())),
        Input("starts_on", "Début du contrat", "date"),
        Input("ends_on", "Fin du contrat", "date", required=False, help="Laissez vide tant qu’il court."),
        Input("hours", "Heures réalisées", help="Depuis le début du contrat : par exemple 151,5 ou 151 h 30."),
    )
    if known is None:
        return asked
    values = {name: getattr(known, name) for name in _FIELDS} | {"hours": typed_hours(known.minutes)}
    return tuple(replace(item, value=values[item.name]) for item in asked)


JOURNEY = Input("journey", "N° de parcours", "integer")


def record_contract(session: Session, application: Application, act: Act) -> ClauseHours:
    """Keep one contract of one participant. Raises Forbidden, Refused or InvalidInput (the fields of the form)."""
    locked = _opened(session, application, act)
    answers = read((JOURNEY, *contract_inputs()), act.data)
    return _keep(session, locked, [_checked(session, locked, answers, act)], act)[0]


def import_contracts(session: Session, application: Application, content: bytes, act: Act) -> int:
    """Keep every line of a workbook, or none: InvalidInput("file") then says each wrong one. Answers how many."""
    locked = _opened(session, application, act)
    journeys = _journeys(session, locked)
    asked = (JOURNEY, *contract_inputs())
    found = lines_in(content, asked, lambda answers: _wrong(journeys.get(answers["journey"]), answers, act), most=MOST)
    return len(_keep(session, locked, found, act))


def correct_contract(session: Session, application: Application, key: int, act: Act) -> ClauseHours:
    """Replace what was said of a contract; the journal keeps what it said. Raises NotFound, Stale or the same."""
    locked = _opened(session, application, act)
    known = _own(session, locked, key)
    if act.version != known.version:
        raise Stale("Cette ligne a changé depuis que vous l’avez ouverte : relisez-la avant de la corriger.")
    answers = read(contract_inputs(), act.data) | {"journey": known.journey_id}
    _checked(session, locked, answers, act)
    before = _told(known)
    for name in _FIELDS:
        setattr(known, name, answers[name])
    known.minutes = parse_hours(answers["hours"])
    known.entered_at, known.entered_by_id = act.at, act.actor.user_id
    session.flush()
    _journal(session, locked, CORRECTED, act, replaced=[before], contracts=[_told(known)])
    return known


def withdraw_contract(session: Session, application: Application, key: int, act: Act) -> None:
    """Take back a contract entered by mistake; the journal keeps it. Raises NotFound, Forbidden or Refused."""
    locked = _opened(session, application, act)
    known = _own(session, locked, key)
    told = _told(known)
    session.delete(known)
    session.flush()
    _journal(session, locked, WITHDRAWN, act, contracts=[told])


def _opened(session: Session, application: Application, act: Act) -> Application:
    locked: Application | None = db.lock(session, Application, application.id)
    if locked is None or not has_clauses(locked):
        raise NotFound("Ce dossier n’a pas d’heures de clauses à suivre.")
    if not may(act.actor, "journey.follow", locked):
        raise Forbidden()
    reason = why_closed(locked)
    if reason is not None:
        raise Refused([reason])
    return locked


def _own(session: Session, application: Application, key: int) -> ClauseHours:
    query = sa.select(ClauseHours).join(Journey, Journey.id == ClauseHours.journey_id)
    own = query.where(ClauseHours.id == key, Journey.application_id == application.id)
    known = session.scalars(own).one_or_none()
    if known is None:
        raise NotFound("Cette ligne n’existe pas, ou a déjà été retirée.")
    return known


def _journeys(session: Session, application: Application) -> dict[int, Journey]:
    return {journey.id: journey for journey in session.scalars(entered_journeys(application))}


def _checked(session: Session, application: Application, answers: dict[str, Any], act: Act) -> dict[str, Any]:
    wrong = _wrong(_journeys(session, application).get(answers["journey"]), answers, act)
    if wrong:
        raise InvalidInput({name: [sentence] for name, sentence in wrong.items()})
    return answers


def _wrong(journey: Journey | None, answers: dict[str, Any], act: Act) -> dict[str, str]:
    if journey is None or journey.entered_on is None:
        return {"journey": "Aucun participant entré dans cette opération n’a ce numéro de parcours."}
    found, starts_on = {}, answers["starts_on"]
    ends_on: date | None = answers.get("ends_on")
    if starts_on > act.day:
        found["starts_on"] = "Cette date est dans le futur."
    elif starts_on < journey.entered_on:
        found["starts_on"] = f"L’entrée dans l’opération ne date que du {long_date(journey.entered_on)}."
    elif journey.exited_on is not None and starts_on > journey.exited_on:
        found["starts_on"] = f"La sortie de l’opération date du {long_date(journey.exited_on)}."
    if ends_on is not None and ends_on < starts_on:
        found["ends_on"] = "La fin du contrat précède son début."
    return found | _wrong_hours(answers, starts_on, min(ends_on or act.day, act.day))


def _wrong_hours(answers: dict[str, Any], first: date, last: date) -> dict[str, str]:
    try:
        minutes = parse_hours(answers["hours"])
    except DurationError as error:
        return {"hours": error.sentence}
    most = min(max((last - first).days + 1, 1) * 24 * 60, LONGEST_MINUTES)
    if not 0 < minutes <= most:
        return {"hours": f"Entre ces dates et aujourd’hui, écrivez plus de 0 h et au plus {said_hours(most)}."}
    return {}


def _keep(session: Session, application: Application, found: Sequence[dict[str, Any]], act: Act) -> list[ClauseHours]:
    kept = [
        ClauseHours(
            journey_id=answers["journey"],
            minutes=parse_hours(answers["hours"]),
            entered_at=act.at,
            entered_by_id=act.actor.user_id,
            **{name: answers[name] for name in _FIELDS},
        )
        for answers in found
    ]
    session.add_all(kept)
    session.flush()
    _journal(session, application, RECORDED, act, contracts=[_told(one) for one in kept])
    return kept


def _told(one: ClauseHours) -> list[Any]:
    """What the journal keeps: figures and codes by number of journey, no name of a company nor of a market."""
    ends_on = one.ends_on.isoformat() if one.ends_on else None
    return [one.id, one.journey_id, one.clause, one.contract, one.starts_on.isoformat(), ends_on, one.minutes]


def _journal(session: Session, application: Application, kind: str, act: Act, **told: Any) -> None:
    told["participants"] = len({row[1] for row in told["contracts"]})
    journal.record(session, "application", application.id, kind, actor=act.actor, at=act.at, **told)
