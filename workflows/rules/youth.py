"""The share of young people among those accompanied since the start of an operation, by their age at entry."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from workflows.rules.explanation import percent
from workflows.scheme import Scheme

NEAR = Fraction(3, 4)
"""Warned from three quarters of the ceiling: 15 % where it is 20 %."""


@dataclass(frozen=True)
class YouthShare:
    """`level`: none (no ceiling, or nobody yet) | within | near | over. `share_pct` is exact, per cent."""

    level: str
    share_pct: Fraction
    sentence: str


def youth_share(scheme: Scheme, *, accompanied: int, young: int) -> YouthShare:
    """Where `young` people out of `accompanied` stand against the scheme's ceiling; over it, an officer accepts."""
    if not 0 <= young <= accompanied:
        raise ValueError("young people are among those accompanied")
    if scheme.youth_cap_pct is None or not accompanied:
        return YouthShare("none", Fraction(0), "")
    share = Fraction(100 * young, accompanied)
    cap = scheme.youth_cap_pct
    level = "over" if share > cap else "near" if share >= cap * NEAR else "within"
    sentence = (
        f"Moins de {scheme.youth_age} ans : {young} sur {accompanied} ({percent(share)}), pour {percent(cap)} au plus."
    )
    return YouthShare(level, share, sentence)
