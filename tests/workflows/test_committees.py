"""The committees of an operation: planned by its sheet, convened, held, minuted, and what they decided followed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from icalendar import Calendar
from sqlalchemy.orm import Session

from casework import journal
from casework.committees import Committee, committees_of, decisions_of
from casework.deadlines import deadlines_of
from casework.errors import Forbidden, InvalidInput, Refused, Stale
from casework.outbox import Message
from casework.people import Actor
from tests.support import people
from tests.support.journeys import roster
from tests.support.meetings import Meetings, convocation, meetings
from tests.support.stories import Teller
from workflows.application.figures import indicators_of
from workflows.application.obligations import flags_of
from workflows.checking import faults
from workflows.committee import COMMITTEE
from workflows.committee.acting import act_on, propose
from workflows.engine import Act, offered
from workflows.inbox import inbox_of


@pytest.fixture
def mobility(teller: Teller) -> Meetings:
    return meetings(teller, "3.5")


def messages(session: Session, committee: Any) -> list[Message]:
    """What was written about this committee, with a calendar, in order."""
    session.flush()
    query = sa.select(Message).where(Message.application_id == committee.application_id, Message.ics.is_not(None))
    found = session.scalars(query.order_by(Message.id))
    return [one for one in found if f"comite-{committee.id}@casework" in (one.ics or "")]


def event(message: Message) -> Any:
    calendar = Calendar.from_ical(message.ics or "")
    (found,) = calendar.walk("VEVENT")
    return calendar, found


def test_the_declaration_of_a_committee_is_sound() -> None:
    assert faults(COMMITTEE) == []


def test_one_committee_is_planned_for_each_date_of_the_sheet(mobility: Meetings) -> None:
    session, case = mobility.teller.session, mobility.application
    planned = [(one.day, one.title, one.state) for one in committees_of(session, case.id)]
    owed = [one for one in deadlines_of(session, case.id) if one.kind == "committee"]
    assert planned == [(one.due_on, one.label, "planned") for one in owed]
    assert len(planned) == 3


def test_a_convocation_invites_by_mail_with_a_calendar_file_and_nothing_about_anybody(mobility: Meetings) -> None:
    session, committee = mobility.teller.session, mobility.committee()
    guest = "Ana Roux, OPCO, ana.roux@opco.invalid"
    mobility.convene(committee, agenda="1. La situation de Camille Bruyère", others=guest)
    sent = messages(session, committee)
    cast = mobility.teller.cast
    assert {one.user_id for one in sent} == {cast.applicant.user_id, cast.slai.user_id, cast.partner.user_id, None}
    assert [one.recipient for one in sent if one.user_id is None] == ["ana.roux@opco.invalid"]
    for message in sent:
        calendar, meeting = event(message)
        assert calendar["METHOD"] == "REQUEST"
        assert meeting["UID"] == f"comite-{committee.id}@casework"
        assert meeting["SEQUENCE"] == 1
        assert meeting["ATTENDEE"] == f"mailto:{message.recipient}"
        assert meeting.decoded("dtstart") == committee.starts_at
        assert meeting.decoded("dtend") - meeting.decoded("dtstart") == timedelta(minutes=90)
        assert "Bruyère" not in message.body + (message.html or "") + (message.ics or "")
    kept = str(
        [entry.payload.content for entry in journal.timeline(session, "committee", committee.id) if entry.payload]
    )
    assert "Bruyère" not in kept


def test_another_date_replaces_the_first_in_every_calendar_and_a_call_off_removes_it(mobility: Meetings) -> None:
    session, committee = mobility.teller.session, mobility.committee()
    mobility.convene(committee)
    first, day = committee.starts_at, committee.day
    later = convocation(day + timedelta(days=7), hour="14 h 30")
    mobility.fire(committee, mobility.operator, "move_committee", day - timedelta(days=10), **later)
    assert committee.starts_at == mobility.instant(day + timedelta(days=7), 14) + timedelta(minutes=30) != first
    mobility.fire(committee, mobility.operator, "put_off", day - timedelta(days=5), reason="La salle est prise.")
    said = [(str(event(one)[0]["METHOD"]), int(event(one)[1]["SEQUENCE"])) for one in messages(session, committee)]
    assert sorted(set(said)) == [("CANCEL", 3), ("REQUEST", 1), ("REQUEST", 2)]
    assert {str(event(one)[1]["UID"]) for one in messages(session, committee)} == {f"comite-{committee.id}@casework"}
    assert (committee.state, committee.starts_at, committee.day) == ("planned", None, day)


def test_a_mandatory_body_cannot_be_dropped_from_a_convocation(mobility: Meetings) -> None:
    committee = mobility.committee()
    mobility.convene(committee, invited=[])
    assert {(seat.body, seat.line) for seat in committee.seats} == {("slai", 1099), ("mamobilite62", 1099)}


@pytest.mark.database("sqlite")
@pytest.mark.parametrize(
    ("field", "value"),
    [("day", "2020-01-01"), ("hour", "25:00"), ("lasts", "5"), ("place", ""), ("others", "Ana, ana@"), ("agenda", "")],
)
def test_a_convocation_that_makes_no_sense_is_refused_at_its_field(mobility: Meetings, field: str, value: str) -> None:
    committee = mobility.committee()
    with pytest.raises(InvalidInput) as refusal:
        mobility.convene(committee, **{field: value})
    assert set(refusal.value.errors) == {field}
    assert committee.state == "planned"


def test_a_guest_without_an_address_is_refused_line_by_line(mobility: Meetings) -> None:
    committee = mobility.committee()
    with pytest.raises(InvalidInput) as refusal:
        mobility.convene(
            committee, others="Jean Dupont, OPCO\nAna Roux, ana.roux@opco.invalid\n\nLéa Petit, truc, lea@"
        )
    (sentence,) = refusal.value.errors["others"]
    assert "Ligne 1, « Jean Dupont, OPCO » : sans adresse électronique" in sentence
    assert "Ligne 3, « Léa Petit, truc, lea@ » : l’adresse « lea@ » n’est pas valable." in sentence
    assert "Ana Roux" not in sentence


def test_held_without_mamobilite62_a_committee_of_3_5_is_flagged_and_counts_all_the_same(mobility: Meetings) -> None:
    session, case, committee = mobility.teller.session, mobility.application, mobility.committee()
    mobility.convene(committee)
    mobility.hold(committee, mamobilite62="excused")
    assert committee.absent == "Mamobilité62 (l.1099)"
    (deadline,) = [one for one in deadlines_of(session, case.id) if one.kind == "committee" and one.status == "met"]
    assert (deadline.done_on, deadline.outcome) == (committee.day, "Tenu sans Mamobilité62 (l.1099).")
    (flag,) = flags_of([], committee.day, committees_of(session, case.id))
    assert flag.sentence == f"Comité du {committee.day:%d/%m/%Y} tenu sans Mamobilité62 (l.1099)"
    told = session.scalars(sa.select(Message).where(Message.subject.like("%sans un membre obligatoire%"))).all()
    assert [one.user_id for one in told] == [mobility.teller.cast.officer.user_id]
    counted = next(one for one in indicators_of(session, case, committee.day) if one.figure.measure == "committees")
    assert counted.tally.value == 1


def test_a_wrong_attendance_is_corrected_and_the_flag_follows(mobility: Meetings) -> None:
    committee = mobility.committee()
    mobility.hold(committee, slai="absent")
    assert committee.absent.startswith("SLAI ")
    corrected = mobility.attendance(committee, slai="represented")
    mobility.fire(committee, mobility.operator, "correct_attendance", committee.day, came="Ana Roux, OPCO", **corrected)
    assert committee.absent == ""
    assert [seat.label for seat in committee.seats if not seat.invited] == ["Ana Roux, OPCO"]


def test_held_without_the_caf_a_committee_of_3_6_is_flagged(teller: Teller) -> None:
    nurseries = meetings(teller, "3.6")
    committee = nurseries.committee()
    nurseries.hold(committee, caf="absent")
    assert committee.absent == "CAF du Pas-de-Calais (l.1407)"


def test_minutes_are_validated_returned_then_acknowledged_by_who_sat(mobility: Meetings) -> None:
    committee, slai = mobility.committee(), mobility.teller.cast.slai
    mobility.hold(committee)
    day = committee.day
    mobility.fire(committee, mobility.operator, "validate_minutes", day, minutes="Le point est fait.")
    with pytest.raises(Forbidden):
        mobility.fire(committee, mobility.operator, "acknowledge_minutes", day)
    mobility.fire(committee, slai, "return_minutes", day, reason="La date du prochain comité manque.")
    assert (committee.state, committee.return_reason) == ("held", "La date du prochain comité manque.")
    mobility.fire(committee, mobility.operator, "validate_minutes", day, minutes="Prochain comité le 2 septembre.")
    mobility.fire(committee, slai, "acknowledge_minutes", day)
    assert (committee.state, committee.acknowledged_by_id) == ("acknowledged", slai.user_id)


def test_a_decision_is_followed_on_the_next_agenda_until_it_is_done(mobility: Meetings) -> None:
    session, committee = mobility.teller.session, mobility.committee()
    mobility.hold(committee)
    due = committee.day + timedelta(days=30)
    said = {"text": "Ouvrir un atelier mobilité.", "responsible": "Porteur", "due_on": due.isoformat()}
    mobility.fire(committee, mobility.operator, "record_decision", committee.day, **said)
    (decision,) = decisions_of(session, mobility.application.id)
    assert "Ouvrir un atelier mobilité. (Porteur, pour le" in _agenda(mobility)
    done = {"decision": str(decision.id), "status": "done", "outcome": "Atelier ouvert."}
    mobility.fire(committee, mobility.operator, "settle_decision", due, **done)
    assert (decision.status, decision.settled_on) == ("done", due)
    assert "atelier" not in _agenda(mobility)


def tasks(operation: Meetings, actor: Actor, day: date) -> list[tuple[str, date | None, int]]:
    """What waits for somebody about the committees of this operation: the verb, for when, how late."""
    session = operation.teller.session
    session.flush()
    found = [task for group in inbox_of(session, actor, today=day) for task in group.tasks]
    return [(task.verb, task.due_on, task.late_days) for task in found if task.kind.page == "committees"]


@pytest.mark.parametrize(
    ("code", "leader", "other"), [("3.5", "applicant", "officer"), ("3.13", "officer", "applicant")]
)
def test_a_late_decision_waits_for_whoever_leads_its_committee_until_it_is_done(
    teller: Teller, code: str, leader: str, other: str
) -> None:
    operation = meetings(teller, code)
    cast, case = teller.cast, operation.application
    leads, follows = getattr(cast, leader), getattr(cast, other)
    committee = operation.committee() if code == "3.5" else proposed(operation)
    day = committee.day
    operation.hold(committee, actor=leads)
    due = day + timedelta(days=5)
    said = {"text": "Écrire aux partenaires.", "responsible": "Porteur", "due_on": due.isoformat()}
    with pytest.raises(InvalidInput) as refused:
        operation.fire(committee, leads, "record_decision", day, **said | {"due_on": str(day - timedelta(days=1))})
    assert set(refused.value.errors) == {"due_on"}
    operation.fire(committee, leads, "record_decision", day, **said)
    operation.fire(committee, leads, "validate_minutes", day, minutes="Prochain comité en mai.")
    late = ("Suivre les décisions d’un comité", due, 1)
    assert late[0] not in [verb for verb, _, _ in tasks(operation, leads, due)]
    assert late in tasks(operation, leads, due + timedelta(days=1))
    assert late not in tasks(operation, follows, due + timedelta(days=1))
    groups = inbox_of(teller.session, leads, today=due + timedelta(days=9))
    waits = [task.since for group in groups for task in group.tasks if task.verb == late[0]]
    assert waits == [due + timedelta(days=1)], "it came to do the day after, whenever the operation began"
    (decision,) = decisions_of(teller.session, case.id)
    assert (decision.late(due), decision.late(due + timedelta(days=1))) == (False, True)
    done = {"decision": str(decision.id), "status": "done"}
    operation.fire(committee, leads, "settle_decision", due + timedelta(days=1), **done)
    assert late[0] not in [verb for verb, _, _ in tasks(operation, leads, due + timedelta(days=1))]


@pytest.mark.parametrize(("code", "leader", "noun"), [("3.5", "applicant", "comité"), ("3.13", "officer", "réunion")])
def test_a_committee_whose_day_has_passed_is_to_be_said_held_and_approaches_no_more(
    teller: Teller, code: str, leader: str, noun: str
) -> None:
    operation = meetings(teller, code)
    leads = getattr(teller.cast, leader)
    committee = operation.committee() if code == "3.5" else proposed(operation)
    day = committee.day
    approaches, held = f"Convoquer un{'e' if noun == 'réunion' else ''} {noun}", "Enregistrer la tenue d’un"
    verbs = [verb for verb, due, _ in tasks(operation, leads, day) if due == day]
    assert verbs == [approaches]
    after = [(verb, late) for verb, due, late in tasks(operation, leads, day + timedelta(days=1)) if due == day]
    assert [(verb.startswith(held), late) for verb, late in after] == [(True, 1)]
    operation.hold(committee, actor=leads)
    assert not [verb for verb, due, _ in tasks(operation, leads, day + timedelta(days=1)) if due == day]


def test_a_task_opens_the_committee_that_waits_or_the_list_of_several(teller: Teller) -> None:
    operation = meetings(teller, "3.5")
    first, second = operation.committee(), operation.committee(2)

    def where(day: date) -> list[tuple[str, str]]:
        teller.session.flush()
        groups = inbox_of(teller.session, operation.operator, today=day)
        found = [task for group in groups for task in group.tasks if task.kind.code == "applicant.committee_held"]
        return [(task.address, task.why) for task in found if task.case_id == operation.application.id]

    ((alone, why),) = where(first.day + timedelta(days=1))
    assert alone == f"/comites/{first.id}?action=hold_committee#action-hold_committee"
    assert "date est passée" in why
    ((both, said),) = where(second.day + timedelta(days=1))
    assert both == f"/dossiers/{operation.application.id}/comites"
    assert said.endswith(" : 2")


def _agenda(operation: Meetings) -> str:
    second = operation.committee(2)
    at = operation.instant(second.day - timedelta(days=20))
    offers = offered(operation.teller.session, second, operation.operator, at=at, settings=operation.teller.settings)
    convening = next(offer for offer in offers if offer.move.trigger == "convene")
    return str(next(item.value for item in convening.inputs if item.name == "agenda"))


@pytest.mark.database("sqlite")
def test_an_agenda_says_no_small_count_nor_what_tells_it(teller: Teller) -> None:
    """Partners and guests read it: nine people came, of whom two left, in a job."""
    people_of = roster(teller, "3.14")
    for rank in range(9):
        journey = people_of.entered(10)
        if rank < 2:
            people_of.fire(
                journey, people_of.operator, "record_exit", exited_on=people_of.day(40), exit_kind="durable-1"
            )
    said = _agenda(Meetings(teller, people_of.application))
    assert "Personnes accompagnées depuis le début : 9, en parcours : non communiqué" in said
    assert "Sorties : moins de 5" in said
    assert "Emploi durable : moins de 5" in said


@pytest.mark.database("sqlite")
def test_an_agenda_says_no_share_of_young_people_that_tells_few_people(teller: Teller) -> None:
    """Three people, nobody young: « 0 sur 3 » would tell how few they are; five young out of six, who is not."""
    few = roster(teller, "3.14")
    for _ in range(3):
        few.entered(10)
    assert "Jeunes : non communiqué" in _agenda(Meetings(teller, few.application))
    young = roster(teller, "3.14")
    for rank in range(6):
        young.entered(10, birth_date="2002-01-01" if rank else "1985-05-20")
    said = _agenda(Meetings(teller, young.application))
    assert "sur 6" not in said
    for _ in range(5):
        young.entered(10)
    assert "5 sur 11" in _agenda(Meetings(teller, young.application))


def test_a_committee_is_not_held_before_its_day_nor_in_the_future(mobility: Meetings) -> None:
    committee = mobility.committee()
    early = committee.day - timedelta(days=1)
    with pytest.raises(InvalidInput):
        mobility.fire(
            committee,
            mobility.operator,
            "hold_committee",
            early,
            held_on=committee.day.isoformat(),
            **mobility.attendance(committee),
        )
    mobility.convene(committee)
    with pytest.raises(Refused):
        mobility.fire(
            committee,
            mobility.operator,
            "hold_committee",
            early,
            held_on=early.isoformat(),
            **mobility.attendance(committee),
        )


def test_of_two_people_at_once_the_second_is_told_what_the_first_did(mobility: Meetings) -> None:
    committee = mobility.committee()
    seen = committee.version
    mobility.convene(committee)
    act = Act(
        mobility.operator,
        mobility.instant(committee.day - timedelta(days=9)),
        mobility.teller.settings,
        convocation(committee.day + timedelta(days=1)),
        seen,
    )
    with pytest.raises(Stale, match="Comité convoqué"):
        act_on(mobility.teller.session, committee, "move_committee", act)


def test_the_operator_proposes_others_and_the_department_alone_convenes_those_of_3_13(teller: Teller) -> None:
    network = meetings(teller, "3.13")
    session, case, officer = teller.session, network.application, teller.cast.officer
    assert committees_of(session, case.id) == []
    with pytest.raises(Forbidden):
        proposed(network, network.operator)
    committee = proposed(network)
    day = committee.day
    early = day - timedelta(days=20)
    assert tasks(network, officer, early) == [("Convoquer une réunion", day, 0)]
    assert tasks(network, network.operator, early) == []
    guest = "Ana Roux, OPCO, ana.roux@opco.invalid"
    network.fire(committee, officer, "convene", early, **convocation(day, others=guest))
    invited = next(one for one in messages(session, committee) if one.recipient == "ana.roux@opco.invalid")
    assert f"Vous êtes invité par {teller.settings.funder}" in invited.body
    network.hold(committee, actor=officer)
    assert (committee.state, committee.absent, committee.rank) == ("held", "", None)


def test_minutes_of_the_department_are_accepted_by_the_operator_or_come_back_to_the_officer(teller: Teller) -> None:
    network = meetings(teller, "3.13")
    session, officer, operator = teller.session, teller.cast.officer, network.operator
    committee = proposed(network)
    day = committee.day
    network.hold(committee, actor=officer)
    assert [verb for verb, _, _ in tasks(network, officer, day)] == ["Rédiger le compte rendu d’une réunion"]
    network.fire(committee, officer, "validate_minutes", day, minutes="Trois webinaires à venir.")
    assert [verb for verb, _, _ in tasks(network, operator, day)] == ["Accepter le compte rendu d’une réunion"]
    network.fire(committee, operator, "return_minutes", day, reason="Il y en a quatre.")
    network.fire(committee, officer, "validate_minutes", day, minutes="Quatre webinaires à venir.")
    network.fire(committee, operator, "acknowledge_minutes", day)
    assert tasks(network, operator, day) == tasks(network, officer, day) == []
    session.flush()
    about = sa.select(Message.subject, Message.user_id).where(Message.subject.like("%compte rendu%"))
    told = [(subject.partition(" – ")[2], user) for subject, user in session.execute(about.order_by(Message.id))]
    assert ("compte rendu de comité", operator.user_id) in told
    assert [user for subject, user in told if subject == "compte rendu à corriger"] == [officer.user_id]


def proposed(network: Meetings, actor: Actor | None = None) -> Committee:
    """A meeting that the Département plans, three weeks before, on the fortieth day of the operation."""
    case = network.application
    assert case.convention is not None
    day = case.convention.starts_on + timedelta(days=40)
    data = {"title": "Réunion de suivi", "day": day.isoformat()}
    at = network.instant(day - timedelta(days=20))
    act = Act(actor or network.teller.cast.officer, at, network.teller.settings, data)
    return propose(network.teller.session, case, act)


def test_somebody_of_another_organisation_moves_nothing(mobility: Meetings) -> None:
    session = mobility.teller.session
    stranger = people.applicant(session, people.organisation(session))
    committee = mobility.committee()
    with pytest.raises(Forbidden):
        mobility.fire(committee, stranger, "convene", committee.day, **convocation(committee.day))
