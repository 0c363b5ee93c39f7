"""A year of a 3.10 operation, lived on screens: twenty people, their months and CRE, a college, exits, a committee,
and the share of the grant that all of it earns, computed by hand beside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from fractions import Fraction
from pathlib import Path

import pytest
from playwright.sync_api import expect

from casework.amounts import euros
from casework.db import transaction
from casework.french import of_name
from casework.people import User
from casework.storage import Storage
from jobs import operations
from tests.browser import reporting, world
from tests.browser.person import Person
from tests.browser.service import Account
from tests.browser.stage import Stage
from tests.support.stories import FAR, cast_of
from workflows.stories import Plan, Story

TITLE = "Encadrer vingt parcours"
ACTING = ("applicant", "slai", "officer")
POSTS, GRANT = 20, 40_000
FIRST, SECOND, THIRD = "2024-01-08", "2024-05-02", "2024-09-02"


@dataclass(frozen=True)
class Someone:
    """Who enters, when, and until when: the last day on which a month of hers counts."""

    name: str
    entered: str
    born: str = "1985-03-04"
    left: str = ""

    def present_in(self, month: int) -> bool:
        """Whether her month is to be said: from her entry to her exit; one person was away in July."""
        last = int(self.left[5:7]) if self.left else 12
        return int(self.entered[5:7]) <= month <= last and not (self.name == SUSPENDED and month == 7)


YOUNG = "2000-06-15"
SUSPENDED, AT_COLLEGE, DROPPED, RETURNED = "Ficoïde", "Eglantier", "Kerria", "Jasmin"
PEOPLE = (
    *(Someone(name, FIRST, left="2024-06-30") for name in ("Acanthe", "Bourrache", "Camomille", "Doronic")),
    Someone(AT_COLLEGE, FIRST, left="2024-10-31"),
    *(Someone(name, FIRST) for name in (SUSPENDED, "Genêt", "Hysope")),
    *(Someone(name, FIRST, YOUNG) for name in ("Iris", RETURNED)),
    Someone(DROPPED, SECOND, left="2024-08-15"),
    *(Someone(name, SECOND) for name in ("Lavande", "Mélisse", "Narcisse")),
    *(Someone(name, SECOND, YOUNG) for name in ("Ortie", "Pavot")),
    *(Someone(name, THIRD) for name in ("Quinoa", "Romarin", "Sauge", "Tilleul")),
)
HOURS = {FIRST: 8, SECOND: 8, THIRD: 10}
EXITS = {
    "Acanthe": "CDI – emploi durable",
    "Bourrache": "CDI – emploi durable",
    "Camomille": "CDI – emploi durable",
    "Doronic": "Formation qualifiante ou poursuite de formation qualifiante – sortie positive",
    AT_COLLEGE: "Contrat aidé conclu sous la forme d’un CDD – emploi de transition",
}


def expected_share() -> Fraction:
    """By hand: 45 % on months, 45 % on hours (10 a month in town), 5 % on exits (0.45 a post), 5 % on quality.

    The month of December whose CRE was returned and never sent again counts for nothing (l.2514-2532).
    """
    months = [(one, month) for one in PEOPLE for month in range(1, 13) if one.present_in(month)]
    counted = [(one, month) for one, month in months if (one.name, month) != (RETURNED, 12)]
    hours = sum(HOURS[one.entered] for one, _ in counted)
    return (
        Fraction(45, 100) * Fraction(len(counted), POSTS * 12)
        + Fraction(45, 100) * Fraction(hours, 10 * POSTS * 12)
        + Fraction(5, 100) * Fraction(len(EXITS), 9)
        + Fraction(5, 100) * Fraction(80, 100)
    )


class Year:
    """The operation, and those who live it before their screens."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.service = stage, stage.service
        storage = Storage(Path(self.service.settings.files_dir))
        with transaction(self.service.sessions) as session:
            cast = cast_of(session)
            plan = Plan("3.10", "execution", title=TITLE, posts=POSTS, requested=GRANT * 100)
            case = Story(session, storage, self.service.settings, cast, plan, FAR).tell()
            users = {role: world.with_password(session, self.service.settings, getattr(cast, role)) for role in ACTING}
            self.address = f"/dossiers/{case.id}"
            accounts = {role: _account(user) for role, user in users.items()}
        self.operator, self.slai, self.officer = (stage.welcome(accounts[role]) for role in ACTING)
        self.links: dict[str, str] = {}

    def people_in(self, month: int) -> list[Someone]:
        return [one for one in PEOPLE if one.present_in(month)]

    def open_journey(self, who: Person, name: str) -> Person:
        who.open(self.links[name])
        return who


