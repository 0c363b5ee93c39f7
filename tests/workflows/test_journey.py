"""The life of a participant's journey: orientation, validation, entry, suspension, exit, through the one gate."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import journal
from casework.clock import paris_instant
from casework.errors import Forbidden, InvalidInput, Refused, Stale
from casework.french import long_date
from casework.identities import Person
from casework.participants import Journey
from tests.support import people
from tests.support.journeys import Roster, identity, roster
from tests.support.stories import Teller
from workflows.engine import Act, fire, offered
from workflows.journey.orienting import KnownPerson, orient
from workflows.journey.reading import gauges, standing


@pytest.fixture
def operation(teller: Teller) -> Roster:
    """A 3.12 in execution: every positioning is validated by the SLAI (l.3064)."""
    return roster(teller)


def test_a_person_is_oriented_validated_accompanied_and_exited(operation: Roster, session: Session) -> None:
    journey = operation.exited("durable-1")
    assert (journey.state, journey.exit_kind, journey.exit_family) == ("exited", "CDI", "durable")
    assert journey.age_at_entry == 38
    assert journey.exited_on == operation.starts_on + timedelta(days=90)
    kinds = [event.kind for event in reversed(journal.timeline(session, "journey", journey.id))]
    assert kinds == ["journey.oriented", "journey.validated", "journey.entered", "journey.exited"]
    assert journal.verify(session)[1] is None


def test_nobody_enters_before_the_slai_validated_where_the_sheet_asks_it(operation: Roster) -> None:
    journey = operation.orient()
    with pytest.raises(Refused, match="SLAI Arrageois doit d’abord valider"):
        operation.fire(journey, operation.operator, "admit", entered_on=operation.day(1))


def test_nobody_validates_where_the_sheet_asks_nothing(teller: Teller) -> None:
    """3.7 has no selection (l.1514): the SLAI is offered no validation, the operator admits at once."""
    operation = roster(teller, "3.7")
    journey = operation.orient()
    offers = offered(teller.session, journey, operation.slai, at=operation.late, settings=teller.settings)
    assert [offer.move.trigger for offer in offers] == ["record_information", "correct_identity", "correct_status"]
    operation.fire(journey, operation.operator, "admit", entered_on=operation.day(1))
    assert journey.state == "accompanied"


def test_an_slai_that_orients_has_validated(operation: Roster) -> None:
    journey = operation.orient(operation.slai)
    assert journey.validated_by_id == operation.slai.user_id
    operation.fire(journey, operation.operator, "admit", entered_on=operation.day(1))
    assert journey.state == "accompanied"


def test_a_refused_orientation_ends_with_its_reason_and_another_may_follow(operation: Roster, session: Session) -> None:
    form = identity(territory=str(operation.territory().id))
    journey = operation.orient(**form)
    with pytest.raises(InvalidInput):
        operation.fire(journey, operation.slai, "refuse_orientation", reason=" ")
    event = operation.fire(journey, operation.slai, "refuse_orientation", reason="Déjà accompagnée ailleurs.")
    assert (journey.state, event.reason) == ("declined", "Déjà accompagnée ailleurs.")
    again = operation.orient(**form, person=str(journey.person_id))
    assert again.person_id == journey.person_id


def test_a_person_who_does_not_come_is_declined_by_the_operator_only(operation: Roster) -> None:
    journey = operation.orient()
    with pytest.raises(Forbidden):
        operation.fire(journey, operation.slai, "decline", cause="absent", reason="Deux rendez-vous manqués.")
    operation.fire(journey, operation.operator, "decline", cause="absent", reason="Deux rendez-vous manqués.")
    assert journey.state == "declined"


def test_an_entry_stands_inside_the_convention(operation: Roster, teller: Teller) -> None:
    journey, convention = operation.orient(operation.slai), operation.application.convention
    assert convention is not None
    after = paris_instant(convention.ends_on + timedelta(days=10))

    def admit(day: date) -> None:
        data = {"entered_on": day.isoformat()}
        fire(teller.session, journey, "admit", Act(operation.operator, after, teller.settings, data, journey.version))

    for day in (convention.starts_on - timedelta(days=1), convention.ends_on + timedelta(days=1)):
        with pytest.raises(InvalidInput) as refused:
            admit(day)
        assert "l’entrée doit s’y trouver" in refused.value.errors["entered_on"][0]
    with pytest.raises(InvalidInput) as refused:
        operation.fire(journey, operation.operator, "admit", entered_on=operation.day(400))
    assert "dans le futur" in refused.value.errors["entered_on"][0]
    admit(convention.ends_on)
    assert journey.state == "accompanied"


def test_an_entry_before_the_orientation_is_confirmed_before_it_is_saved(teller: Teller, session: Session) -> None:
    """What departs from the sheet is asked with the day that is typed, and stays said once it is confirmed."""
    operation = roster(teller, "3.7")
    journey = operation.orient()
    journey.oriented_at += timedelta(days=8)
    session.flush()
    early = {"entered_on": operation.day(7)}
    with pytest.raises(InvalidInput) as refused:
        operation.fire(journey, operation.operator, "admit", **early, confirmed="")
    assert set(refused.value.errors) == {"confirmed"}

    def asked(**typed: str) -> list[str]:
        moves = {"at": operation.late, "settings": teller.settings, "typed": {"admit": typed}}
        (admit,) = [o for o in offered(session, journey, operation.operator, **moves) if o.move.trigger == "admit"]
        return [item.help for item in admit.inputs if item.name == "confirmed"]

    assert asked() == asked(entered_on=operation.day(8)) == []
    assert asked(**early) == [f"Entrée avant l’orientation, du {long_date(operation.starts_on + timedelta(days=8))}."]
    operation.fire(journey, operation.operator, "admit", **early, confirmed="verified")
    assert [warning.code for warning in journey.warnings] == ["before_orientation"]
    operation.fire(
        journey, operation.operator, "correct_entry", entered_on=operation.day(6), reason="Erreur.", confirmed=""
    )


def test_an_orientation_that_departs_from_the_sheet_is_confirmed_before_it_is_saved(operation: Roster) -> None:
    for changes in ({"postcode": "59000", "town": "Lille"}, {"public": "other"}, {"public": "young"}):
        before = operation.count()
        with pytest.raises(InvalidInput) as refused:
            operation.orient(**changes, confirmed="")
        assert set(refused.value.errors) == {"confirmed"}
        assert operation.count() == before
        operation.orient(**changes, confirmed="verified")
    operation.orient(confirmed="")


def test_an_exit_never_precedes_the_entry(operation: Roster) -> None:
    journey = operation.entered(30)
    with pytest.raises(InvalidInput) as refused:
        operation.fire(journey, operation.operator, "record_exit", exited_on=operation.day(29), exit_kind="durable-1")
    assert refused.value.errors["exited_on"][0].startswith("La sortie ne peut pas précéder l’entrée")


def test_suspensions_never_overlap_and_a_running_one_ends_with_the_exit(operation: Roster) -> None:
    journey = operation.entered(30)
    operator = operation.operator
    operation.fire(journey, operator, "suspend", started_on=operation.day(40), reason="Hospitalisation d’un proche.")
    with pytest.raises(InvalidInput):
        operation.fire(journey, operator, "resume", resumed_on=operation.day(40))
    operation.fire(journey, operator, "resume", resumed_on=operation.day(50))
    with pytest.raises(InvalidInput):
        operation.fire(journey, operator, "suspend", started_on=operation.day(49), reason="Encore.")
    with pytest.raises(InvalidInput):
        operation.fire(journey, operator, "record_exit", exited_on=operation.day(49), exit_kind="dropped")
    operation.fire(journey, operator, "suspend", started_on=operation.day(50), reason="Garde d’enfant.")
    operation.fire(journey, operator, "record_exit", exited_on=operation.day(60), exit_kind="dropped")
    days = [
        ((s.started_on - operation.starts_on).days, (s.ended_on - operation.starts_on).days)
        for s in journey.suspensions
        if s.ended_on
    ]
    assert days == [(40, 49), (50, 60)]


def test_a_corrected_exit_keeps_the_first_one_in_the_journal(operation: Roster, session: Session) -> None:
    journey = operation.exited("durable-1")
    operation.fire(
        journey,
        operation.operator,
        "correct_exit",
        exited_on=operation.day(95),
        exit_kind="transition-1",
        reason="Le contrat est un CDD.",
    )
    assert (journey.state, journey.exit_family) == ("exited", "transition")
    corrected, first = journal.timeline(session, "journey", journey.id, limit=2)
    assert first.payload is not None
    assert corrected.payload is not None
    assert first.payload.content["exit_kind"] == "durable-1"
    assert corrected.payload.content["exit_kind"] == "transition-1"
    assert corrected.reason == "Le contrat est un CDD."


def test_a_corrected_entry_is_measured_again(operation: Roster) -> None:
    journey = operation.entered(30, birth_date="1998-01-01", public="rsa")
    assert journey.age_at_entry == operation.starts_on.year - 1998
    operation.fire(journey, operation.operator, "correct_entry", entered_on=operation.day(31), reason="Erreur.")
    assert journey.entered_on == operation.starts_on + timedelta(days=31)
    with pytest.raises(InvalidInput):
        operation.fire(journey, operation.operator, "correct_entry", entered_on=operation.day(-3), reason="Non.")


def test_nothing_moves_once_the_report_is_validated_and_late_entries_are_recorded_before(teller: Teller) -> None:
    """Decided: journeys move from the advance to the final report; afterwards its figures stand."""
    late = roster(teller, "3.14", "bilan")
    journey = late.entered(10)
    assert journey.state == "accompanied"
    done = roster(teller, "3.14", "balance")
    with pytest.raises(Refused, match="les parcours ne changent plus"):
        done.orient()


def test_a_sheet_without_participants_has_none(teller: Teller) -> None:
    with pytest.raises(Refused, match="pas de participants"):
        roster(teller, "3.13").orient()


def test_one_live_journey_for_a_person_in_an_operation(operation: Roster, session: Session) -> None:
    form = identity()
    journey = operation.orient(**form)
    with pytest.raises(Refused, match="déjà dans cette opération"):
        operation.orient(**form, person=str(journey.person_id))
    twin = Journey(
        person_id=journey.person_id,
        application_id=journey.application_id,
        territory_id=journey.territory_id,
        state="oriented",
        publics=["rsa"],
        oriented_at=journey.oriented_at,
        updated_at=journey.oriented_at,
        state_since=journey.oriented_at,
    )
    session.add(twin)
    with pytest.raises(sa.exc.IntegrityError):
        session.flush()


def test_re_entry_is_a_new_journey_after_the_first(operation: Roster) -> None:
    form = identity()
    first = operation.entered(30, **form)
    operation.fire(first, operation.operator, "record_exit", exited_on=operation.day(90), exit_kind="dropped")
    second = operation.orient(operation.slai, **form, person=str(first.person_id))
    with pytest.raises(InvalidInput):
        operation.fire(second, operation.operator, "admit", entered_on=operation.day(90))
    operation.fire(second, operation.operator, "admit", entered_on=operation.day(91))
    assert second.state == "accompanied"
    counts, measured = standing(operation.teller.session, operation.application, operation.operator)
    assert (counts.states["exited"], counts.states["accompanied"], measured.people) == (1, 1, 1)


def test_two_journeys_of_a_person_in_one_operation_never_overlap_whatever_is_corrected(operation: Roster) -> None:
    form, operator = identity(), operation.operator
    first = operation.entered(30, **form)
    operation.fire(first, operator, "record_exit", exited_on=operation.day(90), exit_kind="dropped")
    second = operation.orient(operation.slai, **form, person=str(first.person_id))
    operation.fire(second, operator, "admit", entered_on=operation.day(120))
    later = {"exit_kind": "dropped", "reason": "Erreur de saisie."}
    with pytest.raises(InvalidInput) as refused:
        operation.fire(first, operator, "correct_exit", exited_on=operation.day(120), **later)
    assert "a déjà un parcours dans cette opération, depuis le" in refused.value.errors["exited_on"][0]
    operation.fire(first, operator, "correct_exit", exited_on=operation.day(119), **later)
    operation.fire(second, operator, "record_exit", exited_on=operation.day(150), exit_kind="dropped")
    with pytest.raises(InvalidInput) as refused:
        operation.fire(second, operator, "correct_entry", entered_on=operation.day(119), reason="Erreur de saisie.")
    assert list(refused.value.errors) == ["entered_on"]
    operation.fire(first, operator, "correct_entry", entered_on=operation.day(20), reason="Erreur de saisie.")
    assert first.entered_on == operation.starts_on + timedelta(days=20)


def test_a_known_person_is_proposed_and_an_identity_is_reached_by_name_only(
    operation: Roster, session: Session
) -> None:
    first = operation.orient(family_name="Lemaître", given_name="Jean-Noël", birth_date="1980-02-29")
    stranger = operation.orient()
    form = {"family_name": "LEMAITRE", "given_name": "jean noel", "birth_date": "29/02/1980"}
    with pytest.raises(KnownPerson) as known:
        operation.orient(**form)
    assert [one.person.id for one in known.value.found] == [first.person_id]
    with pytest.raises(KnownPerson):
        operation.orient(**form, person=str(stranger.person_id))
    namesake = operation.orient(**form, person="new")
    assert namesake.person_id != first.person_id
    assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == 3


@pytest.mark.database("sqlite")
@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("birth_date", "2020-01-01"),
        ("birth_date", "1899-01-01"),
        ("birth_date", "31/02/1990"),
        ("postcode", "6200"),
        ("family_name", "…"),
        ("family_name", "a" * 81),
        ("territory", "0"),
        ("public", "riche"),
        ("sex", ""),
    ],
)
def test_a_form_that_is_not_understood_names_its_field(operation: Roster, field: str, typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        operation.orient(**{field: typed})
    assert list(refused.value.errors) == [field]
    assert operation.count() == 0


def test_a_young_person_too_old_is_warned_and_not_blocked(operation: Roster) -> None:
    journey = operation.entered(30, public="young", birth_date="1990-01-01")
    assert [(warning.code, warning.to_accept) for warning in journey.warnings] == [("age", False)]


def test_the_youth_share_warns_near_its_ceiling_and_asks_an_officer_over_it(operation: Roster, teller: Teller) -> None:
    """20 % of those accompanied (l.3000), by age at entry: 1 of 6 is near, 2 of 7 is over."""
    for _ in range(5):
        assert operation.entered().warnings == []
    near = operation.entered(birth_date="2002-01-01", public="young")
    over = operation.entered(birth_date="2002-01-01", public="young")
    assert [(w.code, w.to_accept) for w in near.warnings] == [("youth_near", False)]
    assert [(w.code, w.to_accept) for w in over.warnings] == [("youth_over", True)]
    share = gauges(teller.session, operation.application).youth
    sentence = "Moins de 26 ans : 2 sur 7 (28,57 %), pour 20 % au plus."
    assert (share.level, share.sentence.replace("\u00a0", " ")) == ("over", sentence)
    with pytest.raises(Forbidden):
        operation.fire(over, operation.operator, "accept_warning", warning="youth_over")
    operation.fire(over, teller.cast.officer, "accept_warning", warning="youth_over", reason="Public prioritaire.")
    assert over.warnings[0].accepted_by_id == teller.cast.officer.user_id
    with pytest.raises(Refused, match="déjà fait"):
        operation.fire(over, teller.cast.officer, "accept_warning", warning="youth_over")


def test_the_sixteenth_person_of_premieres_heures_is_warned(teller: Teller) -> None:
    """15 participants a year (l.1565)."""
    operation = roster(teller, "3.7")
    journeys = [operation.entered() for _ in range(16)]
    assert [w.code for w in journeys[14].warnings] == []
    assert [w.code for w in journeys[15].warnings] == ["capacity"]


def test_the_version_that_was_seen_is_compared(operation: Roster, teller: Teller) -> None:
    journey = operation.orient()
    seen = journey.version
    operation.fire(journey, operation.slai, "validate_orientation")
    act = Act(operation.operator, operation.late, teller.settings, {"entered_on": operation.day(1)}, seen)
    with pytest.raises(Stale, match="Orientation validée"):
        fire(teller.session, journey, "admit", act)


def test_an_operator_of_another_organisation_orients_nobody_here(operation: Roster, teller: Teller) -> None:
    stranger = people.applicant(teller.session, people.organisation(teller.session))
    for actor in (stranger, teller.cast.officer, teller.cast.manager):
        with pytest.raises(Forbidden):
            operation.orient(actor)


def test_an_slai_orients_in_its_own_territories_only(operation: Roster, teller: Teller) -> None:
    other = teller.session.scalars(
        sa.select(type(operation.territory())).where(type(operation.territory()).id != operation.territory().id)
    ).first()
    assert other is not None
    with pytest.raises(Forbidden):
        operation.orient(people.slai(teller.session, other))


def test_identities_never_reach_the_journal(operation: Roster, session: Session) -> None:
    journey = operation.exited()
    person = session.get_one(Person, journey.person_id)
    for event in journal.timeline(session, "journey", journey.id):
        told = f"{event.kind} {event.label} {event.actor_name} {event.payload.content if event.payload else ''}"
        assert person.family_name not in told
        assert person.birth_date.isoformat() not in told


def test_nobody_acts_through_act_data_on_a_missing_case(operation: Roster, teller: Teller) -> None:
    act = Act(operation.operator, operation.late, teller.settings, {})
    with pytest.raises(InvalidInput) as refused:
        orient(teller.session, operation.application, act)
    assert set(refused.value.errors) == {
        "family_name", "given_name", "birth_date", "sex", "postcode", "town", "public", "territory"
    }  # fmt: skip
