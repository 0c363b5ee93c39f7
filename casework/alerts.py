"""What the people who run the service must look at: silent or failing jobs, an altered history, mail that stays.

`docs/exploitation.md` says what to do for each code.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.french import counted, listed, moment
from casework.outbox import Message
from casework.reachable import refused_people
from casework.runs import JobRun, JobWatch

STUCK = timedelta(hours=1)
RECENT = timedelta(days=30)


@dataclass(frozen=True)
class Alert:
    """One thing to look at. `kind`: warning or danger; `page`: where it is put right, "messages" or ""."""

    code: str
    kind: str
    title: str
    text: str
    page: str = ""


def alerts(session: Session, now: datetime) -> list[Alert]:
    """Everything to look at, the most serious first; nothing when all is well."""
    found = [*silent_jobs(session, now), *failed_jobs(session), *_mail(session, now)]
    return sorted(found, key=lambda alert: alert.kind != "danger")


def silent_jobs(session: Session, now: datetime) -> list[Alert]:
    """Jobs not seen for twice their period, or no scheduler at all."""
    watched = session.scalars(sa.select(JobWatch).order_by(JobWatch.position)).all()
    if not watched:
        text = "Aucun planificateur n’a encore tourné : lancez « casework jobs »."
        return [Alert("jobs.none", "danger", "Aucune tâche ne tourne", text)]
    silent = [job for job in watched if job.silent_after < now]
    if not silent:
        return []
    last = max((job.seen_at for job in watched if job.seen_at is not None), default=None)
    seen = f"La dernière tâche a tourné {moment(last)}." if last else "Aucune tâche n’a encore tourné."
    text = f"Silencieuses depuis plus de deux périodes : {listed([job.label for job in silent])}. {seen}"
    return [
        Alert("jobs.silent", "danger", counted(len(silent), "tâche ne tourne plus", "tâches ne tournent plus"), text)
    ]


def failed_jobs(session: Session) -> list[Alert]:
    """Jobs whose last run failed, in part or whole; an altered history is said apart."""
    labels = {job.name: job.label for job in session.scalars(sa.select(JobWatch))}
    found = []
    for run in last_runs(session):
        if run.failed and run.name == "journal":
            found.append(Alert("journal.broken", "danger", "L’historique a été altéré", run.error))
        elif run.failed:
            title = f"« {labels.get(run.name, run.name)} » : {counted(run.failed, 'échec')} à la dernière exécution"
            found.append(Alert("jobs.failed", "warning", title, run.error or "Voyez le journal technique."))
    return found


def last_runs(session: Session) -> list[JobRun]:
    """The last run of each job, by name."""
    last = sa.select(sa.func.max(JobRun.id)).group_by(JobRun.name)
    return list(session.scalars(sa.select(JobRun).where(JobRun.id.in_(last)).order_by(JobRun.name)))


def _mail(session: Session, now: datetime) -> list[Alert]:
    found = []
    stuck = _count(session, Message.next_try_at.is_not(None), Message.created_at < now - STUCK)
    if stuck:
        text = "Ils attendent depuis plus d’une heure : le serveur d’envoi ne répond pas, refuse, ou n’est pas réglé."
        title = counted(stuck, "message ne part pas", "messages ne partent pas")
        found.append(Alert("mail.stuck", "danger", title, text, "messages"))
    failed = _count(session, Message.failed_at.is_not(None))
    if failed:
        text = "Corrigez l’adresse ou renvoyez-les."
        found.append(
            Alert("mail.failed", "warning", counted(failed, "message en échec", "messages en échec"), text, "messages")
        )
    suppressed = _count(session, Message.suppressed_at > now - RECENT)
    refused = refused_people(session)
    if refused or suppressed:
        names = listed([user.name for user in refused[:5]] + (["d’autres"] if len(refused) > 5 else []))
        text = "Leur groupe et les responsables reçoivent à leur place ce qui leur est destiné"
        if suppressed:
            text += f" : {counted(suppressed, 'message')} en un mois"
        text += ". Corrigez leur adresse, et leurs messages repartent."
        title = f"Sans adresse utilisable : {names}" if names else "Des messages n’ont pas pu être envoyés"
        found.append(Alert("mail.suppressed", "warning", title, text, "messages"))
    return found


def _count(session: Session, *conditions: sa.ColumnElement[bool]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(Message).where(*conditions)) or 0