def _account(user: User) -> Account:
    return Account(user.name, user.email)


@pytest.fixture
def year(stage: Stage) -> Year:
    return Year(stage)


@pytest.mark.browser
@pytest.mark.database("sqlite")
def test_a_year_of_a_3_10_operation_earns_the_share_that_its_facts_give(year: Year) -> None:
    assert expected_share() == Fraction(528100, 900000)
    year.service.move_to(date(2024, 4, 12))
    _enter(year, FIRST)
    for month in (1, 2, 3):
        _say_month(year, month)
    _enter_later(year)
    _leave_in_summer(year)
    _place_in_a_college(year)
    _prove_exits(year)
    _return_a_record(year)
    _report(year)
    _control(year)


def _enter(year: Year, day: str) -> None:
    """The operator orients each person, the SLAI validates them together, the operator records their entries."""
    people = [one for one in PEOPLE if one.entered == day]
    operator = year.operator
    operator.open(f"{year.address}/participants")
    for one in people:
        operator.follow("Orienter une personne")
        answers = {
            "Nom de famille": one.name,
            "Prénom": "Camille",
            "Date de naissance": one.born,
            "Sexe": "Femme",
            "Code postal": "62000",
            "Commune": "Arras",
            "Public": "Jeune en précarité" if one.born == YOUNG else "Bénéficiaire du RSA",
        }
        operator.answer(answers)
        operator.press("Orienter")
        operator.sees("Le SLAI Arrageois doit maintenant valider cette orientation.")
    year.slai.open("/orientations")
    for box in year.slai.page.get_by_role("checkbox").all():
        box.check()
    year.slai.press("Accepter les orientations cochées")
    year.slai.sees(f"{len(people)} orientations validées.")
    _learn_links(year)
    for one in people:
        year.open_journey(operator, one.name).do("Enregistrer l’entrée", {"Date d’entrée": day})
        operator.sees("Entrée avant l’orientation")
        operator.do("Enregistrer l’entrée", {"À vérifier avant d’enregistrer": "J’ai vérifié"})
        operator.sees("Entrée dans l’opération.")


def _learn_links(year: Year) -> None:
    """The page of each person, as the roster gives it."""
    year.operator.open(f"{year.address}/participants")
    for one in PEOPLE:
        link = year.operator.page.get_by_role("link", name=f"{one.name.upper()} Camille", exact=True)
        if link.count():
            year.links[one.name] = str(link.first.get_attribute("href"))


def _say_month(year: Year, month: int, *, returned: str = "") -> None:
    """The operator pastes the hours of the month and hands over its CRE; the SLAI validates them together.

    `returned`: whose CRE goes back to the operator, and is not sent again.
    """
    operator, slai, people = year.operator, year.slai, year.people_in(month)
    address = f"{year.address}/mois/2024-{month:02d}"
    operator.open(address)
    lines = "\n".join(f"{one.name.upper()} Camille\toui\t{HOURS[one.entered]}" for one in people)
    operator.fill("Lignes copiées d’un tableur", lines)
    operator.press("Enregistrer ces lignes")
    operator.sees(f"{len(people)} participants enregistrés.")
    operator.open(address.replace("/mois/", "/cre/"))
    operator.press("Remettre au SLAI les CRE cochés")
    operator.sees(f"{len(people)} CRE remis au SLAI.")
    slai.open("/cre")
    if returned:
        slai.page.get_by_role("link", name=f"Renvoyer… le CRE : {returned.upper()} Camille").click()
        slai.do("Renvoyer le CRE au porteur", {"Motif": "Les heures ne sont pas celles des feuilles d’émargement."})
        slai.sees("CRE renvoyé par le SLAI")
        people = [one for one in people if one.name != returned]
        slai.open("/cre")
    for box in slai.page.get_by_role("checkbox").all():
        box.check()
    slai.press("Valider les CRE cochés")
    slai.sees(f"{len(people)} CRE validés et transmis au Département.")


