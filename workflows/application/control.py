"""The control of the final report, line by line: the five tests, what is accepted of each line, the running total.

Decisions are saved as they are taken; the moves of `moves_control` send the intended result, take the answer, validate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from casework import db, journal
from casework.amounts import AmountError, euros, parse_euros
from casework.applications import Application
from casework.clock import paris_day
from casework.documents import Document
from casework.errors import Forbidden, InvalidInput, NotFound, Refused
from casework.expenses import DECISIONS, REASONS, ExpenseLine, expenses_of, spent
from casework.french import counted, long_date
from casework.money import BudgetLine, totals
from casework.people import Actor
from casework.permissions import may
from workflows.application.form import documents_of
from workflows.application.reading import retained_of
from workflows.engine import Act, compare_version, touch
from workflows.rules.expenses import Frame, Spending, Test, eligibility_tests, passes_all
from workflows.versions import scheme_of

CONTROLLED = journal.register("application.lines_controlled", "Dépenses contrôlées")
LONGEST_COMMENT = 1000


@dataclass(frozen=True)
class Controlled:
    """One line with its five tests."""

    line: ExpenseLine
    tests: tuple[Test, ...]

    @property
    def passes(self) -> bool:
        return passes_all(self.tests)


def controlled_lines(
    application: Application,
    lines: Iterable[ExpenseLine],
    budget: Sequence[BudgetLine],
    documents: Iterable[Document],
    *,
    today: date,
) -> list[Controlled]:
    """Every line on which something was spent, with its tests. `today` stands for the day of sending before it."""
    scheme, convention = scheme_of(application), application.convention
    if convention is None:
        return []
    sent_on = paris_day(application.report.submitted_at) if application.report else today
    frame = Frame(convention.starts_on, convention.last_on, sent_on)
    planned, standing = totals(list(budget), "expense"), {document.id for document in documents}
    return [
        Controlled(line, eligibility_tests(scheme, _spending(line, planned, standing), frame)) for line in spent(lines)
    ]


def _spending(line: ExpenseLine, planned: Mapping[str, int], standing: set[int]) -> Spending:
    return Spending(
        category=line.category,
        spent_cents=line.spent_cents,
        planned_cents=planned.get(line.category, 0),
        reference=line.invoice_reference,
        invoice_on=line.invoice_on,
        paid_on=line.paid_on,
        evidenced=line.document_id in standing,
    )


def _controlled(session: Session, application: Application, act: Act) -> list[Controlled]:
    """The lines as they stand in the database, with their tests."""
    lines, budget = expenses_of(session, application.id), retained_of(session, application.id)
    return controlled_lines(application, lines, budget, documents_of(session, application.id), today=act.day)


def why_not_controllable(actor: Actor, application: Application, today: date) -> str | None:
    """None when this person may decide on the lines now, else the sentence that says why not."""
    report = application.report
    if not may(actor, "application.instruct", application):
        return "Seuls les services qui instruisent contrôlent un bilan."
    if application.state != "bilan" or report is None:
        return "Un bilan se contrôle une fois remis, jusqu’à sa validation."
    if any(correction.waiting for correction in application.corrections):
        return "Une correction du bilan est attendue du porteur : le contrôle reprendra ensuite."
    return why_to_wait(application, today)


def why_to_wait(application: Application, today: date) -> str | None:
    """While the applicant may still answer the intended result, nobody changes it."""
    report = application.report
    if report is None or not report.awaits_answer or report.answer_due_on is None or today > report.answer_due_on:
        return None
    return f"Le porteur a jusqu’au {long_date(report.answer_due_on)} pour répondre au résultat envisagé."


def _opened(session: Session, application: Application, act: Act) -> Application:
    locked: Application | None = db.lock(session, Application, application.id)
    if locked is None:
        raise NotFound()
    compare_version(session, "application", locked, act)
    if not may(act.actor, "application.instruct", locked):
        raise Forbidden()
    reason = why_not_controllable(act.actor, locked, act.day)
    if reason:
        raise Refused([reason])
    return locked


def save_control(
    session: Session, application: Application, rows: Mapping[int, Mapping[str, str]], act: Act
) -> Application:
    """Decide on lines, by id: `decision` ("" leaves it open), `accepted` as typed, `reason`, `comment`.

    Retaining a line that fails one of the five tests (a proof seen on the spot …) takes a word of explanation.

    Raises Stale, Refused, or InvalidInput naming `<field>-<id>`; nothing is saved then.
    """
    locked = _opened(session, application, act)
    known = {one.line.id: one for one in _controlled(session, locked, act)}
    lines = {key: one.line for key, one in known.items()}
    errors: dict[str, list[str]] = {}
    decided: dict[int, dict[str, Any]] = {}
    for key, row in rows.items():
        if key not in known:
            continue
        values, wrong = _decision(known[key].line, row)
        if values["accepted_cents"] and not known[key].passes and not values["comment"]:
            wrong["comment"] = "Cette ligne ne passe pas les cinq tests : dites pourquoi vous la retenez."
        decided[key] = values
        errors |= {f"{name}-{key}": [sentence] for name, sentence in wrong.items()}
    if errors:
        raise InvalidInput(errors)
    changed = [key for key, values in decided.items() if _decide(lines[key], values)]
    if changed:
        _record(session, locked, lines, act, len(changed))
    return locked


def _decide(line: ExpenseLine, values: Mapping[str, Any]) -> bool:
    """Write what was decided; True when it is not what stood already."""
    if all(getattr(line, name) == value for name, value in values.items()):
        return False
    for name, value in values.items():
        setattr(line, name, value)
    return True


def _decision(line: ExpenseLine, row: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    decision, wrong = row.get("decision", ""), {}
    reason = row.get("reason", "")
    comment = row.get("comment", "").replace("\x00", "").replace("\r\n", "\n").strip()
    if len(comment) > LONGEST_COMMENT:
        wrong["comment"] = f"Ce texte est trop long : {LONGEST_COMMENT} caractères au plus."
    if decision not in DECISIONS:
        if decision:
            wrong["decision"] = "Choisissez une des réponses proposées."
        return {"decision": None, "accepted_cents": None, "reason": "", "comment": ""}, wrong
    wrong |= _contradicted(line, decision, row.get("accepted", ""))
    if decision == "accepted":
        return {"decision": decision, "accepted_cents": line.spent_cents, "reason": "", "comment": comment}, wrong
    if reason not in REASONS:
        wrong["reason"] = "Choisissez le motif."
    elif reason == "other" and not comment:
        wrong["comment"] = "Précisez le motif."
    accepted = 0
    if decision == "reduced":
        accepted, sentence = _reduced(line, row.get("accepted", ""))
        wrong |= {"accepted": sentence} if sentence else {}
    return {"decision": decision, "accepted_cents": accepted, "reason": reason, "comment": comment}, wrong


def _contradicted(line: ExpenseLine, decision: str, text: str) -> dict[str, str]:
    """An amount typed beside a decision that says another one: whoever decides says which is meant.

    The amount that an earlier reduction left in the form was not typed.
    """
    whole = {"accepted": line.spent_cents, "refused": 0}
    if decision not in whole or not text.strip():
        return {}
    try:
        cents = parse_euros(text)
    except AmountError as error:
        return {"accepted": error.sentence}
    if cents == whole[decision] or (line.decision == "reduced" and cents == line.accepted_cents):
        return {}
    said = f"« {DECISIONS[decision]} » ne va pas avec ce montant"
    return {"accepted": f"{said} : choisissez « Réduite », ou videz le montant."}


def _reduced(line: ExpenseLine, text: str) -> tuple[int, str]:
    try:
        cents = parse_euros(text)
    except AmountError as error:
        return 0, error.sentence
    if cents >= line.spent_cents:
        return 0, f"Dépensé : {euros(line.spent_cents)}. Un montant réduit est inférieur ; sinon, acceptez la ligne."
    return (cents, "") if cents else (0, "Pour n’accepter aucun montant, refusez la ligne.")


def accept_passing(session: Session, application: Application, act: Act) -> int:
    """Accept every undecided line that passes the five tests. Answers how many. Raises Stale, Refused."""
    locked = _opened(session, application, act)
    known = _controlled(session, locked, act)
    ready = [one.line for one in known if one.passes and one.line.decision is None]
    for line in ready:
        line.decision, line.accepted_cents, line.reason = "accepted", line.spent_cents, ""
    if ready:
        _record(session, locked, {one.line.id: one.line for one in known}, act, len(ready))
    return len(ready)


def _record(session: Session, application: Application, lines: Mapping[int, ExpenseLine], act: Act, count: int) -> None:
    touch(application, act.at)
    session.flush()
    accepted = sum(line.accepted_cents or 0 for line in lines.values())
    journal.record(
        session,
        "application",
        application.id,
        CONTROLLED,
        actor=act.actor,
        at=act.at,
        lines=count,
        accepted_cents=accepted,
        decisions=[
            [line.id, line.label, line.decision, line.accepted_cents, line.why]
            for line in lines.values()
            if line.decision
        ],
    )


def undecided(lines: Iterable[ExpenseLine]) -> str | None:
    """The sentence that says how many lines are still to be controlled, None when there is none."""
    left = sum(line.decision is None for line in spent(lines))
    return f"Il reste {counted(left, 'dépense')} à contrôler, ligne par ligne." if left else None
