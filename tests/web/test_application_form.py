"""Opening an application, filling its sections, and everything that may go wrong while typing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from casework.applications import Application
from casework.clock import FixedClock
from casework.db import transaction
from casework.money import budget_of
from casework.people import Actor, Territory
from casework.settings import Settings
from tests.support import people
from tests.support.browser import Browser, errors_in
from tests.support.queries import counted
from tests.support.stories import Teller, cast_of
from tests.support.template import NOW
from workflows.application.editing import start_draft
from workflows.versions import current_version

pytestmark = pytest.mark.database("sqlite")

SignedIn = Callable[[Actor], Browser]
SECTIONS = ("", "/porteur", "/projet", "/public", "/moyens", "/suivi", "/budget", "/pieces", "/engagements")


@dataclass
class Draft:
    """A draft of 3.10 (or another scheme), its applicant, and the applicant's browser."""

    sessions: sessionmaker[Session]
    id: int
    actor: Actor
    browser: Browser

    @property
    def stored(self) -> Application:
        with self.sessions() as session:
            found = session.get_one(Application, self.id)
            _ = found.answers, found.territories, found.co_bearers
            return found

    def address(self, section: str = "") -> str:
        return f"/dossiers/{self.id}/demande{'/' + section if section else ''}"

    def save(self, section: str, version: int | None = None, **typed: object) -> TestResponse:
        seen = self.stored.version if version is None else version
        return self.browser.post(self.address(section), {"version": seen, **typed})


Make = Callable[..., Draft]


@pytest.fixture
def make(sessions: sessionmaker[Session], signed_in: SignedIn) -> Make:
    def make_draft(code: str = "3.10") -> Draft:
        with transaction(sessions) as session:
            bearer = people.organisation(session)
            actor = people.applicant(session, bearer)
            version = current_version(session, "2024", code)
            assert version is not None
            key = start_draft(session, version, bearer, actor=actor, at=NOW).id
        return Draft(sessions, key, actor, signed_in(actor))

    return make_draft


def test_an_applicant_opens_a_draft_and_is_led_to_it(make: Make) -> None:
    draft = make()
    response = draft.browser.post("/dossiers/nouveau", {"dispositif": "2024/3.2"})
    assert response.status_code == 303
    page = draft.browser.get(response.location).text
    assert "2024-3.2-0001" in page
    assert "Titre du projet" in page


def test_an_empty_draft_does_not_say_that_nothing_may_be_granted(make: Make) -> None:
    draft = make("3.12")
    assert "se calcule une fois la demande remplie" in draft.browser.get(draft.address()).text


def test_nothing_opens_without_a_scheme_that_has_a_session(make: Make, clock: FixedClock) -> None:
    browser = make().browser
    for scheme in ("", "2024/9.9", "n’importe quoi"):
        response = browser.post("/dossiers/nouveau", {"dispositif": scheme})
        assert response.status_code == 422
        assert errors_in(response)


def test_a_foreign_organisation_cannot_be_chosen(make: Make) -> None:
    draft = make()
    foreign = make().stored.organisation_id
    response = draft.browser.post("/dossiers/nouveau", {"dispositif": "2024/3.2", "organisme": foreign})
    assert response.status_code == 422


def test_an_unfinished_section_is_saved_and_what_lacks_is_listed(make: Make) -> None:
    draft = make()
    response = draft.save("projet", title="Encadrer autrement", then="next")
    assert response.status_code == 303
    assert response.location.endswith("/demande/public")
    assert draft.stored.title == "Encadrer autrement"
    overview = draft.browser.get(draft.address()).text
    assert "/demande/projet#champ-starts_on" in overview
    assert "/demande/projet#champ-title" not in overview


