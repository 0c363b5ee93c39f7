"""Two people who turn out to be one: compared by the data officer, merged with a trace, parted again if it was wrong.

The journeys change person, their ages stay true to the identity that is kept, and the looks that were recorded stay
where they are: they say whose identity was shown, as it was then.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import journal
from casework.clock import paris_day
from casework.errors import Forbidden, NotFound, Refused
from casework.identities import Person, PersonMark, PersonMerge, age_on, write_marks
from casework.participants import LIVE_STATES, Journey
from casework.permissions import holds
from workflows.engine import Act, touch

MERGED = journal.register("journey.person_merged", "Fiche rapprochée de celle de la même personne")
PARTED = journal.register("journey.person_parted", "Rapprochement défait")
PERMISSION = "person.merge"


def likely_same(session: Session, *, after: str = "", limit: int = 20) -> list[tuple[str, list[int]]]:
    """(mark, people) for the people whose name sounds the same with one birth date, `limit` groups after this mark."""
    standing = (PersonMark.kind == "near", PersonMark.mark != "", PersonMark.mark > after)
    several = (
        sa.select(PersonMark.mark).where(*standing).group_by(PersonMark.mark).having(sa.func.count() > 1)
    ).order_by(PersonMark.mark)
    marks = several.limit(limit).subquery()
    query = sa.select(PersonMark.mark, PersonMark.person_id).join(marks, marks.c.mark == PersonMark.mark)
    groups: dict[str, list[int]] = {}
    for mark, key in session.execute(query.where(PersonMark.kind == "near").order_by(PersonMark.person_id)):
        groups.setdefault(mark, []).append(key)
    return sorted(groups.items())


def merge(session: Session, kept_id: int, gone_id: int, act: Act) -> PersonMerge:
    """Make one person of two: the journeys of `gone_id` become those of `kept_id`.

    Raises NotFound, Forbidden, or Refused: not two people, or both live in one operation.
    """
    kept, gone = _locked(session, kept_id, gone_id, act)
    if gone.merged_into_id is not None or kept.merged_into_id is not None:
        raise Refused(["L’une de ces deux fiches est déjà rapprochée d’une autre : actualisez la page."])
    if kept.erased_at is not None or gone.erased_at is not None:
        raise Refused(["L’identité de l’une de ces deux personnes est effacée."])
    moved = _journeys_of(session, gone.id)
    _refuse_two_lives(moved, _journeys_of(session, kept.id))
    trace = PersonMerge(
        kept_id=kept.id,
        gone_id=gone.id,
        journeys=[journey.id for journey in moved],
        merged_at=act.at,
        merged_by_id=act.actor.user_id,
    )
    session.add(trace)
    gone.merged_into_id = kept.id
    _hand_over(session, moved, kept, act, MERGED)
    write_marks(session, gone)
    return trace


def part(session: Session, merge_id: int, act: Act) -> PersonMerge:
    """Undo a merge: its journeys go back to whom they were of. Raises NotFound, Forbidden or Refused."""
    trace = session.get(PersonMerge, merge_id)
    if trace is None:
        raise NotFound()
    kept, gone = _locked(session, trace.kept_id, trace.gone_id, act)
    session.refresh(trace)
    if trace.undone_at is not None:
        raise Refused(["Ce rapprochement est déjà défait."])
    if kept.merged_into_id is not None:
        raise Refused(["La fiche gardée a été rapprochée d’une autre depuis : défaites d’abord ce rapprochement-là."])
    if gone.erased_at is not None or kept.erased_at is not None:
        raise Refused(["L’identité de l’une de ces deux personnes est effacée."])
    moved = [journey for journey in _journeys_of(session, kept.id) if journey.id in trace.journeys]
    trace.undone_at, trace.undone_by_id = act.at, act.actor.user_id
    gone.merged_into_id = None
    _hand_over(session, moved, gone, act, PARTED)
    write_marks(session, gone)
    return trace


def _locked(session: Session, kept_id: int, gone_id: int, act: Act) -> tuple[Person, Person]:
    """Both, locked in the order of their numbers: two merges of the same people take turns."""
    if not holds(act.actor, PERMISSION):
        raise Forbidden()
    if kept_id == gone_id:
        raise Refused(["Choisissez deux fiches différentes."])
    query = sa.select(Person).where(Person.id.in_((kept_id, gone_id))).order_by(Person.id)
    found = {one.id: one for one in session.scalars(query.with_for_update().execution_options(populate_existing=True))}
    if len(found) != 2:
        raise NotFound("Cette fiche n’existe pas.")
    return found[kept_id], found[gone_id]


def _journeys_of(session: Session, person_id: int) -> list[Journey]:
    query = sa.select(Journey).where(Journey.person_id == person_id).order_by(Journey.id)
    return list(session.scalars(query.with_for_update(of=Journey).execution_options(populate_existing=True)))


def _refuse_two_lives(moved: Sequence[Journey], standing: Sequence[Journey]) -> None:
    live = {journey.application_id: journey for journey in standing if journey.state in LIVE_STATES}
    reasons = [
        f"Les deux fiches ont un parcours en cours dans la même opération (n° {other.id} et n° {journey.id}) : "
        "classez-en un sans suite avant de les rapprocher."
        for journey in moved
        if journey.state in LIVE_STATES and (other := live.get(journey.application_id)) is not None
    ]
    if reasons:
        raise Refused(reasons)


def _hand_over(session: Session, moved: Sequence[Journey], person: Person, act: Act, kind: str) -> None:
    for journey in moved:
        before = journey.person_id
        journey.person_id = person.id
        journey.age_when_oriented = age_on(person.birth_date, paris_day(journey.oriented_at))
        if journey.entered_on is not None:
            journey.age_at_entry = age_on(person.birth_date, journey.entered_on)
        touch(journey, act.at)
        session.flush()
        journal.record(
            session,
            "journey",
            journey.id,
            kind,
            actor=act.actor,
            at=act.at,
            from_person=before,
            to_person=person.id,
            version=journey.version,
        )


def latest(session: Session, *, limit: int = 20) -> list[PersonMerge]:
    """The merges that were done last, undone or not."""
    return list(session.scalars(sa.select(PersonMerge).order_by(PersonMerge.id.desc()).limit(limit)))
