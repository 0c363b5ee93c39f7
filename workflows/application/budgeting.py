"""Writing the budget of an application: its rows as typed, the lines they say, saved so that each keeps its identity.

What a review of the instruction or an expense of the final report points to is a line: a save brings it up to date,
and never replaces it by another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from casework.amounts import AmountError, euros, parse_euros
from casework.applications import Application
from casework.errors import InvalidInput
from casework.money import CATEGORIES, INCOMES, STAFF, BudgetLine, budget_of, staff_cost, totals
from workflows.application.editing import open_for_editing, record_edit
from workflows.engine import Act
from workflows.inputs import Input, decimal_of, read
from workflows.rules.explanation import percent
from workflows.rules.funded import why_not_funded
from workflows.scheme import Scheme
from workflows.versions import scheme_of

MAX_BUDGET_LINES = 200
STAFF_INPUTS = (
    Input("fte", "ETP", "decimal"),
    Input("gross", "Salaire brut annuel et charges", "money"),
    Input("share", "Part affectée à l’opération, en %", "decimal"),
)
TYPED = ("label", "amount", *(item.name for item in STAFF_INPUTS))
"""What a person types in a row: one in which all of it is empty says nothing."""
_KNOWN = {"expense": CATEGORIES, "income": INCOMES}
_LONGEST_LABEL = 200


def save_budget(session: Session, application: Application, rows: Sequence[Mapping[str, str]], act: Act) -> Application:
    """Bring the budget to what these rows say (see `read_budget`); a stored line that none of them says is dropped.

    A row is a stored line when its `id` names it, else when it has its side, category and label. The grant requested
    is the sum of the income lines « subvention demandée ». Raises Stale, Refused, InvalidInput.
    """
    locked = open_for_editing(session, application, act, "budget")
    found = read_budget(scheme_of(locked), rows)
    before = budget_of(session, locked.id)
    rows_before = as_rows(before)
    kept = _matched(before, rows, found)
    for line in before:
        if line not in kept.values():
            session.delete(line)
    for number, values in found.items():
        line = kept.get(number) or BudgetLine(application_id=locked.id)
        for name, value in values.items():
            setattr(line, name, value)
        session.add(line)
    session.flush()
    after = budget_of(session, locked.id)
    locked.requested_cents = totals(after, "income")["requested"]
    if as_rows(after) != rows_before:
        record_edit(session, locked, "budget", {"budget": [rows_before, as_rows(after)]}, act)
    return locked


def _matched(
    stored: Iterable[BudgetLine], rows: Sequence[Mapping[str, str]], found: Mapping[int, Mapping[str, Any]]
) -> dict[int, BudgetLine]:
    """The stored line of each row that has one, by the number of the row; no line is taken twice."""
    left = {str(line.id): line for line in stored}
    kept = {number: line for number in found if (line := left.pop(rows[number].get("id", ""), None)) is not None}
    for number, values in found.items():
        wanted = (values["side"], values["category"], values["label"])
        same = next((key for key, line in left.items() if (line.side, line.category, line.label) == wanted), None)
        if number not in kept and same is not None:
            kept[number] = left.pop(same)
    return kept


def as_rows(lines: Iterable[BudgetLine]) -> list[list[Any]]:
    """The lines as the journal keeps them: side, category, label, cents and, for staff, FTE, gross and share."""
    return [
        [line.side, line.category, line.label, line.amount_cents]
        + ([line.fte_hundredths, line.gross_cents, line.share_hundredths] if line.gross_cents is not None else [])
        for line in lines
    ]


def read_budget(scheme: Scheme, rows: Sequence[Mapping[str, str]]) -> dict[int, dict[str, Any]]:
    """The lines that these rows say, by the number of the row, as columns of BudgetLine; empty rows say nothing.

    A row: `side`, `category`, `label`, `amount` as typed and, for staff, `fte`, `gross` and `share` (per cent), which
    make the amount. Raises InvalidInput naming `<field>-<row>`.
    """
    if len(rows) > MAX_BUDGET_LINES:
        raise InvalidInput({"budget": [f"Un budget compte au plus {MAX_BUDGET_LINES} lignes."]})
    lines: dict[int, dict[str, Any]] = {}
    errors: dict[str, list[str]] = {}
    for number, row in enumerate(rows):
        if not says_something(row):
            continue
        lines[number], wrong = read_row(scheme, row)
        errors |= {f"{name}-{number}": [sentence] for name, sentence in wrong.items()}
    if errors:
        raise InvalidInput(errors)
    return lines


def says_something(row: Mapping[str, str]) -> bool:
    return any(row.get(name, "").strip() for name in TYPED)


def read_row(scheme: Scheme, row: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The columns of BudgetLine that one row says, and what is wrong with it: a French sentence by field."""
    side, category = row.get("side", ""), row.get("category", "")
    known = _KNOWN.get(side, {})
    wrong = _category_fault(scheme, side, category)
    label = row.get("label", "").replace("\x00", "").strip() or known.get(category, "")
    if len(label) > _LONGEST_LABEL:
        wrong["label"] = f"Cet intitulé est trop long : {_LONGEST_LABEL} caractères au plus."
    is_staff = (side, category) == ("expense", STAFF)
    amounts, faults = _staff_amounts(row) if is_staff else _plain_amount(row)
    return {"side": side, "category": category, "label": label, **amounts}, wrong | faults


def _category_fault(scheme: Scheme, side: str, category: str) -> dict[str, str]:
    if category not in _KNOWN.get(side, {}):
        return {"category": "Choisissez une catégorie."}
    reason = why_not_funded(scheme, category) if side == "expense" else None
    return {"category": reason} if reason else {}


def _plain_amount(row: Mapping[str, str]) -> tuple[dict[str, int | None], dict[str, str]]:
    none = dict.fromkeys(("fte_hundredths", "gross_cents", "share_hundredths"))
    try:
        return {"amount_cents": parse_euros(row.get("amount", "")), **none}, {}
    except AmountError as error:
        return {"amount_cents": 0, **none}, {"amount": error.sentence}


def _staff_amounts(row: Mapping[str, str]) -> tuple[dict[str, int | None], dict[str, str]]:
    """What a staff row says. An amount may be typed beside (a spreadsheet has one): it must be the computed one."""
    try:
        found = read(STAFF_INPUTS, row)
    except InvalidInput as error:
        return {"amount_cents": 0}, {name: sentences[0] for name, sentences in error.errors.items()}
    fte, share, gross = _hundredths(found["fte"]), _hundredths(found["share"]), found["gross"]
    wrong = {} if fte else {"fte": "Écrivez les équivalents temps plein de ce poste : 1 pour un temps plein."}
    if share > 10_000:
        wrong["share"] = "Cette part ne dépasse pas 100 %."
    if wrong:
        return {"amount_cents": 0}, wrong
    cost = staff_cost(gross, share)
    values = {"amount_cents": cost, "fte_hundredths": fte, "gross_cents": gross, "share_hundredths": share}
    return values, _other_amount(row.get("amount", ""), cost, f"{euros(gross)} × {percent(Fraction(share, 100))}")


def _hundredths(text: str) -> int:
    return int((decimal_of(text) or 0) * 100)


def _other_amount(typed: str, cost: int, formula: str) -> dict[str, str]:
    if not typed.strip():
        return {}
    try:
        same = parse_euros(typed) == cost
    except AmountError as error:
        return {"amount": error.sentence}
    return {} if same else {"amount": f"Ce montant n’est pas celui du calcul : {formula} = {euros(cost)}."}
