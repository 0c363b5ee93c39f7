"""Users, their grants, and the actors they become."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from stdnum.fr import siret as siret_number

from casework.people import Grant, Organisation, Territory, actor_of, job, members
from tests.support import people, rows


def test_the_builders_make_valid_and_different_siret_numbers() -> None:
    numbers = [people.siret(number) for number in range(500)]
    assert len(set(numbers)) == 500
    assert all(siret_number.is_valid(number) for number in numbers)


def test_an_actor_carries_the_scopes_of_its_grants(session: Session) -> None:
    organisation, territory = people.organisation(session), rows.territories(session)[0]
    user = people.user(
        session,
        Grant(role="applicant", organisation_id=organisation.id),
        Grant(role="slai", territory_id=territory.id),
        Grant(role="partner", partner="caf"),
        Grant(role="officer", scheme_code="3.6"),
    )
    actor = actor_of(user)
    assert actor.roles == {"applicant", "slai", "partner", "officer"}
    assert actor.organisations == {organisation.id}
    assert actor.territories == {territory.id}
    assert actor.partners == {"caf"}
    assert actor.schemes == {"3.6"}
    assert not actor.is_job


def test_a_grant_without_a_scheme_opens_them_all_to_an_officer(session: Session) -> None:
    user = people.user(session, Grant(role="officer", scheme_code="3.6"), Grant(role="officer"))
    assert actor_of(user).schemes is None


def test_who_is_not_an_officer_has_no_scheme(session: Session) -> None:
    assert people.finance(session).schemes == frozenset()


def test_a_job_is_an_actor_without_any_power() -> None:
    assert job("Échéances").is_job
    assert job("Échéances").roles == frozenset()


@pytest.mark.parametrize(
    "grant",
    [
        {"role": "applicant"},
        {"role": "slai"},
        {"role": "partner"},
        {"role": "manager", "partner": "caf"},
        {"role": "finance", "scheme_code": "3.6"},
        {"role": "emperor"},
    ],
)
def test_a_grant_without_its_scope_or_with_another_one_is_refused(session: Session, grant: dict[str, str]) -> None:
    user = people.user(session)
    with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
        session.execute(sa.insert(Grant).values(user_id=user.id, **grant))


def test_members_are_the_active_people_of_a_scope(session: Session) -> None:
    first, second, *_ = rows.territories(session)
    here = people.user(session, Grant(role="slai", territory_id=first.id), name="Zoé Aubépine")
    both = people.user(
        session,
        Grant(role="slai", territory_id=first.id),
        Grant(role="slai", territory_id=second.id),
        name="Ada Clairval",
    )
    gone = people.user(session, Grant(role="slai", territory_id=first.id))
    gone.active = False
    people.user(session, Grant(role="slai", territory_id=second.id))
    session.flush()
    assert members(session, "slai", territory_id=first.id) == [both, here]


def test_officers_of_every_scheme_are_officers_of_each(session: Session) -> None:
    one = people.user(session, Grant(role="officer", scheme_code="3.6"), name="Ada Clairval")
    every = people.user(session, Grant(role="officer"), name="Basile Doucevigne")
    people.user(session, Grant(role="officer", scheme_code="3.7"))
    assert members(session, "officer", scheme_code="3.6") == [one, every]


def test_an_account_is_deleted_with_its_grants(session: Session) -> None:
    user = people.user(session, Grant(role="manager"))
    session.delete(user)
    session.flush()
    assert session.scalars(sa.select(Grant).where(Grant.user_id == user.id)).all() == []


def test_the_nine_territories_have_distinct_names(session: Session) -> None:
    assert len({territory.name for territory in session.scalars(sa.select(Territory))}) == 9


def test_an_error_of_the_database_never_repeats_what_was_typed(session: Session) -> None:
    with pytest.raises(sa.exc.IntegrityError) as raised:
        session.execute(sa.insert(Organisation), {"siret": "12", "name": "Nom secret", "legal_form": "autre"})
    assert "Nom secret" not in str(raised.value).partition("DETAIL:")[0]