def _enter_later(year: Year) -> None:
    """In May two young people more: the last one is over a fifth, and waits for an officer."""
    year.service.move_to(date(2024, 5, 6))
    _say_month(year, 4)
    _enter(year, SECOND)
    year.operator.open(f"{year.address}/participants")
    year.operator.sees("Part de jeunes, à l’entrée", "À surveiller")
    over = year.open_journey(year.officer, "Pavot")
    over.sees("Un chargé de mission doit l’accepter.")
    over.do("Accepter une alerte", {"Commentaire": "Deux sorties de jeunes sont prévues à l’automne."})
    over.sees("Alerte acceptée")
    over.sees_no("Un chargé de mission doit l’accepter.")


def _exit(year: Year, name: str, day: str, kind: str) -> None:
    page = year.open_journey(year.operator, name)
    page.do("Enregistrer la sortie", {"Date de sortie": day, "Type de sortie": kind})
    page.sees("Sortie de l’opération.")


def _leave_in_summer(year: Year) -> None:
    """Four exits at the end of June, one person away in July, one who stops in August."""
    year.service.move_to(date(2024, 7, 3))
    _say_month(year, 5)
    _say_month(year, 6)
    _hold_a_committee(year)
    for name in ("Acanthe", "Bourrache", "Camomille", "Doronic"):
        _exit(year, name, "2024-06-30", EXITS[name])
    away = year.open_journey(year.operator, SUSPENDED)
    away.do("Suspendre le parcours", {"Suspendu à partir du": "2024-07-01", "Motif": "Absence d’un mois, convenue."})
    year.service.move_to(date(2024, 9, 6))
    away = year.open_journey(year.operator, SUSPENDED)
    away.do("Reprendre le parcours", {"Repris le": "2024-08-01"})
    _say_month(year, 7)
    _say_month(year, 8)
    _exit(year, DROPPED, "2024-08-15", "Arrêt de l’accompagnement sans solution – hors sorties dynamiques")


def _place_in_a_college(year: Year) -> None:
    """Somebody enters a college: two months later at most, her exit is recorded (l.2431-2446)."""
    year.service.move_to(date(2024, 9, 10))
    _enter(year, THIRD)
    placed = year.open_journey(year.operator, AT_COLLEGE)
    placed.do("Enregistrer une entrée au collège", {"Entrée au collège le": "2024-09-02"})
    placed.sees("Entrée au collège")
    year.service.move_to(date(2024, 11, 4))
    year.open_journey(year.operator, AT_COLLEGE).sees("pour le 2 novembre 2024")
    _say_month(year, 9)
    _say_month(year, 10)
    _exit(year, AT_COLLEGE, "2024-10-31", EXITS[AT_COLLEGE])


