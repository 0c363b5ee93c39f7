"""Telling the participants of an operation by firing real transitions. Every name is invented.

`workflows.progress.stories` tells their months, activities and progress records.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from casework.applications import Application
from casework.clock import paris_day, paris_instant
from casework.details import OBSTACLES
from casework.participants import Journey
from casework.people import Actor
from casework.settings import Settings
from workflows.engine import Act, fire
from workflows.journey.assessment_stories import tell_grids
from workflows.journey.assessments import grid_of
from workflows.journey.orienting import orient
from workflows.journey.reading import OPEN_STATES, WITHOUT_PARTICIPANTS
from workflows.journey.track_stories import tell_tracks
from workflows.rules.exits import ExitKind, exit_kinds
from workflows.stories import Cast
from workflows.versions import scheme_of

FAMILY_NAMES = (
    "Aubrietta", "Bergenia", "Clarkiarde", "Dianthier", "Erigeronne", "Filipendal", "Gaillarde", "Heucherel",
    "Ibéride", "Jasione", "Kalmiart", "Lysimaque", "Monardin", "Nigellier", "Orpinel", "Potentille",
)  # fmt: skip
GIVEN_NAMES = (
    ("Amandine", "F"), ("Bruno", "M"), ("Chloé", "F"), ("Djibril", "M"), ("Estelle", "F"), ("Florian", "M"),
    ("Ghislaine", "F"), ("Hamid", "M"), ("Ingrid", "F"), ("Jordan", "M"), ("Karima", "F"),
)  # fmt: skip
TOWNS = (("62000", "Arras"), ("62300", "Lens"), ("62100", "Calais"), ("62500", "Saint-Omer"), ("62130", "Roëllecourt"))
EMPLOYERS = (("Atelier Aubépine", "Arras"), ("Maraîchage des Sept Vents", "Lens"), ("Résidence des Tilleuls", "Calais"))
SENT_BY = (
    ("mds", "MDS de l’Arrageois"),
    ("france_travail", "Agence de Lens"),
    ("mission_locale", "Mission locale de l’Artois"),
    ("caf", "CAF du Pas-de-Calais"),
)
STEP_DAYS, RECORDED_STEP_DAYS = 17, 6
"""Days between two orientations, so that an operation fills little by little; sooner where each month is paid."""
STAY_DAYS, RECORDED_STAY_DAYS = 95, 170
"""Days that the first one stays; each next one stays a little longer."""


@dataclass(frozen=True)
class _Stage:
    session: Session
    settings: Settings
    cast: Cast
    application: Application
    until: datetime

    def past(self, day: date) -> bool:
        return self.at(day) <= self.until

    def at(self, day: date) -> datetime:
        return paris_instant(day, time(11, 0))

    def by_operator(self, day: date, data: dict[str, str]) -> Act:
        return Act(self.cast.applicant, self.at(day), self.settings, data)

    def fire(self, journey: Journey, actor: Actor, trigger: str, day: date, **data: Any) -> None:
        fire(self.session, journey, trigger, Act(actor, self.at(day), self.settings, data, journey.version))


def tell_journeys(
    session: Session, settings: Settings, cast: Cast, application: Application, until: datetime, *, count: int = 6
) -> list[Journey]:
    """Orient `count` invented people into an open operation and let each go on until `until` at most.

    Does nothing outside the states where journeys move: call it while the operation runs.
    """
    if application.state not in OPEN_STATES or application.scheme_code in WITHOUT_PARTICIPANTS:
        return []
    stage = _Stage(session, settings, cast, application, until)
    convention = application.convention
    if convention is None or convention.signed_on is None:
        return []
    first = max(convention.starts_on, convention.signed_on, paris_day(application.state_since))
    told = []
    for rank in range(count):
        day = first + timedelta(days=2 + (RECORDED_STEP_DAYS if _recorded(application) else STEP_DAYS) * rank)
        if stage.past(day) and day <= convention.ends_on:
            told.append(_tell(stage, rank, day, convention.ends_on))
    newest = paris_day(until) - timedelta(days=2)
    if first < newest <= convention.ends_on:
        told.append(_newcomer(stage, count, newest))
    return told


def _newcomer(stage: _Stage, rank: int, day: date) -> Journey:
    """Somebody whom the operator has just oriented: where the sheet asks it, the SLAI finds her among what waits."""
    act = Act(stage.cast.applicant, stage.at(day), stage.settings, _identity(stage, rank))
    return orient(stage.session, stage.application, act)


def _tell(stage: _Stage, rank: int, day: date, end: date) -> Journey:
    """Of six people, the second does not come, the fourth is suspended a while, the fifth stays, whom nobody
    informed of her rights, the others exit."""
    journey = orient(stage.session, stage.application, Act(_who(stage, rank), stage.at(day), stage.settings,
                                                           _identity(stage, rank)))  # fmt: skip
    if journey.awaits_validation:
        if not stage.past(day + timedelta(days=3)):
            return journey
        stage.fire(journey, stage.cast.slai, "validate_orientation", day + timedelta(days=3))
    entry = day + timedelta(days=7)
    if not stage.past(entry) or entry > end:
        return journey
    if rank % 6 == 1:
        reason = "Deux rendez-vous proposés, sans réponse."
        stage.fire(journey, stage.cast.applicant, "decline", entry, cause="absent", reason=reason)
        return journey
    informed = {} if rank % 6 == 4 else {"informed": "read" if rank % 3 else "handed"}
    stage.fire(
        journey, stage.cast.applicant, "admit", entry, entered_on=entry.isoformat(), confirmed="verified", **informed
    )
    tell_tracks(stage.session, journey, entry, rank, past=stage.past, act=stage.by_operator)
    _hire(stage, journey, entry + timedelta(days=10))
    if rank % 6 == 3:
        _suspend(stage, journey, entry + timedelta(days=30))
    stay = RECORDED_STAY_DAYS if _recorded(stage.application) else STAY_DAYS
    last = entry + timedelta(days=stay + 8 * rank)
    _assess(stage, journey, rank, {"entry": entry, "evaluation": entry, "midway": entry + timedelta(days=50)})
    _describe(stage, journey, rank, entry)
    if rank % 6 != 4:
        _leave(stage, journey, rank, last, end)
        _assess(stage, journey, rank, {"exit": last} if journey.exited_on else {})
        _describe(stage, journey, rank, last)
    return journey


def _hire(stage: _Stage, journey: Journey, day: date) -> None:
    """Where the sheet follows people in their new work (3.2): hired on this day, with two months of trial."""
    if scheme_of(stage.application).interview_pace is None or not stage.past(day):
        return
    dates = {"hired_on": day.isoformat(), "trial_ends_on": (day + timedelta(days=60)).isoformat()}
    stage.fire(journey, stage.cast.applicant, "record_hiring", day, **dates)


def _assess(stage: _Stage, journey: Journey, rank: int, days: dict[str, date]) -> None:
    """Grids where the sheet has one; the third person's point midway is still to be done."""
    done = {code: day for code, day in days.items() if stage.past(day) and (code, rank) != ("midway", 2)}
    tell_grids(stage.session, stage.settings, stage.cast.applicant, journey, done, rank=rank)


