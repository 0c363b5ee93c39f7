"""Opening a journey: an SLAI or the operator orients a person into an operation.

A person already known under the same name and birth date is proposed first: an identity is kept once. So is somebody
whose name sounds the same, for whom this actor follows already: of anybody else, only who was found under the very
name and date that were typed may be chosen, so that nobody reaches an identity by its number or by guessing. The
others are left to the officers, who compare people (`workflows.journey.merging`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import db, journal
from casework.applications import Application
from casework.errors import CaseworkError, Forbidden, InvalidInput, NotFound, Refused
from casework.identities import Found, Person, age_on, match_key, new_person, no_social_number, people_like
from casework.participants import LIVE_STATES, Journey
from casework.people import Actor, Territory
from casework.permissions import may, may_journey, visible_journeys
from workflows.engine import Act
from workflows.inputs import Input, read
from workflows.journey import answers as answers_to
from workflows.journey.departures import CONFIRMED, confirmation, orientation_departures, unconfirmed
from workflows.journey.households import add_child, child_month
from workflows.journey.inputs import orientation
from workflows.journey.publics import said_publics
from workflows.journey.reading import why_no_orientation
from workflows.versions import scheme_of

ORIENTED = journal.register("journey.oriented", "Personne orientée")
NEW_PERSON = "new"
YOUNGEST, OLDEST = 14, 100
NO_SOCIAL_NUMBER = "Le numéro de sécurité sociale n’est jamais demandé ni gardé : effacez-le."


class KnownPerson(CaseworkError):
    """People who may be this one are known: one of them must be chosen, or a new person said to be."""

    def __init__(self, found: Sequence[Found]) -> None:
        super().__init__("Une personne de ce nom, née le même jour, est déjà connue du service.")
        self.found = tuple(found)


def territories_for(session: Session, application: Application, actor: Actor) -> list[Territory]:
    """Where this actor may orient in this operation: its territories (all, when it names none), an SLAI its own."""
    known = list(application.territories) or list(session.scalars(sa.select(Territory).order_by(Territory.name)))
    if may(actor, "journey.follow", application):
        return known
    return [territory for territory in known if territory.id in actor.territories]


def orientation_inputs(application: Application, territories: Sequence[Territory]) -> tuple[Input, ...]:
    return orientation(scheme_of(application), tuple((str(territory.id), territory.name) for territory in territories))


def orientation_confirmation(
    application: Application, territories: Sequence[Territory], typed: Mapping[str, Any], today: date
) -> tuple[Input, ...]:
    """The box that confirms what departs from the sheet in what is typed, once all of it is understood."""
    try:
        answers = read(orientation_inputs(application, territories), typed)
        born = child_month(answers["born"], today) if answers.get("born") else None
    except InvalidInput:
        return ()
    return confirmation(orientation_departures(scheme_of(application), answers, born, today))


def orient(session: Session, application: Application, act: Act) -> Journey:
    """Open a journey from the answers in `act.data`; "person" there chooses among the known ones, or says "new".

    An SLAI that orients has validated by doing so. Raises Forbidden, Refused, InvalidInput, or KnownPerson when
    somebody of this name and birth date is known and "person" does not say who it is.
    """
    locked = db.lock(session, Application, application.id)
    if locked is None:
        raise NotFound()
    if not may(act.actor, "journey.orient", locked):
        raise Forbidden()
    reason = why_no_orientation(locked)
    if reason:
        raise Refused([reason])
    answers = read(orientation_inputs(locked, territories_for(session, locked, act.actor)), act.data)
    check_identity(answers, act)
    born = child_month(answers["born"], act.day) if answers.get("born") else None
    wrong = unconfirmed(orientation_departures(scheme_of(locked), answers, born, act.day), act.data.get(CONFIRMED))
    if wrong:
        raise InvalidInput({name: [sentence] for name, sentence in wrong.items()})
    person = _person(session, locked, answers, act)
    _refuse_second_journey(session, locked, person)
    journey = _open(session, locked, person, answers, act)
    if born is not None:
        add_child(session, journey, born, act)
    return journey


def check_identity(answers: dict[str, Any], act: Act) -> None:
    """Raises InvalidInput for what cannot be somebody's name, birth date or postcode."""
    errors: dict[str, list[str]] = {}
    age = age_on(answers["birth_date"], act.day)
    if answers["birth_date"] > act.day:
        errors["birth_date"] = ["Cette date est dans le futur."]
    elif not YOUNGEST <= age <= OLDEST:
        errors["birth_date"] = [f"Vérifiez cette date : la personne aurait {age} ans."]
    if not re.fullmatch(r"\d{5}", answers["postcode"]):
        errors["postcode"] = ["Un code postal a cinq chiffres."]
    for name in ("family_name", "given_name"):
        if not match_key(answers[name], ""):
            errors[name] = ["Ce nom n’est pas compris : écrivez-le avec des lettres."]
    for name in ("family_name", "given_name", "town", "phone", "email", "prescriber_body"):
        if not no_social_number([str(answers.get(name) or "")]):
            errors[name] = [NO_SOCIAL_NUMBER]
    if errors:
        raise InvalidInput(errors)


