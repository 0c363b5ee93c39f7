"""The life of a 3.10 application, seen on the screens of every role: from an unknown structure to the closed case."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pikepdf
import pytest
from playwright.sync_api import expect

from jobs import operations
from tests.browser import filing, instructing, reporting
from tests.browser.person import Person
from tests.browser.stage import Stage
from tests.support.pdftext import text_of

TITLE = "Encadrer les premiers pas vers l’emploi"
TEXT = "Accueil individuel, ateliers collectifs et suivi par un référent unique, avec les partenaires du territoire."
DOCUMENTS = (
    "Statuts à jour de la structure",
    "Liste des dirigeants (bureau, conseil d’administration)",
    "Relevé d’identité bancaire (RIB)",
    "Derniers comptes annuels approuvés",
    "Agrément de l’État comme association intermédiaire",
)


@pytest.mark.browser
@pytest.mark.database("postgres")
def test_an_application_for_3_10_goes_from_draft_to_closed(stage: Stage) -> None:
    play(stage)


def play(stage: Stage) -> None:
    """Every act of the case, in order; each page says what the person needs to read."""
    applicant = filing.register(stage, filing.structure(10, "Les Mains Vertes du Bassin", "Aurore Delattre"))
    address = _write(stage, applicant)
    _deposit(stage, applicant, address)
    officer, manager, finance = (stage.agent(role) for role in ("officer", "manager", "finance"))
    verifier = stage.agent("verifier")
    _examine(stage, officer, applicant, address)
    _instruct(stage, officer, address)
    _decide(stage, manager, applicant, address)
    filing.give_account(applicant, stage, officer, address)
    _pay_advance(stage, finance, verifier, address)
    _report(stage, applicant, address)
    _control(stage, officer, applicant, address)
    _close(stage, finance, verifier, applicant, address)
    _read_again(stage, address)


def _write(stage: Stage, applicant: Person) -> str:
    address = filing.open_draft(applicant, "3.10", TITLE)
    stage.photograph(applicant, "brouillon")
    applicant.open(address)
    applicant.sees("Pas encore possible", "Le dossier n’est pas complet. Il manque :")
    _write_project(applicant, address)
    _write_public(applicant, address)
    means = {"Encadrants socioprofessionnels et techniques affectés": "3", "Moyens humains et matériels": TEXT}
    filing.fill_section(applicant, address, "moyens", means)
    filing.fill_section(applicant, address, "suivi", {"Organisation du suivi": TEXT})
    _write_budget(stage, applicant, address)
    _join_documents(stage, applicant, address)
    commitments = {
        "Engagements sur les quatre thèmes": TEXT,
        "Transmettre les comptes rendus": "Oui",
        "Joindre les justificatifs": "Oui",
    }
    filing.fill_section(applicant, address, "engagements", commitments)
    applicant.sees("La demande est complète. Il reste deux actes : la déposer, puis la valider.")
    stage.photograph(applicant, "complet")
    return address


def _write_project(applicant: Person, address: str) -> None:
    filing.go_to(applicant, address, "projet")
    applicant.answer(
        {
            "Début de l’opération": "2024-12-31",
            "Fin de l’opération": "2024-01-01",
            "Territoires concernés": ["Arrageois", "Ternois"],
            "Démarche proposée": TEXT,
        }
    )
    applicant.press("Enregistrer et continuer")
    applicant.sees("Un point est à corriger", "La fin de l’opération précède son début.")
    expect(applicant.page.get_by_label("Démarche proposée")).to_have_value(TEXT)
    applicant.answer({"Début de l’opération": "2024-01-01", "Fin de l’opération": "2024-12-31"})
    applicant.answer({"Milieu d’intervention": "urbain", "Êtes-vous titulaire": "Non"})
    applicant.press("Enregistrer et continuer")
    applicant.sees("« Le projet » : c’est enregistré.")


def _write_public(applicant: Person, address: str) -> None:
    filing.go_to(applicant, address, "public")
    applicant.fill("Nombre de postes", "quarante")
    applicant.press("Enregistrer et continuer")
    applicant.sees("Écrivez un nombre entier.")
    expect(applicant.page.get_by_label("Nombre de postes")).to_have_value("quarante")
    counts = {"Nombre de postes": "40", "Nombre de personnes": "60", "Dont personnes de moins de 26 ans": "8"}
    applicant.answer(counts)
    applicant.press("Enregistrer")
    applicant.fill("Nombre de personnes", "")
    applicant.press("Enregistrer et continuer")
    applicant.open(f"{address}/demande")
    applicant.sees("Nombre de personnes que vous prévoyez d’accompagner")
    filing.fill_section(applicant, address, "public", counts)


def _write_budget(stage: Stage, applicant: Person, address: str) -> None:
    filing.go_to(applicant, address, "budget")
    lines = {
        "Dépense": (
            ("Frais de personnel", "Trois encadrants techniques", "soixante-dix-huit mille"),
            ("Charges indirectes", "Frais de structure", "15 600"),
        ),
        "Recette": (
            ("Subvention demandée au Département", "Département", "90 000"),
            ("Fonds propres", "Association", "3 600"),
        ),
    }
    filing.fill_budget(applicant, lines)
    applicant.press("Enregistrer et continuer")
    applicant.sees("Un point est à corriger")
    amount = applicant.page.get_by_label("Poste 1, salaire brut annuel et charges en euros")
    expect(amount).to_have_value("soixante-dix-huit mille")
    expect(applicant.page.get_by_label("Recette 2, montant en euros")).to_have_value("3 600")
    amount.fill("78 000")
    applicant.page.get_by_label("Recette 1, intitulé").focus()
    applicant.sees("Le budget est équilibré.")
    stage.photograph(applicant, "budget")
    applicant.press("Enregistrer et continuer")
    applicant.sees("« Le budget » : c’est enregistré.")


def _join_documents(stage: Stage, applicant: Person, address: str) -> None:
    filing.go_to(applicant, address, "pieces")
    filing.join_a_false_file(applicant, stage, DOCUMENTS[0])
    for number, title in enumerate(DOCUMENTS, start=1):
        filing.join(applicant, stage, title, f"piece-{number}.pdf")


def _deposit(stage: Stage, applicant: Person, address: str) -> None:
    filing.deposit_in_two_acts(applicant, address)
    stage.photograph(applicant, "valide")
    applicant.open(f"{address}/pieces")
    content = _downloaded(applicant, "Accusé de réception (PDF)")
    assert content.startswith(b"%PDF")
    with pikepdf.open(io.BytesIO(content)) as receipt:
        assert receipt.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in receipt.Root


def _examine(stage: Stage, officer: Person, applicant: Person, address: str) -> None:
    stage.service.move_to(date(2024, 2, 5))
    officer.open("/a-faire")
    officer.sees(TITLE)
    stage.photograph(officer, "a-faire")
    officer.open(address)
    officer.do("Prendre en charge")
    officer.sees("Suivi par Camille Rivoire")
    request = "Précisez le rythme des comités de pilotage."
    officer.do("Demander une correction", {"Ce qui est à corriger": request})
    stage.service.move_to(date(2024, 2, 8))
    applicant.open(address)
    applicant.sees("Une correction vous est demandée", request)
    filing.fill_section(applicant, address, "suivi", {"Organisation du suivi": f"{TEXT} Comité chaque trimestre."})
    applicant.open(address)
    applicant.do("Répondre à la demande de correction", {"Votre réponse": "Le rythme est précisé."})
    officer.open(address)
    officer.sees("1 alerte à accepter", "L’opération démarre le 01/01/2024, avant le dépôt de la demande")
    stage.photograph(officer, "recevabilite")
    _accept_warnings(officer)
    officer.do("Déclarer recevable")
    officer.state("En instruction")


def _accept_warnings(officer: Person) -> None:
    """One after the other, with one's name: none is left to accept."""
    offered = officer.page.locator("#action-accept_warning")
    while offered.count():
        form = officer.action("Accepter une alerte")
        form.get_by_role("radio").first.check()
        officer.do("Accepter une alerte", {"Commentaire": "Structure déjà financée l’an passé."})
        officer.sees("Alerte acceptée")