def test_all_that_is_ill_formed_is_said_at_once_and_everything_typed_is_kept(make: Make) -> None:
    draft = make()
    before = draft.stored.version
    typed = {"title": "T" * 201, "starts_on": "2024-02-31", "approach": "Ma démarche", "setting": "lunaire"}
    response = draft.save("projet", **typed)
    assert response.status_code == 422
    assert len(errors_in(response)) == 3
    assert "Ma démarche" in response.text
    assert "T" * 201 in response.text
    assert draft.stored.title == ""
    assert draft.stored.version == before


def test_an_operation_does_not_end_before_it_starts(make: Make) -> None:
    response = make().save("projet", starts_on="2024-05-01", ends_on="2024-04-30")
    assert response.status_code == 422
    assert errors_in(response) == ["La fin de l’opération précède son début."]


def test_boxes_are_ticked_and_unticked(make: Make, sessions: sessionmaker[Session]) -> None:
    draft = make()
    with sessions() as session:
        chosen = [territory.id for territory in session.scalars(sa.select(Territory).limit(2))]
    draft.save("projet", territories=[str(key) for key in chosen], title="Deux lieux")
    assert len(draft.stored.territories) == 2
    draft.save("projet", title="Aucun lieu")
    assert draft.stored.territories == []


def test_an_emptied_answer_is_emptied(make: Make) -> None:
    draft = make()
    draft.save("public", posts="10")
    assert draft.stored.answers["posts"] == 10
    draft.save("public", posts="")
    assert draft.stored.answers["posts"] is None


def test_yes_and_no_are_read(make: Make) -> None:
    draft = make()
    draft.save("engagements", cre="1", exit_evidence="0")
    assert draft.stored.answers["cre"] is True
    assert draft.stored.answers["exit_evidence"] is False


def test_who_types_into_a_changed_case_keeps_their_words_and_may_save_again(make: Make) -> None:
    draft = make()
    seen = draft.stored.version
    draft.save("projet", title="Le titre de ma collègue", approach="Sa démarche")
    response = draft.save("projet", version=seen, title="Mon titre", approach="Ma démarche")
    assert response.status_code == 409
    assert draft.actor.name in response.text
    assert "Ma démarche" in response.text
    assert "Enregistré à ce jour : Sa démarche." in response.text
    assert draft.stored.title == "Le titre de ma collègue"
    renewed = re.search(r'name="version" value="(\d+)"', response.text)
    assert renewed is not None
    again = draft.save("projet", version=int(renewed[1]), title="Mon titre", approach="Ma démarche")
    assert again.status_code == 303
    assert draft.stored.title == "Mon titre"


@pytest.mark.parametrize("version", ["", "abc", "-1"])
def test_a_forged_version_writes_nothing(make: Make, version: str) -> None:
    draft = make()
    response = draft.browser.post(draft.address("projet"), {"version": version, "title": "Forcé"})
    assert response.status_code in (409, 422)
    assert draft.stored.title == ""


def test_a_budget_line_too_wrong_to_read_is_named_and_all_rows_come_back(make: Make) -> None:
    draft = make()
    response = draft.save(
        "budget",
        **_rows(
            ("expense", "personnel", "Encadrant", "30 000,5x"),
            ("expense", "", "Sans catégorie", "12"),
            ("income", "requested", "", "-5"),
            ("income", "own", "", "99999999999999"),
        ),
    )
    assert response.status_code == 422
    assert len(errors_in(response)) == 4
    for name in ("gross-0", "category-1", "amount-2", "amount-3"):
        assert f'id="champ-{name}-erreur"' in response.text
    for typed in ("30 000,5x", "Sans catégorie", "-5", "99999999999999"):
        assert f'value="{typed}"' in response.text
    assert draft.stored.requested_cents == 0


def test_a_saved_budget_gives_its_totals_and_explains_the_maximum(make: Make) -> None:
    draft = make()
    draft.save("public", posts="10")
    rows = _rows(("expense", "personnel", "Encadrant", "30 000,50"), ("income", "requested", "", "31000"))
    assert draft.save("budget", **rows).status_code == 303
    assert draft.stored.requested_cents == 3_100_000
    page = _plain(draft.browser.get(draft.address("budget")).text)
    assert "Il manque 999,50 € de dépenses." in page
    assert "195,00 € × 10 postes × 12 mois" in page
    assert "23 400,00 €" in page
    assert "l.2534" not in page


