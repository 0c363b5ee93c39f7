"""One scope per role, written twice (over a query, over a loaded case): this test holds the two together."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import STATES, Application, Partnership
from casework.people import PARTNERS, ROLES, Actor, Organisation, Territory, job
from casework.permissions import PERMISSIONS, covers, holds, may, visible
from tests.support import people, rows
from tests.support.template import NOW

SCHEMES = ("3.1", "3.6", "3.7", "3.10")
CASES = 60
ACTORS_PER_ROLE = 6


def world(session: Session, random: Random) -> tuple[list[Organisation], list[Territory], list[Application]]:
    """Cases of every kind that a scope looks at: bearer, co-bearers, territories, partners, scheme, state."""
    organisations = [people.organisation(session) for _ in range(5)]
    territories = rows.territories(session)
    cases = []
    for number in range(CASES):
        bearer, *others = random.sample(organisations, k=random.randint(1, 3))
        case = rows.application(
            session,
            bearer,
            random.choice(SCHEMES),
            state=list(STATES)[number % len(STATES)],
            submitted_at=random.choice((None, NOW)),
        )
        case.co_bearers = others
        case.territories = random.sample(territories, k=random.randint(0, 3))
        for body in random.sample(sorted(PARTNERS), k=random.randint(0, 2)):
            session.add(Partnership(application_id=case.id, partner=body))
        cases.append(case)
    session.flush()
    for case in cases:
        session.expire(case, ["co_bearers", "territories", "partners"])
    return organisations, territories, cases


def seen(session: Session, actor: Actor, cases: list[Application]) -> set[int]:
    ours = sa.select(Application.id).where(Application.id.in_([case.id for case in cases]))
    return set(session.scalars(visible(ours, actor)))


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_sees_in_a_list_is_what_it_may_open(session: Session, role: str) -> None:
    random = Random(f"scope of {role}")
    organisations, territories, cases = world(session, random)
    makers: dict[str, Callable[[], Actor]] = {
        "applicant": lambda: people.applicant(session, *random.sample(organisations, k=random.randint(1, 2))),
        "slai": lambda: people.slai(session, *random.sample(territories, k=random.randint(1, 2))),
        "partner": lambda: people.partner(session, *random.sample(sorted(PARTNERS), k=random.randint(1, 2))),
        "officer": lambda: people.officer(session, random.choice((None, random.sample(SCHEMES, k=2)))),
        "manager": lambda: people.manager(session),
        "finance": lambda: people.finance(session),
        "auditor": lambda: people.auditor(session),
        "admin": lambda: people.admin(session),
        "data_officer": lambda: people.data_officer(session),
    }
    for _ in range(ACTORS_PER_ROLE):
        actor = makers[role]()
        covered = {case.id for case in cases if covers(role, actor, case)}
        assert seen(session, actor, cases) == covered
        assert {case.id for case in cases if may(actor, "application.read", case)} == covered
    assert role in ("admin", "data_officer") or covered
    assert role in ("manager", "auditor", "officer") or len(covered) < CASES


def test_several_roles_see_together_what_each_sees(session: Session) -> None:
    random = Random("several roles")
    organisations, territories, cases = world(session, random)
    bearer = people.applicant(session, organisations[0])
    agent = people.slai(session, territories[0])
    both = Actor(
        "Les deux",
        user_id=bearer.user_id,
        roles=bearer.roles | agent.roles,
        organisations=bearer.organisations,
        territories=agent.territories,
    )
    assert seen(session, both, cases) == seen(session, bearer, cases) | seen(session, agent, cases)


def test_a_power_is_held_within_the_scope_of_the_role_that_gives_it(session: Session) -> None:
    mine, other = rows.application(session, scheme="3.1"), rows.application(session, scheme="3.7")
    officer = people.officer(session, ["3.1"])
    both = Actor(
        "Chargée et contrôleuse", user_id=officer.user_id, roles=officer.roles | {"auditor"}, schemes=officer.schemes
    )
    assert may(both, "application.read", other)
    assert may(both, "application.instruct", mine)
    assert not may(both, "application.instruct", other)


def test_an_application_reaches_the_territories_once_it_is_submitted(session: Session) -> None:
    case = rows.application(session)
    case.territories = rows.territories(session)[:1]
    agent = people.slai(session, *case.territories)
    assert not may(agent, "application.read", case)
    case.submitted_at = NOW
    assert may(agent, "application.read", case)


def test_no_role_and_no_job_see_nothing(session: Session) -> None:
    case = rows.application(session)
    for actor in (Actor("Personne", user_id=1), job("Échéances")):
        assert seen(session, actor, [case]) == set()
        assert not any(may(actor, permission, case) or holds(actor, permission) for permission in PERMISSIONS)


def test_permissions_name_roles_that_exist() -> None:
    assert frozenset().union(*PERMISSIONS.values()) <= set(ROLES)


@pytest.mark.parametrize("permission", ["application.decide", "opinion.skip"])
def test_only_a_manager_decides(permission: str) -> None:
    assert PERMISSIONS[permission] == {"manager"}


def test_who_instructs_does_not_pay_and_who_pays_does_not_decide() -> None:
    assert not PERMISSIONS["payment.order"] & (PERMISSIONS["application.instruct"] | PERMISSIONS["application.decide"])