def _instruct(stage: Stage, officer: Person, address: str) -> None:
    stage.service.move_to(date(2024, 2, 26))
    officer.open(address)
    report = "Projet cohérent avec la fiche, budget sincère, moyens adaptés."
    instructing.fill_sheet(officer, address)
    officer.open(address)
    officer.do("Terminer l’instruction", {"Montant proposé": "93 601", "Rapport d’instruction": report})
    officer.sees("Rien n’est encore enregistré", "Le montant maximal par les règles de la fiche est de")
    officer.sees("Corrigez ce qui est signalé dans")
    form = officer.action("Terminer l’instruction")
    expect(form.get_by_label("Rapport d’instruction")).to_have_value(report)
    officer.do("Terminer l’instruction", {"Montant proposé": "90 000"})
    officer.state("Instruit")
    officer.open(f"{address}/instruction")
    stage.photograph(officer, "instruction")


def _decide(stage: Stage, manager: Person, applicant: Person, address: str) -> None:
    stage.service.move_to(date(2024, 3, 18))
    manager.open(address)
    decision = {"Référence de la décision": "CP-2024-03-118", "Date de la décision": "2024-03-18"}
    manager.do("Accorder la subvention", decision)
    manager.state("Convention")
    manager.sees("La convention attend la signature du porteur et celle du Département.")
    stage.service.move_to(date(2024, 3, 25))
    _read_convention(applicant, address)
    applicant.open(address)
    applicant.do("Enregistrer la signature du porteur")
    applicant.sees("La convention attend la signature du Département.")
    manager.open(address)
    manager.do("Enregistrer la signature du Département")
    manager.state("Avance")
    stage.photograph(manager, "convention")


