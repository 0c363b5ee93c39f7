"""Two screens at once: the second person is told who did what, and finds again everything they had typed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from casework.db import transaction
from casework.people import Grant
from tests.browser import filing
from tests.browser.stage import Stage
from tests.support.stories import Teller, cast_of

pytestmark = [pytest.mark.browser, pytest.mark.database("sqlite")]


def _case(stage: Stage, state: str, **changes: object) -> str:
    """The address of a case told to this state; the clock stands an hour after."""
    with transaction(stage.service.sessions) as session:
        case = Teller(session, stage.service.settings, cast_of(session)).tell("3.10", state, **changes)
        stage.service.clock.move_to(case.updated_at + timedelta(hours=1))
        return f"/dossiers/{case.id}"


def test_the_second_of_two_officers_is_told_who_did_what_and_loses_nothing(stage: Stage) -> None:
    address = _case(stage, "submitted")
    first = stage.agent("officer")
    second = stage.welcome(stage.service.account("Odile Marchenoir", Grant(role="officer")))
    second.open(address)
    form = second.action("Demander une correction")
    second.fill("Ce qui est à corriger", "Le budget détaillé manque.", form)
    first.open(address)
    first.do("Déclarer recevable")
    second.press("Demander une correction", form)
    second.sees("Quelqu’un est passé avant vous : rien n’a été enregistré", "Camille Rivoire")
    kept = second.page.get_by_label("Ce qui est à corriger").first
    expect(kept).to_have_value("Le budget détaillé manque.")
    second.state("En instruction")


def test_the_same_action_in_two_tabs_is_done_once(stage: Stage) -> None:
    address = _case(stage, "instruction", beyond=1)
    officer = stage.agent("officer")
    officer.open(address)
    first, second = officer.page, officer.tab()
    officer.page = second
    officer.open(address)
    report = {"Montant proposé": "20 000", "Rapport d’instruction": "Projet cohérent."}
    officer.answer(report, officer.action("Terminer l’instruction"))
    officer.page = first
    officer.do("Terminer l’instruction", report)
    officer.state("Instruit")
    officer.page = second
    officer.press("Terminer l’instruction", officer.action("Terminer l’instruction"))
    officer.sees("C’est déjà enregistré", "Vous aviez déjà fait cette action")


def test_two_tabs_on_one_section_keep_both_texts(stage: Stage) -> None:
    applicant = filing.register(stage, filing.structure(31, "Les Jardins d’Écourt", "Élise Grandpré"))
    address = filing.open_draft(applicant, "3.10", "Encadrer autrement")
    filing.go_to(applicant, address, "suivi")
    first, second = applicant.page, applicant.tab()
    applicant.page = second
    filing.go_to(applicant, address, "suivi")
    applicant.fill("Organisation du suivi", "Un comité chaque trimestre.")
    applicant.page = first
    applicant.fill("Organisation du suivi", "Un comité chaque mois.")
    applicant.press("Enregistrer")
    applicant.page = second
    applicant.press("Enregistrer")
    applicant.sees("Votre saisie n’est pas encore enregistrée", "Enregistré à ce jour : Un comité chaque mois.")
    expect(applicant.page.get_by_label("Organisation du suivi")).to_have_value("Un comité chaque trimestre.")
    applicant.press("Enregistrer")
    applicant.sees("« Le suivi » : c’est enregistré.")


def test_without_scripts_a_section_is_saved_and_an_action_is_done(stage: Stage) -> None:
    """The same pages, the same sentences: scripts are comfort only."""
    account = filing.register(stage, filing.structure(32, "L’Établi de la Sensée", "Farid Étangneuf")).account
    applicant = stage.welcome(account, scripts=False)
    address = filing.open_draft(applicant, "3.10", "Encadrer sans bruit")
    filing.go_to(applicant, address, "budget")
    lines = {"Dépense": (("Frais de personnel", "Encadrants", "mille"),)}
    filing.fill_budget(applicant, lines)
    applicant.press("Enregistrer")
    applicant.sees("Un point est à corriger")
    expect(applicant.page.get_by_label("Poste 1, salaire brut annuel et charges en euros")).to_have_value("mille")
    applicant.page.get_by_label("Poste 1, salaire brut annuel et charges en euros").fill("1 000")
    applicant.press("Enregistrer")
    applicant.sees("« Le budget » : c’est enregistré.", "Il manque 1")
    told = _case(stage, "submitted")
    officer = stage.welcome(stage.service.account("Hugo Belleroche", Grant(role="officer")), scripts=False)
    officer.open(told)
    officer.do("Prendre en charge")
    officer.sees("Suivi par Hugo Belleroche")
    officer.do("Demander une correction", {"Ce qui est à corriger": "Précisez les postes."})
    officer.sees("Correction demandée")
