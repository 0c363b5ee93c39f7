"""Everything that belongs to one application, read in one statement: what a page of the case shows.

Each kind of row is a numbered part; the parts are outer-joined to their own number only, so that the rows of the
answer add up instead of multiplying, whatever the number of opinions, payments or files.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased
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
)


@dataclass(frozen=True)
class CaseFile:
    """What hangs on an application without being one of its relations. `deadlines` the earliest first, the rest as
    it came; `documents` are those that stand."""

    deadlines: list[Deadline]
    payments: list[Payment]
    documents: list[Document]
    budget: list[BudgetLine]
    expenses: list[ExpenseLine]
    draft: ReportDraft | None
    points: list[InstructionPoint]
    reviews: list[LineReview]

    @property
    def retained(self) -> list[BudgetLine]:
        """The budget as the instruction retains it, which is the one asked as long as nothing is reviewed."""
        return retained_budget(self.budget, self.reviews)

    amendments: list[Amendment]


def load_case(session: Session, application: Application) -> CaseFile:
    """Read all that belongs to this application, and fill its relations, its answers and its instruction report."""
    found: dict[Any, list[Any]] = {kind: [] for kind in (*_ROWS, Territory, Organisation)}
    for answers, report, *entities in session.execute(_query(), {"case_id": application.id}):
        if answers is not None:
            set_committed_value(application, "answers", answers)
            set_committed_value(application, "instruction_report", report)
        for entity in entities:
            if entity is not None:
                found[type(entity)].append(entity)
    _fill(application, found)
    return CaseFile(
        deadlines=sorted(found[Deadline], key=lambda deadline: (deadline.due_on, deadline.id)),
        payments=_in_order(found[Payment]),
        documents=_in_order([document for document in found[Document] if document.removed_at is None]),
        budget=_in_order(found[BudgetLine]),
        expenses=_in_order(found[ExpenseLine]),
        draft=next(iter(found[ReportDraft]), None),
        points=_in_order(found[InstructionPoint]),
        reviews=_in_order(found[LineReview]),
        amendments=_in_order(found[Amendment]),
    )


@cache
def _query() -> sa.Select[Any]:
    """Built once: putting its fifteen joins together takes as long as running it."""
    application_id = sa.bindparam("case_id", type_=Application.id.type)
    total = len(_ROWS) + 3
    part = sa.union_all(*(sa.select(sa.literal(number).label("n")) for number in range(total))).subquery("part")
    own = aliased(Application, name="own")
    source: Any = part.outerjoin(own, sa.and_(part.c.n == 0, own.id == application_id))
    for number, kind in enumerate(_ROWS, start=1):
        source = source.outerjoin(kind, sa.and_(part.c.n == number, kind.application_id == application_id))
    for number, link, kind, key in (
        (total - 2, application_territory, Territory, "territory_id"),
        (total - 1, co_bearer, Organisation, "organisation_id"),
    ):
        source = source.outerjoin(link, sa.and_(part.c.n == number, link.c.application_id == application_id))
        source = source.outerjoin(kind, kind.id == link.c[key])
    return sa.select(own.answers, own.instruction_report, *_ROWS, Territory, Organisation).select_from(source)


def _fill(application: Application, found: dict[Any, list[Any]]) -> None:
    relations = {
        "convention": next(iter(found[Convention]), None),
        "report": next(iter(found[FinalReport]), None),
        "opinions": _in_order(found[Opinion]),
        "corrections": _in_order(found[Correction]),
        "accepted_warnings": _in_order(found[AcceptedWarning]),
        "partners": sorted(found[Partnership], key=lambda share: share.partner),
        "territories": sorted(found[Territory], key=lambda territory: territory.name),
        "co_bearers": sorted(found[Organisation], key=lambda organisation: organisation.name),
    }
    for name, value in relations.items():
        set_committed_value(application, name, value)
    for name in ("convention", "report"):
        if relations[name] is not None:
            set_committed_value(relations[name], "application", application)


def _in_order(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: row.id)