def _describe(stage: _Stage, journey: Journey, rank: int, day: date) -> None:
    """Where the sheet has grids, the obstacles at the entry, of which one is lifted at the exit; the third person’s are
    still to be said."""
    if grid_of(stage.application) is None or rank == 2 or not stage.past(day):
        return
    codes = list(OBSTACLES)
    met = [codes[rank % len(codes)], codes[(rank + 2) % len(codes)]]
    left = {"obstacles_left": met[1:]} if journey.exited_on else {}
    stage.fire(journey, stage.cast.applicant, "describe", day, obstacles=met, **left)


def _recorded(application: Application) -> bool:
    """3.10 to 3.12, where each month of each person has its progress record."""
    return scheme_of(application).followup.cre_per_participant


def _who(stage: _Stage, rank: int) -> Actor:
    return stage.cast.slai if rank % 3 == 2 else stage.cast.applicant


def _identity(stage: _Stage, rank: int) -> dict[str, str]:
    number = stage.application.id * 7 + rank
    given, sex = GIVEN_NAMES[number % len(GIVEN_NAMES)]
    postcode, town = TOWNS[number % len(TOWNS)]
    territories = stage.application.territories
    young = rank % 6 == 5
    year = 2001 if young else 1966 + number * 5 % 32
    return {
        "family_name": FAMILY_NAMES[number % len(FAMILY_NAMES)],
        "given_name": given,
        "sex": sex,
        "birth_date": date(year, 1 + number % 12, 1 + number * 11 % 28).isoformat(),
        "postcode": postcode,
        "town": town,
        "public": "young" if young else scheme_of(stage.application).publics[0],
        "territory": str(territories[rank % len(territories)].id) if territories else "1",
        "prescriber": SENT_BY[rank % len(SENT_BY)][0],
        "prescriber_body": SENT_BY[rank % len(SENT_BY)][1],
        "born": f"{1 + number % 12:02d}/{stage.until.year - 1 - rank % 2}",
        "person": "new",
        "confirmed": "verified",
    }


def _suspend(stage: _Stage, journey: Journey, day: date) -> None:
    back = day + timedelta(days=14)
    if stage.past(day):
        reason = "Absence de deux semaines, accord du référent."
        stage.fire(journey, stage.cast.applicant, "suspend", day, started_on=day.isoformat(), reason=reason)
    if stage.past(back):
        stage.fire(journey, stage.cast.applicant, "resume", back, resumed_on=back.isoformat())


def _leave(stage: _Stage, journey: Journey, rank: int, day: date, end: date) -> None:
    if not stage.past(day) or day > end:
        return
    kinds = exit_kinds(scheme_of(stage.application))
    kind = kinds[rank * 3 % len(kinds)]
    said = {"exited_on": day.isoformat(), "exit_kind": kind.code, **_employment(kind, rank), **_after(stage, rank)}
    stage.fire(journey, stage.cast.applicant, "record_exit", day, **said)


def _employment(kind: ExitKind, rank: int) -> dict[str, str]:
    """Where somebody works, for the kinds of exit that are jobs."""
    if kind.family not in ("durable", "transition"):
        return {}
    name, town = EMPLOYERS[rank % len(EMPLOYERS)]
    hours = "35" if rank % 2 else "24,5"
    time = "full" if rank % 2 else "part"
    return {"employer_name": name, "employer_town": town, "working_time": time, "weekly_hours": hours}


def _after(stage: _Stage, rank: int) -> dict[str, Any]:
    if scheme_of(stage.application).next_steps_line is None:
        return {}
    return {"next_step": ("insertion", "training", "support")[rank % 3]}
