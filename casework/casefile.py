"""Everything that belongs to one application, read in one statement: what a page of the case shows.

Each kind of row is a numbered part; the parts are outer-joined to their own number only, so that the rows of the
answer add up instead of multiplying, whatever the number of opinions, payments or files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, lazyload, load_only
from sqlalchemy.orm.attributes import set_committed_value

from casework.amendments import Amendment
from casework.applications import (
    AcceptedWarning,
    Application,
    Convention,
    Correction,
    FinalReport,
    Opinion,
    Partnership,
    application_territory,
    co_bearer,
)
from casework.committees import Committee
from casework.deadlines import Deadline
from casework.documents import Document
from casework.expenses import ExpenseLine, ReportDraft
from casework.money import BudgetLine, Payment
from casework.people import Organisation, Territory
from casework.reviews import InstructionPoint, LineReview, retained_budget

_ROWS: tuple[type[Any], ...] = (
    Convention,
    FinalReport,
    Opinion,
    Correction,
    AcceptedWarning,
    Partnership,
    Deadline,
    Payment,
    Document,
    BudgetLine,
    ExpenseLine,
    ReportDraft,
    InstructionPoint,
    LineReview,
    Amendment,
    Committee,
)


OUTLINE: tuple[type[Any], ...] = (
    Convention,
    FinalReport,
    Opinion,
    Partnership,
    Deadline,
    Committee,
    Payment,
    Document,
)
"""What the header and the tabs of a case show: enough where the page is about its participants."""
_WITHOUT_PEOPLE = (
    lazyload(Opinion.territory),
    lazyload(Opinion.given_by),
    lazyload(Payment.ordered_by),
    lazyload(Payment.verified_by),
    lazyload(Document.added_by),
)
"""An outline counts opinions, payments and files; it does not say whose they are."""
_IN_SHORT = (
    load_only(
        *(Deadline.kind, Deadline.rank, Deadline.title, Deadline.due_on, Deadline.planned_at, Deadline.owed_by),
        *(Deadline.status, Deadline.done_on, Deadline.accepted_at, Deadline.awaits_id, Deadline.journey_id),
    ),
    load_only(
        *(Committee.rank, Committee.state, Committee.title, Committee.day, Committee.absent, Committee.earlier),
    ),
    load_only(Document.slot, Document.name, Document.removed_at),
    load_only(Payment.kind),
)
"""What an outline reads of those of which a case has many: every column costs as much as a line of the page."""


@dataclass(frozen=True)
class CaseFile:
    """What hangs on an application without being one of its relations, by kind of row, as it came.

    Asking for what was not read raises LookupError: an outline never passes for the whole.
    """

    rows: Mapping[type[Any], list[Any]]

    def _of(self, kind: type[Any]) -> list[Any]:
        if kind not in self.rows:
            raise LookupError(f"{kind.__name__} is not read with an outline of the case")
        return self.rows[kind]

    @cached_property
    def deadlines(self) -> list[Deadline]:
        """The earliest first."""
        return sorted(self._of(Deadline), key=lambda deadline: (deadline.due_on, deadline.id))

    @cached_property
    def committees(self) -> list[Committee]:
        """By day."""
        return sorted(self._of(Committee), key=lambda committee: (committee.day, committee.id))

    @property
    def payments(self) -> list[Payment]:
        return self._of(Payment)

    @cached_property
    def documents(self) -> list[Document]:
        """Those that stand."""
        return [document for document in self._of(Document) if document.removed_at is None]

    @property
    def budget(self) -> list[BudgetLine]:
        return self._of(BudgetLine)

    @property
    def expenses(self) -> list[ExpenseLine]:
        return self._of(ExpenseLine)

    @property
    def draft(self) -> ReportDraft | None:
        return next(iter(self._of(ReportDraft)), None)

    @property
    def points(self) -> list[InstructionPoint]:
        return self._of(InstructionPoint)

    @property
    def reviews(self) -> list[LineReview]:
        return self._of(LineReview)

    @property
    def amendments(self) -> list[Amendment]:
        return self._of(Amendment)

    @cached_property
    def retained(self) -> list[BudgetLine]:
        """The budget as the instruction retains it, which is the one asked as long as nothing is reviewed."""
        return retained_budget(self.budget, self.reviews)


def load_case(session: Session, application: Application, *, outline: bool = False) -> CaseFile:
    """Read all that belongs to this application, or its outline, and fill its relations, answers and report.

    The relations that an outline leaves out are read when they are asked for, like those of any application.
    """
    kinds = OUTLINE if outline else _ROWS
    found: dict[Any, list[Any]] = {kind: [] for kind in (*kinds, Territory, Organisation)}
    for answers, report, *entities in session.execute(_query(kinds), {"case_id": application.id}):
        if answers is not None:
            set_committed_value(application, "answers", answers)
            set_committed_value(application, "instruction_report", report)
        for entity in entities:
            if entity is not None:
                found[type(entity)].append(entity)
    _fill(application, found)
    return CaseFile({kind: _in_order(rows) if hasattr(kind, "id") else rows for kind, rows in found.items()})


@cache
def _query(kinds: tuple[type[Any], ...]) -> sa.Select[Any]:
    """Built once: putting its joins together takes as long as running it."""
    application_id = sa.bindparam("case_id", type_=Application.id.type)
    total = len(kinds) + 3
    part = sa.union_all(*(sa.select(sa.literal(number).label("n")) for number in range(total))).subquery("part")
    own = aliased(Application, name="own")
    source: Any = part.outerjoin(own, sa.and_(part.c.n == 0, own.id == application_id))
    for number, kind in enumerate(kinds, start=1):
        source = source.outerjoin(kind, sa.and_(part.c.n == number, kind.application_id == application_id))
    for number, link, kind, key in (
        (total - 2, application_territory, Territory, "territory_id"),
        (total - 1, co_bearer, Organisation, "organisation_id"),
    ):
        source = source.outerjoin(link, sa.and_(part.c.n == number, link.c.application_id == application_id))
        source = source.outerjoin(kind, kind.id == link.c[key])
    query = sa.select(own.answers, own.instruction_report, *kinds, Territory, Organisation).select_from(source)
    return query.options(*_WITHOUT_PEOPLE, *_IN_SHORT) if kinds is OUTLINE else query


def _fill(application: Application, found: dict[Any, list[Any]]) -> None:
    relations = {
        "convention": next(iter(found[Convention]), None),
        "report": next(iter(found[FinalReport]), None),
        "opinions": _in_order(found[Opinion]),
        "partners": sorted(found[Partnership], key=lambda share: share.partner),
        "territories": sorted(found[Territory], key=lambda territory: territory.name),
        "co_bearers": sorted(found[Organisation], key=lambda organisation: organisation.name),
    }
    for name, kind in (("corrections", Correction), ("accepted_warnings", AcceptedWarning)):
        if kind in found:
            relations[name] = _in_order(found[kind])
    for name, value in relations.items():
        set_committed_value(application, name, value)
    for name in ("convention", "report"):
        if relations[name] is not None:
            set_committed_value(relations[name], "application", application)


def _in_order(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: row.id)