def _read_convention(applicant: Person, address: str) -> None:
    """The document to sign says the grant in figures and in words, the period, and when the report is due."""
    applicant.open(f"{address}/convention")
    document = _downloaded(applicant, "Télécharger la convention (PDF)")
    _says(document, TITLE, "90 000,00 €", "quatre-vingt-dix mille euros", "1er janvier 2024", "31 décembre 2024")


def _downloaded(person: Person, name: str) -> bytes:
    with person.download(name) as got:
        pass
    return Path(got[0].path()).read_bytes()


def _says(document: bytes, *texts: str) -> None:
    """Every one of these texts is in this PDF, whatever its layout."""
    found = "".join(text_of(document).split())
    assert [text for text in texts if "".join(text.split()) not in found] == []


def _pay_advance(stage: Stage, finance: Person, verifier: Person, address: str) -> None:
    stage.service.move_to(date(2024, 4, 3))
    finance.open("/versements")
    finance.sees("72 000,00 €")
    finance.open(address)
    finance.do("Ordonner l’avance", {"Montant de l’avance": "90 000,01", "Référence de l’ordre": "A-118"})
    finance.sees("L’avance ne peut pas dépasser")
    finance.do("Ordonner l’avance", {"Montant de l’avance": "72 000", "Référence de l’ordre": "A-118"})
    finance.sees("Vous avez ordonné ce versement : une autre personne doit le vérifier.")
    verifier.open(address)
    verifier.do("Vérifier le versement")
    verifier.sees("Versement vérifié")
    stage.service.move_to(date(2024, 4, 12))
    finance.open(address)
    finance.do("Enregistrer le paiement de l’avance", _paid("2024-04-11", "M-2024-3310"))
    finance.state("En cours")
    stage.photograph(finance, "avance")


def _paid(day: str, reference: str) -> dict[str, str]:
    return {"Date du paiement": day, "Référence du paiement": reference}