def test_more_rows_are_added_without_saving(make: Make, sessions: sessionmaker[Session]) -> None:
    draft = make()
    response = draft.save("budget", more="1", **_rows(("expense", "personnel", "Encadrant", "1000")))
    assert response.status_code == 200
    assert len(re.findall(r'name="amount-\d+"', response.text)) == 10
    assert len(re.findall(r'name="gross-\d+"', response.text)) == 6
    assert 'value="Encadrant"' in response.text
    with sessions() as session:
        assert budget_of(session, draft.id) == []


def test_the_preview_computes_what_is_typed_and_saves_nothing(make: Make, sessions: sessionmaker[Session]) -> None:
    draft = make()
    rows = _rows(("expense", "personnel", "", "1000"), ("income", "requested", "", "1000"), ("income", "own", "", "x"))
    response = draft.browser.post(draft.address("budget/apercu"), rows)
    assert response.status_code == 200
    page = _plain(response.text)
    assert "Le budget est équilibré." in page
    assert "1 ligne n’est pas comprise" in page
    with sessions() as session:
        assert budget_of(session, draft.id) == []


def test_a_budget_beyond_two_hundred_lines_is_refused(make: Make) -> None:
    rows = _rows(*[("expense", "personnel", "Ligne", "1")] * 201)
    assert make().save("budget", **rows).status_code == 422


def test_a_category_that_the_scheme_does_not_fund_is_refused_with_what_it_does_fund(make: Make) -> None:
    draft = make()
    page = draft.browser.get(draft.address("budget")).text
    assert 'value="operating"' not in page
    assert "Ce dispositif ne finance pas : frais de fonctionnement" in page
    response = draft.save("budget", **_rows(("expense", "operating", "Loyers", "1200")))
    assert response.status_code == 422
    assert 'id="champ-category-0-erreur"' in response.text
    said = _plain(response.text)
    assert "Le dispositif 3.10 ne finance pas « Frais de fonctionnement »" in said
    assert "Personnel d’encadrement technique ou socioprofessionnel" in said
    assert "l.2505" not in said
    assert 'value="Loyers"' in response.text


def test_the_amount_of_a_post_is_shown_as_it_is_typed_and_with_a_button(make: Make) -> None:
    draft = make()
    row = {"side-0": "expense", "category-0": "personnel", "label-0": "Encadrante", "id-0": ""}
    row |= {"fte-0": "0,8", "gross-0": "40 000", "share-0": "33,33"}
    preview = draft.browser.post(draft.address("budget/apercu"), row).text
    swapped = re.search(r'<output id="montant-0" hx-swap-oob="innerHTML"[^>]*>([^<]*)<', preview)
    assert swapped is not None
    assert _plain(swapped[1]) == "13 332,00 €"
    assert "0,27&nbsp;ETP" in preview
    page = draft.save("budget", more="", **row).text
    assert "Les montants sont calculés." in page
    assert "13 332,00 €" in _plain(page)
    assert draft.save("budget", **row).status_code == 303
    page = draft.browser.get(draft.address("budget")).text
    assert 'value="33,33"' in page
    assert 'value="0,8"' in page


def test_a_co_bearer_is_named_by_its_siret_where_the_scheme_allows(make: Make, sessions: sessionmaker[Session]) -> None:
    draft = make("3.7")
    with transaction(sessions) as session:
        other = people.organisation(session, "Le Toit partagé")
    refused = draft.save("porteur", co_bearers=["123", other.siret])
    assert refused.status_code == 422
    assert 'value="123"' in refused.text
    draft.save("porteur", co_bearers=[other.siret, ""])
    assert [bearer.name for bearer in draft.stored.co_bearers] == ["Le Toit partagé"]
    assert make("3.10").save("porteur", co_bearers=[other.siret]).status_code == 409


