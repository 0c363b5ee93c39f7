"""The actions of an operation for its network: entered one by one or brought back in a workbook, withdrawn when wrong.

3.13, l.3328-3350 and 3402-3444: no participant; the sheet counts what is done for the structures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import db, journal
from casework.applications import Application
from casework.durations import DurationError, parse_hours
from casework.errors import Forbidden, InvalidInput, NotFound, Refused
from casework.french import long_date
from casework.network_actions import LONGEST_DAYS, NetworkAction
from casework.permissions import may
from workflows.engine import Act
from workflows.inputs import Input, read
from workflows.line_imports import lines_in
from workflows.scheme_followup import NetworkActions
from workflows.versions import scheme_of

RECORDED = journal.register("application.network_actions_recorded", "Action du réseau saisie")
WITHDRAWN = journal.register("application.network_action_withdrawn", "Action du réseau retirée")
OPEN_STATES = ("advance", "execution", "bilan")
MOST = 500


def terms_of(application: Application) -> NetworkActions | None:
    """What the sheet says of the network; None where it has participants instead."""
    return scheme_of(application).network


def why_closed(application: Application) -> str | None:
    """None while actions may be entered, else the sentence that says why not."""
    if application.state in OPEN_STATES:
        return None
    if application.state in ("balance", "closed", "terminated"):
        return "L’opération est terminée et son bilan contrôlé : les actions ne changent plus."
    return "Les actions se saisissent une fois la convention signée."


def action_inputs(terms: NetworkActions) -> tuple[Input, ...]:
    """What is asked of one action."""
    return (
        Input("done_on", "Date", "date"),
        Input("kind", "Nature", "choice", choices=tuple((one.code, one.label) for one in terms.kinds)),
        Input("theme", "Orientation", "choice", choices=tuple((one.code, one.label) for one in terms.themes)),
        Input("title", "Objet", limit=160, help="En quelques mots : « Atelier réponse aux marchés ». Aucun nom."),
        Input("met", "Partenaires ou entreprises", required=False, limit=300, help="Les organismes, sans nom."),
        Input("structures", "Structures concernées", "integer", required=False),
        Input("reached", "Personnes touchées", "integer", required=False),
        Input("hours", "Durée", required=False, help="Par exemple 2,5 ou 2 h 30."),
    )


def record_action(session: Session, application: Application, act: Act) -> NetworkAction:
    """Keep one action. Raises Forbidden, Refused or InvalidInput (the fields of `action_inputs`)."""
    locked, terms = _opened(session, application, act)
    answers = read(action_inputs(terms), act.data)
    wrong = _wrong(locked, answers, act)
    if wrong:
        raise InvalidInput({name: [sentence] for name, sentence in wrong.items()})
    return _keep(session, locked, [answers], act)[0]


def import_actions(session: Session, application: Application, content: bytes, act: Act) -> int:
    """Keep every line of a workbook, or none: InvalidInput("file") then says each wrong one. Answers how many."""
    locked, terms = _opened(session, application, act)
    found = lines_in(content, action_inputs(terms), lambda answers: _wrong(locked, answers, act), most=MOST)
    return len(_keep(session, locked, found, act))


def withdraw_action(session: Session, application: Application, action_id: int, act: Act) -> None:
    """Take back an action entered by mistake; the journal keeps both. Raises NotFound, Forbidden or Refused."""
    locked, _ = _opened(session, application, act)
    own = sa.select(NetworkAction).where(NetworkAction.id == action_id, NetworkAction.application_id == locked.id)
    action = session.scalars(own).one_or_none()
    if action is None:
        raise NotFound("Cette action n’existe pas, ou a déjà été retirée.")
    told = _told(action)
    session.delete(action)
    session.flush()
    journal.record(session, "application", locked.id, WITHDRAWN, actor=act.actor, at=act.at, actions=[told])


def _opened(session: Session, application: Application, act: Act) -> tuple[Application, NetworkActions]:
    locked: Application | None = db.lock(session, Application, application.id)
    if locked is None:
        raise NotFound()
    terms = terms_of(locked)
    if terms is None:
        raise NotFound("Ce dossier suit des participants, pas des actions de réseau.")
    if not may(act.actor, "network.record", locked):
        raise Forbidden()
    reason = why_closed(locked)
    if reason is not None:
        raise Refused([reason])
    return locked, terms


def _wrong(application: Application, answers: dict[str, Any], act: Act) -> dict[str, str]:
    found, convention, day = {}, application.convention, answers["done_on"]
    if day > act.day:
        found["done_on"] = "Cette date est dans le futur."
    elif convention is not None and not convention.starts_on <= day <= convention.last_on:
        period = f"du {long_date(convention.starts_on)} au {long_date(convention.last_on)}"
        found["done_on"] = f"La convention couvre la période {period} : l’action doit s’y trouver."
    try:
        minutes = _minutes(answers)
    except DurationError as error:
        return {**found, "hours": error.sentence}
    if minutes > LONGEST_DAYS * 24 * 60:
        found["hours"] = f"Une action dure au plus {LONGEST_DAYS} jours : vérifiez les heures."
    return found


def _minutes(answers: dict[str, Any]) -> int:
    return parse_hours(answers["hours"]) if answers.get("hours") else 0


def _keep(session: Session, application: Application, found: Sequence[dict[str, Any]], act: Act) -> list[NetworkAction]:
    actions = [
        NetworkAction(
            application_id=application.id,
            kind=answers["kind"],
            theme=answers["theme"],
            done_on=answers["done_on"],
            title=answers["title"],
            met=answers.get("met") or "",
            structures=answers.get("structures") or 0,
            reached=answers.get("reached") or 0,
            minutes=_minutes(answers),
            entered_at=act.at,
            entered_by_id=act.actor.user_id,
        )
        for answers in found
    ]
    session.add_all(actions)
    session.flush()
    told = [_told(action) for action in actions]
    journal.record(session, "application", application.id, RECORDED, actor=act.actor, at=act.at, actions=told)
    return actions


def _told(action: NetworkAction) -> dict[str, Any]:
    """What the journal keeps of an action: its figures, no text."""
    return {
        "id": action.id,
        "kind": action.kind,
        "theme": action.theme,
        "done_on": action.done_on.isoformat(),
        "reached": action.reached,
        "minutes": action.minutes,
    }
