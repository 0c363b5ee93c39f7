"""What to tell about the dates and the bearers of an operation. Nothing here blocks: an officer accepts each, by name.

The call contradicts itself on dates (retroactive starts l.121, fixed years l.2500 against later sessions l.2489), so
every one of them is a warning and none a refusal.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from workflows.rules.calendar import add_months
from workflows.rules.explanation import RuleWarning
from workflows.scheme import Scheme, Window


def date_warnings(
    scheme: Scheme, start: date, end: date, *, window: Window | None, known_on: date
) -> tuple[RuleWarning, ...]:
    """Warnings on the days of an operation, both included.

    `window` is the deposit session used, None when unknown; `known_on` the day of the deposit (Europe/Paris).
    """
    return tuple(
        warning
        for warnings in (
            _outside_range(window, start),
            _retroactive(scheme, window, start, known_on),
            _fixed_year(scheme, start, end),
            _duration(scheme, start, end),
        )
        for warning in warnings
    )


def co_bearer_warnings(scheme: Scheme, co_bearers: int) -> tuple[RuleWarning, ...]:
    """A warning when an application has co-bearers in a scheme that foresees a single one (all but 3.7)."""
    if co_bearers <= 0 or scheme.form.co_bearers:
        return ()
    sentence = f"Le dispositif {scheme.code} ne prévoit pas de porteur associé : {_bearers(co_bearers)}."
    return (RuleWarning("co_bearer_unforeseen", sentence, field="co_bearers"),)


def _bearers(co_bearers: int) -> str:
    return "un porteur associé est déclaré" if co_bearers == 1 else f"{co_bearers} porteurs associés sont déclarés"


def _outside_range(window: Window | None, start: date) -> Iterator[RuleWarning]:
    if window is None:
        return
    first, last = window.operations_from, window.operations_to
    if (first is None or first <= start) and (last is None or start <= last):
        return
    sentence = f"Cette session est ouverte aux opérations qui démarrent {_range(first, last)}, celle-ci {_on(start)}."
    yield RuleWarning("start_outside_range", sentence, window.line, "start")


def _range(first: date | None, last: date | None) -> str:
    if first is not None and first == last:
        return _on(first)
    if first is not None and last is not None:
        return f"du {_day(first)} au {_day(last)}"
    if first is not None:
        return f"à partir du {_day(first)}"
    return f"jusqu’au {_day(last)}" if last is not None else "à toute date"


def _retroactive(scheme: Scheme, window: Window | None, start: date, known_on: date) -> Iterator[RuleWarning]:
    if start >= known_on:
        return
    sentence = f"L’opération démarre {_on(start)}, avant le dépôt de la demande ({_day(known_on)})."
    yield RuleWarning("start_retroactive", sentence, window.line if window else scheme.convention.line, "start")


def _fixed_year(scheme: Scheme, start: date, end: date) -> Iterator[RuleWarning]:
    terms = scheme.convention
    if terms.fixed_from is None or terms.fixed_to is None or (start, end) == (terms.fixed_from, terms.fixed_to):
        return
    sentence = (
        f"Le dispositif {scheme.code} fixe l’opération du {_day(terms.fixed_from)} au {_day(terms.fixed_to)} ; "
        f"celle-ci va du {_day(start)} au {_day(end)}."
    )
    yield RuleWarning("fixed_year", sentence, terms.line, "start")


def _duration(scheme: Scheme, start: date, end: date) -> Iterator[RuleWarning]:
    terms = scheme.convention
    if end < start:
        yield RuleWarning("end_before_start", "La fin de l’opération précède son début.", terms.line, "end")
    elif end > add_months(start, terms.max_months) - timedelta(days=1):
        sentence = f"L’opération va du {_day(start)} au {_day(end)} : plus de {terms.max_months} mois."
        yield RuleWarning("too_long", sentence, terms.line, "end")


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _on(day: date) -> str:
    return f"le {_day(day)}"
