"""Who may do what, and who sees what: the scope of each role, written once.

`visible(query, actor)` narrows any query over Application; lists, counts, exports, pages and downloads all pass
through it. `may(actor, permission, application)` is the same scope plus the role's power.
Source of the table: the roles of the domain (who funds, who gives an opinion, who pays, who controls).
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from casework.applications import Application, Partnership, application_territory, co_bearer
from casework.participants import Journey
from casework.people import Actor

_STAFF = frozenset({"officer", "manager"})
_EVERY_CASE_ROLE = frozenset({"applicant", "slai", "partner", "officer", "manager", "finance", "auditor"})

PERMISSIONS: dict[str, frozenset[str]] = {
    "application.read": _EVERY_CASE_ROLE,
    "application.create": frozenset({"applicant"}),
    "application.record": _STAFF,
    "application.edit": frozenset({"applicant", "officer", "manager"}),
    "application.deposit": frozenset({"applicant", "officer", "manager"}),
    "application.answer": frozenset({"applicant"}),
    "application.withdraw": frozenset({"applicant"}),
    "application.instruct": _STAFF,
    "instruction.read": frozenset({"officer", "manager", "finance", "auditor"}),
    "application.decide": frozenset({"manager"}),
    "application.sign": frozenset({"applicant", "officer", "manager"}),
    "application.claim": frozenset({"officer"}),
    "application.report": frozenset({"applicant"}),
    "deliverable.record": frozenset({"applicant", "slai", "officer", "manager"}),
    "dashboard.read": frozenset({"applicant", "slai", "partner", "officer", "manager", "auditor"}),
    "dashboard.transmit": frozenset({"applicant"}),
    "dashboard.ask": _STAFF,
    "network.read": frozenset({"applicant", "officer", "manager", "auditor"}),
    "network.record": frozenset({"applicant"}),
    "deadline.extend": frozenset({"manager"}),
    "opinion.give": frozenset({"slai", "partner"}),
    "opinion.read": frozenset({"slai", "partner", "officer", "manager", "auditor"}),
    "opinion.skip": frozenset({"manager"}),
    "payment.read": frozenset({"finance", "manager", "auditor"}),
    "payment.order": frozenset({"finance"}),
    "bank.read": frozenset({"officer", "manager", "finance"}),
    "bank.confirm": _STAFF,
    "envelope.read": frozenset({"manager", "finance", "auditor"}),
    "envelope.vote": frozenset({"manager"}),
    "indicators.read": frozenset({"slai", "officer", "manager", "auditor"}),
    "opendata.export": frozenset({"manager"}),
    "document.read": _EVERY_CASE_ROLE,
    "document.add": frozenset({"applicant", "officer", "manager"}),
    "journal.read": _EVERY_CASE_ROLE,
    "journey.read": frozenset({"applicant", "slai", "officer", "manager", "finance", "auditor"}),
    "journey.identity": frozenset({"applicant", "slai", "officer"}),
    "journey.orient": frozenset({"applicant", "slai"}),
    "journey.validate": frozenset({"slai"}),
    "journey.follow": frozenset({"applicant"}),
    "journey.accept": _STAFF,
    "committee.read": frozenset({"applicant", "slai", "partner", "officer", "manager", "auditor"}),
    "committee.run": frozenset({"applicant", "officer", "manager"}),
    "committee.acknowledge": frozenset({"applicant", "slai", "officer", "manager"}),
    "note.read": frozenset({"officer", "manager", "auditor"}),
    "note.write": _STAFF,
    "message.read": frozenset({"officer", "manager", "auditor"}),
    "scheme.anomalies": frozenset({"officer", "manager", "auditor", "admin"}),
    "organisation.manage": frozenset({"applicant"}),
    "list.read": frozenset({"slai", "partner", "officer", "manager", "finance", "auditor", "applicant"}),
    "admin": frozenset({"admin"}),
    "person.merge": frozenset({"data_officer"}),
    "person.export": frozenset({"data_officer"}),
    "person.looks": frozenset({"data_officer"}),
    "retention.read": frozenset({"data_officer", "manager"}),
    "retention.hold": frozenset({"manager"}),
}

_PAID_STATES = ("convention", "advance", "execution", "bilan", "balance", "closed", "terminated")


def holds(actor: Actor, permission: str) -> bool:
    """True when one of the actor's roles has this power somewhere. A job holds none: it acts by declared triggers."""
    return bool(actor.roles & PERMISSIONS[permission])


def visible(query: sa.Select[Any], actor: Actor) -> sa.Select[Any]:
    """The query over Application, narrowed to what this actor may see; to nothing when no role opens anything."""
    if actor.roles & {"manager", "auditor"} or ("officer" in actor.roles and actor.schemes is None):
        return query
    scopes = [scope for role in sorted(actor.roles) if (scope := _scope(role, actor)) is not None]
    return query.where(sa.or_(*scopes)) if scopes else query.where(sa.false())


