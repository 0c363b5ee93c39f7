from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

import workflows
from workflows.catalogue import read_dir
from workflows.explain import InputRefused, explain_balance, explain_calendar, explain_grant
from workflows.scheme import Scheme

PLAN: dict[str, object] = {
    "personnel": "100000.00",
    "operating": "0.00",
    "external_services": "0.00",
    "other_direct": "0.00",
    "indirect_claimed": "15000.00",
    "other_funding": "0.00",
    "requested": "90000.00",
    "posts": 20,
    "months": 12,
}
RESULT: dict[str, object] = {
    "grant": "90000.00",
    "advance_paid": "72000.00",
    "personnel": "98000.00",
    "operating": "0.00",
    "external_services": "0.00",
    "other_direct": "0.00",
    "indirect_claimed": "14700.00",
    "other_funding": "0.00",
    "posts": 20,
    "months_done": 236,
    "hours_done": 0,
    "setting": "urban",
    "dynamic_exits": 8,
    "quality_pct": 100,
}
Explain = Callable[[Scheme, object], dict[str, object]]


@pytest.fixture(scope="module")
def schemes() -> dict[str, Scheme]:
    return dict(read_dir(Path(workflows.__file__).parent / "schemes" / "2024"))


@pytest.mark.parametrize("code", [f"3.{number}" for number in range(1, 17)])
def test_every_scheme_answers_in_json(code: str, schemes: dict[str, Scheme]) -> None:
    scheme = schemes[code]
    for answer in (
        explain_grant(scheme, PLAN),
        explain_balance(scheme, RESULT),
        explain_calendar(scheme, "2024-03-01", "2025-02-28"),
    ):
        assert json.loads(json.dumps(answer)) == answer
        assert answer["scheme"] == code


def test_a_deadline_has_the_documented_keys(schemes: dict[str, Scheme]) -> None:
    answer = explain_calendar(schemes["3.5"], "2024-03-01", "2025-02-28")
    deadlines = answer["deadlines"]
    assert isinstance(deadlines, list)
    assert deadlines[0] == {
        "kind": "dashboard",
        "due": "2024-05-25",
        "owed_by": "applicant",
        "source": "l.1103",
        "reminders": [
            *("2024-04-25", "2024-05-10", "2024-05-17", "2024-05-24"),
            *("2024-05-27", "2024-05-31", "2024-06-07"),
        ],
    }


def test_a_refused_category_is_named_by_its_field(schemes: dict[str, Scheme]) -> None:
    warnings = explain_grant(schemes["3.12"], PLAN | {"operating": "1.00"})["warnings"]
    assert isinstance(warnings, list)
    assert warnings[0].endswith("(l.3132).")
    assert warnings[0].startswith("operating : « Frais de fonctionnement »")


@pytest.mark.parametrize("written", ["100000.00", "100 000,00 €", "100000", 100000, Decimal("100000.00"), 100000.0])
def test_an_amount_is_understood_in_several_forms(written: object, schemes: dict[str, Scheme]) -> None:
    assert explain_grant(schemes["3.12"], PLAN | {"personnel": written}) == explain_grant(schemes["3.12"], PLAN)


BAD_AMOUNTS = [
    *("abc", "", "-1.00", "NaN", "Infinity", "1e3", "1.234", "1000000000000000.00", "100,000.00"),
    *(-1, -0.5, 1.005, 10**15, 10**400, float("nan"), float("inf"), 1e300, 1e-300),
    *(None, True, [], {}, ["1.00"], Decimal("NaN"), Decimal("sNaN"), Decimal("1e-999999"), Decimal("1e999999")),
]


@pytest.mark.parametrize("bad", BAD_AMOUNTS)
@pytest.mark.parametrize(("explain", "data"), [(explain_grant, PLAN), (explain_balance, RESULT)])
def test_a_bad_amount_is_refused_by_name(
    explain: Explain, data: dict[str, object], bad: object, schemes: dict[str, Scheme]
) -> None:
    for field in ("personnel", "other_funding", "indirect_claimed"):
        with pytest.raises(InputRefused) as refusal:
            explain(schemes["3.12"], data | {field: bad})
        assert refusal.value.field == field
        assert f"« {field} »" in refusal.value.sentence


