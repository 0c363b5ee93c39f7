"""The advance paid at signature: what is proposed, and the most that may be paid."""

from __future__ import annotations

from dataclasses import dataclass

from casework.amounts import ceiling_share, decimal_string, euros, share
from workflows.rules.explanation import Step, line_source, percent, steps_as_dicts
from workflows.scheme import Scheme


@dataclass(frozen=True)
class Advance:
    """Proposed amount and ceiling, in cents; an officer may lower the first, nobody may pass the second."""

    scheme: str
    proposed_cents: int
    ceiling_cents: int
    steps: tuple[Step, ...]

    def as_dict(self) -> dict[str, object]:
        return {
            "scheme": self.scheme,
            "proposed": decimal_string(self.proposed_cents),
            "ceiling": decimal_string(self.ceiling_cents),
            "steps": steps_as_dicts(self.steps),
        }


def proposed_advance(scheme: Scheme, grant_cents: int) -> Advance:
    """The default rate of the grant, never above the scheme's ceiling; the ceiling itself is rounded down.

    80 % at most in 3.5 (l.1090), 3.6 (l.1397) and 3.8 (l.1898); the whole grant where the sheet says nothing.
    """
    if grant_cents < 0:
        raise ValueError("a grant is never negative")
    payment, source = scheme.payment, line_source(scheme.payment.line)
    ceiling = ceiling_share(grant_cents, payment.advance_ceiling_pct)
    proposed = min(share(grant_cents, payment.advance_default_pct), ceiling)
    steps = (
        Step("Plafond de l’avance", f"{percent(payment.advance_ceiling_pct)} × {euros(grant_cents)}", ceiling, source),
        Step("Avance proposée", f"{percent(payment.advance_default_pct)} × {euros(grant_cents)}", proposed, source),
    )
    return Advance(scheme.code, proposed, ceiling, steps)
