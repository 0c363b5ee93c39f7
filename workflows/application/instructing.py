"""The officer's sheet: verdicts on the criteria and the documents, the budget line by line, the opinion and amount.

Each part is saved apart, under the lock, by whoever has seen that part as it is; the journal keeps what changed.
`sheet.lacking` says what is still needed before the instruction may end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from casework import db, journal
from casework.amounts import AmountError, euros, parse_euros
from casework.applications import Application
from casework.errors import Forbidden, InvalidInput, NotFound, Refused
from casework.money import BudgetLine, budget_of
from casework.permissions import may
from casework.reviews import (
    LONGEST_REMARK,
    UNEXPLAINED,
    VERDICTS,
    InstructionPoint,
    LineReview,
    points_of,
    reviews_of,
    seen_in,
    standing_reviews,
)
from workflows.application.editing import SHEET_EDITED, must_have_seen, record_edit
from workflows.application.form import documents_of
from workflows.application.reading import grant_of
from workflows.application.sheet import KINDS, labels_of, opinion_inputs, why_not_instructable
from workflows.engine import Act
from workflows.inputs import optional, read

journal.register(SHEET_EDITED, "Fiche d’instruction complétée")


def save_points(
    session: Session, application: Application, part: str, rows: Mapping[str, Mapping[str, str]], act: Act
) -> Application:
    """Save the verdicts and remarks of one part, "criteria" or "documents", by the code of each point.

    A point that `rows` does not name stays as it was. Raises Stale, Refused, or InvalidInput naming
    `verdict-<kind>-<code>` or `remark-<kind>-<code>`; nothing is saved then.
    """
    locked = _opened(session, application, act, part)
    kind, documents = KINDS[part], documents_of(session, locked.id)
    labels = labels_of(locked, kind, documents)
    found, errors = _read_points(kind, {code: row for code, row in rows.items() if code in labels})
    if errors:
        raise InvalidInput(errors)
    stored = {point.code: point for point in points_of(session, locked.id) if point.kind == kind}
    changes: dict[str, Any] = {}
    for code, (verdict, remark) in found.items():
        point = stored.get(code) or InstructionPoint(application_id=locked.id, kind=kind, code=code, remark="", seen="")
        before = _said(point)
        seen = seen_in(code, documents) if kind == "document" and verdict else ""
        if (verdict, remark, seen) != (point.verdict, point.remark, point.seen):
            point.verdict, point.remark, point.seen = verdict, remark, seen
            changes[labels[code]] = [before, _said(point)]
            session.add(point)
    _record(session, locked, part, changes, act)
    return locked


def _read_points(
    kind: str, rows: Mapping[str, Mapping[str, str]]
) -> tuple[dict[str, tuple[str | None, str]], dict[str, list[str]]]:
    found: dict[str, tuple[str | None, str]] = {}
    errors: dict[str, list[str]] = {}
    for code, row in rows.items():
        verdict, remark = row.get("verdict") or None, _text(row.get("remark", ""))
        found[code] = verdict, remark
        if verdict is not None and verdict not in VERDICTS[kind]:
            errors[f"verdict-{kind}-{code}"] = ["Choisissez une des réponses proposées."]
        elif verdict is not None and verdict not in UNEXPLAINED and not remark:
            errors[f"remark-{kind}-{code}"] = ["Dites pourquoi : l’observation est obligatoire."]
        if len(remark) > LONGEST_REMARK:
            errors[f"remark-{kind}-{code}"] = [_TOO_LONG]
    return found, errors


_TOO_LONG = f"Ce texte est trop long : {LONGEST_REMARK} caractères au plus."


def _text(typed: str) -> str:
    return typed.replace("\x00", "").replace("\r\n", "\n").strip()


def _said(point: InstructionPoint) -> str:
    verdict = VERDICTS[point.kind][point.verdict] if point.verdict else ""
    return " – ".join(text for text in (verdict, point.remark) if text)


def save_lines(
    session: Session, application: Application, rows: Mapping[int, Mapping[str, str]], act: Act
) -> Application:
    """Save what is retained of expenses, by the id of their line: `retained` and `reason` as typed, `asked` in cents
    as it was seen. An empty `retained` leaves the line to be examined.

    Raises Stale, Refused, or InvalidInput naming `retained-<id>` or `reason-<id>`; nothing is saved then.
    """
    locked = _opened(session, application, act, "lines")
    lines = {line.id: line for line in budget_of(session, locked.id) if line.side == "expense"}
    errors: dict[str, list[str]] = {}
    found: dict[int, tuple[int, str] | None] = {}
    for key, row in rows.items():
        if key in lines:
            found[key], wrong = read_review(lines[key], row)
            errors |= {f"{name}-{key}": [sentence] for name, sentence in wrong.items()}
    if errors:
        raise InvalidInput(errors)
    _review(session, locked, lines, found, act)
    return locked


def read_review(line: BudgetLine, row: Mapping[str, str]) -> tuple[tuple[int, str] | None, dict[str, str]]:
    """What is retained of a line (cents, reason), None when nothing is said; and what is wrong, by field."""
    typed, reason, asked = row.get("retained", "").strip(), _text(row.get("reason", "")), row.get("asked", "")
    if not typed:
        return None, {"retained": "Écrivez le montant retenu, 0 pour écarter la dépense."} if reason else {}
    if asked and asked != str(line.amount_cents):
        return None, {"retained": f"Le porteur demande désormais {euros(line.amount_cents)} : examinez cette ligne."}
    try:
        retained = parse_euros(typed)
    except AmountError as error:
        return None, {"retained": error.sentence}
    wrong = {}
    if retained > line.amount_cents:
        wrong["retained"] = f"Le porteur demande {euros(line.amount_cents)} : on ne peut pas retenir davantage."
    if retained < line.amount_cents and not reason:
        wrong["reason"] = "Dites pourquoi le montant demandé n’est pas retenu en entier."
    if len(reason) > LONGEST_REMARK:
        wrong["reason"] = _TOO_LONG
    return (retained, reason), wrong


def retain_as_asked(session: Session, application: Application, act: Act) -> int:
    """Retain as it is asked every expense that is not examined yet. Answers how many. Raises Stale, Refused."""
    locked = _opened(session, application, act, "lines")
    lines = {line.id: line for line in budget_of(session, locked.id) if line.side == "expense"}
    standing = standing_reviews(lines.values(), reviews_of(session, locked.id))
    left: dict[int, tuple[int, str] | None] = {
        key: (line.amount_cents, "") for key, line in lines.items() if key not in standing
    }
    _review(session, locked, lines, left, act)
    return len(left)


def _review(
    session: Session,
    application: Application,
    lines: Mapping[int, BudgetLine],
    found: Mapping[int, tuple[int, str] | None],
    act: Act,
) -> None:
    stored = {review.budget_line_id: review for review in reviews_of(session, application.id)}
    changes: dict[str, Any] = {}
    for key, decided in found.items():
        line, review = lines[key], stored.get(key)
        before = _retained(review) if review is not None and review.stands_for(line) else ""
        if decided is None:
            if review is not None:
                session.delete(review)
            after = ""
        else:
            review = review or LineReview(application_id=application.id, budget_line_id=key)
            review.asked_cents, (review.retained_cents, review.reason) = line.amount_cents, decided
            session.add(review)
            after = _retained(review)
        if after != before:
            changes[f"« {line.label} »"] = [before, after]
    _record(session, application, "lines", changes, act)


def _retained(review: LineReview) -> str:
    said = f"{euros(review.retained_cents)} retenus sur {euros(review.asked_cents)}"
    return f"{said} : {review.reason}" if review.reason else said


def save_opinion(session: Session, application: Application, raw: Mapping[str, Any], act: Act) -> Application:
    """Save the summary and the amount to propose, never above the maximum on the budget retained.

    Raises Stale, Refused, InvalidInput naming `report` or `proposed`.
    """
    locked = _opened(session, application, act, "opinion")
    found = read(optional(opinion_inputs(locked)), raw)
    proposed, maximum = found.get("proposed"), grant_of(session, locked).maximum_cents
    if proposed is not None and proposed > maximum:
        said = f"Le montant maximal, sur le budget retenu, est de {euros(maximum)}."
        raise InvalidInput({"proposed": [said]})
    changes = {}
    report = found.get("report") or ""
    if report != locked.instruction_report:
        changes["report"] = [locked.instruction_report, report]
    if proposed != locked.proposed_cents:
        changes["proposed"] = [_amount(locked.proposed_cents), _amount(proposed)]
    locked.instruction_report, locked.proposed_cents = report, proposed
    _record(session, locked, "opinion", changes, act)
    return locked


def _amount(cents: int | None) -> str:
    return "" if cents is None else euros(cents)


def _opened(session: Session, application: Application, act: Act, part: str) -> Application:
    locked: Application | None = db.lock(session, Application, application.id)
    if locked is None:
        raise NotFound()
    must_have_seen(session, locked, act, f"sheet_{part}")
    if not may(act.actor, "application.instruct", locked):
        raise Forbidden()
    reason = why_not_instructable(act.actor, locked)
    if reason:
        raise Refused([reason])
    return locked


def _record(session: Session, application: Application, part: str, changes: dict[str, Any], act: Act) -> None:
    record_edit(session, application, f"sheet_{part}", changes, act, kind=SHEET_EDITED)
