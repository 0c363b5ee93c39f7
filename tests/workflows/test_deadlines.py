"""Every obligation of an operation, as a dated fact: planned, moved, extended, met, with its consequences."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from casework.applications import Application
from casework.clock import paris_day, paris_instant
from casework.deadlines import OPERATION_KINDS, Deadline, deadlines_of, extensions_of
from casework.errors import Forbidden, InvalidInput, Refused
from tests.support.journeys import roster
from tests.support.stories import Teller
from workflows.application.obligations import flags_of, replan_accounts
from workflows.rules.calendar import plan
from workflows.stories import Plan
from workflows.versions import scheme_of


def known(teller: Teller, case: Application, kind: str) -> list[Deadline]:
    return [one for one in deadlines_of(teller.session, case.id) if one.kind == kind and one.status != "cancelled"]


def dates(teller: Teller, case: Application, kind: str) -> list[str]:
    return [one.due_on.isoformat() for one in known(teller, case, kind)]


def only(teller: Teller, case: Application, kind: str) -> Deadline:
    (one,) = [one for one in deadlines_of(teller.session, case.id) if one.kind == kind and one.status == "open"]
    return one


EXPECTED = {
    "3.5": {
        "committee": ["2024-04-01", "2024-07-01", "2024-10-01"],
        "dashboard": ["2024-03-25", "2024-06-24", "2024-09-24"],
        "final_report": ["2025-01-31"],
    },
    "3.8": {
        "committee": ["2024-04-01", "2024-07-01", "2024-10-01"],
        "dashboard": ["2024-03-25", "2024-06-24", "2024-09-24"],
        "final_report": ["2025-01-31"],
        "annual_accounts": ["2025-06-30"],
    },
    "3.10": {
        "committee": ["2024-04-01", "2024-07-01", "2024-10-01"],
        "cre": [],
        "cre_validation": [],
        "final_report": ["2025-03-31"],
    },
}
"""Progress records are owed of the months in which somebody is accompanied: `test_record_deadlines`."""


def test_the_accounts_are_owed_six_months_after_the_year_of_the_bearer(teller: Teller) -> None:
    case = teller.tell("3.8", "execution")
    assert dates(teller, case, "annual_accounts") == ["2025-06-30"]
    case.organisation.fiscal_year_end = "06-30"
    replan_accounts(teller.session, case.organisation_id, at=case.updated_at)
    assert dates(teller, case, "annual_accounts") == ["2024-12-30"]
    case.organisation.fiscal_year_end = "02-29"
    replan_accounts(teller.session, case.organisation_id, at=case.updated_at)
    assert dates(teller, case, "annual_accounts") == ["2024-08-29"]


@pytest.mark.parametrize("code", EXPECTED)
def test_the_whole_calendar_is_known_at_the_signature(teller: Teller, code: str) -> None:
    case = teller.tell(code, "instructed")
    case.starts_on, case.ends_on = date(2024, 1, 1), date(2024, 12, 31)
    teller.session.flush()
    day = paris_day(case.updated_at).isoformat()
    teller.fire(case, teller.cast.manager, "grant", granted="1 000,00", decision_reference="CP-1", decided_on=day)
    assert known(teller, case, "final_report") == []
    assert dates(teller, case, "signature") == [(date.fromisoformat(day) + timedelta(days=30)).isoformat()]
    teller.fire(case, teller.cast.applicant, "sign_for_applicant", signed_on=day)
    assert only(teller, case, "signature").owed_by == "manager"
    teller.fire(case, teller.cast.manager, "sign_for_funder", signed_on=day)
    assert {kind: dates(teller, case, kind) for kind in EXPECTED[code]} == EXPECTED[code]
    assert dates(teller, case, "advance") == [(date.fromisoformat(day) + timedelta(days=30)).isoformat()]
    rules = plan(scheme_of(case), date(2024, 1, 1), date(2024, 12, 31)).deadlines
    of_its_days = [one for one in rules if one.kind in OPERATION_KINDS]
    assert len(of_its_days) == sum(len(days) for days in EXPECTED[code].values())
    first = only(teller, case, "final_report")
    assert first.source.startswith(f"Fiche {code}, l.")
    assert first.computed


def test_each_opinion_has_its_own_deadline_and_its_own_territory(teller: Teller) -> None:
    case = teller.tell("3.5", "slai_opinion", territories=("Ternois", "Artois"))
    asked = known(teller, case, "opinion")
    assert sorted(one.title for one in asked) == ["Avis attendu : SLAI Artois", "Avis attendu : SLAI Ternois"]
    assert {one.owed_by for one in asked} == {"slai"}
    first = case.opinions[0]
    teller.fire(case, teller.cast.slai, "give_opinion", opinion=str(first.id), verdict="favourable")
    assert {one.territory_id: one.status for one in known(teller, case, "opinion")} == {
        first.territory_id: "met",
        case.opinions[1].territory_id: "open",
    }


def test_an_opinion_of_a_body_is_owed_by_that_body(teller: Teller) -> None:
    case = teller.tell("3.7", "slai_opinion")
    one = only(teller, case, "opinion")
    assert (one.owed_by, one.partner) == ("partner", "convergence")


@pytest.fixture
def unlisted(teller: Teller, monkeypatch: pytest.MonkeyPatch) -> Application:
    """An operation whose sheet wants the accounts of a year without listing its documents."""
    case = teller.tell("3.8", "execution")
    sheet = replace(scheme_of(case), annual_documents=())
    monkeypatch.setattr("workflows.application.obligations.scheme_of", lambda _: sheet)
    return case


def test_accounts_whose_documents_are_not_listed_are_recorded_by_who_owes_them(
    teller: Teller, unlisted: Application
) -> None:
    accounts, today = only(teller, unlisted, "annual_accounts"), paris_day(unlisted.updated_at)
    said = {"deliverables": [str(accounts.id)], "done_on": today.isoformat(), "comment": "Transmis par messagerie."}
    for stranger in (teller.cast.slai, teller.cast.finance):
        with pytest.raises((Refused, Forbidden)):
            teller.fire(unlisted, stranger, "record_deliverable", **said)
    teller.fire(unlisted, teller.cast.applicant, "record_deliverable", **said)
    assert (accounts.status, accounts.done_on, accounts.outcome) == ("met", today, "Transmis par messagerie.")


def test_nothing_is_recorded_in_the_future_nor_before_the_operation(teller: Teller, unlisted: Application) -> None:
    accounts = only(teller, unlisted, "annual_accounts")
    for wrong in ("2099-01-01", "2023-12-31"):
        said = {"deliverables": [str(accounts.id)], "done_on": wrong}
        with pytest.raises(InvalidInput) as refusal:
            teller.fire(unlisted, teller.cast.applicant, "record_deliverable", **said)
        assert set(refusal.value.errors) == {"done_on"}
    with pytest.raises(InvalidInput) as refusal:
        teller.fire(unlisted, teller.cast.applicant, "record_deliverable", deliverables=[], done_on="2024-02-12")
    assert set(refusal.value.errors) == {"deliverables"}


def test_nobody_says_that_progress_records_are_sent_nor_validated(teller: Teller) -> None:
    operation = roster(teller, "3.10")
    operation.came()
    for kind, actor in (("cre", operation.operator), ("cre_validation", operation.slai)):
        one = known(teller, operation.application, kind)[0]
        with pytest.raises(Refused):
            teller.fire(
                operation.application, actor, "record_deliverable", deliverables=[str(one.id)], done_on="2024-02-12"
            )


def test_two_overdue_cre_flag_the_operation(teller: Teller) -> None:
    operation = roster(teller, "3.10")
    operation.came()
    every = deadlines_of(teller.session, operation.application.id)
    after = [one for one in every if one.kind == "cre" and one.rank > 6]
    assert flags_of(after, after[0].due_on + timedelta(days=1)) == []
    (flag,) = flags_of(after, after[1].due_on + timedelta(days=1))
    assert flag.code == "late_cre"
    assert flag.sentence.startswith("2 CRE en retard")


def test_a_manager_extends_with_a_reason_and_the_old_day_is_kept(teller: Teller) -> None:
    case = teller.tell("3.5", "execution")
    report = only(teller, case, "final_report")
    old = report.due_on
    new = (old + timedelta(days=20)).isoformat()
    with pytest.raises(Forbidden):
        teller.fire(
            case, teller.cast.officer, "extend_deadline", deadline=str(report.id), new_on=new, reason="Demande."
        )
    with pytest.raises(InvalidInput):
        teller.fire(
            case, teller.cast.manager, "extend_deadline", deadline=str(report.id), new_on=old.isoformat(), reason="x"
        )
    teller.fire(
        case, teller.cast.manager, "extend_deadline", deadline=str(report.id), new_on=new, reason="Arrêt de travail."
    )
    (kept,) = extensions_of(teller.session, case.id)
    assert (kept.old_on, kept.new_on.isoformat(), kept.reason) == (old, new, "Arrêt de travail.")
    assert kept.author_name == teller.cast.manager.name
    assert (report.due_on.isoformat(), report.computed_on, report.extended) == (new, old, True)


def test_an_early_end_moves_what_is_open_and_leaves_what_was_extended(teller: Teller) -> None:
    case = teller.tell("3.5", "execution")
    assert case.convention is not None
    start = case.convention.starts_on
    first, second, *_ = known(teller, case, "committee")
    teller.fire(
        case,
        teller.cast.manager,
        "extend_deadline",
        deadline=str(second.id),
        new_on=(second.due_on + timedelta(days=9)).isoformat(),
        reason="Salle indisponible.",
    )
    extended = second.due_on
    end = first.due_on + timedelta(days=10)
    teller.fire(
        case,
        teller.cast.officer,
        "end_early",
        paris_instant(end),
        ended_on=end.isoformat(),
        reason="Le porteur cesse l’action.",
    )
    assert case.convention.starts_on == start
    open_ones = [one for one in known(teller, case, "committee") if one.status == "open"]
    assert [one.due_on for one in open_ones] == [first.due_on, extended]
    report = only(teller, case, "final_report")
    expected = [one.due for one in plan(scheme_of(case), start, end).deadlines if one.kind == "final_report"]
    assert [report.due_on] == expected


def test_a_correction_extended_is_extended_everywhere(teller: Teller) -> None:
    case = teller.tell("3.12", "submitted")
    teller.fire(case, teller.cast.officer, "request_correction", reason="Statuts.", due_on="2024-02-20")
    one = only(teller, case, "correction")
    teller.fire(
        case, teller.cast.manager, "extend_deadline", deadline=str(one.id), new_on="2024-03-05", reason="Vacances."
    )
    assert case.corrections[0].due_on == date(2024, 3, 5)
    with pytest.raises(Refused):
        teller.fire(
            case, teller.cast.officer, "declare_inadmissible", paris_instant(date(2024, 3, 1)), reason="Rien reçu."
        )


def late_in_balance(teller: Teller) -> Application:
    """A report that came a week late, controlled: the balance is to be ordered."""
    story = teller.story(Plan("3.12", "bilan"))
    case = story.tell()
    due = next(one.due_on for one in deadlines_of(teller.session, case.id) if one.kind == "final_report")
    story.plan = Plan("3.12", "balance")
    story.wait_until(due + timedelta(days=7 - story.plan.report_after))
    story._report()
    story._control()
    return case


def test_a_late_report_blocks_the_balance_until_a_manager_extends_it(teller: Teller) -> None:
    case = late_in_balance(teller)
    assert case.state == "balance"
    with pytest.raises(Refused, match="Le bilan final a été remis en retard"):
        teller.fire(case, teller.cast.finance, "order_balance")
    report = next(one for one in deadlines_of(teller.session, case.id) if one.kind == "final_report")
    assert report.done_on is not None
    teller.fire(
        case,
        teller.cast.manager,
        "extend_deadline",
        deadline=str(report.id),
        new_on=report.done_on.isoformat(),
        reason="Retard annoncé.",
    )
    teller.fire(case, teller.cast.finance, "order_balance")


def test_a_late_report_may_be_accepted_as_it_is(teller: Teller) -> None:
    case = late_in_balance(teller)
    teller.fire(case, teller.cast.manager, "accept_late_report", reason="Sans conséquence.")
    teller.fire(case, teller.cast.finance, "order_balance")


def test_the_next_deadline_of_a_case_is_not_late_for_what_runs_beside_its_steps(teller: Teller) -> None:
    case = teller.tell("3.8", "advance")
    advance = only(teller, case, "advance")
    assert any(one.due_on < advance.due_on for one in known(teller, case, "dashboard"))
    assert case.due_on == advance.due_on


def test_a_closed_case_still_owes_the_accounts_of_its_financial_year_and_nothing_else(teller: Teller) -> None:
    """They are due six months after the year's end (l.1926), which the balance may well precede."""
    case = teller.tell("3.8", "closed")
    standing = [one.kind for one in deadlines_of(teller.session, case.id) if one.status == "open"]
    assert standing == ["annual_accounts"]
    assert case.due_on is None
