"""How each sheet classes the ways out: the same contract may count in one and not in another."""

from __future__ import annotations

from datetime import date

import pytest

from workflows.catalogue import SCHEMES_DIRECTORY, read_dir
from workflows.rules.exits import (
    CONTRACT_MONTHS,
    contract_contradicts,
    exit_kind,
    exit_kinds,
    explanation,
    hours_fault,
    needs_evidence,
)

SCHEMES = read_dir(SCHEMES_DIRECTORY / "2024")
TWO_MONTHS = (date(2024, 3, 1), date(2024, 4, 30))


def _counts_two_months(code: str) -> bool:
    """Whether some way out that this sheet counts accepts a fixed-term contract of two months."""
    return any(
        kind.family != "none"
        and kind.label.lower().startswith("cdd")
        and contract_contradicts(kind, *TWO_MONTHS) is None
        for kind in exit_kinds(SCHEMES[code])
    )


@pytest.mark.parametrize("code", ["3.9", "3.10", "3.11", "3.12", "3.14", "3.15", "3.16"])
def test_a_contract_of_two_months_counts_where_the_list_has_no_minimum(code: str) -> None:
    assert _counts_two_months(code)
    assert exit_kind(SCHEMES[code], "transition-1").family == "transition"


@pytest.mark.parametrize("code", ["3.1", "3.2", "3.3"])
def test_a_contract_of_two_months_counts_for_nothing_where_the_list_begins_later(code: str) -> None:
    assert not _counts_two_months(code)


@pytest.mark.parametrize("code", ["3.4", "3.5", "3.6", "3.7", "3.8", "3.13"])
def test_a_sheet_without_a_list_classes_nothing(code: str) -> None:
    assert {kind.family for kind in exit_kinds(SCHEMES[code])} == {"none"}


@pytest.mark.parametrize("code", list(SCHEMES))
def test_each_code_names_one_way_out(code: str) -> None:
    kinds = exit_kinds(SCHEMES[code])
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert [exit_kind(SCHEMES[code], kind.code) for kind in kinds] == list(kinds)


def test_every_wording_with_a_length_in_months_has_its_length() -> None:
    """A sheet that changes its words must be given its lengths, or nothing would be compared any more."""
    said = {kind.label.lower() for scheme in SCHEMES.values() for kind in exit_kinds(scheme) if " mois" in kind.label}
    assert said == set(CONTRACT_MONTHS)


@pytest.mark.parametrize(
    ("code", "kind", "ends_on", "agrees"),
    [
        ("3.9", "durable-2", date(2024, 8, 31), True),
        ("3.9", "durable-2", date(2024, 8, 30), False),
        ("3.9", "transition-1", date(2024, 8, 30), True),
        ("3.9", "transition-1", date(2024, 8, 31), False),
        ("3.1", "transition-1", date(2024, 5, 31), True),
        ("3.1", "transition-1", date(2024, 5, 30), False),
        ("3.1", "durable-1", date(2024, 3, 2), True),
    ],
)
def test_the_dates_of_a_contract_from_1_march_2024_agree_or_not(
    code: str, kind: str, ends_on: date, agrees: bool
) -> None:
    found = contract_contradicts(exit_kind(SCHEMES[code], kind), date(2024, 3, 1), ends_on)
    assert (found is None) == agrees


def test_a_contract_without_both_dates_is_taken_as_said() -> None:
    kind = exit_kind(SCHEMES["3.9"], "durable-2")
    assert contract_contradicts(kind, None, None) is None
    assert contract_contradicts(kind, date(2024, 3, 1), None) is None


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(LookupError):
        exit_kind(SCHEMES["3.9"], "durable-99")


@pytest.mark.parametrize("code", list(SCHEMES))
def test_evidence_is_asked_of_jobs_and_trainings_where_the_sheet_wants_it(code: str) -> None:
    wanting = {"3.7", "3.9", "3.10", "3.11", "3.12", "3.14", "3.15", "3.16"}
    asked = {kind.code for kind in exit_kinds(SCHEMES[code]) if needs_evidence(SCHEMES[code], kind.label, kind.family)}
    assert bool(asked) is (code in wanting)
    assert not asked & {"short", "moved", "dropped"}


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        ("3.9", "transition-1", "dans la liste des emplois de transition de la fiche (l.2206)"),
        ("3.9", "transition-1", "demande moins de 6 mois ; ce contrat dure 2 mois."),
        ("3.9", "transition-1", "justificatif est exigé"),
        ("3.1", "short", "n’est pas une sortie dynamique"),
        ("3.1", "short", "commencent à 3 mois"),
        ("3.7", "job", "ne donne pas de liste"),
    ],
)
def test_a_contract_of_two_months_is_explained_by_the_list_of_its_sheet(code: str, kind: str, said: str) -> None:
    scheme = SCHEMES[code]
    assert said in " ".join(explanation(scheme, exit_kind(scheme, kind), *TWO_MONTHS))


@pytest.mark.parametrize(
    ("time", "hours", "fits"),
    [("part", 24, True), ("part", 35, False), ("full", 35, True), ("full", 49, False), (None, 0.5, False)],
)
def test_the_hours_of_a_week_are_plausible(time: str | None, hours: float, fits: bool) -> None:
    assert (hours_fault(time, hours) is None) is fits