@pytest.mark.parametrize("bad", [-1, 1.5, "vingt", "", None, True, 10**15, float("nan"), [], {}, "-3", "1e2"])
def test_a_bad_count_is_refused_by_name(bad: object, schemes: dict[str, Scheme]) -> None:
    for field in ("posts", "months"):
        with pytest.raises(InputRefused, match=f"« {field} »"):
            explain_grant(schemes["3.12"], PLAN | {field: bad})
    with pytest.raises(InputRefused, match="dynamic_exits"):
        explain_balance(schemes["3.12"], RESULT | {"dynamic_exits": bad})


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        *(("quality_pct", bad) for bad in (101, -1, "bien", 100.001, None)),
        *(("setting", bad) for bad in ("", "ville", None, [], {})),
        *(("months_done", bad) for bad in (-1, "x", 1.234, 10**9)),
        ("hours_done", "-0.5"),
    ],
)
def test_a_bad_result_is_refused_by_name(field: str, bad: object, schemes: dict[str, Scheme]) -> None:
    with pytest.raises(InputRefused) as refusal:
        explain_balance(schemes["3.10"], RESULT | {field: bad})
    assert refusal.value.field == field


@pytest.mark.parametrize(("explain", "data"), [(explain_grant, PLAN), (explain_balance, RESULT)])
def test_every_field_is_needed_and_no_other_is_taken(
    explain: Explain, data: dict[str, object], schemes: dict[str, Scheme]
) -> None:
    for field in data:
        with pytest.raises(InputRefused, match=f"« {field} » : ce champ manque"):
            explain(schemes["3.12"], {key: value for key, value in data.items() if key != field})
    with pytest.raises(InputRefused, match="« personel » : ce champ n’est pas attendu"):
        explain(schemes["3.12"], data | {"personel": "1.00"})
    for nothing in (None, [], "text", 3):
        with pytest.raises(InputRefused, match="objet JSON"):
            explain(schemes["3.12"], nothing)


def test_the_staffing_may_be_given(schemes: dict[str, Scheme]) -> None:
    assert explain_grant(schemes["3.10"], PLAN | {"fte": "1.34"})["warnings"] == []
    warnings = explain_grant(schemes["3.10"], PLAN | {"fte": 1})["warnings"]
    assert isinstance(warnings, list)
    assert warnings[0].startswith("fte : ")
    with pytest.raises(InputRefused, match="« fte »"):
        explain_grant(schemes["3.10"], PLAN | {"fte": "un"})


@pytest.mark.parametrize(
    ("start", "end", "year_end", "field"),
    [
        ("2024-02-30", "2024-12-31", None, "start"),
        ("01/01/2024", "2024-12-31", None, "start"),
        ("20240101", "2024-12-31", None, "start"),
        ("2024-W01-1", "2024-12-31", None, "start"),
        ("", "2024-12-31", None, "start"),
        ("1999-12-31", "2024-12-31", None, "start"),
        ("2024-01-01", "hier", None, "end"),
        ("2024-01-01", "2023-12-31", None, "end"),
        ("2024-01-01", "9999-12-31", None, "end"),
        ("2024-01-01", "2030-12-31", None, "end"),
        ("2024-01-01", "2024-12-31", "31/13", "fiscal_year_end"),
        ("2024-01-01", "2024-12-31", "13-01", "fiscal_year_end"),
        ("2024-01-01", "2024-12-31", "02-30", "fiscal_year_end"),
        ("2024-01-01", "2024-12-31", "", "fiscal_year_end"),
    ],
)
def test_a_bad_day_is_refused_by_name(
    start: str, end: str, year_end: str | None, field: str, schemes: dict[str, Scheme]
) -> None:
    with pytest.raises(InputRefused) as refusal:
        explain_calendar(schemes["3.8"], start, end, year_end)
    assert refusal.value.field == field


def test_the_financial_year_end_moves_the_accounts(schemes: dict[str, Scheme]) -> None:
    answer = explain_calendar(schemes["3.8"], "2024-01-01", "2024-12-31", "06-30")
    deadlines = answer["deadlines"]
    assert isinstance(deadlines, list)
    assert [d["due"] for d in deadlines if d["kind"] == "annual_accounts"] == ["2024-12-30"]


def test_the_command_says_the_travel_and_the_rent_of_a_budget_as_the_screen_does(schemes: dict[str, Scheme]) -> None:
    together = explain_grant(schemes["3.6"], PLAN | {"operating": "500.00"})
    apart = explain_grant(schemes["3.6"], PLAN | {"operating": "0.00", "travel": "200.00", "rent": "300.00"})
    assert apart | {"steps": []} == together | {"steps": []}
    steps = apart["steps"]
    assert isinstance(steps, list)
    said = next(step["formula"] for step in steps if step["label"] == "Frais de fonctionnement")
    assert said.replace("\u00a0", " ") == "200,00 € (déplacements) + 300,00 € (location)"
    moved, whole = (explain_balance(schemes["3.6"], RESULT | {name: "200.00"}) for name in ("travel", "operating"))
    assert moved["accepted_total"] == whole["accepted_total"]
