"""The five tests that make a declared expense eligible: planned, incurred, in the period, paid, evidenced.

"Les dépenses déclarées devront correspondre à des dépenses effectivement supportées par le porteur de projet et
justifiées par des factures acquittées ou des pièces comptables de valeur probante équivalente […] avoir été réalisées
durant la période fixée dans la convention […], avoir été acquittées à la date de transmission du bilan" (l.2254-2262,
the same words at l.3726-3734, 4067-4075 and 4410-4418). The sheets that do not repeat them are controlled alike.
Indirect costs have no invoice: the rate of the sheet limits them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from casework.amounts import euros
from casework.french import long_date
from casework.money import CATEGORIES
from workflows.rules.explanation import funding_line, line_source
from workflows.rules.funded import funded_categories
from workflows.scheme import Scheme

LABELS = {
    "planned": "Prévue",
    "incurred": "Réalisée",
    "in_period": "Dans la période",
    "paid": "Acquittée",
    "evidenced": "Justifiée",
}
_SUPPORTED_LINE, _PERIOD_LINE, _PAID_LINE = 2256, 2260, 2261
"""Where 3.9 says it; the other sheets that do use the same words."""


@dataclass(frozen=True, kw_only=True)
class Spending:
    """One declared expense, in cents. `planned_cents`: what the budget foresaw for its category as a whole."""

    category: str
    spent_cents: int
    planned_cents: int
    reference: str
    invoice_on: date | None
    paid_on: date | None
    evidenced: bool


@dataclass(frozen=True)
class Frame:
    """The period of the convention (both days included), and the day the report was sent, or would be."""

    starts_on: date
    ends_on: date
    sent_on: date


@dataclass(frozen=True)
class Test:
    """One of the five tests: whether it passes, and the French sentence that says why, with its line of the call."""

    code: str
    passed: bool
    why: str
    source: str

    @property
    def label(self) -> str:
        return LABELS[self.code]


def eligibility_tests(scheme: Scheme, spending: Spending, frame: Frame) -> tuple[Test, ...]:
    """The five tests, in the order of LABELS."""
    planned = _planned(scheme, spending)
    if spending.category == "indirect":
        rule = scheme.funding.indirect
        said = "Charges indirectes : le taux de la fiche les limite, sans facture."
        return (planned, *(Test(code, True, said, line_source(rule.line)) for code in list(LABELS)[1:]))
    return (planned, _incurred(spending), _in_period(spending, frame), _paid(spending, frame), _evidenced(spending))


def passes_all(tests: tuple[Test, ...]) -> bool:
    return all(test.passed for test in tests)


def _planned(scheme: Scheme, spending: Spending) -> Test:
    source = line_source(funding_line(scheme))
    name = CATEGORIES[spending.category]
    if spending.category not in funded_categories(scheme):
        return Test("planned", False, f"« {name} » n’est pas financé par le dispositif {scheme.code}.", source)
    if not spending.planned_cents:
        return Test("planned", False, f"Le budget ne prévoyait rien en « {name} ».", source)
    return Test("planned", True, f"Le budget prévoyait {euros(spending.planned_cents)} en « {name} ».", source)


def _incurred(spending: Spending) -> Test:
    if spending.spent_cents and spending.reference and spending.invoice_on:
        said = f"{spending.reference} du {long_date(spending.invoice_on)}, {euros(spending.spent_cents)}."
        return Test("incurred", True, said, line_source(_SUPPORTED_LINE))
    lacking = [
        text
        for text, there in (("la référence", spending.reference), ("la date de la facture", spending.invoice_on))
        if not there
    ]
    said = f"Il manque {' et '.join(lacking)}." if lacking else "Aucune dépense n’est déclarée."
    return Test("incurred", False, said, line_source(_SUPPORTED_LINE))


def _in_period(spending: Spending, frame: Frame) -> Test:
    period = f"du {long_date(frame.starts_on)} au {long_date(frame.ends_on)}"
    source = line_source(_PERIOD_LINE)
    if spending.invoice_on is None:
        return Test("in_period", False, f"Sans date, rien ne dit qu’elle est de la période ({period}).", source)
    passed = frame.starts_on <= spending.invoice_on <= frame.ends_on
    where = "dans" if passed else "hors de"
    return Test("in_period", passed, f"{long_date(spending.invoice_on)} : {where} la période, {period}.", source)


def _paid(spending: Spending, frame: Frame) -> Test:
    source = line_source(_PAID_LINE)
    sent = f"le bilan est envoyé le {long_date(frame.sent_on)}"
    if spending.paid_on is None:
        return Test("paid", False, f"Aucune date de paiement ; {sent}.", source)
    passed = spending.paid_on <= frame.sent_on
    return Test("paid", passed, f"Payée le {long_date(spending.paid_on)} ; {sent}.", source)


def _evidenced(spending: Spending) -> Test:
    said = "Un justificatif est joint." if spending.evidenced else "Aucun justificatif n’est joint à cette ligne."
    return Test("evidenced", spending.evidenced, said, line_source(_SUPPORTED_LINE))
