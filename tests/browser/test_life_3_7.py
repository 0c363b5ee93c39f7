"""The life of a 3.7 application borne by two structures: an unfavourable opinion, a cap, a grant, a recovery."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from jobs import operations
from tests.browser import filing, instructing, reporting
from tests.browser.person import Person
from tests.browser.stage import Stage

TITLE = "Premières heures au potager"
TEXT = "Quelques heures par semaine, sans sélection, avec une équipe de trois personnes présente chaque jour."
DOCUMENTS = (
    "Statuts à jour de la structure",
    "Liste des dirigeants (bureau, conseil d’administration)",
    "Relevé d’identité bancaire (RIB)",
    "Derniers comptes annuels approuvés",
    "Agrément d’atelier et chantier d’insertion",
)
HOUSING = filing.structure(21, "La Maison du Passage", "Hélène Doucevigne")


@pytest.mark.browser
@pytest.mark.database("sqlite")
def test_a_shared_application_for_3_7_goes_from_draft_to_closed(stage: Stage) -> None:
    play(stage)


def play(stage: Stage) -> None:
    """Every act of the case, in order; each page says what the person needs to read."""
    housing = filing.register(stage, HOUSING)
    applicant = filing.register(stage, filing.structure(20, "Le Potager d’Ostreville", "Martin Clairval"))
    officer, manager, finance = (stage.agent(role) for role in ("officer", "manager", "finance"))
    verifier = stage.agent("verifier")
    address = _write(stage, applicant)
    housing.open(address)
    housing.is_at(TITLE)
    filing.deposit_in_two_acts(applicant, address)
    _examine(stage, officer, address)
    _opinions(stage, officer, applicant, address)
    _instruct(stage, officer, address)
    _decide(stage, manager, applicant, address)
    filing.give_account(applicant, stage, officer, address)
    _pay_advance(stage, finance, verifier, address)
    _report(stage, applicant, officer, address)
    _recover(stage, finance, verifier, housing, address)
    _read_again(stage, address)


def _write(stage: Stage, applicant: Person) -> str:
    address = filing.open_draft(applicant, "3.7", TITLE)
    filing.go_to(applicant, address, "porteur")
    second = applicant.page.get_by_label("SIRET de l’organisme associé n° 1")
    second.fill("123 456 789 00012")
    applicant.press("Enregistrer")
    expect(applicant.page.locator("#champ-co_bearers .error-message").first).to_be_visible()
    expect(second).to_have_value("123 456 789 00012")
    second.fill(HOUSING.siret)
    applicant.press("Enregistrer")
    applicant.sees(HOUSING.name)
    stage.photograph(applicant, "co-porteurs")
    _write_sections(applicant, address)
    _write_budget(stage, applicant, address)
    filing.go_to(applicant, address, "pieces")
    filing.join_a_false_file(applicant, stage, DOCUMENTS[0])
    for number, title in enumerate(DOCUMENTS, start=1):
        filing.join(applicant, stage, title, f"document-{number}.pdf")
    return address


def _write_sections(applicant: Person, address: str) -> None:
    project = {
        "Début de l’opération": "2024-03-01",
        "Fin de l’opération": "2025-02-28",
        "Territoires concernés": ["Ternois"],
        "Démarche proposée": TEXT,
        "Support d’activité proposé": "Un potager partagé et la vente de paniers.",
    }
    filing.fill_section(applicant, address, "projet", project)
    public = {"Nombre de personnes": "15", "Repérage et entrée des personnes": TEXT}
    filing.fill_section(applicant, address, "public", public)
    filing.fill_section(applicant, address, "moyens", {"Travailleur social orienteur": TEXT})
    filing.fill_section(applicant, address, "suivi", {"Montée en charge": TEXT, "Organisation du suivi": TEXT})
    commitments = {"Tenir le tableau de suivi": "Oui", "Joindre les justificatifs": "Oui"}
    filing.fill_section(applicant, address, "engagements", commitments)


def _write_budget(stage: Stage, applicant: Person, address: str) -> None:
    filing.go_to(applicant, address, "budget")
    lines = {
        "Dépense": (
            ("Frais de personnel", "Encadrant, éducatrice, travailleuse sociale", "40 000"),
            ("Frais de fonctionnement", "Outils, semences, déplacements", "10 000"),
            ("Prestations externes", "Formation de l’équipe", "3 000"),
            ("Charges indirectes", "Frais de structure", "10 000"),
        ),
        "Recette": (
            ("Subvention demandée au Département", "Département", "55 000"),
            ("Fonds propres", "Association", "8 000"),
        ),
    }
    filing.fill_budget(applicant, lines)
    applicant.press("Enregistrer")
    applicant.sees("Le budget est équilibré.", "de plus que ce que les règles permettent")
    stage.photograph(applicant, "budget")


def _examine(stage: Stage, officer: Person, address: str) -> None:
    stage.service.move_to(date(2024, 2, 6))
    officer.open(address)
    officer.do("Prendre en charge")
    officer.do("Déclarer recevable")
    officer.state("Avis SLAI")
    officer.sees("Le dossier attend l’avis de Convergence")


def _opinions(stage: Stage, officer: Person, applicant: Person, address: str) -> None:
    """Unfavourable, it blocks; asked again after the applicant has answered, it opens the instruction."""
    stage.service.move_to(date(2024, 2, 14))
    partner = stage.agent("partner")
    partner.open("/avis")
    partner.sees(TITLE)
    partner.open(f"{address}/avis")
    _give(partner, "Défavorable", "")
    partner.sees("Expliquez cet avis : vos observations sont obligatoires.")
    stage.photograph(partner, "avis")
    _give(partner, "Défavorable", "Le support d’activité ne permet pas de commencer par une heure.")
    partner.sees("est rendu")
    officer.open(address)
    officer.sees("Un avis défavorable empêche le financement")
    officer.do("Redemander un avis défavorable", {"Motif": "Le porteur a ajouté des ateliers d’une heure."})
    officer.sees("Le dossier attend l’avis de Convergence")
    stage.service.move_to(date(2024, 2, 27))
    partner.open(f"{address}/avis")
    _give(partner, "Favorable", "")
    partner.sees("est rendu")
    officer.open(address)
    officer.state("En instruction")
    applicant.open(address)
    applicant.state("En instruction")
    applicant.sees_no("Le support d’activité ne permet pas")


def _give(partner: Person, verdict: str, text: str) -> None:
    form = partner.page.locator("#rendre")
    form.get_by_label(verdict, exact=True).check()
    form.get_by_label("Observations").fill(text)
    partner.press("Rendre l’avis", form)


def _instruct(stage: Stage, officer: Person, address: str) -> None:
    stage.service.move_to(date(2024, 3, 12))
    instructing.fill_sheet(officer, address)
    officer.open(address)
    report = "Dossier commun solide ; le plafond de la fiche limite la subvention."
    officer.do("Terminer l’instruction", {"Montant proposé": "50 000,01", "Rapport d’instruction": report})
    form = officer.action("Terminer l’instruction")
    expect(form.locator(".error-message")).to_contain_text("Le montant maximal par les règles de la fiche est de 50")
    expect(form.get_by_label("Rapport d’instruction")).to_have_value(report)
    stage.photograph(officer, "plafond")
    officer.do("Terminer l’instruction", {"Montant proposé": "50 000"})
    officer.state("Instruit")


def _decide(stage: Stage, manager: Person, applicant: Person, address: str) -> None:
    stage.service.move_to(date(2024, 3, 25))
    manager.open(address)
    manager.do(
        "Accorder la subvention", {"Référence de la décision": "CP-2024-03-207", "Date de la décision": "2024-03-25"}
    )
    stage.photograph(manager, "decision")
    manager.do("Enregistrer la signature du Département")
    applicant.open(address)
    applicant.do("Enregistrer la signature du porteur", {"Date de signature": "2024-03-24"})
    applicant.sees("La convention a été envoyée le 25 mars 2024.")
    applicant.do("Enregistrer la signature du porteur", {"Date de signature": "2024-03-25"})
    applicant.state("Avance")


def _pay_advance(stage: Stage, finance: Person, verifier: Person, address: str) -> None:
    stage.service.move_to(date(2024, 4, 8))
    finance.open(address)
    finance.do("Ordonner l’avance")
    finance.sees("Avance ordonnée")
    finance.sees("Vous avez ordonné ce versement : une autre personne doit le vérifier.")
    verifier.open(address)
    verifier.do("Vérifier le versement")
    verifier.sees("Versement vérifié")
    finance.open(address)
    paid = {"Date du paiement": "2024-04-09", "Référence du paiement": "M-2024-4102"}
    finance.do("Enregistrer le paiement de l’avance", paid)
    finance.sees("Cette date est dans le futur.")
    stage.service.move_to(date(2024, 4, 10))
    finance.open(address)
    finance.do("Enregistrer le paiement de l’avance", paid)
    finance.state("En cours")


def _report(stage: Stage, applicant: Person, officer: Person, address: str) -> None:
    """Few hours were held: less is accepted than was advanced."""
    stage.service.move_to(date(2025, 3, 1))
    stage.service.run_job(operations.run)
    reporting.join(stage, applicant, address, "final_report", "bilan.pdf")
    reporting.join(stage, applicant, address, "evidence", "bulletins.pdf")
    reporting.narrate(applicant, address, TEXT)
    applicant.open(f"{address}/bilan/preparer")
    applicant.state("Bilan")
    proof = {"N° de facture": "F-01", "Date de la facture": "2025-02-20", "Payée le": "2025-02-28"}
    reporting.spend(applicant, 1, "25 000", proof, "bulletins.pdf")
    reporting.spend(applicant, 2, "4 000", proof)
    applicant.answer({"Sorties dynamiques": "0"})
    applicant.press("Enregistrer le bilan")
    applicant.sees("1 dépense sans justificatif")
    applicant.open(address)
    applicant.do("Remettre le bilan final")
    applicant.sees("Pourquoi le bilan est remis incomplet")
    applicant.do("Remettre le bilan final", {"Pourquoi le bilan est remis incomplet": "La facture est égarée."})
    applicant.sees("Bilan final remis")
    stage.photograph(applicant, "bilan")
    stage.service.move_to(date(2025, 3, 20))
    officer.open(f"{address}/bilan/controle")
    officer.sees("La facture est égarée.", "Aucun justificatif n’est joint à cette ligne.")
    first, second = reporting.line(officer, 1), reporting.line(officer, 2)
    officer.fill("Décision sur la ligne 1", "Réduite")
    officer.answer({"Montant retenu": "25 001", "Motif": "Montant supérieur à celui du justificatif"}, first)
    officer.fill("Décision sur la ligne 2", "Acceptée")
    officer.press("Enregistrer le contrôle")
    officer.sees("Un montant réduit est inférieur", "dites pourquoi vous la retenez")
    officer.fill("Montant retenu", "22 000", first)
    officer.fill("Précision", "Livre de compte vu sur place.", second)
    officer.press("Enregistrer le contrôle")
    officer.open(address)
    officer.do("Envoyer le résultat envisagé")
    officer.sees("pour répondre au résultat envisagé")
    stage.service.move_to(date(2025, 4, 5))
    officer.open(address)
    officer.do("Valider le bilan final")
    officer.state("Solde")


def _recover(stage: Stage, finance: Person, verifier: Person, housing: Person, address: str) -> None:
    stage.service.move_to(date(2025, 4, 8))
    finance.open(address)
    finance.do("Demander le reversement", {"Référence de l’ordre": "R-207"})
    finance.sees("Vous avez ordonné ce versement : une autre personne doit le vérifier.")
    verifier.open(address)
    verifier.do("Vérifier le versement")
    verifier.sees("Versement vérifié")
    finance.open(f"{address}/versements")
    stage.photograph(finance, "reversement")
    stage.service.move_to(date(2025, 4, 28))
    finance.open(address)
    received = {"Date du paiement": "2025-04-25", "Référence du paiement": "T-2025-0031"}
    finance.do("Enregistrer le reversement reçu", received)
    finance.state("Clos")
    housing.open(address)
    housing.state("Clos")
    stage.photograph(housing, "co-porteur")


def _read_again(stage: Stage, address: str) -> None:
    auditor = stage.agent("auditor")
    auditor.open(f"{address}/historique")
    auditor.sees("Journal intact", "Avis redemandé", "Reversement reçu, dossier clos", "Noé Lambersart")
    stage.photograph(auditor, "historique")
    stranger = filing.register(stage, filing.structure(22, "L’Atelier des Dunes", "Gaëlle Houssaye"))
    assert stranger.open(f"{address}/pieces") == 404
