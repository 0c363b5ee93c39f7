"""What a committee has to speak of, proposed to whoever convenes it: the decisions to follow, and where the operation
stands, in counts only. Partners and guests read it: fewer than five people are not counted there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy.orm import Session

from casework.applications import Application
from casework.committees import CommitteeDecision, decisions_of
from casework.durations import said_hours
from casework.french import counted, long_date
from casework.participants import FAMILIES
from workflows.application.figures import forecast_of, operation_of
from workflows.rules import dashboard
from workflows.rules.dashboard import discreet_groups
from workflows.rules.figures import ENTERED, FEWEST, Operation, Trace, tally
from workflows.rules.outside import discreet_figures
from workflows.rules.results import months_accompanied
from workflows.rules.youth import youth_share
from workflows.scheme import Scheme
from workflows.versions import scheme_of

CLOSING = ("Les freins, les partenaires, la suite", "Date du prochain comité")


def agenda_of(session: Session, application: Application, today: date) -> str:
    """The topics, numbered, with their figures on this day. Three queries."""
    operation, scheme = operation_of(session, application, today), scheme_of(application)
    topics = [
        (
            "Suites des décisions précédentes",
            [said(one) for one in decisions_of(session, application.id, still_open=True)],
        ),
        *_people(scheme, operation),
        ("Les indicateurs de la fiche", list(_figures(application, scheme, operation))),
        *((title, [""]) for title in CLOSING),
    ]
    told = [(title, lines) for title, lines in topics if lines]
    return "\n".join(
        f"{rank}. {title}" + "".join(f"\n   – {line}" for line in lines if line)
        for rank, (title, lines) in enumerate(told, start=1)
    )


def said(decision: CommitteeDecision) -> str:
    """« Relancer la plateforme (porteur, pour le 15 mars 2024) »"""
    due = f", pour le {long_date(decision.due_on)}" if decision.due_on else ""
    return f"{' '.join(decision.text.split())} ({decision.responsible}{due})"


def _people(scheme: Scheme, operation: Operation) -> Iterator[tuple[str, list[str]]]:
    """The public, the months and the hours, the exits; nothing where nobody entered."""
    entered = [trace for trace in operation.traces if trace.entered_on is not None]
    if not entered:
        return
    everybody = {trace.person_id for trace in entered}
    young = {trace.person_id for trace in entered if trace.age is not None and trace.age < scheme.youth_age}
    exits = [trace.exit_family for trace in entered if trace.exit_family is not None]
    standing = {"present": len(entered) - len(exits), "gone": len(exits)}
    where = discreet_groups(dashboard.ENTERED, len(everybody), standing)
    yield (
        "Le public",
        [
            f"Personnes accompagnées depuis le début : {_few(len(everybody))}, en parcours : {where['present']}",
            _youth(scheme, len(everybody), len(young)),
        ],
    )
    months = sum(_months(trace, operation.until) for trace in entered)
    hours = said_hours(sum(trace.minutes for trace in entered))
    yield "Les mois et les heures", [f"{counted(months, 'mois', 'mois')} d’accompagnement, {hours} saisies"]
    families = {label: exits.count(code) for code, label in FAMILIES.items() if code in exits}
    shared = discreet_groups(dashboard.ENDED, len(exits), families)
    yield "Les sorties", [f"Sorties : {where['gone']}", *(f"{label} : {said}" for label, said in shared.items())]


def _youth(scheme: Scheme, everybody: int, young: int) -> str:
    """The share of young people, unless it tells of few people: young, others, or all of them."""
    told = discreet_groups(dashboard.ENTERED, everybody, {"young": young, "older": everybody - young})
    if isinstance(told["young"], str) or 0 < everybody < FEWEST:
        return f"Jeunes : {told['young'] if isinstance(told['young'], str) else dashboard.UNSAID}"
    return youth_share(scheme, accompanied=everybody, young=young).sentence


def _few(number: int) -> str:
    return f"moins de {FEWEST}" if 0 < number < FEWEST else str(number)


def _months(trace: Trace, until: date) -> int:
    if trace.entered_on is None or trace.entered_on > until:
        return 0
    return months_accompanied(trace.entered_on, min(trace.exited_on or until, until), ())


def _figures(application: Application, scheme: Scheme, operation: Operation) -> Iterator[str]:
    counted = [(one, tally(operation, one).value) for one in scheme.figures if one.measure not in ENTERED]
    for (figure, _), value in zip(counted, discreet_figures(counted), strict=True):
        if value is None:
            continue
        foreseen = forecast_of(application, figure)
        achieved = value if isinstance(value, str) else f"{value:.0f}"
        yield f"{figure.label} : {achieved}" + (f" (prévu : {foreseen})" if foreseen is not None else "")
