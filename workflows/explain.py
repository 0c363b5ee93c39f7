"""`casework explain`: from the documented JSON to a rule, and back. The same functions serve the pages.

Amounts come in as strings with two decimals ("1234.50"; "1 234,50" is understood, and so are JSON numbers).
Anything else is refused with a French sentence that names the field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from casework.amounts import AmountError, parse_euros
from casework.errors import CaseworkError
from casework.french import day_of_year
from workflows.rules.balance import BalanceInput, final_balance
from workflows.rules.calendar import Calendar, add_months, plan
from workflows.rules.costs import Expenses
from workflows.rules.grant import GrantInput, maximum_grant
from workflows.rules.results import Results
from workflows.scheme import Scheme

MOST = 1_000_000
"""No count of posts, months, hours or exits goes beyond it: a larger figure is a slip."""

LONGEST_OPERATION_MONTHS = 60
FIRST_DAY = date(2000, 1, 1)
LAST_DAY = date(2100, 12, 31)

_EXPENSES = ("personnel", "operating", "external_services", "other_direct", "indirect_claimed")
_GRANT = frozenset({*_EXPENSES, "other_funding", "requested", "posts", "months"})
_PARTS = frozenset({"travel", "rent"})
"""What a budget says apart among operating costs; a file may say them, `operating` being then the rest."""
_GRANT_OPTIONAL = frozenset({"fte"}) | _PARTS
_BALANCE = frozenset(
    {
        *_EXPENSES,
        *("grant", "advance_paid", "other_funding"),
        *("posts", "months_done", "hours_done", "setting", "dynamic_exits", "quality_pct"),
    }
)
_MOST_DIGITS = 18
_NUMBER = re.compile(r"[0-9]{1,9}([.,][0-9]{1,2})?")


class InputRefused(CaseworkError):
    """One field is not as documented: `field` is its name, `sentence` names it and says in French what is wrong."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"Champ « {field} » : {reason}")
        self.field, self.reason = field, reason


def explain_grant(scheme: Scheme, data: object) -> dict[str, object]:
    """`casework explain grant`. Raises `InputRefused`."""
    return maximum_grant(scheme, read_grant(data)).as_dict()


def explain_balance(scheme: Scheme, data: object) -> dict[str, object]:
    """`casework explain balance`. Raises `InputRefused`."""
    return final_balance(scheme, read_balance(data)).as_dict()


def explain_calendar(
    scheme: Scheme, start: date | str, end: date | str, fiscal_year_end: str | None = None
) -> dict[str, object]:
    """`casework explain calendar --json`. Raises `InputRefused`."""
    return calendar_of(scheme, start, end, fiscal_year_end).as_dict()


def calendar_of(scheme: Scheme, start: date | str, end: date | str, fiscal_year_end: str | None = None) -> Calendar:
    """The calendar of an operation. Days as dates or "YYYY-MM-DD", the year end as « 31/12 » or "12-31".

    Raises `InputRefused`.
    """
    first, last = _day("start", start), _day("end", end)
    if last < first:
        raise InputRefused("end", "la fin de l’opération précède son début.")
    if last > add_months(first, LONGEST_OPERATION_MONTHS):
        raise InputRefused("end", f"l’opération dure plus de {LONGEST_OPERATION_MONTHS} mois.")
    closing = _month_day("fiscal_year_end", fiscal_year_end) if fiscal_year_end is not None else None
    return plan(scheme, first, last, closing)


def calendar_lines(calendar: Calendar) -> list[str]:
    """The calendar as text: each deadline, then each of its reminders with the roles that receive it."""
    said = []
    for deadline in calendar.deadlines:
        said.append(f"{deadline.due.isoformat()}  {deadline.kind}  {deadline.owed_by}  {deadline.source}")
        said.append(f"    {deadline.label} : {deadline.computed}")
        said += [f"    {reminder.sentence}" for reminder in deadline.reminders]
    return said


def read_grant(data: object) -> GrantInput:
    """The financing plan of a documented JSON object. Raises `InputRefused`."""
    fields = _object(data, _GRANT, optional=_GRANT_OPTIONAL)
    return GrantInput(
        expenses=_expenses(fields),
        requested_cents=_cents(fields, "requested"),
        other_funding_cents=_cents(fields, "other_funding"),
        posts=_count(fields, "posts"),
        months=_count(fields, "months"),
        fte=_figure(fields, "fte") if fields.get("fte") is not None else None,
    )


