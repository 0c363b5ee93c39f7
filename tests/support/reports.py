"""Writing every section of a final report in tests."""

from __future__ import annotations

from casework.applications import Application
from casework.expenses import draft_of
from tests.support.stories import Teller
from workflows.application.report_sections import as_seen, save_sections, section_inputs
from workflows.engine import Act
from workflows.versions import scheme_of


def write_sections(teller: Teller, case: Application, text: str = "Tenu.", **said: str) -> int:
    """Say this of every section of the sheet, and what `said` gives of some."""
    inputs = section_inputs(scheme_of(case), draft_of(teller.session, case.id))
    data = {item.name: said.get(item.name, text) for item in inputs}
    seen = {item.name: as_seen(item.value) for item in inputs}
    act = Act(teller.cast.applicant, case.updated_at, teller.settings, data)
    return save_sections(teller.session, case, seen, act)
