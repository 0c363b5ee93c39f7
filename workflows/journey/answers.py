"""What an SLAI answers to orientations, one at a time or several together, and what the operator is told of it.

A letter says the operation and the number of the journey: never who it is, nor why somebody is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from casework.applications import Application
from casework.errors import CaseworkError
from casework.french import counted, listed
from casework.mail import Letter, as_html, as_text
from casework.outbox import enqueue
from casework.participants import Journey
from casework.people import members
from casework.settings import Settings
from workflows.engine import Act, Context, fire
from workflows.journey.reading import waiting_orientations
from workflows.letters import address, facts_of


@dataclass(frozen=True)
class Answer:
    """One of the things that an operator learns. `one`, `several`: the subject; `said`: what follows the numbers."""

    one: str
    several: str
    said: str
    category: str


_THEN = "Il reste à enregistrer l’entrée, quand elle a lieu."
ACCEPTED = Answer("orientation acceptée", "orientations acceptées", _THEN, "news")
REFUSED = Answer("orientation refusée", "orientations refusées", "Le motif se lit sur la page du parcours.", "decision")
ORIENTED = Answer(
    "personne orientée par le SLAI",
    "personnes orientées par le SLAI",
    _THEN,
    "news",
)
_LISTED = 30


def accepted(context: Context) -> None:
    """The operator learns it, unless several are accepted together: it is told of all of them at once."""
    if not context.act.together:
        tell(context.session, context.case.application, [context.case], ACCEPTED, context.act)


def refused(context: Context) -> None:
    tell(context.session, context.case.application, [context.case], REFUSED, context.act)


def accept_together(session: Session, chosen: Mapping[int, int], act: Act) -> tuple[int, list[str]]:
    """Accept these orientations (the id of each journey, the version that was seen) as far as each may be.

    Gives how many are accepted and why each other one is not; each operation has one letter.
    """
    done: list[Journey] = []
    reasons = []
    for key, version in chosen.items():
        found = session.scalars(waiting_orientations(act.actor).where(Journey.id == key)).one_or_none()
        reason = _accepted(session, found, replace(act, version=version, together=True))
        if reason is None and found is not None:
            done.append(found)
        else:
            reasons.append(f"Parcours n° {key} : {reason}")
    for case_id in dict.fromkeys(journey.application_id for journey in done):
        case = session.get_one(Application, case_id)
        tell(session, case, [one for one in done if one.application_id == case_id], ACCEPTED, act)
    return len(done), reasons


def _accepted(session: Session, journey: Journey | None, act: Act) -> str | None:
    """None once this orientation is accepted, else why not."""
    if journey is None:
        return "cette orientation n’attend plus votre validation."
    try:
        with session.begin_nested():
            fire(session, journey, "validate_orientation", act)
    except CaseworkError as error:
        return error.sentence
    return None


def tell(session: Session, case: Application, journeys: Sequence[Journey], answer: Answer, act: Act) -> None:
    """One letter to each person of the operator and of its co-bearers, in the caller's transaction."""
    with session.no_autoflush:  # a journey saved halfway through a move would count two versions
        bearers = frozenset({case.organisation_id, *(one.id for one in case.co_bearers)})
        letter = _letter(case, journeys, answer, act.settings)
        readers = members(session, "applicant", organisation_ids=bearers)
    enqueue(
        session,
        readers,
        subject=letter.subject,
        body=as_text(letter, act.settings),
        html=as_html(letter, act.settings),
        at=act.at,
        application_id=case.id,
        category=answer.category,
    )


def _letter(case: Application, journeys: Sequence[Journey], answer: Answer, settings: Settings) -> Letter:
    numbers = [f"n° {journey.id}" for journey in journeys]
    named = numbers if len(numbers) <= _LISTED else [*numbers[:_LISTED], counted(len(numbers) - _LISTED, "autre")]
    what = answer.one if len(journeys) == 1 else counted(len(journeys), answer.one, answer.several)
    only = journeys[0].id if len(journeys) == 1 else None
    page = f"{settings.public_url}/participants/{only}" if only else address(settings, case.id, page="/participants")
    return Letter(
        subject=f"{case.reference} – {what}{f', parcours {numbers[0]}' if only else ''}",
        paragraphs=(f"{what[:1].upper()}{what[1:]} : parcours {listed(named)}.", answer.said),
        facts=facts_of(case),
        link=("Voir le parcours" if only else "Voir les participants", page),
    )
