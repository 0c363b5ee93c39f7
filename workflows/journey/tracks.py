"""What the sheet follows for each participant, noted as dated facts: 3.5 solutions, 3.6 childcare, 3.7 and 3.8 phases.

A fact entered by mistake is withdrawn; the journal keeps both. Nothing is noted outside of the journey, but the
requests that were deposited before it (3.8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import db, journal
from casework.applications import Application
from casework.clock import paris_day
from casework.durations import DurationError, parse_hours, typed_hours
from casework.errors import Forbidden, InvalidInput, NotFound, Refused
from casework.french import long_date
from casework.journey_facts import MINUTES_A_WEEK, SETTLED, STATUSES, JourneyFact, facts_of, newest
from casework.participants import Journey
from casework.permissions import may_journey
from workflows.engine import Act
from workflows.inputs import Input, read
from workflows.journey.reading import why_closed
from workflows.rules.explanation import RuleWarning, line_source
from workflows.rules.tracks import Noted, described, missing_before, to_look_at, track_of
from workflows.scheme import Scheme, Track
from workflows.versions import scheme_of

RECORDED = journal.register("journey.fact_recorded", "Suivi noté")
SETTLED_EVENT = journal.register("journey.fact_settled", "Suite donnée à une solution")
WITHDRAWN = journal.register("journey.fact_withdrawn", "Suivi noté par erreur, retiré")
ENDS = tuple((code, STATUSES[code]) for code in SETTLED)
DAY_LABELS = {"stage": "Depuis le", "result": "Proposée le", "request": "Déposée le"}


def track_inputs(track: Track, today: date | None = None, held: Noted | None = None) -> tuple[Input, ...]:
    """What is asked of one fact. What holds now is proposed, so that only what changes is typed."""
    asked: list[Input] = []
    if track.choices:
        choices = tuple((one.code, f"{one.label} ({line_source(one.line)})") for one in track.choices)
        asked.append(Input("choice", track.label, "choice", choices=choices, value=held.choice if held else None))
    asked.append(_day(track, today))
    if track.hours:
        hours = typed_hours(held.minutes) if held and held.minutes else None
        asked.append(Input("hours", track.hours, required=not track.choices, help="12,5 ou 12 h 30.", value=hours))
    if track.mark:
        asked.append(
            Input("marked", track.mark, "choice", choices=(("yes", "Oui"), ("no", "Non")), value=_yes_no(held))
        )
    if track.shape == "result":
        asked.append(
            Input("settled_on", "Obtenue le", "date", required=False, help="Laissez vide tant qu’elle est proposée.")
        )
    return tuple(asked)


def _day(track: Track, today: date | None) -> Input:
    """A request is most often older than the entry: no day is proposed for it."""
    if track.shape == "request":
        return Input("since_on", DAY_LABELS["request"], "date", help="Cette date peut précéder l’entrée.")
    return Input("since_on", DAY_LABELS[track.shape], "date", value=today)


def _yes_no(held: Noted | None) -> str | None:
    return None if held is None or held.marked is None else "yes" if held.marked else "no"


def settling_inputs(today: date | None = None) -> tuple[Input, ...]:
    return (
        Input("status", "Suite", "choice", choices=ENDS),
        Input("settled_on", "Le", "date", value=today),
    )


def record_fact(session: Session, journey: Journey, code: str, act: Act) -> JourneyFact:
    """Note one fact of the track `code` from `act.data`. Raises NotFound, Forbidden, Refused or InvalidInput."""
    locked = _opened(session, journey, act)
    scheme = scheme_of(locked.application)
    track = _track(scheme, code)
    answers = read(track_inputs(track), act.data)
    facts = facts_of(session, [locked.id]).get(locked.id, [])
    minutes, errors = _minutes(answers)
    errors |= _outside(locked, answers, act.day, before_entry=track.shape == "request")
    errors |= _among(scheme, track, answers, facts) if not errors else {}
    if errors:
        raise InvalidInput({name: [sentence] for name, sentence in errors.items()})
    obtained = answers.get("settled_on")
    fact = JourneyFact(
        journey=locked,
        track=track.code,
        choice=answers.get("choice") or "",
        status=_status(track, obtained),
        since_on=answers["since_on"],
        settled_on=obtained,
        minutes=minutes,
        marked={"yes": True, "no": False}.get(answers.get("marked") or ""),
        entered_at=act.at,
        entered_by_id=act.actor.user_id,
    )
    session.add(fact)
    _journal(session, locked, RECORDED, act, track, fact)
    return fact


def _status(track: Track, obtained: date | None) -> str:
    first = {"stage": "noted", "request": "deposited", "result": "proposed"}[track.shape]
    return "obtained" if obtained is not None else first


def settle_fact(session: Session, journey: Journey, fact_id: int, act: Act) -> JourneyFact:
    """What became of a solution that was proposed. Raises NotFound, Forbidden, Refused or InvalidInput."""
    locked = _opened(session, journey, act)
    fact = _fact(session, locked, fact_id)
    if fact.status != "proposed":
        raise Refused(["La suite de cette proposition est déjà enregistrée."])
    answers = read(settling_inputs(), act.data)
    errors = _outside(locked, answers, act.day)
    if answers["settled_on"] < fact.since_on:
        errors["settled_on"] = f"Elle a été proposée le {long_date(fact.since_on)} : la suite vient après."
    if errors:
        raise InvalidInput({name: [sentence] for name, sentence in errors.items()})
    fact.status, fact.settled_on = answers["status"], answers["settled_on"]
    _journal(session, locked, SETTLED_EVENT, act, _track(scheme_of(locked.application), fact.track), fact)
    return fact


def withdraw_fact(session: Session, journey: Journey, fact_id: int, act: Act) -> None:
    """Take back a fact entered by mistake, unless another one rests on it. Raises NotFound, Forbidden or Refused."""
    locked = _opened(session, journey, act)
    fact = _fact(session, locked, fact_id)
    scheme = scheme_of(locked.application)
    track = _track(scheme, fact.track)
    others = [one for one in facts_of(session, [locked.id]).get(locked.id, []) if one.id != fact.id]
    for one in others:
        missing = missing_before(scheme, _track(scheme, one.track), one.choice, held_on(others, one.since_on))
        if missing is not None:
            raise Refused([f"{missing} Retirez d’abord ce qui en dépend, noté le {long_date(one.since_on)}."])
    session.delete(fact)
    _journal(session, locked, WITHDRAWN, act, track, fact)


def held_on(facts: Iterable[JourneyFact], day: date | None = None) -> dict[str, Noted]:
    """What holds of each track with stages on this day; the newest when no day is given."""
    known = list(facts)
    found = {code: newest(known, code, day) for code in {fact.track for fact in known}}
    return {
        code: Noted(fact.choice, fact.since_on, fact.minutes, fact.marked)
        for code, fact in found.items()
        if fact is not None
    }


def looked_at(scheme: Scheme, journey: Journey, facts: Iterable[JourneyFact]) -> list[RuleWarning]:
    """What must be looked at while somebody is followed; nothing of whoever has left."""
    if journey.state not in ("accompanied", "suspended"):
        return []
    known = list(facts)
    return to_look_at(scheme, held_on(known), {fact.track for fact in known})


def on_roster(scheme: Scheme, facts: Iterable[JourneyFact]) -> list[str]:
    """What the list of people says of one of them: where each track stands."""
    known = list(facts)
    held = held_on(known)
    said = []
    for track in (one for one in scheme.tracks if one.on_roster):
        noted = held.get(track.code)
        if noted is not None:
            said.append(described(track, noted.choice, noted.minutes))
        elif track.shape == "result":
            said += _results(track, known)
    return said


def _results(track: Track, facts: Iterable[JourneyFact]) -> list[str]:
    statuses = [fact.status for fact in facts if fact.track == track.code]
    counts = {status: statuses.count(status) for status in ("obtained", "proposed")}
    words = {"obtained": ("obtenue", "obtenues"), "proposed": ("proposée", "proposées")}
    return [f"{n} {words[status][n > 1]}" for status, n in counts.items() if n]


def _track(scheme: Scheme, code: str) -> Track:
    track = track_of(scheme, code)
    if track is None:
        raise NotFound("Cette fiche ne demande pas ce suivi.")
    return track


def _opened(session: Session, journey: Journey, act: Act) -> Journey:
    """The journey, locked then its case, when this person may follow it now."""
    locked: Journey | None = db.lock(session, Journey, journey.id)
    if locked is None or db.lock(session, Application, locked.application_id) is None:
        raise NotFound()
    if not may_journey(act.actor, "journey.follow", locked):
        raise Forbidden()
    reason = why_closed(locked.application) or why_not_followed(locked)
    if reason is not None:
        raise Refused([reason])
    return locked


def why_not_followed(journey: Journey) -> str | None:
    """None once somebody has entered: until then nothing is followed."""
    return None if journey.entered_on is not None else "Le suivi se note une fois l’entrée enregistrée."


def first_day(journey: Journey) -> date:
    """The first day that a fact may bear: the phases of 3.7 begin with the orientation."""
    oriented = paris_day(journey.oriented_at)
    return oriented if journey.entered_on is None else min(oriented, journey.entered_on)


def _fact(session: Session, journey: Journey, fact_id: int) -> JourneyFact:
    query = sa.select(JourneyFact).where(JourneyFact.id == fact_id, JourneyFact.journey_id == journey.id)
    fact = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if fact is None:
        raise NotFound("Ce suivi n’existe pas, ou a déjà été retiré.")
    return fact


def _minutes(answers: Mapping[str, Any]) -> tuple[int | None, dict[str, str]]:
    if not answers.get("hours"):
        return None, {}
    try:
        minutes = parse_hours(answers["hours"])
    except DurationError as error:
        return None, {"hours": error.sentence}
    if not 0 < minutes <= MINUTES_A_WEEK:
        return None, {"hours": f"Une semaine compte {MINUTES_A_WEEK // 60} heures : écrivez une durée plus petite."}
    return minutes, {}


def _outside(
    journey: Journey, answers: Mapping[str, Any], today: date, *, before_entry: bool = False
) -> dict[str, str]:
    found = {}
    for name in ("since_on", "settled_on"):
        day = answers.get(name)
        if day is None:
            continue
        if day > today:
            found[name] = "Cette date est dans le futur."
        elif day < first_day(journey) and not before_entry:
            found[name] = f"Cette date précède le début du parcours, le {long_date(first_day(journey))}."
        elif journey.exited_on is not None and day > journey.exited_on:
            found[name] = f"La personne est sortie le {long_date(journey.exited_on)}."
    return found


def _among(scheme: Scheme, track: Track, answers: Mapping[str, Any], facts: Iterable[JourneyFact]) -> dict[str, str]:
    """A stage or a request of the same day is corrected by withdrawing it; a choice may need another before it."""
    known = list(facts)
    since_on, settled_on = answers["since_on"], answers.get("settled_on")
    if settled_on is not None and settled_on < since_on:
        return {"settled_on": f"Elle a été proposée le {long_date(since_on)} : elle s’obtient ensuite."}
    same = [fact for fact in known if fact.track == track.code and fact.since_on == since_on]
    chosen = answers.get("choice") or ""
    if (track.shape == "stage" and same) or (track.shape == "request" and chosen in {fact.choice for fact in same}):
        return {"since_on": f"Le suivi est déjà noté au {long_date(since_on)} : retirez-le d’abord s’il est faux."}
    missing = missing_before(scheme, track, chosen, held_on(known, since_on))
    return {"choice": missing} if missing else {}


def _journal(session: Session, journey: Journey, kind: str, act: Act, track: Track, fact: JourneyFact) -> None:
    session.flush()
    told: dict[str, Any] = {"track": track.label, "since_on": fact.since_on.isoformat()}
    if not track.sensitive:
        told |= {"fact": described(track, fact.choice, fact.minutes)}
    if fact.settled_on is not None:
        told |= {"became": STATUSES[fact.status], "settled_on": fact.settled_on.isoformat()}
    journal.record(session, "journey", journey.id, kind, actor=act.actor, at=act.at, **told)