def in_scope(role: str, actor: Actor) -> sa.ColumnElement[bool]:
    """The condition on Application that this one role of the actor opens; false when it opens nothing."""
    if role in ("manager", "auditor") or (role == "officer" and actor.schemes is None):
        return sa.true() if role in actor.roles else sa.false()
    scope = _scope(role, actor) if role in actor.roles else None
    return sa.false() if scope is None else scope


def _scope(role: str, actor: Actor) -> sa.ColumnElement[bool] | None:
    if role == "applicant":
        return Application.id.in_(_borne_by(actor))
    if role == "slai":
        covered = sa.exists().where(
            application_territory.c.application_id == Application.id,
            application_territory.c.territory_id.in_(actor.territories),
        )
        return sa.and_(Application.submitted_at.is_not(None), covered)
    if role == "partner":
        shared = sa.select(Partnership.application_id).where(Partnership.partner.in_(actor.partners))
        return Application.id.in_(shared)
    if role == "officer":
        return Application.scheme_code.in_(() if actor.schemes is None else actor.schemes)
    if role == "finance":
        return Application.state.in_(_PAID_STATES)
    return None


# Made once: an alias costs more than the rest of the query, which each task of « À faire » asks for anew.
_OWN = aliased(Application)


def _borne_by(actor: Actor) -> sa.CompoundSelect[Any]:
    """The ids of what its organisations bear, alone or with others: few, so a list starts from them."""
    return sa.union_all(
        sa.select(_OWN.id).where(_OWN.organisation_id.in_(actor.organisations)),
        sa.select(co_bearer.c.application_id).where(co_bearer.c.organisation_id.in_(actor.organisations)),
    )


def may(actor: Actor, permission: str, application: Application) -> bool:
    """True when a role of the actor has the power and this application is in the scope of that very role."""
    return any(covers(role, actor, application) for role in actor.roles & PERMISSIONS[permission])


def covers(role: str, actor: Actor, application: Application) -> bool:
    """The scope of `visible`, over one loaded application and one role; a test holds the two together."""
    if role in ("manager", "auditor"):
        return True
    if role == "applicant":
        own = application.organisation_id in actor.organisations
        return own or any(organisation.id in actor.organisations for organisation in application.co_bearers)
    if role == "slai":
        covered = {territory.id for territory in application.territories}
        return application.submitted_at is not None and bool(covered & actor.territories)
    if role == "partner":
        return bool({share.partner for share in application.partners} & actor.partners)
    if role == "officer":
        return actor.schemes is None or application.scheme_code in actor.schemes
    if role == "finance":
        return application.state in _PAID_STATES
    return False


def visible_journeys(query: sa.Select[Any], actor: Actor, within: Application | None = None) -> sa.Select[Any]:
    """The query over Journey, narrowed: an operator sees those of its operations, an SLAI those of its territories.

    `within`: the operation that the query keeps to, of which the database need not be asked again whose it is.
    """
    roles = actor.roles & PERMISSIONS["journey.read"]
    if _sees_every_journey(actor):
        return query
    if within is not None and follows_all(actor, within):
        return query
    scopes = [_journey_scope(role, actor) for role in sorted(roles)]
    return query.where(sa.or_(*scopes)) if scopes else query.where(sa.false())


def _sees_every_journey(actor: Actor) -> bool:
    return bool(actor.roles & {"manager", "auditor"}) or ("officer" in actor.roles and actor.schemes is None)


def names_no_other_journey(journey_id: Any, actor: Actor) -> sa.ColumnElement[bool]:
    """Of rows that may be about a journey, by this column: those about none, or about one that this actor may see."""
    if _sees_every_journey(actor):
        return sa.true()
    seen = visible_journeys(sa.select(Journey.id).where(Journey.id == journey_id), actor)
    return sa.or_(journey_id.is_(None), seen.exists())


def follows_all(actor: Actor, operation: Application) -> bool:
    """True for who sees every journey of this operation; an SLAI sees those of its territories only."""
    return any(covers(role, actor, operation) for role in actor.roles & PERMISSIONS["journey.read"] - {"slai"})


def names_all(actor: Actor, operation: Application) -> bool:
    """True for who may see who every participant of this operation is; an SLAI sees those of its territories only."""
    return any(covers(role, actor, operation) for role in actor.roles & PERMISSIONS["journey.identity"] - {"slai"})


def _journey_scope(role: str, actor: Actor) -> sa.ColumnElement[bool]:
    if role == "slai":
        return Journey.territory_id.in_(actor.territories)
    scope = _scope(role, actor)
    return Journey.application_id.in_(sa.select(Application.id).where(sa.false() if scope is None else scope))


def may_journey(actor: Actor, permission: str, journey: Journey) -> bool:
    """True when a role of the actor has the power and this journey is in the scope of that very role."""
    return any(covers_journey(role, actor, journey) for role in actor.roles & PERMISSIONS[permission])


def covers_journey(role: str, actor: Actor, journey: Journey) -> bool:
    """The scope of `visible_journeys`, over one loaded journey and one role; a test holds the two together."""
    if role == "slai":
        return journey.territory_id in actor.territories
    return covers(role, actor, journey.application)
