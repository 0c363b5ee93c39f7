"""What departs from the sheet in an orientation or an entry: shown before it is saved, and confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from casework.errors import InvalidInput
from casework.identities import Person, age_on
from workflows.engine import Context
from workflows.inputs import Input, read
from workflows.journey.publics import said_publics
from workflows.journey.reading import entry_warnings
from workflows.rules.entry import Entrant, entry_findings
from workflows.scheme import Scheme

CONFIRMED, VERIFIED = "confirmed", "verified"
_CHOICES = ((VERIFIED, "J’ai vérifié : c’est bien ce que j’enregistre"),)
_SENTENCE = "Vérifiez ce qui s’écarte de la fiche, puis cochez pour confirmer."
_TOLD_BEFORE = ("public", "residence", "youth_near")
"""What the orientation had confirmed already, and what departs from nothing yet."""


def confirmation(departures: Sequence[str]) -> tuple[Input, ...]:
    """The box that confirms these sentences; nothing when there is none."""
    if not departures:
        return ()
    label, said = "À vérifier avant d’enregistrer", " ".join(departures)
    return (Input(CONFIRMED, label, "choices", required=False, choices=_CHOICES, help=said),)


def unconfirmed(departures: Sequence[str], answer: Any) -> dict[str, str]:
    """What is refused while nobody ticked the box."""
    return {CONFIRMED: _SENTENCE} if departures and VERIFIED not in (answer or ()) else {}


def orientation_departures(scheme: Scheme, answers: Mapping[str, Any], born: date | None, today: date) -> list[str]:
    """What departs from the sheet in these answers, read. A child that nobody told yet may still be told."""
    who = Entrant(
        publics=said_publics(answers),
        age=age_on(answers["birth_date"], today),
        postcode=answers["postcode"],
        entered_on=today,
        born=() if born is None else (born,),
    )
    found = entry_findings(scheme, who)
    return [one.full_sentence for one in found if one.code != "child" or born is not None]


def entry_departures(context: Context, entered_on: date) -> list[str]:
    """What an entry on this day departs from, and that is not said of this journey yet."""
    case, session = context.case, context.session
    with session.no_autoflush:
        person = session.get_one(Person, case.person_id)
        found = entry_warnings(session, case, person, entered_on)
    told = {*_TOLD_BEFORE, *(warning.code for warning in case.warnings)}
    return [one.warning.full_sentence for one in found if one.warning.code not in told]


def entry_confirmation(context: Context) -> tuple[Input, ...]:
    """The box for the day that is being typed, once one is."""
    try:
        day = read((Input("entered_on", "", "date"),), context.act.data)["entered_on"]
    except InvalidInput:
        return ()
    return confirmation(entry_departures(context, day))


def entry_is_confirmed(context: Context) -> dict[str, str]:
    answers = context.answers
    return unconfirmed(entry_departures(context, answers["entered_on"]), answers.get(CONFIRMED))
