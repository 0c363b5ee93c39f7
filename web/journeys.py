"""One journey: where it stands, what may be done, who it is (for those who follow it), what happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, g, redirect, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from casework import journal
from casework.activities import KINDS, MODES, Activity
from casework.applications import Application
from casework.details import EDUCATION, OBSTACLES, TRAINING
from casework.documents import Document
from casework.durations import said_hours
from casework.errors import InvalidInput, NotFound, Refused, Stale
from casework.french import distance, listed, long_date, short_date
from casework.identities import SEXES, age_on, erased_name
from casework.participants import FAMILIES, PRESCRIBERS, Journey
from casework.permissions import may_journey, names_all, visible_journeys
from web.access import needs
from web.actions import typed_in, version_in
from web.assessment_panel import panel
from web.case_offers import Reopened, drawn, not_done
from web.errors import status_of
from web.exit_words import EXIT_TRIGGERS, after_exit, classed
from web.identities import erasure_of, shown, undo_to_read
from web.informed import informed
from web.pace_panel import pace_panel
from web.render import back_to, page
from web.session import settings
from web.track_panel import household_of_page, in_words_of_sheet, standing
from workflows import engine
from workflows.application.files import visible_documents
from workflows.engine import Act, Context, offered
from workflows.journey import JOURNEY
from workflows.journey.history import entered
from workflows.journey.milestones import code_of, open_steps
from workflows.journey.reading import other_operations
from workflows.rules.milestones import LABELS
from workflows.versions import scheme_of

pages = Blueprint("journeys", __name__)
HISTORY = 100
LATEST = 10


@pages.get("/participants/<int:journey_id>")
@needs("journey.read")
def show(journey_id: int) -> Any:
    return _page(journey_in_scope(journey_id), opened=request.args.get("action"))


@pages.get("/participants/<int:journey_id>/actions/<trigger>")
@needs("journey.read")
def back(journey_id: int, trigger: str) -> Response:
    """An address of an action that is opened, bookmarked or reloaded leads to its form."""
    anchor = f"action-{trigger}" if trigger in JOURNEY.moves else None
    return redirect(url_for("journeys.show", journey_id=journey_id, action=trigger, _anchor=anchor), 303)


@pages.post("/participants/<int:journey_id>/actions/<trigger>")
@needs("journey.read")
def fire(journey_id: int, trigger: str) -> Any:
    move = JOURNEY.moves.get(trigger)
    if move is None:
        raise NotFound("Cette action n’existe pas.")
    journey = journey_in_scope(journey_id)
    typed = typed_in(request.form)
    try:
        act = Act(g.actor, g.now, settings(), data=typed, version=version_in(request.form))
        event = engine.fire(g.db, journey, trigger, act)
    except (Refused, Stale, InvalidInput) as error:
        undo_to_read()
        reopened = not_done("journey", journey_id, move, typed, error)
        return _page(journey_in_scope(journey_id), status=status_of(error), reopened=reopened)
    return back_to("journeys.show", f"{event.label}.", journey_id=journey_id)


@pages.post("/participants/<int:journey_id>/actions/<trigger>/classement")
@needs("journey.follow")
def classify(journey_id: int, trigger: str) -> Any:
    """Show how the sheet would class the exit being typed, before it is recorded; nothing is saved."""
    journey, typed = journey_in_scope(journey_id), typed_in(request.form)
    if trigger not in EXIT_TRIGGERS:
        raise NotFound("Cette action n’existe pas.")
    notes, errors = [], {}
    try:
        notes = classed(Context(g.db, journey, Act(g.actor, g.now, settings())), typed)
    except InvalidInput as error:
        errors = error.errors
    undo_to_read()
    reopened = Reopened(JOURNEY.moves[trigger], typed, errors=errors)
    return _page(journey_in_scope(journey_id), status=422 if errors else 200, reopened=reopened, notes=notes)


def journey_in_scope(journey_id: int) -> Journey:
    """The journey with all that its page needs, when this person may see it. Raises NotFound otherwise."""
    operation = joinedload(Journey.application)
    query = visible_journeys(sa.select(Journey).where(Journey.id == journey_id), g.actor).options(
        operation.joinedload(Application.convention),
        operation.joinedload(Application.co_bearers),
        operation.joinedload(Application.report),
        operation.joinedload(Application.corrections),
        joinedload(Journey.suspensions),
        joinedload(Journey.warnings),
        joinedload(Journey.evidence),
        joinedload(Journey.milestones),
        joinedload(Journey.details),
        *erasure_of(),
    )
    journey: Journey | None = g.db.scalars(query).unique().one_or_none()
    if journey is None:
        raise NotFound("Ce parcours n’existe pas, ou il ne vous est pas ouvert.")
    return journey


def _page(
    journey: Journey,
    *,
    status: int = 200,
    opened: str | None = None,
    reopened: Reopened | None = None,
    notes: Sequence[str] = (),
) -> tuple[str, int]:
    typed = {reopened.move.trigger: reopened.typed} if reopened else {}
    offers = offered(g.db, journey, g.actor, at=g.now, settings=settings(), typed=typed)
    actions = drawn(
        offers,
        lambda trigger: url_for("journeys.fire", journey_id=journey.id, trigger=trigger),
        opened=opened,
        reopened=reopened,
    )
    for action in actions["possible"]:
        if action["trigger"] in EXIT_TRIGGERS:
            address = url_for("journeys.classify", journey_id=journey.id, trigger=action["trigger"])
            action |= {"check": ("Voir le classement avant d’enregistrer", address), "notes": notes}
    in_words_of_sheet(actions, journey)
    named = journey.id in shown([journey], "journey")
    return page(
        "participants/journey.html",
        status,
        journey=journey,
        case=journey.application,
        named=named,
        identity=_identity(journey) if named else None,
        erased=erased_name(journey.person.erased_at) if journey.person.erased_at is not None else None,
        facts=_facts(journey, named=named),
        activities=_activities(journey),
        informed=informed(journey),
        grid=panel(journey, named=named),
        tracks=standing(journey),
        pace=pace_panel(journey),
        household=household_of_page(journey),
        follows=may_journey(g.actor, "journey.follow", journey) and journey.entered_on is not None,
        **actions,
        elsewhere=other_operations(g.db, journey) if g.actor.roles & {"slai", "officer"} else [],
        events=_events(journey, named=named),
    )


def _identity(journey: Journey) -> list[tuple[str, Any]]:
    person = journey.person
    return [
        ("Nom", person.family_name),
        ("Prénom", person.given_name),
        ("Né(e) le", f"{long_date(person.birth_date)} ({age_on(person.birth_date, g.today)} ans)"),
        ("Sexe", SEXES[person.sex]),
        ("Commune", f"{person.postcode} {person.town}"),
        *((label, text) for label, text in (("Téléphone", person.phone), ("Courriel", person.email)) if text),
        *_situation(journey),
    ]


def _situation(journey: Journey) -> list[tuple[str, str]]:
    """What is said of the person besides who she is, for those who see who she is."""
    details = journey.details
    if details is None:
        return []
    found = [
        ("Niveau d’instruction", EDUCATION.get(details.education or "", "")),
        ("Niveau de formation", TRAINING.get(details.training or "", "")),
        ("Freins à l’entrée", _obstacles(details.obstacles)),
        ("Freins à la sortie", _obstacles(details.obstacles_left)),
        ("Freins levés", _obstacles(details.lifted) if details.lifted else ""),
    ]
    return [(label, text) for label, text in found if text]


def _obstacles(codes: list[str] | None) -> str:
    if codes is None:
        return ""
    return listed([label.lower() for code, label in OBSTACLES.items() if code in codes]) or "aucun"


def _origin(journey: Journey) -> str:
    kind = PRESCRIBERS[journey.prescriber] if journey.prescriber else "non précisé"
    return f"{kind} ({journey.prescriber_body})" if journey.prescriber_body else kind


def _facts(journey: Journey, *, named: bool) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = [
        ("Public", journey.publics_said),
        ("Orientée par", _origin(journey)),
        ("Territoire", journey.territory.name),
        ("Entrée", long_date(journey.entered_on) if journey.entered_on else "pas encore"),
    ]
    if journey.age_at_entry is not None:
        found.append(("Âge à l’entrée", f"{journey.age_at_entry} ans"))
    found += _steps(journey)
    for suspension in journey.suspensions:
        end = f"au {long_date(suspension.ended_on)}" if suspension.ended_on else "en cours"
        found.append(("Suspension", f"du {long_date(suspension.started_on)}, {end}"))
    if journey.exited_on is not None and journey.exit_family is not None:
        found += [
            ("Sortie", long_date(journey.exited_on)),
            ("Type de sortie", journey.exit_kind),
            ("Classement par la fiche", FAMILIES[journey.exit_family]),
            ("Justificatif", _evidence(journey, named=named)),
        ]
        found += after_exit(journey) if named else []
    return found


def _steps(journey: Journey) -> list[tuple[str, str]]:
    """The dated steps of the journey: where they come from, what took place, what is awaited."""
    days = (
        ("Prise de poste", journey.hired_on),
        ("Fin de la période d’essai", journey.trial_ends_on),
        ("Entrée au collège", journey.college_entered_on),
        ("Retour du collège", journey.college_left_on),
    )
    found = [(label, long_date(day)) for label, day in days if day is not None]
    for done in journey.milestones:
        state = {True: ", toujours en activité", False: ", n’est plus en activité", None: ""}[done.in_work]
        found.append((LABELS[done.code], f"le {long_date(done.done_on)}{state}"))
    if scheme_of(journey.application).milestones:
        for step in open_steps(g.db, journey):
            found.append(
                (LABELS[code_of(step)], f"pour le {long_date(step.due_on)} ({distance(step.due_on, g.today)})")
            )
    return found


def _activities(journey: Journey) -> list[tuple[str, str, str, str]]:
    """What was last done with this person."""
    query = sa.select(Activity).where(Activity.journey_id == journey.id)
    latest = g.db.scalars(query.order_by(Activity.done_on.desc(), Activity.id.desc()).limit(LATEST))
    return [(short_date(one.done_on), KINDS[one.kind], MODES[one.mode], said_hours(one.minutes)) for one in latest]


def _evidence(journey: Journey, *, named: bool) -> str | Markup:
    """The name of a file may tell who it is about, and a file that proves several exits, whom else."""
    proof = journey.evidence
    if proof is None or proof.removed_at is not None:
        return "aucun"
    if not named or not _reads(proof, journey):
        return "joint"
    address = url_for("documents.download", application_id=journey.application_id, document_id=proof.id)
    return Markup('<a href="{}">{}</a>').format(address, proof.name)


def _reads(proof: Document, journey: Journey) -> bool:
    if names_all(g.actor, journey.application):
        return True
    return g.db.scalar(visible_documents(g.actor).where(Document.id == proof.id)) is not None


def _events(journey: Journey, *, named: bool) -> list[dict[str, Any]]:
    """What was written with an event may tell who it is about: only those who see the identity read it."""
    scheme = scheme_of(journey.application)
    return [
        {
            "title": event.label,
            "at": event.at,
            "actor": event.actor_name,
            "kind": "success" if event.after and event.after != event.before else None,
            "text": "\n".join(
                f"{label} : {text}" for label, text in entered(event, scheme, journey.warnings, journey.evidence)
            )
            if named
            else "",
        }
        for event in journal.timeline(g.db, "journey", journey.id, limit=HISTORY)
    ]
