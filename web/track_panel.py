"""Where each track of the sheet stands, for the page of a journey and for the list of people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g, url_for
from sqlalchemy.orm import joinedload
from sqlalchemy.sql.base import ExecutableOption

from casework.applications import Application
from casework.french import short_date
from casework.journey_facts import JourneyFact, facts_of
from casework.participants import Journey
from casework.permissions import may_journey
from web.pace_panel import awaited_on_roster
from workflows.journey.households import has_household
from workflows.journey.tracks import held_on, looked_at, on_roster
from workflows.rules.entry import act_of
from workflows.rules.tracks import described
from workflows.scheme import Track
from workflows.versions import scheme_of


def facts_of_list(application: Application) -> list[ExecutableOption]:
    """Load what the list of people says of each one's tracks with the journeys, where the sheet has some."""
    return [joinedload(Journey.facts)] if _shows(application) else []


def followed(application: Application, journeys: Sequence[Journey]) -> dict[int, dict[str, Any]] | None:
    """What the list of people says of each one's tracks and interviews; None where the sheet has none."""
    scheme, tracked = scheme_of(application), _shows(application)
    if not tracked and scheme.interview_pace is None:
        return None
    awaited = awaited_on_roster(application, journeys)
    said = {journey.id: {"said": [], "warned": False} | awaited.get(journey.id, {}) for journey in journeys}
    if tracked:
        for journey in journeys:
            now = said[journey.id]
            now["said"] = [*on_roster(scheme, journey.facts), *now["said"]]
            now["warned"] = now["warned"] or bool(looked_at(scheme, journey, journey.facts))
    return said


def _shows(application: Application) -> bool:
    return any(track.on_roster for track in scheme_of(application).tracks)


def standing(journey: Journey) -> dict[str, Any]:
    """What the page of a journey says of its tracks; nothing where the sheet has none."""
    scheme = scheme_of(journey.application)
    if not scheme.tracks or journey.entered_on is None:
        return {}
    facts = facts_of(g.db, [journey.id]).get(journey.id, [])
    return {
        "facts": [(track.label, _now(track, facts)) for track in scheme.tracks],
        "warnings": [one.full_sentence for one in looked_at(scheme, journey, facts)],
        "href": url_for("tracks.show", journey_id=journey.id),
    }


def _now(track: Track, facts: Sequence[JourneyFact]) -> str:
    noted = held_on(facts).get(track.code)
    own = [fact for fact in facts if fact.track == track.code]
    if track.shape == "result":
        obtained = [fact for fact in own if fact.status == "obtained"]
        return f"{len(obtained)} sur {len(own)} proposées" if own else "aucune"
    if track.shape == "request":
        said = (f"{described(track, fact.choice, None)} le {short_date(fact.since_on)}" for fact in own)
        return " ; ".join(said) or "aucune"
    if noted is None or noted.since_on is None:
        return "pas encore notée"
    return f"{described(track, noted.choice, noted.minutes)}, depuis le {short_date(noted.since_on)}"


def household_of_page(journey: Journey) -> str | None:
    """Where the household is, for who may read it; None where the sheet asks none."""
    if not has_household(journey) or not may_journey(g.actor, "journey.identity", journey):
        return None
    return url_for("households.show", journey_id=journey.id)


def in_words_of_sheet(actions: dict[str, Any], journey: Journey) -> None:
    """3.2 to 3.4 say that the SLAI selects, the others that it validates: the buttons say what the sheet says."""
    verb, noun = act_of(scheme_of(journey.application))
    words = {
        "validate_orientation": f"{verb.capitalize()} cette personne" if noun == "sélection" else None,
        "refuse_orientation": "Ne pas retenir cette personne" if noun == "sélection" else None,
    }
    for action in (*actions["possible"], *actions["blocked"]):
        action["label"] = words.get(action["trigger"]) or action["label"]
