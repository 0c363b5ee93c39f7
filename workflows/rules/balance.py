"""What is due once the final report is controlled: the balance to pay, or the recovery of what was paid too much."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from casework.amounts import decimal_string, euros, round_half_up
from workflows.rules.conditions import Part, conditional_parts, conditional_share
from workflows.rules.costs import AcceptedCosts, Expenses, accepted_costs
from workflows.rules.explanation import (
    RuleWarning,
    Step,
    funding_line,
    line_source,
    percent,
    steps_as_dicts,
    warnings_as_texts,
)
from workflows.rules.results import NO_RESULT, Results
from workflows.scheme import Scheme


@dataclass(frozen=True, kw_only=True)
class BalanceInput:
    """Amounts in cents. `expenses` are those accepted by the control of the final report.

    Nothing may be negative (`ValueError`).
    """

    grant_cents: int
    advance_paid_cents: int
    expenses: Expenses
    other_funding_cents: int = 0
    results: Results = NO_RESULT

    def __post_init__(self) -> None:
        if min(self.grant_cents, self.advance_paid_cents, self.other_funding_cents) < 0:
            raise ValueError("a final account has no negative figure")


@dataclass(frozen=True)
class Balance:
    """Amounts in cents: due = advance paid + balance − recovery, and one of the two last ones is zero.

    `share` is the exact conditional part, between 0 and 1.
    """

    scheme: str
    costs: AcceptedCosts
    share: Fraction
    due_cents: int
    balance_cents: int
    recovery_cents: int
    steps: tuple[Step, ...]
    warnings: tuple[RuleWarning, ...]

    @property
    def share_pct(self) -> Decimal:
        """The conditional part, per cent, rounded half up to two decimals."""
        return Decimal(round_half_up(self.share * 10_000)) / 100

    def as_dict(self) -> dict[str, object]:
        """The JSON of `casework explain balance`; the share is a number per cent with two decimals at most."""
        return {
            "scheme": self.scheme,
            "accepted_total": decimal_string(self.costs.total_cents),
            "conditional_share_pct": float(self.share_pct),
            "due": decimal_string(self.due_cents),
            "balance": decimal_string(self.balance_cents),
            "recovery": decimal_string(self.recovery_cents),
            "steps": steps_as_dicts(self.steps),
            "warnings": warnings_as_texts(self.warnings),
        }


def final_balance(scheme: Scheme, account: BalanceInput) -> Balance:
    """due = min(grant × conditional part, accepted total − other funding), never below zero; then minus the advance."""
    costs = accepted_costs(scheme, account.expenses)
    parts, part_warnings = conditional_parts(scheme, account.results)
    acquired = conditional_share(parts)
    earned = account.grant_cents * acquired
    supported = max(0, costs.total_cents - account.other_funding_cents)
    due = round_half_up(min(earned, Fraction(supported)))
    steps = (
        *costs.steps,
        *_share_steps(scheme, account, parts, acquired),
        *_due_steps(scheme, account, costs, earned, due),
        _settlement_step(scheme, account, due),
    )
    return Balance(
        scheme=scheme.code,
        costs=costs,
        share=acquired,
        due_cents=due,
        balance_cents=max(0, due - account.advance_paid_cents),
        recovery_cents=max(0, account.advance_paid_cents - due),
        steps=steps,
        warnings=(*costs.warnings, *part_warnings, *_account_warnings(scheme, account)),
    )


def _share_steps(
    scheme: Scheme, account: BalanceInput, parts: tuple[Part, ...], acquired: Fraction
) -> tuple[Step, ...]:
    """One step per part; each takes the cents by which it moves the running total, so that they add up exactly."""
    steps: list[Step] = []
    running = Fraction(0)
    for part in parts:
        before, running = running, running + account.grant_cents * part.weight * part.ratio
        cents = round_half_up(running) - round_half_up(before)
        formula = f"{euros(account.grant_cents)} × {part.formula}"
        steps.append(Step(part.label, formula, cents, line_source(part.line)))
    earned = round_half_up(account.grant_cents * acquired)
    whole = f"{percent(acquired * 100)} de {euros(account.grant_cents)}"
    formula = " + ".join(euros(step.amount_cents) for step in steps) + f", soit {whole}" if steps else whole
    line = parts[0].line if parts else scheme.payment.line
    return (*steps, Step("Part acquise de la subvention", formula, earned, line_source(line)))


def _due_steps(
    scheme: Scheme, account: BalanceInput, costs: AcceptedCosts, earned: Fraction, due: int
) -> tuple[Step, ...]:
    supported = max(0, costs.total_cents - account.other_funding_cents)
    formula = f"{euros(costs.total_cents)} − {euros(account.other_funding_cents)}"
    return (
        Step("Dépenses acceptées moins les autres financements", formula, supported, line_source(funding_line(scheme))),
        Step(
            "Montant dû",
            f"le plus petit de {euros(round_half_up(earned))} et {euros(supported)}",
            due,
            line_source(scheme.payment.line),
        ),
    )


def _settlement_step(scheme: Scheme, account: BalanceInput, due: int) -> Step:
    paid, source = account.advance_paid_cents, line_source(scheme.payment.line)
    if due < paid:
        return Step("Reversement à demander", f"{euros(paid)} d’avance − {euros(due)}", paid - due, source)
    return Step("Solde à verser", f"{euros(due)} − {euros(paid)} d’avance", due - paid, source)


def _account_warnings(scheme: Scheme, account: BalanceInput) -> tuple[RuleWarning, ...]:
    if account.advance_paid_cents <= account.grant_cents:
        return ()
    sentence = "L’avance versée dépasse la subvention accordée."
    return (RuleWarning("advance_above_grant", sentence, scheme.payment.line, "advance_paid"),)
