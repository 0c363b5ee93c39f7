"""The parts of a sheet that say what is measured of people and written in the end: grids, sections, yearly documents.

They are parts of `workflows.scheme.Scheme`, under the same rules.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class GridArea:
    """One area of a participant's life or skills that an assessment grid measures, or one result of an evaluation."""

    code: str
    label: str
    line: int


@dataclass(frozen=True)
class AssessmentGrid:
    """What is assessed of each participant, and when. `stages`: entry, midway and exit, or one evaluation.

    `scale`: the levels in plain words, the least first. `results`: what an evaluation concludes. The sheets ask to
    measure and give no grid: areas and levels are choices of this Département.
    """

    stages: tuple[str, ...]
    scale: tuple[str, ...]
    areas: tuple[GridArea, ...]
    line: int
    results: tuple[GridArea, ...] = ()


@dataclass(frozen=True)
class ReportSection:
    """One section of the pedagogical part. `facts`: what the service shows beside it, among figures, exits,
    committees, activities, attendance, grids and next_steps."""

    key: str
    label: str
    help: str
    line: int
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class AnnualDocument:
    """One document owed after each financial year (3.8). `spreadsheet`: nothing else is accepted."""

    key: str
    label: str
    line: int
    spreadsheet: bool = False
