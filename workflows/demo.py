"""The demonstration: two campaigns, six invented organisations, and applications told to every state by real firing.

The 2024 campaign stands in its later life; the 2025 campaign is invented, made from it one year later, and its windows
are open around the demonstration's date.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.applications import Application
from casework.clock import paris_day, paris_instant
from casework.db import transaction
from casework.envelopes import vote
from casework.errors import Refused
from casework.people import Actor, User, job
from casework.settings import Settings
from casework.storage import Storage
from workflows.application.editing import start_draft
from workflows.catalogue import SCHEMES_DIRECTORY, read_dir, shift
from workflows.demo_conventions import tell_conventions
from workflows.demo_figures import say_figures
from workflows.demo_people import People, create_people
from workflows.engine import Act, fire
from workflows.progress.stories import PeopledStory
from workflows.reference_data import create_territories
from workflows.scheme import Scheme
from workflows.stories import Cast, Plan, Story, operation_dates
from workflows.story_bank import ensure_account, give_account
from workflows.story_plan import typed
from workflows.versions import import_schemes

TITLES = {
    "3.1": "Facilitateurs de clauses sur le bassin minier",
    "3.2": "Tenir dans l’emploi : six mois côte à côte",
    "3.3": "Préparer les métiers de l’aide à domicile",
    "3.4": "Une journée pour montrer ce que je sais faire",
    "3.5": "Le garage solidaire itinérant",
    "3.6": "Une place en crèche pour reprendre pied",
    "3.7": "Premières heures au jardin partagé",
    "3.8": "Handicap : un parcours reconnu",
    "3.9": "Santé d’abord, emploi ensuite",
    "3.10": "Encadrement de l’association intermédiaire",
    "3.11": "Encadrement de l’entreprise d’insertion",
    "3.12": "Chantier école « Un emploi, un toit »",
    "3.13": "Tête de réseau : outiller les structures",
    "3.14": "Le café des compétences",
    "3.15": "Préparatoire adaptée au maraîchage",
    "3.16": "Accompagner autrement par le théâtre",
}
LATE_STATES = ("closed", "balance", "bilan", "closed")
NOW_STATES = {
    "3.1": ("instruction", 60),
    "3.2": ("instructed", 30),
    "3.3": ("convention", 20),
    "3.4": ("advance", 25),
    "3.5": ("slai_opinion", 85),
    "3.6": ("submitted", 0),
    "3.7": ("slai_opinion", 65),
    "3.8": ("instruction", 50),
    "3.9": ("submitted", 0),
    "3.10": ("execution", 0),
    "3.11": ("instructed", 40),
    "3.12": ("advance", 30),
    "3.13": ("convention", 10),
    "3.14": ("slai_opinion", 92),
    "3.15": ("instruction", 45),
    "3.16": ("execution", 0),
}
"""Where the 2025 files stand on 15 May 2025, and how long they waited before they were examined."""
AREAS = ("Arrageois", "Ternois", "Lens-Liévin", "Calaisis", "Audomarois", "Hénin-Carvin", "Artois", "Boulonnais")


@dataclass(frozen=True)
class Summary:
    applications: int
    by_state: dict[str, int]
    users: tuple[User, ...]


def create_demo(sessions: sessionmaker[Session], settings: Settings, storage: Storage, *, now: datetime) -> Summary:
    """Fill an empty database. Each application is told in a transaction of its own.

    Whoever bears the first application of a scheme asks again the year after.
    """
    schemes = read_dir(SCHEMES_DIRECTORY / "2024")
    with transaction(sessions) as session:
        began = paris_instant(date(2023, 12, 1), time(9, 0))
        territories = create_territories(session)
        people = create_people(session, territories, at=began)
        import_schemes(session, schemes.values(), actor=job("Installation"), at=began)
        invented = [shift(scheme, 1) for scheme in schemes.values()]
        import_schemes(session, invented, actor=job("Installation"), at=began + timedelta(days=365))
    _give_accounts(sessions, settings, storage, people, at=began + timedelta(days=2))
    _vote_envelopes(sessions, people, schemes)
    renewed: dict[str, int] = {}
    for rank, plan in enumerate(plans(schemes, now)):
        bearer = renewed.setdefault(plan.code, rank) if plan.window == 0 else rank
        _tell(sessions, settings, storage, people, bearer, plan, now)
    _side_exits(sessions, settings, storage, people, now)
    _money_on_its_way(sessions, settings, storage, people, now)
    say_figures(sessions, settings, people.casts, now)
    return _summary(sessions, people)


def _vote_envelopes(sessions: sessionmaker[Session], people: People, schemes: dict[str, Scheme]) -> None:
    """What the invented assembly voted for each scheme of the two campaigns, each before its first window."""
    for campaign, voted_on in (("2024", date(2023, 12, 4)), ("2025", date(2024, 12, 2))):
        for rank, code in enumerate(schemes):
            with transaction(sessions) as session:
                vote(
                    session,
                    campaign,
                    code,
                    amount_cents=(180_000 + rank * 5_000) * 100,
                    voted_on=voted_on,
                    reference=f"CD-{voted_on.year}-{rank + 12}",
                    actor=people.casts[0].manager,
                    at=paris_instant(voted_on, time(16, 0)),
                )


def _give_accounts(
    sessions: sessionmaker[Session], settings: Settings, storage: Storage, people: People, *, at: datetime
) -> None:
    """Each organisation gave its account when it registered, and an officer confirmed it."""
    for cast in people.casts:
        with transaction(sessions) as session:
            ensure_account(session, storage, settings, cast.applicant, cast.officer, cast.organisation_id, at)


def _money_on_its_way(
    sessions: sessionmaker[Session], settings: Settings, storage: Storage, people: People, now: datetime
) -> None:
    """Today: an advance verified and to be paid, another to be verified, an account that its organisation changes."""
    cast = people.casts[2]
    with transaction(sessions) as session:
        give_account(session, storage, settings, cast.applicant, cast.organisation_id, now, rank=1)
        waiting = sa.select(Application).where(Application.state == "advance").order_by(Application.id).limit(3)
        for rank, case in enumerate(session.scalars(waiting).all()[:2]):
            amount = typed((case.granted_cents or 0) * 80 // 100)
            fire(session, case, "order_advance", Act(cast.finance, now, settings, {"amount": amount}, case.version))
            if rank == 0:
                fire(session, case, "verify_payment", Act(cast.verifier, now, settings, {}, case.version))


def plans(schemes: dict[str, Scheme], now: datetime) -> list[Plan]:
    """About sixty applications: for every scheme, one of each of four lives."""
    found = []
    for rank, (code, scheme) in enumerate(schemes.items()):
        common = Plan(
            code=code,
            title=TITLES[code],
            territories=tuple(dict.fromkeys((AREAS[rank % 8], AREAS[(rank * 3 + 1) % 8])))
            if rank % 3 == 0
            else (AREAS[rank % 8],),
            requested=2_400_000 + rank * 310_000,
            posts=4 if scheme.followup.cre_per_participant else 8 + rank % 8,
            opinion="reserved" if rank % 5 == 4 else "favourable",
            retained_pct=(100, 100, 85)[rank % 3],
            delivers=True,
            goals=True,
        )
        found += [
            replace(
                common,
                **_late(rank),
                accepted_pct=(100, 92, 60)[rank % 3],
                disputed=rank % 3 == 0,
                results_pct=(100, 95)[rank % 2],
            ),
            replace(common, **_second_life(scheme, rank, now), title=f"{TITLES[code]} (suite)"),
            replace(
                common,
                campaign="2025",
                target=NOW_STATES[code][0],
                delay=NOW_STATES[code][1],
                beyond=int(NOW_STATES[code][0] == "instruction" and rank % 2 == 0),
            ),
        ]
        if _open_in_may(scheme):
            found.append(
                replace(
                    common,
                    campaign="2025",
                    window=_open_in_may(scheme),
                    target=("submitted", "deposited", "draft")[rank % 3],
                )
            )
    return found


def _second_life(scheme: Scheme, rank: int, now: datetime) -> dict[str, Any]:
    """The last window of 2024: still running where the operation lasts, else one step further than the first life."""
    window = len(scheme.application_windows) - 1
    if operation_dates(scheme, window)[1] >= paris_day(now):
        return {"window": window, "target": "execution"}
    return {"window": window, **_late(rank + 1)}


def _late(rank: int) -> dict[str, Any]:
    """An operation that has ended: closed, or waiting for its balance, its control, or (rarely) its report."""
    target = LATE_STATES[rank % 4]
    if target == "balance":
        return {"target": target, "control_after": 88}
    return (
        {"target": target, "beyond": int(rank % 8 == 2), "report_after": 85}
        if target == "bilan"
        else {"target": target}
    )


def _open_in_may(scheme: Scheme) -> int:
    """The rank of the window that is open in May, 0 when there is none but the first."""
    return next((rank for rank, window in enumerate(scheme.application_windows) if window.opens.month == 4), 0)


def _tell(
    sessions: sessionmaker[Session],
    settings: Settings,
    storage: Storage,
    people: People,
    rank: int,
    plan: Plan,
    now: datetime,
) -> None:
    with transaction(sessions) as session:
        story = PeopledStory(session, storage, settings, people.casts[rank % len(people.casts)], plan, now)
        if story.begins <= now:
            story.tell()


def _side_exits(
    sessions: sessionmaker[Session], settings: Settings, storage: Storage, people: People, now: datetime
) -> None:
    """One application for each way out of the main path, and for each loop on it."""
    cast = people.casts[1]
    told = _Side(sessions, settings, storage, cast, now)
    told.exit(
        Plan("3.3", "submitted", title="Préparatoire tertiaire"),
        cast.officer,
        "declare_inadmissible",
        reason="La structure n’a pas transmis ses statuts malgré la demande.",
    )
    told.exit(
        Plan("3.14", "instructed", title="Atelier numérique itinérant"),
        cast.manager,
        "reject",
        reason="Le besoin est déjà couvert sur ce territoire.",
        decision_reference="CP-2024-04-099",
        decided_on="today",
    )
    told.exit(
        Plan("3.4", "instruction", title="Plateau technique mobile"),
        cast.applicant,
        "withdraw",
        reason="La structure n’a plus les moyens de mener l’action.",
    )
    told.exit(
        Plan("3.16", "submitted", campaign="2025", window=1, title="Théâtre et parole"),
        cast.officer,
        "request_correction",
        reason="Joignez le budget détaillé de la compagnie.",
        due_on="later",
    )
    told.lapse(Plan("3.12", "draft", title="Chantier patrimoine"))
    told.by_post("3.11", people)
    tell_conventions(sessions, settings, storage, cast, other=people.organisations[3], now=now)


@dataclass(frozen=True)
class _Side:
    sessions: sessionmaker[Session]
    settings: Settings
    storage: Storage
    cast: Cast
    now: datetime

    def exit(self, plan: Plan, actor: Actor, trigger: str, **data: str) -> None:
        with transaction(self.sessions) as session:
            story = Story(session, self.storage, self.settings, self.cast, plan, self.now)
            if story.begins > self.now or story.tell().state != plan.target:
                return
            story.wait(2)
            if story.at > self.now:
                return
            day = paris_day(story.at)
            dates = {"today": day.isoformat(), "later": (day + timedelta(days=15)).isoformat()}
            story.fire(actor, trigger, **{name: dates.get(value, value) for name, value in data.items()})

    def lapse(self, plan: Plan) -> None:
        with transaction(self.sessions) as session:
            story = Story(session, self.storage, self.settings, self.cast, plan, self.now)
            at = paris_instant(story.window.closes + timedelta(days=1), time(4, 5))
            if at > self.now:
                return
            case = story.tell()
            fire(session, case, "lapse", Act(job("Clôture des sessions de dépôt"), at, self.settings))

    def by_post(self, code: str, people: People) -> None:
        """A file received on paper on the last day of its window, and recorded by an officer the day after."""
        with transaction(self.sessions) as session:
            story = Story(session, self.storage, self.settings, self.cast, Plan(code, "draft", window=1), self.now)
            received = paris_instant(story.window.closes, time(17, 40))
            story.at = received + timedelta(days=1)
            if story.at > self.now:
                return
            story.case = start_draft(
                session,
                story.version,
                people.organisations[2],
                actor=people.officer,
                at=story.at,
                channel="paper",
                external_reference="COURRIER-0412",
                received_at=received,
            )


def _summary(sessions: sessionmaker[Session], people: People) -> Summary:
    with sessions() as session:
        counted = session.execute(
            sa.select(Application.state, sa.func.count().label("number")).group_by(Application.state)
        )
        by_state = {row.state: row.number for row in counted}
    return Summary(sum(by_state.values()), by_state, people.users)


def parse_date(text: str) -> datetime:
    """The morning of the day at which the demonstration stands. Raises Refused."""
    try:
        return paris_instant(date.fromisoformat(text), time(9, 30))
    except ValueError:
        raise Refused([f"« {text} » n’est pas une date : écrivez-la sous la forme 2025-05-15."]) from None
