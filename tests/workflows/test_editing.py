"""Writing an application: drafts, sections, budget, co-bearers, files received elsewhere, warnings accepted by name."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, time

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework import journal
from casework.applications import Application
from casework.clock import paris_instant
from casework.db import transaction
from casework.errors import Forbidden, InvalidInput, Refused, Stale
from casework.money import budget_of
from casework.people import Organisation, job
from casework.permissions import visible
from casework.schemes import SchemeVersion
from tests.support import people
from tests.support.stories import Teller
from workflows.application.budgeting import save_budget
from workflows.application.editing import save_co_bearers, save_section, start_draft
from workflows.application.reading import grant_of, warnings_to_accept
from workflows.engine import Act
from workflows.stories import Plan
from workflows.versions import current_version


def version_of(session: Session, code: str) -> SchemeVersion:
    version = current_version(session, "2024", code)
    assert version is not None
    return version


def act(teller: Teller, case: Application, **changes: object) -> Act:
    values = {
        "actor": teller.cast.applicant,
        "at": case.updated_at,
        "settings": teller.settings,
        "version": case.version,
    }
    return Act(**(values | changes))  # type: ignore[arg-type]


def row(side: str, category: str, amount: str, label: str = "Une ligne") -> dict[str, str]:
    """A row as it is typed; a staff one gives its whole gross to the operation."""
    known = {"side": side, "category": category, "label": label}
    if category == "personnel":
        return {**known, "fte": "1", "gross": amount, "share": "100"}
    return {**known, "amount": amount}


def test_a_draft_can_be_prepared_before_its_window_opens(teller: Teller) -> None:
    organisation = teller.session.get_one(Organisation, teller.cast.organisation_id)
    at = paris_instant(date(2024, 2, 20))
    draft = start_draft(
        teller.session, version_of(teller.session, "3.12"), organisation, actor=teller.cast.applicant, at=at
    )
    assert (draft.opens_on, draft.closes_on) == (date(2024, 4, 1), date(2024, 5, 31))
    assert draft.due_on == date(2024, 5, 31)


def test_a_scheme_whose_windows_are_all_closed_takes_no_draft(teller: Teller) -> None:
    organisation = teller.session.get_one(Organisation, teller.cast.organisation_id)
    with pytest.raises(Refused, match="plus de session de dépôt"):
        start_draft(
            teller.session,
            version_of(teller.session, "3.1"),
            organisation,
            actor=teller.cast.applicant,
            at=paris_instant(date(2024, 2, 1)),
        )


@pytest.mark.parametrize(("hour", "accepted"), [(time(23, 59, 59), True), (time(0, 0), False)])
def test_a_file_received_on_paper_is_judged_by_its_hour_of_receipt(teller: Teller, hour: time, accepted: bool) -> None:
    organisation = teller.session.get_one(Organisation, teller.cast.organisation_id)
    received = paris_instant(date(2024, 1, 31) if accepted else date(2024, 2, 1), hour)
    recorded = paris_instant(date(2024, 2, 12))
    version = version_of(teller.session, "3.12")
    if not accepted:
        with pytest.raises(Refused, match="date de réception"):
            start_draft(
                teller.session,
                version,
                organisation,
                actor=teller.cast.officer,
                at=recorded,
                channel="paper",
                external_reference="R-1",
                received_at=received,
            )
        return
    case = start_draft(
        teller.session,
        version,
        organisation,
        actor=teller.cast.officer,
        at=recorded,
        channel="paper",
        external_reference="R-1",
        received_at=received,
    )
    story = teller.story(Plan("3.12", "submitted"))
    story.case, story.at = case, recorded
    story.fill()
    teller.fire(case, teller.cast.officer, "deposit", recorded)
    teller.fire(case, teller.cast.officer, "validate", recorded)
    assert case.state == "submitted"
    with pytest.raises(Refused):
        teller.fire(case, job("Clôture"), "lapse", recorded)


def test_every_save_leaves_what_changed_in_the_journal(teller: Teller) -> None:
    case = teller.tell("3.12", "draft")
    save_section(teller.session, case, "projet", {"title": "Un autre titre"}, act(teller, case))
    last = journal.last_event(teller.session, "application", case.id)
    assert last is not None
    assert last.payload is not None
    assert last.payload.content["changes"]["title"] == ["Un pas vers l’emploi", "Un autre titre"]


def test_a_save_that_changes_nothing_leaves_no_trace(teller: Teller) -> None:
    case = teller.tell("3.12", "draft")
    before = journal.last_event(teller.session, "application", case.id)
    save_section(teller.session, case, "suivi", {}, act(teller, case))
    assert journal.last_event(teller.session, "application", case.id) is before


def test_two_colleagues_editing_the_same_draft_do_not_overwrite_each_other(teller: Teller) -> None:
    case = teller.tell("3.12", "draft")
    seen = case.version
    save_section(teller.session, case, "projet", {"title": "Premier"}, act(teller, case))
    with pytest.raises(Stale, match="Dossier modifié"):
        save_section(teller.session, case, "projet", {"title": "Second"}, act(teller, case, version=seen))
    assert case.title == "Premier"


def test_two_colleagues_write_two_sections_at_once(teller: Teller) -> None:
    case = teller.tell("3.12", "draft")
    seen = case.version
    save_section(teller.session, case, "projet", {"title": "Premier"}, act(teller, case))
    save_budget(teller.session, case, [row("income", "requested", "900")], act(teller, case, version=seen))
    assert (case.title, case.requested_cents) == ("Premier", 900_00)
    with pytest.raises(Stale):
        save_section(teller.session, case, "projet", {"title": "Second"}, act(teller, case, version=seen))


def test_a_section_seen_before_a_move_is_not_saved_over_it(teller: Teller) -> None:
    case = teller.tell("3.12", "draft")
    seen = case.version
    teller.fire(case, teller.cast.applicant, "deposit", case.updated_at)
    teller.fire(case, teller.cast.applicant, "take_back", case.updated_at)
    with pytest.raises(Stale, match="repris en brouillon"):
        save_section(teller.session, case, "projet", {"title": "Ancien"}, act(teller, case, version=seen))


@pytest.mark.parametrize("version", [None, 10**6])
def test_a_version_that_nobody_has_seen_saves_nothing(teller: Teller, version: int | None) -> None:
    case = teller.tell("3.12", "draft")
    with pytest.raises(Stale):
        save_section(teller.session, case, "projet", {"title": "Forgé"}, act(teller, case, version=version))


def test_somebody_else_s_draft_is_not_editable(teller: Teller) -> None:
    case = teller.tell("3.12", "draft")
    stranger = people.applicant(teller.session, people.organisation(teller.session))
    with pytest.raises(Forbidden):
        save_section(teller.session, case, "projet", {"title": "Pris"}, act(teller, case, actor=stranger))
    with pytest.raises(Refused, match="Seul le porteur"):
        save_section(teller.session, case, "projet", {"title": "Aidé"}, act(teller, case, actor=teller.cast.officer))


def test_a_submitted_file_changes_only_while_a_correction_is_asked(teller: Teller) -> None:
    case = teller.tell("3.12", "submitted")
    with pytest.raises(Refused, match="sauf si une correction est demandée"):
        save_section(teller.session, case, "projet", {"title": "Trop tard"}, act(teller, case))
    teller.fire(case, teller.cast.officer, "request_correction", reason="Précisez le titre.", due_on="2024-02-28")
    save_section(teller.session, case, "projet", {"title": "Titre précisé"}, act(teller, case))
    assert case.title == "Titre précisé"


def test_the_operation_does_not_end_before_it_starts(teller: Teller) -> None:
    case = teller.tell("3.12", "draft")
    with pytest.raises(InvalidInput) as refusal:
        save_section(
            teller.session, case, "projet", {"starts_on": "2024-09-01", "ends_on": "31/08/2024"}, act(teller, case)
        )
    assert set(refusal.value.errors) == {"ends_on"}


def test_a_budget_understands_french_amounts_and_names_the_wrong_ones(teller: Teller) -> None:
    case = teller.tell("3.12", "draft")
    rows = [row("expense", "personnel", "1 234,50 €"), row("income", "requested", "1234.5")]
    save_budget(teller.session, case, rows, act(teller, case))
    assert case.requested_cents == 123_450
    wrong = [row("expense", "personnel", "douze"), row("expense", "lobbying", "5"), row("income", "own", "-3")]
    with pytest.raises(InvalidInput) as refusal:
        save_budget(teller.session, case, wrong, act(teller, case))
    assert set(refusal.value.errors) == {"gross-0", "category-1", "amount-2"}
    assert case.requested_cents == 123_450


def test_the_maximum_grant_follows_the_cap_of_the_sheet(teller: Teller) -> None:
    case = teller.tell("3.12", "draft")
    rows = [row("expense", "personnel", "900 000"), row("income", "requested", "900 000")]
    save_budget(teller.session, case, rows, act(teller, case))
    assert grant_of(teller.session, case).maximum_cents == 375_00 * 10 * 12


def test_premieres_heures_may_be_a_joint_file_and_the_partner_structure_sees_it(teller: Teller) -> None:
    case = teller.tell("3.7", "draft")
    housing = people.organisation(teller.session, "Un toit en Artois")
    save_co_bearers(teller.session, case, [housing.siret], act(teller, case))
    neighbour = people.applicant(teller.session, housing)
    assert teller.session.scalars(visible(sa.select(Application), neighbour)).all() == [case]
    with pytest.raises(InvalidInput):
        save_co_bearers(teller.session, case, ["12345678901234"], act(teller, case))


def test_other_schemes_take_no_co_bearer(teller: Teller) -> None:
    case = teller.tell("3.12", "draft")
    with pytest.raises(Refused, match="dossier commun"):
        save_co_bearers(teller.session, case, [], act(teller, case))


def test_a_warning_never_blocks_and_is_accepted_by_name(teller: Teller) -> None:
    case = teller.tell("3.12", "draft")
    dates = {"starts_on": "2024-08-15", "ends_on": "2025-08-14"}
    save_section(teller.session, case, "projet", dates, act(teller, case))
    teller.fire(case, teller.cast.applicant, "deposit")
    teller.fire(case, teller.cast.applicant, "validate")
    assert {warning.code for warning in warnings_to_accept(case)} == {"start_outside_range"}
    teller.fire(case, teller.cast.officer, "accept_warning", warning="start_outside_range")
    accepted = case.accepted_warnings[0]
    assert accepted.accepted_by_id == teller.cast.officer.user_id
    assert warnings_to_accept(case) == []
    teller.fire(case, teller.cast.officer, "admit")


def test_ten_first_drafts_of_a_scheme_opened_at_once_have_ten_references(sessions: sessionmaker[Session]) -> None:
    with transaction(sessions) as session:
        organisation_id = people.organisation(session).id
        actor = people.applicant(session, session.get_one(Organisation, organisation_id))

    def open_one(_: int) -> str:
        with transaction(sessions) as session:
            organisation = session.get_one(Organisation, organisation_id)
            at = paris_instant(date(2024, 1, 10))
            return start_draft(session, version_of(session, "3.16"), organisation, actor=actor, at=at).reference

    with ThreadPoolExecutor(10) as pool:
        references = list(pool.map(open_one, range(10)))
    assert sorted(references) == [f"2024-3.16-{number:04d}" for number in range(1, 11)]


def test_young_people_are_among_the_people_and_their_share_is_warned(teller: Teller) -> None:
    case = teller.tell("3.10", "draft")
    wrong = {"participants": "3", "young_participants": "12"}
    with teller.session.begin_nested() as savepoint:
        with pytest.raises(InvalidInput) as refusal:
            save_section(teller.session, case, "public", wrong, act(teller, case))
        savepoint.rollback()
    assert set(refusal.value.errors) == {"young_participants"}
    save_section(teller.session, case, "public", {"participants": "10", "young_participants": "5"}, act(teller, case))
    assert "youth_share" in {warning.code for warning in warnings_to_accept(case)}


@pytest.mark.parametrize(("typed", "kept"), [("0,67", "0,67"), ("1.5", "1,5"), ("2", "2")])
def test_staff_is_counted_in_parts_of_a_full_time_post(teller: Teller, typed: str, kept: str) -> None:
    case = teller.tell("3.10", "draft")
    save_section(teller.session, case, "moyens", {"support_staff_fte": typed}, act(teller, case))
    assert case.answers["support_staff_fte"] == kept


def test_a_line_keeps_its_identity_when_the_budget_is_saved_again(teller: Teller) -> None:
    case = teller.tell("3.1", "draft")
    rows = [row("expense", "rent", "1 200", "Salle"), row("expense", "travel", "300", "Trajets")]
    save_budget(teller.session, case, rows, act(teller, case))
    hall, trips = budget_of(teller.session, case.id)
    renamed = {**row("expense", "rent", "1 500", "Grande salle"), "id": str(hall.id)}
    again = [row("expense", "operating", "90", "Papier"), row("expense", "travel", "310", "Trajets"), renamed]
    save_budget(teller.session, case, again, act(teller, case))
    kept = {line.label: (line.id, line.amount_cents) for line in budget_of(teller.session, case.id)}
    assert kept["Grande salle"] == (hall.id, 1_500_00)
    assert kept["Trajets"] == (trips.id, 310_00)
    assert kept["Papier"][0] not in (hall.id, trips.id)
    save_budget(teller.session, case, [row("expense", "travel", "310", "Trajets")], act(teller, case))
    assert [line.id for line in budget_of(teller.session, case.id)] == [trips.id]


def test_a_row_cannot_name_the_line_of_another_case(teller: Teller) -> None:
    case, other = teller.tell("3.1", "draft"), teller.tell("3.1", "draft")
    foreign = budget_of(teller.session, other.id)[0]
    taken = {**row("expense", "rent", "5", "Prise"), "id": str(foreign.id)}
    save_budget(teller.session, case, [taken], act(teller, case))
    assert budget_of(teller.session, other.id)[0].label == foreign.label != "Prise"
    assert budget_of(teller.session, case.id)[0].id != foreign.id


def test_a_budget_saved_as_it_was_leaves_no_trace(teller: Teller) -> None:
    case = teller.tell("3.1", "draft")
    rows = [row("expense", "rent", "1 200", "Salle")]
    save_budget(teller.session, case, rows, act(teller, case))
    before, seen = journal.last_event(teller.session, "application", case.id), case.version
    save_budget(teller.session, case, rows, act(teller, case))
    assert (journal.last_event(teller.session, "application", case.id), case.version) == (before, seen)


@pytest.mark.parametrize(
    ("gross", "share", "cents"), [("40 000", "50", 20_000_00), ("0,01", "50", 1), ("33 333,33", "33,33", 11_110_00)]
)
def test_a_post_costs_its_gross_times_its_share_rounded_half_up(
    teller: Teller, gross: str, share: str, cents: int
) -> None:
    case = teller.tell("3.1", "draft")
    post = {**row("expense", "personnel", gross), "fte": "0,8", "share": share}
    save_budget(teller.session, case, [post], act(teller, case))
    line = budget_of(teller.session, case.id)[0]
    assert (line.amount_cents, line.fte_hundredths) == (cents, 80)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"fte": "", "gross": "", "share": ""}, {"fte-0", "gross-0", "share-0"}),
        ({"fte": "0"}, {"fte-0"}),
        ({"share": "100,01"}, {"share-0"}),
        ({"share": "-5"}, {"share-0"}),
        ({"gross": "10" * 9}, {"gross-0"}),
        ({"amount": "999"}, {"amount-0"}),
    ],
    ids=["nothing", "no time", "beyond the whole", "negative", "too much", "another amount"],
)
def test_a_post_that_cannot_be_is_refused_at_its_own_box(
    teller: Teller, changes: dict[str, str], fields: set[str]
) -> None:
    case = teller.tell("3.1", "draft")
    before = [line.values() for line in budget_of(teller.session, case.id)]
    with pytest.raises(InvalidInput) as refusal:
        save_budget(teller.session, case, [row("expense", "personnel", "1 000") | changes], act(teller, case))
    assert set(refusal.value.errors) == fields
    assert [line.values() for line in budget_of(teller.session, case.id)] == before


def test_a_file_with_a_cost_that_its_sheet_does_not_fund_is_not_complete(teller: Teller) -> None:
    case = teller.tell("3.6", "draft")
    known = budget_of(teller.session, case.id)
    assert {line.category for line in known} >= {"travel", "rent"}
    line = next(line for line in known if line.category == "rent")
    line.category = "operating"
    teller.session.flush()
    with pytest.raises(Refused, match="Des dépenses que la fiche finance, au lieu de « Frais de fonctionnement »"):
        teller.fire(case, teller.cast.applicant, "deposit", case.updated_at)
