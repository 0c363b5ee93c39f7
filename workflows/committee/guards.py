"""The conditions of a committee's moves: each is None when it is met, else the French sentence that says why not."""

from __future__ import annotations

from casework.applications import Application
from casework.clock import paris_day
from casework.french import long_date
from workflows.engine import Context

RUNNING_STATES = ("advance", "execution", "bilan", "balance")
MOVABLE_STATES = ("advance", "execution", "bilan")


def why_no_committee(application: Application) -> str | None:
    """None while a committee may be convened in this operation."""
    if application.state in MOVABLE_STATES:
        return None
    if application.state in ("balance", "closed", "terminated"):
        return "L’opération est terminée et son bilan contrôlé : ses comités ne se convoquent plus."
    return "Les comités commencent une fois la convention signée."


def operation_runs(context: Context) -> str | None:
    return why_no_committee(context.case.application)


def operation_is_followed(context: Context) -> str | None:
    """What a committee said may still be written until the balance is settled."""
    if context.case.application.state in RUNNING_STATES:
        return None
    return "Le dossier est clos : ses comités ne changent plus."


def meeting_has_come(context: Context) -> str | None:
    """A convened committee is held on its day at the earliest."""
    starts_at = context.case.starts_at
    if context.case.state != "convened" or starts_at is None or paris_day(starts_at) <= context.day:
        return None
    return f"Ce comité est convoqué le {long_date(paris_day(starts_at))} : il n’a pas encore eu lieu."


def somebody_else_validated(context: Context) -> str | None:
    if context.case.minuted_by_id != context.act.actor.user_id:
        return None
    return "Vous avez validé ce compte rendu : quelqu’un d’autre l’accepte."
