"""People who may be one and the same: the data officer compares them, merges them, and undoes a mistake."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, g, request, url_for

from casework.clock import paris_day
from casework.errors import InvalidInput, NotFound, Refused
from casework.french import counted, short_date
from casework.identities import SEXES, Person, PersonMerge
from casework.participants import Journey, record_person_looks
from casework.queries import whole_number
from web.access import needs
from web.forms import FormSchema, Text, read
from web.identities import undo_to_read
from web.render import back_to, page
from web.session import settings, writing
from workflows.engine import Act
from workflows.journey import merging

pages = Blueprint("duplicates", __name__)
PAGE = 20


class ListForm(FormSchema):
    apres = Text(limit=32)


@pages.get("/rapprochements")
@needs("person.merge")
def index() -> Any:
    return _page()


@pages.post("/rapprochements")
@needs("person.merge")
def merge() -> Any:
    """Keep the person that is chosen, and make the other ones of the group the same."""
    kept, gone = _chosen("kept"), [key for key in map(_number, request.form.getlist("gone")) if key]
    try:
        if kept is None or not [key for key in gone if key != kept]:
            raise Refused(["Choisissez la fiche à garder, et cochez au moins une autre fiche."])
        for key in gone:
            if key != kept:
                merging.merge(g.db, kept, key, _act())
    except (Refused, NotFound, InvalidInput) as error:
        undo_to_read()
        return _page(status=409, reasons=getattr(error, "reasons", (error.sentence,)))
    done = counted(len([key for key in gone if key != kept]), "fiche rapprochée", "fiches rapprochées")
    return back_to("duplicates.index", f"{done} de la fiche n° {kept}.")


@pages.post("/rapprochements/<int:merge_id>/defaire")
@needs("person.merge")
def part(merge_id: int) -> Any:
    try:
        trace = merging.part(g.db, merge_id, _act())
    except Refused as error:
        undo_to_read()
        return _page(status=409, reasons=error.reasons)
    return back_to("duplicates.index", f"Rapprochement défait : la fiche n° {trace.gone_id} est de nouveau à part.")


def _act() -> Act:
    return Act(g.actor, g.now, settings())


def _chosen(name: str) -> int | None:
    return _number(request.form.get(name, ""))


def _number(text: str) -> int | None:
    try:
        return whole_number(text)
    except ValueError:
        return None


def _page(*, status: int = 200, reasons: Sequence[str] = ()) -> Any:
    after = read(ListForm(), request.args)["apres"] or ""
    found = merging.likely_same(g.db, after=after, limit=PAGE + 1)
    traces = merging.latest(g.db)
    people = _people(found[:PAGE], traces)
    return page(
        "duplicates/index.html",
        status,
        reasons=reasons,
        groups=[(mark, [people[key] for key in keys if key in people]) for mark, keys in found[:PAGE]],
        following=url_for("duplicates.index", apres=found[PAGE - 1][0]) if found[PAGE:] else None,
        first=url_for("duplicates.index") if after else None,
        traces=[_trace(trace) for trace in traces],
    )


def _people(groups: Sequence[tuple[str, list[int]]], traces: Sequence[PersonMerge]) -> dict[int, dict[str, Any]]:
    """Who is in these groups, with her operations; each look is recorded."""
    keys = [key for _, group in groups for key in group]
    if not keys:
        return {}
    found = list(g.db.scalars(sa.select(Person).where(Person.id.in_(keys))))
    query = sa.select(Journey.person_id, Journey.id, Journey.state).where(Journey.person_id.in_(keys))
    journeys: dict[int, list[int]] = {}
    for person_id, journey_id, _ in g.db.execute(query.order_by(Journey.id)):
        journeys.setdefault(person_id, []).append(journey_id)
    drawn = {person.id: _drawn(person, journeys.get(person.id, [])) for person in found}
    with writing() as own:
        record_person_looks(own, list(drawn), user_id=g.actor.user_id, at=g.now, purpose="match")
    return drawn


def _drawn(person: Person, journeys: Sequence[int]) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "born": short_date(person.birth_date),
        "sex": SEXES[person.sex],
        "place": f"{person.postcode} {person.town}",
        "since": short_date(paris_day(person.created_at)),
        "journeys": ", ".join(f"n° {key}" for key in journeys) or "aucun",
    }


def _trace(trace: PersonMerge) -> dict[str, Any]:
    return {
        "id": trace.id,
        "text": f"La fiche n° {trace.gone_id} est devenue la n° {trace.kept_id}",
        "journeys": counted(len(trace.journeys), "parcours repris", "parcours repris"),
        "at": trace.merged_at,
        "undone_at": trace.undone_at,
    }
