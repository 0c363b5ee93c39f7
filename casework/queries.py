"""Lists of applications: filters, sorts, pages by key, bounded counts. The SQL of every list of cases.

A page never reads more than it shows: the ids of one page are found along an index, by the key of the last row seen
(never OFFSET), and only then joined to what is displayed. Everything passes through `permissions.visible`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from casework import search
from casework.applications import FINAL_STATES, Application, application_territory
from casework.people import Actor, Grant, Organisation, Territory, User
from casework.permissions import visible
from casework.schemes import SchemeVersion

PAGE = 50
COUNT_LIMIT = 1000
LARGEST = 2**63 - 1
MANY = 500
"""From so many matches on, a search walks the list in its order until a page is full; below, it sorts the matches."""

Value = date | datetime | int | str | None


@dataclass(frozen=True)
class Sort:
    """A column to sort by, the direction people expect first, and how its value is written in an address.

    `nullable`: rows without a value come last, in both directions.
    """

    column: InstrumentedAttribute[Any]
    descending: bool
    read: Callable[[str], Value]
    nullable: bool = False


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return found


def whole_number(text: str) -> int:
    """A whole number in plain digits that the database can hold. Raises ValueError."""
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= LARGEST):
        raise ValueError("not a number of the database")
    return int(text)


SORTS = {
    "recent": Sort(Application.updated_at, descending=True, read=_instant),
    "due": Sort(Application.due_on, descending=False, read=date.fromisoformat, nullable=True),
    "requested": Sort(Application.requested_cents, descending=True, read=whole_number),
    "reference": Sort(Application.reference, descending=False, read=str),
    "since": Sort(Application.state_since, descending=False, read=_instant),
}


@dataclass(frozen=True)
class CaseFilter:
    """What a list shows. `officer`: an id, "mine" or "none". `overdue_on`: due before this day, and not ended.

    Amounts are in cents. `descending` None: the usual direction of the sort.
    """

    text: str = ""
    states: tuple[str, ...] = ()
    campaign: str | None = None
    scheme: str | None = None
    territory_id: int | None = None
    officer: int | str | None = None
    overdue_on: date | None = None
    organisation_id: int | None = None
    min_requested: int | None = None
    max_requested: int | None = None
    sort: str = "recent"
    descending: bool | None = None

    @property
    def is_descending(self) -> bool:
        return SORTS[self.sort].descending if self.descending is None else self.descending


@dataclass(frozen=True)
class PageKey:
    """Where a page begins or ends: the value sorted by, and the id of that row."""

    value: Value
    id: int

    def __str__(self) -> str:
        value = self.value.isoformat() if isinstance(self.value, date) else self.value
        return f"{self.id}~{'' if value is None else value}"


@dataclass(frozen=True)
class CaseRow:
    """One line of a list: what is shown, and the version seen. Amounts in cents."""

    id: int
    version: int
    reference: str
    title: str
    organisation: str
    campaign: str
    scheme_code: str
    state: str
    officer: str | None
    requested_cents: int
    due_on: date | None
    updated_at: datetime
    state_since: datetime


@dataclass(frozen=True)
class Page:
    """`matched`: how many cases have the words searched, in scope or not, up to COUNT_LIMIT + 1; None without words."""

    rows: tuple[CaseRow, ...]
    next: PageKey | None = None
    prev: PageKey | None = None
    matched: int | None = None


@dataclass(frozen=True)
class Choices:
    """What the filters offer: (code, label) pairs. Empty where the person has no use for it."""

    campaigns: tuple[str, ...]
    schemes: tuple[tuple[str, str], ...]
    territories: tuple[tuple[str, str], ...]
    officers: tuple[tuple[str, str], ...]


def read_key(sort: str, text: str) -> PageKey:
    """The key of a page as an address writes it. Raises ValueError when it is not one of this sort."""
    number, mark, value = text.partition("~")
    found = SORTS[sort]
    if not mark or "\x00" in value or (not value and not found.nullable):
        raise ValueError("not a page key")
    return PageKey(found.read(value) if value else None, whole_number(number))


def list_cases(
    session: Session,
    actor: Actor,
    wanted: CaseFilter,
    *,
    after: PageKey | None = None,
    before: PageKey | None = None,
    size: int = PAGE,
) -> Page:
    """One page of what this actor may see, following `after` or preceding `before`, at most `size` rows."""
    key, backward = (before, True) if before is not None else (after, False)
    rows: list[CaseRow] = []
    matched = search.count(session, wanted.text, limit=COUNT_LIMIT + 1)
    in_order = matched is not None and matched >= MANY
    for segment in _segments(wanted, key, backward=backward):
        found = _narrowed(sa.select(Application.id), actor, wanted, in_order=in_order).where(*segment)
        rows += _rows(session, found, wanted, limit=size + 1 - len(rows), backward=backward)
        if len(rows) > size:
            break
    more = len(rows) > size
    shown = rows[:size][::-1] if backward else rows[:size]
    if not shown:
        return Page((), matched=matched)
    first, last = _key_of(shown[0], wanted), _key_of(shown[-1], wanted)
    preceded, followed = (more, True) if backward else (after is not None, more)
    return Page(tuple(shown), next=last if followed else None, prev=first if preceded else None, matched=matched)


def count_cases(
    session: Session, actor: Actor, wanted: CaseFilter, *, limit: int = COUNT_LIMIT, matched: int | None = None
) -> int:
    """How many cases there are, never reading more than `limit` + 1 of them: that figure means « plus de ».

    `matched`: what the page already knows of the words searched; it is enough when nothing else narrows the list.
    """
    if matched is not None and _only_words(actor, wanted):
        return matched
    bounded = _narrowed(sa.select(Application.id), actor, wanted).limit(limit + 1).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(bounded)) or 0


def filter_choices(session: Session, actor: Actor) -> Choices:
    """Everything the filters of the list offer, in one query."""
    found = session.execute(_choices(), {"inside": bool(actor.roles & {"officer", "manager", "auditor"})}).all()

    def of(wanted: str) -> dict[str, str]:
        return {code: label for name, code, label in found if name == wanted}

    return Choices(
        campaigns=tuple(sorted(of("campaign"), reverse=True)),
        schemes=tuple(sorted(of("scheme").items(), key=lambda pair: [int(part) for part in pair[0].split(".")])),
        territories=tuple(sorted(of("territory").items(), key=lambda pair: search.folded(pair[1]))),
        officers=tuple(sorted(of("officer").items(), key=lambda pair: search.folded(pair[1]))),
    )


@cache
def _choices() -> sa.CompoundSelect[Any]:
    """Asked by every list, so built once. `inside`: whether the officers are offered too."""
    schemes = _labelled("scheme", SchemeVersion.code, SchemeVersion.title).where(
        SchemeVersion.number == _newest_number()
    )
    campaigns = _labelled("campaign", SchemeVersion.campaign, SchemeVersion.campaign).distinct()
    territories = _labelled("territory", sa.cast(Territory.id, sa.String), Territory.name)
    officers = (
        _labelled("officer", sa.cast(User.id, sa.String), User.name)
        .where(User.active, User.id.in_(sa.select(Grant.user_id).where(Grant.role == "officer")))
        .where(sa.bindparam("inside", type_=sa.Boolean()))
    )
    return sa.union_all(schemes, campaigns, territories, officers)


def _labelled(kind: str, code: Any, label: Any) -> sa.Select[Any]:
    return sa.select(sa.literal(kind).label("kind"), code.label("code"), label.label("label"))


def _newest_number() -> sa.ScalarSelect[int]:
    other = sa.alias(SchemeVersion.__table__)
    same = sa.and_(other.c.campaign == SchemeVersion.campaign, other.c.code == SchemeVersion.code)
    return sa.select(sa.func.max(other.c.number)).where(same).scalar_subquery()


_SHOWN: tuple[Any, ...] = (
    Application.id,
    Application.version,
    Application.reference,
    Application.called,
    Organisation.name,
    Application.campaign,
    Application.scheme_code,
    Application.state,
    User.name,
    Application.requested_cents,
    Application.due_on,
    Application.updated_at,
    Application.state_since,
)
"""In the order of CaseRow."""
Segment = tuple[sa.ColumnElement[bool], ...]


def _segments(wanted: CaseFilter, key: PageKey | None, *, backward: bool) -> Iterator[Segment]:
    """The conditions that cut the list at the key: one, or two where rows without a value come last.

    Two engines place NULL at two ends of an index: rows with a value, then rows without, are read one after the other.
    """
    sort = SORTS[wanted.sort]
    rising = wanted.is_descending == backward
    if not sort.nullable:
        yield (_beyond(sort, key, rising=rising),) if key else ()
        return
    valued, empty = sort.column.is_not(None), sort.column.is_(None)
    if key is None:
        yield from ((valued,), (empty,))
    elif key.value is not None:
        yield (valued, _beyond(sort, key, rising=rising))
        if not backward:
            yield (empty,)
    else:
        yield (empty, Application.id > key.id if rising else Application.id < key.id)
        if backward:
            yield (valued,)


def _beyond(sort: Sort, key: PageKey, *, rising: bool) -> sa.ColumnElement[bool]:
    here = sa.tuple_(sort.column, Application.id)
    there = sa.tuple_(sa.literal(key.value, sort.column.type), sa.literal(key.id, Application.id.type))
    return here > there if rising else here < there


def after_place(session: Session, day: Any, key: Any, place: int | None) -> list[sa.ColumnElement[bool]]:
    """The condition of a list by day, then by number, that begins after the row of this number; none when nothing is
    known of it any more.
    """
    value = session.scalar(sa.select(day).where(key == place)) if place else None
    if value is None:
        return []
    return [sa.tuple_(day, key) > sa.tuple_(sa.literal(value, day.type), sa.literal(place, key.type))]


def _rows(session: Session, found: sa.Select[Any], wanted: CaseFilter, *, limit: int, backward: bool) -> list[CaseRow]:
    """The ids of one page first, along an index; then only those rows are joined to what is shown."""
    sort = SORTS[wanted.sort]
    falling = wanted.is_descending != backward
    order = [column.desc() if falling else column.asc() for column in (sort.column, Application.id)]
    page = found.order_by(*order).limit(limit).subquery()
    query = (
        sa.select(*_SHOWN)
        .join(page, page.c.id == Application.id)
        .join(Organisation, Organisation.id == Application.organisation_id)
        .outerjoin(User, User.id == Application.officer_id)
        .order_by(*order)
    )
    return [CaseRow(*row) for row in session.execute(query)]


def _key_of(row: CaseRow, wanted: CaseFilter) -> PageKey:
    return PageKey(getattr(row, SORTS[wanted.sort].column.key), row.id)


def _narrowed(query: sa.Select[Any], actor: Actor, wanted: CaseFilter, *, in_order: bool = False) -> sa.Select[Any]:
    narrowed = visible(query, actor).where(*_conditions(actor, wanted))
    return search.matching(narrowed, wanted.text, in_order=in_order)


def _only_words(actor: Actor, wanted: CaseFilter) -> bool:
    """True when the words searched are all that narrows the list: the index of words suffices to count it."""
    everything = sa.select(Application.id)
    unscoped = visible(everything, actor) is everything
    return unscoped and next(_conditions(actor, wanted), None) is None


def _conditions(actor: Actor, wanted: CaseFilter) -> Iterator[sa.ColumnElement[bool]]:
    if len(wanted.states) == 1:
        yield Application.state == wanted.states[0]
    elif wanted.states:
        yield Application.state.in_(wanted.states)
    if wanted.campaign is not None:
        yield Application.campaign == wanted.campaign
    if wanted.scheme is not None:
        yield Application.scheme_code == wanted.scheme
    if wanted.territory_id is not None:
        yield _in_territory(wanted.territory_id)
    if wanted.officer is not None:
        yield _in_charge(actor, wanted.officer)
    if wanted.overdue_on is not None:
        yield sa.and_(Application.due_on < wanted.overdue_on, Application.state.not_in(FINAL_STATES))
    if wanted.organisation_id is not None:
        yield Application.organisation_id == wanted.organisation_id
    if wanted.min_requested is not None:
        yield Application.requested_cents >= wanted.min_requested
    if wanted.max_requested is not None:
        yield Application.requested_cents <= wanted.max_requested


def _in_territory(territory_id: int) -> sa.ColumnElement[bool]:
    """Asked of each row in the order of the list: a territory is a large share of all cases."""
    covered = application_territory.c
    return sa.exists().where(covered.application_id == Application.id, covered.territory_id == territory_id)


def _in_charge(actor: Actor, officer: int | str) -> sa.ColumnElement[bool]:
    if officer == "none":
        return Application.officer_id.is_(None)
    return Application.officer_id == (actor.user_id if officer == "mine" else int(officer))