def read_balance(data: object) -> BalanceInput:
    """The final account of a documented JSON object. Raises `InputRefused`."""
    fields = _object(data, _BALANCE, optional=_PARTS)
    return BalanceInput(
        grant_cents=_cents(fields, "grant"),
        advance_paid_cents=_cents(fields, "advance_paid"),
        expenses=_expenses(fields),
        other_funding_cents=_cents(fields, "other_funding"),
        results=Results(
            posts=_count(fields, "posts"),
            months_done=_figure(fields, "months_done"),
            hours_done=_figure(fields, "hours_done"),
            setting=_setting(fields),
            dynamic_exits=_count(fields, "dynamic_exits"),
            quality_pct=_figure(fields, "quality_pct", most=100),
        ),
    )


def _object(data: object, required: frozenset[str], *, optional: frozenset[str] = frozenset()) -> Mapping[str, object]:
    if not isinstance(data, Mapping):
        raise InputRefused("input", "un objet JSON est attendu.")
    unknown = sorted(str(key) for key in data if key not in required | optional)
    if unknown:
        raise InputRefused(unknown[0][:60], "ce champ n’est pas attendu.")
    missing = sorted(required - data.keys())
    if missing:
        raise InputRefused(missing[0], "ce champ manque.")
    return data


def _expenses(fields: Mapping[str, object]) -> Expenses:
    return Expenses(
        personnel_cents=_cents(fields, "personnel"),
        operating_cents=_cents(fields, "operating"),
        travel_cents=_cents(fields, "travel") if "travel" in fields else 0,
        rent_cents=_cents(fields, "rent") if "rent" in fields else 0,
        external_services_cents=_cents(fields, "external_services"),
        other_direct_cents=_cents(fields, "other_direct"),
        indirect_claimed_cents=_cents(fields, "indirect_claimed"),
    )


def _cents(fields: Mapping[str, object], field: str) -> int:
    try:
        return parse_euros(_text(fields, field, "un montant à deux décimales est attendu, par exemple 1234.50."))
    except AmountError as error:
        raise InputRefused(field, _inside_a_sentence(error.sentence)) from None


def _text(fields: Mapping[str, object], field: str, expected: str) -> str:
    """The figure as it was written; a JSON number is written in full, never in powers of ten."""
    value = fields[field]
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise InputRefused(field, expected)
    exact = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite() or exact.adjusted() > _MOST_DIGITS or int(exact.as_tuple().exponent) < -_MOST_DIGITS:
        raise InputRefused(field, "ce nombre n’en est pas un, ou il est trop long.")
    return f"{exact.to_integral_value() if exact == exact.to_integral_value() else exact:f}"


def _figure(fields: Mapping[str, object], field: str, *, most: int = MOST) -> Decimal:
    expected = "un nombre positif ou nul, avec deux décimales au plus, est attendu."
    text = _text(fields, field, expected).strip()
    if _NUMBER.fullmatch(text) is None:
        raise InputRefused(field, expected)
    figure = Decimal(text.replace(",", "."))
    if figure > most:
        raise InputRefused(field, f"ce nombre est trop élevé : {most} au plus.")
    return figure


def _count(fields: Mapping[str, object], field: str) -> int:
    figure = _figure(fields, field)
    if figure != figure.to_integral_value():
        raise InputRefused(field, "un nombre entier est attendu.")
    return int(figure)


def _setting(fields: Mapping[str, object]) -> str:
    value = fields["setting"]
    if value not in ("urban", "rural"):
        raise InputRefused("setting", "« urban » ou « rural » est attendu.")
    return str(value)


def _day(field: str, value: date | str) -> date:
    day = value if isinstance(value, date) else _parsed(field, value, date.fromisoformat)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise InputRefused(field, f"une date entre {FIRST_DAY.year} et {LAST_DAY.year} est attendue.")
    return day


def _month_day(field: str, value: str) -> tuple[int, int]:
    """The (month, day) of « 31/12 » or "12-31"; 29 February exists."""
    found = day_of_year(value)
    if found is None:
        raise InputRefused(field, "un jour et un mois sont attendus, comme 31/12.")
    return found


def _parsed(
    field: str,
    value: str,
    read: Callable[[str], date],
    expected: str = "une date est attendue, comme 2024-12-31.",
) -> date:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) is None:
        raise InputRefused(field, expected)
    try:
        return read(value)
    except ValueError:
        raise InputRefused(field, expected) from None


def _inside_a_sentence(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
