"""The bank account of an organisation: given by its members, confirmed or refused by an officer, both sides told.

The organisation's row is locked first: its journal is one chain, and one account at most waits for an officer. No mail,
no journal entry holds more of an IBAN than its last four characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import db, journal
from casework.applications import Application
from casework.bank import BankDetails, confirmed, details_of, pending
from casework.errors import Forbidden, InvalidInput, NotFound, Refused
from casework.filekinds import JPEG, PDF, PNG
from casework.ibans import possible_bic, possible_iban
from casework.mail import Letter, as_html, as_text
from casework.outbox import enqueue
from casework.people import Organisation, User, members
from casework.permissions import holds
from casework.storage import Storage, Stored
from workflows.engine import Act
from workflows.letters import address

ENTERED = journal.register("organisation.bank_entered", "Coordonnées bancaires données")
CONFIRMED = journal.register("organisation.bank_confirmed", "Coordonnées bancaires confirmées")
REFUSED = journal.register("organisation.bank_refused", "Coordonnées bancaires refusées")
WITHDRAWN = journal.register("organisation.bank_withdrawn", "Coordonnées bancaires retirées")
PAGE = "/coordonnees-bancaires"
CONCERNED = (
    *("submitted", "slai_opinion", "instruction", "instructed"),
    *("convention", "advance", "execution", "bilan", "balance"),
)
"""The states of a case whose services look after the account of its organisation."""
_PROOFS = {kind.media_type for kind in (PDF, JPEG, PNG)}
_CASES_TOLD = 20


def enter(
    session: Session,
    storage: Storage,
    organisation_id: int,
    answers: Mapping[str, str],
    stored: Stored,
    act: Act,
) -> BankDetails:
    """Give an account with its proof; what was waiting is withdrawn, what is confirmed stands until this one is.

    `answers`: holder, iban, bic as typed. Raises Forbidden outside the organisation, InvalidInput field by field, or
    Refused for the account that already stands: the bytes of the proof are deleted then.
    """
    try:
        return _enter(session, organisation_id, answers, stored, act)
    except BaseException:
        storage.delete(stored.key)
        raise


def _enter(session: Session, organisation_id: int, answers: Mapping[str, str], stored: Stored, act: Act) -> BankDetails:
    organisation = _own(session, organisation_id, act)
    typed = _checked(answers, stored)
    known = details_of(session, organisation_id)
    standing, waiting = confirmed(known), pending(known)
    if standing is not None and all(getattr(standing, name) == value for name, value in typed.items()):
        raise Refused(["Ce sont déjà vos coordonnées bancaires confirmées : il n’y a rien à changer."])
    if waiting is not None:
        _decide(session, waiting, "withdrawn", WITHDRAWN, act)
    given = BankDetails(
        organisation_id=organisation_id,
        proof_key=stored.key,
        proof_name=stored.name,
        proof_type=stored.media_type,
        proof_size=stored.size,
        proof_digest=stored.digest,
        entered_at=act.at,
        entered_by_id=act.actor.user_id,
        **typed,
    )
    session.add(given)
    session.flush()
    _record(session, given, ENTERED, act)
    _tell_members(session, organisation, given, act, _GIVEN, changed=standing is not None)
    _tell_officers(session, organisation, given, act)
    return given


def withdraw(session: Session, organisation_id: int, details_id: int, act: Act) -> None:
    """Take back what an officer has not yet looked at. Raises Forbidden, NotFound or Refused."""
    _own(session, organisation_id, act)
    _decide(session, _waiting(session, organisation_id, details_id), "withdrawn", WITHDRAWN, act)


def confirm(session: Session, organisation_id: int, details_id: int, act: Act) -> None:
    """This account is the one to pay from now on: its proof was seen. Raises Forbidden, NotFound or Refused."""
    organisation = _checked_by(session, organisation_id, act)
    details = _waiting(session, organisation_id, details_id)
    _decide(session, details, "confirmed", CONFIRMED, act)
    _tell_members(session, organisation, details, act, _CONFIRMED)


def refuse(session: Session, organisation_id: int, details_id: int, reason: str, act: Act) -> None:
    """This account is not the one to pay; what was confirmed before stands. Raises as `confirm`."""
    organisation = _checked_by(session, organisation_id, act)
    if not reason.strip():
        raise InvalidInput({"reason": ["Écrivez le motif du refus : le porteur le lira."]})
    details = _waiting(session, organisation_id, details_id)
    _decide(session, details, "refused", REFUSED, act, reason=reason)
    _tell_members(session, organisation, details, act, _REFUSED)


def concerned_cases(session: Session, organisation_id: int) -> list[Application]:
    """The cases of an organisation that are being handled, the newest first, a bounded number of them."""
    query = sa.select(Application).where(
        Application.organisation_id == organisation_id, Application.state.in_(CONCERNED)
    )
    return list(session.scalars(query.order_by(Application.id.desc()).limit(_CASES_TOLD)))


def _checked(answers: Mapping[str, str], stored: Stored) -> dict[str, str]:
    """The account as it is kept. Raises InvalidInput, field by field, without repeating what was typed."""
    errors = faults_of(answers)
    if stored.media_type not in _PROOFS:
        errors["file"] = ["Joignez le RIB en PDF ou en image (JPEG, PNG)."]
    if errors:
        raise InvalidInput(errors)
    return {
        "holder": " ".join(answers["holder"].split()),
        "iban": possible_iban(answers["iban"]) or "",
        "bic": possible_bic(answers.get("bic") or "") or "",
    }


def faults_of(answers: Mapping[str, str]) -> dict[str, list[str]]:
    """What is wrong with an account as it was typed, by field; nothing when all is well."""
    errors: dict[str, list[str]] = {}
    if not (answers.get("holder") or "").strip():
        errors["holder"] = ["Écrivez le titulaire du compte, comme sur le RIB."]
    if possible_iban(answers.get("iban") or "") is None:
        errors["iban"] = ["Cet IBAN n’existe pas : recopiez-le du RIB, lettres et chiffres."]
    if answers.get("bic") and possible_bic(answers["bic"]) is None:
        errors["bic"] = ["Ce BIC n’existe pas : huit ou onze lettres et chiffres, comme sur le RIB."]
    return errors


def _own(session: Session, organisation_id: int, act: Act) -> Organisation:
    """The organisation, locked, for one of its own members: nobody else changes where its money goes."""
    if organisation_id not in act.actor.organisations:
        raise Forbidden("Seul un membre de l’organisme donne ses coordonnées bancaires.")
    return _locked(session, organisation_id)


def _checked_by(session: Session, organisation_id: int, act: Act) -> Organisation:
    if not holds(act.actor, "bank.confirm"):
        raise Forbidden()
    if organisation_id in act.actor.organisations:
        raise Forbidden("Vous faites partie de cet organisme : un autre agent confirme ses coordonnées bancaires.")
    return _locked(session, organisation_id)


def _locked(session: Session, organisation_id: int) -> Organisation:
    organisation: Organisation | None = db.lock(session, Organisation, organisation_id)
    if organisation is None:
        raise NotFound()
    return organisation


def _waiting(session: Session, organisation_id: int, details_id: int) -> BankDetails:
    details: BankDetails | None = db.lock(session, BankDetails, details_id)
    if details is None or details.organisation_id != organisation_id:
        raise NotFound("Ce compte n’existe pas.")
    if not details.pending:
        raise Refused([f"Ce compte a déjà une réponse : « {details.label} »."])
    return details


def _decide(session: Session, details: BankDetails, verdict: str, kind: str, act: Act, *, reason: str = "") -> None:
    details.verdict, details.reason = verdict, reason.strip()
    details.decided_at, details.decided_by_id = act.at, act.actor.user_id
    session.flush()
    session.expire(details, ["decided_by"])
    _record(session, details, kind, act)


def _record(session: Session, details: BankDetails, kind: str, act: Act) -> None:
    journal.record(
        session,
        "organisation",
        details.organisation_id,
        kind,
        actor=act.actor,
        at=act.at,
        reason=details.reason or None,
        details=details.id,
        account=details.masked,
    )


_GIVEN = (
    "coordonnées bancaires données",
    "{who} a donné des coordonnées bancaires pour {organisation} : {account}. Elles attendent d’être confirmées par le "
    "Département{former}. Si ce n’est pas l’un de vous, dites-le-nous aussitôt.",
)
_CONFIRMED = (
    "coordonnées bancaires confirmées",
    "Les coordonnées bancaires de {organisation} ({account}) sont confirmées : les prochains versements ordonnés iront "
    "sur ce compte.",
)
_REFUSED = (
    "coordonnées bancaires refusées",
    "Les coordonnées bancaires de {organisation} ({account}) ne sont pas retenues. Donnez-en d’autres, ou le bon "
    "justificatif.",
)


def _tell_members(
    session: Session,
    organisation: Organisation,
    details: BankDetails,
    act: Act,
    words: tuple[str, str],
    *,
    changed: bool = False,
) -> None:
    """Every member is told of each step: a stolen account does not change in silence where the money goes."""
    subject, sentence = words
    former = " ; jusque-là, celles d’avant restent en vigueur" if changed else ""
    said = sentence.format(who=act.actor.name, organisation=organisation.name, account=details.masked, former=former)
    reason = (f"Motif : {details.reason}",) if details.reason else ()
    link = ("Voir les coordonnées bancaires", f"{act.settings.public_url}/organisation#banque-{organisation.id}")
    letter = Letter(f"{organisation.name} – {subject}", (said, *reason), link=link)
    _send(session, members(session, "applicant", organisation_ids=frozenset({organisation.id})), letter, act)


def _tell_officers(session: Session, organisation: Organisation, details: BankDetails, act: Act) -> None:
    """Those who follow a case of the organisation, each once, with the page where to answer."""
    said = f"{organisation.name} a donné des coordonnées bancaires ({details.masked}) : comparez-les au justificatif."
    for case, people in _followers(concerned_cases(session, organisation.id), session):
        letter = Letter(
            f"{case.reference} – coordonnées bancaires à confirmer",
            (said, "Aucun versement n’est ordonné sur ce compte avant votre réponse."),
            facts=(("Dossier", f"{case.reference} – {case.called}"), ("Porteur", organisation.name)),
            link=("Vérifier les coordonnées bancaires", address(act.settings, case.id, page=PAGE)),
        )
        _send(session, people, letter, act, application_id=case.id)


def _followers(cases: Iterable[Application], session: Session) -> Iterator[tuple[Application, list[User]]]:
    told: set[int] = set()
    for case in cases:
        found = [case.officer] if case.officer else members(session, "officer", scheme_code=case.scheme_code)
        new = [user for user in found if user.id not in told]
        told |= {user.id for user in new}
        if new:
            yield case, new


def _send(session: Session, people: list[User], letter: Letter, act: Act, **about: Any) -> None:
    enqueue(
        session,
        people,
        subject=letter.subject,
        body=as_text(letter, act.settings),
        html=as_html(letter, act.settings),
        at=act.at,
        category="request",
        **about,
    )
