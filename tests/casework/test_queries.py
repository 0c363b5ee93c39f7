"""The lists of cases: every row once whatever the sort, nothing out of scope, a bounded number of queries."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from casework import queries, search
from casework.applications import Application, Partnership, application_territory, co_bearer
from casework.people import Actor, Territory
from casework.permissions import covers
from casework.queries import (
    LARGEST,
    SORTS,
    CaseFilter,
    CaseRow,
    PageKey,
    count_cases,
    filter_choices,
    list_cases,
    read_key,
)
from casework.schemes import SchemeVersion
from tests.support import people
from tests.support.queries import counted

_NUMBERS = count(1)
DAY = date(2024, 3, 1)
AT = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)
EVERYTHING = Actor("Responsable", 1, frozenset({"manager"}))


def _case(session: Session, organisation_id: int, **values: Any) -> Application:
    number = next(_NUMBERS)
    code = values.pop("scheme_code", "3.10")
    version = session.scalars(sa.select(SchemeVersion).where(SchemeVersion.code == code)).one()
    made = Application(
        **{
            "reference": f"T-{number:05}",
            "campaign": "2024",
            "scheme_code": code,
            "scheme_version_id": version.id,
            "organisation_id": organisation_id,
            "title": f"Projet {number}",
            "opens_on": DAY,
            "closes_on": DAY,
            "created_at": AT,
            "updated_at": AT,
            "state_since": AT,
            **values,
        }
    )
    session.add(made)
    session.flush()
    return made


_few = st.tuples(
    st.integers(0, 2).map(lambda days: AT + timedelta(days=days)),
    st.none() | st.integers(0, 2).map(lambda days: DAY + timedelta(days=days)),
    st.integers(0, 2).map(lambda euros: euros * 100),
)


def _walk(session: Session, wanted: CaseFilter, size: int) -> list[list[CaseRow]]:
    pages, after = [], None
    while True:
        page = list_cases(session, EVERYTHING, wanted, after=after, size=size)
        pages.append(list(page.rows))
        if page.next is None:
            return pages
        after = read_key(wanted.sort, str(page.next))


def _walk_back(session: Session, wanted: CaseFilter, last: Sequence[CaseRow], size: int) -> list[int]:
    """The ids met from the last row of a list back to its first."""
    key = SORTS[wanted.sort].column.key
    found = [last[-1].id]
    before: PageKey | None = PageKey(getattr(last[-1], key), last[-1].id)
    while before is not None:
        page = list_cases(session, EVERYTHING, wanted, before=before, size=size)
        found = [row.id for row in page.rows] + found
        before = page.prev
    return found


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(_few, min_size=1, max_size=9), size=st.integers(1, 4), backwards=st.booleans())
@pytest.mark.parametrize("sort", SORTS)
def test_pages_hold_every_case_once_in_order_both_ways(
    session: Session, sort: str, values: list[tuple[datetime, date | None, int]], size: int, backwards: bool
) -> None:
    organisation = people.organisation(session)
    cases = [
        _case(session, organisation.id, updated_at=at, state_since=at, due_on=due, requested_cents=cents)
        for at, due, cents in values
    ]
    wanted = CaseFilter(organisation_id=organisation.id, sort=sort, descending=SORTS[sort].descending != backwards)
    pages = _walk(session, wanted, size)
    met = [row.id for page in pages for row in page]
    assert met == [case.id for case in _in_order(cases, wanted)]
    assert all(len(page) == size for page in pages[:-1])
    assert _walk_back(session, wanted, pages[-1], size) == met


def _in_order(cases: list[Application], wanted: CaseFilter) -> list[Application]:
    key = SORTS[wanted.sort].column.key

    def rank(case: Application) -> tuple[Any, int]:
        return getattr(case, key), case.id

    valued = sorted((case for case in cases if getattr(case, key) is not None), key=rank, reverse=wanted.is_descending)
    empty = [case for case in cases if getattr(case, key) is None]
    return valued + sorted(empty, key=lambda case: case.id, reverse=wanted.is_descending)


def test_a_page_does_not_move_when_a_case_arrives_before_it(session: Session) -> None:
    organisation = people.organisation(session)
    for day in range(6):
        _case(session, organisation.id, updated_at=AT + timedelta(days=day))
    wanted = CaseFilter(organisation_id=organisation.id)
    first = list_cases(session, EVERYTHING, wanted, size=3)
    expected = list_cases(session, EVERYTHING, wanted, after=first.next, size=3).rows
    _case(session, organisation.id, updated_at=AT + timedelta(days=9))
    assert list_cases(session, EVERYTHING, wanted, after=first.next, size=3).rows == expected


@pytest.mark.parametrize(
    ("sort", "text"),
    [
        ("recent", ""),
        ("recent", "12"),
        ("recent", "12~"),
        ("recent", "12~hier"),
        ("recent", "12~2024-03-01T09:00:00"),
        ("recent", "-1~2024-03-01T09:00:00+00:00"),
        ("recent", f"{LARGEST + 1}~2024-03-01T09:00:00+00:00"),
        ("recent", "9" * 5000 + "~2024-03-01T09:00:00+00:00"),
        ("recent", "²~2024-03-01T09:00:00+00:00"),
        ("due", "12~2024-02-31"),
        ("requested", f"12~{LARGEST + 1}"),
        ("requested", "12~1e3"),
        ("reference", "12~T\x00"),
    ],
)
def test_a_page_key_that_is_not_one_is_refused(sort: str, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        read_key(sort, text)


def test_filters_narrow_the_list(session: Session) -> None:
    organisation, other = people.organisation(session), people.organisation(session)
    officer = people.officer(session)
    calais = session.scalars(sa.select(Territory).where(Territory.code == "calaisis")).one()
    plain = _case(session, organisation.id)
    busy = _case(
        session,
        organisation.id,
        scheme_code="3.7",
        state="instruction",
        due_on=DAY,
        officer_id=officer.user_id,
        requested_cents=500_00,
        title="Jardin partagé de Hénin",
    )
    busy.territories.append(calais)
    ended = _case(session, organisation.id, state="closed", due_on=DAY)
    _case(session, other.id)
    session.flush()
    search.index(session, busy)

    def ids(actor: Actor = officer, **wanted: Any) -> set[int]:
        chosen = CaseFilter(organisation_id=organisation.id, **wanted)
        found = {row.id for row in list_cases(session, actor, chosen).rows}
        assert count_cases(session, actor, chosen) == len(found)
        return found

    assert ids() == {plain.id, busy.id, ended.id}
    assert ids(states=("instruction",)) == {busy.id}
    assert ids(states=("instruction", "draft")) == {busy.id, plain.id}
    assert ids(scheme="3.7") == {busy.id}
    assert ids(campaign="2023") == set()
    assert ids(territory_id=calais.id) == {busy.id}
    assert ids(officer="mine") == ids(officer=officer.user_id) == {busy.id}
    assert ids(officer="none") == {plain.id, ended.id}
    assert ids(overdue_on=DAY) == set()
    assert ids(overdue_on=DAY + timedelta(days=1)) == {busy.id}
    assert ids(min_requested=500_00) == {busy.id}
    assert ids(max_requested=499_99) == {plain.id, ended.id}
    assert ids(text="henin JARD") == {busy.id}
    assert ids(text="henin absent") == set()


@pytest.mark.parametrize("sort", SORTS)
def test_a_search_with_many_matches_lists_the_same_cases_in_the_same_order(
    session: Session, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    """Whether the matches are sorted, or the list is walked until there are enough of them."""
    organisation = people.organisation(session, "Halte Zéphyr")
    for rank in range(7):
        case = _case(session, organisation.id, due_on=DAY if rank % 2 else None, title=f"Essai {rank % 3}")
        session.flush()
        search.index(session, case)
    wanted = CaseFilter(text="zephyr essai", sort=sort)
    first = list_cases(session, EVERYTHING, wanted, size=5)
    listed = (first, list_cases(session, EVERYTHING, wanted, after=first.next, size=5))
    monkeypatch.setattr(queries, "MANY", 2)
    walked = list_cases(session, EVERYTHING, wanted, size=5)
    assert listed == (walked, list_cases(session, EVERYTHING, wanted, after=walked.next, size=5))
    assert [len(page.rows) for page in listed] == [5, 2]
    assert count_cases(session, EVERYTHING, wanted) == count_cases(session, EVERYTHING, wanted, matched=7) == 7


def test_the_count_stops_at_its_limit(session: Session) -> None:
    organisation = people.organisation(session)
    for _ in range(5):
        _case(session, organisation.id)
    wanted = CaseFilter(organisation_id=organisation.id)
    assert count_cases(session, EVERYTHING, wanted, limit=3) == 4
    assert count_cases(session, EVERYTHING, wanted, limit=5) == 5


def test_each_role_lists_exactly_its_scope(session: Session) -> None:
    """The list's SQL and the scope over one loaded case agree, role by role, over cases of every kind."""
    pick = random.Random(62)
    territories = session.scalars(sa.select(Territory)).all()
    bearers = [people.organisation(session) for _ in range(3)]
    cases = []
    for state in ("draft", "submitted", "slai_opinion", "instruction", "advance", "balance", "closed", "rejected") * 3:
        submitted = None if state == "draft" else AT
        case = _case(
            session,
            pick.choice(bearers).id,
            state=state,
            submitted_at=submitted,
            scheme_code=pick.choice(("3.7", "3.10")),
        )
        session.execute(
            sa.insert(application_territory),
            [{"application_id": case.id, "territory_id": one.id} for one in pick.sample(territories, 2)],
        )
        if pick.random() < 0.5:
            helper = pick.choice([one for one in bearers if one.id != case.organisation_id])
            session.execute(sa.insert(co_bearer), {"application_id": case.id, "organisation_id": helper.id})
        if pick.random() < 0.5:
            session.add(Partnership(application_id=case.id, partner=pick.choice(("caf", "convergence"))))
        cases.append(case)
    session.flush()
    session.expire_all()
    for actor in (
        people.applicant(session, bearers[0]),
        people.applicant(session, bearers[0], bearers[1]),
        people.slai(session, territories[0]),
        people.slai(session, territories[1], territories[2]),
        people.partner(session, "caf"),
        people.officer(session),
        people.officer(session, ["3.7"]),
        people.manager(session),
        people.finance(session),
        people.auditor(session),
        people.admin(session),
    ):
        own = {case.id for case in cases if any(covers(role, actor, case) for role in actor.roles)}
        for sort in SORTS:
            listed = {row.id for row in list_cases(session, actor, CaseFilter(sort=sort), size=500).rows}
            assert listed & {case.id for case in cases} == own, (actor.roles, sort)


