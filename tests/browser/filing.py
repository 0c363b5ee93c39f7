"""What every applicant does before its file is examined: register, open a draft, fill it, deposit in two acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import expect

from casework.ibans import grouped_iban
from tests.browser.person import Person
from tests.browser.service import PASSWORD, Account
from tests.browser.stage import Stage
from tests.support import people
from workflows.story_bank import invented_iban

STAFF = "Frais de personnel"
WHOLE_POST = {"ETP": "1", "part en pour cent": "100"}


@dataclass(frozen=True)
class Structure:
    """An organisation that is not known to the service yet, and who registers it."""

    name: str
    person: str
    siret: str
    email: str


def structure(number: int, name: str, person: str) -> Structure:
    return Structure(name, person, people.siret(9000 + number), f"accueil{number}@exemple.invalid")


def register(stage: Stage, who: Structure) -> Person:
    """Registration by SIRET, through the public form; the person is signed in at the end."""
    person = stage.welcome(Account(who.person, who.email))
    person.open("/")
    person.follow("Se connecter")
    person.follow("Inscrire mon organisme")
    answers = {
        "Numéro SIRET": who.siret[:13] + str((int(who.siret[13]) + 1) % 10),
        "Nom de l’organisme": who.name,
        "Forme juridique": "Association loi 1901",
        "Code postal": "62000",
        "Commune": "Arras",
        "Votre nom": who.person,
        "Votre adresse électronique": who.email,
        "Mot de passe": PASSWORD,
        "Une seconde fois": PASSWORD,
    }
    person.answer(answers)
    person.press("Inscrire mon organisme")
    person.sees("Ce que vous avez saisi est conservé.", "Ce numéro SIRET n’existe pas : vérifiez ses 14 chiffres.")
    person.answer({"Numéro SIRET": who.siret, "Mot de passe": PASSWORD, "Une seconde fois": PASSWORD})
    person.press("Inscrire mon organisme")
    person.sees("Votre organisme est inscrit et votre compte est ouvert.", who.siret)
    return person


def open_draft(person: Person, code: str, title: str) -> str:
    """A draft of this scheme, from the new application's page; returns the address of the case."""
    person.open("/dossiers/nouveau")
    person.page.get_by_label(f"{code} ").first.check()
    person.press("Ouvrir le brouillon")
    person.sees("Votre brouillon est ouvert.")
    person.state("Brouillon")
    address = person.page.url.removeprefix(person.service.address).removesuffix("/demande")
    person.open(f"{address}/demande/projet")
    person.fill("Titre du projet", title)
    person.press("Enregistrer")
    person.is_at(title)
    return address


def go_to(person: Person, address: str, section: str) -> None:
    person.open(f"{address}/demande/{section}")


def fill_section(person: Person, address: str, section: str, answers: Mapping[str, Any]) -> None:
    """Open a section, answer, and go on to the next one."""
    go_to(person, address, section)
    person.answer(dict(answers))
    person.press("Enregistrer et continuer")
    person.sees("c’est enregistré")


def fill_budget(person: Person, lines: Mapping[str, tuple[tuple[str, str, str], ...]]) -> None:
    """Type budget lines (category, label, amount) in the open budget page, from the first row of each table.

    Those of staff go to their own table: one full-time post whose whole gross is for the operation.
    """
    for side, rows in lines.items():
        staff = [row for row in rows if row[0] == STAFF]
        for rank, (_, label, amount) in enumerate(staff, start=1):
            _fill_row(person, f"Poste {rank}", label, {**WHOLE_POST, "salaire brut annuel et charges en euros": amount})
        others = [row for row in rows if row[0] != STAFF]
        for rank, (category, label, amount) in enumerate(others, start=1):
            _fill_row(person, f"{side} {rank}", label, {"montant en euros": amount})
            person.page.get_by_label(f"{side} {rank}, catégorie").select_option(label=category)


def _fill_row(person: Person, name: str, label: str, amounts: Mapping[str, str]) -> None:
    if not person.page.get_by_label(f"{name}, intitulé").count():
        person.press("Ajouter des lignes")
    for box, typed in {"intitulé": label, **amounts}.items():
        person.page.get_by_label(f"{name}, {box}").fill(typed)


def join(person: Person, stage: Stage, slot: str, name: str) -> None:
    """Join a small PDF to the slot of this title, on the page of the form's documents."""
    place = _slot(person, slot)
    place.locator("input[type=file]").set_input_files(stage.paper(name))
    person.press(f"Joindre « {slot} »", place)
    person.sees(f"« {name} » est joint au dossier.")


def join_a_false_file(person: Person, stage: Stage, slot: str) -> None:
    """A program renamed .pdf is refused with the reason, at its own slot."""
    place = _slot(person, slot)
    place.locator("input[type=file]").set_input_files(stage.false_paper("statuts.pdf"))
    person.press(f"Joindre « {slot} »", place)
    person.sees("Ce fichier n’est pas joint")
    expect(_slot(person, slot).locator(".error-message")).to_be_visible()
    expect(_slot(person, slot).get_by_role("link", name="statuts.pdf")).to_have_count(0)


def give_account(person: Person, stage: Stage, officer: Person, address: str) -> None:
    """A bank account with its proof, mistyped once, then confirmed by an officer who has looked at the proof."""
    number = invented_iban(4242)
    person.open("/organisation")
    person.page.locator("summary", has_text="Donner un compte bancaire").click()
    answers = {"IBAN": number[:-1], "RIB": stage.paper("rib.pdf")}
    person.answer(answers)
    person.press("Envoyer ces coordonnées bancaires")
    person.sees("Cet IBAN n’existe pas : recopiez-le du RIB, lettres et chiffres.")
    person.answer({**answers, "IBAN": grouped_iban(number)})
    person.press("Envoyer ces coordonnées bancaires")
    person.sees("Ces coordonnées bancaires sont transmises.", "En attente du Département")
    officer.open(f"{address}/coordonnees-bancaires")
    officer.sees(grouped_iban(number))
    officer.press("Confirmer ce compte")
    officer.sees("Cochez cette case une fois le RIB ouvert et comparé.")
    officer.page.get_by_label("J’ai ouvert le justificatif").check()
    officer.press("Confirmer ce compte")
    officer.sees("Ces coordonnées bancaires sont confirmées.", "Compte confirmé")


def _slot(person: Person, title: str) -> Any:
    heading = person.page.get_by_role("heading", level=3, name=title, exact=True)
    return person.page.locator("section.slot").filter(has=heading)


def deposit_in_two_acts(person: Person, address: str) -> None:
    """Deposit, think again, take it back, deposit again, validate."""
    person.open(address)
    person.do("Déposer le dossier")
    person.state("Déposé, à valider")
    person.sees("pas encore validé")
    person.do("Reprendre en brouillon")
    person.state("Brouillon")
    person.do("Déposer le dossier")
    person.do("Valider le dossier")
    person.state("Validé")
