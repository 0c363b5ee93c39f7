"""What a kind of task is, and the conditions and queries that the kinds are made of.

A kind's query gives, for each case (or opinion) in the scope of its role: `id` of the case, `due_on`, `since` (an
instant) and `detail`, a code that may choose the verb or complete the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from casework.amendments import OPEN, Amendment
from casework.applications import Application, Convention, Correction, FinalReport, Opinion
from casework.bank import BankDetails
from casework.clock import paris_instant
from casework.db import Instant, Key
from casework.journal import Event
from casework.money import Payment
from casework.people import Actor, Territory
from casework.permissions import visible
from casework.recipients import MANAGER_FROM
from workflows.application.relaunching import QUIET_DAYS
from workflows.rules.calendar import CRE_DAY
from workflows.rules.owed import PREPARED_DAYS

AMENDABLE = ("advance", "execution", "bilan")
Find = Callable[[Actor, date], sa.Select[Any]]
"""The query of a kind. Its actor and its day are those of `anyone`: parameters of the statement, known later."""
Condition = sa.ColumnElement[bool]
Where = Callable[[Actor, date], Condition]


TODAY: Any = sa.bindparam("today", type_=sa.Date())
ESCALATED: Any = sa.bindparam("escalated", type_=sa.Date())
"""What was due on this day or before is late enough for a manager to be told."""
RECORDS_DUE: Any = sa.bindparam("records_due", type_=sa.Date())
"""The progress records due on this day or before are those of a month that has ended."""
CONVENED_BY: Any = sa.bindparam("convened_by", type_=sa.Date())
"""A committee planned on this day or before is to be convened."""
CONVENED_DAYS = 30
QUIET_SINCE: Any = sa.bindparam("quiet_since", type_=Instant())
"""Who was asked again since this instant is given some days to answer."""
PREPARED_BY: Any = sa.bindparam("prepared_by", type_=sa.Date())
"""What is owed of participants by this day or before is shown."""


def anyone(roles: frozenset[str], *, every_scheme: bool) -> Actor:
    """Whoever has these roles, its own values left as parameters: one statement, built once, serves them all."""

    def several(name: str, kind: Any) -> Any:
        return sa.bindparam(name, type_=kind, expanding=True)

    mine: Any = sa.bindparam("user_id", type_=Key)
    return Actor(
        name="",
        user_id=mine,
        roles=roles,
        organisations=several("organisations", Key),
        territories=several("territories", Key),
        partners=several("partners", sa.String()),
        schemes=None if every_scheme else several("schemes", sa.String()),
    )


def parameters(actor: Actor, today: date) -> dict[str, Any]:
    """The values of this actor and of this day, for a statement about `anyone`."""
    return {
        "today": today,
        "escalated": today - timedelta(days=MANAGER_FROM),
        "records_due": today + timedelta(days=CRE_DAY - 1),
        "convened_by": today + timedelta(days=CONVENED_DAYS),
        "quiet_since": paris_instant(today - timedelta(days=QUIET_DAYS), time.min),
        "prepared_by": today + timedelta(days=PREPARED_DAYS),
        "user_id": actor.user_id,
        "organisations": sorted(actor.organisations),
        "territories": sorted(actor.territories),
        "partners": sorted(actor.partners),
        "schemes": sorted(actor.schemes or ()),
    }


@dataclass(frozen=True)
class Kind:
    """`acts`: (verb, trigger) by detail, "" for any. `whys`: the reason by detail, where {detail} may stand.

    `page`: where it is done ("case", "opinion", "bank", "organisation").

    `states` and `officer`: the filter that lists the same cases, when one does. `ahead`: how many days before it is due
    the task begins to show, where the day makes it show (-1: the day after). `grows`: more may come to it every day,
    and it is the last that says since when. `one`: the address of the only thing, where {key} stands, when the detail
    is « number:key » ("1:12"); the reason is then chosen by that number.
    """

    code: str
    role: str
    group: str
    find: Find
    acts: Mapping[str, tuple[str, str | None]]
    whys: Mapping[str, str]
    page: str = "case"
    states: tuple[str, ...] = ()
    officer: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    ahead: int | None = None
    grows: bool = False
    one: str = ""

    def act(self, detail: str) -> tuple[str, str | None]:
        return self.acts.get(detail) or self.acts[""]

    def reason(self, detail: str) -> str:
        detail = detail.partition(":")[0] if self.one else detail
        why = self.whys.get(detail) or self.whys[""]
        return why.format(detail=self.names.get(detail, detail))

    def place(self, detail: str) -> str:
        """The address of the only thing that waits; "" when there are several, or none of its own."""
        number, _, key = detail.partition(":")
        return self.one.format(key=key) if self.one and number == "1" else ""

    def since(self, ready_on: date, due_on: date | None) -> date:
        """The first day when the task was there to do, what it needs being ready that day."""
        if self.ahead is None or due_on is None:
            return ready_on
        return max(ready_on, due_on - timedelta(days=self.ahead))


def open_correction() -> Condition:
    return sa.exists().where(
        Correction.application_id == Application.id, Correction.answered_at.is_(None), Correction.lifted_at.is_(None)
    )


def report_given() -> Condition:
    return sa.exists().where(FinalReport.application_id == Application.id)


def awaits_answer(*more: Condition) -> Condition:
    """The applicant was told of the intended result of the control and has not answered."""
    told = (FinalReport.intended_at.is_not(None), FinalReport.answered_at.is_(None), FinalReport.validated_at.is_(None))
    return sa.exists().where(FinalReport.application_id == Application.id, *told, *more)


def signed(column: Any) -> Condition:
    """The convention of the case says so: this day of it is known."""
    return sa.exists().where(Convention.application_id == Application.id, column.is_not(None))


def amended(*more: Condition) -> Condition:
    """The case has an open amendment of this kind: very few have one, so the list starts from them."""
    return Application.id.in_(sa.select(Amendment.application_id).where(Amendment.status.in_(OPEN), *more))


def amended_amount() -> Condition:
    """The open amendment changes the amount of the convention."""
    return sa.exists().where(
        Convention.application_id == Amendment.application_id, Convention.grant_cents != Amendment.grant_cents
    )


def waiting_opinion(*more: Condition) -> Condition:
    return sa.exists().where(
        Opinion.application_id == Application.id, Opinion.given_at.is_(None), Opinion.skipped_at.is_(None), *more
    )


def relaunched(kind: str) -> Condition:
    """What is awaited was asked again some days ago at most."""
    own = (Event.subject == "application", Event.subject_id == Application.id, Event.kind == kind)
    return sa.exists().where(*own, Event.at > QUIET_SINCE)


def account(*more: Condition) -> Condition:
    """Some bank account of the case's organisation."""
    return sa.exists().where(BankDetails.organisation_id == Application.organisation_id, *more)


