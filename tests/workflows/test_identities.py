"""Who participants are, as it is corrected and merged: ages follow, the journal names nobody, nothing is mixed up."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import journal
from casework.clock import paris_day
from casework.errors import Forbidden, InvalidInput, Refused
from casework.identities import Person, PersonMark, people_like
from casework.journal import Event, EventPayload, verify
from casework.participants import Journey
from tests.support import people
from tests.support.journeys import Roster, identity, roster
from tests.support.stories import Teller
from workflows.application.figures import indicators_of
from workflows.engine import Act
from workflows.journey.merging import likely_same, merge, part
from workflows.versions import scheme_of

OTHER = "dropped"
NAMED = {"family_name": "Lefèvre", "given_name": "Anaïs", "birth_date": "1998-06-15"}


@pytest.fixture
def operation(teller: Teller) -> Roster:
    return roster(teller, "3.12")


def _identity(**changes: str) -> dict[str, str]:
    return {**identity(**NAMED), "reason": "Erreur de saisie à l’orientation.", **changes}


def _officer(teller: Teller) -> Any:
    return people.data_officer(teller.session)


def _act(operation: Roster, actor: Any, **data: Any) -> Act:
    return Act(actor, operation.late, operation.teller.settings, data)


def _person(operation: Roster, journey: Journey) -> Person:
    return operation.teller.session.get_one(Person, journey.person_id)


def test_a_corrected_birth_date_moves_the_ages_and_the_marks(operation: Roster) -> None:
    journey = operation.entered(30, **NAMED, public="young")
    assert (journey.age_when_oriented, journey.age_at_entry) == (25, 25)
    operation.fire(
        journey, operation.slai, "correct_identity", **_identity(birth_date="15/06/1989", phone="0612345678")
    )
    assert (journey.age_when_oriented, journey.age_at_entry) == (34, 34)
    person = _person(operation, journey)
    assert (person.birth_date.year, person.phone) == (1989, "0612345678")
    typed = {"family_name": "Lefebvre", "given_name": "Anais", "birth_date": person.birth_date}
    assert [one.person.id for one in people_like(operation.teller.session, **typed)] == [person.id]
    assert people_like(operation.teller.session, **{**typed, "birth_date": person.birth_date.replace(year=1998)}) == []


def test_the_journal_says_which_fields_changed_and_nothing_of_what_they_hold(operation: Roster) -> None:
    journey = operation.entered(30, **NAMED)
    event = operation.fire(
        journey, operation.operator, "correct_identity", **_identity(town="Étaples", postcode="62630")
    )
    assert event.payload is not None
    assert sorted(event.payload.content["changed"]) == ["postcode", "town"]
    assert "Étaples" not in str(event.payload.content)
    assert "Lefèvre" not in str(event.payload.content)
    told = operation.fire(
        journey, operation.operator, "describe", education="upper", training="3", obstacles=["health", "housing"]
    )
    assert told.payload is not None
    assert sorted(told.payload.content["changed"]) == ["education", "obstacles", "training"]
    assert "health" not in str(told.payload.content)


@pytest.mark.database("sqlite")
@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("birth_date", "2020-01-01", "la personne aurait"),
        ("postcode", "62", "cinq chiffres"),
        ("family_name", "…", "avec des lettres"),
        ("town", "2 90 03 62 498 123 45", "sécurité sociale"),
        ("reason", "", "obligatoire"),
    ],
)
def test_what_cannot_be_an_identity_is_refused_at_its_field(
    operation: Roster, field: str, typed: str, sentence: str
) -> None:
    journey = operation.entered(30, **NAMED)
    with pytest.raises(InvalidInput) as refused:
        operation.fire(journey, operation.operator, "correct_identity", **_identity(**{field: typed}))
    assert sentence in " ".join(refused.value.errors[field])
    assert _person(operation, journey).name == "LEFÈVRE Anaïs"


def test_who_does_not_follow_the_person_corrects_nothing(operation: Roster) -> None:
    journey = operation.entered(30, **NAMED)
    for actor in (people.manager(operation.teller.session), operation.teller.cast.finance):
        with pytest.raises(Forbidden):
            operation.fire(journey, actor, "correct_identity", **_identity())
    with pytest.raises(Forbidden):
        operation.fire(journey, operation.slai, "describe", education="upper")


def test_a_wrong_situation_at_entry_is_corrected_and_what_the_sheet_says_of_it_follows(operation: Roster) -> None:
    journey = operation.entered(30, **NAMED | {"birth_date": "1985-05-20"}, public="young")
    assert [one.code for one in journey.warnings] == ["age"]
    right = {"public": "ex_rsa", "prescriber": "mission_locale", "prescriber_body": "Mission locale de l’Artois"}
    for wrong, field in (({"public": "riche"}, "public"), ({"reason": ""}, "reason")):
        with pytest.raises(InvalidInput) as refused:
            operation.fire(journey, operation.operator, "correct_status", **{**right, "reason": "Erreur.", **wrong})
        assert list(refused.value.errors) == [field]
    event = operation.fire(journey, operation.slai, "correct_status", **right, reason="La personne le demande.")
    assert (journey.public, journey.prescriber_body, journey.warnings) == ("ex_rsa", "Mission locale de l’Artois", [])
    assert event.payload is not None
    assert sorted(event.payload.content["changed"]) == ["prescriber", "prescriber_body", "publics"]
    assert "ex_rsa" not in str(event.payload.content)
    operation.fire(journey, operation.operator, "correct_status", **right | {"public": "other"}, reason="Erreur.")
    assert [one.code for one in journey.warnings] == ["public"]
    with pytest.raises(Forbidden):
        operation.fire(journey, operation.teller.cast.finance, "correct_status", **right, reason="Non.")


def test_several_situations_are_true_of_one_person_and_each_counts(teller: Teller) -> None:
    """3.7 counts the same people in housing first (l.1710) and receiving the RSA (l.1696)."""
    garden = roster(teller, "3.7")
    journey = garden.entered(30, public="housing_first", also=["rsa"])
    assert journey.publics == ["housing_first", "rsa"]
    assert journey.publics_said == "À la rue, hébergé ou suivi en logement d’abord ; bénéficiaire du RSA"
    found = {
        one.figure.key: one.tally.value
        for one in indicators_of(teller.session, garden.application, paris_day(garden.late))
    }
    publics = {
        figure.public: found[figure.key] for figure in scheme_of(garden.application).figures if found[figure.key]
    }
    assert (publics["rsa"], publics["housing_first"]) == (1, 1)
    with pytest.raises(InvalidInput) as refused:
        garden.orient(also=["riche"])
    assert set(refused.value.errors) == {"also"}


def test_the_situations_of_a_person_are_readable_with_the_key_only(operation: Roster, session: Session) -> None:
    journey = operation.entered(30, public="rsa")
    stored = session.connection().execute(sa.text("SELECT publics FROM journey")).scalar_one()
    assert b"rsa" not in bytes(stored)
    told = session.scalars(sa.select(EventPayload.content).join(Event, Event.id == EventPayload.event_id))
    assert not any("rsa" in str(content) for content in told)
    assert journey.public == "rsa"


def test_obstacles_are_said_at_entry_and_at_exit_and_those_lifted_are_known(operation: Roster) -> None:
    journey = operation.exited()
    operation.fire(journey, operation.operator, "describe", obstacles=["mobility", "health"], obstacles_left=["health"])
    assert journey.details is not None
    assert journey.details.lifted == ["mobility"]
    raw = operation.teller.session.execute(sa.text("SELECT obstacles FROM journey_details")).scalar_one()
    assert b"mobility" not in bytes(raw)


def _twice(teller: Teller) -> tuple[Roster, Journey, Journey]:
    """The same person known twice, her name heard otherwise, in two operations."""
    here, there = roster(teller, "3.12"), roster(teller, "3.14")
    kept = here.entered(30, **NAMED)
    gone = there.entered(30, **{**NAMED, "family_name": "Lefebvre", "birth_date": "1996-06-15"})
    there.fire(gone, there.operator, "correct_identity", **_identity(family_name="Lefebvre"))
    return here, kept, gone


def test_two_people_who_are_one_are_found_merged_and_parted(teller: Teller) -> None:
    operation, kept, gone = _twice(teller)
    session, officer = teller.session, _officer(teller)
    first, second = kept.person_id, gone.person_id
    assert [keys for _, keys in likely_same(session)] == [[first, second]]
    trace = merge(session, first, second, _act(operation, officer))
    assert (gone.person_id, trace.journeys) == (first, [gone.id])
    assert session.get_one(Person, second).merged_into_id == first
    assert likely_same(session) == []
    events = journal.timeline(session, "journey", gone.id, limit=1)
    assert events[0].label == "Fiche rapprochée de celle de la même personne"
    assert events[0].actor_id == officer.user_id
    part(session, trace.id, _act(operation, officer))
    assert gone.person_id == second
    assert [keys for _, keys in likely_same(session)] == [[first, second]]
    with pytest.raises(Refused, match="déjà défait"):
        part(session, trace.id, _act(operation, officer))
    assert verify(session)[1] is None


def test_a_merge_never_gives_two_live_journeys_in_one_operation(operation: Roster) -> None:
    kept = operation.entered(30, **NAMED)
    gone = operation.entered(30, **{**NAMED, "family_name": "Lefebvre", "person": "new"})
    officer = _officer(operation.teller)
    with pytest.raises(Refused, match="en cours dans la même opération"):
        merge(operation.teller.session, kept.person_id, gone.person_id, _act(operation, officer))
    assert kept.person_id != gone.person_id
    operation.fire(gone, operation.operator, "record_exit", exited_on=operation.day(60), exit_kind=OTHER)
    merge(operation.teller.session, kept.person_id, gone.person_id, _act(operation, officer))
    assert kept.person_id == gone.person_id


def test_only_the_data_officer_merges_people(teller: Teller) -> None:
    operation, kept, gone = _twice(teller)
    session = teller.session
    for actor in (operation.operator, operation.slai, teller.cast.officer, teller.cast.manager, people.admin(session)):
        with pytest.raises(Forbidden):
            merge(session, kept.person_id, gone.person_id, _act(operation, actor))


def test_somebody_followed_elsewhere_under_a_name_that_sounds_alike_is_not_offered(teller: Teller) -> None:
    """Only the very name and date may be chosen without following her: guessing shows nobody."""
    here, there = roster(teller, "3.12"), roster(teller, "3.14")
    stranger = people.applicant(teller.session, people.organisation(teller.session))
    known = there.orient(**NAMED)
    there.application.organisation_id = next(iter(stranger.organisations))
    teller.session.flush()
    journey = here.orient(**{**NAMED, "family_name": "Lefebvre"})
    assert journey.person_id != known.person_id
    marks = teller.session.scalars(sa.select(PersonMark.mark).where(PersonMark.kind == "near")).all()
    assert len(set(marks)) == 1
