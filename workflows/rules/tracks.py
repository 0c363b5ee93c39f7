"""What the sheet says of the facts followed for a participant: sentences to read, which never block."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from casework.durations import said_hours
from workflows.rules.explanation import RuleWarning
from workflows.scheme import Scheme, Track, TrackChoice


@dataclass(frozen=True)
class Noted:
    """The stage of a track that holds on a day."""

    choice: str = ""
    since_on: date | None = None
    minutes: int | None = None
    marked: bool | None = None


def track_of(scheme: Scheme, code: str) -> Track | None:
    return next((track for track in scheme.tracks if track.code == code), None)


def choice_of(track: Track, code: str) -> TrackChoice | None:
    return next((choice for choice in track.choices if choice.code == code), None)


def named(scheme: Scheme, needed: str) -> tuple[str, str]:
    """The labels of « track.choice »."""
    code, _, chosen = needed.partition(".")
    track = track_of(scheme, code)
    choice = choice_of(track, chosen) if track is not None else None
    if track is None or choice is None:
        raise LookupError(f"{scheme.code} has no {needed}")
    return track.label, choice.label


def missing_before(scheme: Scheme, track: Track, chosen: str, held: dict[str, Noted]) -> str | None:
    """Why this choice cannot be noted yet: what it needs does not hold (3.8, l.1817-1818)."""
    choice = choice_of(track, chosen)
    if choice is None or choice.needs is None:
        return None
    code, _, wanted = choice.needs.partition(".")
    if code in held and held[code].choice == wanted:
        return None
    label, needed = named(scheme, choice.needs)
    return f"« {choice.label} » demande d’abord : {label.lower()}, {needed.lower()} (l.{choice.line})."


def outside_hours(track: Track, minutes: int | None) -> RuleWarning | None:
    """3.7 adapts the work to each one, from 4 to 20 hours a week (l.1520-1522)."""
    if minutes is None or track.least_hours is None or track.most_hours is None:
        return None
    if track.least_hours * 60 <= minutes <= track.most_hours * 60:
        return None
    foreseen = f"de {track.least_hours} h à {track.most_hours} h par semaine"
    sentence = f"{said_hours(minutes)} par semaine : la fiche prévoit {foreseen}, au cas par cas."
    return RuleWarning("weekly_hours", sentence, track.hours_line)


def to_look_at(scheme: Scheme, held: dict[str, Noted], noted_in: Collection[str]) -> list[RuleWarning]:
    """What must be looked at, given what holds of each track now; `noted_in`: the tracks where anything is noted."""
    found = []
    for track in scheme.tracks:
        noted = held.get(track.code)
        hours = outside_hours(track, noted.minutes if noted else None)
        found += [hours] if hours else []
        found += _awaited(track) if track.code not in noted_in else []
        found += _followed(scheme, track, noted, held) + _marked(scheme, track, noted, held)
    return found


def _awaited(track: Track) -> list[RuleWarning]:
    """3.8 is for people who have deposited a request, of one kind at least (l.1763-1764)."""
    if track.shape != "request":
        return []
    kinds = ", ".join(_within(choice.label) for choice in track.choices)
    return [RuleWarning("no_request", f"Aucune demande ({kinds}) n’est notée.", track.line)]


def _followed(scheme: Scheme, track: Track, noted: Noted | None, held: dict[str, Noted]) -> list[RuleWarning]:
    """3.6: the hours of the child follow what the parent does (l.1311-1313)."""
    leader = held.get(track.follows or "")
    if leader is None or leader.since_on is None:
        return []
    if noted is not None and noted.since_on is not None and noted.since_on >= leader.since_on:
        return []
    other = track_of(scheme, track.follows or "")
    label = other.label if other else ""
    return [RuleWarning("to_follow", f"{label} : elle a changé. {track.label} à revoir.", track.line)]


def _marked(scheme: Scheme, track: Track, noted: Noted | None, held: dict[str, Noted]) -> list[RuleWarning]:
    """3.6: once the parent works, the place of the child lasts (l.1315-1319)."""
    if track.mark_with is None or track.mark is None:
        return []
    code, _, wanted = track.mark_with.partition(".")
    if code not in held or held[code].choice != wanted or (noted is not None and noted.marked):
        return []
    label, choice = named(scheme, track.mark_with)
    sentence = f"{label} : {choice.lower()}. La fiche demande une {_within(track.mark)}."
    return [RuleWarning("to_mark", sentence, track.mark_line)]


def _within(label: str) -> str:
    """A label as it is written inside a sentence: an acronym keeps its capitals."""
    return label if label.isupper() else f"{label[0].lower()}{label[1:]}"


def hours_said(track: Track, minutes: int | None) -> str:
    """« 12 h par semaine »."""
    return f"{said_hours(minutes)} par semaine" if track.hours and minutes else ""


def described(track: Track, choice: str, minutes: int | None) -> str:
    """« Remise en activité accompagnée », « Accueil collectif, 20 h par semaine »."""
    known = choice_of(track, choice)
    return ", ".join(text for text in (known.label if known else choice, hours_said(track, minutes)) if text)
