"""Which exits are proven, which are not, and what follows them.

3.7 (l.1675), 3.9 (l.2240), 3.10 (l.2564), 3.11 (l.2881), 3.12 (l.3177), 3.14 (l.3711), 3.15 (l.4052) and 3.16 (l.4395)
want copies of contracts and certificates « impérativement » with the final report. One rule for all: the report may be
sent, with its unproven exits named to the operator beforehand and to the officer afterwards, and the control retains
the dynamic exits that are proven.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application
from casework.details import OBSTACLES
from casework.documents import Document
from casework.french import counted
from casework.participants import NEXT_STEPS, Journey
from workflows.rules.exits import needs_evidence
from workflows.scheme import Scheme
from workflows.versions import scheme_of


@dataclass(frozen=True)
class Proofs:
    """The exits of an operation as its report must prove them. `unproven`: ids of journeys; `proven`: people.

    `followed`: whether exits are kept here at all; an operation that keeps none declares its own.
    """

    followed: bool
    unproven: tuple[int, ...]
    proven: int

    @property
    def sentence(self) -> str:
        """« 3 sorties sans justificatif », "" when nothing is missing."""
        said = counted(len(self.unproven), "sortie sans justificatif", "sorties sans justificatif")
        return said if self.unproven else ""


NOTHING_TO_PROVE = Proofs(False, (), 0)


def proofs_of(session: Session, application: Application) -> Proofs:
    """What is proven and what is not, in one query; nothing to prove where the sheet asks no evidence."""
    scheme = scheme_of(application)
    if not scheme.final_report.evidence_required:
        return NOTHING_TO_PROVE
    standing = sa.and_(Document.id == Journey.evidence_id, Document.removed_at.is_(None))
    columns = (Journey.id, Journey.person_id, Journey.exit_kind, Journey.exit_family, Document.id.label("evidence"))
    query = sa.select(*columns).outerjoin(Document, standing).order_by(Journey.id)
    rows = session.execute(query.where(Journey.application_id == application.id, Journey.state == "exited")).all()
    wanted = [row for row in rows if needs_evidence(scheme, row.exit_kind, row.exit_family)]
    unproven = tuple(row.id for row in wanted if row.evidence is None)
    proven = {row.person_id for row in wanted if row.evidence is not None and row.exit_family != "none"}
    return Proofs(bool(rows), unproven, len(proven))


def lacks_evidence(scheme: Scheme, journey: Journey) -> bool:
    """True when this exit is to be proven and nothing that stands proves it."""
    if journey.exit_kind is None or not needs_evidence(scheme, journey.exit_kind, journey.exit_family or "none"):
        return False
    return journey.evidence is None or journey.evidence.removed_at is not None


def valued(journeys: Iterable[Journey]) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """(what follows exits, obstacles lifted), each with how many people; a person who came back is counted once."""
    steps: dict[str, set[int]] = {}
    lifted: dict[str, set[int]] = {}
    for journey in journeys:
        if journey.next_step:
            steps.setdefault(journey.next_step, set()).add(journey.person_id)
        for code in journey.details.lifted if journey.details else ():
            lifted.setdefault(code, set()).add(journey.person_id)
    return _counted(NEXT_STEPS, steps), _counted(OBSTACLES, lifted)


def _counted(labels: dict[str, str], found: dict[str, set[int]]) -> list[tuple[str, int]]:
    numbers = Counter({code: len(people) for code, people in found.items()})
    return [(label, numbers[code]) for code, label in labels.items() if numbers[code]]
