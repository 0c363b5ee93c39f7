"""The page of a case, in every state, for every role: what it says, what it offers, what it costs."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from io import BytesIO

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.applications import STATES, Application, Opinion
from casework.clock import FixedClock, paris_instant
from casework.db import transaction
from casework.outbox import Message
from casework.people import Actor, job
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser
from tests.support.pages import opened
from tests.support.queries import counted
from tests.support.stories import Teller, cast_of
from workflows.application import MAIN_PATH
from workflows.engine import Act, fire
from workflows.stories import PDF, Cast

SignIn = Callable[[Actor], Browser]
TABS = ("", "/instruction", "/versements", "/bilan", "/pieces", "/messages", "/notes", "/historique", "/parcours")
LAST_STEPS = {
    "inadmissible": ("submitted", "officer", "declare_inadmissible", {"reason": "Hors du champ de la fiche."}),
    "withdrawn": ("instruction", "applicant", "withdraw", {"reason": "Nous renonçons."}),
    "rejected": (
        "instructed",
        "manager",
        "reject",
        {"reason": "Besoin déjà couvert.", "decision_reference": "CP-1", "decided_on": "today"},
    ),
    "terminated": ("convention", "manager", "drop_convention", {"reason": "Cessation d’activité."}),
}


@dataclass
class Town:
    """A cast, and the way to a case of any state."""

    cast: Cast
    auditor: Actor
    tell: Callable[..., int]


@pytest.fixture
def town(sessions: sessionmaker[Session], settings: Settings, clock: FixedClock) -> Town:
    with transaction(sessions) as session:
        cast, auditor = cast_of(session), people.auditor(session)

    def tell(state: str, code: str = "3.9", **changes: object) -> int:
        with transaction(sessions) as session:
            teller = Teller(session, settings, cast)
            before, who, trigger, answers = LAST_STEPS.get(state, (state, "", "", {}))
            case = teller.tell(code, "draft" if state == "lapsed" else before, **changes)
            if trigger:
                day = case.updated_at.date().isoformat()
                data = {name: day if value == "today" else value for name, value in answers.items()}
                teller.fire(case, getattr(cast, who), trigger, **data)
            if state == "lapsed":
                late = paris_instant(case.closes_on.replace(year=case.closes_on.year + 1))
                fire(session, case, "lapse", Act(job("Clôture"), late, settings))
            assert case.state == state
            clock.move_to(case.updated_at)
            return case.id

    return Town(cast, auditor, tell)


def everybody(town: Town) -> dict[str, Actor]:
    return {
        "applicant": town.cast.applicant,
        "slai": town.cast.slai,
        "officer": town.cast.officer,
        "manager": town.cast.manager,
        "finance": town.cast.finance,
        "auditor": town.auditor,
    }


@pytest.mark.database("sqlite")
@pytest.mark.parametrize("state", STATES)
def test_every_role_reads_its_part_of_the_case_in_every_state(
    state: str, town: Town, signed_in: SignIn, engine: sa.Engine
) -> None:
    case = town.tell(state)
    for role, actor in everybody(town).items():
        browser = signed_in(actor)
        for tab in TABS:
            with counted(engine) as statements:
                answer = browser.get(f"/dossiers/{case}{tab}")
            assert answer.status_code in (200, 403, 404), (role, tab)
            assert len(statements) <= 8, (role, tab, statements)
            if answer.status_code == 200:
                assert STATES[state] in answer.text
                assert "<h1" in answer.text
        expected = 404 if _hidden(role, state) else 200
        assert browser.get(f"/dossiers/{case}").status_code == expected, role


def _hidden(role: str, state: str) -> bool:
    unsent = state in ("draft", "deposited", "lapsed")
    paid = ("convention", "advance", "execution", "bilan", "balance", "closed", "terminated")
    return (role == "slai" and unsent) or (role == "finance" and state not in paid)


@pytest.mark.database("sqlite")
def test_tabs_lead_only_to_pages_that_open(town: Town, signed_in: SignIn) -> None:
    for state in ("draft", "slai_opinion", "execution", "closed"):
        case = town.tell(state)
        for actor in everybody(town).values():
            browser = signed_in(actor)
            page = browser.get(f"/dossiers/{case}")
            if page.status_code == 404:
                continue
            addresses = re.findall(r'href="([^"]+)"', rubrics(page.text))
            assert f"/dossiers/{case}" in addresses
            for address in addresses:
                assert browser.get(address).status_code == 200, (state, address)


def rubrics(page: str) -> str:
    """The navigation between the pages of a case."""
    found = re.search(r'<nav [^>]*aria-label="Rubriques du dossier".*?</nav>', page, re.DOTALL)
    assert found is not None
    return found[0]


def groups(page: str) -> dict[str, list[str]]:
    """The tabs under the name of their group, as a screen reader says them: a list and what labels it."""
    shown = rubrics(page)
    names = dict(re.findall(r'<span [^>]*id="([^"]+)">([^<]+)</span>', shown))
    lists = re.findall(r'<ul aria-labelledby="([^"]+)">(.*?)</ul>', shown, re.DOTALL)
    return {
        unescape(names[key]): [unescape(label).strip() for label in re.findall(r"<a [^>]*>([^<]+)", tabs)]
        for key, tabs in lists
    }


@pytest.mark.database("sqlite")
def test_the_many_tabs_of_a_case_stand_in_named_groups(town: Town, signed_in: SignIn) -> None:
    case = town.tell("execution", "3.8")
    page = opened(signed_in(town.cast.officer), f"/dossiers/{case}/tableau-de-bord")
    assert groups(page) == {
        "Dossier": ["Synthèse", "Demande", "Pièces", "Avis", "Instruction", "Échéances"],
        "Suivi de l’opération": ["Participants", "Comités", "Tableau de bord", "Indicateurs", "Documents annuels"],
        "Convention et argent": ["Convention", "Versements"],
        "Échanges et historique": ["Messages", "Notes", "Historique"],
    }
    assert re.findall(r'aria-current="page">([^<\n]+)', rubrics(page)) == ["Tableau de bord"]
    folded = re.search(r"<summary>.*?</summary>", rubrics(page), re.DOTALL)
    assert folded is not None
    assert "<strong>Tableau de bord</strong>" in folded[0]
    read = groups(opened(signed_in(town.cast.slai), f"/dossiers/{case}"))
    assert "Convention et argent" not in read
    assert read["Échanges et historique"] == ["Historique"]


@pytest.mark.database("sqlite")
def test_the_few_tabs_of_a_draft_need_no_groups(town: Town, signed_in: SignIn) -> None:
    case = town.tell("draft")
    page = opened(signed_in(town.cast.applicant), f"/dossiers/{case}")
    assert groups(page) == {}
    assert re.findall(r"<a [^>]*>([^<\n]+)", rubrics(page))[:2] == ["Synthèse", "Demande"]


@pytest.mark.database("sqlite")
def test_a_case_costs_the_same_whatever_its_rows(town: Town, signed_in: SignIn, engine: sa.Engine) -> None:
    small = town.tell("slai_opinion", territories=("Arrageois",))
    large = town.tell("slai_opinion", territories=("Arrageois", "Artois", "Ternois", "Calaisis", "Boulonnais"))
    browser = signed_in(town.cast.manager)
    browser.get(f"/dossiers/{small}")
    costs = []
    for case in (small, large):
        with counted(engine) as statements:
            assert browser.get(f"/dossiers/{case}").status_code == 200
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 8


@pytest.mark.database("sqlite")
def test_each_state_says_in_a_sentence_what_is_expected(town: Town, signed_in: SignIn) -> None:
    sentences = {
        "draft": "Le brouillon attend d’être complété",
        "deposited": "pas encore validé",
        "submitted": "l’examen de sa recevabilité",
        "slai_opinion": "l’avis du SLAI Arrageois, attendu pour le",
        "instruction": "la fin de son instruction",
        "instructed": "la décision du Département",
        "convention": "La convention attend la signature du porteur et celle du Département",
        "advance": "que l’avance soit ordonnée",
        "execution": "L’opération se déroule",
        "bilan": "le bilan final du porteur, attendu pour le",
        "balance": "Le dossier attend",
        "closed": "Le dossier est clos",
    }
    for state in MAIN_PATH:
        case = town.tell(state)
        assert (
            sentences[state]
            in signed_in(town.cast.officer if state != "draft" else town.cast.applicant).get(f"/dossiers/{case}").text
        ), state


@pytest.mark.database("sqlite")
def test_the_stepper_shows_the_days_and_the_exit(town: Town, signed_in: SignIn) -> None:
    case = town.tell("rejected")
    page = signed_in(town.cast.officer).get(f"/dossiers/{case}").text
    assert "arrêté ici" in page
    assert "Refusé" in page
    assert "Besoin déjà couvert." in page
    assert "Avance</" not in page


@pytest.mark.database("sqlite")
def test_an_impossible_move_says_every_reason(town: Town, signed_in: SignIn) -> None:
    case = town.tell("bilan")
    page = signed_in(town.cast.applicant).get(f"/dossiers/{case}").text
    assert "Pas encore possible" in page
    assert "Joignez d’abord le bilan final signé" in page


@pytest.mark.database("sqlite")
def test_an_open_correction_stands_first_for_the_applicant(
    town: Town, signed_in: SignIn, sessions: sessionmaker[Session], settings: Settings
) -> None:
    case = town.tell("submitted")
    with transaction(sessions) as session:
        found = session.get_one(Application, case)
        data = {"reason": "Il manque les statuts signés.", "due_on": "2024-06-30"}
        fire(
            session,
            found,
            "request_correction",
            Act(town.cast.officer, found.updated_at, settings, data, found.version),
        )
    page = signed_in(town.cast.applicant).get(f"/dossiers/{case}").text
    assert "Une correction vous est demandée, pour le 30 juin 2024" in page
    assert page.index("Il manque les statuts signés.") < page.index("Maintenant")
    assert "Une correction est demandée au porteur" in signed_in(town.cast.officer).get(f"/dossiers/{case}").text


@pytest.mark.database("sqlite")
def test_who_decides_has_the_amounts_the_opinions_and_the_report_above_the_actions(
    town: Town, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = town.tell("instructed")
    with transaction(sessions) as session:
        opinion = session.get_one(Application, case).opinions[0]
        opinion.verdict, opinion.text, title = "unfavourable", "Le besoin est déjà couvert.", opinion.title
    page = signed_in(town.cast.manager).get(f"/dossiers/{case}").text
    above, _, _ = page.partition('id="maintenant"')
    for said in (f"Avis défavorable : {title}", "déjà couvert", "Maximum selon les règles", "Montant proposé"):
        assert said in above
    assert "Budget sincère" in above
    assert "Avis défavorable" not in signed_in(town.cast.applicant).get(f"/dossiers/{case}").text


@pytest.mark.database("sqlite")
def test_finance_reads_what_is_to_be_paid_and_the_applicant_no_line_of_the_call(town: Town, signed_in: SignIn) -> None:
    case = town.tell("balance")
    page = signed_in(town.cast.finance).get(f"/dossiers/{case}").text
    assert "Dû après contrôle" in page
    assert re.search(r"<dt>(Solde à payer|Reversement à demander)</dt>\s*<dd>([^<]+)</dd>", page)
    assert re.search(r"que le (solde|reversement), de [^,]+,\d\d\s€, soit", page)
    assert re.search(r"\bl\.\d", signed_in(town.cast.officer).get(f"/dossiers/{case}/echeances").text)
    for tab in (*TABS, "/echeances"):
        assert not re.search(r"\bl\.\d", signed_in(town.cast.applicant).get(f"/dossiers/{case}{tab}").text), tab


@pytest.mark.database("sqlite")
def test_a_hostile_title_stays_text_on_every_tab(town: Town, signed_in: SignIn) -> None:
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    case = town.tell("closed", title=hostile)
    browser = signed_in(town.cast.manager)
    for tab in TABS:
        page = browser.get(f"/dossiers/{case}{tab}").text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


@pytest.mark.database("sqlite")
def test_notes_stay_inside_and_are_kept_when_refused(town: Town, signed_in: SignIn) -> None:
    case = town.tell("instruction")
    officer = signed_in(town.cast.officer)
    assert officer.post(f"/dossiers/{case}/notes", {"text": "Rappeler la structure."}).status_code == 303
    assert "Rappeler la structure." in officer.get(f"/dossiers/{case}/notes").text
    assert officer.post(f"/dossiers/{case}/notes", {"text": " "}).status_code == 422
    long = officer.post(f"/dossiers/{case}/notes", {"text": "x" * 5001})
    assert long.status_code == 422
    assert "x" * 5001 in long.text
    assert signed_in(town.cast.applicant).get(f"/dossiers/{case}/notes").status_code == 403
    assert signed_in(town.auditor).post(f"/dossiers/{case}/notes", {"text": "?"}).status_code == 403


@pytest.mark.database("sqlite")
def test_a_note_is_in_the_journal_for_the_services_alone_and_makes_nobody_stale(
    town: Town, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = town.tell("instruction")
    officer, applicant = signed_in(town.cast.officer), signed_in(town.cast.applicant)
    with sessions() as session:
        version = session.get_one(Application, case).version
    officer.post(f"/dossiers/{case}/notes", {"text": "Rappeler la structure."})
    with sessions() as session:
        assert session.get_one(Application, case).version == version
    assert "Note interne ajoutée" in officer.get(f"/dossiers/{case}/historique").text
    assert "Rappeler la structure." not in officer.get(f"/dossiers/{case}/historique").text
    assert "Note interne" not in applicant.get(f"/dossiers/{case}/historique").text


@pytest.mark.database("sqlite")
@pytest.mark.parametrize(
    ("role", "reads"), [("slai", True), ("officer", True), ("manager", True), ("finance", False), ("applicant", False)]
)
def test_what_an_opinion_says_is_for_those_who_give_or_weigh_it(
    town: Town, signed_in: SignIn, sessions: sessionmaker[Session], role: str, reads: bool
) -> None:
    case = town.tell("convention", "3.5", opinion="reserved")
    with sessions() as session:
        said = session.scalars(sa.select(Opinion.text).where(Opinion.application_id == case)).first()
    assert said
    browser = signed_in(getattr(town.cast, role))
    for tab in ("/avis", "/instruction", "/historique"):
        page = browser.get(f"/dossiers/{case}{tab}")
        assert (said in unescape(page.text)) == (reads and page.status_code == 200), tab


@pytest.mark.database("sqlite")
def test_messages_name_people_and_roles_not_addresses(
    town: Town, signed_in: SignIn, sessions: sessionmaker[Session]
) -> None:
    case = town.tell("closed")
    page = signed_in(town.cast.officer).get(f"/dossiers/{case}/messages").text
    with sessions() as session:
        sent = session.scalars(sa.select(Message).where(Message.application_id == case)).all()
    assert len(sent) > 3
    assert all(message.recipient not in page for message in sent)
    assert "Porteur de projet" in page


@pytest.mark.database("sqlite")
def test_the_instruction_report_is_not_the_applicants_to_read(town: Town, signed_in: SignIn) -> None:
    case = town.tell("instructed")
    report = "Budget sincère, moyens adaptés"
    assert report in signed_in(town.cast.officer).get(f"/dossiers/{case}/instruction").text
    for tab in ("", "/instruction", "/historique"):
        assert report not in signed_in(town.cast.applicant).get(f"/dossiers/{case}{tab}").text
    assert "Montant proposé" not in signed_in(town.cast.applicant).get(f"/dossiers/{case}").text


@pytest.mark.database("sqlite")
def test_the_balance_explains_itself_and_the_rules_hold(town: Town, signed_in: SignIn) -> None:
    case = town.tell("closed", "3.10", accepted_pct=60, results_pct=90)
    page = signed_in(town.cast.finance).get(f"/dossiers/{case}/versements").text
    assert "Part acquise de la subvention" in page
    assert "Reversement à demander" in page
    assert "est ce qui était dû" in page
    assert "Non respecté" not in page
    report = signed_in(town.cast.applicant).get(f"/dossiers/{case}/bilan").text
    assert "Déclaré" in report
    assert "Accepté" in report


@pytest.mark.database("sqlite")
def test_the_final_report_is_joined_on_the_page_of_the_files(town: Town, signed_in: SignIn) -> None:
    case = town.tell("bilan")
    browser = signed_in(town.cast.applicant)
    page = browser.get(f"/dossiers/{case}/pieces").text
    version = re.search(r'name="version" value="(\d+)"', page)[1]  # type: ignore[index]
    wrong = browser.post(f"/dossiers/{case}/pieces/joindre", {"version": version, "slot": "final_report"})
    assert wrong.status_code == 422
    assert "Choisissez d’abord un fichier" in wrong.text
    fake = {"version": version, "slot": "final_report", "file": (BytesIO(b"not a pdf"), "bilan.pdf")}
    assert browser.post(f"/dossiers/{case}/pieces/joindre", fake).status_code == 422
    right = {"version": version, "slot": "final_report", "file": (BytesIO(PDF), "bilan.pdf")}
    assert browser.post(f"/dossiers/{case}/pieces/joindre", right).status_code == 303
    assert "bilan.pdf" in browser.get(f"/dossiers/{case}/pieces").text
    assert 'id="action-submit_report"' in browser.get(f"/dossiers/{case}").text
    stale = {"version": version, "slot": "evidence", "file": (BytesIO(PDF + b"% other"), "facture.pdf")}
    assert browser.post(f"/dossiers/{case}/pieces/joindre", stale).status_code == 409
