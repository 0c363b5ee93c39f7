"""Who a participant is and in which situation: said by the operator, corrected by whoever follows her.

The journal keeps which fields changed, never what they were nor what they are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from casework.clock import paris_day
from casework.details import EDUCATION, OBSTACLES, TRAINING, JourneyDetails
from casework.errors import InvalidInput
from casework.identities import SEXES, Person, age_on, rename
from casework.participants import PUBLICS, Journey, JourneyWarning
from workflows.engine import Context
from workflows.inputs import Input
from workflows.journey import orienting
from workflows.journey.inputs import WHY, origin
from workflows.journey.publics import publics_of, said_publics, situations
from workflows.journey.reading import entry_warnings
from workflows.versions import scheme_of

FIELDS = {
    "family_name": "nom de famille",
    "given_name": "prénom",
    "birth_date": "date de naissance",
    "sex": "sexe",
    "postcode": "code postal",
    "town": "commune",
    "phone": "téléphone",
    "email": "adresse électronique",
    "public": "situation à l’entrée",
    "publics": "situation à l’entrée",
    "prescriber": "qui a orienté la personne",
    "prescriber_body": "organisme qui l’a orientée",
    "education": "niveau d’instruction",
    "training": "niveau de formation",
    "obstacles": "freins à l’entrée",
    "obstacles_left": "freins à la sortie",
}
"""How the history names what changed."""
STATUS = ("publics", "prescriber", "prescriber_body")
OF_STATUS = ("public", "age")
"""The warnings at entry that the situation decides."""


def correction(context: Context) -> tuple[Input, ...]:
    """The identity as it is held, to be corrected, and the contact, which nobody has to give."""
    person = _person(context)
    if person.identity is None:
        return (WHY,)
    return (
        Input("family_name", "Nom de famille", limit=80, value=person.family_name),
        Input("given_name", "Prénom", limit=80, value=person.given_name),
        Input("birth_date", "Date de naissance", "birth_date", value=person.birth_date),
        Input("sex", "Sexe", "choice", choices=tuple(SEXES.items()), value=person.sex),
        Input("postcode", "Code postal", value=person.postcode),
        Input("town", "Commune", limit=120, value=person.town),
        Input("phone", "Téléphone", required=False, limit=20, value=person.phone or None),
        Input("email", "Adresse électronique", required=False, limit=254, value=person.email or None),
        WHY,
    )


def still_held(context: Context) -> str | None:
    return None if _person(context).identity else "L’identité de cette personne est effacée."


def likely(context: Context) -> dict[str, str]:
    """What cannot be an identity, as when somebody is oriented."""
    try:
        orienting.check_identity(dict(context.answers), context.act)
    except InvalidInput as error:
        return {name: " ".join(sentences) for name, sentences in error.errors.items()}
    return {}


def correct(context: Context) -> None:
    """Write the identity, and the ages that came out of the birth date in every journey of this person."""
    session, person = context.session, _person(context)
    with session.no_autoflush:
        changed = rename(session, person, dict(context.answers))
        if "birth_date" in changed:
            for journey in session.scalars(sa.select(Journey).where(Journey.person_id == person.id)):
                journey.age_when_oriented = age_on(person.birth_date, paris_day(journey.oriented_at))
                if journey.entered_on is not None:
                    journey.age_at_entry = age_on(person.birth_date, journey.entered_on)
    context.told.update(changed=changed, reason=context.answers["reason"])


def status(context: Context) -> tuple[Input, ...]:
    """The situation at entry and who sent the person, as they were said at the orientation."""
    case = context.case
    scheme = scheme_of(case.application)
    known = {"prescriber": case.prescriber, "prescriber_body": case.prescriber_body}
    publics = dict.fromkeys((*publics_of(scheme), (case.public, PUBLICS[case.public])))
    sent = (replace(item, value=known[item.name]) for item in origin())
    return (*situations(tuple(publics), scheme, case.publics), *sent, WHY)


def correct_status(context: Context) -> None:
    """Write them, and what the sheet says of the situation and of the age: a warning that no longer holds goes."""
    session, case, answers = context.session, context.case, context.answers
    said = {"publics": said_publics(answers)} | {name: answers.get(name) for name in STATUS[1:]}
    changed = [name for name, value in said.items() if (value or None) != (getattr(case, name) or None)]
    with session.no_autoflush:
        for name, value in said.items():
            setattr(case, name, value)
        if case.entered_on is not None and "publics" in changed:
            _warn_again(context)
    context.told.update(changed=changed, reason=answers["reason"])


def _warn_again(context: Context) -> None:
    case, person = context.case, _person(context)
    if person.identity is None:
        return
    said = {one.warning.code: one for one in entry_warnings(context.session, case, person, case.entered_on)}
    kept = [one for one in case.warnings if one.code not in OF_STATUS or one.code in said]
    for gone in [one for one in case.warnings if one not in kept]:
        context.session.delete(gone)
    standing = {one.code for one in kept}
    new = [said[code] for code in OF_STATUS if code in said and code not in standing]
    case.warnings = kept + [
        JourneyWarning(
            code=one.warning.code,
            sentence=one.warning.full_sentence,
            to_accept=one.to_accept,
            raised_at=context.act.at,
        )
        for one in new
    ]


def situation(context: Context) -> tuple[Input, ...]:
    known = context.case.details
    asked: tuple[Input, ...] = (
        _choice("education", "Niveau d’instruction", EDUCATION, known and known.education),
        _choice("training", "Niveau de formation", TRAINING, known and known.training),
        _several("obstacles", "Freins à l’entrée", known and known.obstacles, "Cochez ceux que vous constatez."),
    )
    if context.case.state != "exited":
        return asked
    left = _several("obstacles_left", "Freins à la sortie", known and known.obstacles_left, "Ceux qui demeurent.")
    return (*asked, left)


def describe(context: Context) -> None:
    session, case, answers = context.session, context.case, context.answers
    with session.no_autoflush:
        known = case.details
        kept = known or JourneyDetails(journey=case)
        said: dict[str, Any] = {name: answers.get(name) for name in ("education", "training")}
        said |= {name: list(answers.get(name) or ()) for name in ("obstacles", "obstacles_left") if name in answers}
        changed = [name for name, value in said.items() if known is None or getattr(known, name) != value]
        for name, value in said.items():
            setattr(kept, name, value)
        kept.said_at, kept.said_by_id = context.act.at, context.act.actor.user_id
        session.add(kept)
    context.told.update(changed=changed)


def _person(context: Context) -> Person:
    return context.session.get_one(Person, context.case.person_id)


def _choice(name: str, label: str, choices: dict[str, str], value: Any) -> Input:
    return Input(name, label, "choice", required=False, choices=tuple(choices.items()), value=value)


def _several(name: str, label: str, value: Any, help: str) -> Input:
    return Input(name, label, "choices", required=False, choices=tuple(OBSTACLES.items()), value=value or [], help=help)