def _person(session: Session, application: Application, answers: dict[str, Any], act: Act) -> Person:
    named = {name: answers[name] for name in ("family_name", "given_name", "birth_date")}
    known = [one for one in people_like(session, **named) if one.exact or _follows(session, one.person, act.actor)]
    said = str(act.data.get("person") or "")
    if known and said != NEW_PERSON:
        chosen = next((one.person for one in known if str(one.person.id) == said), None)
        if chosen is None:
            raise KnownPerson(known)
        return chosen
    return new_person(session, answers, at=act.at)


def _follows(session: Session, person: Person, actor: Actor) -> bool:
    """Whether this actor sees who this person is by one of her journeys."""
    journeys = visible_journeys(sa.select(Journey).where(Journey.person_id == person.id), actor)
    return any(may_journey(actor, "journey.identity", journey) for journey in session.scalars(journeys.limit(20)))


def _refuse_second_journey(session: Session, application: Application, person: Person) -> None:
    query = sa.select(Journey).where(
        Journey.application_id == application.id, Journey.person_id == person.id, Journey.state.in_(LIVE_STATES)
    )
    live = session.scalars(query).first()
    if live is not None:
        sentence = f"Cette personne est déjà dans cette opération ({live.label}, {live.state_label.lower()})."
        raise Refused([sentence])


def _open(session: Session, application: Application, person: Person, answers: dict[str, Any], act: Act) -> Journey:
    territory_id = int(answers["territory"])
    to_validate = scheme_of(application).orientation_validated_by_slai
    validates = to_validate and "slai" in act.actor.roles and territory_id in act.actor.territories
    journey = Journey(
        person=person,
        application=application,
        territory=session.get_one(Territory, territory_id),
        publics=said_publics(answers),
        prescriber=answers["prescriber"] or ("slai" if "slai" in act.actor.roles else "operator"),
        prescriber_body=answers["prescriber_body"],
        oriented_at=act.at,
        oriented_by_id=act.actor.user_id,
        age_when_oriented=age_on(person.birth_date, act.day),
        to_validate=to_validate,
        validated_at=act.at if validates else None,
        validated_by_id=act.actor.user_id if validates else None,
        updated_at=act.at,
        state_since=act.at,
    )
    session.add(journey)
    session.flush()
    journal.record(
        session,
        "journey",
        journey.id,
        ORIENTED,
        actor=act.actor,
        at=act.at,
        after="oriented",
        validated=validates,
    )
    if not may(act.actor, "journey.follow", application):
        answers_to.tell(session, application, [journey], answers_to.ORIENTED, act)
    return journey
