"""The officer's sheet as it is drawn and typed: its criteria and documents, its expenses, what is retained of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from casework.amounts import euros
from casework.documents import Document
from casework.money import CATEGORIES, BudgetLine
from casework.reviews import VERDICTS, InstructionPoint, retained_budget, seen_in, standing_reviews
from web.budget_form import euros_typed
from web.case_layout import CaseView
from workflows.application.instructing import read_review
from workflows.application.reading import grant_from
from workflows.application.sheet import KINDS, expected_documents, labels_of
from workflows.rules.criteria import criteria_of
from workflows.rules.grant import Grant
from workflows.versions import scheme_of

Typed = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Point:
    """One criterion or document. `key` names its fields: `verdict-<key>`. `details`: the words of the sheet.

    `lapsed`: its verdict was given on other files.
    """

    key: str
    label: str
    details: tuple[str, ...]
    files: list[Document]
    verdict: str
    remark: str
    lapsed: bool

    @property
    def done(self) -> bool:
        return bool(self.verdict) and not self.lapsed


@dataclass(frozen=True)
class Expense:
    """One expense of the budget. `lapsed`: cents that were asked when it was reviewed, None when the review holds."""

    line: BudgetLine
    category: str
    how: str
    retained: str
    reason: str
    lapsed: int | None
    reviewed: int | None

    @property
    def done(self) -> bool:
        return self.reviewed is not None


def typed_points(form: Any, part: str) -> dict[str, dict[str, str]]:
    """What was typed of each point of a part, by its code: `verdict-criterion-<code>`."""
    return _typed(form, f"-{KINDS[part]}-", "verdict", ("verdict", "remark"))


def typed_lines(form: Any) -> dict[str, dict[str, str]]:
    """What was typed of each expense, by the id of its line: `retained-<id>`."""
    return _typed(form, "-", "retained", ("asked", "retained", "reason"))


def _typed(form: Any, mark: str, first: str, fields: tuple[str, ...]) -> dict[str, dict[str, str]]:
    keys = [name.removeprefix(first + mark) for name in form if name.startswith(first + mark)]
    return {key: {name: form.get(f"{name}{mark}{key}", "") for name in fields} for key in keys}


def points(view: CaseView, part: str, typed: Typed | None = None) -> list[Point]:
    """The points of "criteria" or "documents", with what was typed of them, else what is stored."""
    kind, application, documents = KINDS[part], view.application, view.loaded.documents
    known = {point.code: point for point in view.loaded.points if point.kind == kind}
    details = _details(view, part)
    return [
        _point(kind, code, label, details.get(code, ()), documents, known.get(code), (typed or {}).get(code))
        for code, label in labels_of(application, kind, documents).items()
    ]


def _details(view: CaseView, part: str) -> dict[str, tuple[str, ...]]:
    scheme = scheme_of(view.application)
    if part == "criteria":
        return {criterion.code: criterion.details for criterion in criteria_of(scheme)}
    return {one.key: (one.help,) for one in expected_documents(scheme, view.loaded.documents) if one.help}


def _point(
    kind: str,
    code: str,
    label: str,
    details: tuple[str, ...],
    documents: list[Document],
    stored: InstructionPoint | None,
    typed: Mapping[str, str] | None,
) -> Point:
    key = f"{kind}-{code}"
    files = [document for document in documents if kind == "document" and document.slot == code]
    verdict = stored.verdict or "" if stored else ""
    lapsed = bool(stored and verdict and stored.kind == "document" and stored.seen != seen_in(code, documents))
    if typed is not None:
        return Point(key, label, details, files, typed["verdict"], typed["remark"], lapsed)
    return Point(key, label, details, files, "" if lapsed else verdict, stored.remark if stored else "", lapsed)


def verdict_of(point: Point, part: str) -> str:
    return VERDICTS[KINDS[part]].get(point.verdict, "À examiner")


def expenses(view: CaseView, typed: Typed | None = None) -> list[Expense]:
    """The expenses of the budget, with what was typed of their review, else what is stored."""
    lines = [line for line in view.loaded.budget if line.side == "expense"]
    known = {review.budget_line_id: review for review in view.loaded.reviews}
    standing = standing_reviews(lines, view.loaded.reviews)
    found = []
    for line in lines:
        review, row = standing.get(line.id), (typed or {}).get(str(line.id))
        lapsed = known[line.id].asked_cents if line.id in known and review is None else None
        retained = euros_typed(review.retained_cents) if review else ""
        reason = known[line.id].reason if line.id in known else ""
        if row is not None:
            retained, reason = row["retained"], row["reason"]
        reviewed = review.retained_cents if review else None
        found.append(Expense(line, CATEGORIES[line.category], _how(line), retained, reason, lapsed, reviewed))
    return found


def _how(line: BudgetLine) -> str:
    """How a post makes its amount, in words."""
    if line.gross_cents is None or line.fte_hundredths is None or line.share_hundredths is None:
        return ""
    fte, share = (f"{value / 100:g}".replace(".", ",") for value in (line.fte_hundredths, line.share_hundredths))
    return f"{fte} ETP, {euros(line.gross_cents)} × {share} %"


@dataclass(frozen=True)
class Running:
    """What the sheet comes to: cents asked and retained, expenses left to examine, the maximum on what is retained."""

    asked_cents: int
    retained_cents: int
    left: int
    grant: Grant


def running(view: CaseView, typed: Typed | None = None) -> Running:
    """The figures of what is stored or, where something is typed and understood, of what is typed."""
    lines, reviews = view.loaded.budget, view.loaded.reviews
    retained = {line.id: line for line in retained_budget(lines, reviews)}
    examined = set(standing_reviews(lines, reviews))
    for line in lines:
        row = (typed or {}).get(str(line.id))
        if row is None or line.side != "expense":
            continue
        review, wrong = read_review(line, row)
        examined.discard(line.id)
        retained[line.id].amount_cents = line.amount_cents
        if review is not None and "retained" not in wrong:
            retained[line.id].amount_cents = review[0]
            examined.add(line.id)
    spent = [line for line in lines if line.side == "expense"]
    return Running(
        asked_cents=sum(line.amount_cents for line in spent),
        retained_cents=sum(retained[line.id].amount_cents for line in spent),
        left=sum(line.id not in examined for line in spent),
        grant=grant_from(view.application, list(retained.values())),
    )
