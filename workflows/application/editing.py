"""Writing an application: opening a draft, saving its sections as they go, recording one received elsewhere.

Each save locks the case, compares the version the person saw, and leaves a journal entry with what changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import db, deadlines, journal
from casework.applications import Application, Counter
from casework.clock import paris_day
from casework.documents import Document
from casework.errors import Forbidden, InvalidInput, NotFound, Refused
from casework.money import BudgetLine, budget_of
from casework.people import Actor, Organisation, Territory
from casework.permissions import may
from casework.schemes import SchemeVersion
from casework.search import index
from casework.sirets import possible_siret
from workflows.application.form import documents_of, identity_inputs, question_inputs
from workflows.engine import Act, compare_version, touch
from workflows.inputs import Input, optional, read
from workflows.scheme import Window
from workflows.versions import read_version, scheme_of

CREATED = journal.register("application.created", "Dossier ouvert")
RECORDED = journal.register("application.recorded", "Dossier reçu par un autre canal, enregistré")
EDITED = journal.register("application.edited", "Dossier modifié")
SHEET_EDITED = "application.sheet_edited"
FORM_EVENTS = frozenset({EDITED, SHEET_EDITED, "application.document_added", "application.document_removed"})
"""The writing of one part of the form, or of the sheet of the instruction: their payload says the `section` (none for
a file) and the new `version`."""
_LOOKED_AT = 50


def start_draft(
    session: Session,
    version: SchemeVersion,
    organisation: Organisation,
    *,
    actor: Actor,
    at: datetime,
    channel: str = "casework",
    external_reference: str = "",
    received_at: datetime | None = None,
) -> Application:
    """Open a draft for the deposit window of the day (else the next one).

    For another channel, `received_at` is the instant of receipt: its window must have been open then. Raises Refused.
    """
    scheme = read_version(version)
    day = paris_day(received_at or at)
    window = scheme.open_window(day) or (None if received_at else scheme.next_window(day))
    if window is None:
        raise Refused([_no_window(scheme.code, received_at is not None)])
    application = Application(
        reference=_take_reference(session, version),
        campaign=version.campaign,
        scheme_code=version.code,
        scheme_version=version,
        organisation=organisation,
        opens_on=window.opens,
        closes_on=window.closes,
        channel=channel,
        external_reference=external_reference,
        received_at=received_at,
        answers={},
        created_at=at,
        updated_at=at,
        state_since=at,
    )
    session.add(application)
    session.flush()
    kind = CREATED if channel == "casework" else RECORDED
    journal.record(
        session,
        "application",
        application.id,
        kind,
        actor=actor,
        at=at,
        after="draft",
        version=application.version,
        channel=channel,
        external_reference=external_reference,
        received_at=received_at.isoformat() if received_at else None,
    )
    if channel == "casework":
        _plan_deposit(session, application, window, at)
    index(session, application)
    return application


def copy_draft(
    session: Session, source: Application, version: SchemeVersion, *, actor: Actor, at: datetime
) -> Application:
    """A new draft of the same scheme with all that the source holds: answers, budget, files. Raises Refused."""
    draft = start_draft(session, version, source.organisation, actor=actor, at=at)
    draft.title, draft.answers = source.title, dict(source.answers)
    draft.starts_on, draft.ends_on = source.starts_on, source.ends_on
    draft.territories, draft.co_bearers = list(source.territories), list(source.co_bearers)
    draft.requested_cents = source.requested_cents
    for line in budget_of(session, source.id):
        session.add(BudgetLine(application_id=draft.id, **line.values()))
    for document in documents_of(session, source.id):
        session.add(
            Document(
                application_id=draft.id,
                slot=document.slot,
                name=document.name,
                media_type=document.media_type,
                size=document.size,
                digest=document.digest,
                storage_key=document.storage_key,
                added_at=at,
                added_by_id=document.added_by_id,
            )
        )
    index(session, draft)
    return draft


def _plan_deposit(session: Session, application: Application, window: Window, at: datetime) -> None:
    deadlines.plan(
        session,
        application,
        "deposit",
        due_on=window.closes,
        owed_by="applicant",
        at=at,
        source=f"Fin de la session de dépôt (l.{window.line})",
    )


def _no_window(code: str, received: bool) -> str:
    if received:
        return f"Aucune session de dépôt du dispositif {code} n’était ouverte à la date de réception."
    return f"Le dispositif {code} n’a plus de session de dépôt à venir dans cette campagne."


def _take_reference(session: Session, version: SchemeVersion) -> str:
    series = f"{version.campaign}-{version.code}"
    counter = session.execute(sa.select(Counter).where(Counter.series == series).with_for_update()).scalar_one_or_none()
    if counter is None:
        _open_series(session, series)
        counter = session.execute(sa.select(Counter).where(Counter.series == series).with_for_update()).scalar_one()
    counter.value += 1
    return f"{series}-{counter.value:04d}"


def _open_series(session: Session, series: str) -> None:
    """Two people may open the first application of a scheme at once: the second waits, then finds the row."""
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    session.execute(insert(Counter).values(series=series, value=0).on_conflict_do_nothing())


def why_not_editable(actor: Actor, application: Application) -> str | None:
    """None when this person may change the content of the file now, else the sentence that says why not."""
    if not may(actor, "application.edit", application):
        return "Seul le porteur modifie son dossier."
    if application.state == "draft":
        own = may(actor, "application.answer", application)
        return None if own or application.channel != "casework" else "Seul le porteur modifie son brouillon."
    waiting = any(correction.waiting for correction in application.corrections)
    if application.state in ("submitted", "instruction") and waiting and may(actor, "application.answer", application):
        return None
    if application.state == "deposited":
        return "Le dossier est déposé : reprenez-le en brouillon pour le modifier."
    return "Le dossier ne se modifie plus à cette étape, sauf si une correction est demandée."


def open_for_editing(session: Session, application: Application, act: Act, section: str | None) -> Application:
    """The case, locked, when this person may edit it and has seen this section as it is. Raises Stale, Refused.

    `section` None: what is done replaces nothing, whatever was written meanwhile.
    """
    locked: Application | None = db.lock(session, Application, application.id)
    if locked is None:
        raise NotFound()
    must_have_seen(session, locked, act, section)
    if not may(act.actor, "application.edit", locked):
        raise Forbidden()
    reason = why_not_editable(act.actor, locked)
    if reason:
        raise Refused([reason])
    return locked


def must_have_seen(session: Session, locked: Application, act: Act, section: str | None) -> None:
    """Raise Stale unless this person saw this section as it is: two people write two sections at once."""
    if act.version != locked.version and not _changed_elsewhere_only(session, locked, act.version, section):
        compare_version(session, "application", locked, act)


def _changed_elsewhere_only(session: Session, application: Application, seen: int | None, section: str | None) -> bool:
    """True when all that happened since this version is the writing of other sections: two colleagues share a form."""
    for event in journal.timeline(session, "application", application.id, limit=_LOOKED_AT, internal=False):
        content = event.payload.content if event.payload is not None else {}
        version = content.get("version")
        if seen is None or version is None:
            return False
        if version <= seen:
            return bool(seen <= application.version)
        if event.kind not in FORM_EVENTS or content.get("section") == section:
            return False
    return False


def save_section(
    session: Session, application: Application, section: str, raw: Mapping[str, Any], act: Act
) -> Application:
    """Save one section of questions (and the identity of the project in « projet »). Raises InvalidInput.

    What `raw` does not name stays as it was; what it names and leaves empty is emptied.
    """
    locked = open_for_editing(session, application, act, section)
    known = _territories(session) if section == "projet" else {}
    identity = _identity_asked(locked, known) if section == "projet" else ()
    questions = optional(question_inputs(scheme_of(locked), section, locked.answers))
    given = {name: value for name, value in read((*identity, *questions), raw).items() if name in raw}
    changes: dict[str, Any] = _save_identity(session, locked, given, known) if identity else {}
    found = {question.name: given[question.name] for question in questions if question.name in given}
    changes |= {
        name: [locked.answers.get(name), value] for name, value in found.items() if locked.answers.get(name) != value
    }
    locked.answers = {**locked.answers, **found}
    _check_public(locked.answers)
    record_edit(session, locked, section, changes, act)
    return locked


def _check_public(answers: Mapping[str, Any]) -> None:
    everybody, young = answers.get("participants"), answers.get("young_participants")
    if everybody is not None and young is not None and young > everybody:
        sentence = f"Il y a {everybody} personnes en tout : les jeunes en font partie."
        raise InvalidInput({"young_participants": [sentence]})


def _territories(session: Session) -> dict[int, Territory]:
    return {territory.id: territory for territory in session.scalars(sa.select(Territory))}


def _identity_asked(application: Application, known: Mapping[int, Territory]) -> tuple[Input, ...]:
    choices = tuple((str(key), territory.name) for key, territory in known.items())
    return optional(identity_inputs(application, choices))


def _save_identity(
    session: Session, application: Application, found: Mapping[str, Any], known: Mapping[int, Territory]
) -> dict[str, Any]:
    starts, ends = found.get("starts_on", application.starts_on), found.get("ends_on", application.ends_on)
    if starts and ends and ends < starts:
        raise InvalidInput({"ends_on": ["La fin de l’opération précède son début."]})
    before = _identity(application)
    application.title = found.get("title", application.title) or ""
    application.starts_on, application.ends_on = starts, ends
    if "territories" in found:
        application.territories = [known[int(key)] for key in found["territories"] or ()]
    index(session, application)
    after = _identity(application)
    return {name: [before[name], after[name]] for name in after if before[name] != after[name]}


def _identity(application: Application) -> dict[str, Any]:
    return {
        "title": application.title,
        "starts_on": application.starts_on.isoformat() if application.starts_on else None,
        "ends_on": application.ends_on.isoformat() if application.ends_on else None,
        "territories": [territory.code for territory in application.territories],
    }


def save_co_bearers(session: Session, application: Application, sirets: Sequence[str], act: Act) -> Application:
    """Set the co-bearers, by SIRET of registered organisations (3.7, l.1593). Raises InvalidInput, Refused."""
    locked = open_for_editing(session, application, act, "porteur")
    if not scheme_of(locked).form.co_bearers:
        raise Refused(["Ce dispositif ne prévoit pas de dossier commun à plusieurs porteurs."])
    wanted = [found for text in sirets if (found := "".join(text.replace("\x00", "").split()))]
    known = {o.siret: o for o in session.scalars(sa.select(Organisation).where(Organisation.siret.in_(wanted)))}
    unknown = [text for text in wanted if text not in known or possible_siret(text) is None]
    if unknown:
        raise InvalidInput(
            {"co_bearers": [f"Aucun organisme inscrit n’a le SIRET {unknown[0][:20]} : invitez-le à s’inscrire."]}
        )
    before = [organisation.siret for organisation in locked.co_bearers]
    locked.co_bearers = [known[text] for text in dict.fromkeys(wanted) if known[text].id != locked.organisation_id]
    record_edit(session, locked, "porteur", {"co_bearers": [before, [o.siret for o in locked.co_bearers]]}, act)
    return locked


def record_edit(
    session: Session,
    application: Application,
    section: str,
    changes: dict[str, Any],
    act: Act,
    *,
    kind: str = EDITED,
) -> None:
    """Leave what changed in the journal, by name as [before, after], and move the version; nothing when it is empty."""
    if not changes:
        return
    touch(application, act.at)
    session.flush()
    journal.record(
        session,
        "application",
        application.id,
        kind,
        actor=act.actor,
        at=act.at,
        version=application.version,
        section=section,
        changes=changes,
    )
