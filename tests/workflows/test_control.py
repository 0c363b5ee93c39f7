"""The final report and its control: what may be sent, what is accepted of each line, who answers, what is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from casework.applications import Application, FinalReport
from casework.deadlines import deadlines_of
from casework.errors import Forbidden, InvalidInput, Refused, Stale
from casework.expenses import ExpenseLine, accepted_by_category, expenses_of, spent
from casework.money import budget_of
from tests.support.journeys import roster
from tests.support.reports import write_sections
from tests.support.stories import Teller
from workflows.application.control import accept_passing, controlled_lines, save_control
from workflows.application.form import documents_of
from workflows.application.reporting import categories_of, planned_lines, save_draft
from workflows.engine import Act, offered
from workflows.rules.declared import Declared, strange
from workflows.rules.expenses import Frame, Spending, eligibility_tests, passes_all
from workflows.scheme import Scheme
from workflows.stories import Plan
from workflows.versions import scheme_of

LINE: dict[str, str] = {
    "category": "personnel",
    "label": "Salaire de mars",
    "spent": "2 000,50 €",
    "invoice_reference": "BP-03",
    "invoice_on": "31/03/2024",
    "paid_on": "2024-04-02",
}
FRAME = Frame(date(2024, 1, 1), date(2024, 12, 31), date(2025, 1, 20))
PROVEN = Spending(
    category="personnel",
    spent_cents=200_050,
    planned_cents=300_000,
    reference="BP-03",
    invoice_on=date(2024, 3, 31),
    paid_on=date(2024, 4, 2),
    evidenced=True,
)


def act(teller: Teller, case: Application, actor: Any, **data: Any) -> Act:
    return Act(actor, case.updated_at, teller.settings, data, case.version)


def write(teller: Teller, case: Application, *rows: dict[str, str], **said: str) -> None:
    save_draft(teller.session, case, rows, said, act(teller, case, teller.cast.applicant))


def decide(teller: Teller, case: Application, **rows: dict[str, str]) -> None:
    """Decisions on lines named by their rank: `l0={"decision": "accepted"}`."""
    lines = spent(expenses_of(teller.session, case.id))
    chosen = {lines[int(name[1:])].id: row for name, row in rows.items()}
    save_control(teller.session, case, chosen, act(teller, case, teller.cast.officer))


def reported(teller: Teller, code: str = "3.9", **changes: object) -> Application:
    """A case whose report was sent and is to be controlled."""
    return teller.tell(code, "bilan", beyond=1, **changes)


def reasons(teller: Teller, case: Application, trigger: str, actor: Any, *, days: int = 0) -> tuple[str, ...] | None:
    at = case.updated_at + timedelta(days=days)
    offers = offered(teller.session, case, actor, at=at, settings=teller.settings)
    return next((offer.reasons for offer in offers if offer.move.trigger == trigger), None)


def kept(case: Application, **more: str) -> dict[str, str]:
    assert case.report is not None
    results = {name: str(value) for name, value in case.report.results.items()}
    return {**results, "other_funding": "0", "quality_pct": "100", **more}


def report_of(case: Application) -> FinalReport:
    assert case.report is not None
    return case.report


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        ({}, set()),
        ({"planned_cents": 0}, {"planned"}),
        ({"category": "external_services"}, {"planned"}),
        ({"reference": ""}, {"incurred"}),
        ({"invoice_on": None}, {"incurred", "in_period"}),
        ({"invoice_on": date(2023, 12, 31)}, {"in_period"}),
        ({"invoice_on": date(2025, 1, 1)}, {"in_period"}),
        ({"invoice_on": date(2024, 12, 31)}, set()),
        ({"paid_on": None}, {"paid"}),
        ({"paid_on": date(2025, 1, 20)}, set()),
        ({"paid_on": date(2025, 1, 21)}, {"paid"}),
        ({"evidenced": False}, {"evidenced"}),
    ],
)
@pytest.mark.database("sqlite")
def test_an_expense_is_planned_incurred_in_the_period_paid_and_evidenced(
    change: dict[str, Any], failed: set[str], schemes: dict[str, Scheme]
) -> None:
    scheme = next(s for s in schemes.values() if "external_services" not in s.funding.accepted_categories)
    tests = eligibility_tests(scheme, replace(PROVEN, **change), FRAME)
    assert [test.code for test in tests] == ["planned", "incurred", "in_period", "paid", "evidenced"]
    assert {test.code for test in tests if not test.passed} == failed
    assert all(test.why.endswith(".") and test.source.startswith("l.") for test in tests)


@pytest.mark.database("sqlite")
def test_indirect_costs_need_no_invoice_but_a_budget(schemes: dict[str, Scheme]) -> None:
    bare = replace(PROVEN, category="indirect", reference="", invoice_on=None, paid_on=None, evidenced=False)
    assert passes_all(eligibility_tests(schemes["3.9"], bare, FRAME))
    assert not passes_all(eligibility_tests(schemes["3.9"], replace(bare, planned_cents=0), FRAME))


def test_a_report_begins_with_the_lines_of_the_budget_and_is_saved_as_it_goes(teller: Teller) -> None:
    case = teller.tell("3.9", "bilan")
    foreseen = planned_lines(scheme_of(case), budget_of(teller.session, case.id))
    first = foreseen[0]
    write(teller, case, {**LINE, "label": first.label}, {"category": "operating"}, {**LINE, "spent": ""})
    lines = expenses_of(teller.session, case.id)
    assert [(line.label, line.planned_cents, line.spent_cents) for line in lines] == [
        (first.label, first.planned_cents, 200_050),
        ("Salaire de mars", 0, 0),
    ]
    write(teller, case, {**LINE, "id": str(lines[0].id), "label": "Salaire d’avril"}, narrative="Tenu.", own="1 200")
    (line,) = expenses_of(teller.session, case.id)
    assert (line.id, line.label, line.planned_cents) == (lines[0].id, "Salaire d’avril", first.planned_cents)
    assert case.report is None


@pytest.mark.parametrize("amount", ["NaN", "-5", "1,234", "beaucoup", "10000000000"])
@pytest.mark.database("sqlite")
def test_a_wrong_line_is_refused_on_its_field_and_nothing_is_saved(amount: str, teller: Teller) -> None:
    case = teller.tell("3.9", "bilan")
    wrong = {**LINE, "spent": amount, "invoice_on": "31/02/2024", "document": "999999"}
    with pytest.raises(InvalidInput) as refusal:
        write(teller, case, LINE, wrong, months_done="x", own="trop")
    assert set(refusal.value.errors) == {"spent-1", "invoice_on-1", "document-1", "own"}
    assert expenses_of(teller.session, case.id) == []


@pytest.mark.database("sqlite")
def test_no_expense_is_of_a_day_to_come_nor_are_there_more_exits_than_people(teller: Teller) -> None:
    followed = roster(teller, "3.9", "bilan")
    followed.entered()
    case = followed.application
    tomorrow = (case.updated_at.date() + timedelta(days=1)).isoformat()
    with pytest.raises(InvalidInput) as refusal:
        write(teller, case, {**LINE, "invoice_on": tomorrow, "paid_on": tomorrow}, dynamic_exits="2")
    assert set(refusal.value.errors) == {"invoice_on-0", "paid_on-0", "dynamic_exits"}
    assert list(refusal.value.errors["dynamic_exits"]) == [
        "1 personne a été accompagnée dans cette opération : vérifiez le nombre de sorties."
    ]
    write(teller, case, LINE, dynamic_exits="1")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, []),
        ({"invoice_on": date(2025, 1, 1), "paid_on": date(2025, 1, 2)}, ["1 facture datée hors de la période"]),
        ({"paid_on": date(2024, 3, 30)}, ["1 dépense payée avant la date de sa facture"]),
        ({"spent_cents": 450_000}, []),
        ({"spent_cents": 450_001}, ["« Frais de personnel » : 4\u202f500,01\u00a0€ déclarés"]),
        (
            {"category": "travel", "spent_cents": 1},
            ["« Frais de déplacement » : 0,01\u00a0€ déclarés, pour 0,00\u00a0€"],
        ),
        ({"category": "travel", "spent_cents": 0, "invoice_on": date(2030, 1, 1)}, []),
    ],
)
@pytest.mark.database("sqlite")
def test_what_departs_from_the_operation_or_its_budget_is_strange(change: dict[str, Any], said: list[str]) -> None:
    plain = Declared("personnel", 200_050, date(2024, 3, 31), date(2024, 4, 2))
    found = strange([replace(plain, **change)], {"personnel": 300_000}, FRAME)
    assert len(found) == len(said)
    assert all(sentence.startswith(start) for sentence, start in zip(found, said, strict=True))


def test_a_strange_report_is_sent_once_somebody_has_read_it_again(teller: Teller) -> None:
    case = teller.tell("3.1", "bilan")
    story = teller.story(Plan(case.scheme_code, "bilan"))
    story.case, story.at = case, case.updated_at
    story.join("final_report", "bilan.pdf")
    write(teller, case, {**LINE, "invoice_on": "2023-12-31"}, narrative="Tenu.")
    write_sections(teller, case)
    said = {"partial": "La facture suit."}
    with pytest.raises(InvalidInput) as refusal:
        teller.fire(case, teller.cast.applicant, "submit_report", **said)
    assert set(refusal.value.errors) == {"strange"}
    teller.fire(case, teller.cast.applicant, "submit_report", **said, strange="verified")
    assert case.report is not None


def test_nothing_is_to_be_controlled_of_a_report_that_is_being_written(teller: Teller) -> None:
    case = teller.tell("3.9", "bilan")
    write(teller, case, LINE)
    said = reasons(teller, case, "validate_report", teller.cast.officer)
    assert said
    assert not any("contrôler" in reason for reason in said)


@pytest.mark.parametrize(("decision", "amount"), [("accepted", "100"), ("refused", "100"), ("accepted", "tout")])
def test_a_decision_and_an_amount_that_contradict_each_other_are_refused(
    teller: Teller, decision: str, amount: str
) -> None:
    case = reported(teller)
    row = {"decision": decision, "accepted": amount, "reason": "share"}
    with pytest.raises(InvalidInput) as refusal:
        decide(teller, case, l0=row)
    assert {name.partition("-")[0] for name in refusal.value.errors} == {"accepted"}
    decide(teller, case, l0={"decision": "reduced", "accepted": "1", "reason": "share"})
    decide(teller, case, l0={"decision": decision, "accepted": "1,00", "reason": "share"})


@pytest.mark.database("sqlite")
def test_flat_indirect_costs_are_computed_never_declared(teller: Teller) -> None:
    case = teller.tell("3.12", "bilan")
    assert "indirect" not in categories_of(scheme_of(case))
    with pytest.raises(InvalidInput) as refusal:
        write(teller, case, {**LINE, "category": "indirect"})
    assert set(refusal.value.errors) == {"category-0"}


def test_an_incomplete_report_says_what_it_lacks_before_it_is_sent_and_why_when_it_is(teller: Teller) -> None:
    case = teller.tell("3.9", "bilan")
    applicant = teller.cast.applicant
    story = teller.story(Plan(case.scheme_code, "bilan"))
    story.case, story.at = case, case.updated_at
    story.join("final_report", "bilan.pdf")
    write(teller, case, {**LINE, "invoice_on": "2024-10-31", "paid_on": ""}, dynamic_exits="3")
    assert "« Liens avec les partenaires »" in (reasons(teller, case, "submit_report", applicant) or ("",))[0]
    write_sections(teller, case)
    assert reasons(teller, case, "submit_report", applicant) == (
        "Joignez les pièces probantes des sorties : la fiche les exige avec le bilan.",
    )
    story.join("exit_evidence", "contrats.pdf")
    with pytest.raises(InvalidInput) as refusal:
        teller.fire(case, applicant, "submit_report")
    assert set(refusal.value.errors) == {"partial"}
    teller.fire(case, applicant, "submit_report", partial="La facture suit.")
    assert report_of(case).partial == "La facture suit."
    assert reasons(teller, case, "submit_report", applicant) is None
    with pytest.raises(Refused, match="ne se modifie plus"):
        write(teller, case, LINE)


def test_what_passes_is_accepted_at_once_and_the_rest_is_decided_with_a_reason(teller: Teller) -> None:
    case = reported(teller, disputed=True)
    session, officer = teller.session, teller.cast.officer
    lines = spent(expenses_of(session, case.id))
    assert "lignes" not in (reasons(teller, case, "validate_report", officer) or ("",))[0]
    assert accept_passing(session, case, act(teller, case, officer)) == len(lines) - 1
    late = lines[-1]
    (one,) = [
        one
        for one in controlled_lines(
            case,
            lines,
            budget_of(session, case.id),
            documents_of(session, case.id),
            today=case.updated_at.date(),
        )
        if not one.passes
    ]
    assert (one.line, [test.code for test in one.tests if not test.passed]) == (late, ["in_period"])
    assert reasons(teller, case, "validate_report", officer) == ("Il reste 1 dépense à contrôler, ligne par ligne.",)
    with pytest.raises(InvalidInput) as refusal:
        save_control(session, case, {late.id: {"decision": "refused"}}, act(teller, case, officer))
    assert set(refusal.value.errors) == {f"reason-{late.id}"}
    for amount in ("480", "480,01", "0", "tout"):
        row = {"decision": "reduced", "accepted": amount, "reason": "share", "comment": "Bon de commande vu."}
        with pytest.raises(InvalidInput) as refusal:
            save_control(session, case, {late.id: row}, act(teller, case, officer))
        assert set(refusal.value.errors) == {f"accepted-{late.id}"}
    with pytest.raises(InvalidInput) as refusal:
        save_control(session, case, {late.id: {"decision": "accepted"}}, act(teller, case, officer))
    assert set(refusal.value.errors) == {f"comment-{late.id}"}
    save_control(
        session, case, {late.id: {"decision": "refused", "reason": "out_of_period"}}, act(teller, case, officer)
    )
    assert reasons(teller, case, "validate_report", officer) == (
        "Des dépenses sont réduites ou refusées : envoyez d’abord le résultat envisagé au porteur.",
    )


def test_the_applicant_answers_before_the_result_is_final(teller: Teller) -> None:
    case = reported(teller, "3.10", disputed=True)
    officer, applicant = teller.cast.officer, teller.cast.applicant
    accept_passing(teller.session, case, act(teller, case, officer))
    late = spent(expenses_of(teller.session, case.id))[-1]
    rank = f"l{len(spent(expenses_of(teller.session, case.id))) - 1}"
    decide(teller, case, **{rank: {"decision": "refused", "reason": "out_of_period"}})
    teller.fire(case, officer, "send_intended_result", **kept(case))
    due = {d.kind: d.due_on for d in deadlines_of(teller.session, case.id) if d.status == "open"}
    assert due["control_answer"] == report_of(case).answer_due_on
    waiting = reasons(teller, case, "validate_report", officer)
    assert waiting is not None
    assert "pour répondre au résultat envisagé" in waiting[0]
    with pytest.raises(Refused, match="pour répondre"):
        decide(teller, case, l0={"decision": "refused", "reason": "not_linked"})
    with pytest.raises(InvalidInput) as refusal:
        teller.fire(case, applicant, "answer_control", stance="contests")
    assert set(refusal.value.errors) == {"answer"}
    teller.fire(case, applicant, "answer_control", stance="contests", **{f"line_{late.id}": "Commandée en décembre."})
    assert late.answer == "Commandée en décembre."
    decide(teller, case, **{rank: {"decision": "reduced", "accepted": "100", "reason": "share", "comment": "Bon vu."}})
    decide(teller, case, l0={"decision": "refused", "reason": "not_linked"})
    assert reasons(teller, case, "validate_report", officer) == (
        "Une dépense est moins acceptée que ce qui a été annoncé au porteur : envoyez-lui le nouveau résultat.",
    )
    decide(teller, case, l0={"decision": "accepted"})
    teller.fire(case, officer, "validate_report", **kept(case))
    lines = expenses_of(teller.session, case.id)
    accepted = {name: cents for name, cents in report_of(case).accepted.items() if name != "other_funding"}
    assert accepted == accepted_by_category(lines)
    assert sum(accepted.values()) == sum(line.spent_cents for line in lines) - 48_000 + 10_000
    assert case.state == "balance"
    assert not [d for d in deadlines_of(teller.session, case.id) if d.status == "open" and d.kind.startswith("control")]


def test_silence_lets_the_result_become_final_once_the_delay_has_passed(teller: Teller) -> None:
    case = reported(teller, accepted_pct=50)
    officer = teller.cast.officer
    for rank in range(len(spent(expenses_of(teller.session, case.id)))):
        decide(teller, case, **{f"l{rank}": {"decision": "refused", "reason": "no_evidence"}})
    teller.fire(case, officer, "send_intended_result", **kept(case))
    days = teller.settings.answer_days
    assert reasons(teller, case, "validate_report", officer, days=days)
    assert reasons(teller, case, "validate_report", officer, days=days + 1) == ()


def test_a_result_is_reduced_with_a_reason_announced_first_and_never_raised(teller: Teller) -> None:
    case = reported(teller, "3.11")
    officer = teller.cast.officer
    accept_passing(teller.session, case, act(teller, case, officer))
    raised = kept(case, months_done=str(report_of(case).results["months_done"] + 1))
    for answers, wrong in ((raised, "months_done"), (kept(case, months_done="1"), "reason")):
        with pytest.raises(InvalidInput) as refusal:
            teller.fire(case, officer, "send_intended_result", **answers)
        assert set(refusal.value.errors) == {wrong}
    lowered = kept(case, months_done="1", reason="Mois non justifiés par les CRE.")
    with pytest.raises(InvalidInput) as refusal:
        teller.fire(case, officer, "validate_report", **lowered)
    assert set(refusal.value.errors) == {"months_done"}
    teller.fire(case, officer, "send_intended_result", **lowered)
    teller.fire(case, teller.cast.applicant, "answer_control", stance="agrees")
    teller.fire(case, officer, "validate_report", **lowered)
    assert case.state == "balance"


def test_a_corrected_line_is_controlled_afresh_and_the_others_stay(teller: Teller) -> None:
    case = reported(teller)
    session, officer = teller.session, teller.cast.officer
    accept_passing(session, case, act(teller, case, officer))
    due_on = (case.updated_at.date() + timedelta(days=10)).isoformat()
    teller.fire(case, officer, "request_correction", reason="Précisez la première ligne.", due_on=due_on)
    with pytest.raises(Refused, match="correction"):
        decide(teller, case, l0={"decision": "accepted"})
    lines = expenses_of(session, case.id)
    rows = [
        {
            "id": str(line.id),
            "category": line.category,
            "label": line.label,
            "spent": f"{line.spent_cents // 100},{line.spent_cents % 100:02d}",
            "invoice_reference": line.invoice_reference,
            "invoice_on": line.invoice_on.isoformat() if line.invoice_on else "",
            "paid_on": line.paid_on.isoformat() if line.paid_on else "",
            "document": str(line.document_id),
        }
        for line in lines
    ]
    rows[0]["label"] = "Salaires détaillés"
    write(teller, case, *rows, narrative="Tenu.", dynamic_exits="2")
    teller.fire(case, teller.cast.applicant, "submit_report", answer="Ligne détaillée.")
    assert [line.decision for line in expenses_of(session, case.id)] == [None, *["accepted"] * (len(lines) - 1)]


def test_two_officers_at_once_the_second_is_told_and_nothing_is_lost(teller: Teller) -> None:
    case = reported(teller)
    seen = act(teller, case, teller.cast.manager)
    decide(teller, case, l0={"decision": "accepted"})
    line = expenses_of(teller.session, case.id)[0]
    with pytest.raises(Stale, match="Dépenses contrôlées"):
        save_control(teller.session, case, {line.id: {"decision": "refused", "reason": "share"}}, seen)
    assert line.decision == "accepted"


def test_nobody_else_controls_and_nobody_else_writes(teller: Teller) -> None:
    case = reported(teller)
    for actor in (teller.cast.applicant, teller.cast.finance, teller.cast.slai):
        with pytest.raises(Forbidden):
            accept_passing(teller.session, case, act(teller, case, actor))
    with pytest.raises(Forbidden):
        save_draft(teller.session, case, [], {}, act(teller, case, teller.cast.officer))


ABOVE_OR_UNEXPLAINED: tuple[dict[str, Any], ...] = (
    {"decision": "accepted", "accepted_cents": 10**10},
    {"decision": "accepted", "accepted_cents": 1},
    {"decision": "reduced", "accepted_cents": 10**10, "reason": "share"},
    {"decision": "reduced", "accepted_cents": 1, "reason": ""},
    {"decision": "refused", "accepted_cents": 1, "reason": "share"},
    {"decision": "refused", "accepted_cents": 0, "reason": ""},
    {"decision": None, "accepted_cents": 5},
    {"decision": "accepted", "accepted_cents": None},
    {"spent_cents": -1},
)


def test_the_database_holds_that_no_line_is_accepted_above_what_was_spent(teller: Teller) -> None:
    case = reported(teller)
    decide(teller, case, l0={"decision": "accepted"})
    line = expenses_of(teller.session, case.id)[0]
    for values in ABOVE_OR_UNEXPLAINED:
        with pytest.raises(IntegrityError), teller.session.begin_nested():
            teller.session.execute(sa.update(ExpenseLine).where(ExpenseLine.id == line.id).values(**values))


@given(st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 100)), max_size=20))
def test_sums_hold_whatever_is_accepted(lines: list[tuple[int, int]]) -> None:
    rows = [ExpenseLine(category="personnel", spent_cents=s, accepted_cents=s * p // 100) for s, p in lines]
    assert sum(accepted_by_category(rows).values()) == sum(row.accepted_cents or 0 for row in rows)
    assert sum(accepted_by_category(rows).values()) <= sum(row.spent_cents for row in rows)


def test_an_expense_comes_from_its_line_of_the_budget_whatever_it_is_called(teller: Teller) -> None:
    case = teller.tell("3.6", "bilan")
    planned = planned_lines(scheme_of(case), budget_of(teller.session, case.id))
    rent = next(line for line in planned if line.category == "rent")
    row = {"category": "rent", "label": "Loyer de mars, SCI des Remparts", "spent": "120"}
    rows = [{**row, "budget_line": str(rent.budget_line_id)}, {**row, "label": "Loyer d’avril"}]
    at = case.updated_at
    save_draft(teller.session, case, rows, {}, Act(teller.cast.applicant, at, teller.settings, {}, case.version))
    march, april = expenses_of(teller.session, case.id)
    assert (march.budget_line_id, march.planned_cents) == (rent.budget_line_id, rent.planned_cents)
    assert (april.budget_line_id, april.planned_cents) == (None, 0)
