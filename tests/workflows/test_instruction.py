"""The officer's sheet: criteria, documents, the budget line by line, the amount proposed, and its report."""

from __future__ import annotations

import io
from datetime import timedelta

import pikepdf
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from casework import journal
from casework.amounts import euros
from casework.applications import Application
from casework.casefile import load_case
from casework.errors import Forbidden, InvalidInput, Refused, Stale
from casework.french import long_date
from casework.money import BudgetLine, budget_of
from casework.people import Actor
from casework.reviews import InstructionPoint, LineReview, points_of, reviews_of
from tests.support import people
from tests.support.pdftext import text_of
from tests.support.stories import Teller
from workflows.application.budgeting import save_budget
from workflows.application.files import attach, remove
from workflows.application.form import documents_of
from workflows.application.history import Reader, entered
from workflows.application.instructing import retain_as_asked, save_lines, save_opinion, save_points
from workflows.application.instruction_report import report_pdf
from workflows.application.reading import grant_of
from workflows.application.reporting import planned_lines
from workflows.engine import Act, offered
from workflows.rules.criteria import criteria_of
from workflows.stories import PDF
from workflows.story_instruction import REDUCED
from workflows.versions import scheme_of


def act(teller: Teller, case: Application, actor: Actor | None = None, version: int | None = None) -> Act:
    seen = case.version if version is None else version
    return Act(actor or teller.cast.officer, case.updated_at, teller.settings, {}, seen)


def expenses(teller: Teller, case: Application) -> list[BudgetLine]:
    return [line for line in budget_of(teller.session, case.id) if line.side == "expense"]


def as_typed(line: BudgetLine, cents: int) -> dict[str, str]:
    """The row of a stored line, brought to another amount."""
    row = {"id": str(line.id), "side": line.side, "category": line.category, "label": line.label}
    amount = f"{cents // 100},{cents % 100:02d}"
    return {**row, "fte": "1", "gross": amount, "share": "100"} if line.is_staff else {**row, "amount": amount}


def squeezed(text: str) -> str:
    return "".join(text.split()).replace("\u200b", "")


def retain(teller: Teller, case: Application, line: BudgetLine, retained: str, reason: str = "") -> None:
    row = {"retained": retained, "reason": reason}
    save_lines(teller.session, case, {line.id: row}, act(teller, case))


def reasons(teller: Teller, case: Application) -> str:
    offers = offered(teller.session, case, teller.cast.officer, at=case.updated_at, settings=teller.settings)
    return " ".join(next(offer for offer in offers if offer.move.trigger == "finish_instruction").reasons)


def finish(teller: Teller, case: Application, proposed: str) -> None:
    teller.fire(case, teller.cast.officer, "finish_instruction", proposed=proposed, report="Budget sincère.")


def test_an_instruction_ends_only_once_its_sheet_is_complete(teller: Teller) -> None:
    case = teller.tell("3.9", "instruction")
    assert "Il reste à examiner : « Porteur éligible »" in reasons(teller, case)
    rows = {criterion.code: {"verdict": "met"} for criterion in criteria_of(scheme_of(case))}
    save_points(teller.session, case, "criteria", rows, act(teller, case))
    assert "Il reste à examiner : « Statuts à jour de la structure »" in reasons(teller, case)
    given = {document.slot: {"verdict": "met"} for document in documents_of(teller.session, case.id)}
    save_points(teller.session, case, "documents", given, act(teller, case))
    first, *others = expenses(teller, case)
    assert f"Il reste à examiner : « {first.label} », « {others[0].label} »" in reasons(teller, case)
    assert retain_as_asked(teller.session, case, act(teller, case)) == 1 + len(others)
    assert reasons(teller, case) == ""
    finish(teller, case, "1000")
    assert case.state == "instructed"


def test_the_gate_itself_refuses_an_incomplete_sheet(teller: Teller) -> None:
    case = teller.tell("3.9", "instruction")
    with pytest.raises(Refused, match="La fiche d’instruction n’est pas complète"):
        finish(teller, case, "1000")


@pytest.mark.parametrize("verdict", ["partly", "not_met"])
def test_a_criterion_that_is_not_met_is_explained(teller: Teller, verdict: str) -> None:
    case = teller.tell("3.9", "instruction")
    with pytest.raises(InvalidInput) as refusal:
        save_points(teller.session, case, "criteria", {"public": {"verdict": verdict}}, act(teller, case))
    assert set(refusal.value.errors) == {"remark-criterion-public"}
    assert points_of(teller.session, case.id) == []
    row = {"verdict": verdict, "remark": "Une partie du public relève d’un autre dispositif."}
    save_points(teller.session, case, "criteria", {"public": row, "unknown": row}, act(teller, case))
    assert [(point.code, point.verdict) for point in points_of(teller.session, case.id)] == [("public", verdict)]


