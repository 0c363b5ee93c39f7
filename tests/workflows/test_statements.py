"""The certificate of control and the balance sheet: they say what was decided, in the words of the screen."""

from __future__ import annotations

import io

import pikepdf
import pytest

from casework.errors import Refused
from casework.expenses import expenses_of
from tests.support.pdftext import text_of
from tests.support.stories import Teller
from workflows.application.statements import balance_data, balance_pdf, certificate_data, certificate_pdf

pytestmark = pytest.mark.database("sqlite")


def flat(text: str) -> str:
    return "".join(text.replace("\u200b", "").split())


def test_the_certificate_says_each_line_who_certifies_and_when(teller: Teller) -> None:
    case = teller.tell("3.9", "closed", disputed=True)
    said = flat(text_of(certificate_pdf(teller.session, case, funder="Le Département")))
    for line in expenses_of(teller.session, case.id):
        assert flat(line.label) in said
    assert flat("Hors de la période de la convention") in said
    assert flat(teller.cast.officer.name) in said
    totals = next(
        section for section in certificate_data(teller.session, case)["sections"] if "Totaux" in section["title"]
    )
    assert totals["rows"][-1][0] == "Total"
    assert all(flat(cell) in said for row in totals["rows"] for cell in row)


@pytest.mark.parametrize(("accepted", "word"), [(100, "Solde à verser"), (40, "Reversement à demander")])
def test_the_balance_sheet_has_the_steps_of_the_screen(accepted: int, word: str, teller: Teller) -> None:
    case = teller.tell("3.10", "balance", accepted_pct=accepted)
    assert case.report is not None
    assert case.report.explanation is not None
    said = flat(text_of(balance_pdf(teller.session, case)))
    assert flat(word) in said
    for step in case.report.explanation["steps"]:
        assert flat(step["label"]) in said
        assert flat(step["formula"]) in said
        assert step["source"] in said
    summary = balance_data(teller.session, case)["summary"]
    assert word in summary


def test_both_are_tagged_and_always_the_same(teller: Teller) -> None:
    case = teller.tell("3.9", "balance")
    for make in (certificate_pdf, balance_pdf):
        first = make(teller.session, case)
        assert make(teller.session, case) == first
        with pikepdf.open(io.BytesIO(first)) as pdf:
            assert pdf.Root.MarkInfo.Marked
            assert str(pdf.Root.Lang) == "fr-FR"


def test_neither_exists_before_the_validation(teller: Teller) -> None:
    case = teller.tell("3.9", "bilan", beyond=1)
    for make in (certificate_pdf, balance_pdf):
        with pytest.raises(Refused, match="contrôlé et validé"):
            make(teller.session, case)
