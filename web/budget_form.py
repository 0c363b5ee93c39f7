"""The budget as people type it: rows, totals, and the explanation of the maximum grant, saved or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from casework.amounts import euros
from casework.money import CATEGORIES, INCOMES, STAFF, BudgetLine, totals
from web.application_form import Filing, sentence
from web.lines import sees_lines
from workflows.application.budgeting import MAX_BUDGET_LINES, TYPED, read_row, says_something
from workflows.application.reading import grant_from
from workflows.rules.explanation import Step, number
from workflows.rules.funded import funded_categories

FIRST_BLANK_ROWS = 2
MORE_BLANK_ROWS = 5
ROW = ("id", "side", "category", *TYPED)
TABLES = {"staff": ("Personnel", "Poste"), "expense": ("Autres dépenses", "Dépense"), "income": ("Recettes", "Recette")}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the form. `number` names its fields: `amount-<number>`. `cents`: None while it is not understood."""

    number: int
    side: str
    category: str
    id: str = ""
    label: str = ""
    amount: str = ""
    fte: str = ""
    gross: str = ""
    share: str = ""
    cents: int | None = None


@dataclass(frozen=True)
class Table:
    """One of the tables: its rows and the categories to choose among; `not_funded`: those that its rows still have."""

    code: str
    title: str
    noun: str
    rows: list[Row]
    funded: dict[str, str]
    not_funded: dict[str, str]

    @property
    def written(self) -> list[Row]:
        """The rows that say something."""
        return [row for row in self.rows if row.cents is not None]


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
    fte: str
    by_category: dict[str, int]

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
    for rank in range(MAX_BUDGET_LINES + 1):
        if f"side-{rank}" not in form:
            break
        rows.append({name: form.get(f"{name}-{rank}", "") for name in ROW})
    return rows


def stored_rows(lines: Sequence[BudgetLine]) -> list[dict[str, str]]:
    return [written(line) for line in lines]


def written(line: BudgetLine) -> dict[str, str]:
    """A line as the form would send it; a staff line that does not say how its amount is made gives it as its gross."""
    row = dict.fromkeys(ROW, "") | {"side": line.side, "category": line.category, "label": line.label}
    row |= {"id": str(line.id or ""), "stored": str(line.amount_cents)}
    if not line.is_staff:
        return row | {"amount": euros_typed(line.amount_cents)}
    if line.gross_cents is None:
        return row | {"gross": euros_typed(line.amount_cents), "share": "100"}
    return row | {
        "fte": _hundredths(line.fte_hundredths or 0),
        "gross": euros_typed(line.gross_cents),
        "share": _hundredths(line.share_hundredths or 0),
    }


def tables(filing: Filing, rows: Sequence[Mapping[str, str]], *, blank: int = FIRST_BLANK_ROWS) -> list[Table]:
    """The tables: the rows of each, numbered as they stand, then blank ones."""
    numbered = [
        Row(number=rank, cents=_cents(filing, row), **{name: row.get(name, "") for name in ROW})
        for rank, row in enumerate(rows)
    ]
    following = len(rows)
    found = []
    for code, (title, noun) in TABLES.items():
        own = [row for row in numbered if _table_of(row) == code]
        proposed = _proposed(filing, code, own)
        side = "income" if code == "income" else "expense"
        blanks = [
            Row(number=following + rank, side=side, category=proposed.get(rank, STAFF if code == "staff" else ""))
            for rank in range(blank)
        ]
        following += blank
        found.append(Table(code, title, noun, own + blanks, *_categories(filing, code, own)))
    return found


def _table_of(row: Row) -> str:
    if row.side == "expense" and row.category == STAFF:
        return "staff"
    return row.side


def labels(drawn: Sequence[Table]) -> dict[str, str]:
    """What the summary of errors calls each field: « Dépense 2, montant »."""
    names = {"category": "catégorie", "label": "intitulé", "amount": "montant"}
    names |= {"fte": "ETP", "gross": "salaire brut annuel et charges", "share": "part affectée"}
    return {
        f"{name}-{row.number}": f"{table.noun} {rank}, {text}"
        for table in drawn
        for rank, row in enumerate(table.rows, start=1)
        for name, text in names.items()
    }


def _proposed(filing: Filing, table: str, rows: list[Row]) -> dict[int, str]:
    """In an empty table, each blank row proposes a category; the grant requested is always proposed while absent."""
    if table == "income":
        return {} if any(row.category == "requested" for row in rows) else {0: "requested"}
    return dict(enumerate(_categories(filing, table, rows)[0])) if table == "expense" and not rows else {}


def _categories(filing: Filing, table: str, rows: list[Row]) -> tuple[dict[str, str], dict[str, str]]:
    if table == "income":
        return INCOMES, {}
    funded = [code for code in funded_categories(filing.scheme) if (code == STAFF) == (table == "staff")]
    held = {row.category for row in rows} - {*funded}
    return (
        {code: CATEGORIES[code] for code in funded},
        {code: label for code, label in CATEGORIES.items() if code in held},
    )


def refused_categories(filing: Filing) -> list[str]:
    """What this scheme does not fund, by name."""
    return [label for code, label in CATEGORIES.items() if code not in funded_categories(filing.scheme)]


def saved_totals(filing: Filing) -> Totals:
    return _totals(filing, filing.lines, 0)


def typed_totals(filing: Filing, rows: Sequence[Mapping[str, str]]) -> Totals:
    """The figures of rows as typed: nothing is saved, what is not understood is left out and counted."""
    lines: list[BudgetLine] = []
    unread = 0
    for row in rows:
        if not says_something(row):
            continue
        line = _line(filing, row)
        unread += line is None
        lines += [line] if line is not None else []
    return _totals(filing, lines, unread)


def _line(filing: Filing, row: Mapping[str, str]) -> BudgetLine | None:
    """The line of a row, funded or not; None when it is not understood."""
    values, faults = read_row(filing.scheme, row)
    known = CATEGORIES if values["side"] == "expense" else INCOMES
    if values["category"] not in known or faults.keys() - {"category", "label"}:
        return None
    return BudgetLine(**values)


def _cents(filing: Filing, row: Mapping[str, str]) -> int | None:
    """What the row comes to: what is stored of it, else what its boxes say; None when they are not understood."""
    if "stored" in row:
        return int(row["stored"])
    line = _line(filing, row) if says_something(row) else None
    return None if line is None else line.amount_cents


def _totals(filing: Filing, lines: Sequence[BudgetLine], unread: int) -> Totals:
    expenses, incomes = totals(list(lines), "expense"), totals(list(lines), "income")
    funded = funded_categories(filing.scheme)
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
        by_category=expenses,
        fte=number(sum((_fte(line) for line in lines), Decimal(0))),
    )


def _fte(line: BudgetLine) -> Decimal:
    """The full-time equivalents that a staff line gives to the operation."""
    return Decimal((line.fte_hundredths or 0) * (line.share_hundredths or 0)) / 1_000_000


def euros_typed(cents: int) -> str:
    """1234,50, as a person would type it."""
    return f"{cents // 100},{cents % 100:02d}" if cents % 100 else str(cents // 100)


def _hundredths(value: int) -> str:
    """0,67 for 67 hundredths, as a person would type it."""
    return number(Decimal(value) / 100)
