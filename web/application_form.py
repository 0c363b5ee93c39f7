"""What the pages of the application form show: the case read once, its sections, what is missing, its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import g, url_for

from casework.applications import Application
from casework.documents import Document
from casework.french import distance, moment
from casework.money import BudgetLine
from casework.people import Territory
from web.case_layout import CaseView, case_page, view_of
from web.fields import Field, drawn, said, stored_answers
from web.lines import for_reader
from web.session import undo
from workflows.application import reading
from workflows.application.editing import why_not_editable
from workflows.application.form import Missing, identity_inputs, missing_from, question_inputs, sections_of
from workflows.inputs import Input
from workflows.rules.explanation import RuleWarning
from workflows.scheme import Scheme
from workflows.versions import scheme_of


@dataclass(frozen=True)
class SectionLink:
    """A section of the form in its menu: `done` when nothing is missing in it."""

    code: str
    label: str
    missing: tuple[Missing, ...]
    href: str

    @property
    def done(self) -> bool:
        return not self.missing


@dataclass(frozen=True)
class Filing:
    """One application as its form shows it. `reason`: why this person may not change it now, None when they may."""

    view: CaseView
    scheme: Scheme
    missing: list[Missing]
    reason: str | None

    @property
    def application(self) -> Application:
        return self.view.application

    @property
    def lines(self) -> list[BudgetLine]:
        return self.view.loaded.budget

    @property
    def documents(self) -> list[Document]:
        return self.view.loaded.documents

    @property
    def editable(self) -> bool:
        return self.reason is None

    @property
    def sections(self) -> list[SectionLink]:
        return [
            SectionLink(code, label, tuple(m for m in self.missing if m.section == code), self.address(code))
            for code, label in sections_of(self.scheme).items()
        ]

    def address(self, section: str) -> str:
        return section_address(self.application, section)

    def address_of(self, missing: Missing) -> str:
        """Where a missing thing is to be given: its section, at its very field."""
        anchors = {"budget": "budget", "pieces": f"piece-{missing.name}", "porteur": "porteur"}
        return f"{self.address(missing.section)}#{anchors.get(missing.section, f'champ-{missing.name}')}"

    def rank(self, section: str) -> str:
        codes = list(sections_of(self.scheme))
        return f"Rubrique {codes.index(section) + 1} sur {len(codes)}"

    @property
    def warnings(self) -> list[str]:
        """What the rules draw attention to; nothing here prevents a deposit."""
        return [sentence(warning) for warning in reading.warnings_of(self.application)]


def section_address(application: Application, section: str) -> str:
    return url_for("applications.section", application_id=application.id, section=section)


def next_address(application: Application, section: str) -> str:
    """The page that follows a section: the next one, or the overview after the last."""
    codes = list(sections_of(scheme_of(application)))
    following = codes.index(section) + 1
    if following < len(codes):
        return section_address(application, codes[following])
    return url_for("applications.overview", application_id=application.id)


def remaining(application: Application, today: date) -> str | None:
    """How long is left to deposit; once that is over, when it was done."""
    if application.state not in ("draft", "deposited"):
        return moment(application.submitted_at) if application.submitted_at else None
    if today < application.opens_on:
        return f"le dépôt s’ouvre {distance(application.opens_on, today)}"
    if today > application.closes_on and application.channel == "casework":
        return "la session est terminée"
    return f"ferme {distance(application.closes_on, today)} à 23 h 59"


def filing_page(filing: Filing, template: str, status: int = 200, **data: Any) -> tuple[str, int]:
    """A page of the form, under the header and the tabs of its case."""
    return case_page(filing.view, "form", f"applications/{template}.html", status=status, filing=filing, **data)


def sentence(warning: RuleWarning) -> str:
    return for_reader(warning.full_sentence)


def read_filing(application: Application) -> Filing:
    """The application as it is stored now, with its budget, its files and what it lacks."""
    view = view_of(application)
    lacking = missing_from(application, view.loaded.budget, view.loaded.documents)
    return Filing(view, scheme_of(application), lacking, why_not_editable(g.actor, application))


def read_again(application: Application) -> Filing:
    """The case once a refused save is undone: what was half written is forgotten."""
    undo()
    g.db.refresh(application)
    return read_filing(application)


def inputs_of(application: Application, section: str) -> tuple[Input, ...]:
    """Everything that this section asks, with what is stored."""
    questions = question_inputs(scheme_of(application), section, application.answers)
    if section != "projet":
        return questions
    territories = g.db.scalars(sa.select(Territory).order_by(Territory.name)).all()
    choices = tuple((str(territory.id), territory.name) for territory in territories)
    return (*identity_inputs(application, choices), *questions)


def fields_of(items: tuple[Input, ...], typed: Mapping[str, Any] | None, *, compare: bool = False) -> list[Field]:
    """The controls of a section. `compare`: beside each answer that differs from what is stored now, say the latter."""
    stored = stored_answers(items)
    return [
        drawn(item, typed, note=_stored_note(item, typed, stored) if compare and typed is not None else "")
        for item in items
    ]


def _stored_note(item: Input, typed: Mapping[str, Any], stored: Mapping[str, Any]) -> str:
    if _same(typed.get(item.name), stored[item.name]):
        return ""
    return f"Enregistré à ce jour : {said(item) or 'rien'}."


def _same(typed: Any, stored: Any) -> bool:
    if isinstance(typed, str):
        return typed.replace("\r\n", "\n").strip() == str(stored).strip()
    return sorted(typed or []) == sorted(stored)


def answers_of(items: tuple[Input, ...]) -> list[tuple[str, str]]:
    """Each question with its answer, to read."""
    return [(item.label, said(item)) for item in items]