def _report(stage: Stage, applicant: Person, address: str) -> None:
    stage.service.move_to(date(2025, 1, 1))
    stage.service.run_job(operations.run)
    stage.service.move_to(date(2025, 1, 20))
    applicant.open("/a-faire")
    applicant.sees(TITLE)
    applicant.open(address)
    applicant.state("Bilan")
    applicant.sees("Joignez d’abord le bilan final signé, dans les pièces.")
    reporting.join(stage, applicant, address, "final_report", "bilan-final.pdf")
    reporting.join(stage, applicant, address, "exit_evidence", "contrats.pdf")
    reporting.join(stage, applicant, address, "evidence", "bulletins.pdf")
    reporting.narrate(applicant, address, TEXT)
    applicant.open(f"{address}/bilan/preparer")
    proven = {"N° de facture": "BP-2024", "Date de la facture": "2024-12-31", "Payée le": "2025-01-05"}
    reporting.spend(applicant, 1, "soixante-seize mille", proven, "bulletins.pdf")
    applicant.press("Enregistrer le bilan")
    applicant.sees("Ce montant n’est pas compris")
    late = {**proven, "Date de la facture": "2025-01-05", "Fournisseur et objet": "Salaire de janvier 2025"}
    last = reporting.lines(applicant)
    reporting.spend(applicant, 1, "76 000", proven, "bulletins.pdf")
    reporting.spend(applicant, last, "2 000", {"Catégorie": "Frais de personnel", **late}, "bulletins.pdf")
    results = {"Mois d’accompagnement": "480", "Heures de mise à disposition": "4800", "Sorties dynamiques": "18"}
    applicant.answer(results)
    applicant.sees("78 000,00 €")
    applicant.press("Enregistrer le bilan")
    applicant.sees("À vérifier : 1 facture datée hors de la période")
    applicant.open(address)
    applicant.do("Remettre le bilan final", {"À vérifier avant l’envoi": "J’ai vérifié"})
    applicant.sees("Bilan final remis")
    applicant.open(f"{address}/bilan")
    stage.photograph(applicant, "bilan")


def _control(stage: Stage, officer: Person, applicant: Person, address: str) -> None:
    """The salary of January is out of the period: it is refused, the applicant is told, and accepts."""
    stage.service.move_to(date(2025, 2, 10))
    officer.open(f"{address}/bilan/controle")
    officer.sees("hors de la période")
    officer.press("Accepter 1 ligne qui passe les cinq tests")
    officer.fill("Décision sur la ligne 2", "Refusée")
    officer.press("Enregistrer le contrôle")
    officer.sees("Choisissez le motif.")
    officer.fill("Motif", "Hors de la période de la convention", reporting.line(officer, 2))
    officer.press("Enregistrer le contrôle")
    officer.sees("Toutes les lignes sont contrôlées.", "76 000,00 €")
    stage.photograph(officer, "controle")
    officer.open(address)
    officer.do("Envoyer le résultat envisagé", {"Respect du référentiel qualité": "100"})
    applicant.open(address)
    applicant.sees("Répondre au résultat envisagé")
    applicant.do("Répondre au résultat envisagé", {"Votre réponse": "J’accepte ce résultat"})
    officer.open(address)
    officer.do("Valider le bilan final")
    officer.state("Solde")
    officer.open(f"{address}/bilan")
    officer.sees("Dépenses déclarées et acceptées", "76 000,00 €")
    stage.photograph(officer, "controle")
    certificate = _downloaded(officer, "Certificat de service fait (PDF)")
    _says(certificate, "Refusée : Hors de la période de la convention", "Dépenses retenues : 76 000,00 €.")


def _close(stage: Stage, finance: Person, verifier: Person, applicant: Person, address: str) -> None:
    stage.service.move_to(date(2025, 2, 20))
    finance.open(address)
    finance.do("Ordonner le solde", {"Référence de l’ordre": "S-118"})
    finance.sees("Vous avez ordonné ce versement : une autre personne doit le vérifier.")
    verifier.open(address)
    verifier.do("Vérifier le versement")
    verifier.sees("Versement vérifié")
    stage.service.move_to(date(2025, 3, 3))
    finance.open(address)
    finance.do("Enregistrer le paiement du solde", _paid("2025-03-01", "M-2025-0207"))
    finance.state("Clos")
    finance.open(f"{address}/versements")
    stage.photograph(finance, "versements")
    applicant.open(address)
    applicant.state("Clos")
    stage.photograph(applicant, "clos")


def _read_again(stage: Stage, address: str) -> None:
    """The auditor reads everything that happened; another structure does not even learn that the case exists."""
    auditor = stage.agent("auditor")
    auditor.open(f"{address}/historique")
    auditor.sees("Journal intact", "Dossier déposé", "Correction demandée", "Alerte acceptée", "Opération terminée")
    auditor.sees("Fin des opérations", "Solde payé, dossier clos", "Camille Rivoire")
    stage.photograph(auditor, "historique")
    stranger = filing.register(stage, filing.structure(11, "Le Relais de la Canche", "Basile Fontgrise"))
    assert stranger.open(address) == 404
    stranger.sees("Ce dossier n’existe pas, ou il ne vous est pas ouvert.")
