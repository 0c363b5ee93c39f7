"""The conditional part of a grant: 90 % for months (and hours in 3.10), 5 % for exits, 5 % for quality.

Lines 2514–2532 (3.10), 2836–2850 (3.11), 3137–3147 (3.12). Each part is earned pro rata of its result and never more
than whole; in 3.10 months and hours each count for half of the 90 %. Where a scheme sets no condition, all is earned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from workflows.rules.explanation import RuleWarning, number, percent
from workflows.rules.results import Results
from workflows.scheme import ConditionalShare, Scheme

MONTHS_PER_POST = 12


@dataclass(frozen=True)
class Part:
    """`weight` is the part's share of the grant, `ratio` how much of it is earned, both between 0 and 1."""

    label: str
    weight: Fraction
    ratio: Fraction
    formula: str
    line: int


def conditional_parts(scheme: Scheme, results: Results) -> tuple[tuple[Part, ...], tuple[RuleWarning, ...]]:
    """Every part with what it earned; without any post there is no objective, nothing is earned on it, and it is said.

    No part at all where the scheme sets no condition.
    """
    split = scheme.funding.conditional_split
    parts = tuple(part for condition in split for part in _parts_of(scheme, condition, results))
    if not split or results.posts:
        return parts, ()
    sentence = "Aucun poste indiqué : les objectifs ne peuvent pas être mesurés et ne comptent pour rien."
    return parts, (RuleWarning("no_post", sentence, split[0].line, "posts"),)


def conditional_share(parts: Sequence[Part]) -> Fraction:
    """The exact share of the grant that is earned, between 0 and 1; the whole where there is no condition."""
    return sum((part.weight * part.ratio for part in parts), Fraction(0)) if parts else Fraction(1)


def _parts_of(scheme: Scheme, condition: ConditionalShare, results: Results) -> tuple[Part, ...]:
    weight = Fraction(condition.share_pct, 100)
    if condition.measure == "months":
        return (_months(weight, condition, results),)
    if condition.measure == "months_and_hours":
        return (_months(weight / 2, condition, results), _hours(scheme, weight / 2, results))
    if condition.measure == "exits":
        return (_exits(scheme, weight, condition, results),)
    if condition.measure == "quality":
        return (_quality(weight, condition, results),)
    raise ValueError(f"unknown measure {condition.measure!r}")


def objectives(scheme: Scheme, posts: int, setting: str) -> dict[str, int]:
    """What the sheet wants of these posts over a year, in months and in hours ("months", "hours"), where it says."""
    measures = {condition.measure for condition in scheme.funding.conditional_split}
    hours = scheme.funding.hours_objective
    found = {}
    if measures & {"months", "months_and_hours"}:
        found["months"] = posts * MONTHS_PER_POST
    if hours is not None and "months_and_hours" in measures:
        found["hours"] = (hours.rural if setting == "rural" else hours.urban) * posts * MONTHS_PER_POST
    return found


def _months(weight: Fraction, condition: ConditionalShare, results: Results) -> Part:
    objective = Fraction(results.posts * MONTHS_PER_POST)
    detail = f"{number(results.months_done)} mois ÷ ({results.posts} postes × {MONTHS_PER_POST} mois)"
    return _pro_rata("Mois d’accompagnement", weight, results.months_done, objective, detail, condition.line)


def _hours(scheme: Scheme, weight: Fraction, results: Results) -> Part:
    hours = scheme.funding.hours_objective
    if hours is None:
        raise ValueError(f"scheme {scheme.code} measures hours without an objective")
    monthly, setting = (hours.rural, "rural") if results.setting == "rural" else (hours.urban, "urbain")
    objective = Fraction(monthly * results.posts * MONTHS_PER_POST)
    detail = (
        f"{number(results.hours_done)} h ÷ ({monthly} h en milieu {setting} × {results.posts} postes × "
        f"{MONTHS_PER_POST} mois)"
    )
    return _pro_rata("Heures de mise à disposition", weight, results.hours_done, objective, detail, hours.line)


def _exits(scheme: Scheme, weight: Fraction, condition: ConditionalShare, results: Results) -> Part:
    per_post = Fraction(scheme.funding.exit_objective_per_post or 0)
    detail = f"{results.dynamic_exits} sorties ÷ ({results.posts} postes × {number(per_post)})"
    objective = results.posts * per_post
    return _pro_rata("Sorties dynamiques", weight, results.dynamic_exits, objective, detail, condition.line)


def _quality(weight: Fraction, condition: ConditionalShare, results: Results) -> Part:
    ratio = Fraction(results.quality_pct) / 100
    formula = f"{percent(weight * 100)} × {percent(results.quality_pct)}"
    return Part("Référentiel qualité", weight, ratio, formula, condition.line)


def _pro_rata(label: str, weight: Fraction, done: int | Decimal, objective: Fraction, detail: str, line: int) -> Part:
    ratio = min(Fraction(1), Fraction(done) / objective) if objective else Fraction(0)
    return Part(
        label,
        weight,
        ratio,
        f"{percent(weight * 100)} × {percent(ratio * 100)} ({detail}, {percent(100)} au plus)",
        line,
    )
