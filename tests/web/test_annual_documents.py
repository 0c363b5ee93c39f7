"""The five documents of a financial year (3.8): each in its place, the ledger a spreadsheet, one deadline for all."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework import spreadsheets
from casework.clock import FixedClock
from casework.deadlines import Deadline
from casework.people import Actor
from casework.settings import Settings
from casework.spreadsheets import Column
from tests.support.browser import Browser
from tests.support.pages import MOST_QUERIES, opened, queries_of, town
from workflows.catalogue import SCHEMES_DIRECTORY, read_dir
from workflows.stories import PDF

pytestmark = pytest.mark.database("sqlite")
SignIn = Callable[[Actor], Browser]
SCHEMES = read_dir(SCHEMES_DIRECTORY / "2024")


@pytest.mark.parametrize("code", list(SCHEMES))
def test_only_one_sheet_wants_documents_of_each_financial_year(code: str) -> None:
    found = {one.key: (one.line, one.spreadsheet) for one in SCHEMES[code].annual_documents}
    five = {
        "activity_report": (1930, False),
        "accounts": (1932, False),
        "auditor": (1938, False),
        "missions": (1941, False),
        "balance": (1943, True),
    }
    assert found == (five if code == "3.8" else {})


def test_the_deadline_is_met_by_the_last_of_the_five_documents(
    sessions: sessionmaker[Session], settings: Settings, clock: FixedClock, signed_in: SignIn, engine: sa.Engine
) -> None:
    here = town(sessions, settings, clock)
    case, other = here.tell("3.8", "execution"), here.tell("3.14", "execution")
    applicant, officer = signed_in(here.cast.applicant), signed_in(here.cast.officer)
    address = f"/dossiers/{case}/documents-annuels"
    assert "5 documents manquent" in opened(applicant, address)
    assert queries_of(engine, applicant, address) <= MOST_QUERIES
    assert applicant.get(f"/dossiers/{other}/documents-annuels").status_code == 404
    assert 'id="action-record_deliverable"' not in opened(applicant, f"/dossiers/{case}")

    def send(key: str, content: bytes, name: str, browser: Browser = applicant) -> int:
        found = re.search(r'name="version" value="(\d+)"', opened(applicant, address))
        assert found is not None
        sent = {"file": (BytesIO(content), name), "version": found[1]}
        return browser.post(f"{address}/1/{key}", sent).status_code

    def status() -> str:
        with sessions() as session:
            query = sa.select(Deadline.status).where(
                Deadline.application_id == case, Deadline.kind == "annual_accounts"
            )
            return session.scalars(query).one()

    assert send("balance", PDF, "balance.pdf") == 422
    assert send("rien", PDF, "rien.pdf") == 404
    assert send("accounts", PDF, "comptes.pdf", officer) == 409
    for rank, key in enumerate(("activity_report", "accounts", "auditor", "missions")):
        assert send(key, PDF + b"%% %d" % rank, f"{key}.pdf") == 303
    assert "1 document manque" in opened(officer, address)
    assert status() == "open"
    ledger = spreadsheets.write("Balance", (Column("Compte"),), [["512"]])
    assert send("balance", ledger, "balance.xlsx") == 303
    assert status() == "met"
    assert "Complet" in opened(officer, address)
    assert "activity_report.pdf" in opened(officer, address)
