"""What waits for a person: derived from states, opinions, corrections, payments and deadlines; nothing is stored.

Each kind of task is one bounded SELECT over the cases in the scope of one role. Those of a person are read together,
in one statement; a second one counts the kinds that hold more than is shown. The kinds stand beside, by role.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application
from casework.clock import paris_day
from casework.people import Actor, Organisation, User
from workflows.inbox.committees import committees
from workflows.inbox.followed import followed
from workflows.inbox.kind import TODAY, Kind, anyone, parameters
from workflows.inbox.officer import officer, officer_accounts, officer_others
from workflows.inbox.orientations import orientations
from workflows.inbox.outside import applicant, opinions
from workflows.inbox.records import records
from workflows.inbox.services import finance, manager

KINDS: tuple[Kind, ...] = (
    *applicant(),
    opinions("slai"),
    opinions("partner"),
    *orientations(),
    *records(),
    *followed(),
    *committees(),
    *officer("mine"),
    *officer("service"),
    officer_accounts(),
    officer_others(),
    *manager(),
    *finance(),
)
PLACES = {
    "opinion": "/avis",
    "bank": "/coordonnees-bancaires",
    "records": "/cre",
    "committees": "/comites",
    "participants": "/participants",
    "unfinished": "/participants?reste=oui",
    "oriented": "/participants?etat=oriented",
    "dashboard": "/tableau-de-bord/transmettre",
    "annual": "/documents-annuels",
}
"""The pages of a case where a task is done, when it is not one of its actions."""
ELSEWHERE = {"organisation": "/organisation", "waiting_records": "/cre", "orientations": "/orientations"}
"""The pages that are not of one case."""
SHOWN = 50
COUNT_LIMIT = 1000
GROUPS = {"mine": "À moi", "service": "À mon service", "others": "En attente d’un autre"}


@dataclass(frozen=True)
class Task:
    """One thing to do on one case. `trigger`: the action to open; `page`: where it is done, "case", or one of PLACES
    and ELSEWHERE; `place`: the address of the one thing that waits, where it has its own."""

    kind: Kind
    case_id: int
    reference: str
    title: str
    organisation: str
    scheme_code: str
    state: str
    officer: str | None
    verb: str
    why: str
    trigger: str | None
    since: date
    due_on: date | None
    late_days: int
    place: str = ""

    @property
    def page(self) -> str:
        return self.kind.page

    @property
    def address(self) -> str:
        """The path of where it is done: the one thing that waits, a page, or the form of its action on the case."""
        case = f"/dossiers/{self.case_id}"
        if self.place or self.page in ELSEWHERE:
            return self.place or ELSEWHERE[self.page]
        if self.page in PLACES:
            return f"{case}{PLACES[self.page]}"
        return f"{case}?action={self.trigger}#action-{self.trigger}" if self.trigger else case


@dataclass(frozen=True)
class Overflow:
    """A kind that holds more than is shown: how many (bounded by COUNT_LIMIT), and the filter that lists them."""

    kind: Kind
    count: int


@dataclass(frozen=True)
class Group:
    """The tasks of one group, the latest first, at most SHOWN; `count` may be beyond what is shown.

    `partial`: the count stopped at its limit, there is more.
    """

    code: str
    label: str
    tasks: tuple[Task, ...]
    count: int
    late: int
    partial: bool
    overflows: tuple[Overflow, ...]


def inbox_of(session: Session, actor: Actor, *, today: date) -> list[Group]:
    """What this person has to do, by group, overdue first and then by due date. Empty groups are left out."""
    asked = _asked(actor.roles, every_scheme=actor.schemes is None)
    if not asked.kinds:
        return []
    kinds, values = asked.kinds, parameters(actor, today)
    found = [_task(kinds[row.kind], row, today) for row in session.execute(asked.together, values)]
    counts = dict.fromkeys(kinds, 0) | Counter(task.kind.code for task in found)
    full = [code for code, number in counts.items() if number > SHOWN]
    if full:
        numbers = session.execute(sa.union_all(*(asked.numbers[code] for code in full)), values)
        counts |= {row.kind: row.number for row in numbers}
    return [
        group
        for code, label in GROUPS.items()
        if (group := _group(code, label, found, kinds, counts, full)) is not None
    ]


def _group(
    code: str, label: str, found: Sequence[Task], kinds: dict[str, Kind], counts: Mapping[str, int], full: list[str]
) -> Group | None:
    tasks = sorted((task for task in found if task.kind.group == code), key=_rank)
    if not tasks:
        return None
    own = [name for name, kind in kinds.items() if kind.group == code]
    return Group(
        code=code,
        label=label,
        tasks=tuple(tasks[:SHOWN]),
        count=sum(min(counts[name], COUNT_LIMIT) for name in own),
        late=sum(task.late_days > 0 for task in tasks),
        partial=any(counts[name] > COUNT_LIMIT for name in own),
        overflows=tuple(Overflow(kinds[name], min(counts[name], COUNT_LIMIT)) for name in own if name in full),
    )


def _rank(task: Task) -> tuple[bool, date, date, int]:
    return task.due_on is None, task.due_on or date.max, task.since, task.case_id


@dataclass(frozen=True)
class _Asked:
    """What is asked for the people of the same roles: the first tasks of every kind, and how many of each there are."""

    kinds: dict[str, Kind]
    together: sa.Select[Any]
    numbers: dict[str, sa.Select[str, int]]


@cache
def _asked(roles: frozenset[str], *, every_scheme: bool) -> _Asked:
    """Built once for each set of roles: putting some twenty queries together takes longer than running them."""
    kinds = {kind.code: kind for kind in KINDS if kind.role in roles}
    selects = {code: kind.find(anyone(roles, every_scheme=every_scheme), TODAY) for code, kind in kinds.items()}
    numbers = {code: _number(code, query) for code, query in selects.items()}
    return _Asked(kinds, _together(selects) if selects else sa.select(), numbers)


def _together(selects: dict[str, sa.Select[Any]]) -> sa.Select[Any]:
    """One statement: the first rows of every kind, then joined to what is shown of their cases."""
    parts = [_first(code, query) for code, query in selects.items()]
    task = sa.union_all(*parts).subquery("task")
    return (
        sa.select(
            task.c.kind,
            task.c.due_on,
            task.c.since,
            task.c.detail,
            Application.id,
            Application.reference,
            Application.called.label("title"),
            Application.scheme_code,
            Application.state,
            Organisation.name.label("organisation"),
            User.name.label("officer"),
        )
        .join(Application, Application.id == task.c.id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .outerjoin(User, User.id == Application.officer_id)
    )


def _first(code: str, query: sa.Select[Any]) -> sa.Select[Any]:
    columns = query.selected_columns
    bounded = query.order_by(columns.due_on.asc().nulls_last(), columns.since, columns.id).limit(SHOWN + 1).subquery()
    return sa.select(sa.literal(code).label("kind"), bounded)


def _number(code: str, query: sa.Select[Any]) -> sa.Select[str, int]:
    bounded = query.limit(COUNT_LIMIT + 1).subquery()
    return sa.select(sa.literal(code).label("kind"), sa.func.count().label("number")).select_from(bounded)


def _task(kind: Kind, row: Any, today: date) -> Task:
    verb, trigger = kind.act(row.detail)
    ready_at: datetime = row.since
    return Task(
        kind=kind,
        case_id=row.id,
        reference=row.reference,
        title=row.title,
        organisation=row.organisation,
        scheme_code=row.scheme_code,
        state=row.state,
        officer=row.officer,
        verb=verb,
        why=kind.reason(row.detail),
        trigger=trigger,
        since=kind.since(paris_day(ready_at), row.due_on),
        due_on=row.due_on,
        late_days=max((today - row.due_on).days, 0) if row.due_on else 0,
        place=kind.place(row.detail),
    )
