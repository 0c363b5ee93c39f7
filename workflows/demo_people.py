"""The invented people and organisations of the demonstration. Nobody here exists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session
from stdnum import luhn

from casework.people import Actor, Contact, Grant, Organisation, Territory, User, actor_of
from workflows.stories import Cast

DOMAIN = "demo.casework.invalid"

ORGANISATIONS = (
    ("Les Ateliers du Ternois", "association", "12 rue des Tilleuls", "62130", "Saint-Pol-sur-Ternoise"),
    ("Horizon Insertion", "association", "4 place du Marché", "62000", "Arras"),
    ("Côte et Compétences", "association", "31 quai des Paquebots", "62100", "Calais"),
    ("Mobil’Pas", "association", "8 avenue de la Gare", "62300", "Lens"),
    ("Le Nid des Tout-Petits", "association", "2 rue de l’École", "62110", "Hénin-Beaumont"),
    ("Toit et Travail", "association", "17 rue du Canal", "62500", "Saint-Omer"),
)
APPLICANTS = (
    "Nadia Verdier",
    "Bastien Lormeau",
    "Inès Caudroy",
    "Hugo Marquenterre",
    "Salomé Duvivier",
    "Yanis Flandrois",
)


@dataclass(frozen=True)
class People:
    casts: tuple[Cast, ...]
    officer: Actor
    organisations: tuple[Organisation, ...]
    users: tuple[User, ...]


def invented_siret(number: int) -> str:
    """A SIRET of valid form that no French organisation has: its SIREN begins with 000."""
    siren = f"000{number:05d}"
    siren += luhn.calc_check_digit(siren)
    establishment = siren + "0001"
    return establishment + luhn.calc_check_digit(establishment)


def create_people(session: Session, territories: dict[str, Territory], *, at: datetime) -> People:
    """Organisations with their applicant, and one account for each role of the services."""
    organisations = [_organisation(session, rank, entry, at) for rank, entry in enumerate(ORGANISATIONS, start=1)]
    applicants = [
        _user(session, name, at, Grant(role="applicant", organisation_id=organisation.id))
        for name, organisation in zip(APPLICANTS, organisations, strict=True)
    ]
    officer = _user(session, "Claire Aubancourt", at, Grant(role="officer"))
    second = _user(session, "Karim Wissocq", at, *(Grant(role="officer", scheme_code=f"3.{n}") for n in (10, 11, 12)))
    manager = _user(session, "Hélène Ardresienne", at, Grant(role="manager"))
    finance = _user(session, "Paul Estrévelle", at, Grant(role="finance"))
    verifier = _user(session, "Mireille Comptant", at, Grant(role="finance"))
    slai_all = _user(
        session, "Agnès Boursinval", at, *(Grant(role="slai", territory_id=t.id) for t in territories.values())
    )
    slai_one = _user(session, "Loïc Ternoisel", at, Grant(role="slai", territory_id=territories["ternois"].id))
    partners = [
        _user(session, name, at, Grant(role="partner", partner=partner))
        for name, partner in (
            ("Sandra Convergent", "convergence"),
            ("Marc Allocart", "caf"),
            ("Fatou Mobilart", "mamobilite62"),
        )
    ]
    auditor = _user(session, "Denis Contrevoix", at, Grant(role="auditor"))
    admin = _user(session, "Lucie Parametrine", at, Grant(role="admin"))
    answers_people = _user(session, "Odile Gardefeuille", at, Grant(role="data_officer"))
    session.flush()
    everybody_asked = Actor(
        name=partners[0].name,
        user_id=partners[0].id,
        roles=frozenset({"partner"}),
        partners=frozenset({"convergence", "caf", "mamobilite62"}),
    )
    casts = tuple(
        Cast(
            applicant=actor_of(applicant),
            organisation_id=organisation.id,
            officer=actor_of(officer),
            manager=actor_of(manager),
            finance=actor_of(finance),
            verifier=actor_of(verifier),
            slai=actor_of(slai_all),
            partner=everybody_asked,
        )
        for applicant, organisation in zip(applicants, organisations, strict=True)
    )
    create_directory(session, territories)
    services = (officer, second, manager, finance, verifier, slai_all, slai_one, *partners)
    users = (*applicants, *services, auditor, admin, answers_people)
    return People(casts, actor_of(officer), tuple(organisations), users)


def _organisation(session: Session, rank: int, entry: tuple[str, str, str, str, str], at: datetime) -> Organisation:
    name, legal_form, address, postcode, town = entry
    organisation = Organisation(
        siret=invented_siret(rank),
        name=name,
        legal_form=legal_form,
        address=address,
        postcode=postcode,
        town=town,
        email=f"contact{rank}@{DOMAIN}",
        created_at=at,
    )
    session.add(organisation)
    session.flush()
    return organisation


def _user(session: Session, name: str, at: datetime, *grants: Grant) -> User:
    local = _ascii(name).replace(" ", ".")
    user = User(email=f"{local}@{DOMAIN}", name=name, created_at=at, grants=list(grants))
    session.add(user)
    session.flush()
    return user


def _ascii(name: str) -> str:
    from casework.search import folded

    return folded(name).replace("’", "").replace("'", "")


def create_directory(session: Session, territories: dict[str, Territory]) -> None:
    """An invented directory: one line for the Département, one for each SLAI."""
    session.add(
        Contact(
            label="Direction des politiques d’inclusion durable",
            name="Accueil (inventé)",
            phone="03 21 00 00 00",
            email=f"inclusion@{DOMAIN}",
        )
    )
    for rank, territory in enumerate(territories.values(), start=1):
        session.add(
            Contact(
                territory_id=territory.id,
                label=f"SLAI {territory.name}",
                name="Accueil (inventé)",
                phone=f"03 21 00 00 {rank:02d}",
                email=f"slai.{territory.code}@{DOMAIN}",
            )
        )
