"""Several deadlines extended at once: each through the gate, each in its own transaction, with a result for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, g, request, url_for

from casework.applications import Application
from casework.calendar_lists import PAGE, Wanted, list_deadlines
from casework.deadlines import KINDS, Deadline
from casework.errors import CaseworkError, InvalidInput
from casework.extensions import FIXED_KINDS
from casework.french import long_date
from casework.permissions import visible
from casework.queries import whole_number
from web.access import needs
from web.calendar import day_in, line_drawn, scheme_choices
from web.forms import Choice, FormSchema, FrenchDate, Number, Text, read
from web.render import page
from web.session import own_transaction, settings, writing
from workflows.engine import Act, fire

pages = Blueprint("extensions", __name__, url_prefix="/calendrier/prolonger")

MOST_DAYS = 366
LABELS = {"choice": "Nouvelle date", "new_on": "Reporter au", "days": "Jours de plus", "reason": "Motif"}
_CHOICES = {"date": "La même date pour toutes", "days": "Un même nombre de jours de plus pour chacune"}


class ExtensionForm(FormSchema):
    choice = Choice(_CHOICES, required=True)
    new_on = FrenchDate(load_default=None)
    days = Number(low=1, high=MOST_DAYS, load_default=None)
    reason = Text(required=True, limit=2000)


@dataclass(frozen=True)
class Outcome:
    """What became of one deadline; `reasons` is empty when it was extended."""

    case_id: int | None
    reference: str
    label: str
    reasons: tuple[str, ...] = ()


@pages.get("")
@needs("deadline.extend")
def index() -> Any:
    return _form_page({}, {}, 200)


@pages.post("")
@needs("deadline.extend")
@own_transaction
def extend() -> Any:
    ticked = _ticked(request.form.getlist("echeance"))
    try:
        if not ticked:
            raise InvalidInput({"echeance": ["Cochez au moins une échéance."]})
        answers = read(ExtensionForm(), request.form)
        missing = "new_on" if answers["choice"] == "date" else "days"
        if answers[missing] is None:
            raise InvalidInput({missing: ["Cette réponse est obligatoire."]})
    except InvalidInput as error:
        return _form_page(request.form, error.errors, 422)
    outcomes = [_extend(deadline_id, answers) for deadline_id in ticked]
    return page(
        "calendar/extended.html",
        done=[outcome for outcome in outcomes if not outcome.reasons],
        refused=[outcome for outcome in outcomes if outcome.reasons],
    )


def _form_page(form: Any, errors: Mapping[str, Any], status: int) -> Any:
    refused: list[str] = []
    source = form or request.args
    wanted = Wanted(
        first=day_in(source, "du", refused),
        last=day_in(source, "au", refused),
        kind=_one_of(source.get("nature", ""), KINDS),
        scheme=_one_of(source.get("dispositif", ""), dict(scheme_choices())),
        extendable=True,
    )
    if refused:
        flash("Une date n’était pas comprise ; elle est laissée de côté.", "warning")
    lines, following = list_deadlines(g.db, g.actor, wanted, today=g.today)
    return page(
        "calendar/extend.html",
        status,
        lines=[line_drawn(line) for line in lines],
        partial=following is not None,
        most=PAGE,
        kinds=sorted((item for item in KINDS.items() if item[0] not in FIXED_KINDS), key=lambda item: item[1]),
        schemes=scheme_choices(),
        typed=source,
        chosen=form.getlist("echeance") if form else [],
        errors=errors,
        labels={**LABELS, "echeance": "Échéances"},
        choices=list(_CHOICES.items()),
        back=url_for("calendar.index"),
    )


def _one_of(value: str, codes: Mapping[str, Any]) -> str | None:
    return value if value in codes else None


def _ticked(values: list[str]) -> list[int]:
    found = []
    for value in values[:PAGE]:
        try:
            found.append(whole_number(value))
        except ValueError:
            continue
    return list(dict.fromkeys(found))


def _extend(deadline_id: int, answers: Mapping[str, Any]) -> Outcome:
    """One deadline in its own transaction. The case is acted upon as it stands: what is extended is a single day."""
    outcome = Outcome(None, f"n° {deadline_id}", "", ("Cette échéance n’existe pas, ou elle ne vous est pas ouverte.",))
    try:
        with writing() as session:
            found = sa.select(Application).join(Deadline, Deadline.application_id == Application.id)
            case = session.scalars(visible(found.where(Deadline.id == deadline_id), g.actor)).one_or_none()
            if case is None:
                return outcome
            deadline = session.get_one(Deadline, deadline_id)
            new_on = _new_day(deadline.due_on, answers)
            outcome = Outcome(case.id, case.reference, f"{deadline.label}, au {long_date(new_on)}")
            data = {"deadline": str(deadline_id), "new_on": new_on.isoformat(), "reason": answers["reason"]}
            fire(session, case, "extend_deadline", Act(g.actor, g.now, settings(), data, case.version))
    except InvalidInput as error:
        reasons = tuple(sentence for sentences in error.errors.values() for sentence in sentences)
        return Outcome(outcome.case_id, outcome.reference, outcome.label, reasons)
    except CaseworkError as error:
        return Outcome(
            outcome.case_id, outcome.reference, outcome.label, tuple(getattr(error, "reasons", (error.sentence,)))
        )
    return outcome


def _new_day(due_on: date, answers: Mapping[str, Any]) -> date:
    day: date = answers["new_on"] if answers["choice"] == "date" else due_on + timedelta(days=answers["days"])
    return day
