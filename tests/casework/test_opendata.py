"""The essential data of subsidies: which conventions, in which form, and what is never published."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from sqlalchemy.orm import Session

from casework import opendata
from casework.settings import Settings
from tests.support.stories import Teller, cast_of


@pytest.fixture
def teller(session: Session, settings: Settings) -> Teller:
    return Teller(session, settings, cast_of(session))


def published(teller: Teller, year: int = 2024, minimum: int = opendata.THRESHOLD) -> list[opendata.Entry]:
    return opendata.entries(teller.session, teller.settings, year, minimum=minimum)


def test_a_signed_convention_is_one_row_in_the_national_columns(teller: Teller) -> None:
    case = teller.tell("3.12", "closed")
    assert case.convention is not None
    (entry,) = published(teller)
    assert opendata.faults([entry]) == []
    (row,) = csv.DictReader(io.StringIO(opendata.as_csv([entry])))
    assert tuple(row) == opendata.COLUMNS
    assert row["idBeneficiaire"] == case.organisation.siret
    assert row["montant"] == f"{case.convention.grant_cents // 100}.{case.convention.grant_cents % 100:02}"
    assert row["dateConvention"] == case.convention.signed_on.isoformat()  # type: ignore[union-attr]
    assert (row["nature"], row["conditionsVersement"]) == ("aide en numéraire", "échelonné")
    first, last = map(date.fromisoformat, row["datesPeriodeVersement"].split("/"))
    assert first < last
    assert (row["notificationUE"], row["pourcentageSubvention"]) == ("non", "1.00")


@pytest.mark.parametrize("state", ["instructed", "convention"])
def test_what_is_not_signed_is_not_published(teller: Teller, state: str) -> None:
    teller.tell("3.12", state)
    assert published(teller) == []


def test_a_grant_under_the_threshold_is_published_only_when_asked(teller: Teller) -> None:
    case = teller.tell("3.12", "execution")
    assert case.granted_cents is not None
    assert len(published(teller, minimum=case.granted_cents)) == 1
    assert published(teller, minimum=case.granted_cents + 1) == []
    assert published(teller, year=2019) == []


def test_every_fault_is_said_with_its_case_and_column(teller: Teller) -> None:
    case = teller.tell("3.12", "execution")
    case.organisation.name = "= "
    case.organisation.siret = "1" * 14
    teller.session.flush()
    wrong = opendata.faults(published(teller, minimum=0))
    assert {(fault.reference, fault.column) for fault in wrong} == {
        (case.reference, "nomBeneficiaire"),
        (case.reference, "idBeneficiaire"),
    }


@pytest.mark.database("sqlite")
def test_no_spreadsheet_reads_a_formula_in_it(teller: Teller) -> None:
    case = teller.tell("3.12", "execution")
    case.organisation.name = '=HYPERLINK("x")'
    teller.session.flush()
    (entry,) = published(teller, minimum=0)
    assert entry.row["nomBeneficiaire"] == 'HYPERLINK("x")'