def _hold_a_committee(year: Year) -> None:
    """The committee of July: convened with its agenda, held, minuted, and accepted by the SLAI, which must be there."""
    operator = year.operator
    operator.open(f"{year.address}/comites")
    operator.follow("01/07/2024")
    committee = operator.page.url.removeprefix(year.service.address)
    operator.do(
        "Convoquer le comité",
        {"Jour": "2024-07-10", "Heure": "10:00", "Lieu": "Maison du Département solidarité, Arras"},
    )
    operator.sees("Comité convoqué")
    with operator.download("Ajouter à mon calendrier") as got:
        pass
    assert "BEGIN:VEVENT" in Path(got[0].path()).read_text(encoding="utf-8")
    year.service.move_to(date(2024, 7, 10), time(14, 0))
    operator.open(committee)
    form = operator.action("Enregistrer la tenue")
    for everybody in form.get_by_label("Présent", exact=True).all():
        everybody.check()
    operator.do("Enregistrer la tenue", {"Tenu le": "2024-07-10"})
    operator.sees("Comité tenu")
    operator.do("Valider le compte rendu", {"Compte rendu": "Seize parcours engagés, quatre sorties en juin."})
    operator.sees("Compte rendu validé")
    year.slai.open(committee)
    year.slai.do("Accepter le compte rendu")
    year.slai.sees("Compte rendu accepté")


def _prove_exits(year: Year) -> None:
    """The exits to prove are listed before the report; each gets its evidence on its own line."""
    operator = year.operator
    operator.open(f"{year.address}/sorties")
    operator.sees("5 sorties sans justificatif")
    for name in EXITS:
        form = operator.page.locator("form").filter(has_text=f"Justificatif {of_name(name.upper())} Camille")
        operator.fill("Justificatif d", year.stage.paper(f"justificatif-{name}.pdf"), form)
        operator.press(f"Joindre le justificatif {of_name(name.upper())} Camille", form)
        operator.sees("justificatif joint.")
    operator.sees("Chaque sortie qui doit l’être est justifiée.")


def _return_a_record(year: Year) -> None:
    """In January the months of November and December; one CRE is returned, and stays so."""
    year.service.move_to(date(2025, 1, 6))
    _say_month(year, 11)
    _say_month(year, 12, returned=RETURNED)


def _report(year: Year) -> None:
    """Months, hours and exits come from the roster: nobody types them again."""
    year.service.move_to(date(2025, 1, 20))
    year.service.run_job(operations.run)
    operator, address = year.operator, year.address
    operator.open(address)
    operator.state("Bilan")
    for slot, name in (("final_report", "bilan.pdf"), ("evidence", "bulletins.pdf")):
        reporting.join(year.stage, operator, address, slot, name)
    operator.open(f"{address}/bilan/preparer")
    for label, counted in (("Mois d’accompagnement", "152"), ("Heures de mise", "1248"), ("Sorties dynamiques", "5")):
        expect(operator.page.get_by_label(label).first).to_have_value(counted)
    proof = {"N° de facture": "BP-2024", "Date de la facture": "2024-12-31", "Payée le": "2025-01-05"}
    for rank in range(1, reporting.lines(operator)):
        reporting.spend(operator, rank, reporting.planned(operator, rank), proof, "bulletins.pdf")
    operator.press("Enregistrer le bilan")
    reporting.narrate(operator, address, "Vingt personnes accompagnées, dont quatre jeunes.")
    operator.open(f"{address}/bilan/preparer")
    operator.sees("Rien ne manque.")
    operator.open(address)
    operator.do("Remettre le bilan final")
    operator.sees("Bilan final remis")


def _control(year: Year) -> None:
    """The officer scores the quality and validates: the amount due is the share that was computed by hand."""
    year.service.move_to(date(2025, 2, 10))
    officer, address = year.officer, year.address
    officer.open(f"{address}/bilan/controle")
    officer.page.get_by_role("button", name=re.compile("^Accepter")).first.click()
    officer.sees("Toutes les lignes sont contrôlées.")
    officer.open(address)
    quality = {"Respect du référentiel qualité": "80", "Observations du contrôle": "Le numérique reste à travailler."}
    officer.do("Envoyer le résultat envisagé", quality)
    year.operator.open(address)
    year.operator.do("Répondre au résultat envisagé", {"Votre réponse": "J’accepte ce résultat"})
    officer.open(address)
    officer.do("Valider le bilan final")
    officer.state("Solde")
    officer.open(f"{address}/bilan")
    due = int(expected_share() * GRANT * 100 + Fraction(1, 2))
    officer.sees(euros(due))
