"""The pedagogical part of each sheet: its sections, saved apart, asked before the report is sent, frozen with it."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from casework.applications import FinalReport
from casework.errors import Forbidden, InvalidInput
from casework.expenses import draft_of
from tests.support.journeys import roster
from tests.support.reports import write_sections
from tests.support.stories import Teller
from workflows.application.report_facts import facts_of
from workflows.application.report_sections import as_seen, save_sections
from workflows.application.reporting import unwritten_sections
from workflows.catalogue import SCHEMES_DIRECTORY, read_dir
from workflows.engine import Act
from workflows.versions import scheme_of

SCHEMES = read_dir(SCHEMES_DIRECTORY / "2024")
ASKED = {
    "3.1": {"impact": 162, "publics": 164},
    "3.2": {"objectives": 411, "quality": 330},
    "3.3": {"course": 630, "objectives": 634},
    "3.4": {"course": 882, "objectives": 886, "next_steps": 894},
    "3.5": {"course": 1111, "objectives": 1115},
    "3.6": {"course": 1411},
    "3.7": {"actions": 1687, "methods": 1700, "objectives": 1683, "next_steps": 1576, "economy": 1704},
    "3.8": {"qualitative": 1920, "poverty_plan": 1922, "formulas": 1963, "partners": 1961},
    "3.9": {
        "actions": 2266,
        "attendance": 2185,
        "methods": 2279,
        "objectives": 2187,
        "next_steps": 2246,
        "obstacles": 2248,
        "partners": 2189,
    },
    "3.10": {"actions": 2580, "objectives": 2576},
    "3.11": {"actions": 2897, "objectives": 2893},
    "3.12": {"actions": 3191, "objectives": 3189},
    "3.13": {"actions": 3418, "orientations": 3422},
}
GRIDS = {"3.4": ("evaluation",), **dict.fromkeys(("3.9", "3.14", "3.15", "3.16"), ("entry", "midway", "exit"))}


@pytest.mark.parametrize("code", list(SCHEMES))
def test_each_sheet_asks_its_own_sections_at_its_own_lines(code: str) -> None:
    found = {section.key: section.line for section in SCHEMES[code].final_report.sections}
    if code in ("3.14", "3.15", "3.16"):
        assert set(found) == set(ASKED["3.9"])
    else:
        assert found == ASKED[code]


@pytest.mark.parametrize("code", list(SCHEMES))
def test_only_the_sheets_that_measure_people_have_a_grid(code: str) -> None:
    grid = SCHEMES[code].assessments
    assert (grid.stages if grid else None) == GRIDS.get(code)


@pytest.mark.parametrize("code", list(SCHEMES))
def test_next_steps_are_valued_where_the_sheet_says_so(code: str) -> None:
    assert (SCHEMES[code].next_steps_line is not None) is (code in ("3.7", "3.9", "3.14", "3.15", "3.16"))


def test_two_colleagues_write_two_sections_and_never_overwrite_each_other(teller: Teller, session: Session) -> None:
    case = teller.tell("3.12", "bilan")
    scheme, empty = scheme_of(case), as_seen(None)

    def save(text: str, seen: str, name: str = "actions") -> int:
        act = Act(teller.cast.applicant, case.updated_at, teller.settings, {name: text})
        return save_sections(session, case, {name: seen}, act)

    assert save("Cinquante ateliers.", empty) == 1
    assert save("Atteints.", empty, "objectives") == 1
    with pytest.raises(InvalidInput) as refused:
        save("Autre texte.", empty)
    assert set(refused.value.errors) == {"actions"}
    assert save("Autre texte.", as_seen("Cinquante ateliers.")) == 1
    assert save("Autre texte.", as_seen("Cinquante ateliers.")) == 0
    assert unwritten_sections(scheme, draft_of(session, case.id)) == []
    save("", as_seen("Atteints."), "objectives")
    assert unwritten_sections(scheme, draft_of(session, case.id)) == ["Objectifs individuels et collectifs"]
    act = Act(teller.cast.officer, case.updated_at, teller.settings, {"actions": "x"})
    with pytest.raises(Forbidden):
        save_sections(session, case, {}, act)


def test_sections_are_frozen_with_what_stood_beside_them(teller: Teller, session: Session) -> None:
    case = teller.tell("3.14", "bilan", beyond=1)
    report = case.report
    assert isinstance(report, FinalReport)
    assert report.sections is not None
    assert [one["key"] for one in report.sections] == list(ASKED["3.9"])
    beside = {one["key"]: [tuple(fact) for fact in one["facts"]] for one in report.sections}
    today = facts_of(session, case, case.updated_at.date())
    assert beside["objectives"] == today["objectives"]
    assert any(label.startswith("Participants accueillis") for label, _, _ in beside["objectives"])
    assert all(one["text"] for one in report.sections)
    with pytest.raises(Exception, match="ne se modifie plus"):
        write_sections(teller, case, "Autre.")


@pytest.mark.database("sqlite")
def test_what_stands_beside_a_section_tells_no_few_people_outside(teller: Teller) -> None:
    """Twelve left, two of them in a positive exit; one exit lacks its evidence."""
    operation = roster(teller, "3.14")
    for kind in ("durable-1",) * 5 + ("transition-1",) * 5 + ("positive-1",) * 2:
        operation.exited(kind)
    facts = facts_of(teller.session, operation.application, operation.late.date())
    told = {label: outside for section in facts.values() for label, _, outside in section}
    assert told["Sortie positive"] == "moins de 5 personnes"
    assert "non communiqué" in (told["Emploi durable"], told["Emploi de transition"])
    assert told["Justificatifs"] == "12 sorties sans justificatif"
    few = roster(teller, "3.14")
    few.exited("durable-1")
    facts = facts_of(teller.session, few.application, few.late.date())
    told = {label: outside for section in facts.values() for label, _, outside in section}
    assert told["Justificatifs"] == "moins de 5 sorties sans justificatif"
