"""Where a case stands: the steps passed with their dates, the next deadlines, the facts in brief."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from casework.amendments import days_of
from casework.amounts import euros
from casework.applications import FINAL_STATES, STATES, Application
from casework.clock import paris_day
from casework.french import distance, listed, long_date, moment
from casework.journal import Event
from casework.money import Payment
from casework.people import PARTNERS, ROLES
from web.case_layout import CaseView
from workflows.application import MAIN_PATH
from workflows.application.guards import balance_due

SOON = timedelta(days=7)


def steps_of(application: Application, passages: Sequence[Event]) -> list[dict[str, Any]]:
    """The steps of the main path, those passed with the day they were entered; a side exit ends the list."""
    entered = {event.after: paris_day(event.at) for event in passages}
    if application.state in MAIN_PATH:
        here = MAIN_PATH.index(application.state)
        return [_step(state, rank - here, entered) for rank, state in enumerate(MAIN_PATH)]
    passed = [state for state in MAIN_PATH if state in entered]
    side = {"label": STATES[application.state], "status": "side", "at": entered.get(application.state)}
    return [*(_step(state, -1, entered) for state in passed), side]


def _step(state: str, offset: int, entered: dict[str | None, date]) -> dict[str, Any]:
    finished = offset == 0 and state in FINAL_STATES
    status = "done" if offset < 0 or finished else "current" if offset == 0 else "todo"
    return {"label": STATES[state], "status": status, "at": entered.get(state) if offset <= 0 else None}


def deadlines_of(view: CaseView, today: date) -> list[dict[str, Any]]:
    """The open deadlines, the earliest first, with their distance and who owes them."""
    return [
        {
            "label": deadline.label,
            "due_on": deadline.due_on,
            "late": deadline.late(today),
            "soon": today <= deadline.due_on <= today + SOON,
            "distance": distance(deadline.due_on, today),
            "owed_by": PARTNERS.get(deadline.partner or "") or ROLES[deadline.owed_by],
            "source": deadline.source,
        }
        for deadline in view.deadlines
        if deadline.status == "open"
    ]


def facts_of(view: CaseView) -> list[tuple[str, str | None]]:
    """The case in brief, a line only for what can be known at its step."""
    case = view.application
    rows: list[tuple[str, str | None]] = [
        ("Territoires", listed([territory.name for territory in case.territories])),
        ("Opération", _period(*days_of(case))),
    ]
    if case.co_bearers:
        rows.insert(0, ("Porteurs associés", listed([organisation.name for organisation in case.co_bearers])))
    rows += _amounts(view)
    if case.decided_on:
        rows.append(("Décision", f"{case.decision_reference}, le {long_date(case.decided_on)}"))
    rows += _convention(case)
    rows += _deposit(case)
    return rows


def _period(start: date | None, end: date | None) -> str | None:
    if start is None or end is None:
        return f"à partir du {long_date(start)}" if start else None
    return f"du {long_date(start)} au {long_date(end)}"


def _amounts(view: CaseView) -> list[tuple[str, str | None]]:
    case = view.application
    rows: list[tuple[str, str | None]] = [("Montant demandé", euros(case.requested_cents))]
    if case.proposed_cents is not None and case.granted_cents is None and view.inside:
        rows.append(("Montant proposé", euros(case.proposed_cents)))
    if case.granted_cents is not None:
        rows.append(("Montant accordé", euros(case.granted_cents)))
        rows.append(("Versé à ce jour", euros(paid_cents(view.loaded.payments))))
    return rows + _balance(view)


def _balance(view: CaseView) -> list[tuple[str, str | None]]:
    """What the control found due and, until the case is closed, what is still to be paid or recovered."""
    case, payments = view.application, view.loaded.payments
    if case.report is None or case.report.due_cents is None:
        return []
    rows: list[tuple[str, str | None]] = [("Dû après contrôle", euros(case.report.due_cents))]
    difference = balance_due(case, payments)
    settled = any(p.live and p.paid_on is not None and p.kind in ("balance", "recovery") for p in payments)
    if case.state == "balance" and difference and not settled:
        rows.append(("Solde à payer" if difference > 0 else "Reversement à demander", euros(abs(difference))))
    return rows


def paid_cents(payments: Sequence[Payment]) -> int:
    """Cents really paid to the applicant, less what it has paid back."""
    done = [payment for payment in payments if payment.live and payment.paid_on is not None]
    return sum(-payment.amount_cents if payment.kind == "recovery" else payment.amount_cents for payment in done)


def _convention(case: Application) -> list[tuple[str, str | None]]:
    convention = case.convention
    if convention is None:
        return []
    signed = f"signée le {long_date(convention.signed_on)}" if convention.signed_on else "pas encore signée"
    rows: list[tuple[str, str | None]] = [("Convention", f"{convention.number}, {signed}")]
    if convention.terminated_on is not None:
        rows.append(("Résiliation", f"au {long_date(convention.terminated_on)}"))
    return rows


def _deposit(case: Application) -> list[tuple[str, str | None]]:
    rows: list[tuple[str, str | None]] = [("Session de dépôt", _period(case.opens_on, case.closes_on))]
    if case.deposited_at:
        rows.append(("Déposé", moment(case.deposited_at)))
    if case.submitted_at:
        rows.append(("Validé", moment(case.submitted_at)))
    return rows