def test_no_more_is_retained_than_is_asked_and_less_has_its_reason(teller: Teller) -> None:
    case = teller.tell("3.9", "instruction")
    line = expenses(teller, case)[0]
    asked = f"{line.amount_cents // 100 + 1}"
    for row, field in (
        ({"retained": asked}, "retained"),
        ({"retained": "12"}, "reason"),
        ({"retained": "-1", "reason": "Non."}, "retained"),
        ({"retained": "douze"}, "retained"),
        ({"retained": "", "reason": "Pourquoi ?"}, "retained"),
        ({"retained": "12", "reason": "x" * 1001}, "reason"),
        ({"retained": "12", "reason": "Trop cher.", "asked": "1"}, "retained"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            save_lines(teller.session, case, {line.id: row}, act(teller, case))
        assert set(refusal.value.errors) == {f"{field}-{line.id}"}
    assert reviews_of(teller.session, case.id) == []


@pytest.mark.parametrize(("asked", "retained", "reason"), [(100, 101, "Plus."), (100, -1, "Moins."), (100, 99, "")])
def test_the_database_refuses_a_review_that_cannot_be(teller: Teller, asked: int, retained: int, reason: str) -> None:
    case = teller.tell("3.9", "instruction")
    values = {"asked_cents": asked, "retained_cents": retained, "reason": reason}
    row = {"application_id": case.id, "budget_line_id": expenses(teller, case)[0].id, **values}
    with pytest.raises(IntegrityError), teller.session.begin_nested():
        teller.session.execute(sa.insert(LineReview).values(row))


def test_the_database_refuses_a_verdict_without_its_reason(teller: Teller) -> None:
    case = teller.tell("3.9", "instruction")
    row = {"application_id": case.id, "kind": "criterion", "code": "public", "verdict": "not_met"}
    with pytest.raises(IntegrityError), teller.session.begin_nested():
        teller.session.execute(sa.insert(InstructionPoint).values(remark="", seen="", **row))


def test_the_maximum_and_the_proposal_follow_the_budget_retained(teller: Teller) -> None:
    case = teller.tell("3.9", "instruction", beyond=1)
    before = grant_of(teller.session, case).maximum_cents
    staff = expenses(teller, case)[0]
    retain(teller, case, staff, "10 000", "Un seul poste est utile.")
    indirect = next(line for line in expenses(teller, case) if line.category == "indirect")
    retain(teller, case, indirect, "0", "Comprises dans le poste.")
    maximum = grant_of(teller.session, case).maximum_cents
    others = sum(line.amount_cents for line in expenses(teller, case) if line not in (staff, indirect))
    assert maximum == 10_000_00 + others < before
    with pytest.raises(InvalidInput) as refusal:
        save_opinion(teller.session, case, {"proposed": f"{maximum // 100 + 1}"}, act(teller, case))
    assert set(refusal.value.errors) == {"proposed"}
    with pytest.raises(InvalidInput):
        finish(teller, case, f"{maximum // 100 + 1}")
    save_opinion(teller.session, case, {"proposed": "9 000", "report": "Utile."}, act(teller, case))
    assert (case.proposed_cents, case.instruction_report) == (9_000_00, "Utile.")
    finish(teller, case, "9 000")
    decided = {"decision_reference": "CP-1", "decided_on": case.updated_at.date().isoformat(), "reason": "Trop."}
    with pytest.raises(InvalidInput) as refusal:
        teller.fire(case, teller.cast.manager, "grant", granted=f"{maximum // 100 + 1}", **decided)
    assert set(refusal.value.errors) == {"granted"}


def test_a_review_lapses_when_the_amount_asked_changes(teller: Teller) -> None:
    case = teller.tell("3.9", "instruction", beyond=1)
    line = expenses(teller, case)[-1]
    retain(teller, case, line, "1", "Trop cher.")
    due_on = (case.updated_at + timedelta(days=10)).date().isoformat()
    teller.fire(case, teller.cast.officer, "request_correction", reason="Revoyez ce montant.", due_on=due_on)
    budget = budget_of(teller.session, case.id)
    rows = [as_typed(one, one.amount_cents + (100_00 if one in (line, budget[-1]) else 0)) for one in budget]
    save_budget(teller.session, case, rows, act(teller, case, teller.cast.applicant))
    teller.fire(case, teller.cast.applicant, "answer_correction", answer="Revu.")
    assert reasons(teller, case) == (
        f"La fiche d’instruction n’est pas complète. Il reste à examiner : « {line.label} »."
    )
    retained = next(one for one in load_case(teller.session, case).retained if one.id == line.id)
    assert retained.amount_cents == line.amount_cents, "what is not examined again counts as asked"


def test_a_verdict_on_a_document_lapses_when_its_file_changes(teller: Teller) -> None:
    case = teller.tell("3.9", "instruction", beyond=1)
    due_on = (case.updated_at + timedelta(days=10)).date().isoformat()
    teller.fire(case, teller.cast.officer, "request_correction", reason="Signez les statuts.", due_on=due_on)
    applicant = teller.cast.applicant
    old = next(one for one in documents_of(teller.session, case.id) if one.slot == "statutes")
    remove(teller.session, case, old, act(teller, case, applicant))
    new = io.BytesIO(PDF + b"% signed")
    sent = act(teller, case, applicant)
    attach(teller.session, teller.storage, case, new, name="statuts.pdf", slot="statutes", act=sent)
    teller.fire(case, applicant, "answer_correction", answer="Signés.")
    assert "Il reste à examiner : « Statuts à jour de la structure »." in reasons(teller, case)


def test_the_sheet_belongs_to_the_officer_in_charge_and_to_managers(teller: Teller) -> None:
    case = teller.tell("3.9", "instruction")
    row = {"public": {"verdict": "met"}}
    colleague = people.officer(teller.session)
    with pytest.raises(Refused, match="Ce dossier est suivi par"):
        save_points(teller.session, case, "criteria", row, act(teller, case, colleague))
    with pytest.raises(Forbidden):
        save_points(teller.session, case, "criteria", row, act(teller, case, teller.cast.applicant))
    with pytest.raises(Forbidden):
        retain_as_asked(teller.session, case, act(teller, case, teller.cast.slai))
    save_points(teller.session, case, "criteria", row, act(teller, case, teller.cast.manager))
    assert len(points_of(teller.session, case.id)) == 1


@pytest.mark.parametrize("state", ["submitted", "instructed", "convention", "closed"])
def test_the_sheet_is_read_only_outside_the_instruction(teller: Teller, state: str) -> None:
    case = teller.tell("3.9", state)
    with pytest.raises(Refused, match="pendant l’instruction"):
        save_opinion(teller.session, case, {"report": "Après coup."}, act(teller, case))


def test_two_officers_write_two_parts_at_once_and_never_the_same_one(teller: Teller) -> None:
    case = teller.tell("3.9", "instruction")
    seen = case.version
    save_points(teller.session, case, "criteria", {"public": {"verdict": "met"}}, act(teller, case))
    save_opinion(teller.session, case, {"report": "Utile."}, act(teller, case, teller.cast.manager, seen))
    late = act(teller, case, teller.cast.manager, seen)
    with pytest.raises(Stale, match="Fiche d’instruction complétée"):
        save_points(teller.session, case, "criteria", {"public": {"verdict": "none"}}, late)
    assert points_of(teller.session, case.id)[0].verdict == "met"


def test_what_the_sheet_says_is_in_the_journal_and_the_applicant_does_not_read_it(teller: Teller) -> None:
    case = teller.tell("3.9", "instruction", beyond=1)
    line = expenses(teller, case)[0]
    retain(teller, case, line, "10 000", "Poste partagé.")
    event = journal.last_event(teller.session, "application", case.id)
    assert event is not None
    readers = {
        inside: Reader(case, load_case(teller.session, case), inside=inside, opinions=inside, named=inside)
        for inside in (True, False)
    }
    said = dict(entered(event, readers[True]))
    assert said["Rubrique"] == "Budget, ligne par ligne"
    assert "10\u202f000,00\u00a0€ retenus sur" in said[f"« {line.label} »"]
    assert "→" in said[f"« {line.label} »"]
    assert entered(event, readers[False]) == []
    before = case.version
    retain(teller, case, line, "10 000", "Poste partagé.")
    assert case.version == before, "saving the same thing leaves no trace"


def test_the_final_report_is_prefilled_from_what_was_retained(teller: Teller) -> None:
    case = teller.tell("3.9", "bilan", retained_pct=60)
    line = expenses(teller, case)[0]
    planned = planned_lines(scheme_of(case), load_case(teller.session, case).retained)
    assert planned[0].planned_cents == line.amount_cents * 60 // 100
    assert planned[0].budget_line_id == line.id


def test_the_report_says_what_the_screen_and_the_command_say(teller: Teller) -> None:
    case = teller.tell("3.9", "instructed", retained_pct=60)
    content = report_pdf(teller.session, case)
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert "/StructTreeRoot" in pdf.Root
    text = squeezed(text_of(content))
    for step in grant_of(teller.session, case).steps:
        assert squeezed(step.label + step.formula + euros(step.amount_cents) + step.source) in text
    said = ("Rapport d’instruction", REDUCED, "Porteur éligible", "Satisfait", "Conforme", "SLAI Arrageois Favorable")
    for words in (*said, f"Instruction terminée le {long_date(case.state_since.date())}"):
        assert squeezed(words) in text
    assert report_pdf(teller.session, case) == content


@pytest.mark.parametrize("state", ["submitted", "instruction"])
def test_there_is_no_report_before_the_instruction_is_finished(teller: Teller, state: str) -> None:
    with pytest.raises(Refused):
        report_pdf(teller.session, teller.tell("3.9", state))


def test_an_instruction_that_is_resumed_has_no_report_until_it_ends_again(teller: Teller) -> None:
    case = teller.tell("3.9", "instructed")
    teller.fire(case, teller.cast.officer, "resume_instruction", reason="Un point à revoir.")
    with pytest.raises(Refused, match="une fois l’instruction terminée"):
        report_pdf(teller.session, case)
