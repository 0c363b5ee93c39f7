"""Inviting colleagues into an organisation. Nobody belongs to it, nor reads anything of it, before they accept."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from casework import db, journal, outbox, signin
from casework.accounts import Link
from casework.errors import InvalidInput, NotFound, Refused
from casework.french import counted
from casework.people import Actor, Grant, Organisation, User
from casework.registration import by_email, create_user
from casework.settings import Settings

INVITED = journal.register("organisation.member_invited", "Collègue invité")
WITHDRAWN = journal.register("organisation.invitation_withdrawn", "Invitation annulée")
JOINED = journal.register("organisation.member_joined", "Collègue arrivé")
REMOVED = journal.register("organisation.member_removed", "Collègue retiré")

A_DAY = timedelta(days=1)
_ACCESS = "Votre accès aux appels à projets insertion"


def members_of(session: Session, organisation_id: int) -> list[User]:
    """Everybody who has a grant on this organisation, open account or not, by name."""
    query = sa.select(User).join(Grant).where(Grant.organisation_id == organisation_id, Grant.role == "applicant")
    return list(session.scalars(query.order_by(User.name, User.id).distinct()))


def pending(session: Session, organisation_id: int, *, wall: datetime) -> list[Link]:
    """The invitations of this organisation that may still be accepted, the oldest first, each with its person."""
    waiting = (Link.organisation_id == organisation_id, Link.used_at.is_(None), Link.expires_at > wall)
    query = sa.select(Link).where(*waiting).options(joinedload(Link.user)).order_by(Link.id)
    return list(session.scalars(query))


def invite_colleague(
    session: Session,
    settings: Settings,
    organisation_id: int,
    *,
    email: str,
    name: str,
    actor: Actor,
    at: datetime,
    wall: datetime,
    address: str,
) -> None:
    """Send a link that opens the organisation to a colleague once accepted. Raises InvalidInput("email").

    The inviter is told the same whether the address already has an account or not.
    """
    organisation = db.lock(session, Organisation, organisation_id)
    if organisation is None:
        raise NotFound()
    user = by_email(session, email) or create_user(session, email=email, name=name, actor=actor, at=at)
    if user not in members_of(session, organisation_id):
        _refuse_agents(session, user)
    elif user.password_hash is not None:
        raise InvalidInput({"email": ["Cette personne fait déjà partie de votre organisme."]})
    _refuse_too_many(session, settings, user, organisation_id, wall)
    lasts = timedelta(days=settings.invitation_days)
    token = signin.make_link(session, user, "invitation", at=wall, lasts=lasts, organisation_id=organisation_id)
    link = address.format(token=token)
    _send(session, settings, user, inviter=actor.name, place=organisation.name, at=at, link=link)
    journal.record(session, "organisation", organisation_id, INVITED, actor=actor, at=at, user_id=user.id)


def _refuse_too_many(session: Session, settings: Settings, user: User, organisation_id: int, wall: datetime) -> None:
    """Nobody is pestered from here, and no organisation mails the whole department."""
    sent = sa.select(sa.func.count()).select_from(Link).where(Link.kind == "invitation", Link.created_at > wall - A_DAY)
    if (session.scalar(sent.where(Link.user_id == user.id)) or 0) >= settings.invitations_per_address:
        raise InvalidInput(
            {"email": ["Cette adresse a déjà reçu plusieurs invitations aujourd’hui : réessayez demain."]}
        )
    if (session.scalar(sent.where(Link.organisation_id == organisation_id)) or 0) >= (
        settings.invitations_per_organisation
    ):
        raise InvalidInput(
            {"email": ["Votre organisme a envoyé beaucoup d’invitations aujourd’hui : réessayez demain."]}
        )


def _refuse_agents(session: Session, user: User) -> None:
    """Nobody instructs and applies: an agent's account never enters an organisation by an invitation."""
    if _is_agent(session, user.id):
        raise InvalidInput({"email": ["Cette adresse ne peut pas être invitée dans un organisme."]})


