"""What happens to conventions in the demonstration: one is amended, others are about to be, one is terminated."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy.orm import Session, sessionmaker

from casework.amendments import Terms, terms_in_force
from casework.clock import paris_day
from casework.db import transaction
from casework.people import Organisation
from casework.settings import Settings
from casework.storage import Storage
from workflows.rules.calendar import add_months
from workflows.stories import Cast, NotYet, Plan, Story
from workflows.story_plan import typed

LATE_START = "Le recrutement de l’encadrant a pris deux mois de retard : les parcours doivent aller à leur terme."
FEWER = "Un poste d’accompagnement n’a pas été pourvu : le budget du personnel est réduit d’autant."
TOGETHER = "Une structure d’hébergement rejoint le chantier pour loger les participants."
STOPPED = "La structure cesse son activité."
Happening = Callable[[Story], None]


def tell_conventions(
    sessions: sessionmaker[Session],
    settings: Settings,
    storage: Storage,
    cast: Cast,
    *,
    other: Organisation,
    now: datetime,
) -> None:
    """Each case in a transaction of its own, as far as its story goes at `now`. `other` is asked to join one."""
    siret = other.siret
    told: tuple[tuple[Plan, Happening], ...] = (
        (Plan("3.5", "execution", window=1, title="Le garage solidaire, second site", delivers=True), made_longer),
        (Plan("3.14", "execution", window=1, title="Le café des compétences, saison 2"), _made_smaller),
        (Plan("3.7", "execution", window=1, title="Jardin partagé des remparts"), lambda s: _joined_by(s, siret)),
        (Plan("3.15", "execution", title="Préparatoire bois", accepted_pct=40), _terminated),
    )
    for plan, happening in told:
        with transaction(sessions) as session:
            story = Story(session, storage, settings, cast, plan, now)
            if story.begins <= now and story.tell().state == plan.target:
                _as_far_as_told(story, happening)


def _as_far_as_told(story: Story, happening: Happening) -> None:
    try:
        happening(story)
    except NotYet:
        return


def _terms(story: Story) -> Terms:
    return terms_in_force(story.application)


def _asked(story: Story, reason: str, **changes: str) -> dict[str, str]:
    """The form of an amendment: the terms in force, with these changes."""
    force = _terms(story)
    return {"ends_on": force.ends_on.isoformat(), "amount": typed(force.grant_cents), "reason": reason, **changes}


def _today(story: Story) -> str:
    return paris_day(story.at).isoformat()


def made_longer(story: Story) -> None:
    """Asked by the applicant, accepted by the officer, signed by both with the signed file: in force."""
    end = add_months(_terms(story).ends_on, 2).isoformat()
    story.wait_until(max(paris_day(story.at), date(2025, 1, 20)))
    story.fire(story.cast.applicant, "request_amendment", **_asked(story, LATE_START, ends_on=end))
    story.wait(6)
    derogation = "Retard sans faute du porteur ; la durée reste raisonnable."
    story.fire(story.cast.officer, "accept_amendment", ends_on=end, derogation_reason=derogation)
    story.wait(5)
    signed = str(story.join("signed_amendment", "avenant-1-signe.pdf").id)
    story.fire(story.cast.applicant, "sign_amendment_for_applicant", signed_on=_today(story), signed_file=signed)
    story.wait(3)
    story.fire(story.cast.manager, "sign_amendment_for_funder", signed_on=_today(story), signed_file=signed)


def _made_smaller(story: Story) -> None:
    """Proposed by the officer, granted by the manager: its signatures are awaited."""
    lower = typed(_terms(story).grant_cents * 95 // 100)
    story.wait_until(max(paris_day(story.at), date(2025, 4, 28)))
    story.fire(story.cast.officer, "propose_amendment", **_asked(story, FEWER, amount=lower))
    story.wait(7)
    decision = {"decision_reference": "CP-2025-05-014", "decided_on": _today(story)}
    story.fire(story.cast.manager, "grant_amendment", **_asked(story, FEWER, amount=lower), **decision)


def _joined_by(story: Story, siret: str) -> None:
    """Asked by the applicant: the officer has not answered yet."""
    story.wait_until(max(paris_day(story.at), date(2025, 5, 12)))
    story.fire(story.cast.applicant, "request_amendment", **_asked(story, TOGETHER, co_bearer=siret))


def _terminated(story: Story) -> None:
    """Terminated, reported on what was done until then, and settled by a recovery."""
    story.wait(60)
    story.fire(story.cast.manager, "terminate", ended_on=_today(story), reason=STOPPED)
    story.conclude()