def test_a_page_costs_the_same_queries_whatever_its_rows(session: Session) -> None:
    organisation, actor = people.organisation(session), people.officer(session)
    costs = []
    for rows in (0, 1, 30):
        for _ in range(rows):
            _case(session, people.organisation(session).id, officer_id=people.officer(session).user_id)
        connection: Any = session.get_bind()
        for sort in SORTS:
            with counted(connection.engine) as statements:
                list_cases(session, actor, CaseFilter(sort=sort), size=20)
            costs.append(len(statements))
    _case(session, organisation.id)
    assert max(costs) <= 2


def test_choices_name_each_scheme_once_in_the_order_of_the_sheets(session: Session) -> None:
    version = session.scalars(sa.select(SchemeVersion).where(SchemeVersion.code == "3.2")).one()
    copied = {c.key: getattr(version, c.key) for c in SchemeVersion.__table__.columns if c.key != "id"}
    session.add(SchemeVersion(**{**copied, "number": 2, "digest": "f" * 64, "title": "Nouveau titre"}))
    session.flush()
    officer = people.officer(session)
    choices = filter_choices(session, officer)
    assert [code for code, _ in choices.schemes] == [f"3.{rank}" for rank in range(1, 17)]
    assert dict(choices.schemes)["3.2"] == "Nouveau titre"
    assert choices.campaigns == ("2024",)
    assert len(choices.territories) == 9
    assert (str(officer.user_id), officer.name) in choices.officers
    assert filter_choices(session, people.applicant(session, people.organisation(session))).officers == ()


def test_a_filter_keeps_the_usual_direction_of_its_sort() -> None:
    assert CaseFilter(sort="recent").is_descending
    assert not CaseFilter(sort="due").is_descending
    assert replace(CaseFilter(sort="due"), descending=True).is_descending