def _is_agent(session: Session, user_id: int) -> bool:
    found = sa.select(Grant.id).where(Grant.user_id == user_id, Grant.role != "applicant")
    return session.scalars(found.limit(1)).first() is not None


def join(session: Session, link: Link, *, at: datetime) -> None:
    """What the accepted invitation opens; the caller has used the link up. Raises Refused for an agent."""
    if link.organisation_id is None:
        return
    if db.lock(session, Organisation, link.organisation_id) is None:
        raise NotFound()
    if _is_agent(session, link.user_id):
        raise Refused(["Le compte d’un agent ne peut pas rejoindre un organisme."])
    user = session.get_one(User, link.user_id)
    if user in members_of(session, link.organisation_id):
        return
    session.add(Grant(user_id=user.id, role="applicant", organisation_id=link.organisation_id))
    myself = Actor(name=user.name, user_id=user.id)
    journal.record(session, "organisation", link.organisation_id, JOINED, actor=myself, at=at, user_id=user.id)


def withdraw(
    session: Session, organisation_id: int, link_id: int, *, actor: Actor, at: datetime, wall: datetime
) -> None:
    """Take back an invitation that was not accepted yet. Raises NotFound when there is none."""
    found = next((link for link in pending(session, organisation_id, wall=wall) if link.id == link_id), None)
    if found is None or not signin.use_link(session, found, at=wall):
        raise NotFound("Cette invitation a déjà été acceptée, annulée, ou a expiré.")
    journal.record(session, "organisation", organisation_id, WITHDRAWN, actor=actor, at=at, user_id=found.user_id)


def send_invitation(
    session: Session,
    settings: Settings,
    user: User,
    *,
    inviter: str,
    place: str,
    at: datetime,
    wall: datetime,
    address: str,
) -> None:
    """A link by mail to choose a password, for an account whose accesses are already given. `address` holds {token}."""
    lasts = timedelta(days=settings.invitation_days)
    token = signin.make_link(session, user, "invitation", at=wall, lasts=lasts)
    _send(session, settings, user, inviter=inviter, place=place, at=at, link=address.format(token=token))


def _send(
    session: Session, settings: Settings, user: User, *, inviter: str, place: str, at: datetime, link: str
) -> None:
    new = user.password_hash is None
    body = (
        f"Bonjour {user.name},\n\n"
        f"{inviter} vous {'ouvre' if new else 'propose'} un accès au service des appels à projets insertion "
        f"({place}).\n\n"
        f"Pour {'choisir votre mot de passe' if new else 'accepter, avec votre compte actuel'}, ouvrez cette adresse "
        f"dans les {counted(settings.invitation_days, 'jour')} :\n"
        f"{link}\n\n"
        "Elle ne sert qu’une fois. Si vous ne voulez pas de cet accès, ne faites rien.\n\n"
        f"{settings.funder}\n"
    )
    outbox.enqueue(session, [user], subject=_ACCESS, body=body, at=at, category="account")


def remove_colleague(
    session: Session, organisation_id: int, user_id: int, *, actor: Actor, at: datetime, wall: datetime
) -> None:
    """Take away a colleague's access to the organisation. Raises Refused for the last one who can sign in."""
    if db.lock(session, Organisation, organisation_id) is None:
        raise NotFound()
    members = members_of(session, organisation_id)
    leaving = next((member for member in members if member.id == user_id), None)
    if leaving is None:
        raise NotFound()
    if not any(member.active and member.password_hash for member in members if member.id != user_id):
        raise Refused(["Il doit rester au moins une personne qui puisse se connecter pour cet organisme."])
    mine = (Grant.user_id == user_id, Grant.organisation_id == organisation_id, Grant.role == "applicant")
    session.execute(sa.delete(Grant).where(*mine))
    signin.end_sessions(session, user_id, at=wall)
    journal.record(session, "organisation", organisation_id, REMOVED, actor=actor, at=at, user_id=user_id)
