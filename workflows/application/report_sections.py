"""The pedagogical part of the final report: the sections that the sheet asks, saved as they are written, then frozen.

Each section is kept apart, so that two colleagues write two of them at once; what somebody else changed meanwhile is
refused at its own place. A report is sent once every section says something.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from casework import db, journal
from casework.applications import Application
from casework.errors import Forbidden, InvalidInput, NotFound, Refused
from casework.expenses import ReportDraft, draft_of
from casework.permissions import may
from workflows.application.reporting import why_not_writable, written_of
from workflows.engine import Act, touch
from workflows.inputs import Input, read
from workflows.scheme import Scheme
from workflows.versions import scheme_of

WRITTEN = journal.register("application.report_sections_written", "Bilan pédagogique rédigé")
CHANGED = "Quelqu’un a changé cette rubrique entre-temps : votre texte est gardé, relisez puis enregistrez de nouveau."
NOBODY_NAMED = "N’écrivez aucun nom de participant."


def section_inputs(scheme: Scheme, draft: ReportDraft | None) -> tuple[Input, ...]:
    """One text for each section of the sheet, with what was last written."""
    written = written_of(draft)
    return tuple(
        Input(
            section.key,
            section.label,
            "long_text",
            required=False,
            value=written.get(section.key),
            help=f"{section.help} {NOBODY_NAMED}",
        )
        for section in scheme.final_report.sections
    )


def as_seen(text: Any) -> str:
    """A short digest of a text as the page showed it, to know later whether it moved."""
    return hashlib.sha256(str(text or "").encode()).hexdigest()[:16]


def save_sections(session: Session, application: Application, seen: Mapping[str, str], act: Act) -> int:
    """Keep the sections that changed in `act.data`, and answer how many. `seen`: the digest of each as it was shown.

    Raises NotFound, Forbidden, Refused or InvalidInput (by section); nothing is kept then.
    """
    locked: Application | None = db.lock(session, Application, application.id)
    if locked is None:
        raise NotFound()
    if not may(act.actor, "application.report", locked):
        raise Forbidden()
    reason = why_not_writable(act.actor, locked)
    if reason is not None:
        raise Refused([reason])
    draft = draft_of(session, locked.id) or ReportDraft(application_id=locked.id, narrative="", income={}, results={})
    inputs = section_inputs(scheme_of(locked), draft)
    answers = read(inputs, act.data)
    changed = {one.name: answers[one.name] for one in inputs if one.name in act.data and answers[one.name] != one.value}
    moved = [one.name for one in inputs if one.name in changed and seen.get(one.name) != as_seen(one.value)]
    if moved:
        raise InvalidInput({name: [CHANGED] for name in moved})
    if changed:
        draft.sections = {name: text for name, text in (written_of(draft) | changed).items() if text}
        session.add(draft)
        touch(locked, act.at)
        session.flush()
        labels = [one.label for one in inputs if one.name in changed]
        journal.record(session, "application", locked.id, WRITTEN, actor=act.actor, at=act.at, sections=labels)
    return len(changed)
