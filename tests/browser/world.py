"""A service in the middle of its life: cases in every main state, people of every role, an address for every page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from itertools import chain, product
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from casework import feeds, passwords, payment_batches, signin
from casework.applications import Application
from casework.bank import BankDetails
from casework.clock import FixedClock, paris_instant
from casework.committees import Committee
from casework.db import transaction
from casework.documents import Document
from casework.export_batches import ExportBatch
from casework.identities import Person
from casework.money import Payment, payments_of
from casework.participants import Journey
from casework.people import Actor, User, job
from casework.progress_records import ProgressRecord
from casework.settings import Settings
from casework.storage import Storage
from tests.browser.service import PASSWORD, Account, Service
from tests.support import people
from tests.support.browser import Browser
from tests.support.stories import cast_of
from workflows.application.form import sections_of
from workflows.catalogue import SCHEMES_DIRECTORY, read_dir, shift
from workflows.demo_conventions import made_longer
from workflows.progress.stories import PeopledStory
from workflows.stories import Cast, Plan
from workflows.story_bank import give_account
from workflows.versions import import_schemes, scheme_of

NOW = paris_instant(date(2025, 5, 15), time(10, 0))
PUBLIC = "public"
ORDERED = "Une avance en chemin"
CASES = (
    Plan("3.10", "closed", title="Encadrer les premiers pas"),
    Plan("3.12", "execution", window=1, title="Chantier du canal", posts=8, delivers=True),
    Plan("3.10", "bilan", title="Encadrement de l’équipe mobile"),
    Plan("3.11", "balance", title="L’atelier bois"),
    Plan("3.2", "advance", title="Tenir dans l’emploi"),
    Plan("3.1", "convention", title="Facilitateurs de clauses"),
    Plan("3.13", "instructed", title="Outiller les structures"),
    Plan("3.14", "execution", title="Un collectif en mouvement", delivers=True),
    Plan("3.7", "execution", title="Premières heures au jardin"),
    Plan("3.9", "instruction", title="Santé d’abord"),
    Plan("3.7", "slai_opinion", campaign="2025", window=1, title="Premières heures au potager"),
    Plan("3.16", "slai_opinion", campaign="2025", window=1, title="Accompagner par le théâtre"),
    Plan("3.12", "submitted", campaign="2025", window=1, title="Chantier école"),
    Plan("3.7", "deposited", campaign="2025", window=1, title="Premières heures en cuisine"),
    Plan("3.10", "draft", campaign="2025", window=1, title="Une seconde équipe"),
)


@dataclass(frozen=True)
class World:
    """`accounts`: how one person of each role signs in; `samples`: values for the arguments of addresses."""

    service: Service
    accounts: dict[str, Account | None]
    users: dict[str, int]
    samples: dict[frozenset[str], list[dict[str, Any]]]
    known: dict[str, dict[str, list[tuple[str, str]]]] = field(default_factory=dict)

    def answering(self, roles: Iterable[str]) -> set[str]:
        """Every endpoint that gives one of these roles something: a page, a file, or the way to another address."""
        browsers = [self._browser(role) for role in roles]
        return {rule.endpoint for rule in self._rules() if self._answers(browsers, rule)}

    def _answers(self, browsers: Iterable[Browser], rule: Rule) -> bool:
        for browser, path in product(browsers, self._candidates(rule)):
            with browser.get(path) as response:
                if response.status_code < 400:
                    return True
        return False

    def pages(self, role: str) -> dict[str, list[tuple[str, str]]]:
        """Every page that answers to this role, (address, HTML) by endpoint: of a case, each one where it may act."""
        if role not in self.known:
            browser = self._browser(role)
            self.known[role] = {rule.endpoint: found for rule in self._rules() if (found := self._pages(browser, rule))}
        return self.known[role]

    def page_of(self, role: str, endpoint: str) -> str:
        """The last address of this endpoint that gives this role a page."""
        browser = self._browser(role)
        return next(self._pages(browser, rule)[-1][0] for rule in self._rules() if rule.endpoint == endpoint)

    def _rules(self) -> list[Rule]:
        return [rule for rule in self.service.app.url_map.iter_rules() if "GET" in (rule.methods or ())]

    def _pages(self, browser: Browser, rule: Rule) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        several = rule.endpoint in ("cases.show", "applications.section", "case_convention.show")
        for path in self._candidates(rule):
            with browser.get(path) as response:
                assert response.status_code < 500, path
                if _is_page(response) and (not found or _has_a_form(response)):
                    found.append((path, response.text))
                if response.status_code == 200 and not several:
                    break
        return found

    def _candidates(self, rule: Rule) -> list[str]:
        """Nothing for an address whose arguments have no sample here: the test of all addresses then names it."""
        adapter = self.service.app.url_map.bind("localhost")
        values = [{}] if not rule.arguments else self.samples.get(frozenset(rule.arguments), [])
        return [adapter.build(rule.endpoint, one) for one in values]

    def _browser(self, role: str) -> Browser:
        browser = Browser(self.service.app)
        if role != PUBLIC:
            with self.service.sessions() as session:
                user = session.get_one(User, self.users[role])
            browser.sign_in(user)
        return browser


def _is_page(response: TestResponse) -> bool:
    return response.status_code == 200 and response.mimetype == "text/html"


def _has_a_form(response: TestResponse) -> bool:
    marks = ('id="action-', "data-warn-unsaved", "slot-form", 'id="avenant-')
    return any(mark in response.text for mark in marks)


def tell(settings: Settings, sessions: sessionmaker[Session], clock: FixedClock) -> Cast:
    """The campaigns of two years and every case, by real transitions; the clock then stands on 15 May 2025."""
    storage = Storage(Path(settings.files_dir))
    with transaction(sessions) as session:
        later = [shift(scheme, 1) for scheme in read_dir(SCHEMES_DIRECTORY / "2024").values()]
        import_schemes(session, later, actor=job("Préparation"), at=clock.now())
        cast = cast_of(session)
    for plan in CASES:
        with transaction(sessions) as session:
            PeopledStory(session, storage, settings, cast, plan, NOW).tell()
    with transaction(sessions) as session:
        story = PeopledStory(session, storage, settings, cast, replace(CASES[-3], title="À corriger"), NOW)
        story.tell()
        due_on = (NOW + timedelta(days=12)).date().isoformat()
        story.fire(cast.officer, "request_correction", reason="Joignez les derniers comptes.", due_on=due_on)
    with transaction(sessions) as session:
        plan = Plan("3.5", "execution", window=1, title="Le garage prolongé")
        story = PeopledStory(session, storage, settings, cast, plan, NOW)
        story.tell()
        made_longer(story)
    for rank in range(3):
        with transaction(sessions) as session:
            _order_advance(PeopledStory(session, storage, settings, cast, replace(CASES[4], title=ORDERED), NOW), rank)
    with transaction(sessions) as session:
        give_account(session, storage, settings, cast.applicant, cast.organisation_id, NOW, rank=1)
    clock.move_to(NOW)
    return cast


def _order_advance(story: PeopledStory, rank: int) -> None:
    """To be verified; verified and to be paid; handed to the finance system too."""
    case, cast = story.tell(), story.cast
    story.fire(cast.verifier, "order_advance", amount="1 000")
    if rank > 0:
        story.fire(cast.finance, "verify_payment")
    if rank > 1:
        keys = [payment.id for payment in payments_of(story.session, case.id)]
        payment_batches.export(story.session, keys, actor=cast.finance, at=NOW)


def open_world(service: Service, cast: Cast) -> World:
    """Passwords for everybody, and the samples of every address."""
    with transaction(service.sessions) as session:
        actors = {
            "applicant": cast.applicant,
            "slai": cast.slai,
            "partner": cast.partner,
            "officer": cast.officer,
            "manager": cast.manager,
            "finance": cast.finance,
            "auditor": people.auditor(session),
            "admin": people.admin(session),
            "data_officer": people.data_officer(session),
        }
        users = {role: with_password(session, service.settings, actor) for role, actor in actors.items()}
        accounts: dict[str, Account | None] = {role: Account(user.name, user.email) for role, user in users.items()}
        samples = _samples(session, users["applicant"], cast.organisation_id)
        keys = {role: user.id for role, user in users.items()}
    return World(service, {PUBLIC: None, **accounts}, keys, samples)


def with_password(session: Session, settings: Settings, actor: Actor) -> User:
    user = session.get_one(User, actor.user_id)
    user.password_hash = passwords.hashed(settings, PASSWORD)
    return user


def _samples(session: Session, user: User, organisation_id: int) -> dict[frozenset[str], list[dict[str, Any]]]:
    cases = list(session.scalars(sa.select(Application).order_by(Application.id)))
    drafts = [case for case in cases if case.state == "draft" or case.corrections]
    journeys = list(session.scalars(sa.select(Journey.id).order_by(Journey.id)))
    records = list(session.scalars(sa.select(ProgressRecord).order_by(ProgressRecord.id.desc()).limit(3)))
    committees = list(session.scalars(sa.select(Committee.id).order_by(Committee.state, Committee.id)))
    person = session.scalars(sa.select(Person.id).order_by(Person.id)).first()
    account = session.scalars(sa.select(BankDetails).order_by(BankDetails.id)).first()
    batch = session.scalars(sa.select(ExportBatch)).one()
    payment = session.scalars(sa.select(Payment).where(Payment.export_batch_id == batch.id)).one()
    of_account = {"details_id": account.id} if account else {}
    document = session.scalars(sa.select(Document).order_by(Document.id)).first()
    lasts = timedelta(days=2)
    tokens = [signin.make_link(session, user, kind, at=NOW, lasts=lasts) for kind in ("reset", "invitation")]
    tokens.append(feeds.open_feed(session, user.id, at=NOW))
    return {
        frozenset({"application_id"}): [{"application_id": case.id} for case in cases],
        frozenset({"application_id", "section"}): list(
            chain.from_iterable(
                [{"application_id": case.id, "section": code} for code in sections_of(scheme_of(case))]
                for case in (*drafts, cases[0])
            )
        ),
        frozenset({"application_id", "trigger"}): [{"application_id": cases[0].id, "trigger": "claim"}],
        frozenset({"application_id", "document_id"}): [
            {"application_id": document.application_id, "document_id": document.id} if document else {}
        ],
        frozenset({"application_id", "details_id"}): [{"application_id": cases[0].id, **of_account}],
        frozenset({"organisation_id", "details_id"}): [{"organisation_id": organisation_id, **of_account}],
        frozenset({"application_id", "payment_id"}): [
            {"application_id": payment.application_id, "payment_id": payment.id}
        ],
        frozenset({"batch_id"}): [{"batch_id": batch.id}],
        frozenset({"journey_id"}): [{"journey_id": key} for key in journeys],
        frozenset({"application_id", "month"}): [
            {"application_id": record.application_id, "month": f"{record.month:%Y-%m}"} for record in records
        ],
        frozenset({"record_id"}): [{"record_id": record.id} for record in records],
        frozenset({"record_id", "trigger"}): [{"record_id": records[0].id, "trigger": "submit_record"}],
        frozenset({"journey_id", "trigger"}): [{"journey_id": journeys[0], "trigger": "admit"}],
        frozenset({"code"}): [{"code": "rappel"}],
        frozenset({"campaign", "code"}): [{"campaign": "2024", "code": "3.10"}],
        frozenset({"organisation_id"}): [{"organisation_id": organisation_id}],
        frozenset({"number"}): [{"number": 1}],
        frozenset({"application_id", "number"}): [{"application_id": case.id, "number": 1} for case in cases],
        frozenset({"committee_id"}): [{"committee_id": key} for key in committees],
        frozenset({"committee_id", "trigger"}): [{"committee_id": committees[0], "trigger": "convene"}],
        frozenset({"journey_id", "stage"}): [
            {"journey_id": key, "stage": stage} for key in journeys for stage in ("entry", "evaluation")
        ],
        frozenset({"person_id"}): [{"person_id": person}],
        frozenset({"user_id"}): [{"user_id": user.id}],
        frozenset({"token"}): [{"token": token} for token in tokens],
        frozenset({"filename"}): [{"filename": "app.css"}],
    }
