"""The budget as people type it: rows, totals, and the explanation of the maximum grant, saved or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from casework.amounts import AmountError, euros, parse_euros
from casework.money import CATEGORIES, INCOMES, BudgetLine, totals
from web.application_form import Filing, sentence
from web.lines import sees_lines
from workflows.application.editing import MAX_BUDGET_LINES
from workflows.application.reading import grant_from
from workflows.rules.explanation import Step

FIRST_BLANK_ROWS = 2
MORE_BLANK_ROWS = 5
SIDES = {"expense": "Dépenses", "income": "Recettes"}


@dataclass(frozen=True)
class Row:
    """One line of the form. `number` names its fields: `amount-<number>`."""

    number: int
    side: str
    category: str
    label: str
    amount: str

    @property
    def cents(self) -> int:
        """Of a stored row, whose amount is always understood."""
        return parse_euros(self.amount)


@dataclass(frozen=True)
class Side:
    """One of the two tables: its rows and the categories to choose among, those not funded apart."""

    code: str
    title: str
    rows: list[Row]
    funded: dict[str, str]
    not_funded: dict[str, str]


@dataclass(frozen=True)
class Totals:
    """The figures under the tables, in cents. `gap`: incomes minus expenses. `unread`: amounts not understood."""

    expenses: list[tuple[str, int, bool]]
    incomes: list[tuple[str, int, bool]]
    expense_cents: int
    income_cents: int
    requested_cents: int
    maximum_cents: int
    steps: tuple[Step, ...]
    warnings: list[str]
    with_lines: bool
    unread: int

    @property
    def gap(self) -> int:
        return self.income_cents - self.expense_cents

    @property
    def balance(self) -> str:
        if self.gap == 0:
            return "Le budget est équilibré." if self.expense_cents else "Le budget est vide."
        return f"Il manque {euros(abs(self.gap))} de {'recettes' if self.gap < 0 else 'dépenses'}."

    @property
    def over(self) -> int:
        """Cents asked beyond the maximum."""
        return max(0, self.requested_cents - self.maximum_cents)


def typed_rows(form: Any) -> list[dict[str, str]]:
    """The rows as they were sent, in order; too many are cut, and the save then says so."""
    rows = []
    for number in range(MAX_BUDGET_LINES + 1):
        if f"side-{number}" not in form:
            break
        rows.append({name: form.get(f"{name}-{number}", "") for name in ("side", "category", "label", "amount")})
    return rows


def stored_rows(lines: Sequence[BudgetLine]) -> list[dict[str, str]]:
    return [
        {"side": line.side, "category": line.category, "label": line.label, "amount": _written(line.amount_cents)}
        for line in lines
    ]


def sides(filing: Filing, rows: Sequence[Mapping[str, str]], *, blank: int = FIRST_BLANK_ROWS) -> list[Side]:
    """The two tables: the rows of each, numbered as they stand, then blank ones."""
    numbered = [Row(number, **row) for number, row in enumerate(rows) if row["side"] in SIDES]
    following = len(rows)
    found = []
    for code, title in SIDES.items():
        own = [row for row in numbered if row.side == code]
        proposed = _proposed(filing, code, own)
        blanks = [Row(following + rank, code, proposed.get(rank, ""), "", "") for rank in range(blank)]
        following += blank
        found.append(Side(code, title, own + blanks, *_categories(filing, code)))
    return found


def labels(tables: Sequence[Side]) -> dict[str, str]:
    """What the summary of errors calls each field: « Dépense 2, montant »."""
    names = {"category": "catégorie", "label": "intitulé", "amount": "montant"}
    return {
        f"{name}-{row.number}": f"{table.title.removesuffix('s')} {rank}, {text}"
        for table in tables
        for rank, row in enumerate(table.rows, start=1)
        for name, text in names.items()
    }


def _proposed(filing: Filing, side: str, rows: list[Row]) -> dict[int, str]:
    """In an empty table, each blank row proposes a category; the grant requested is always proposed while absent."""
    if side == "income":
        return {} if any(row.category == "requested" for row in rows) else {0: "requested"}
    return dict(enumerate(_categories(filing, side)[0])) if not rows else {}


def _categories(filing: Filing, side: str) -> tuple[dict[str, str], dict[str, str]]:
    if side == "income":
        return INCOMES, {}
    accepted = {*filing.scheme.funding.accepted_categories, "indirect"}
    return (
        {code: label for code, label in CATEGORIES.items() if code in accepted},
        {code: label for code, label in CATEGORIES.items() if code not in accepted},
    )


def saved_totals(filing: Filing) -> Totals:
    return _totals(filing, filing.lines, 0)


def typed_totals(filing: Filing, rows: Sequence[Mapping[str, str]]) -> Totals:
    """The figures of rows as typed: nothing is saved, what is not understood is left out and counted."""
    lines: list[BudgetLine] = []
    unread = 0
    for row in rows:
        if not (row["label"].strip() or row["amount"].strip()):
            continue
        line = _line(row)
        unread += line is None
        lines += [line] if line is not None else []
    return _totals(filing, lines, unread)


def _line(row: Mapping[str, str]) -> BudgetLine | None:
    known = {"expense": CATEGORIES, "income": INCOMES}.get(row["side"], {})
    if row["category"] not in known:
        return None
    try:
        cents = parse_euros(row["amount"])
    except AmountError:
        return None
    return BudgetLine(side=row["side"], category=row["category"], label="", amount_cents=cents)


def _totals(filing: Filing, lines: Sequence[BudgetLine], unread: int) -> Totals:
    expenses, incomes = totals(list(lines), "expense"), totals(list(lines), "income")
    funded = {*filing.scheme.funding.accepted_categories, "indirect"}
    grant = grant_from(filing.application, lines)
    return Totals(
        expenses=[(CATEGORIES[code], cents, code in funded) for code, cents in expenses.items() if cents],
        incomes=[(INCOMES[code], cents, True) for code, cents in incomes.items() if cents],
        expense_cents=sum(expenses.values()),
        income_cents=sum(incomes.values()),
        requested_cents=incomes["requested"],
        maximum_cents=grant.maximum_cents,
        steps=grant.steps,
        warnings=[sentence(warning) for warning in grant.warnings],
        with_lines=sees_lines(),
        unread=unread,
    )


def _written(cents: int) -> str:
    """1234,50, as a person would type it."""
    return f"{cents // 100},{cents % 100:02d}" if cents % 100 else str(cents // 100)