def test_characters_no_database_holds_are_dropped(make: Make) -> None:
    draft = make("3.7")
    assert draft.save("projet", title="Un\x00 titre").status_code == 303
    assert draft.save("budget", **_rows(("expense", "personnel", "Un\x00e", "12"))).status_code == 303
    assert draft.save("porteur", co_bearers=["\x00"]).status_code == 303
    assert draft.stored.title == "Un titre"


def test_ten_megabytes_of_text_are_refused_in_french_and_given_back(make: Make) -> None:
    draft = make()
    response = draft.save("projet", title="Un titre à retrouver", approach="a" * 10_000_000)
    assert response.status_code == 413
    assert "trop volumineux" in response.text
    assert "Un titre à retrouver" in response.text
    assert "a" * 10_000_000 in response.text
    assert draft.stored.title == ""


def test_a_long_text_is_refused_with_its_limit_and_kept(make: Make) -> None:
    response = make().save("projet", approach="a" * 20_001)
    assert response.status_code == 422
    assert "20\u202f000 caractères au plus" in response.text
    assert "a" * 20_001 in response.text


@pytest.mark.parametrize("section", ["inconnue", "pieces"])
def test_what_is_not_a_section_to_save_is_not_found(make: Make, section: str) -> None:
    assert make().save(section).status_code == 404


def test_somebody_else_finds_nothing(make: Make) -> None:
    draft, stranger = make(), make().browser
    for section in SECTIONS:
        assert stranger.get(f"/dossiers/{draft.id}/demande{section}").status_code == 404
    assert stranger.post(draft.address("projet"), {"version": 1, "title": "Intrus"}).status_code == 404


def test_the_services_read_a_draft_they_may_not_change(
    make: Make, signed_in: SignedIn, sessions: sessionmaker[Session]
) -> None:
    draft = make()
    draft.save("projet", title="Mon projet", approach="Ma démarche")
    with transaction(sessions) as session:
        officer = people.officer(session)
    browser = signed_in(officer)
    page = browser.get(draft.address("projet")).text
    assert "Ma démarche" in page
    assert "Seul le porteur modifie son brouillon." in page
    assert 'name="title"' not in page
    typed = {"version": draft.stored.version, "title": "Corrigé d’office"}
    refused = browser.post(draft.address("projet"), typed)
    assert refused.status_code == 409
    assert "Corrigé d’office" in refused.text


def test_a_submitted_case_is_read_with_its_receipt(
    sessions: sessionmaker[Session], settings: Settings, signed_in: SignedIn
) -> None:
    with transaction(sessions) as session:
        cast = cast_of(session)
        case = Teller(session, settings, cast).tell("3.10", "submitted")
        key = case.id
    page = signed_in(cast.applicant).get(f"/dossiers/{key}/demande").text
    assert f"/dossiers/{key}/recu.pdf" in page
    assert 'name="title"' not in signed_in(cast.applicant).get(f"/dossiers/{key}/demande/projet").text


@pytest.mark.parametrize("section", SECTIONS)
def test_few_queries_a_page(make: Make, engine: sa.Engine, section: str) -> None:
    draft = make("3.7")
    address = f"/dossiers/{draft.id}/demande{section}"
    draft.browser.get(address)
    with counted(engine) as statements:
        assert draft.browser.get(address).status_code == 200
    assert len(statements) <= 8


def _rows(*rows: tuple[str, str, str, str]) -> dict[str, str]:
    """The boxes of a budget; a staff row gives its whole gross to the operation."""
    found = {}
    for number, (side, category, label, amount) in enumerate(rows):
        staff = {"fte": "1", "gross": amount, "share": "100"}
        row = {"side": side, "category": category, "label": label}
        row |= staff if category == "personnel" else {"amount": amount}
        found |= {f"{name}-{number}": value for name, value in row.items()}
    return found


def _plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\u00a0", " ").replace("\u202f", " ").split())