def last_of_organisation(states: tuple[str, ...], schemes: Any = None) -> Condition:
    """The last case of its organisation in these states (of these schemes): what is said of both is said once."""
    later = sa.exists().where(
        _LATER.organisation_id == Application.organisation_id, _LATER.id > Application.id, _LATER.state.in_(states)
    )
    return ~(later if schemes is None else later.where(_LATER.scheme_code.in_(schemes)))


# Made once: an alias costs more than the rest of the query.
_LATER = aliased(Application)


def live_payment(*kinds: str) -> Condition:
    return sa.exists().where(
        Payment.application_id == Application.id, Payment.kind.in_(kinds), Payment.reversed_by_id.is_(None)
    )


_DUE = Application.due_on
_SINCE = Application.state_since
_NOTHING = sa.literal("")


def cases(
    role: str, states: tuple[str, ...], where: Where, *, due: Any = _DUE, since: Any = _SINCE, detail: Any = _NOTHING
) -> Find:
    """The cases in these states, in the scope of this very role, that meet the condition."""

    def find(actor: Actor, today: date) -> sa.Select[Any]:
        columns = (Application.id, due.label("due_on"), since.label("since"), detail.label("detail"))
        query = sa.select(*columns).select_from(Application)
        query = query.where(_in(states), where(actor, today))
        return visible(query, replace(actor, roles=frozenset({role})))

    return find


def _in(states: tuple[str, ...]) -> Condition:
    return Application.state == states[0] if len(states) == 1 else Application.state.in_(states)


def joined(find: Find, other: Any, on: Callable[[], tuple[Condition, ...]]) -> Find:
    """The same cases, each with the row of `other` that the columns speak of."""
    return lambda actor, today: find(actor, today).join(other, sa.and_(*on()))


def correction_of_case() -> tuple[Condition, ...]:
    return (
        Correction.application_id == Application.id,
        Correction.answered_at.is_(None),
        Correction.lifted_at.is_(None),
    )


def corrections(role: str, states: tuple[str, ...], where: Where) -> Find:
    found = cases(role, states, where, due=Correction.due_on, since=Correction.requested_at)
    return joined(found, Correction, correction_of_case)


def always(actor: Actor, today: date) -> Condition:
    return sa.true()


def per_opinion(role: str, where: Where) -> Find:
    name = sa.func.coalesce(Territory.name, Opinion.body)
    found = cases(role, ("slai_opinion",), where, due=Opinion.due_on, since=Opinion.requested_at, detail=name)

    def waiting() -> tuple[Condition, ...]:
        return (
            Opinion.application_id == Application.id,
            Opinion.given_at.is_(None),
            Opinion.skipped_at.is_(None),
        )

    asked = joined(found, Opinion, waiting)
    return lambda actor, today: asked(actor, today).outerjoin(Territory, Territory.id == Opinion.territory_id)
