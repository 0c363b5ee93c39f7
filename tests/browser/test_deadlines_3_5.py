"""The deadlines of a 3.5 operation, lived on screens and read in the mails that a real SMTP server received."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest

from casework.clock import paris_day
from casework.db import transaction
from casework.people import User
from casework.settings import Settings
from casework.storage import Storage
from jobs import deadlines, digests, operations, outbox
from tests.browser import reporting, world
from tests.browser.person import Person
from tests.browser.postbox import Postbox, Received
from tests.browser.service import Account
from tests.browser.stage import Stage
from tests.support.mailserver import mail_server
from tests.support.stories import FAR, cast_of
from workflows.stories import Plan, Story
from workflows.story_bank import ensure_account

TITLE = "Reprendre confiance par le maraîchage"
TEXT = "Ateliers tenus chaque semaine, entretiens individuels, partenaires du territoire réunis."
RECALLED = "- Bilan final"
"""The reminder itself, as a line of the summary: the task of following a delay names the report too."""
SPENT = ("31 680", "3 960", "3 960", "4 400")
"""Of the four lines of the budget, in its order."""
ACTING = ("applicant", "officer", "manager", "finance", "verifier")
MORNING = (operations.run, deadlines.run, digests.run, outbox.run)


@pytest.fixture
def life(stage: Stage, settings: Settings) -> Iterator[Life]:
    """A case whose convention waits for its signatures; the jobs of the service send to a server of this machine."""
    postbox = Postbox()
    with mail_server(postbox) as port:
        stage.service.settings = replace(settings, smtp_host="127.0.0.1", smtp_port=port, smtp_tls="none")
        yield Life(stage, postbox)


@pytest.mark.browser
@pytest.mark.database("postgres")
def test_a_3_5_operation_is_recalled_its_committees_its_dashboards_and_its_late_report_until_the_balance(
    life: Life,
) -> None:
    _sign(life)
    _advance(life)
    _follow(life)
    _end(life)
    _report_late(life)
    _extend(life)
    _close(life)


class Life:
    """One case, those who act on it, and their mail."""

    def __init__(self, stage: Stage, postbox: Postbox) -> None:
        self.stage, self.service, self.postbox = stage, stage.service, postbox
        storage = Storage(Path(self.service.settings.files_dir))
        with transaction(self.service.sessions) as session:
            cast = cast_of(session)
            plan = Plan("3.5", "convention", title=TITLE)
            case = Story(session, storage, self.service.settings, cast, plan, FAR).tell()
            who = (cast.applicant, cast.officer, cast.organisation_id, case.updated_at)
            ensure_account(session, storage, self.service.settings, *who)
            users = {role: world.with_password(session, self.service.settings, getattr(cast, role)) for role in ACTING}
            self.reference, self.address, granted_on = (
                case.reference,
                f"/dossiers/{case.id}",
                paris_day(case.updated_at),
            )
            self.accounts = {role: _account(user) for role, user in users.items()}
        self.people = {role: stage.welcome(account) for role, account in self.accounts.items()}
        self.wake_on(granted_on)

    def wake_on(self, day: date) -> None:
        """The jobs of this morning have run, and what was written is sent."""
        self.service.move_to(day, time(8, 0))
        for job in MORNING:
            self.service.run_job(job)

    def at(self, role: str, page: str = "") -> Person:
        """This person, before a page of the case."""
        self.people[role].open(f"{self.address}{page}")
        return self.people[role]

    def mail(self, role: str, *words: str) -> Received:
        """What this person received last with these words, once what waits is sent."""
        self.service.run_job(outbox.run)
        return self.postbox.newest(self.accounts[role].email, *words)

    def follow(self, role: str, mail: Received, containing: str = "") -> Person:
        """Open the link of a mail: it leads to the very screen."""
        person = self.people[role]
        person.open(mail.link(self.service.settings.public_url, containing))
        return person

    def mails_about(self, role: str, words: str) -> int:
        return sum(words in mail.text for mail in self.postbox.of(self.accounts[role].email))


def _account(user: User) -> Account:
    return Account(user.name, user.email)


def _sign(life: Life) -> None:
    """The grant is told at once, with the day of the signature; both sign; the whole calendar is then known."""
    told = life.mail("applicant", "subvention accordée")
    assert told.subject.startswith(life.reference)
    assert f"{life.reference} – Signature de la convention" in told.days
    assert "<html" in told.html
    applicant = life.follow("applicant", told, "sign_for_applicant")
    applicant.do("Enregistrer la signature du porteur")
    life.at("manager").do("Enregistrer la signature du Département")
    applicant = life.at("applicant", "/echeances")
    applicant.sees("Comité n° 1", "Tableau de bord avant le comité n° 3", "Bilan final")
    applicant.sees_no("Comité n° 4")
    life.at("manager", "/echeances").sees("Fiche 3.5, l.1103", "7 jours avant le comité")


def _advance(life: Life) -> None:
    order = life.mail("finance", "avance à payer")
    assert f"{life.reference} – Paiement de l’avance" in order.days
    finance = life.follow("finance", order, "order_advance")
    finance.do("Ordonner l’avance", {"Référence de l’ordre": "A-35"})
    life.at("verifier").do("Vérifier le versement")
    life.at("finance").do(
        "Enregistrer le paiement de l’avance",
        {"Date du paiement": life.service.clock.now().date().isoformat(), "Référence du paiement": "M-35"},
    )
    finance.state("En cours")


def _follow(life: Life) -> None:
    """Each dashboard is recalled before its day, each committee too, until somebody records them; then no more."""
    life.wake_on(date(2024, 6, 17))
    digest = life.mail("applicant", "Tableau de bord avant le comité n° 2")
    assert "lundi 24 juin 2024" in digest.text
    assert digest.days[f"{life.reference} – Tableau de bord avant le comité n° 2"] == date(2024, 6, 24)
    life.wake_on(date(2024, 6, 24))
    assert "lundi 1er juillet 2024" in life.mail("applicant", "Comité n° 2").text
    life.service.move_to(date(2024, 7, 1), time(17, 0))
    _record(life, 1, 2)
    applicant = life.at("applicant", "/echeances")
    applicant.sees("fait le 01/07/2024")
    before = life.mails_about("applicant", "Comité n° 2")
    life.wake_on(date(2024, 7, 8))
    assert life.mails_about("applicant", "Comité n° 2") == before
    life.wake_on(date(2024, 10, 1))
    assert "mardi 1er octobre 2024" in life.mail("applicant", "Comité n° 3").text
    _record(life, 3)


def _record(life: Life, *ranks: int) -> None:
    for _ in ranks:
        applicant = life.at("applicant")
        applicant.do("Transmettre le tableau de bord")
        applicant.sees("Tableau de bord transmis")
    for rank in ranks:
        _hold(life, rank)


def _hold(life: Life, rank: int) -> None:
    """On its own page, with who sat."""
    applicant = life.at("applicant", "/comites")
    applicant.follow(f"Comité n° {rank}")
    sat = dict.fromkeys(("SLAI Arrageois", "Chargé de mission", "Mamobilité62"), "Présent")
    applicant.do("Enregistrer la tenue", {"Tenu le": life.service.clock.now().date().isoformat(), **sat})
    applicant.sees("Comité tenu", "Valider le compte rendu")


def _end(life: Life) -> None:
    """The operation moves to its report by itself, and the mail leads to the form."""
    life.wake_on(date(2025, 1, 2))
    awaited = life.mail("applicant", "bilan attendu", "vendredi 31 janvier 2025")
    assert awaited.days == {f"{life.reference} – Bilan final": date(2025, 1, 31)}
    life.follow("applicant", awaited, "bilan/preparer").state("Bilan")


def _report_late(life: Life) -> None:
    """The day passes: who owes it is told, a week later the officer, two weeks later the manager."""
    life.wake_on(date(2025, 2, 3))
    assert life.mail("applicant", "Bilan final", "vendredi 31 janvier 2025").subject.endswith("1 en retard")
    assert not life.mails_about("officer", RECALLED)
    life.wake_on(date(2025, 2, 7))
    life.mail("officer", RECALLED, "vendredi 31 janvier 2025")
    assert not life.mails_about("manager", RECALLED)
    life.wake_on(date(2025, 2, 17))
    life.mail("manager", RECALLED, "vendredi 31 janvier 2025")
    _submit(life)
    life.mail("officer", "bilan reçu")
    _control(life)


def _submit(life: Life) -> None:
    applicant = life.people["applicant"]
    reporting.join(life.stage, applicant, life.address, "final_report", "bilan-final.pdf")
    reporting.join(life.stage, applicant, life.address, "evidence", "factures.pdf")
    reporting.narrate(applicant, life.address, TEXT)
    life.at("applicant", "/bilan/preparer").sees("Bilan en retard", "le solde restera bloqué")
    proof = {"N° de facture": "F-24", "Date de la facture": "2024-12-20", "Payée le": "2024-12-28"}
    for rank, amount in enumerate(SPENT, start=1):
        reporting.spend(applicant, rank, amount, proof, "factures.pdf")
    applicant.press("Enregistrer le bilan")
    life.at("applicant").do("Remettre le bilan final")
    applicant.sees("Bilan final remis")


def _control(life: Life) -> None:
    officer = life.at("officer", "/bilan/controle")
    officer.press("Accepter 4 lignes qui passent les cinq tests")
    life.at("officer").do("Valider le bilan final", {"Observations du contrôle": "Dépenses contrôlées une à une."})
    officer.state("Solde")


def _extend(life: Life) -> None:
    """The balance is blocked, with the reason; a manager extends the deadline after it passed, with hers."""
    late = "Le bilan final a été remis en retard (dû le 31 janvier 2025)"
    life.mail("finance", "solde à traiter")
    life.at("finance").sees(late)
    life.people["finance"].sees_no("Référence de l’ordre")
    manager = life.at("manager")
    answers = {"Nouvelle date": "2025-01-30", "Motif": "Incendie des locaux, pièces reconstituées."}
    manager.do("Prolonger une échéance", {"Échéance": "Bilan final", **answers})
    manager.sees("choisissez une date plus lointaine")
    manager.do("Prolonger une échéance", {"Nouvelle date": "2025-02-28"})
    manager.sees("Échéance prolongée")
    life.at("manager", "/echeances").sees(
        "prolongée du 31/01/2025 au 28/02/2025", "Incendie des locaux, pièces reconstituées."
    )
    life.at("finance").sees_no(late)


def _close(life: Life) -> None:
    finance = life.at("finance")
    finance.do("Ordonner le solde", {"Référence de l’ordre": "S-35"})
    life.at("verifier").do("Vérifier le versement")
    life.service.move_to(date(2025, 2, 24))
    finance = life.at("finance")
    paid = {"Date du paiement": "2025-02-24", "Référence du paiement": "M-2025-35"}
    finance.do("Enregistrer le paiement du solde", paid)
    finance.state("Clos")
    assert life.mail("applicant", "solde payé").subject.startswith(life.reference)
    assert life.postbox.identifiers.most_common(1)[0][1] == 1, "no mail was sent twice"
